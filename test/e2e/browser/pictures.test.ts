/** The pictures of a run beside its variances: distributions, the plane of order and chaos, parts of a chart, and earlier runs laid over. */
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JoinRun, SimulationResult } from '../../../src/protocol/simulation';
import { simulateJson } from '../commandLine';
import { drawnNumbers } from '../drawn';
import { until } from '../until';
import { openWorkbench, type Workbench } from '../workbench';

const model = 'deep-tanh-mlp.onnx';
const joinless: JoinRun = { name: '', layer: '', sum: null, branch: null };
let workbench: Workbench;
let result: SimulationResult;

beforeAll(async () => {
  workbench = await openWorkbench({ viewport: { width: 1400, height: 900 } });
  await workbench.chooseInExplorer(model, 'View Gradient Panel');
  const panel = await workbench.gradientPanel();
  await finished(panel);
  await workbench.runCommand('View: Toggle Maximized Panel');
  result = await simulateJson(path.join(workbench.folder, model), '--scheme', 'current', '--scheme', 'recommended', '--seeds', '3');
});
afterAll(() => workbench.close());

const finished = (panel: Frame): Promise<void> => panel.locator('body[data-status="finished"]').waitFor();

test('distributions are of the runs that the command line makes, layer by layer', async () => {
  const panel = await workbench.gradientPanel();
  const place = async (): Promise<number | undefined> => (await panel.getByTestId('picture-distributions').boundingBox())?.x;
  const before = await place();
  await panel.getByTestId('picture-distributions').click();
  expect(await place()).toBe(before);
  for (const [testid, pick] of [['activation', 'activation'], ['gradient', 'gradient']] as const) {
    const paths = panel.getByTestId(`${testid}-ridges-drawing`).locator('[data-scheme="recommended"] path[data-variance]');
    await paths.first().waitFor();
    const drawn = await paths.evaluateAll((all) => all.map((each) => Number(each.getAttribute('data-variance'))));
    const run = result.runs.find(({ scheme, seed }) => scheme === 'recommended' && seed === 0);
    const expected = run?.layers.map((layer) => (pick === 'activation' ? layer.activation : layer.gradient.activation)?.variance ?? NaN) ?? [];
    expect(drawn).toHaveLength(17);
    drawn.forEach((value, at) => expect(value / (expected[at] ?? NaN)).toBeCloseTo(1, 3));
  }
  await workbench.screenshot('pictures-distributions');
  await panel.getByTestId('activation-ridges-own').click();
  await panel.locator('[data-testid="activation-ridges-own"][aria-pressed="true"]').waitFor();
  await panel.getByTestId('activation-ridges-drawing').getByText('3σ').first().waitFor();
  await panel.getByTestId('activation-ridges-own').click();
});

test('the plane has its edge, and the schemes where theory puts them', async () => {
  const panel = await workbench.gradientPanel();
  await panel.getByTestId('picture-phase').click();
  await panel.getByTestId('edge-of-chaos').waitFor({ state: 'attached' });
  const drawing = panel.getByTestId('phase-drawing');
  const spots = await drawing.locator('circle[data-layer]').evaluateAll((all) => all.map((each) => ({
    scheme: each.getAttribute('data-scheme'), layer: each.getAttribute('data-layer'), weights: Number(each.getAttribute('data-weights')),
  })));
  const known = result.theory.flatMap(({ scheme, layers }) => layers.flatMap(({ name, response }) => (
    response ? [{ scheme, layer: name, weights: response.weights }] : [])));
  expect(spots).toHaveLength(known.length);
  for (const { scheme, layer, weights } of known) {
    expect((spots.find((spot) => spot.scheme === scheme && spot.layer === layer)?.weights ?? NaN) / weights).toBeCloseTo(1, 6);
  }
  expect(await panel.getByTestId('phase-words').textContent()).toContain('Tanh, 16 layers');
  await workbench.screenshot('pictures-phase');
  await panel.getByTestId('picture-variance').click();
});

test('a network without residual sums says that it has none', async () => {
  const panel = await workbench.gradientPanel();
  await panel.getByTestId('picture-blocks').click();
  await panel.getByTestId('no-blocks').getByText('This network has no residual blocks').waitFor();
  await panel.getByTestId('picture-variance').click();
});

