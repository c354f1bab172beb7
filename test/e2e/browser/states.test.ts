/** Every state a user may meet, in every theme and width: seen by the tests, and left as pictures for a person. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { concat, floatBytes, model, node, raw, tensor, text, types, valueInfo } from '../../unit/support/protobuf';
import { openWorkbench, type Workbench } from '../workbench';

/** Two layers, between them an operator that nobody but its maker knows. */
function foreignNetwork(): Uint8Array {
  const kernel = (name: string): Uint8Array => (
    tensor(`${name}.weight`, types.float32, [16, 16], raw(floatBytes(Array.from({ length: 256 }, (_, i) => ((i * 37) % 101) / 128 - 0.4)))));
  return model({
    nodes: [
      node('MatMul', ['x', 'first.weight'], ['h']), concat(node('Judge', ['h'], ['g']), text(7, 'elsewhere')), node('MatMul', ['h', 'second.weight'], ['k']),
      node('Relu', ['k'], ['y']),
    ],
    initializers: [kernel('first'), kernel('second')], inputs: [valueInfo('x', ['n', 16])], outputs: [valueInfo('y', ['n', 16]), valueInfo('g', ['n', 16])],
  });
}

let workbench: Workbench;
beforeAll(async () => {
  const sample = readFileSync(path.resolve(import.meta.dirname, '../../../media/samples/deep-tanh-mlp.onnx'));
  const files = { 'broken.onnx': sample.subarray(0, 5000), 'empty.onnx': '', 'second.onnx': sample, 'foreign.onnx': foreignNetwork() };
  workbench = await openWorkbench({ viewport: { width: 1280, height: 900 }, files });
});
afterAll(() => workbench.close());

test('the panel without a model says what to do', async () => {
  await workbench.runCommand('View: Toggle Panel Visibility');
  await workbench.page.getByRole('tab', { name: 'Gradients' }).click();
  const panel = await workbench.gradientPanel();
  await panel.locator('body[data-state="empty"]').waitFor();
  await workbench.screenshot('state-panel-empty');
  await panel.getByTestId('pick-sample').click();
  await workbench.pick('Deep tanh network');
  await panel.getByTestId('file').getByText('deep-tanh-mlp.onnx').waitFor();
  await panel.locator('body[data-status="finished"]').waitFor();
  await workbench.runCommand('View: Close Editor');
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

test('the sigmoid network is saved by weights and biases that centre it', async () => {
  await workbench.chooseInExplorer('deep-sigmoid-mlp.onnx', 'View Gradient Panel');
  const panel = await workbench.gradientPanel();
  await panel.getByTestId('file').getByText('deep-sigmoid-mlp.onnx').waitFor();
  await panel.locator('body[data-status="finished"]').waitFor();
  expect(await panel.getByTestId('verdict').textContent()).toMatch(/shrinks.*Recommended keeps it within \d/);
  await panel.locator('#page-signal').getByTestId('chip-zeros').click();
  await panel.locator('[data-testid="gradient-table"] [data-scheme="zeros"][data-value="0"]').first().waitFor({ state: 'attached' });
  await panel.locator('body[data-status="finished"]').waitFor();
  await workbench.screenshot('state-zeros');
});

test('a model is run as it was run last, also behind a reload', async () => {
  const seeds = (panel: Frame) => panel.locator('#page-signal').getByTestId('seeds').locator('input');
  const before = await workbench.gradientPanel();
  await seeds(before).fill('2');
  await seeds(before).press('Enter');
  await before.locator('body[data-status="running"]').waitFor();
  await before.locator('body[data-status="finished"]').waitFor();
  await workbench.reload();
  await workbench.chooseInExplorer('deep-sigmoid-mlp.onnx', 'View Gradient Panel');
  const panel = await workbench.gradientPanel();
  await panel.getByTestId('file').getByText('deep-sigmoid-mlp.onnx').waitFor();
  await panel.locator('body[data-status="finished"]').waitFor();
  expect(await seeds(panel).inputValue()).toBe('2');
  expect(await panel.locator('#page-signal').getByTestId('chip-zeros').getAttribute('aria-pressed')).toBe('true');
});

test('an operator without a rule is named, with the layers it hides', async () => {
  await workbench.chooseInExplorer('foreign.onnx', 'View Gradient Panel');
  const panel = await workbench.gradientPanel();
  await panel.getByTestId('file').getByText('foreign.onnx').waitFor();
  await panel.locator('body[data-status="finished"]').waitFor();
  expect(await panel.getByTestId('unsupported').textContent()).toMatch(/^Judge is not supported: 1 layer hidden/);
  await workbench.screenshot('state-unsupported');
});

test('a run that waits for another says for which, and is made when that is stopped', async () => {
  await workbench.chooseInExplorer('residual-cnn.onnx', 'View Gradient Panel');
  const panel = await workbench.gradientPanel();
  const file = (name: string): Promise<void> => panel.getByTestId('file').getByText(name).first().waitFor();
  await file('residual-cnn.onnx');
  await panel.locator('body[data-status="finished"]').waitFor();
  const seeds = panel.locator('#page-signal').getByTestId('seeds').locator('input');
  await seeds.fill('2000');
  await seeds.press('Enter');
  await panel.locator('body[data-status="running"]').waitFor();
  await workbench.chooseInExplorer('deep-tanh-mlp.onnx', 'View Gradient Panel');
  await file('deep-tanh-mlp.onnx');
  await panel.getByTestId('panel-waiting').getByText('Waiting until the run of residual-cnn.onnx ends or is stopped…').first().waitFor();
  await workbench.screenshot('state-behind');
  await workbench.chooseInExplorer('residual-cnn.onnx', 'View Gradient Panel');
  await file('residual-cnn.onnx');
  await panel.locator('#page-signal').getByTestId('stop').click();
  await panel.locator('body[data-status="cancelled"]').waitFor();
  await workbench.chooseInExplorer('deep-tanh-mlp.onnx', 'View Gradient Panel');
  await file('deep-tanh-mlp.onnx');
  await panel.locator('body[data-status="finished"]').waitFor();
});

test('narrow windows fold, and keep everything within reach', async () => {
  for (const width of [900, 640]) {
    await workbench.page.setViewportSize({ width, height: 900 });
    await workbench.screenshot(`state-width-${width}`);
  }
  await workbench.page.setViewportSize({ width: 1280, height: 900 });
  expect(workbench.consoleErrors).toEqual([]);
});
