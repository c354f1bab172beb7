/** Two models compared: the two inspectors of a diff mark what differs, step through it together, follow edits, and lay their gradients over each other. */
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ModelComparison } from '../../../src/protocol/comparison';
import { denseModel, mlp, withLayer } from '../../unit/support/dense';
import { compareJson, simulateJson } from '../commandLine';
import { drawnNumbers, expectedNumbers } from '../drawn';
import { until } from '../until';
import { openWorkbench, type Workbench } from '../workbench';

const before = 'before.onnx';
const after = 'after.onnx';
/** Another width between the first two, four times the values in the last, one more in between, and one that is as it was. */
const deep = [...mlp.slice(0, 2), ...['mid1', 'mid2', 'mid3'].map((name) => ({ name, into: 12, out: 12, activation: 'Tanh' })), ...mlp.slice(2)];
const changed = withLayer(withLayer(withLayer(deep, 'fc1', { out: 20 }), 'fc2', { into: 20 }), 'fc3', { change: (weights) => weights.map((each) => 4 * each) });
const added = { name: 'extra', into: 12, out: 12, activation: 'Relu' };
let workbench: Workbench;
beforeAll(async () => {
  workbench = await openWorkbench({
    viewport: { width: 1400, height: 900 }, settings: { 'explorer.autoReveal': false },
    extra: ['mlp.json', 'mlp.keras'].map((name) => path.resolve('test/fixtures/keras', name)),
    files: {
      [before]: denseModel([...deep.slice(0, 3), { ...added, name: 'gone', activation: 'Sigmoid' }, ...deep.slice(3)]),
      [after]: denseModel([...changed.slice(0, 5), added, ...changed.slice(5)]),
    },
  });
});
afterAll(() => workbench.close());

const file = (name: string): string => path.join(workbench.folder, name);

/** The inspector that is a side of a diff, with its marks. */
function side(which: 'left' | 'right'): Promise<Frame> {
  return until(`the ${which} side`, async () => {
    for (const frame of workbench.page.frames()) {
      if ((await frame.locator(`[data-testid="comparison"][data-side="${which}"]:visible`).count().catch(() => 0)) > 0) return frame;
    }
    return undefined;
  });
}

const rows = (frame: Frame, change: string): Promise<readonly (string | null)[]> => (
  frame.locator(`[data-testid="layer-row"][data-change="${change}"]`).evaluateAll((found) => found.map((row) => row.getAttribute('data-layer'))));
const named = ({ layers }: ModelComparison, which: 'left' | 'right', change: string): readonly (string | null)[] => (
  layers.filter((layer) => layer.change === change).map((layer) => layer[which]));

/** The layer that is selected on both sides, once it is. */
async function selectedOn(frame: Frame, layer: string): Promise<void> {
  await frame.locator(`.rows > .row.active[data-layer="${layer}"]`).waitFor();
  await frame.locator(`[data-testid="layer-detail"][data-layer="${layer}"]`).waitFor();
}

async function selectBoth(first: string, second: string): Promise<void> {
  await workbench.explorerRow(second).waitFor();
  await workbench.explorerRow(first).click();
  // A click shows the file, too: the diff takes its place.
  await workbench.tab(first).first().waitFor();
  await until('both files to be selected', async () => {
    await workbench.explorerRow(second).click({ modifiers: ['Control'] });
    return (await workbench.page.locator('.explorer-folders-view .monaco-list-row[aria-selected="true"]').count()) === 2 ? true : undefined;
  });
}

async function openPair(): Promise<readonly [Frame, Frame]> {
  await selectBoth(before, after);
  await workbench.chooseInMenu(workbench.explorerRow(after), 'Compare Models…');
  await workbench.tab(`${before} ↔ ${after}`).waitFor();
  return [await side('left'), await side('right')];
}

