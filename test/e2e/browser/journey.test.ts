/** The main job, once, as a user does it: right-click, inspect, reinitialize, undo, redo, save, reopen, look at the gradients. */
import { copyFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { initscope, simulateJson } from '../commandLine';
import { drawnNumbers, expectedNumbers } from '../drawn';
import { openWorkbench, type Workbench } from '../workbench';

const model = 'deep-tanh-mlp.onnx';
const sample = path.resolve(import.meta.dirname, '../../../media/samples', model);
let workbench: Workbench;

beforeAll(async () => {
  workbench = await openWorkbench({ viewport: { width: 1400, height: 900 } });
});
afterAll(() => workbench.close());

const row = (inspector: Frame, layer: string) => inspector.locator(`[data-testid="layer-row"][data-layer="${layer}"]`);
const file = (): string => path.join(workbench.folder, model);

test('a right-click opens the inspector, which says what is wrong', async () => {
  await workbench.chooseInExplorer(model, 'Inspect Model');
  const inspector = await workbench.inspector();
  await row(inspector, 'layers.15').waitFor();
  await inspector.locator('[data-testid="headline"][data-severity="warning"], [data-testid="headline"][data-severity="error"]').waitFor();
  expect(await inspector.getByTestId('headline').textContent()).toContain('16 of 17 layers');
  expect(await row(inspector, 'layers.0').textContent()).toMatch(/Gemm.*32.*64.*Tanh/);
  await row(inspector, 'layers.3').click();
  await inspector.getByTestId('weight-card').first().waitFor();
  expect(await inspector.getByTestId('layer-detail').textContent()).toContain('Glorot & Bengio 2010');
  await inspector.getByTestId('layer-response').waitFor();
  expect(await inspector.getByTestId('layer-response').textContent()).toMatch(/χ⊥.*χ∥.*Comes to rest/);
  await workbench.screenshot('journey-1-inspector');
});

const statusItem = (words: string) => workbench.page.locator('.statusbar-item', { hasText: words });

test('the status bar says the same in two words, and opens the panel', async () => {
  await statusItem('Gradient vanishes').locator('a').click();
  const panel = await workbench.gradientPanel();
  await panel.locator('body[data-status="finished"]').waitFor();
});

test('the drawn gradients vanish, and are the numbers of the command line', async () => {
  const inspector = await workbench.inspector();
  await inspector.getByTestId('open-panel').click();
  const panel = await workbench.gradientPanel();
  await panel.locator('body[data-status="finished"]').waitFor();
  await workbench.screenshot('journey-2-panel');
  const expected = await simulateJson(file(), '--scheme', 'current', '--scheme', 'recommended', '--seeds', '3');
  const drawn = await drawnNumbers(panel, 'gradient');
  const told = expectedNumbers(expected, (layer) => layer.gradient.activation);
  expect(drawn).toHaveLength(told.length);
  for (const { scheme, layer, value } of told) {
    const found = drawn.find((point) => point.scheme === scheme && point.layer === layer);
    expect(found?.value, `${scheme} ${layer}`).toBeCloseTo(value, 12);
    expect((found?.value ?? NaN) / value, `${scheme} ${layer}`).toBeCloseTo(1, 6);
  }
  const predicted = await drawnNumbers(panel, 'gradient', 'theory');
  const said = expected.theory.flatMap(({ scheme, layers }) => layers.map(({ name, gradient }) => ({ scheme, layer: name, value: gradient.activation })));
  const lines = (all: readonly { readonly scheme: string; readonly layer: string; readonly value: number | null }[]): readonly string[] => (
    all.map(({ scheme, layer, value }) => `${scheme} ${layer} ${value ?? 'unknown'}`).sort());
  expect(lines(predicted)).toEqual(lines(said));
  const at = (scheme: string, layer: string): number => drawn.find((point) => point.scheme === scheme && point.layer === layer)?.value ?? NaN;
  expect(at('current', 'layers.0') / at('current', 'layers.15')).toBeLessThan(1e-20);
  expect(at('recommended', 'layers.0') / at('recommended', 'layers.15')).toBeGreaterThan(1e-3);
  expect(await panel.getByTestId('verdict').textContent()).toContain('shrinks');
});

test('reinitializing makes the document dirty, and undo and redo turn it back and forth', async () => {
  const inspector = await workbench.inspector();
  await inspector.getByTestId('reinitialize').click();
  await workbench.chooseScheme('All layers', 'Recommended');
  await workbench.waitForDirty(model, true);
  await row(inspector, 'layers.3').getByText('.173').first().waitFor();
  await workbench.screenshot('journey-3-reinitialized');
  await row(inspector, 'layers.3').click();
  await workbench.page.keyboard.press('Control+z');
  await workbench.waitForDirty(model, false);
  await row(inspector, 'layers.3').getByText('.0152').waitFor();
  await workbench.page.keyboard.press('Control+Shift+z');
  await workbench.waitForDirty(model, true);
  expect(readFileSync(file()).equals(readFileSync(sample))).toBe(true);
});

test('saving writes what the command line writes, and undoing it brings the former bytes back', async () => {
  await workbench.page.keyboard.press('Control+s');
  await workbench.waitForDirty(model, false);
  const reference = path.join(path.dirname(workbench.folder), 'reference.onnx');
  await initscope('init', sample, '--scheme', 'recommended', '--seed', '0', '--output', reference);
  expect(readFileSync(file()).equals(readFileSync(reference))).toBe(true);
  await workbench.page.keyboard.press('Control+z');
  await workbench.waitForDirty(model, true);
  await workbench.page.keyboard.press('Control+s');
  await workbench.waitForDirty(model, false);
  expect(readFileSync(file()).equals(readFileSync(sample))).toBe(true);
  await workbench.page.keyboard.press('Control+Shift+z');
  await workbench.waitForDirty(model, true);
  await workbench.page.keyboard.press('Control+s');
  await workbench.waitForDirty(model, false);
  expect(readFileSync(file()).equals(readFileSync(reference))).toBe(true);
});

test('the panel shows before and after, and the gradient now holds', async () => {
  const panel = await workbench.gradientPanel();
  await panel.locator('body[data-status="finished"]').waitFor();
  const drawn = await drawnNumbers(panel, 'gradient');
  const current = drawn.filter((point) => point.scheme === 'current');
  expect((current[0]?.value ?? NaN) / (current.at(-2)?.value ?? NaN)).toBeGreaterThan(1e-3);
  expect(await panel.getByTestId('verdict').textContent()).toContain('reaches the first layer');
  await workbench.screenshot('journey-4-after');
});

test('the status bar says that it can learn from there', async () => {
  await statusItem('Can learn').waitFor();
});

test('reopened, the file says how it was initialised', async () => {
  await workbench.runCommand('View: Close Editor');
  await workbench.tab(model).waitFor({ state: 'detached' });
  await workbench.openFromExplorer(model);
  const inspector = await workbench.inspector();
  await row(inspector, 'layers.3').click();
  await inspector.getByText('Xavier normal, gain 1.38, fan_avg, seed 0').first().waitFor();
  await inspector.locator('[data-testid="headline"][data-severity="ok"]').waitFor();
  await workbench.screenshot('journey-5-reopened');
  copyFileSync(sample, file());
  expect(workbench.consoleErrors).toEqual([]);
});
