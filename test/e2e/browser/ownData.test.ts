/** First steps on data of one's own, chosen in VS Code's dialogs: what fits is learned, what does not is said, and one training waits for another. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Frame, Locator } from 'playwright-core';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorkbench, type Workbench } from '../workbench';
import { fileDialog, giveFile } from '../fileDialog';
import { until } from '../until';

const model = 'deep-tanh-mlp.onnx';
const features = 32;
let workbench: Workbench;

/** Rows whose label says which half of the features is larger. */
function table(label: (i: number) => string): string {
  const isLarge = (i: number, k: number): boolean => (k < features / 2) === (i % 2 === 0);
  const row = (i: number): string => Array.from({ length: features }, (_, k) => (Math.sin(7 * i + k) + (isLarge(i, k) ? 1 : 0)).toFixed(3)).join();
  return Array.from({ length: 64 }, (_, i) => `${row(i)},${label(i)}\n`).join('');
}

function picture(shade: number): Buffer {
  const image = new PNG({ width: 5, height: 5 });
  image.data.fill(255);
  for (let i = 0; i < 25; i++) image.data.fill((shade * i) % 256, 4 * i, 4 * i + 3);
  return PNG.sync.write(image);
}

const dense = (units: number): object => ({ dense: units, activation: 'sigmoid' });

beforeAll(async () => {
  workbench = await openWorkbench({
    viewport: { width: 1400, height: 900 },
    files: {
      'named.csv': table((i) => (i % 2 === 0 ? 'left' : 'right')),
      'beyond.csv': table((i) => String(i % 12)),
      'again.initscope.json': JSON.stringify({ initscope: 1, input: { shape: [25] }, layers: [dense(8), dense(25)] }),
    },
  });
  for (const label of ['dark', 'light', '.hidden']) {
    const folder = path.join(workbench.folder, 'pictures', label);
    mkdirSync(folder, { recursive: true });
    for (let i = 0; i < 4; i++) writeFileSync(path.join(folder, `${i}.png`), picture(label === 'dark' ? i + 1 : 90 + i));
  }
});
afterAll(() => workbench.close());

const page = (panel: Frame): Locator => panel.locator('#page-training');
const data = (panel: Frame): Locator => panel.getByTestId('training-data');

async function fill(panel: Frame, testid: string, value: string): Promise<void> {
  const field = panel.getByTestId(testid).locator('input');
  await field.fill(value);
  await field.press('Enter');
  await field.blur();
}

async function ask(panel: Frame, entry: string): Promise<void> {
  await data(panel).click();
  await data(panel).locator('[role=option]').filter({ hasText: entry }).click();
}

/** A path that is typed while the dialog lists a folder may be written over, and that folder be taken: then the path is given again. */
async function choose(panel: Frame, entry: string, name: string): Promise<void> {
  const chosen = async (): Promise<string> => {
    const isGiven = (await data(panel).evaluate((list) => (list as HTMLSelectElement).value)) === 'given';
    return isGiven ? await data(panel).locator('[role=option][aria-selected=true]').textContent() ?? '' : '';
  };
  await until(`${name} to be chosen`, async () => {
    const before = await chosen();
    await ask(panel, entry);
    await giveFile(workbench, name, 'Train on It');
    // Data that were given before are 'given', too.
    const now = await until('the choice to arrive', async () => {
      const said = await chosen();
      return said !== '' && said !== before ? said : undefined;
    });
    return now.includes(name) ? true : undefined;
  });
}

async function train(panel: Frame): Promise<void> {
  await panel.locator('[data-testid="train-first"]:visible, [data-testid="train-again"]:visible, [data-testid="train"]:visible').first().click();
  await panel.locator('body:not([data-training="idle"]):not([data-training="planning"]):not([data-training="running"])').waitFor({ timeout: 90_000 });
}