test('two models that are selected in the explorer are compared, and the marks are what the command line says', async () => {
  const [left, right] = await openPair();
  expect(await left.getByTestId('model-header').locator('h1').textContent()).toBe(before);
  expect(await right.getByTestId('model-header').locator('h1').textContent()).toBe(after);
  const comparison = await compareJson(file(before), file(after));
  for (const [frame, which] of [[left, 'left'], [right, 'right']] as const) {
    await until(`all marks ${which}`, async () => ((await rows(frame, 'changed')).length === comparison.counts.changed ? true : undefined));
    for (const change of ['changed', which === 'left' ? 'removed' : 'added']) expect(await rows(frame, change)).toEqual(named(comparison, which, change));
    await frame.getByTestId('comparison-sentence').getByText(/^5 of 8 layers differ: .* and 2 more\.$/).waitFor();
  }
  // What is seen is said, too.
  expect(await right.locator('[data-change="added"] .mark').getAttribute('aria-label')).toBe('Added: not in the left model');
  await workbench.screenshot('compare-1');
});

test('a layer is selected with its partner, and a weight says what was and what is', async () => {
  const [left, right] = [await side('left'), await side('right')];
  await right.locator('[data-testid="layer-row"][data-layer="fc3"]').click();
  await Promise.all([selectedOn(left, 'fc3'), selectedOn(right, 'fc3')]);
  const { layers } = await compareJson(file(before), file(after));
  const told = layers.find((layer) => layer.right === 'fc3')?.weights[0]?.differs.find(({ fact }) => fact === 'std');
  for (const frame of [left, right]) {
    const values = frame.locator('[data-testid="weight-differences"] [data-fact="std"] .value');
    await values.first().waitFor();
    expect(await values.evaluateAll((found) => found.map((each) => Number(each.getAttribute('title'))))).toEqual([told?.was, told?.is]);
  }
  await workbench.screenshot('compare-2-weight');
});

test('F7 goes from one difference to the next, on both sides, and what differs can be seen alone', async () => {
  const [left, right] = [await side('left'), await side('right')];
  await right.getByTestId('layer-table').press('F7');
  await selectedOn(right, 'fc1');
  await selectedOn(left, 'fc1');
  await right.getByTestId('next-difference').click();
  await selectedOn(left, 'fc2');
  // What only the other side has is shown there.
  await right.getByTestId('next-difference').click();
  await selectedOn(left, 'gone');
  await left.getByTestId('weight-differences').first().getByText('On this side alone').waitFor();
  await right.getByTestId('difference-place').getByText('3 of 5: gone, on the other side alone').waitFor();
  await right.getByTestId('previous-difference').click();
  await selectedOn(right, 'fc2');
  await right.getByTestId('segment-differs').click();
  await until('what is the same to go', async () => (
    (await right.locator('[data-testid="layer-row"]').count()) === 4 ? true : undefined));
  await workbench.screenshot('compare-3-only-what-differs');
  await right.getByTestId('segment-all').click();
});

test('the gradients of both are drawn in one chart, the left one behind the right one', async () => {
  const right = await side('right');
  await right.getByTestId('compare-gradients').click();
  const panel = await workbench.gradientPanel();
  const runs = await Promise.all([before, after].map((name) => simulateJson(file(name), '--seeds', '3')));
  const expected = runs.map((run) => expectedNumbers(run, (layer) => layer.gradient.activation));
  const drawn = await until('both runs in the chart', async () => {
    await panel.locator('body[data-status="finished"]').waitFor();
    const found = await drawnNumbers(panel, 'gradient');
    return found.some(({ scheme }) => scheme === 'before') && found.some(({ scheme }) => scheme === 'current') ? found : undefined;
  });
  await workbench.screenshot('compare-4-gradients');
  for (const [at, scheme] of ['before', 'current'].entries()) {
    for (const { layer, value } of expected[at] ?? []) {
      const found = drawn.find((each) => each.scheme === scheme && each.layer === layer);
      // What the right model does not have is not drawn behind it.
      expect(found === undefined, layer).toBe(layer === 'gone');
      if (found) expect(found.value / value, `${scheme} ${layer}`).toBeCloseTo(1, 9);
    }
  }
  await panel.locator(`[data-testid="gradient-before"][title="Laid over: ${before}"]`).waitFor();
  await workbench.runCommand('View: Toggle Panel Visibility');
});

