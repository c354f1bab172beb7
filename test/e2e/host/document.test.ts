import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, renameSync, statSync, symlinkSync, lstatSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import * as vscode from 'vscode';

import type { InitscopeApi } from '../../../src/extension';
import type { ModelDocument } from '../../../src/host/modelDocument';
import { external, model, node, tensor, types, valueInfo } from '../../unit/support/protobuf';
import { until } from '../until';
import { describe, test } from './registry';

const viewType = 'initscope.inspector';

async function api(): Promise<InitscopeApi> {
  const extension = vscode.extensions.getExtension<InitscopeApi>('initscope.initscope');
  assert.ok(extension);
  return extension.activate();
}

function workspaceFile(name: string): string {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder);
  return path.join(folder.uri.fsPath, name);
}

/** A copy of a sample in a folder of its own. */
function copySample(name = 'deep-tanh-mlp.onnx'): string {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'initscope-host-')), name);
  copyFileSync(workspaceFile(name), file);
  return file;
}

async function open(file: string): Promise<ModelDocument> {
  const uri = vscode.Uri.file(file);
  await vscode.commands.executeCommand('vscode.openWith', uri, viewType);
  const document = (await api()).documents.find(uri);
  assert.ok(document, `${file} is open`);
  return document;
}

async function reinitialize(document: ModelDocument): Promise<void> {
  // The pickers belong to the browser tests; here the same edit is made through the public command of the inspector.
  await vscode.commands.executeCommand('initscope.applyScheme', document.uri, { scheme: 'recommended', seed: 3, layers: null });
}

const inPlace = (document: ModelDocument): Parameters<ModelDocument['save']>[0] => ({
  target: document.uri, record: true, progress: () => undefined, cancellation: { cancelled: false, onCancel: () => () => undefined },
  mayForget: () => Promise.resolve(false),
});

const isDirty = (document: ModelDocument): boolean | undefined => (
  vscode.window.tabGroups.all.flatMap((group) => group.tabs)
    .find((tab) => tab.input instanceof vscode.TabInputCustom && tab.input.uri.toString() === document.uri.toString())?.isDirty);

async function changed(document: ModelDocument, what: () => boolean): Promise<void> {
  while (!what()) {
    await new Promise<void>((resolve) => {
      const subscriptions = [document.onDidChange(done), vscode.window.tabGroups.onDidChangeTabs(done)];
      function done(): void {
        for (const subscription of subscriptions) subscription.dispose();
        resolve();
      }
    });
  }
}

/**
 * A change is seen once VS Code watches the folder, which nothing tells: a watcher of the same folder, made after the editor's, has to see one.
 */
async function watching(folder: string): Promise<void> {
  const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(vscode.Uri.file(folder), '*'));
  const seen = new Promise<true>((resolve) => watcher.onDidCreate(() => { resolve(true); }));
  await until('a change to be seen', () => {
    writeFileSync(path.join(folder, `probe-${performance.now()}`), '');
    return Promise.race([seen, new Promise<undefined>((resolve) => { setTimeout(resolve, 200); })]);
  });
  watcher.dispose();
}

