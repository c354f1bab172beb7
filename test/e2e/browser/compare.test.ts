/** Two models compared: the two inspectors of a diff mark what differs, step through it together, follow edits, and lay their gradients over each other. */
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ModelComparison } from '../../../src/protocol/comparison';
import { denseModel, mlp, withLayer } from '../../unit/support/dense';
import { initscope } from '../commandLine';
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
    viewport: { width: 1400, height: 900 }, settings: { 'git.openRepositoryInParentFolders': 'never' },
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

test('two models that are selected in the explorer are compared', async () => {
  await workbench.explorerRow(after).waitFor();
  await workbench.explorerRow(before).click();
  await workbench.explorerRow(after).click({ modifiers: ['Control'] });
  await workbench.chooseInMenu(workbench.explorerRow(after), 'Compare Models…');
  await workbench.tab('↔').waitFor();
  await until('two inspectors', async () => {
    const rows = await Promise.all(workbench.page.frames().map((frame) => frame.locator('[data-testid="layer-row"]:visible').count().catch(() => 0)));
    return rows.filter((count) => count > 0).length >= 2 ? true : undefined;
  }).catch(() => undefined);
  await workbench.screenshot('compare-0');
  const [left, right] = [await side('left'), await side('right')];
  expect(await left.getByTestId('model-header').textContent()).toContain(before);
  expect(await right.getByTestId('model-header').textContent()).toContain(after);
  await workbench.screenshot('compare-1');
});
