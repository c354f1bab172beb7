/** Restricted Mode: a model from a stranger can be looked at, and nothing else happens. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorkbench, type Workbench } from '../workbench';

let workbench: Workbench;
beforeAll(async () => {
  workbench = await openWorkbench({ restricted: true });
});
afterAll(() => workbench.close());

test('inspecting works; writing and running say why they do not', async () => {
  const file = path.join(workbench.folder, 'deep-tanh-mlp.onnx');
  const before = readFileSync(file);
  // It moves everything down when it comes, and closes a menu that is open.
  await workbench.page.getByText('Restricted Mode is intended for safe code browsing').waitFor();
  await workbench.chooseInExplorer('deep-tanh-mlp.onnx', 'Inspect Model');
  const inspector = await workbench.inspector();
  await inspector.locator('[data-testid="layer-row"]').first().waitFor();
  expect(await inspector.getByTestId('model-notices').textContent()).toContain('Restricted Mode');
  expect(await inspector.getByTestId('open-panel').getAttribute('title')).toContain('Restricted Mode');
  await workbench.runCommand('Initscope: View Gradient Panel');
  const panel = await workbench.gradientPanel();
  await panel.locator('body[data-state="unavailable"]').waitFor();
  await workbench.screenshot('state-restricted');
  expect(readFileSync(file).equals(before)).toBe(true);
});
