/** The other ways to the same edits: the palette without an editor, the panel's remedy, one layer, the headline's fix, Save As. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inspectJson } from '../commandLine';
import { until } from '../until';
import { openWorkbench, type Workbench } from '../workbench';

let workbench: Workbench;
beforeAll(async () => {
  workbench = await openWorkbench({ viewport: { width: 1400, height: 900 }, settings: { 'files.simpleDialog.enable': true } });
});
afterAll(() => workbench.close());

test('the palette asks which model, then which weights', async () => {
  await workbench.runCommand('Initscope: Reinitialize Weights');
  await workbench.pick('transformer-block.onnx');
  await workbench.chooseScheme('mlp.up', 'Zeros');
  await workbench.waitForDirty('transformer-block.onnx', true);
  const inspector = await workbench.inspector();
  await inspector.locator('[data-testid="layer-row"][data-layer="mlp.up"][data-health="error"]').waitFor();
  await inspector.locator('[data-testid="headline"][data-severity="error"]').waitFor();
  expect(await inspector.getByTestId('headline').textContent()).toContain('mlp.up.weight is all zero');
  await workbench.screenshot('ways-1-zeroed-layer');
});

test('Fix offers the layers in question', async () => {
  const inspector = await workbench.inspector();
  await inspector.getByTestId('fix').click();
  await workbench.previewScheme('Recommended');
  await inspector.getByTestId('apply-preview').click();
  await inspector.locator('[data-testid="layer-row"][data-layer="mlp.up"]:not([data-health="error"])').waitFor();
});

test('one layer is set by its own menu, and says so', async () => {
  const inspector = await workbench.inspector();
  await inspector.locator('[data-testid="layer-row"][data-layer="head"]').click();
  await inspector.getByTestId('override-scheme').click();
  await inspector.getByTestId('override-xavier-uniform').click();
  await workbench.previewAsIs();
  expect(await inspector.getByTestId('preview-counts').textContent()).toMatch(/^head · \d tensors? change/);
  await inspector.getByTestId('apply-preview').click();
  await inspector.getByTestId('layer-detail').getByText('Xavier uniform, fan_avg, seed 0').first().waitFor();
  await workbench.screenshot('ways-2-override');
  expect(await inspector.getByTestId('picked-scheme').textContent()).toBe('Picked: Xavier uniform');
  await inspector.getByTestId('reset-scheme').click();
  await workbench.previewAsIs();
  await inspector.getByTestId('apply-preview').click();
  await inspector.getByTestId('picked-scheme').waitFor({ state: 'detached' });
  await inspector.getByTestId('override-scheme').click();
  await inspector.getByTestId('override-xavier-uniform').click();
  await workbench.previewAsIs();
  await inspector.getByTestId('apply-preview').click();
  await inspector.getByTestId('picked-scheme').waitFor();
});

test('a preview shows every tensor before and after, and Escape leaves them as they are', async () => {
  const inspector = await workbench.inspector();
  const before = await inspector.locator('[data-testid="layer-row"][data-layer="mlp.up"]').textContent();
  await inspector.getByTestId('reinitialize').click();
  await workbench.page.locator('.quick-input-title').getByText('which layers').waitFor();
  await workbench.pick('All layers');
  await workbench.previewScheme('DeepNet');
  const row = inspector.locator('[data-testid="preview-row"]').filter({ hasText: 'mlp.up.weight' });
  expect(await row.textContent()).toMatch(/kernel.*Xavier normal.*seed 0/);
  expect(await row.locator('.plot .bars, .plot .then').count()).toBe(2);
  expect(await inspector.getByTestId('preview-notes').textContent()).toContain('α = (2N)^¼');
  const kept = inspector.locator('[data-testid="preview-row"]').filter({ has: inspector.getByTestId('kept') });
  expect(await kept.first().textContent()).toMatch(/head\.weight.*Xavier uniform/);
  expect(await inspector.getByTestId('preview-counts').textContent()).toMatch(/^all layers, 1 of them by the scheme picked for it · /);
  expect(await inspector.getByTestId('layer-table').isVisible()).toBe(false);
  await workbench.screenshot('ways-3-preview');
  await workbench.page.keyboard.press('Escape');
  await inspector.getByTestId('preview').waitFor({ state: 'hidden' });
  expect(await inspector.locator('[data-testid="layer-row"][data-layer="mlp.up"]').textContent()).toBe(before);
});

test('rows are selected as in any list, and set together', async () => {
  const inspector = await workbench.inspector();
  const row = (layer: string) => inspector.locator(`[data-testid="layer-row"][data-layer="${layer}"]`);
  const selected = (): Promise<string[]> => (
    inspector.locator('[data-testid="layer-row"][aria-selected="true"]').evaluateAll((rows) => rows.map((each) => each.getAttribute('data-layer') ?? '')));
  await row('mlp.up').click();
  await row('head').click({ modifiers: ['Control'] });
  expect(await selected()).toEqual(['mlp.up', 'head']);
  expect(await inspector.getByTestId('selected-count').textContent()).toBe('One of 2 selected layers');
  await workbench.screenshot('ways-4-selected');
  await inspector.getByTestId('reinitialize').click();
  await workbench.previewScope('2 selected layers', 'Ones');
  expect(await inspector.locator('[data-testid="preview-row"]').allTextContents()).toSatisfy((rows: string[]) => (
    rows.every((text) => /^(mlp\.up|head)\./.test(text)) && rows.length === 4));
  await workbench.page.keyboard.press('Escape');
  await inspector.getByTestId('preview').waitFor({ state: 'hidden' });
  await row('head').click({ modifiers: ['Control'] });
  expect(await selected()).toEqual(['mlp.up']);
  await workbench.page.keyboard.press('Shift+ArrowUp');
  expect(await selected()).toHaveLength(2);
  await workbench.page.keyboard.press('Control+a');
  expect(await selected()).toHaveLength(await inspector.getByTestId('layer-row').count());
  await row('mlp.up').click();
});

test('a row has a menu of its own, about all rows that are selected', async () => {
  await workbench.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const inspector = await workbench.inspector();
  const row = (layer: string) => inspector.locator(`[data-testid="layer-row"][data-layer="${layer}"]`);
  await row('mlp.down').click({ button: 'right' });
  const items = workbench.page.locator('.monaco-menu').getByRole('menuitem');
  await items.getByText('Copy Name').waitFor();
  expect((await items.allTextContents()).filter((text) => text !== '')).toEqual(['Reinitialize Layer…', 'Show in Gradient Panel', 'Copy Name']);
  await workbench.screenshot('ways-3-row-menu');
  await workbench.page.keyboard.press('Escape');
  await items.first().waitFor({ state: 'detached' });
  expect(await row('mlp.down').getAttribute('aria-selected')).toBe('true');
  await row('mlp.up').click({ modifiers: ['Control'] });
  await workbench.chooseInMenu(row('mlp.up'), 'Copy Name');
  await until('the names', async () => (
    await workbench.page.evaluate(() => navigator.clipboard.readText()) === 'mlp.down\nmlp.up' ? true : undefined));
  await workbench.chooseInMenu(row('mlp.up'), 'Reinitialize Layer…');
  await workbench.previewScheme('Recommended');
  expect(await inspector.getByTestId('preview-counts').textContent()).toMatch(/^2 layers · /);
  await workbench.page.keyboard.press('Escape');
  await inspector.getByTestId('preview').waitFor({ state: 'hidden' });
  await workbench.chooseInMenu(row('mlp.up'), 'Show in Gradient Panel');
  const panel = await workbench.gradientPanel();
  await panel.locator('body[data-status="finished"]').waitFor();
  await panel.getByTestId('layer-pane').getByText('mlp.up').first().waitFor();
});

test('Save As writes a copy and leaves the original', async () => {
  const original = path.join(workbench.folder, 'transformer-block.onnx');
  const before = readFileSync(original);
  const copy = path.join(workbench.folder, 'copy.onnx');
  await workbench.runCommand('File: Save As...');
  const input = workbench.page.locator('.quick-input-widget input[type="text"]');
  // The dialog writes the old name into its field once it has listed the folder.
  await until('the dialog', async () => ((await input.inputValue()).endsWith('transformer-block.onnx') ? true : undefined));
  await input.fill(copy);
  await until('the copy', async () => {
    if (existsSync(copy)) return true;
    if ((await input.inputValue()) === copy) await workbench.page.keyboard.press('Enter');
    return undefined;
  });
  await workbench.tab('copy.onnx').waitFor();
  expect(readFileSync(original).equals(before)).toBe(true);
  const report = await inspectJson(copy);
  const head = report.layers.find((layer) => layer.name === 'head')?.weights[0];
  expect(head?.applied?.title).toBe('Xavier uniform, fan_avg, seed 0');
  expect(head?.statistics?.max).toBeLessThan(Math.sqrt(6 / (64 + 96)));
});

test('the remedy of the panel is previewed, and drawn before and after', async () => {
  await workbench.runCommand('View: Close All Editors');
  await workbench.chooseInExplorer('deep-tanh-mlp.onnx', 'View Gradient Panel');
  const panel = await workbench.gradientPanel();
  await panel.getByTestId('apply').click();
  await workbench.previewAsIs();
  await workbench.screenshot('ways-3-remedy');
  await (await workbench.inspector()).getByTestId('apply-preview').click();
  await workbench.waitForDirty('deep-tanh-mlp.onnx', true);
  await panel.getByText('With the current weights the gradient reaches the first layer').waitFor();
  await panel.locator('body[data-status="finished"]').waitFor();
  await panel.locator('[data-testid="gradient-table"] [data-scheme="before"]').first().waitFor({ state: 'attached' });
  await workbench.screenshot('ways-3-before-after');
  await workbench.runCommand('File: Revert File');
  await workbench.waitForDirty('deep-tanh-mlp.onnx', false);
  expect(workbench.consoleErrors).toEqual([]);
});

test('what would help most is one click from its preview, which says what a run has shown', async () => {
  const inspector = await workbench.inspector();
  const remedies = inspector.getByTestId('remedy');
  await remedies.first().waitFor();
  expect(await inspector.locator('[data-testid="remedies"] li').first().textContent()).toMatch(/^Recommended, all layerskeeps the gradient within \d/);
  await workbench.screenshot('ways-4-remedies');
  await remedies.first().click();
  await inspector.getByTestId('preview').waitFor();
  expect(await inspector.getByTestId('preview-notes').textContent()).toMatch(/It was run once\. With the current weights the gradient shrinks/);
  await workbench.screenshot('ways-5-remedy-preview');
  await inspector.getByTestId('apply-preview').click();
  await workbench.waitForDirty('deep-tanh-mlp.onnx', true);
  await inspector.getByTestId('remedies').waitFor({ state: 'detached' });
  await workbench.runCommand('File: Revert File');
  await workbench.waitForDirty('deep-tanh-mlp.onnx', false);
  expect(workbench.consoleErrors).toEqual([]);
});
