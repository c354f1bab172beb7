/** A file that another program changes while it has unsaved changes here: one message, with every way on. */
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { initscope, inspectJson } from '../commandLine';
import { until } from '../until';
import { openWorkbench, type Workbench } from '../workbench';

const model = 'deep-tanh-mlp.onnx';
const sample = path.resolve(import.meta.dirname, '../../../media/samples', model);
const question = 'was changed on disk while it has unsaved changes here';
let workbench: Workbench;

beforeAll(async () => {
  workbench = await openWorkbench({ viewport: { width: 1400, height: 900 }, settings: { 'files.simpleDialog.enable': true } });
});
afterAll(() => workbench.close());

const file = (): string => path.join(workbench.folder, model);

/** The first layer set to ones here, the second to twos by another program. */
beforeEach(async () => {
  copyFileSync(sample, file());
  await workbench.runCommand('View: Close All Editors');
  await workbench.chooseInExplorer(model, 'Reinitialize Weights');
  await workbench.chooseScheme('layers.0', 'Ones');
  await workbench.waitForDirty(model, true);
  const other = path.join(path.dirname(workbench.folder), `${Math.random()}.onnx`);
  await initscope('init', sample, '--layer', 'layers.1=zeros', '--scheme', 'constant', '--value', '2', '--output', other);
  copyFileSync(other, file());
  await workbench.notification(question).waitFor();
});

/** Value of the first layer's kernel, and of the second's, where all elements are alike. */
async function kernels(of: string): Promise<readonly unknown[]> {
  const { layers } = await inspectJson(of);
  return ['layers.0', 'layers.1'].map((name) => layers.find((layer) => layer.name === name)?.weights[0]?.statistics?.max);
}

const press = (button: string): Promise<void> => workbench.notification(question).getByRole('button', { name: button }).click();

test('a second change asks nothing more, nor does saving; Overwrite draws the edits over what is there', async () => {
  copyFileSync(file(), path.join(workbench.folder, 'again.onnx'));
  copyFileSync(path.join(workbench.folder, 'again.onnx'), file());
  await workbench.tab(model).click();
  await workbench.page.keyboard.press('Control+s');
  await workbench.screenshot('conflict-1-question');
  expect(await workbench.page.locator('.notification-toast').count()).toBe(1);
  await press('Overwrite');
  await workbench.waitForDirty(model, false);
  expect(await kernels(file())).toEqual([1, 0]);
  // Undo goes back to what was on the disk.
  const inspector = await workbench.inspector();
  await inspector.locator('[data-testid="layer-row"]').first().click();
  await workbench.page.keyboard.press('Control+z');
  await workbench.waitForDirty(model, true);
  await workbench.page.keyboard.press('Control+s');
  await workbench.waitForDirty(model, false);
  expect(await kernels(file())).toEqual([2, 0]);
});

test('Compare shows both side by side, and asks again; Revert takes what is on the disk', async () => {
  await press('Compare');
  await workbench.tab('on disk').waitFor();
  await until('both inspectors', async () => {
    const shown = await Promise.all(workbench.page.frames().map(async (frame) => {
      const row = frame.locator('[data-testid="layer-row"][data-layer="layers.0"]:visible');
      return (await row.count().catch(() => 0)) > 0 ? row.textContent() : null;
    }));
    return shown.some((text) => text?.includes('all 1')) && shown.some((text) => text?.includes('all 2')) ? true : undefined;
  });
  await workbench.screenshot('conflict-2-compare');
  await press('Revert');
  await until('a clean tab', async () => ((await workbench.page.locator('.tabs-container .tab.dirty').count()) === 0 ? true : undefined));
  expect(await kernels(file())).toEqual([2, 0]);
  const inspector = await workbench.inspector();
  await inspector.locator('[data-testid="layer-row"][data-layer="layers.0"]').getByText('all 2').waitFor();
});

test('Save As writes the edits over what is there to another file, and leaves this one', async () => {
  await press('Save As…');
  const input = workbench.page.locator('.quick-input-widget input[type="text"]');
  await until('the dialog', async () => ((await input.inputValue()).endsWith(model) ? true : undefined));
  const copy = path.join(workbench.folder, 'copy.onnx');
  await input.fill(copy);
  await workbench.page.keyboard.press('Enter');
  await workbench.tab('copy.onnx').waitFor();
  expect(await kernels(copy)).toEqual([1, 0]);
  expect(await kernels(file())).toEqual([2, 0]);
  expect(workbench.consoleErrors).toEqual([]);
});
