/** npm run kernels: compiles the AssemblyScript of src/core/kernels to WebAssembly, kept as text beside it so that nothing has to be loaded. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from './paths.mjs';
import { runMain } from './processes.mjs';
import { ensureDependencies } from './setup.mjs';

const source = 'src/core/kernels/assembly/random.ts';
const target = 'src/core/kernels/randomModule.ts';

/** The text of the target. */
export async function compileKernels() {
  const { default: asc } = await import('assemblyscript/asc');
  const options = ['-O3', '--runtime', 'stub', '--enable', 'simd', '--noAssert', '--initialMemory', '4'];
  let binary;
  const { error, stderr } = await asc.main([source, ...options, '--outFile', 'random.wasm', '--baseDir', root], {
    writeFile: (name, content) => { if (name.endsWith('.wasm')) binary = content; },
  });
  if (error) throw new Error(`${source} does not compile:\n${stderr.toString()}`);
  const lines = Buffer.from(binary).toString('hex').match(/.{1,150}/g);
  return `// Compiled from assembly/random.ts by \`npm run kernels\`.
const hex = [
${lines.map((line) => `  '${line}',`).join('\n')}
].join('');

/** A WebAssembly module. */
export function randomModule(): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}
`;
}

async function main() {
  await ensureDependencies();
  await writeFile(path.join(root, target), await compileKernels());
}

if (process.argv[1] === import.meta.filename) await runMain(main);
