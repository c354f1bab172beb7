import { readdirSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { openWorkbench, type Workbench } from '../workbench';

let workbench: Workbench;
beforeAll(async () => {
  workbench = await openWorkbench();
  return () => workbench.close();
});

test('a right-click in the explorer opens the inspector', async () => {
  const model = readdirSync(workbench.folder).find((name) => path.extname(name) === '.onnx');
  if (model === undefined) throw new Error('There is no sample model.');
  await workbench.chooseInExplorer(model, 'Inspect Model');
  const inspector = await workbench.inspector();
  await inspector.getByText(model).first().waitFor();
  await workbench.screenshot('smoke');
  expect(workbench.consoleErrors).toEqual([]);
});
