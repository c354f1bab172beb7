/** `npm start`, as somebody runs it who has just cloned the project. */
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../../../scripts/chromium.mjs';
import { webviewOf } from '../frames';
import { until } from '../until';

const root = path.resolve(import.meta.dirname, '../../..');
let started: ChildProcess;
let printed = '';
let browser: Browser;

beforeAll(async () => {
  started = spawn(process.execPath, ['scripts/start.mjs', '--no-open', '--reuse-package'], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  started.stdout?.setEncoding('utf8').on('data', (text: string) => { printed += text; });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  const ended = new Promise((resolve) => started.once('exit', resolve));
  started.kill('SIGTERM');
  await ended;
});

test('shows a sample in the inspector and the panel beside it, and prints what to do', async () => {
  const address = await until('the address', () => Promise.resolve(/^ +(http:\S+)$/m.exec(printed)?.[1]), 60);
  await until('the guide', () => Promise.resolve(printed.includes('Ctrl+C ends it.') || undefined), 60);
  expect(printed.match(/^ {2}\d\. .+$/gm)).toHaveLength(3);
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  await page.goto(address);
  const inspector = await webviewOf(page, 'inspector');
  await inspector.getByTestId('model-header').getByRole('heading', { name: 'deep-tanh-mlp.onnx' }).waitFor();
  const panel = await webviewOf(page, 'panel');
  await panel.locator('body[data-status="finished"]').waitFor();
  expect(await panel.getByTestId('verdict').textContent()).toContain('shrinks');
  await page.screenshot({ path: path.join(root, '.artifacts/screenshots/start.png') });
});
