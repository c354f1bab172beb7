/** From a right-click to the charts, to another scheme applied, and back: on models that others exported, with the numbers of the command line. */
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SimulationResult } from '../../../src/protocol/simulation';
import { initscope, simulateJson } from '../commandLine';
import { drawnNumbers, expectedNumbers } from '../drawn';
import { realModels } from '../realModels';
import { openWorkbench, type Workbench } from '../workbench';

const names = ['face/version-RFB-320.onnx', 'policy/Ships.onnx', 'marabou/mnist5x20_leaky_relu.onnx'];
const files = realModels(...names);

describe.skipIf(files === null)('a right-click, the charts, a scheme applied, undone', () => {
  let workbench: Workbench;
  beforeAll(async () => {
    workbench = await openWorkbench({ extra: files ?? [], viewport: { width: 1500, height: 950 }, settings: { 'initscope.simulation.seeds': 2 } });
  });
  afterAll(() => workbench.close());

  const finished = (panel: Frame): Promise<void> => panel.locator('body[data-page="signal"][data-status="finished"]').waitFor({ timeout: 60_000 });

  /** That both charts draw what the command line says of a scheme. */
  async function expectDrawn(panel: Frame, scheme: string, told: SimulationResult, toldScheme = scheme): Promise<void> {
    for (const [chart, moments] of [['activation', 'activation'], ['gradient', 'gradient']] as const) {
      const expected = expectedNumbers(told, (layer) => (moments === 'activation' ? layer.activation : layer.gradient.activation))
        .filter((point) => point.scheme === toldScheme && Number.isFinite(point.value));
      expect(expected.length).toBeGreaterThan(0);
      // What is drawn arrives run by run: the last of it may be on its way when the run has finished.
      await expect.poll(async () => {
        const drawn = (await drawnNumbers(panel, chart)).filter((point) => point.scheme === scheme);
        return expected.filter(({ layer, value }) => {
          const found = drawn.find((point) => point.layer === layer)?.value ?? NaN;
          return !(value === 0 ? found === 0 : Math.abs(found / value - 1) < 1e-4);
        }).map(({ layer }) => layer);
      }, { message: `${chart} of ${scheme}`, timeout: 60_000 }).toEqual([]);
    }
  }

  test.each(names.map((name) => path.basename(name)))('%s', async (model) => {
    const file = path.join(workbench.folder, model);
    const before = await simulateJson(file, '--scheme', 'current', '--scheme', 'he-normal', '--seeds', '2');
    await workbench.chooseInExplorer(model, 'View Gradient Panel');
    const panel = await workbench.gradientPanel();
    const signal = panel.locator('#page-signal');
    await signal.getByTestId('file').getByText(model).waitFor();
    await finished(panel);
    await expectDrawn(panel, 'current', before);

    await signal.getByTestId('add-scheme').click();
    await panel.getByTestId('add-he-normal').click();
    await expectDrawn(panel, 'he-normal', before);
    await signal.getByTestId('scheme-he-normal').click();
    await workbench.screenshot(`real-journey-1-${path.basename(model, '.onnx')}`);
    await panel.getByTestId('apply-he-normal').click();
    await workbench.previewAsIs();
    await (await workbench.inspector()).getByTestId('apply-preview').click();
    await workbench.waitForDirty(model, true);
    const reference = path.join(path.dirname(workbench.folder), `drawn-${model}`);
    await initscope('init', file, '--scheme', 'he-normal', '--seed', '0', '--output', reference);
    await expectDrawn(panel, 'current', await simulateJson(reference, '--scheme', 'current', '--seeds', '2'));
    await expectDrawn(panel, 'before', before, 'current');
    await finished(panel);
    await workbench.screenshot(`real-journey-2-${path.basename(model, '.onnx')}`);

    await workbench.runCommand('Undo');
    await workbench.waitForDirty(model, false);
    await expectDrawn(panel, 'current', before);
    await finished(panel);
    expect(workbench.consoleErrors).toEqual([]);
  });
});
