/** Every state a user may meet, in every theme and width: seen by the tests, and left as pictures for a person. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorkbench, type Workbench } from '../workbench';

let workbench: Workbench;
beforeAll(async () => {
  workbench = await openWorkbench({ viewport: { width: 1280, height: 900 } });
  const sample = path.join(workbench.folder, 'deep-tanh-mlp.onnx');
  writeFileSync(path.join(workbench.folder, 'broken.onnx'), readFileSync(sample).subarray(0, 5000));
  writeFileSync(path.join(workbench.folder, 'empty.onnx'), '');
  copyFileSync(sample, path.join(workbench.folder, 'second.onnx'));
});
afterAll(() => workbench.close());

test('the panel without a model says what to do', async () => {
  await workbench.runCommand('View: Toggle Panel Visibility');
  await workbench.page.getByRole('tab', { name: 'Gradients' }).click();
  const panel = await workbench.gradientPanel();
  await panel.locator('body[data-state="empty"]').waitFor();
  await workbench.screenshot('state-panel-empty');
});

test('a broken file is explained in the editor', async () => {
  await workbench.chooseInExplorer('broken.onnx', 'Inspect Model');
  const inspector = await workbench.inspector();
  await inspector.locator('body[data-state="failed"]').waitFor();
  expect(await inspector.getByTestId('failed').textContent()).toMatch(/broken\.onnx.*(runs past the end|ends in the middle)/s);
  await workbench.screenshot('state-inspector-failed');
  await workbench.runCommand('View: Close All Editors');
});

test('both views in every theme', async () => {
  await workbench.chooseInExplorer('residual-cnn.onnx', 'View Gradient Panel');
  const panel = await workbench.gradientPanel();
  await panel.locator('body[data-status="finished"]').waitFor();
  const inspector = await workbench.inspector();
  await inspector.locator('[data-testid="layer-row"]').first().click();
  for (const theme of ['dark', 'light', 'high-contrast', 'high-contrast-light'] as const) {
    await workbench.setTheme(theme);
    await workbench.screenshot(`state-theme-${theme}`);
  }
  await workbench.setTheme('dark');
  expect(await panel.getByTestId('verdict').textContent()).toContain('reaches the first layer');
});

test('the sigmoid network shrinks its gradient whatever the weights', async () => {
  await workbench.chooseInExplorer('deep-sigmoid-mlp.onnx', 'View Gradient Panel');
  const panel = await workbench.gradientPanel();
  await panel.getByTestId('file').getByText('deep-sigmoid-mlp.onnx').waitFor();
  await panel.locator('body[data-status="finished"]').waitFor();
  expect(await panel.getByTestId('verdict').textContent()).toMatch(/shrinks.*Recommended changes it 0\.2/);
  await panel.getByTestId('chip-zeros').click();
  await panel.locator('[data-testid="gradient-table"] [data-scheme="zeros"][data-value="0"]').first().waitFor({ state: 'attached' });
  await panel.locator('body[data-status="finished"]').waitFor();
  await workbench.screenshot('state-zeros');
});

test('narrow windows fold, and keep everything within reach', async () => {
  for (const width of [900, 640]) {
    await workbench.page.setViewportSize({ width, height: 900 });
    await workbench.screenshot(`state-width-${width}`);
  }
  await workbench.page.setViewportSize({ width: 1280, height: 900 });
  expect(workbench.consoleErrors).toEqual([]);
});
