/** What is bundled from what: the esbuild options of every file in dist/. */
import { onnxruntimePlugin } from './onnxruntime.mjs';
import { root } from './paths.mjs';

/** VS Code 1.101, the oldest supported, runs extensions on Node 22; the other two may run on the user's own Node. */
const bundles = {
  extension: node('extension', 'src/extension.ts', { target: 'node22', external: ['vscode'] }),
  cli: node('cli', 'src/cli/main.ts', { target: 'node20', banner: { js: '#!/usr/bin/env node' } }),
  engine: node('engine', 'src/engine/child.ts', { target: 'node20', plugins: [onnxruntimePlugin] }),
  inspector: webview('inspector'),
  panel: webview('panel'),
};

export const bundleNames = Object.keys(bundles);

export function bundleOptions(name, { production }) {
  return {
    absWorkingDir: root,
    bundle: true,
    metafile: true,
    minify: production,
    sourcemap: production ? false : 'linked',
    sourcesContent: false,
    legalComments: 'none', // dist/NOTICES.txt carries the whole licences.
    logLevel: 'info',
    ...bundles[name],
  };
}

function node(name, entry, options) {
  return { entryPoints: [entry], outfile: `dist/${name}.js`, platform: 'node', format: 'cjs', ...options };
}

function webview(name) {
  return {
    entryPoints: { [name]: `webview/${name}/main.ts` },
    outdir: 'dist/webview',
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    loader: { '.ttf': 'file' },
    assetNames: '[name]',
  };
}
