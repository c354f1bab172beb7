/** First steps of training as a user sees them: from zeros and from what is recommended, paused and gone on with, applied and taken back. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../until';
import { openWorkbench, type Workbench } from '../workbench';

const model = 'deep-tanh-mlp.onnx';
const sample = path.resolve(import.meta.dirname, '../../../media/samples', model);
let workbench: Workbench;

beforeAll(async () => {
  workbench = await openWorkbench({ viewport: { width: 1400, height: 900 } });
});
afterAll(() => workbench.close());

/** The drawn costs of a scheme at the first and the last step. */
async function costsOf(panel: Frame, scheme: string): Promise<readonly [first: number, last: number]> {
  const cells = panel.locator(`[data-testid="cost-table"] td[data-scheme="${scheme}"]`);
  const values = await cells.evaluateAll((all) => all.map((cell) => Number(cell.getAttribute('data-value'))).filter((value) => !Number.isNaN(value)));
  return [values[0] ?? NaN, values.at(-1) ?? NaN];
}

async function fill(panel: Frame, testid: string, value: string): Promise<void> {
  const field = panel.getByTestId(testid).locator('input');
  await field.fill(value);
  await field.press('Enter');
  await field.blur();
}

const whole = async (panel: Frame, kind: string): Promise<void> => panel.locator(`body[data-training="${kind}"]`).waitFor({ timeout: 90_000 });

test('the page of first steps is reached by its tab, with the keyboard too', async () => {
  await workbench.chooseInExplorer(model, 'View Gradient Panel');
  const panel = await workbench.gradientPanel();
  await panel.locator('body[data-status="finished"]').waitFor();
  await panel.getByTestId('tab-signal').focus();
  await panel.getByTestId('tab-signal').press('ArrowRight');
  await panel.locator('body[data-page="training"]').waitFor();
  expect(await panel.getByTestId('tab-training').getAttribute('aria-selected')).toBe('true');
  await panel.getByTestId('training-idle').waitFor();
});

test('zeros learn nothing where the recommended weights learn, and the verdict says so', async () => {
  const panel = await workbench.gradientPanel();
  const page = panel.locator('#page-training');
  await page.getByTestId('chip-zeros').click();
  await page.getByTestId('chip-current').click();
  await fill(panel, 'training-seeds', '2');
  await fill(panel, 'training-steps', '60');
  await panel.getByTestId('train-first').click();
  await whole(panel, 'finished');
  await panel.locator('[data-testid="learning-verdict"] .sentence').waitFor();
  const text = await panel.locator('[data-testid="learning-verdict"] .sentence').textContent();
  expect(text).toMatch(/Recommended/);
  await panel.locator('[data-testid="cost-table"] td[data-scheme="zeros"]').first().waitFor({ state: 'attached' });
  const [zerosFirst, zerosLast] = await costsOf(panel, 'zeros');
  const [first, last] = await costsOf(panel, 'recommended');
  expect(last).toBeLessThan(0.8 * first);
  expect(last).toBeLessThan(zerosLast);
  expect(zerosLast).toBeGreaterThan(0.8 * zerosFirst);
  expect(await panel.getByTestId('cost-chart').getAttribute('aria-label')).toMatch(/Learning over steps\. Recommended from .* to .*\. Zeros from/);
  expect(await panel.getByTestId('range-pane').isVisible()).toBe(true);
  await panel.getByTestId('scrubber').focus();
  await panel.getByTestId('scrubber').press('Home');
  await panel.getByTestId('scrubbed-step').getByText('step 0', { exact: true }).waitFor();
  await workbench.screenshot('training-1-finished');
});

test('a training that is paused stays where it is, goes on, and stops with what it has learned', async () => {
  const panel = await workbench.gradientPanel();
  await fill(panel, 'training-steps', '20000');
  await panel.getByTestId('train').click();
  await whole(panel, 'running');
  await panel.locator('[data-testid="cost-table"] td[data-scheme="recommended"]').first().waitFor({ state: 'attached' });
  await panel.getByTestId('pause').click();
  await whole(panel, 'held');
  const held = await panel.getByTestId('training-note').textContent();
  expect(held).toMatch(/^Paused at [\d,]+ of 80,000 steps$/);
  await panel.getByTestId('go-on').click();
  await whole(panel, 'running');
  await panel.getByTestId('stop-training').click();
  await whole(panel, 'stopped');
  expect(await panel.getByTestId('training-note').textContent()).toMatch(/^Stopped after [\d,]+ of 80,000 steps$/);
  await workbench.screenshot('training-2-stopped');
});