describe('a model document', () => {
  test('reports layers, and is dirty, clean and dirty again with edits, undo and redo', async () => {
    const document = await open(copySample());
    assert.equal(document.report()?.layers.length, 17);
    await reinitialize(document);
    await changed(document, () => isDirty(document) === true);
    assert.equal(document.pending().recipes.length, 34);
    await vscode.commands.executeCommand('undo');
    await changed(document, () => isDirty(document) === false);
    assert.equal(document.pending().recipes.length, 0);
    await vscode.commands.executeCommand('redo');
    await changed(document, () => isDirty(document) === true);
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await changed(document, () => isDirty(document) === false);
    assert.equal(document.pending().recipes.length, 0);
  });

  test('drawing all layers keeps to what was picked for one, also in a file that was saved, until it is replaced', async () => {
    const file = copySample();
    const document = await open(file);
    const apply = (choice: object): Thenable<unknown> => vscode.commands.executeCommand('initscope.applyScheme', document.uri, choice);
    const titleOf = (layer: string): string | undefined => (
      document.report()?.layers.find(({ name }) => name === layer)?.weights.find(({ role }) => role === 'kernel')?.applied?.title);
    await apply({ scheme: 'normal', options: { std: 0.5 }, seed: 1, layers: ['layers.3'] });
    await apply({ scheme: 'he-normal', seed: 2, layers: null });
    assert.deepEqual([titleOf('layers.2'), titleOf('layers.3')], ['He normal, fan_in, seed 2', 'Normal, σ 0.5, seed 2']);
    await vscode.commands.executeCommand('workbench.action.files.save');
    await changed(document, () => isDirty(document) === false);
    await apply({ scheme: 'he-normal', seed: 2, layers: ['layers.5'] });
    await changed(document, () => isDirty(document) === true);
    await vscode.commands.executeCommand('workbench.action.files.save');
    await changed(document, () => isDirty(document) === false);
    await document.read();
    assert.deepEqual([...document.picked.keys()], ['layers.3', 'layers.5'], 'a pick that draws what is there is recorded as well');
    await apply({ scheme: 'lecun-normal', seed: 3, layers: null });
    assert.deepEqual([titleOf('layers.2'), titleOf('layers.3')], ['LeCun normal, fan_in, seed 3', 'Normal, σ 0.5, seed 3']);
    await apply({ scheme: 'lecun-normal', seed: 3, layers: null, replacesPicked: true });
    assert.equal(titleOf('layers.3'), 'LeCun normal, fan_in, seed 3');
    assert.deepEqual([...document.picked.keys()], []);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  test('saves through a symbolic link and keeps permissions', async () => {
    const file = copySample();
    chmodSync(file, 0o640);
    const link = path.join(path.dirname(file), 'link.onnx');
    symlinkSync(file, link);
    const document = await open(link);
    await reinitialize(document);
    await vscode.commands.executeCommand('workbench.action.files.save');
    await changed(document, () => isDirty(document) === false);
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.equal(statSync(file).mode & 0o777, 0o640);
    assert.ok(!readFileSync(file).equals(readFileSync(workspaceFile('deep-tanh-mlp.onnx'))));
  });

  test('refuses to save a read-only file and loses nothing', async () => {
    const file = copySample();
    chmodSync(file, 0o444);
    const before = readFileSync(file);
    const document = await open(file);
    await reinitialize(document);
    await assert.rejects(async () => {
      await document.save(inPlace(document));
    }, /read-only/);
    assert.ok(readFileSync(file).equals(before));
    assert.equal(document.pending().recipes.length, 34);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  test('a file changed by another program is not overwritten', async () => {
    const file = copySample();
    const document = await open(file);
    await reinitialize(document);
    writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.from([0x72, 0x00])]));
    await assert.rejects(async () => {
      await document.save(inPlace(document));
    }, /changed by another program/);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  test('a clean document follows its file, also where its name would mean something in a pattern', async () => {
    for (const name of ['model[1].onnx', 'model{a,b}?.onnx']) {
      const file = copySample();
      const named = path.join(path.dirname(file), name);
      renameSync(file, named);
      const document = await open(named);
      assert.equal(document.report()?.layers.length, 17);
      await watching(path.dirname(named));
      copyFileSync(workspaceFile('residual-cnn.onnx'), named);
      await changed(document, () => document.report()?.layers.length !== 17);
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    }
  });

  test('follows its data files too, also in a folder within', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'initscope-data-'));
    mkdirSync(path.join(folder, 'data'));
    const [file, data] = [path.join(folder, 'model.onnx'), path.join(folder, 'data', 'w.bin')];
    const weight = tensor('w', types.float32, [4, 3], external({ location: 'data/w.bin', length: '48' }));
    const ends = { inputs: [valueInfo('x', [1, 4])], outputs: [valueInfo('y', [1, 3])] };
    writeFileSync(file, model({ nodes: [node('MatMul', ['x', 'w'], ['y'], [], 'layer')], initializers: [weight], ...ends }));
    writeFileSync(data, Buffer.alloc(48));
    const document = await open(file);
    const problems = (): readonly string[] => (document.report()?.diagnostics ?? []).map(({ code }) => code).filter((code) => code === 'unreadable-weight');
    assert.deepEqual(problems(), []);
    await watching(path.dirname(data));
    writeFileSync(data, Buffer.alloc(40));
    await changed(document, () => problems().length === 1);
    writeFileSync(data, Buffer.alloc(48));
    await changed(document, () => problems().length === 0);
    await reinitialize(document);
    writeFileSync(data, Buffer.alloc(48, 1));
    await assert.rejects(async () => {
      await document.save(inPlace(document));
    }, /changed by another program/);
    assert.equal(document.isInConflict(), true);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  test('broken files are explained, not thrown', async () => {
    const sample = readFileSync(workspaceFile('deep-tanh-mlp.onnx'));
    const folder = mkdtempSync(path.join(tmpdir(), 'initscope-broken-'));
    const cases: readonly (readonly [string, Uint8Array, RegExp])[] = [
      ['empty.onnx', new Uint8Array(0), /is empty/],
      ['truncated.onnx', sample.subarray(0, sample.length / 2), /runs past the end|ends in the middle/],
      ['text.onnx', Buffer.from('# not a model\n'), /is not an? /],
      ['zip.onnx', Buffer.from('PK\u0003\u0004aaaaaaaa'), /zip archive/],
      ['lfs.onnx', Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:0\n'), /git lfs pull/],
    ];
    for (const [name, bytes, expected] of cases) {
      const file = path.join(folder, name);
      writeFileSync(file, bytes);
      const document = await open(file);
      assert.match(document.error?.message ?? '', expected, name);
      assert.equal(document.report(), null);
    }
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });
});
