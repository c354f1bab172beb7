/** The experiments of the lecture, each by one click: what is run, what is said of it, and that the picture shows it. */
import type { Frame } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drawnNumbers } from '../drawn';
import { openWorkbench, type Workbench } from '../workbench';

let workbench: Workbench;

beforeAll(async () => {
  workbench = await openWorkbench({ viewport: { width: 1400, height: 900 } });
});
afterAll(() => workbench.close());

async function experiment(title: string): Promise<Frame> {
  await workbench.runCommand('Initscope: Lecture Experiment…');
  await workbench.pick(title);
  const panel = await workbench.gradientPanel();
  await panel.getByTestId('lecture').getByText(title, { exact: true }).waitFor();
  return panel;
}

async function finished(title: string): Promise<Frame> {
  const panel = await experiment(title);
  await panel.locator('body[data-page="signal"][data-status="finished"]').waitFor();
  // A page that is still loading takes the focus from the list that comes next.
  await (await workbench.inspector()).locator('[data-layer]').first().waitFor();
  return panel;
}

const lineOf = async (panel: Frame, chart: 'activation' | 'gradient', scheme: string): Promise<readonly number[]> => (
  (await drawnNumbers(panel, chart)).filter((each) => each.scheme === scheme).map(({ value }) => value));

test('zero weights kill the gradient of all layers but the last', async () => {
  const panel = await finished('Zero weights');
  const zeros = await lineOf(panel, 'gradient', 'zeros');
  expect(zeros.length).toBeGreaterThan(5);
  expect(zeros.slice(0, -1).every((value) => value === 0)).toBe(true);
  expect(await panel.getByTestId('verdict').textContent()).toMatch(/^With zeros .*the gradient is exactly zero.*Recommended keeps/);
  await workbench.screenshot('experiment-zeros');
});

test('random weights end at another cost for each seed', async () => {
  const panel = await experiment('Random weights, and the cost of each seed');
  await panel.locator('body[data-page="training"][data-training="finished"]').waitFor({ timeout: 220_000 });
  expect(await panel.locator('[data-testid="learning-verdict"] .sentence').textContent()).toMatch(/seeds/);
});

test('Xavier keeps what the weights as they are lose', async () => {
  const panel = await finished('Xavier, before tanh');
  const [current, xavier] = [await lineOf(panel, 'gradient', 'current'), await lineOf(panel, 'gradient', 'xavier-normal')];
  expect(current[0]).toBeLessThan(1e-20);
  expect(xavier[0]).toBeGreaterThan(1e-3);
});

test('He gives back what a ReLU takes', async () => {
  const panel = await finished('He, before ReLU');
  const [xavier, he] = [await lineOf(panel, 'activation', 'xavier-normal'), await lineOf(panel, 'activation', 'he-normal')];
  // Half per layer, over twenty of them.
  expect((xavier[18] ?? NaN) / (xavier[0] ?? NaN) / 2 ** -18).toBeGreaterThan(0.05);
  expect((xavier[18] ?? NaN) / (xavier[0] ?? NaN) / 2 ** -18).toBeLessThan(20);
  expect((he[18] ?? NaN) / (he[0] ?? NaN)).toBeGreaterThan(0.05);
});

test('a ReLU is drawn over the sigmoids before it, and what is said can be closed', async () => {
  const panel = await finished('ReLU against sigmoid');
  await panel.getByTestId('gradient-before').waitFor();
  const [sigmoid, relu] = [await lineOf(panel, 'gradient', 'before-xavier-normal'), await lineOf(panel, 'gradient', 'he-normal')];
  expect((sigmoid[0] ?? NaN) / (sigmoid[9] ?? NaN)).toBeLessThan(1e-3);
  expect((relu[0] ?? NaN) / (relu[9] ?? NaN)).toBeGreaterThan(0.05);
  await workbench.screenshot('experiment-relu');
  await panel.getByTestId('close-lecture').click();
  await panel.getByTestId('lecture').waitFor({ state: 'hidden' });
  await panel.locator('[data-testid="tab-signal"]:focus').waitFor();
});
