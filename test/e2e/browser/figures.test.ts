/** Figures to take away: as pictures and as numbers, into files and the clipboard, with what is drawn in them. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drawnNumbers } from '../drawn';
import { until } from '../until';
import { openWorkbench, type Workbench } from '../workbench';

const stem = 'deep-tanh-mlp.variance-of-gradients-backward';
let workbench: Workbench;

beforeAll(async () => {
  workbench = await openWorkbench({ viewport: { width: 1400, height: 900 }, settings: { 'files.simpleDialog.enable': true } });
  await workbench.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await workbench.chooseInExplorer('deep-tanh-mlp.onnx', 'View Gradient Panel');
  const panel = await workbench.gradientPanel();
  await panel.locator('body[data-status="finished"]').waitFor();
});
afterAll(() => workbench.close());

async function choose(item: string): Promise<void> {
  const panel = await workbench.gradientPanel();
  await panel.getByTestId('gradient-figure').click();
  await panel.getByTestId(`gradient-${item}`).click();
}

/** What is written where the dialog proposes. */
async function saved(item: string, extension: string): Promise<Buffer> {
  await choose(item);
  const input = workbench.page.locator('.quick-input-widget input[type="text"]');
  await until('the dialog to propose a name', async () => ((await input.inputValue()).endsWith(`${stem}.${extension}`) ? true : undefined));
  await input.press('Enter');
  const file = path.join(workbench.folder, `${stem}.${extension}`);
  await workbench.page.locator('.statusbar-item', { hasText: `Saved ${stem}.${extension}` }).waitFor();
  expect(existsSync(file)).toBe(true);
  return readFileSync(file);
}

test('the menu of a chart says what can be taken away', async () => {
  const panel = await workbench.gradientPanel();
  await panel.getByTestId('gradient-figure').click();
  await panel.getByTestId('gradient-save-svg').waitFor();
  await workbench.screenshot('figure-menu');
  await panel.getByTestId('gradient-save-svg').press('Escape');
});

test('a picture is saved as SVG, in the theme’s colours and in those of paper', async () => {
  const dark = (await saved('save-svg', 'svg')).toString();
  expect(dark).toContain('>Variance of gradients, ← backward</text>');
  expect(dark).toContain('deep-tanh-mlp.onnx: seeds 0 to 2');
  await workbench.page.keyboard.press('Escape');
  await choose('print');
  const panel = await workbench.gradientPanel();
  await panel.getByTestId('activation-figure').click();
  expect(await panel.getByTestId('activation-print').textContent()).toContain('Theme Colours');
  await panel.getByTestId('activation-print').press('Escape');
});

test('pixels are the same picture, black on white now', async () => {
  const { width, height, data } = PNG.sync.read(await saved('save-png', 'png'));
  expect([width, height]).toEqual([1920, 1200]);
  expect([...data.subarray(0, 4)]).toEqual([255, 255, 255, 255]);
  const isGreen = (at: number): boolean => (data[at] ?? 0) < 60 && (data[at + 1] ?? 0) > 120 && (data[at + 2] ?? 255) < 140;
  expect(Array.from({ length: data.length / 4 }, (_, i) => isGreen(4 * i)).filter(Boolean).length).toBeGreaterThan(1000);
});

test('numbers are those that are drawn', async () => {
  const panel = await workbench.gradientPanel();
  const drawn = await drawnNumbers(panel, 'gradient');
  const all = JSON.parse((await saved('save-json', 'json')).toString()) as {
    readonly series: readonly {
      readonly scheme: string; readonly kind: string; readonly points: readonly { readonly layer: string; readonly median: number }[];
    }[];
  };
  const measured = all.series.filter(({ kind }) => kind === 'measured');
  const told = measured.flatMap(({ scheme, points }) => points.map(({ layer, median }) => ({ scheme, layer, value: median })));
  expect(told.length).toBeGreaterThan(30);
  for (const { scheme, layer, value } of told) expect(drawn.find((each) => each.scheme === scheme && each.layer === layer)?.value).toBe(value);
  const rows = (await saved('save-csv', 'csv')).toString().trim().split('\r\n');
  expect(rows).toHaveLength(18);
  expect(rows[0]).toContain('Current median,Current low,Current high');
});

test('the clipboard takes them, too', async () => {
  await choose('copy-csv');
  await workbench.page.locator('.statusbar-item', { hasText: 'Copied the numbers' }).waitFor();
  expect(await workbench.page.evaluate(() => navigator.clipboard.readText())).toContain('Current median');
  await choose('copy-picture');
  await workbench.page.locator('.statusbar-item', { hasText: 'Copied the picture' }).waitFor();
  const types = await workbench.page.evaluate(async () => (await navigator.clipboard.read()).flatMap((item) => [...item.types]));
  expect(types).toContain('image/png');
});

test('the table has the cursor of the charts, and moves it', async () => {
  const panel = await workbench.gradientPanel();
  await panel.locator('#page-signal').getByTestId('show-table').click();
  const row = (table: string, layer: string) => panel.locator(`[data-testid="${table}-table"] tbody tr`, { has: panel.locator(`td[data-layer="${layer}"]`) });
  await row('gradient', 'layers.3').click();
  const pane = panel.locator('#page-signal').getByTestId('layer-pane');
  await pane.getByText('layers.3').first().waitFor();
  await panel.locator('[data-testid="activation-table"] tr[aria-current="true"] td[data-layer="layers.3"]').first().waitFor();
  await panel.locator('[data-testid="gradient-pane"] .table-frame').focus();
  await panel.locator('[data-testid="gradient-pane"] .table-frame').press('End');
  await pane.getByText('head').first().waitFor();
  await panel.locator('[data-testid="activation-table"] tr[aria-current="true"] td[data-layer="head"]').first().waitFor();
  expect(await row('gradient', 'head').evaluate((found) => found.getBoundingClientRect().bottom <= window.innerHeight)).toBe(true);
  await workbench.screenshot('figure-table');
  expect(workbench.consoleErrors).toEqual([]);
});

test('a report is one page with pictures and numbers, and the axis can be linear', async () => {
  const panel = await workbench.gradientPanel();
  await choose('report-html');
  const input = workbench.page.locator('.quick-input-widget input[type="text"]');
  await until('the dialog to propose a name', async () => ((await input.inputValue()).endsWith('deep-tanh-mlp.report.html') ? true : undefined));
  await input.press('Enter');
  await workbench.page.locator('.statusbar-item', { hasText: 'Saved deep-tanh-mlp.report.html' }).waitFor();
  const page = readFileSync(path.join(workbench.folder, 'deep-tanh-mlp.report.html'), 'utf8');
  expect(page.match(/<svg /g)).toHaveLength(3);
  expect(page).toContain('With the current weights the gradient shrinks');
  const drawn = (await drawnNumbers(panel, 'gradient')).find(({ scheme, layer }) => scheme === 'current' && layer === 'layers.0')?.value ?? NaN;
  expect(page).toContain(`<td>${drawn.toExponential(2)} (`);
  await choose('linear');
  await panel.getByTestId('gradient-figure').click();
  expect(await panel.getByTestId('gradient-linear').textContent()).toContain('Logarithmic Axis');
  await panel.getByTestId('gradient-linear').press('Escape');
  await workbench.screenshot('figure-linear');
});
