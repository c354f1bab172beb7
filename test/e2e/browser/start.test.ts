/** `npm start`, as somebody runs it who has just cloned the project. */
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser, Frame, Page } from 'playwright-core';
import { launchBrowser } from '../../../scripts/chromium.mjs';
import { until } from '../until';

const root = path.resolve(import.meta.dirname, '../../..');
let process_: ChildProcess;
let printed = '';
let browser: Browser;

beforeAll(async () => {
  process_ = spawn(process.execPath, ['scripts/start.mjs', '--no-open', '--reuse-package'], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  process_.stdout?.setEncoding('utf8').on('data', (text: string) => { printed += text; });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  const ended = new Promise((resolve) => process_.once('exit', resolve));
  process_.kill('SIGTERM');
  await ended;
});

function webview(page: Page, name: string): Promise<Frame> {
  return until(`the webview "${name}"`, async () => {
    for (const frame of page.frames()) {
      const isOurs = await frame.evaluate((end) => [...document.scripts].some(({ src }) => src.endsWith(end)), `webview/${name}.js`).catch(() => false);
      if (isOurs) return frame;
    }
    return undefined;
  }, 60);
}

test('shows a sample in the inspector and the panel beside it, and prints what to do', async () => {
  const address = await until('the address', () => Promise.resolve(/^ +(http:\S+)$/m.exec(printed)?.[1]), 60);
  await until('the guide', () => Promise.resolve(printed.includes('Ctrl+C ends it.') || undefined), 60);
  expect(printed.match(/^ {2}\d\. .+$/gm)).toHaveLength(3);
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  await page.goto(address);
  const inspector = await webview(page, 'inspector');
  await inspector.getByTestId('model-header').getByRole('heading', { name: 'deep-tanh-mlp.onnx' }).waitFor();
  const panel = await webview(page, 'panel');
  await panel.locator('body[data-status="finished"]').waitFor();
  expect(await panel.getByTestId('verdict').textContent()).toContain('shrinks');
  await page.screenshot({ path: path.join(root, '.artifacts/screenshots/start.png') });
});
