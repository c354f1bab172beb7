/** What a run is made under: parameters of the schemes that are compared, by VS Code's own pickers, and samples of one's own. */
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { simulateJson } from '../commandLine';
import { drawnNumbers, expectedNumbers } from '../drawn';
import { fileDialog, giveFile } from '../fileDialog';
import { until } from '../until';
import { openWorkbench, type Workbench } from '../workbench';

const model = 'deep-tanh-mlp.onnx';
const table = 'rows.csv';
let workbench: Workbench;

beforeAll(async () => {
  workbench = await openWorkbench({
    viewport: { width: 1400, height: 900 },
    files: { [table]: Array.from({ length: 64 }, (_, i) => `${Array.from({ length: 32 }, (__, k) => Math.sin(7 * i + k).toFixed(3)).join()},${i % 10}\n`)
      .join('') },
  });
});
afterAll(() => workbench.close());

async function panelOf(file: string): Promise<Frame> {
  await workbench.chooseInExplorer(file, 'View Gradient Panel');
  const panel = await workbench.gradientPanel();
  await panel.locator('#page-signal .file').getByText(file).waitFor();
  await panel.locator('body[data-page="signal"][data-status="finished"]').waitFor({ timeout: 60_000 });
  return panel;
}

const firstOf = async (panel: Frame, scheme: string): Promise<number> => (
  (await drawnNumbers(panel, 'activation')).find((each) => each.scheme === scheme)?.value ?? NaN);

test('a scheme is given parameters, is called by them, and alone is run anew', async () => {
  const panel = await panelOf(model);
  const signal = panel.locator('#page-signal');
  await signal.getByTestId('add-scheme').click();
  await panel.getByTestId('add-normal').click();
  await signal.getByTestId('scheme-normal').waitFor();
  await panel.locator('body[data-status="finished"] [data-testid="chip-normal"][aria-pressed="true"]').waitFor();
  await expect.poll(() => firstOf(panel, 'normal')).toBeGreaterThan(0);
  const [own, recommended] = [await firstOf(panel, 'normal'), await firstOf(panel, 'recommended')];
  await signal.getByTestId('scheme-normal').click();
  await panel.getByTestId('parameters-normal').click();
  await workbench.pickerStep('Small normal: parameters');
  await workbench.pick('std');
  // A field that is just taking the place of a list has no focus yet, and a key would go elsewhere.
  await workbench.pickerStep('Small normal: std');
  const field = workbench.page.locator('.quick-input-widget input[type="text"]:focus');
  await field.fill('0.3');
  await workbench.page.keyboard.press('Enter');
  await workbench.pickerStep('Small normal: parameters');
  await workbench.screenshot('scheme-parameters');
  await workbench.pick('Continue');
  await signal.getByTestId('chip-normal').getByText('Normal, std 0.3').waitFor();
  await panel.locator('body[data-status="finished"]').waitFor();
  await expect.poll(() => firstOf(panel, 'normal')).not.toBe(own);
  expect(await firstOf(panel, 'recommended')).toBe(recommended);
  expect(await signal.getByTestId('scheme-normal').locator('.codicon-settings').count()).toBe(1);
  await workbench.screenshot('scheme-with-parameters');
});

test('samples of one’s own are fed in place of made-up ones, and the numbers are the command line’s', async () => {
  const panel = await workbench.gradientPanel();
  const signal = panel.locator('#page-signal');
  await signal.getByTestId('more-conditions').click();
  const list = signal.getByTestId('data');
  const ask = async (): Promise<void> => {
    await list.click();
    await list.locator('[role=option]').filter({ hasText: 'File (' }).click();
  };
  await ask();
  await fileDialog(workbench);
  await workbench.page.keyboard.press('Escape');
  await expect.poll(() => list.evaluate((each) => (each as HTMLSelectElement).value)).toBe('made-up');
  await ask();
  await giveFile(workbench, table, 'Run on It');
  await signal.getByTestId('inputs').getByText('x [32, 32] 64 rows with column 33').waitFor();
  await panel.locator('body[data-status="finished"]').waitFor();
  const result = await simulateJson(path.join(workbench.folder, model), '--scheme', 'current', '--scheme', 'recommended', '--scheme', 'normal:std=0.3',
    '--seeds', '3', '--data', path.join(workbench.folder, table));
  const expected = expectedNumbers(result, ({ activation }) => activation);
  await until('the drawn numbers to be the command line’s', async () => {
    const drawn = await drawnNumbers(panel, 'activation');
    const isEqual = expected.every(({ scheme, layer, value }) => {
      const found = drawn.find((each) => each.scheme === scheme && each.layer === layer)?.value ?? NaN;
      return Math.abs(found / value - 1) < 1e-3;
    });
    return drawn.length >= expected.length && isEqual ? true : undefined;
  });
  await workbench.screenshot('own-data-simulated');
  await workbench.setTheme('light');
  await workbench.page.setViewportSize({ width: 900, height: 700 });
  await workbench.screenshot('own-data-simulated-light');
});

test('a block is repeated, and the gradient vanishes further', async () => {
  await workbench.setTheme('dark');
  await workbench.page.setViewportSize({ width: 1400, height: 900 });
  const panel = await panelOf('deep-sigmoid-mlp.onnx');
  const signal = panel.locator('#page-signal');
  const firstGradient = async (): Promise<number> => (await drawnNumbers(panel, 'gradient')).find(({ scheme }) => scheme === 'current')?.value ?? NaN;
  const before = await firstGradient();
  await signal.getByTestId('show-what-if').click();
  const slider = signal.getByTestId('what-if-depth');
  await slider.fill('6');
  await expect.poll(async () => (await drawnNumbers(panel, 'gradient')).filter(({ scheme }) => scheme === 'current').length).toBe(17);
  await panel.locator('body[data-status="finished"]').waitFor();
  expect(await signal.getByTestId('what-if-depth-value').textContent()).toBe('+6');
  // Each of six sigmoids takes a factor of sixteen or more away.
  expect((await firstGradient()) / before).toBeLessThan(16 ** -6 * 10);
  expect(await signal.getByTestId('verdict').textContent()).toMatch(/^What if: /);
  await workbench.screenshot('deeper');
  await workbench.setTheme('high-contrast');
  await workbench.page.setViewportSize({ width: 800, height: 800 });
  await workbench.screenshot('deeper-narrow');
  await signal.getByTestId('what-if-reset').click();
  await expect.poll(async () => (await drawnNumbers(panel, 'gradient')).filter(({ scheme }) => scheme === 'current').length).toBe(11);
  await expect.poll(firstGradient).toBe(before);
});
