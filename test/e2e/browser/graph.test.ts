/** The network as a graph beside the charts: its layers, what passes between them, and one choice in graph, charts, table and inspector. */
import type { Frame, Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { levelOf } from '../../../webview/panel/graph/flow';
import { drawnNumbers } from '../drawn';
import { until } from '../until';
import { openWorkbench, type Theme, type Workbench } from '../workbench';

let workbench: Workbench;
let panel: Frame;
let inspector: Frame;

beforeAll(async () => {
  workbench = await openWorkbench({ viewport: { width: 1400, height: 900 } });
  await workbench.chooseInExplorer('residual-cnn.onnx', 'Inspect Model');
  inspector = await workbench.inspector();
  await inspector.getByTestId('open-panel').click();
  panel = await workbench.gradientPanel();
  await panel.locator('body[data-status="finished"]').waitFor();
  await panel.getByTestId('show-graph').click();
  await item('fc').waitFor();
});
afterAll(() => workbench.close());

const item = (layer: string): Locator => panel.locator(`[data-testid="graph-layer"][data-name="${layer}"]`);
/** Turns the wheel until something is in the middle of what is seen. */
async function seen(wanted: Locator): Promise<Locator> {
  const graph = panel.getByTestId('graph');
  await until('it to be seen in the graph', async () => {
    const [own, around] = [await wanted.boundingBox(), await graph.boundingBox()];
    if (!own || !around) return undefined;
    const away = own.y + own.height / 2 - (around.y + around.height / 2);
    if (own.y >= around.y && own.y + own.height <= around.y + around.height) return true;
    await workbench.page.mouse.move(around.x + 4, around.y + around.height / 2);
    await workbench.page.mouse.wheel(0, away);
    return undefined;
  });
  return wanted;
}
const row = (layer: string): Locator => inspector.locator(`[data-testid="layer-row"][data-layer="${layer}"]`);
const layerPane = (layer: string): Locator => panel.locator(`#page-signal [data-testid="layer-pane"][data-layer="${layer}"]`);
const names = (testid: string): Promise<readonly string[]> => (
  panel.getByTestId(testid).evaluateAll((found) => found.map((each) => each.getAttribute('data-name') ?? '')));

test('it has the layers of the plan, its sums, and the ends of the network', async () => {
  const layers = (await drawnNumbers(panel, 'activation')).filter(({ scheme }) => scheme === 'current').map(({ layer }) => layer);
  expect(layers).toHaveLength(31);
  expect(await names('graph-layer')).toEqual(layers);
  expect(await names('graph-join')).toHaveLength(6);
  expect([await names('graph-input'), await names('graph-output')]).toEqual([['images'], ['logits']]);
});

test('edges are drawn by the numbers of the run, forward and backward', async () => {
  for (const [direction, chart] of [['forward', 'activation'], ['backward', 'gradient']] as const) {
    const drawn = (await drawnNumbers(panel, chart)).filter(({ scheme }) => scheme === 'current');
    const edges = await panel.locator(`.strokes.${direction} .stroke`).evaluateAll((found) => found.map((edge) => ({
      from: edge.getAttribute('data-from') ?? '', level: edge.getAttribute('data-level') ?? '', variance: Number(edge.getAttribute('data-variance') ?? NaN),
    })));
    // What leaves the others passes a norm before it is activated.
    for (const layer of ['stem.bn', 'stage1.0.bn1', 'stage3.1.bn1', 'fc']) {
      const own = edges.filter(({ from }) => from === layer);
      expect(own.length, layer).toBeGreaterThan(0);
      for (const { variance } of own) expect(variance, layer).toBe(drawn.find((each) => each.layer === layer)?.value);
    }
    const unit = direction === 'forward' ? 1 : edges.find(({ from }) => from === 'fc')?.variance ?? NaN;
    for (const { variance, level } of edges) expect(level).toBe(levelOf(Number.isNaN(variance) ? null : variance / unit));
    // Sums and inputs are measured, too; of these only what is fed.
    expect(edges.filter(({ level }) => level === 'unknown').map(({ from }) => from)).toEqual(direction === 'forward' ? [] : ['images']);
    expect(edges.filter(({ from }) => from.startsWith('Add')).length).toBeGreaterThan(6);
  }
  await panel.getByTestId('graph-backward').click();
  expect(await panel.getByTestId('graph-pane').getAttribute('data-shown')).toBe('backward');
  expect(await panel.locator('.strokes.forward').isVisible()).toBe(false);
  await panel.getByTestId('graph-forward').click();
});

test('what is clicked is selected in graph, charts, table and inspector, and the panel keeps the focus', async () => {
  await (await seen(item('stage2.0.conv1'))).click();
  await layerPane('stage2.0.conv1').waitFor();
  await panel.locator('[data-testid="graph-layer"][data-name="stage2.0.conv1"][aria-selected="true"]').waitFor();
  await panel.locator('[data-testid="gradient-table"] tr[aria-current="true"] td[data-layer="stage2.0.conv1"]').first().waitFor({ state: 'attached' });
  await row('stage2.0.conv1').and(inspector.locator('[aria-selected="true"]')).waitFor();
  expect(await panel.evaluate(() => document.activeElement?.getAttribute('data-testid'))).toBe('graph');
});

test('what is pointed at is marked in the inspector, which stays where it is', async () => {
  const position = (): Promise<number> => inspector.getByTestId('layer-table').evaluate((table) => table.scrollTop);
  const before = await position();
  await (await seen(item('stage2.0.conv2'))).hover();
  await inspector.locator('.row.highlighted[data-layer="stage2.0.conv2"]').waitFor();
  await layerPane('stage2.0.conv2').waitFor();
  await panel.getByTestId('graph-legend').hover();
  await inspector.locator('.row.highlighted').waitFor({ state: 'detached' });
  await layerPane('stage2.0.conv1').waitFor();
  expect(await position()).toBe(before);
});

test('what is selected in the inspector is selected in the panel', async () => {
  await row('stage1.0.conv2').click();
  await layerPane('stage1.0.conv2').waitFor();
  await panel.locator('[data-testid="graph-layer"][data-name="stage1.0.conv2"][aria-selected="true"]').waitFor();
  expect(await inspector.evaluate(() => document.hasFocus())).toBe(true);
});

test('a block folds and unfolds', async () => {
  const before = (await names('graph-layer')).length;
  await (await seen(panel.locator('.bracket[data-name="stage1.1"] [data-testid="graph-fold"]'))).click();
  await panel.locator('[data-testid="graph-block"][data-name="stage1.1"][aria-expanded="false"]').waitFor();
  expect(await names('graph-layer')).toHaveLength(before - 4);
  await workbench.screenshot('graph-folded');
  await (await seen(panel.getByTestId('graph-unfold'))).click();
  await item('stage1.1.bn1').waitFor();
  expect(await names('graph-layer')).toHaveLength(before);
});

test('arrows go along the edges, Enter selects, Space folds', async () => {
  const graph = panel.getByTestId('graph');
  const active = async (): Promise<string | null> => {
    const id = await graph.getAttribute('aria-activedescendant');
    return panel.locator(`#${id ?? ''}`).getAttribute('aria-label');
  };
  await graph.focus();
  await graph.press('Home');
  expect(await active()).toMatch(/^images, input, σ² (0\.9|1\.0)\d+$/);
  await graph.press('ArrowDown');
  await graph.press('ArrowDown');
  await layerPane('stem.bn').waitFor();
  expect(await active()).toMatch(/^stem\.bn, BatchNormalization, σ² [\d.]+, gradient σ² [\d.e-]+$/);
  await graph.press('Enter');
  await row('stem.bn').and(inspector.locator('[aria-selected="true"]')).waitFor();
  await graph.press(' ');
  await panel.locator('[data-testid="graph-block"][data-name="stem"]').waitFor();
  expect(await active()).toContain('stem, 2 layers folded');
  await graph.press(' ');
  await item('stem.bn').waitFor();
});

test('a sweep carries the variance through the layers and back, and leaves no trace', async () => {
  await panel.getByTestId('show-sweep').click();
  const readout = panel.getByTestId('sweep-readout');
  await readout.getByText('→ layer 1 of 31').waitFor();
  await panel.getByTestId('sweep-on').click();
  await readout.getByText(/→ layer 2 of 31 · σ² [\d.]+ · Current/).waitFor();
  await layerPane('stem.bn').waitFor();
  expect(await panel.locator('.stroke.is-ahead[data-from="fc"]').count()).toBe(2);
  expect(await panel.locator('.stroke.is-now[data-from="stem.bn"]').count()).toBeGreaterThan(0);
  await workbench.screenshot('graph-sweep');
  await panel.getByTestId('sweep-scrubber').press('End');
  await readout.getByText(/← layer 1 of 31 · gradient σ² [\d.e-]+ · Current/).waitFor();
  expect(await panel.getByTestId('graph-pane').getAttribute('data-shown')).toBe('backward');
  await panel.getByTestId('sweep-scrubber').press('Home');
  await panel.getByTestId('sweep-play').click();
  await readout.getByText(/→ layer (?!1 |2 )\d+ of 31/).waitFor();
  await panel.getByTestId('sweep-play').click();
  await panel.locator('[data-testid="sweep-play"][aria-label="Play"]').waitFor();
  await panel.getByTestId('sweep-close').click();
  await panel.getByTestId('sweep').waitFor({ state: 'hidden' });
  await panel.locator('[data-testid="show-sweep"]:focus').waitFor();
  expect(await panel.locator('.stroke:is(.is-ahead, .is-now)').count()).toBe(0);
  expect(await panel.getByTestId('graph-pane').getAttribute('data-shown')).toBe('forward');
});

test('without motion there is no play, but steps', async () => {
  await workbench.page.emulateMedia({ reducedMotion: 'reduce' });
  await panel.getByTestId('show-sweep').click();
  await panel.getByTestId('sweep-on').waitFor();
  expect(await panel.getByTestId('sweep-play').isVisible()).toBe(false);
  await panel.getByTestId('show-sweep').click();
  await workbench.page.emulateMedia({ reducedMotion: 'no-preference' });
});

test('a double click shows the layer in the inspector', async () => {
  await panel.getByTestId('graph-fit').click();
  await (await seen(item('fc'))).dblclick();
  await row('fc').and(inspector.locator('[aria-selected="true"]')).waitFor();
  await until('the inspector to have the focus', async () => ((await inspector.evaluate(() => document.hasFocus())) ? true : undefined));
  await panel.getByTestId('graph-fit').click();
  await workbench.runCommand('View: Toggle Maximized Panel');
  await workbench.runCommand('View: Toggle Primary Side Bar Visibility');
});

test.each<readonly [Theme, number]>([
  ['dark', 1400], ['dark', 800], ['dark', 400], ['light', 1400], ['light', 800], ['high-contrast', 1400], ['high-contrast', 400],
])('it is seen in %s at %i pixels', async (theme, width) => {
  await workbench.setTheme(theme);
  await workbench.page.setViewportSize({ width, height: 900 });
  await panel.getByTestId('graph-pane').scrollIntoViewIfNeeded();
  await workbench.screenshot(`graph-${theme}-${width}`);
  const { wide, high } = await panel.getByTestId('graph').evaluate((graph) => ({ wide: graph.clientWidth, high: graph.clientHeight }));
  expect(wide).toBeGreaterThan(150);
  expect(high).toBeGreaterThan(60);
  expect(await panel.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
});

test('it is remembered, and nobody complained', async () => {
  await workbench.page.setViewportSize({ width: 1400, height: 900 });
  await workbench.setTheme('dark');
  await panel.getByTestId('tab-training').click();
  await panel.getByTestId('tab-signal').click();
  await item('fc').waitFor();
  expect(workbench.consoleErrors).toEqual([]);
});
