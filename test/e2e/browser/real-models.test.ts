/** Models that others exported, opened, run and reinitialized as they are. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inspectJson, simulateJson } from '../commandLine';
import { drawnNumbers, expectedNumbers } from '../drawn';
import { realModels } from '../realModels';
import { openWorkbench, type Workbench } from '../workbench';

const files = realModels('face/version-RFB-320.onnx', 'policy/Ships.onnx', 'mnist/opt-mnist.onnx', 'silero/silero_vad_16k_op15.onnx');

describe.skipIf(files === null)('a face detector exported from PyTorch', () => {
  const model = 'version-RFB-320.onnx';
  let workbench: Workbench;
  beforeAll(async () => {
    workbench = await openWorkbench({ extra: files ?? [], viewport: { width: 1500, height: 950 }, settings: { 'initscope.simulation.seeds': 1 } });
  });
  afterAll(() => workbench.close());

  test('shows every layer that the command line lists', async () => {
    await workbench.chooseInExplorer(model, 'Inspect Model');
    const inspector = await workbench.inspector();
    await inspector.locator('[data-testid="layer-row"][data-layer="base_net.0.0"]').waitFor();
    const report = await inspectJson(path.join(workbench.folder, model));
    expect(await inspector.getByTestId('segment-all').textContent()).toContain(String(report.layers.length));
    const depthwise = report.layers.find((layer) => layer.name === 'base_net.1.0');
    expect(depthwise?.detail).toContain('depthwise');
    expect(depthwise?.weights[0]?.fanIn).toBe(9);
    await workbench.screenshot('real-1-rfb-inspector');
  });

  test('runs forward and backward, and draws the numbers of the command line', async () => {
    await (await workbench.inspector()).getByTestId('open-panel').click();
    const panel = await workbench.gradientPanel();
    await panel.locator('body[data-status="finished"]').waitFor();
    const told = expectedNumbers(
      await simulateJson(path.join(workbench.folder, model), '--scheme', 'current', '--scheme', 'recommended'), (layer) => layer.activation,
    );
    await panel.locator('[data-testid="activation-table"] [data-value]').first().waitFor({ state: 'attached' });
    const drawn = await drawnNumbers(panel, 'activation');
    expect(drawn.length).toBe(told.length);
    for (const { scheme, layer, value } of told) {
      const found = drawn.find((point) => point.scheme === scheme && point.layer === layer);
      expect((found?.value ?? NaN) / value, `${scheme} ${layer}`).toBeCloseTo(1, 5);
    }
    await workbench.screenshot('real-2-rfb-panel');
  });

  test('where the usual length does not fit another is tried, which is said, and one can be given', async () => {
    await workbench.chooseInExplorer('silero_vad_16k_op15.onnx', 'View Gradient Panel');
    const panel = await workbench.gradientPanel();
    await panel.getByTestId('file').getByText('silero').waitFor();
    await panel.getByTestId('inputs').getByText('[8, 512]').waitFor();
    await panel.locator('body[data-status="finished"]').waitFor();
    expect(await panel.getByTestId('notes').textContent()).toContain('A length of 16 does not fit sequence, and nobody gave another: it is run with 512.');
    await panel.getByTestId('dim-sequence').locator('input').fill('576');
    await workbench.page.keyboard.press('Enter');
    await panel.getByTestId('inputs').getByText('[8, 576]').waitFor();
    await panel.locator('body[data-status="finished"]').waitFor();
    await workbench.screenshot('real-4-dimension');
    expect(workbench.consoleErrors).toEqual([]);
  });
});