test('runs that were stopped go on from where they are', async () => {
  const panel = await workbench.gradientPanel();
  const stepsIn = (text: string | null): number => Number(/([\d,]+)( of|$)/.exec(text ?? '')?.[1]?.replaceAll(',', ''));
  const lastRow = async (): Promise<number> => stepsIn(await panel.locator('[data-testid="cost-table"] tbody tr').last().locator('th').textContent());
  // The first of the runs was on its way. Rows are of costs before a step, the first being step 0, and a long table is filled a little later.
  const before = stepsIn(await panel.getByTestId('training-note').textContent());
  await expect.poll(lastRow).toBe(before - 1);
  await fill(panel, 'training-steps', '30');
  await panel.getByTestId('continue-training').click();
  await whole(panel, 'finished');
  await expect.poll(lastRow).toBe(before + 29);
});

test('trained weights are an edit: applied, named by where they come from, undone and redone', async () => {
  const panel = await workbench.gradientPanel();
  await panel.getByTestId('apply-trained').click();
  await panel.getByTestId('apply-recommended-0').click();
  await workbench.waitForDirty(model, true);
  await panel.getByTestId('training-past').waitFor();
  const inspector = await workbench.inspector();
  await inspector.locator('[data-testid="layer-row"][data-layer="layers.3"]').click();
  await inspector.getByText(/Trained [\d,]+ steps, Adam .*, from Recommended, seed 0/).first().waitFor();
  await workbench.screenshot('training-3-applied');
  await workbench.page.keyboard.press('Control+z');
  await workbench.waitForDirty(model, false);
  await panel.getByTestId('training-past').waitFor({ state: 'detached' });
  // VS Code hears no redo while an undo is still on its way, and nothing tells of its end.
  await until('the redo', async () => {
    await workbench.page.keyboard.press('Control+Shift+z');
    return await workbench.page.locator('.tabs-container .tab.dirty').filter({ hasText: model }).count() > 0 ? true : undefined;
  });
  const file = path.join(workbench.folder, model);
  expect(readFileSync(file).equals(readFileSync(sample))).toBe(true);
  await workbench.page.keyboard.press('Control+s');
  await workbench.waitForDirty(model, false);
  expect(readFileSync(file).equals(readFileSync(sample))).toBe(false);
  await workbench.page.keyboard.press('Control+z');
  await workbench.waitForDirty(model, true);
  await workbench.page.keyboard.press('Control+s');
  await workbench.waitForDirty(model, false);
  expect(readFileSync(file).equals(readFileSync(sample))).toBe(true);
});

test('machines learn the layers of a copy of a sample, what they learn is an edit, and training goes on from it', async () => {
  await workbench.runCommand('Initscope: Open Sample Network…');
  await workbench.pick('Deep sigmoid network');
  const name = 'deep-sigmoid-mlp.onnx';
  await workbench.tab(name).waitFor();
  const panel = await workbench.gradientPanel();
  await panel.getByTestId('tab-pretraining').click();
  await fill(panel, 'epochs', '3');
  await panel.getByTestId('pretrain-first').click();
  await panel.locator('body[data-pretraining="finished"]').waitFor({ timeout: 90_000 });
  expect(await panel.getByTestId('pretraining-note').textContent()).toMatch(/^\d+ layers learned from [\d,]+ samples in /);
  await panel.locator('[data-testid="epochs-table"] tbody tr').nth(3).waitFor({ state: 'attached' });
  const errors = await panel.locator('[data-testid="epochs-table"] tbody tr td:nth-child(2)').evaluateAll((all) => (
    all.map((cell) => Number(cell.getAttribute('data-value')))));
  expect(errors).toHaveLength(4);
  // Units that are on or off, and know nothing, are wrong by a quarter.
  for (const error of errors) expect(error > 0 && error < 0.25, String(error)).toBe(true);
  expect(await panel.getByTestId('machine-facts').textContent()).toMatch(/hidden.*reconstruction.*squared error/);
  await workbench.screenshot('training-4-pretrained');
  await panel.getByTestId('apply-pretrained').click();
  await workbench.waitForDirty(name, true);
  await panel.getByTestId('fine-tune').click();
  await panel.locator('body[data-page="training"]').waitFor();
  await whole(panel, 'finished');
  await workbench.screenshot('training-5-fine-tuned');
  expect(await panel.getByTestId('cost-chart').getAttribute('aria-label')).toMatch(/Current from .*Recommended from .*Xavier normal from .*He normal from/);
  expect(workbench.consoleErrors).toEqual([]);
});
