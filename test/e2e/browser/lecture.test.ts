/** The walkthrough, as a student follows it from its first to its last heading: every button is pressed, and what it promises is seen. */
import type { Frame } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorkbench, type Workbench } from '../workbench';

let workbench: Workbench;

beforeAll(async () => {
  workbench = await openWorkbench({ viewport: { width: 1400, height: 1000 } });
  await workbench.runCommand('Welcome: Open Walkthrough...');
  await workbench.pick('From zero weights to a network that learns');
});
afterAll(() => workbench.close());

/** Unfolds a step and presses its button. */
async function press(step: string, button: string): Promise<void> {
  await workbench.page.getByRole('tab', { name: /^(Welcome|Walkthrough|Get Started)/ }).first().click();
  const title = workbench.page.locator('.step-title', { hasText: step }).first();
  await title.waitFor();
  // VS Code marks the steps as disabled, and takes clicks on them.
  await title.dispatchEvent('click');
  await workbench.page.getByRole('button', { name: button, exact: true }).first().click();
}

/** The sentence of a training that this button has begun. */
async function trained(step: string, button: string): Promise<{ readonly panel: Frame; readonly verdict: string }> {
  await press(step, button);
  const panel = await workbench.gradientPanel();
  await panel.locator('body[data-page="training"]').waitFor();
  // What is finished before is another training.
  await panel.locator('body:not([data-training="finished"])').waitFor({ state: 'attached' });
  await panel.locator('body[data-training="finished"]').waitFor({ timeout: 220_000 });
  return { panel, verdict: await panel.locator('[data-testid="learning-verdict"] .sentence').textContent() ?? '' };
}

async function machines(step: string, button: string): Promise<Frame> {
  await press(step, button);
  const panel = await workbench.gradientPanel();
  await panel.locator('body[data-page="pretraining"]').waitFor();
  await panel.locator('body:not([data-pretraining="finished"])').waitFor({ state: 'attached' });
  await panel.locator('body[data-pretraining="finished"]').waitFor({ timeout: 220_000 });
  return panel;
}

test('a network whose gradient vanishes', async () => {
  await press('A network whose gradient vanishes', 'Open the Network');
  const inspector = await workbench.inspector();
  await inspector.getByText(/the gradient shrinks 0\.\d+× per layer/).first().waitFor();
});

test('zero weights', async () => {
  const { verdict } = await trained('Zero weights: nothing is learned', 'Train from Zeros');
  expect(verdict).toMatch(/^Zeros does not learn in 200 steps: the cost stays at 2\.3/);
});

test('random weights: another cost on each run', async () => {
  const { verdict } = await trained('Random weights: another cost on each run', 'Train from Random Weights');
  expect(verdict).toMatch(/over 5 seeds|No scheme learns/);
});

test('a restricted Boltzmann machine', async () => {
  const panel = await machines('RBM: a layer learns what it sees', 'Train One Machine');
  expect(await panel.getByTestId('pretraining-note').textContent()).toMatch(/^1 layer learned from \d+ samples in /);
  await panel.getByText(/nats, (exact|by annealed importance sampling)/).first().waitFor();
});

test('a deep belief net', async () => {
  const panel = await machines('Deep Belief Net: one machine on the other', 'Pre-train All Layers');
  expect(await panel.getByTestId('pretraining-note').textContent()).toMatch(/^10 layers learned from 2,000 samples in /);
  await panel.getByRole('button', { name: 'Apply Pre-trained Weights' }).click();
  await workbench.waitForDirty('deep-sigmoid-mlp.onnx', true);
});

test('fine-tuning, beside Xavier and the centred start', async () => {
  const { verdict } = await trained('Fine-tuning: what pre-training has bought', 'Fine-tune Beside Xavier');
  expect(verdict).toMatch(/Xavier normal never in 200/);
  expect(verdict).not.toMatch(/current start never/);
  expect(verdict).not.toMatch(/Recommended never/);
  await workbench.screenshot('lecture-fine-tuned');
});

test('Xavier, before sigmoids and before tanh', async () => {
  const { verdict: sigmoids } = await trained('Xavier: the variance is kept', 'Train from Xavier, Sigmoids');
  expect(sigmoids).toMatch(/Xavier normal never in 200/);
  const { verdict: tanh } = await trained('Xavier: the variance is kept', 'Train from Xavier, tanh');
  expect(tanh).toMatch(/^Xavier normal reaches a cost of /);
});

test('He, before ReLU', async () => {
  const { verdict } = await trained('He: for ReLU', 'Train from He');
  expect(verdict).toMatch(/He normal .*cost of|cost of .*He normal/);
});
