/** Every model that others exported, opened as a user opens it: it shows what the command line counts, and is measured to the end. */
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inspectJson } from '../commandLine';
import { everyRealModel } from '../realModels';
import { until } from '../until';
import { openWorkbench, type Workbench } from '../workbench';

const files = everyRealModel();

describe.skipIf(files.length === 0)('every real model', () => {
  let workbench: Workbench;
  beforeAll(async () => {
    workbench = await openWorkbench({ extra: files, viewport: { width: 1280, height: 900 } });
  });
  afterAll(() => workbench.close());

  function inspectorOf(model: string): Promise<Frame> {
    return until(`the inspector of ${model}`, async () => {
      const frame = await workbench.inspector();
      const shown = await frame.getByTestId('model-header').getByRole('heading').textContent({ timeout: 1000 }).catch(() => null);
      return shown === model ? frame : undefined;
    });
  }

  test.each(files.length > 0 ? files.map((file) => path.basename(file)) : ['none'])('%s', async (model) => {
    const report = await inspectJson(path.join(workbench.folder, model));
    await workbench.chooseInExplorer(model, 'Inspect Model');
    const inspector = await inspectorOf(model);
    await inspector.locator('[data-testid="layer-row"]').first().waitFor();
    expect(report.layers.length).toBeGreaterThan(0);
    expect(await inspector.getByTestId('layer-table').getAttribute('aria-rowcount')).toBe(String(report.layers.length + 1));
    await inspector.getByTestId('measuring-status').filter({ hasText: /^All [\d,]+ tensors are measured\.$/ }).waitFor({ state: 'attached' });
    // Which tensors were tied, and are counted once, is known with the last of them.
    await until(`${report.parameters} parameters`, async () => {
      const counted = await inspector.getByTestId('parameters').getAttribute('title') ?? '';
      return Number(counted.split(' ')[0]?.replaceAll(',', '')) === report.parameters ? true : undefined;
    });
    await inspector.locator('[data-testid="layer-row"]').first().click();
    const details = report.layers[0]?.weights.map((weight) => weight.name) ?? [];
    for (const name of details) await inspector.getByTestId('layer-detail').getByText(name, { exact: true }).first().waitFor();
    await workbench.screenshot(`every-${path.basename(model, '.onnx')}`);
    expect(workbench.consoleErrors).toEqual([]);
    await workbench.runCommand('View: Close All Editors');
  });
});
