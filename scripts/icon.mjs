/** npm run icon: renders media/icon.svg as the PNG that the marketplace wants. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { launchBrowser } from './chromium.mjs';
import { root } from './paths.mjs';
import { runMain } from './processes.mjs';
import { ensureDependencies } from './setup.mjs';

async function main() {
  await ensureDependencies();
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 256, height: 256 } });
    await page.setContent(`<style>body{margin:0}svg{display:block}</style>${readFileSync(path.join(root, 'media/icon.svg'), 'utf8')}`);
    await page.screenshot({ path: path.join(root, 'media/icon.png'), omitBackground: true });
  } finally {
    await browser.close();
  }
}

await runMain(main);
