/** What a run is made under: parameters of the schemes that are compared, by VS Code's own pickers. */
import type { Frame } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drawnNumbers } from '../drawn';
import { openWorkbench, type Workbench } from '../workbench';

const model = 'deep-tanh-mlp.onnx';
let workbench: Workbench;

beforeAll(async () => {
  workbench = await openWorkbench({ viewport: { width: 1400, height: 900 } });
});
afterAll(() => workbench.close());

async function panelOf(file: string): Promise<Frame> {
  await workbench.chooseInExplorer(file, 'View Gradient Panel');
  const panel = await workbench.gradientPanel();
  await panel.locator('#page-signal .file').getByText(file).waitFor();
  await panel.locator('body[data-page="signal"][data-status="finished"]').waitFor({ timeout: 60_000 });
  return panel;
}

const firstOf = async (panel: Frame, scheme: string): Promise<number> => (
  (await drawnNumbers(panel, 'activation')).find((each) => each.scheme === scheme)?.value ?? NaN);

test('a scheme is given parameters, is called by them, and alone is run anew', async () => {
  const panel = await panelOf(model);
  const signal = panel.locator('#page-signal');
  await signal.getByTestId('add-scheme').click();
  await panel.getByTestId('add-normal').click();
  await signal.getByTestId('parameters-normal').waitFor();
  await panel.locator('body[data-status="finished"] [data-testid="chip-normal"][aria-pressed="true"]').waitFor();
  await expect.poll(() => firstOf(panel, 'normal')).toBeGreaterThan(0);
  const [own, recommended] = [await firstOf(panel, 'normal'), await firstOf(panel, 'recommended')];
  await signal.getByTestId('parameters-normal').click();
  await workbench.pick('std');
  const field = workbench.page.locator('.quick-input-widget input[type="text"]');
  await field.fill('0.3');
  await workbench.page.keyboard.press('Enter');
  await workbench.screenshot('scheme-parameters');
  await workbench.pick('Continue');
  await signal.getByTestId('chip-normal').getByText('Normal, std 0.3').waitFor();
  await panel.locator('body[data-status="finished"]').waitFor();
  await expect.poll(() => firstOf(panel, 'normal')).not.toBe(own);
  expect(await firstOf(panel, 'recommended')).toBe(recommended);
  expect(await signal.getByTestId('parameters-normal').getAttribute('aria-pressed')).toBe('true');
  await workbench.screenshot('scheme-with-parameters');
});