test('a part of a chart is seen in both, by hand and by keys, and all of it again', async () => {
  const panel = await workbench.gradientPanel();
  const chart = panel.getByTestId('gradient-chart');
  const box = await chart.boundingBox();
  if (!box) throw new Error('The chart has no place.');
  const { mouse } = workbench.page;
  await mouse.move(box.x + box.width * 0.3, box.y + 40);
  await mouse.down();
  await mouse.move(box.x + box.width * 0.6, box.y + 50, { steps: 4 });
  await workbench.screenshot('pictures-marking');
  await mouse.up();
  await panel.getByTestId('gradient-whole').waitFor();
  await panel.getByTestId('activation-whole').waitFor();
  await workbench.screenshot('pictures-zoomed');
  // A drag is no click: the cursor goes back to where it was.
  await mouse.move(box.x - 20, box.y - 10);
  await panel.locator('[data-testid="layer-pane"][data-layer="layers.0"]').waitFor();
  await panel.getByTestId('gradient-whole').click();
  await panel.getByTestId('gradient-whole').waitFor({ state: 'hidden' });
  await panel.getByTestId('activation-whole').waitFor({ state: 'hidden' });
  await workbench.page.keyboard.press('+');
  await panel.getByTestId('gradient-whole').waitFor();
  await workbench.page.keyboard.press('0');
  await panel.getByTestId('gradient-whole').waitFor({ state: 'hidden' });
});

test('an earlier run is laid over, under the name it is given, and is still there after a reload', async () => {
  const panel = await workbench.gradientPanel();
  const drawn = await drawnNumbers(panel, 'gradient');
  await panel.getByTestId('earlier').click();
  const { page } = workbench;
  const row = page.locator('.quick-input-list .monaco-list-row', { hasText: 'Current, Recommended' });
  await row.waitFor();
  await workbench.screenshot('pictures-earlier');
  // A row's buttons are there while the pointer is over it.
  await until('the pencil to be pressed', async () => {
    await row.hover();
    return row.locator('.action-label').first().click({ timeout: 2000 }).then(() => true as const, () => undefined);
  });
  const input = page.locator('.quick-input-widget input[type="text"]');
  await until('the name to be asked for', async () => ((await input.inputValue()) === 'Current, Recommended' ? true : undefined));
  await input.fill('as exported');
  await input.press('Enter');
  const named = page.locator('.quick-input-list .monaco-list-row', { hasText: 'as exported' });
  await named.click();
  await panel.locator('[data-testid="gradient-before"][title="Laid over: as exported"]').waitFor();
  const earlier = await until('the earlier run to be in the table', async () => {
    const all = (await drawnNumbers(panel, 'gradient')).filter(({ scheme }) => scheme.startsWith('before'));
    return all.length > 0 ? all : undefined;
  });
  expect(earlier.map(({ scheme }) => scheme)).toContain('before-recommended');
  for (const { scheme, layer, value } of earlier) {
    const now = scheme === 'before' ? 'current' : scheme.replace('before-', '');
    expect(value).toBe(drawn.find((each) => each.scheme === now && each.layer === layer)?.value);
  }
  await workbench.screenshot('pictures-laid-over');
  await workbench.reload();
  const again = await workbench.gradientPanel();
  await again.locator('[data-testid="gradient-before"][title="Laid over: as exported"]').waitFor();
});

