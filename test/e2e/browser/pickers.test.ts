/** The pickers of Reinitialize Weights, by the keyboard: they keep it, go back, and find what one types. */
import { existsSync, mkdirSync, copyFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorkbench, type Workbench } from '../workbench';

let workbench: Workbench;
beforeAll(async () => {
  workbench = await openWorkbench({ viewport: { width: 1400, height: 900 } });
});
afterAll(() => workbench.close());

const input = () => workbench.page.locator('.quick-input-widget input[type="text"]');
const title = () => workbench.page.locator('.quick-input-title');
const back = () => workbench.page.getByRole('button', { name: 'Back' });
const rows = () => workbench.page.locator('.quick-input-list .monaco-list-row');

async function backTo(step: string): Promise<void> {
  await back().click();
  await workbench.pickerStep(step);
}

test('opened from the explorer with no tab open, the picker keeps the keyboard', async () => {
  const names = ['deep-tanh-mlp.onnx', 'residual-cnn.onnx', 'transformer-block.onnx'];
  for (const name of [...names, ...names]) {
    await workbench.chooseInExplorer(name, 'Reinitialize Weights');
    await workbench.pickerStep('which layers');
    // The webview is loaded, and whatever it does with the focus it has done.
    const inspector = await workbench.inspector();
    await inspector.locator('[data-testid="layer-row"]').first().waitFor();
    await workbench.page.keyboard.type('All lay');
    expect(await input().inputValue(), name).toBe('All lay');
    await workbench.page.keyboard.press('Escape');
    await title().waitFor({ state: 'hidden' });
    await workbench.runCommand('View: Close All Editors');
  }
});

test('they say which step they are, and lead back to the one before', async () => {
  await workbench.openFromExplorer('transformer-block.onnx');
  await (await workbench.inspector()).getByTestId('reinitialize').click();
  await workbench.pickerStep('which layers');
  expect(await title().textContent()).toContain('(1/4)');
  expect(await back().count()).toBe(0);
  await workbench.pick('All layers');
  await workbench.pickerStep('scheme');
  expect(await title().textContent()).toContain('(2/4)');
  await workbench.screenshot('pickers-1-scheme');
  await workbench.pick('Small normal');
  await workbench.pickerStep('parameters (3/4)');
  await workbench.pick('std');
  await workbench.pickerStep('std');
  await backTo('parameters (3/4)');
  await backTo('scheme (2/4)');
  await workbench.pick('Recommended');
  await workbench.pickerStep('seed (3/3)');
  await backTo('scheme');
  await backTo('which layers (1/');
  await workbench.page.keyboard.press('Escape');
});

test('embeddings and norms are among the layers, and several of them can be chosen', async () => {
  await workbench.openFromExplorer('transformer-block.onnx');
  await (await workbench.inspector()).getByTestId('reinitialize').click();
  await workbench.pickerStep('which layers');
  for (const [layer, what] of [['embed', 'Gather · embedding'], ['norm', 'LayerNormalization · gamma']] as const) {
    await input().fill(what);
    expect(await rows().first().textContent(), layer).toContain(what);
  }
  await input().fill('Several');
  await rows().first().click();
  await back().waitFor();
  await input().fill('embedding');
  await rows().first().click();
  await workbench.screenshot('pickers-2-several');
  await workbench.page.keyboard.press('Enter');
  await workbench.pickerStep('scheme');
  await workbench.page.keyboard.press('Escape');
});

test('a scheme is found by the name that the command line has for it', async () => {
  await (await workbench.inspector()).getByTestId('reinitialize').click();
  await workbench.pickerStep('which layers');
  await workbench.pick('All layers');
  for (const id of ['he-uniform', 'randn-half-fan-in', 't-fixup', 'truncated-normal']) {
    await workbench.pickerStep('scheme');
    await input().fill(id);
    expect(await rows().first().textContent(), id).toContain(`${id} · `);
  }
  await workbench.page.keyboard.press('Escape');
});

test('the list of models is titled by what was asked for, and sorted as the explorer sorts', async () => {
  await workbench.runCommand('View: Close All Editors');
  for (const name of ['part2', 'part10']) {
    const folder = path.join(workbench.folder, name);
    if (!existsSync(folder)) mkdirSync(folder);
    copyFileSync(path.join(workbench.folder, 'residual-cnn.onnx'), path.join(folder, 'net.onnx'));
  }
  await workbench.runCommand('Initscope: Export Report');
  await workbench.pickerStep('Export Report');
  const listed = (await rows().allTextContents()).filter((text) => text.includes('KB'));
  expect(listed.map((text) => /part\d+|[a-z-]+\.onnx/.exec(text.replace('net.onnx', ''))?.[0])).toEqual([
    'deep-sigmoid-mlp.onnx', 'deep-tanh-mlp.onnx', 'residual-cnn.onnx', 'transformer-block.onnx', 'part2', 'part10',
  ]);
  await workbench.page.keyboard.press('Escape');
  expect(workbench.consoleErrors).toEqual([]);
});
