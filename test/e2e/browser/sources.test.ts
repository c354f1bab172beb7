/** Where models come from: git, other file systems, write-protected files, strangers, and files that are no models. */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { initscope } from '../commandLine';
import { until } from '../until';
import { openWorkbench, type Workbench } from '../workbench';

const model = 'deep-tanh-mlp.onnx';
let workbench: Workbench;
beforeAll(async () => {
  workbench = await openWorkbench({ settings: { 'git.openRepositoryInParentFolders': 'never' } });
});
afterAll(() => workbench.close());

const file = (name: string): string => path.join(workbench.folder, name);

/** The inspector whose page holds a text. */
function inspectorWith(text: string | RegExp): Promise<Frame> {
  return until(`the inspector with ${String(text)}`, async () => {
    const frame = await workbench.inspector();
    return (await frame.getByText(text).count().catch(() => 0)) > 0 ? frame : undefined;
  });
}

test('the palette offers the models of the workspace with their size, and says so where there is none', async () => {
  mkdirSync(file('vision/old'), { recursive: true });
  cpSync(file('residual-cnn.onnx'), file('vision/old/first.onnx'));
  await workbench.runCommand('Initscope: Inspect Model');
  const item = workbench.page.locator('.quick-input-list .monaco-list-row').filter({ hasText: 'first.onnx' });
  await item.waitFor();
  expect(await item.textContent()).toMatch(/vision\/old · 3\d\d KB/);
  await workbench.screenshot('sources-1-palette');
  await workbench.pick('first.onnx');
  await workbench.tab('first.onnx').waitFor();
  await workbench.runCommand('View: Close All Editors');
});

test('a write-protected file can be changed, and says where it can be saved', async () => {
  cpSync(file(model), file('locked.onnx'));
  chmodSync(file('locked.onnx'), 0o444);
  await workbench.openFromExplorer('locked.onnx');
  const inspector = await inspectorWith(/locked\.onnx is write-protected/);
  expect(await inspector.getByTestId('reinitialize').isEnabled()).toBe(true);
  await workbench.runCommand('View: Close All Editors');
});

test('every file that is no model is explained, with a way on', async () => {
  const sample = readFileSync(file(model));
  const cases: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ['truncated.onnx', sample.subarray(0, 5000), /runs past the end|ends in the middle/],
    ['pointer.onnx', Buffer.from(`version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 1234\n`), /git lfs pull/],
    ['empty.onnx', new Uint8Array(0), /is empty/],
    ['notes.onnx', Buffer.from('# Notes\n\nThis is a text.\n'), /is not an? /],
  ];
  for (const [name, bytes, expected] of cases) {
    writeFileSync(file(name), bytes);
    await workbench.explorerRow(name).waitFor();
    await workbench.openFromExplorer(name);
    const inspector = await inspectorWith(`${name} cannot be inspected`);
    expect(await inspector.getByTestId('failed').textContent(), name).toMatch(expected);
    for (const action of ['reload', 'open-as-text', 'show-log']) expect(await inspector.getByTestId(action).isVisible(), `${name}: ${action}`).toBe(true);
    await workbench.screenshot(`sources-2-${path.basename(name, '.onnx')}`);
  }
  // What has been mended is read again.
  writeFileSync(file('notes.onnx'), sample);
  const inspector = await workbench.inspector();
  await inspector.locator('[data-testid="layer-row"]').first().waitFor();
  await workbench.runCommand('View: Close All Editors');
  for (const [name] of cases) rmSync(file(name));
});

test('the committed version of a changed model is inspected beside the present one, read-only', async () => {
  const git = (...words: string[]): void => {
    const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false'];
    execFileSync('git', [...who, ...words], { cwd: workbench.folder, stdio: 'pipe' });
  };
  git('init', '--quiet');
  git('add', model);
  git('commit', '--quiet', '-m', 'A model');
  await initscope('init', file(model), '--scheme', 'zeros', '--output', file('zeroed.onnx'));
  cpSync(file('zeroed.onnx'), file(model));
  await workbench.reload();
  await workbench.openFromExplorer(model);
  const present = await inspectorWith(/is all zero/);
  await present.locator('[data-testid="layer-row"][data-health="error"]').first().waitFor();
  await workbench.page.getByRole('tab', { name: /^Source Control/ }).click();
  const change = workbench.page.locator('.scm-view .monaco-list-row').filter({ hasText: model });
  await workbench.chooseInMenu(change, 'Open File (HEAD)');
  const committed = await inspectorWith(/behind "git:"/);
  await committed.locator('[data-testid="layer-row"][data-layer="layers.3"]').getByText('.0152').waitFor();
  expect(await committed.getByTestId('model-notices').textContent()).toMatch(/not written or run.*256 MB/s);
  expect(await committed.getByTestId('reinitialize').getAttribute('title')).toContain('open the file itself');
  await workbench.screenshot('sources-3-git');
  // A click on the change shows both, side by side.
  await change.click();
  await workbench.tab('Working Tree').waitFor();
  await until('two inspectors', async () => {
    const rows = await Promise.all(workbench.page.frames().map((frame) => frame.locator('[data-testid="layer-row"]:visible').count().catch(() => 0)));
    return rows.filter((count) => count > 0).length >= 2 ? true : undefined;
  });
  // What differs is marked in both, and the committed one is the left one.
  const marked = (side: string): Promise<Frame> => until(`marks on the ${side} side`, async () => {
    for (const frame of workbench.page.frames()) {
      const shown = frame.locator(`.layers[data-side="${side}"]:visible [data-testid="layer-row"][data-change="changed"]`);
      if ((await shown.count().catch(() => 0)) > 0) return frame;
    }
    return undefined;
  });
  const [left, right] = [await marked('left'), await marked('right')];
  expect(await left.getByTestId('model-notices').textContent()).toContain('behind "git:"');
  expect(await right.getByTestId('comparison-sentence').textContent()).toMatch(/^17 of 17 layers differ: layers\.0 \(values, how it was drawn\)/);
  expect(await right.getByTestId('compare-gradients').getAttribute('title')).toContain('not written or run');
  await workbench.screenshot('sources-4-diff');
  expect(workbench.consoleErrors).toEqual([]);
});
