/** node test/webview-harness/screenshots.mjs [part of a name …]: pictures of every state in .artifacts/harness. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { launchBrowser } from '../../scripts/chromium.mjs';
import { bundle, openView, out, serve } from './browser.mjs';
import { inspectorStates, panelStates } from './states.mjs';

const heights = { inspector: { 1200: 800, 700: 760, 400: 760, 300: 700 }, panel: { 1200: 320, 700: 420, 400: 760, 300: 700 } };
const wanted = process.argv.slice(2);

await bundle();
mkdirSync(out, { recursive: true });
const server = await serve();
const browser = await launchBrowser();
let failures = 0;
for (const [view, states] of Object.entries({ inspector: inspectorStates, panel: panelStates })) {
  for (const [name, setup] of Object.entries(states)) {
    for (const theme of ['dark', 'light', 'contrast']) {
      for (const width of [1200, 700, 400, 300]) {
        const picture = `${view}-${name}-${theme}-${width}`;
        // Dark is looked at in every width; the others where something is drawn.
        const isDefault = theme === 'dark' || (width === 1200 && /resnet-wide|resnet-gap|all-schemes|finished$|updates$|menu/.test(name));
        if (wanted.length > 0 ? !wanted.some((part) => picture.includes(part)) : !isDefault) continue;
        const opened = await openView(browser, server, { view, theme, width, height: heights[view][width], ...setup });
        await opened.page.screenshot({ path: path.join(out, `${picture}.png`) });
        const wide = await opened.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        const complaints = [...opened.complaints, ...(wide > 0 ? [`${wide} px too wide`] : [])];
        failures += complaints.length;
        console.log(picture, complaints.length === 0 ? 'ok' : `\n  ${complaints.join('\n  ')}`);
        await opened.close();
      }
    }
  }
}
await browser.close();
server.close();
process.exitCode = failures > 0 ? 1 : 0;
