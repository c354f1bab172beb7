import { randomBytes } from 'node:crypto';

import * as vscode from 'vscode';

import type { Port } from '../protocol/rpc';
import { words } from './language';

/** Fills a webview with one of our pages: nothing inlined, nothing loaded but our own script, style and font. */
export function showPage(webview: vscode.Webview, extension: vscode.Uri, name: 'inspector' | 'panel', title: string): Port {
  const folder = vscode.Uri.joinPath(extension, 'dist', 'webview');
  webview.options = { enableScripts: true, localResourceRoots: [folder] };
  const port = portOf(webview);
  const address = (file: string): string => webview.asWebviewUri(vscode.Uri.joinPath(folder, file)).toString();
  const nonce = randomBytes(16).toString('base64');
  const policy = [
    `default-src 'none'`, `img-src ${webview.cspSource} data:`, `font-src ${webview.cspSource}`,
    `style-src ${webview.cspSource} 'nonce-${nonce}'`, `script-src 'nonce-${nonce}'`,
  ].join('; ');
  webview.html = `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta property="csp-nonce" content="${nonce}">
<link rel="stylesheet" href="${address(`${name}.css`)}">
<title>${title}</title>
</head>
<body><div id="app"></div><script type="application/json" id="words">${inPage(words)}</script>
<script nonce="${nonce}" src="${address(`${name}.js`)}"></script></body>
</html>`;
  return port;
}

/** As data of a page: no text in it ends the element that holds it. */
function inPage(data: object): string {
  return JSON.stringify(data).replace(/</g, '\\u003c');
}

function portOf(webview: vscode.Webview): Port {
  return {
    post: (message) => void webview.postMessage(message),
    listen: (listener) => {
      const subscription = webview.onDidReceiveMessage(listener);
      return () => { subscription.dispose(); };
    },
  };
}
