/** What a save asks and says: no room for undo, how far it is, how to stop it; and where a report goes. */
import { existsSync, readFileSync, readdirSync, statfsSync, statSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { external, model, node, tensor, types, valueInfo } from '../../unit/support/protobuf';
import { until } from '../until';
import { openWorkbench, type Workbench } from '../workbench';

const columns = 1 << 15;
/** A weight that the disk has no room to keep: the file is sparse, and takes none of it. */
const [name, data] = ['huge.onnx', 'huge.data'];
let workbench: Workbench;
beforeAll(async () => {
  const { bavail, bsize } = statfsSync(import.meta.dirname);
  const rows = Math.ceil((bavail * bsize + 2e9) / (4 * columns));
  const weight = tensor('w', types.float32, [rows, columns], external({ location: data, length: String(rows * columns * 4) }));
  const ends = { inputs: [valueInfo('x', [1, rows])], outputs: [valueInfo('y', [1, columns])] };
  workbench = await openWorkbench({
    viewport: { width: 1400, height: 900 }, settings: { 'files.simpleDialog.enable': true },
    files: { [name]: model({ nodes: [node('MatMul', ['x', 'w'], ['y'], [], 'layer')], initializers: [weight], ...ends }), [data]: '' },
  });
  truncateSync(path.join(workbench.folder, data), rows * columns * 4);
});
afterAll(() => workbench.close());

const stampOf = (file: string): readonly number[] => {
  const { size, mtimeMs, ino } = statSync(path.join(workbench.folder, file));
  return [size, mtimeMs, ino];
};

test('where undo has no room, saving asks first', async () => {
  const before = [stampOf(name), stampOf(data)];
  await workbench.chooseInExplorer(name, 'Reinitialize Weights');
  await workbench.chooseScheme('All layers', 'He normal');
  await workbench.waitForDirty(name, true);
  await workbench.page.keyboard.press('Control+s');
  const dialog = workbench.page.locator('.monaco-dialog-box');
  await dialog.getByText('There is no room on the disk').waitFor();
  await workbench.screenshot('saving-1-no-room');
  await workbench.answerDialog('Cancel');
  await dialog.waitFor({ state: 'detached' });
  await workbench.waitForDirty(name, true);
  expect([stampOf(name), stampOf(data)]).toEqual(before);
});

test('a long save says how far it is, and stopping it leaves everything as it was', async () => {
  const before = [stampOf(name), stampOf(data), readdirSync(workbench.folder)];
  await workbench.page.keyboard.press('Control+s');
  await workbench.answerDialog('Save Without Undo');
  const notification = workbench.notification(`Saving ${name}`);
  await notification.waitFor();
  await workbench.screenshot('saving-2-progress');
  // A notification that is just being drawn anew takes no click.
  await until('the save to stop', async () => {
    const cancel = notification.getByRole('button', { name: 'Cancel' });
    if (await cancel.isVisible()) await cancel.click({ timeout: 1000 }).catch(() => undefined);
    return readdirSync(workbench.folder).length === before[2]?.length ? true : undefined;
  });
  expect(await workbench.page.locator('.notification-toast').count()).toBe(0);
  await workbench.waitForDirty(name, true);
  expect([stampOf(name), stampOf(data), readdirSync(workbench.folder)]).toEqual(before);
  await workbench.screenshot('saving-3-stopped');
  await workbench.runCommand('File: Revert File');
  await workbench.waitForDirty(name, false);
});

test('a report is written where it is asked for, and opened', async () => {
  await workbench.openFromExplorer('residual-cnn.onnx');
  const inspector = await workbench.inspector();
  await inspector.locator('[data-testid="layer-row"][data-layer="fc"]').waitFor();
  await workbench.runCommand('Initscope: Export Report');
  await workbench.pick('Markdown');
  const input = workbench.page.locator('.quick-input-widget input[type="text"]');
  await until('the dialog', async () => ((await input.inputValue()).endsWith('residual-cnn.report.md') ? true : undefined));
  const file = path.join(workbench.folder, 'residual-cnn.report.md');
  await until('the report', async () => {
    if (existsSync(file)) return true;
    await workbench.page.keyboard.press('Enter');
    return undefined;
  });
  await workbench.tab('residual-cnn.report.md').waitFor();
  expect(readFileSync(file, 'utf8')).toMatch(/\| stem\.conv/);
  await workbench.screenshot('saving-4-report');
  expect(workbench.consoleErrors).toEqual([]);
});
