/** The inspector on a network of 5,000 layers: at once, by keyboard alone, and as it was left. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeMlp, writeChain } from '../../bench/models';
import { until } from '../until';
import { openWorkbench, type Workbench } from '../workbench';

const model = 'deep.onnx';
let workbench: Workbench;
beforeAll(async () => {
  workbench = await openWorkbench({ viewport: { width: 1280, height: 900 } });
  await workbench.context.grantPermissions(['clipboard-read', 'clipboard-write']);
  writeChain(path.join(workbench.folder, model), 5000, 16, true);
});
afterAll(() => workbench.close());

interface Look {
  readonly filter: string;
  readonly sort: string | undefined;
  readonly selected: string | null;
  readonly detailHeight: number;
  readonly firstRow: string | null;
}

/** What the reader sees of their own choices. */
function look(inspector: Frame): Promise<Look> {
  return inspector.evaluate(() => {
    const table = document.querySelector('[data-testid="layer-table"]');
    const box = table?.getBoundingClientRect();
    const top = document.elementFromPoint((box?.left ?? 0) + 80, (box?.top ?? 0) + 40)?.closest('[data-testid="layer-row"]');
    const field = document.querySelector('[data-testid="filter"]');
    return {
      filter: field && 'value' in field ? String(field.value) : '',
      sort: [...document.querySelectorAll('[aria-sort]')].find((cell) => cell.getAttribute('aria-sort') !== 'none')?.className,
      selected: document.querySelector('[data-testid="layer-detail"]')?.getAttribute('data-layer') ?? null,
      detailHeight: document.querySelector<HTMLElement>('[data-testid="layer-detail"]')?.offsetHeight ?? 0,
      firstRow: top?.getAttribute('data-layer') ?? null,
    };
  });
}

/** The inspector that shows a layer in its detail: another may still be on its way out. */
function inspectorOf(layer: string): Promise<Frame> {
  return until(`the inspector with ${layer}`, async () => {
    const frame = await workbench.inspector();
    const shown = await frame.locator(`[data-testid="layer-detail"][data-layer="${layer}"]`).count().catch(() => 0);
    return shown > 0 && (await frame.locator('[data-testid="layer-row"]').count()) > 0 ? frame : undefined;
  });
}

test('5,000 layers are there at once', async () => {
  await workbench.explorerRow(model).waitFor();
  const start = performance.now();
  await workbench.openFromExplorer(model);
  const inspector = await workbench.inspector();
  await inspector.locator('[data-testid="layer-row"]').first().waitFor();
  console.log(`From the double click to the first rows of 5,000: ${(performance.now() - start).toFixed(0)} ms`);
  expect(await inspector.getByTestId('layer-table').getAttribute('aria-rowcount')).toBe('5001');
  expect(await inspector.locator('[data-testid="layer-row"]').count()).toBeLessThan(80);
  await inspector.getByTestId('measuring-status').filter({ hasText: 'All 5,000 tensors are measured' }).waitFor({ state: 'attached' });
  await workbench.screenshot('inspector-1-deep');
});

