/** A network of one's own: from a template through VS Code's dialogs, typed in, followed by the inspector beside it, run, and mended in its text. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../until';
import { openWorkbench, type Workbench } from '../workbench';

const name = 'deep-sigmoid.initscope.json';
let workbench: Workbench;
beforeAll(async () => {
  workbench = await openWorkbench({ viewport: { width: 1500, height: 900 }, settings: { 'files.simpleDialog.enable': true } });
});
afterAll(() => workbench.close());

const text = (): string => workbench.read(name).toString('utf8');

test('a template is picked and saved, and stands as text beside what it is', async () => {
  await workbench.runCommand('Initscope: New Network');
  await workbench.pickerStep('New Network');
  await workbench.screenshot('new-network-1-templates');
  await workbench.pick('Deep sigmoid network');
  const place = workbench.page.locator('.quick-input-widget input[type="text"]');
  await until('the dialog to propose a file', async () => ((await place.inputValue()).endsWith(name) ? true : undefined));
  await workbench.screenshot('new-network-2-dialog');
  await workbench.page.keyboard.press('Enter');
  const inspector = await workbench.inspector();
  await inspector.locator('[data-testid="layer-row"][data-layer="hidden10"]').waitFor();
  expect(existsSync(path.join(workbench.folder, name))).toBe(true);
  await workbench.page.locator('.monaco-editor .view-line').filter({ hasText: '"initializer": "xavier"' }).waitFor();
  await workbench.screenshot('new-network-3-beside');
});

test('another initializer is typed, and the inspector follows', async () => {
  const { page } = workbench;
  const inspector = await workbench.inspector();
  await page.locator('.monaco-editor .view-line').getByText('"xavier"').dblclick();
  await page.keyboard.type('zeros');
  await inspector.locator('[data-testid="layer-row"][data-layer="hidden1"][data-health="error"]').waitFor();
  await workbench.waitForDirty(name, true);
  await workbench.screenshot('new-network-4-zeros');
  await page.keyboard.press('Control+z');
  await inspector.locator('[data-testid="layer-row"][data-layer="hidden1"]:not([data-health="error"])').waitFor();
});

test('its gradient vanishes, and the panel says so, unsaved changes included', async () => {
  await workbench.runCommand('Initscope: View Gradient Panel');
  const panel = await workbench.gradientPanel();
  await panel.locator('body[data-status="finished"]').waitFor();
  expect(await panel.getByTestId('verdict').textContent()).toMatch(/the gradient shrinks 0\.2\d× per layer, [\d.]+e-7× over 11 layers/);
  await workbench.screenshot('new-network-5-gradient');
  await workbench.setTheme('light');
  await workbench.screenshot('new-network-6-light');
  await workbench.setTheme('dark');
});

test('what is applied is written into the text, for all layers at once, and undone there', async () => {
  const { page } = workbench;
  const before = text();
  const inspector = await workbench.inspector();
  await inspector.getByTestId('reinitialize').click();
  await workbench.previewDeclared('All layers', 'Ones');
  await workbench.screenshot('new-network-7-preview');
  await inspector.getByTestId('apply-preview').click();
  await page.locator('.monaco-editor .view-line').filter({ hasText: '"initializer": "ones",' }).waitFor();
  await inspector.locator('[data-testid="layer-row"][data-layer="hidden1"][data-health="error"]').waitFor();
  await workbench.screenshot('new-network-8-applied');
  await page.locator('.monaco-editor').first().click();
  await page.keyboard.press('Control+z');
  await page.locator('.monaco-editor .view-line').filter({ hasText: '"initializer": "xavier",' }).waitFor();
  expect(text()).toBe(before);
  expect(workbench.consoleErrors).toEqual([]);
});