test('a table is learned, its classes by name; a dialog that is given up leaves what was chosen', async () => {
  await workbench.chooseInExplorer(model, 'View Gradient Panel');
  const panel = await workbench.gradientPanel();
  await panel.getByTestId('tab-training').click();
  await panel.getByTestId('training-idle').waitFor();
  await fill(panel, 'training-seeds', '1');
  await fill(panel, 'training-steps', '40');
  await ask(panel, 'File (');
  const dialog = await fileDialog(workbench);
  await workbench.page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  await expect.poll(() => data(panel).evaluate((list) => (list as HTMLSelectElement).value)).toBe('auto');
  await choose(panel, 'File (', 'named.csv');
  await train(panel);
  expect(await page(panel).locator('[data-testid="learning-verdict"] .sentence').textContent()).toMatch(/^Recommended reaches a cost of/);
  expect(await panel.getByTestId('training-data-said').textContent()).toBe('64 rows with 2 classes');
});

test('a field says what it takes, and training goes on with what was there', async () => {
  const panel = await workbench.gradientPanel();
  for (const [testid, text, said] of [
    ['training-steps', '2000000', 'This takes a whole number from 1 to 1,000,000, or nothing.'], ['training-seeds', '0', /from 1 to 65,536/],
  ] as const) {
    await fill(panel, testid, text);
    await panel.getByTestId(`${testid}-message`).getByText(said).waitFor();
  }
  await fill(panel, 'training-seeds', '1');
  await fill(panel, 'training-steps', '40');
  await fill(panel, 'rate', '1e-300');
  await panel.getByTestId('rate-message').getByText('This takes a number from 1e-30 to 1e+30, or nothing.').waitFor();
  await fill(panel, 'rate', '');
  await panel.getByTestId('rate-message').waitFor({ state: 'hidden' });
});

test('labels that the network does not have are refused in a sentence, and the next data are trained on', async () => {
  const panel = await workbench.gradientPanel();
  await choose(panel, 'File (', 'beyond.csv');
  await train(panel);
  expect(await panel.getByTestId('training-failed').locator('.said').textContent()).toMatch(/beyond\.csv: sample 10 has the label 10; logits has the classes 0 to 9\.$/);
  await choose(panel, 'Folder', 'pictures');
  await train(panel);
  await panel.getByTestId('training-data-said').getByText('8 images of 2 labels (dark, light)', { exact: true }).waitFor({ state: 'attached' });
  await panel.locator('body[data-training="finished"]').waitFor({ timeout: 90_000 });
});

test('an autoencoder says again what it is shown', async () => {
  await workbench.chooseInExplorer('again.initscope.json', 'View Gradient Panel');
  const panel = await workbench.gradientPanel();
  await page(panel).locator('.file').getByText('again.initscope.json').waitFor();
  await fill(panel, 'training-seeds', '1');
  await fill(panel, 'training-steps', '40');
  await train(panel);
  expect(await panel.getByTestId('training-data-said').textContent()).toMatch(/digits of .*, to be said again$/);
});

test('a training waits for one that is paused, says so, and can be stopped while it does', async () => {
  const panel = await workbench.gradientPanel();
  await fill(panel, 'training-steps', '100000');
  await page(panel).getByTestId('train').click();
  await panel.locator('body[data-training="running"]').waitFor({ timeout: 60_000 });
  await panel.getByTestId('pause').click();
  await panel.locator('body[data-training="held"]').waitFor();
  await workbench.openFromExplorer(model);
  await page(panel).locator('.file').getByText(model).waitFor();
  await page(panel).getByTestId('train').click();
  await panel.getByTestId('training-note').getByText('Waiting until the training of again.initscope.json ends or is stopped…').waitFor();
  await panel.getByTestId('stop-training').click();
  await panel.locator('body[data-training="stopped"]').waitFor();
});

test('the page is there again, and its network, when the window is', async () => {
  await workbench.reload();
  const panel = await workbench.gradientPanel();
  await panel.locator('body[data-page="training"]').waitFor();
  await panel.getByTestId('training-idle').waitFor();
  expect(workbench.consoleErrors).toEqual([]);
});
