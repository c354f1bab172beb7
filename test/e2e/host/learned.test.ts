import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import * as vscode from 'vscode';

import { elementCount } from '../../../src/core/graph/dtype';
import type { InitscopeApi } from '../../../src/extension';
import { readWithLearned, writeBackup } from '../../../src/host/backup';
import type { ModelDocument } from '../../../src/host/modelDocument';
import { FilePool, readFloat32 } from '../../../src/formats/tensors/content';
import { openModelFile } from '../../../src/formats/openModel';
import { describe, test } from './registry';

const title = 'DBN, CD-1, 20 epochs, seed 3, digits';

async function api(): Promise<InitscopeApi> {
  const extension = vscode.extensions.getExtension<InitscopeApi>('initscope.initscope');
  assert.ok(extension);
  return extension.activate();
}

async function open(name = 'deep-tanh-mlp.onnx'): Promise<ModelDocument> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  assert.ok(folder);
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'initscope-learned-')), name);
  copyFileSync(path.join(folder.fsPath, name), file);
  const uri = vscode.Uri.file(file);
  await vscode.commands.executeCommand('vscode.openWith', uri, 'initscope.inspector');
  const document = (await api()).documents.find(uri);
  assert.ok(document);
  return document;
}

const kernelOf = (document: ModelDocument): { readonly id: string; readonly name: string; readonly count: number } => {
  const weight = document.layers[0]?.weights[0];
  assert.ok(weight);
  return { id: weight.id, name: weight.name, count: elementCount(weight.tensor.shape) };
};

const ramp = (count: number, scale: number): Float32Array => Float32Array.from({ length: count }, (_, i) => (scale * i) / count);

async function learn(document: ModelDocument, values: ReadonlyMap<string, Float32Array>): Promise<void> {
  const { learned, inspector } = await api();
  await learned.apply(inspector, document, { values, title, label: 'Pre-train Weights' });
}

/** In the file as it is on the disk. */
function stored(document: ModelDocument): readonly number[] {
  const weight = openModelFile(document.uri.fsPath).layers[0]?.weights[0];
  assert.ok(weight);
  const pool = new FilePool();
  const values = [...readFloat32(pool, weight.tensor, {})];
  pool.close();
  return values;
}

async function changed(document: ModelDocument, what: () => boolean): Promise<void> {
  while (!what()) await new Promise<void>((resolve) => {
    const subscriptions = [document.onDidChange(done), vscode.window.tabGroups.onDidChangeTabs(done)];
    function done(): void {
      for (const subscription of subscriptions) subscription.dispose();
      resolve();
    }
  });
}

const isDirty = (document: ModelDocument): boolean | undefined => (
  vscode.window.tabGroups.all.flatMap((group) => group.tabs)
    .find((tab) => tab.input instanceof vscode.TabInputCustom && tab.input.uri.toString() === document.uri.toString())?.isDirty);

describe('learned weights', () => {
  test('are an edit that is saved, undone behind the save, and redone', async () => {
    const document = await open();
    const { id, name, count } = kernelOf(document);
    const before = stored(document);
    await learn(document, new Map([[name, ramp(count, 1)]]));
    const applied = document.report()?.layers[0]?.weights[0]?.applied;
    assert.deepEqual([applied?.scheme, applied?.title, applied?.saved], ['learned', title, false]);
    await vscode.commands.executeCommand('workbench.action.files.save');
    await changed(document, () => isDirty(document) === false);
    assert.deepEqual(stored(document), [...ramp(count, 1)]);
    assert.equal(document.report()?.layers[0]?.weights[0]?.applied?.saved, true);
    await vscode.commands.executeCommand('undo');
    await changed(document, () => document.pending().restored.length === 1);
    await vscode.commands.executeCommand('workbench.action.files.save');
    await changed(document, () => isDirty(document) === false);
    assert.deepEqual(stored(document), before);
    await vscode.commands.executeCommand('redo');
    await changed(document, () => document.pending().recipes.some(({ tensorId }) => tensorId === id));
    await vscode.commands.executeCommand('workbench.action.files.save');
    await changed(document, () => isDirty(document) === false);
    assert.deepEqual(stored(document), [...ramp(count, 1)]);
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
  });

  test('are what the engine runs before they are saved', async () => {
    const document = await open();
    const { id, count } = kernelOf(document);
    await learn(document, new Map([[id, new Float32Array(count)]]));
    const { engine } = await api();
    const { defaultOptions } = await import('../../../src/protocol/simulation');
    const request = { path: document.uri.fsPath, ...document.pending(), files: {}, options: { ...defaultOptions, schemes: ['current' as const], seeds: 1 } };
    const { runs } = await engine.simulate(request, {}, { cancelled: false, onCancel: () => () => undefined });
    const [first] = runs[0]?.layers ?? [];
    assert.equal(first?.activation?.variance, 0, 'a kernel of zeros and biases of zeros');
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  test('are refused in one sentence where they are of another network or not finite', async () => {
    const document = await open();
    const { id, count } = kernelOf(document);
    await assert.rejects(() => learn(document, new Map([['nowhere', ramp(1, 1)]])), /has no weight nowhere any more, so nothing was changed/);
    await assert.rejects(() => learn(document, new Map([[id, ramp(count - 1, 1)]])), /were learned, so nothing was changed/);
    await assert.rejects(() => learn(document, new Map([[id, ramp(count, NaN)]])), /is not finite, so it is not applied/);
    assert.equal(document.pending().recipes.length, 0);
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
  });

  test('come back from a backup, and what is missing is said and left', async () => {
    const { learned } = await api();
    const document = await open();
    const [first, second] = [document.layers[0]?.weights[0], document.layers[1]?.weights[0]];
    assert.ok(first && second);
    const sizes = [first, second].map(({ tensor }) => elementCount(tensor.shape));
    await learn(document, new Map([[first.id, ramp(sizes[0] ?? 0, 11)], [second.id, ramp(sizes[1] ?? 0, 12)]]));
    const place = vscode.Uri.file(path.join(mkdtempSync(path.join(tmpdir(), 'initscope-backup-')), 'b1'));
    const backup = await writeBackup(document, place, learned);
    const whole = await readWithLearned(backup.id, document.uri, learned);
    assert.deepEqual([whole.edits, whole.problem], [document.applied(), null]);
    const sampler = document.applied()[0]?.recipes.find(({ tensorId }) => tensorId === second.id)?.blocks[0]?.sampler;
    assert.ok(sampler?.kind === 'learned');
    rmSync(path.join(learned.folder, `${sampler.digest}.f32`));
    const partly = await readWithLearned(backup.id, document.uri, learned);
    assert.deepEqual(partly.edits.flatMap(({ recipes }) => recipes.map(({ tensorId }) => tensorId)), [first.id]);
    assert.match(partly.problem ?? '', /^what was learned for 1 of their tensors is not in Initscope's storage any more$/);
    assert.equal(readdirSync(path.join(learned.folder, 'named')).length >= 2, true);
    backup.delete();
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });
});