test('the keyboard reaches everything, and copies a row', async () => {
  const inspector = await workbench.inspector();
  const names = await inspector.locator('[data-testid="layer-row"]').evaluateAll((rows) => rows.slice(0, 3).map((row) => row.getAttribute('data-layer') ?? ''));
  await inspector.getByTestId('layer-table').focus();
  for (const key of ['Home', 'ArrowDown', 'ArrowDown']) await workbench.page.keyboard.press(key);
  await inspector.locator(`[data-testid="layer-detail"][data-layer="${names[2] ?? ''}"]`).waitFor();
  await workbench.page.keyboard.press('Control+c');
  await until('the row in the clipboard', async () => (
    (await workbench.page.evaluate(() => navigator.clipboard.readText())).startsWith(`${names[2] ?? ''}\tMatMul\t[16, 16]\t16\t16`) ? true : undefined));
  await workbench.page.keyboard.press('End');
  await inspector.locator('[data-testid="layer-row"][aria-rowindex="5001"][aria-selected="true"]').waitFor();
  await workbench.page.keyboard.press('PageUp');
  await inspector.locator('[data-testid="layer-row"][aria-rowindex="5001"][aria-selected="false"]').waitFor();
  await workbench.page.keyboard.press('Control+f');
  await until('the filter', async () => (await inspector.evaluate(() => document.activeElement?.getAttribute('data-testid') === 'filter')) ? true : undefined);
  await workbench.page.keyboard.type('49');
  await inspector.getByTestId('found').getByText('of 5,000 layers').waitFor({ state: 'attached' });
  const unnamed = await inspector.evaluate(() => [...document.querySelectorAll<HTMLElement>('button, initscope-button, [tabindex="0"], summary')]
    .filter((control) => control.offsetParent !== null && !control.ariaLabel && control.innerText.trim() === '').map((control) => control.outerHTML));
  expect(unnamed).toEqual([]);
});

test('filter, order, selection, place and height of the detail outlive hiding the tab and reloading the window', async () => {
  const inspector = await workbench.inspector();
  await inspector.getByTestId('sort-layer').click();
  await inspector.getByTestId('sort-layer').click();
  await inspector.locator('[data-testid="layer-row"]').nth(3).click();
  await inspector.getByTestId('sash').focus();
  for (let press = 0; press < 3; press++) await workbench.page.keyboard.press('ArrowUp');
  await inspector.getByTestId('layer-table').evaluate((table) => { table.scrollTop = 1040; });
  const before = await until('the rows at the place', async () => {
    const now = await look(inspector);
    return now.firstRow === null ? undefined : now;
  });
  expect(before).toMatchObject({ filter: '49', sort: 'cell layer' });
  const selected = before.selected ?? '';
  const sameLook = async (): Promise<void> => {
    const again = await inspectorOf(selected);
    await until(`the look ${JSON.stringify(before)}`, async () => (JSON.stringify(await look(again)) === JSON.stringify(before) ? true : undefined));
  };
  await workbench.openFromExplorer('residual-cnn.onnx');
  await workbench.tab('residual-cnn.onnx').waitFor();
  await workbench.tab(model).click();
  await sameLook();
  await workbench.reload();
  await sameLook();
});

test('a file that changes on disk is followed, and the reader stays where they are', async () => {
  const file = path.join(workbench.folder, 'growing.onnx');
  writeFileSync(file, encodeMlp(60, 8));
  await workbench.openFromExplorer('growing.onnx');
  const inspector = await until('the inspector of 60 layers', async () => {
    const frame = await workbench.inspector();
    return (await frame.getByTestId('segment-all').getByText('60').count().catch(() => 0)) > 0 ? frame : undefined;
  });
  await inspector.getByTestId('layer-table').evaluate((table) => { table.scrollTop = 400; });
  const row = inspector.locator('[data-testid="layer-row"][aria-rowindex="24"]');
  await row.click();
  const selected = await row.getAttribute('data-layer') ?? '';
  const place = (): Promise<number> => inspector.getByTestId('layer-table').evaluate((table) => table.scrollTop);
  const top = await place();
  writeFileSync(file, encodeMlp(90, 16));
  await inspector.getByTestId('segment-all').getByText('90').waitFor();
  expect(await inspector.getByTestId('layer-detail').getAttribute('data-layer')).toBe(selected);
  expect(await place()).toBe(top);
  await inspector.getByTestId('layer-detail').getByText('[16, 16]').first().waitFor();
  writeFileSync(file, encodeMlp(90, 16).subarray(0, 3000));
  await inspector.getByTestId('failed').waitFor();
  writeFileSync(file, encodeMlp(90, 16));
  await inspector.getByTestId('layer-detail').getByText('[16, 16]').first().waitFor();
  expect(await place()).toBe(top);
  expect(workbench.consoleErrors).toEqual([]);
});
