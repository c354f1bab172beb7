/** Edits that were not saved survive the window, and auto-save takes nothing away from undo. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../until';
import { openWorkbench, type Workbench } from '../workbench';

const model = 'deep-tanh-mlp.onnx';
const sample = path.resolve(import.meta.dirname, '../../../media/samples', model);
let workbench: Workbench;
beforeAll(async () => {
  workbench = await openWorkbench();
});
afterAll(() => workbench.close());

async function reinitialize(): Promise<void> {
  await workbench.chooseInExplorer(model, 'Reinitialize Weights');
  await workbench.chooseScheme('All layers', 'He normal');
}

/** VS Code's own record of a backup, written once ours is on disk. */
function hasBackup(): true | undefined {
  const folder = path.join(workbench.server.profile, 'user/User/Backups');
  if (!existsSync(folder)) return undefined;
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.some((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'utf8').includes('"backupId"')) ? true : undefined;
}

test('a reload brings unsaved weights back, drawn again from their recipes', async () => {
  await reinitialize();
  await workbench.waitForDirty(model, true);
  await until('the backup', hasBackup);
  // Asked for again as long as VS Code itself does not know that the backup is there.
  await workbench.reload();
  expect(readFileSync(path.join(workbench.folder, model)).equals(readFileSync(sample)), 'nothing was saved behind the user’s back').toBe(true);
  await workbench.waitForDirty(model, true);
  const inspector = await workbench.inspector();
  await inspector.locator('[data-testid="layer-row"][data-layer="layers.3"]').getByText('.177').waitFor();
  await workbench.runCommand('File: Revert File');
  await workbench.waitForDirty(model, false);
});

test('undo after an auto-save brings the former bytes back', async () => {
  workbench.changeSettings({ 'files.autoSave': 'afterDelay', 'files.autoSaveDelay': 100 });
  const bytes = (): Buffer => readFileSync(path.join(workbench.folder, model));
  await reinitialize();
  await until('the auto-save', () => (bytes().equals(readFileSync(sample)) ? undefined : true));
  await workbench.waitForDirty(model, false);
  const inspector = await workbench.inspector();
  await inspector.locator('[data-testid="layer-row"]').first().click();
  await workbench.page.keyboard.press('Control+z');
  await until('the former bytes', () => (bytes().equals(readFileSync(sample)) ? true : undefined));
  expect(workbench.consoleErrors).toEqual([]);
});
