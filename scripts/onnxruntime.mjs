/** How ONNX Runtime gets into dist/: its JavaScript inside engine.js, its binaries for one platform in dist/ort/. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { dist, root } from './paths.mjs';
import { Failure } from './processes.mjs';

const require = createRequire(import.meta.url);
const natives = path.join(root, 'node_modules/onnxruntime-node/bin/napi-v6');
const binding = 'onnxruntime_binding.node';

/** The library beside the binding. What else the package holds serves GPUs: Windows loads DirectML on first use only. */
const libraries = { linux: 'libonnxruntime.so.1', darwin: 'libonnxruntime.1.dylib', win32: 'onnxruntime.dll' };

/** The files of dist/ort/ for a platform; none where ONNX Runtime offers no binaries. */
export function nativeFiles(platform) {
  const [system, architecture] = platform.split('-');
  return existsSync(path.join(natives, system, architecture)) ? [binding, libraries[system]] : [];
}

export function copyNatives(platform) {
  const target = path.join(dist, 'ort');
  const names = nativeFiles(platform);
  mkdirSync(target, { recursive: true });
  for (const name of readdirSync(target)) if (!names.includes(name)) rmSync(path.join(target, name));
  for (const name of names) copyIfChanged(path.join(natives, ...platform.split('-'), name), path.join(target, name));
  if (names.length === 0) console.warn(`onnxruntime-node has no binaries for ${platform}: this build inspects and edits, but cannot simulate.`);
}

/** Leaves an identical file alone: an engine may be running from it, and overwriting a mapped library crashes it. */
function copyIfChanged(source, target) {
  const { size, atime, mtime } = statSync(source);
  const old = statSync(target, { throwIfNoEntry: false });
  if (old?.size === size && Math.abs(old.mtimeMs - mtime.getTime()) < 1) return;
  rmSync(target, { force: true });
  copyFileSync(source, target);
  utimesSync(target, atime, mtime);
}

/** Makes the bundled package load its binary from beside the bundle. */
export const onnxruntimePlugin = {
  name: 'onnxruntime',
  setup(build) {
    const packaged = 'require(`../bin/napi-v6/${process.platform}/${process.arch}/onnxruntime_binding.node`)';
    const bundled = `require(require('node:path').join(__dirname, 'ort', '${binding}'))`;
    build.onLoad({ filter: /onnxruntime-node[\\/]dist[\\/]binding\.js$/ }, ({ path: file }) => {
      const contents = readFileSync(file, 'utf8');
      if (!contents.includes(packaged)) throw new Failure(`${file} no longer loads its binary as it did: see scripts/onnxruntime.mjs.`);
      return { contents: contents.replace(packaged, bundled), loader: 'js' };
    });
    // The runtime itself requires the CommonJS files; an `import` would get a second copy, with a second Tensor class.
    build.onResolve({ filter: /^onnxruntime-common$/ }, () => ({ path: require.resolve('onnxruntime-common') }));
  },
};
