/** The bundles in a page that looks to them like a webview of VS Code, under the same content security policy. */
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { themes } from './themes.mjs';

export const root = path.resolve(import.meta.dirname, '../..');
export const out = path.join(root, '.artifacts/harness');
const dist = path.join(out, 'dist');
const nonce = 'bm9uY2U';
const types = { '.js': 'text/javascript', '.css': 'text/css', '.ttf': 'font/ttf' };

export async function bundle() {
  await build({
    absWorkingDir: root, entryPoints: { inspector: 'webview/inspector/main.ts', panel: 'webview/panel/main.ts' }, outdir: dist, bundle: true,
    platform: 'browser', format: 'iife', target: 'es2022', loader: { '.ttf': 'file' }, assetNames: '[name]', sourcemap: 'inline', logLevel: 'warning',
  });
}

function page(view) {
  const policy = `default-src 'none'; img-src 'self' data:; font-src 'self'; style-src 'self' 'nonce-${nonce}'; script-src 'nonce-${nonce}'`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width"><meta property="csp-nonce" content="${nonce}"><link rel="icon" href="data:,"><title>${view}</title>
<link rel="stylesheet" href="/${view}.css"></head><body><div id="app"></div>
<script nonce="${nonce}" src="/${view}.js"></script></body></html>`;
}

export async function serve() {
  const server = createServer(async (request, response) => {
    const name = (request.url ?? '/').split('?')[0].slice(1);
    if (name === 'inspector' || name === 'panel') return response.setHeader('content-type', 'text/html').end(page(name));
    try {
      const body = await readFile(path.join(dist, path.basename(name)));
      response.setHeader('content-type', types[path.extname(name)] ?? 'application/octet-stream').end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/** What VS Code puts into the page before the view's own script runs. */
function prepare({ theme, stored }) {
  window.posted = [];
  window.stored = stored;
  window.tell = (method, params) => window.postMessage({ kind: 'event', method, params }, '*');
  window.acquireVsCodeApi = () => ({
    postMessage: (message) => window.posted.push(message), getState: () => window.stored, setState: (state) => { window.stored = state; },
  });
  window.dress = ({ variables, bodyClass, background }) => {
    for (const [name, value] of Object.entries(variables)) document.documentElement.style.setProperty(`--vscode-${name}`, value);
    document.body.className = bodyClass;
    document.body.style.background = `var(--vscode-${background})`;
  };
  document.addEventListener('securitypolicyviolation', (event) => console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
  new MutationObserver((_, observer) => {
    if (!document.body) return;
    observer.disconnect();
    window.dress(theme);
  }).observe(document, { childList: true, subtree: true });
}

/** Opens a view in a state and reports whatever it complains about. */
export async function openView(browser, server, { view, theme = 'dark', width = 1200, height = 800, stored, state, training, pretraining, reveal, act }) {
  const context = await browser.newContext({ viewport: { width, height }, reducedMotion: 'no-preference' });
  const opened = await context.newPage();
  const complaints = [];
  opened.on('console', (message) => { if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text()); });
  opened.on('pageerror', (error) => complaints.push(error.stack ?? error.message));
  const dress = { ...themes[theme], background: view === 'panel' ? 'panel-background' : themes[theme].background };
  await opened.addInitScript(prepare, { theme: dress, stored });
  await opened.goto(`${server.url}/${view}`);
  await opened.waitForFunction(() => window.posted.some((message) => message.method === 'ready'));
  await opened.evaluate((shown) => window.tell('show', shown), state);
  await opened.waitForFunction(() => document.body.dataset.state !== undefined);
  if (training) await opened.evaluate((shown) => { window.tell('showTraining', shown); window.tell('turnTo', { page: 'training' }); }, training);
  if (pretraining) await opened.evaluate((shown) => { window.tell('showPretraining', shown); window.tell('turnTo', { page: 'pretraining' }); }, pretraining);
  if (reveal) await opened.evaluate((layer) => window.tell('reveal', { layer }), reveal);
  await opened.waitForTimeout(150);
  if (act) await act(opened);
  await opened.waitForTimeout(250);
  return { page: opened, complaints, close: () => context.close() };
}
