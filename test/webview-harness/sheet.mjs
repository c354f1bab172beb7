/** node test/webview-harness/sheet.mjs NAME.png …: pictures of .artifacts/harness side by side, as sheet.png. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { launchBrowser } from '../../scripts/chromium.mjs';
import { out } from './browser.mjs';

const browser = await launchBrowser();
const page = await browser.newPage({ viewport: { width: 1240, height: 800 } });
const images = process.argv.slice(2).map((name) => `<img src="data:image/png;base64,${readFileSync(path.join(out, name)).toString('base64')}">`);
await page.setContent(`<body style="margin:0;background:#888;display:flex;flex-wrap:wrap;gap:10px">${images.join('')}</body>`);
await page.screenshot({ path: path.join(out, 'sheet.png'), fullPage: true });
await browser.close();