test('marks follow an edit and its undo, which VS Code offers where the model is opened by itself', async () => {
  const [left, right] = [await side('left'), await side('right')];
  await right.locator('[data-testid="layer-row"][data-layer="mid1"]').click();
  await right.getByTestId('reinitialize-layer').click();
  await workbench.pickerStep('scheme');
  await workbench.pick('He normal');
  await workbench.pickerStep('parameters');
  await workbench.pick('Continue');
  await workbench.pickerStep('seed');
  await workbench.page.locator('.quick-input-widget input[type="text"]:focus').waitFor();
  await workbench.page.keyboard.press('Enter');
  await right.getByTestId('apply-preview').click();
  for (const frame of [left, right]) await frame.locator('[data-testid="layer-row"][data-layer="mid1"][data-change="changed"]').waitFor();
  await workbench.openFromExplorer(after);
  const alone = await until('the inspector of the model by itself', async () => {
    for (const frame of workbench.page.frames()) {
      const shown = await frame.getByTestId('layer-table').isVisible().catch(() => false);
      if (shown && !await frame.getByTestId('comparison').isVisible()) return frame;
    }
    return undefined;
  });
  await alone.locator('[data-testid="layer-row"][data-layer="mid1"]').click();
  await workbench.page.keyboard.press('Control+z');
  await workbench.page.locator(`.tabs-container .tab:not(.dirty)[aria-label^="${after}"]`).waitFor();
  await workbench.tab(`${before} ↔ ${after}`).click();
  for (const which of ['left', 'right'] as const) {
    await (await side(which)).locator('[data-testid="layer-row"][data-layer="mid1"]:not([data-change])').waitFor();
  }
  await workbench.runCommand('View: Close All Editors');
  expect(workbench.consoleErrors).toEqual([]);
});

test('models that no diff opens here are compared beside each other, until one is closed', async () => {
  await selectBoth('mlp.json', 'mlp.keras');
  await workbench.chooseInMenu(workbench.explorerRow('mlp.keras'), 'Compare Models…');
  const [left, right] = [await side('left'), await side('right')];
  expect(await left.getByTestId('model-header').locator('h1').textContent()).toBe('mlp.json');
  await right.getByTestId('comparison-sentence').getByText('3 of 3 layers differ: dense (values), dense_1 (values), dense_2 (values).').waitFor();
  await workbench.screenshot('compare-8-beside');
  await workbench.tab('mlp.keras').click();
  await workbench.runCommand('View: Close Editor');
  await left.getByTestId('comparison').waitFor({ state: 'hidden' });
  await left.locator('[data-testid="layer-row"]:not([data-change])').first().waitFor();
  expect(await left.locator('[data-testid="layer-row"][data-change]').count()).toBe(0);
  await workbench.runCommand('View: Close All Editors');
  expect(workbench.consoleErrors).toEqual([]);
});

test('the palette asks for the present model, and for the one that it is compared with', async () => {
  await workbench.runCommand('Initscope: Compare Models…');
  await workbench.pickerStep('Compare Models: the Present One');
  await workbench.pick(after);
  await workbench.pickerStep(`Compare ${after} With…`);
  await workbench.pick(after);
  await workbench.notification(`${after} is one model: choose another one to compare it with.`).waitFor();
  await workbench.runCommand('Initscope: Compare Models…');
  await workbench.pickerStep('Compare Models: the Present One');
  await workbench.pick(after);
  await workbench.pickerStep(`Compare ${after} With…`);
  await workbench.pick(before);
  await workbench.tab(`${before} ↔ ${after}`).waitFor();
  expect(await (await side('left')).getByTestId('model-header').locator('h1').textContent()).toBe(before);
  await workbench.runCommand('View: Close All Editors');
});

test('what differs can be read in every theme and width', async () => {
  const [, right] = await openPair();
  await right.locator('[data-testid="layer-row"][data-layer="fc3"]').click();
  for (const theme of ['light', 'high-contrast', 'high-contrast-light', 'dark'] as const) {
    await workbench.setTheme(theme);
    await workbench.screenshot(`compare-5-${theme}`);
  }
  await workbench.page.setViewportSize({ width: 900, height: 800 });
  await workbench.screenshot('compare-6-narrow');
  await workbench.runCommand('View: Toggle Primary Side Bar Visibility');
  await workbench.page.setViewportSize({ width: 2000, height: 1000 });
  await workbench.screenshot('compare-7-wide');
});