test('kernels are made wider by hand: theory moves at once, and the run that follows is the command line’s', async () => {
  const panel = await workbench.gradientPanel();
  const { page } = workbench;
  if (await panel.getByTestId('run').isVisible()) await panel.getByTestId('run').click();
  await finished(panel);
  const before = await drawnNumbers(panel, 'activation', 'theory');
  await panel.getByTestId('show-what-if').click();
  await panel.getByTestId('what-if-gain').focus();
  for (let press = 0; press < 10; press++) await page.keyboard.press('PageUp');
  await until('theory to move', async () => {
    const now = (await drawnNumbers(panel, 'activation', 'theory')).filter(({ scheme }) => scheme === 'current');
    const was = (layer: string): number => before.find((each) => each.layer === layer && each.scheme === 'current')?.value ?? Infinity;
    return now.some(({ layer, value }) => value > 2 * was(layer)) || undefined;
  });
  const gain = Number(await panel.getByTestId('what-if-value').textContent());
  expect(gain).toBeGreaterThan(5);
  const expected = await simulateJson(
    path.join(workbench.folder, model), '--scheme', 'current', '--scheme', 'recommended', '--seeds', '3', '--gain', String(gain));
  const last = expected.runs.filter(({ scheme }) => scheme === 'current').map(({ layers }) => layers[0]?.gradient.activation?.variance ?? NaN)
    .toSorted((a, b) => a - b)[1] ?? NaN;
  await until('the run of wider kernels', async () => {
    const drawn = (await drawnNumbers(panel, 'gradient')).find(({ scheme, layer }) => scheme === 'current' && layer === 'layers.0');
    return drawn && Math.abs(drawn.value / last - 1) < 1e-3 ? true : undefined;
  });
  await panel.getByText(/^What if: With the current weights/).first().waitFor();
  await workbench.screenshot('pictures-what-if');
  // Wider kernels of another scheme are not what that scheme is said to do.
  await panel.getByTestId('what-if-scheme').focus();
  await page.keyboard.press('ArrowDown');
  const said = panel.locator('#page-signal').getByText(/^With the current weights the gradient shrinks 0\.12×.*Recommended keeps it within 1\.\d×/);
  await said.first().waitFor();
  await panel.locator('[data-testid="what-if-scheme"]:focus').waitFor();
  await finished(panel);
  await said.first().waitFor();
  await panel.getByTestId('what-if-reset').click();
  await panel.getByText(/^With the current weights the gradient shrinks 0\.12×/).first().waitFor();
});

test('residual blocks are drawn as the command line measures them, and share the cursor with charts and graph', async () => {
  const residual = 'residual-cnn.onnx';
  await workbench.runCommand('View: Toggle Maximized Panel');
  await workbench.chooseInExplorer(residual, 'View Gradient Panel');
  const panel = await workbench.gradientPanel();
  await panel.getByText(residual).first().waitFor();
  await finished(panel);
  await workbench.runCommand('View: Toggle Maximized Panel');
  await panel.getByTestId('picture-blocks').click();
  const drawing = panel.getByTestId('blocks-drawing');
  await drawing.locator('[data-plot="branch"] [data-scheme="recommended"][data-kind="measured"] path').first().waitFor();
  const expected = await simulateJson(
    path.join(workbench.folder, residual), '--joins', '--scheme', 'current', '--scheme', 'recommended', '--seeds', '3');
  for (const [id, pick] of [
    ['blocks-squared-mean', ({ sum }: JoinRun) => sum?.squaredMean ?? NaN], ['blocks-variance', ({ sum }: JoinRun) => sum?.variance ?? NaN],
    ['blocks-branch', ({ branch }: JoinRun) => branch?.variance ?? NaN],
  ] as const) {
    const drawn = (await drawnNumbers(panel, id)).filter(({ scheme }) => scheme === 'current' || scheme === 'recommended');
    expect(drawn).toHaveLength(12);
    for (const { scheme, layer, value } of drawn) {
      const runs = expected.runs.filter((run) => run.scheme === scheme);
      const middle = runs.map(({ joins = [] }) => pick(joins.find((join) => join.layer === layer) ?? joinless)).toSorted((a, b) => a - b)[1] ?? NaN;
      // What rounding makes of a mean that is zero is drawn as zero.
      if (middle > 1e-9) expect(value / middle).toBeCloseTo(1, 3);
      else expect(value).toBe(0);
    }
  }
  const plot = await drawing.locator('[data-plot="variance"] path').first().boundingBox();
  if (!plot) throw new Error('The plot has no place.');
  await workbench.page.mouse.move(plot.x + plot.width * 0.99, plot.y + plot.height / 2);
  await panel.locator('[data-testid="layer-pane"][data-layer="stage3.1.conv2"]').waitFor();
  await workbench.screenshot('pictures-blocks');
  await panel.getByTestId('show-table').click();
  await panel.getByTestId('blocks-variance-table').getByText('stage2.0.conv2').waitFor();
  await workbench.screenshot('pictures-blocks-table');
  await panel.getByTestId('show-table').click();
});
