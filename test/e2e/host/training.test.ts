import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import * as vscode from 'vscode';

import type { InitscopeApi } from '../../../src/extension';
import type { ModelDocument } from '../../../src/host/modelDocument';
import type { TrainingSession } from '../../../src/host/trainingSession';
import { until } from '../until';
import { describe, test } from './registry';

async function api(): Promise<InitscopeApi> {
  const extension = vscode.extensions.getExtension<InitscopeApi>('initscope.initscope');
  assert.ok(extension);
  return extension.activate();
}

async function open(): Promise<{ readonly document: ModelDocument; readonly session: TrainingSession }> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  assert.ok(folder);
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'initscope-training-')), 'net.onnx');
  copyFileSync(path.join(folder.fsPath, 'deep-tanh-mlp.onnx'), file);
  await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(file), 'initscope.inspector');
  const { documents, panel } = await api();
  const document = documents.find(vscode.Uri.file(file));
  assert.ok(document);
  return { document, session: panel.training.sessionOf(document) };
}

describe('a training', () => {
  test('whose engine dies says so, and what was kept of it can be applied', async () => {
    const { document, session } = await open();
    const { trainer, learned, inspector } = await api();
    void session.start({ ...session.options, schemes: ['recommended'], seeds: 1, steps: 1_000_000, rate: 0.001 });
    await until('the first weights to be kept', () => session.runs[0]?.isKept === true || undefined);
    assert.ok(trainer.processId !== undefined);
    process.kill(trainer.processId, 'SIGKILL');
    await until('the failure', () => session.status.kind === 'failed' || undefined);
    const [run] = session.runs;
    assert.ok(run);
    assert.equal(run.end?.kind, 'crashed');
    assert.match(run.end.message ?? '', /The engine process was killed/);
    assert.ok(run.losses.length > 0);
    const edit = session.trained(run);
    const steps = Number(/^Trained (\d+) steps?, Adam 0\.001, .*, from Recommended, seed 0$/.exec(edit.title)?.[1]);
    assert.ok(steps > 0 && steps <= run.losses.length, edit.title);
    await learned.apply(inspector, document, edit);
    assert.equal(document.pending().recipes.length, 34);
    assert.equal(session.isPast, true);
    await until('VS Code to know of the edit', () => vscode.window.tabGroups.activeTabGroup.activeTab?.isDirty === true || undefined);
    await vscode.commands.executeCommand('undo');
    await until('the undo', () => document.pending().recipes.length === 0 || undefined);
    assert.equal(session.isPast, false);
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
  });

  test('of data that do not fit says what to do, in one sentence', async () => {
    const { session } = await open();
    await session.start({ ...session.options, data: { kind: 'file', path: '/nowhere/data.npz' }, seeds: 1 });
    assert.equal(session.status.kind, 'failed');
    assert.match(session.status.error.message, /\/nowhere\/data\.npz/);
    await session.start({ ...session.options, data: null, schemes: ['recommended'], seeds: 1, steps: 3, rate: 0.01 });
    assert.equal(session.status.kind, 'finished', JSON.stringify(session.status));
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
  });

  test('does not keep simulations waiting while it is held', async () => {
    const { document, session } = await open();
    const { engine } = await api();
    void session.start({ ...session.options, schemes: ['recommended'], seeds: 1, steps: 1_000_000, rate: 0.001 });
    await until('the first step', () => (session.runs[0]?.losses.length ?? 0) > 0 || undefined);
    await session.steer('hold');
    assert.equal(session.status.kind, 'held');
    const { defaultOptions } = await import('../../../src/protocol/simulation');
    const options = { ...defaultOptions, schemes: ['current' as const], seeds: 1 };
    const request = { path: document.uri.fsPath, ...document.pending(), files: {}, options };
    const { runs } = await engine.simulate(request, {}, { cancelled: false, onCancel: () => () => undefined });
    assert.equal(runs.length, 1);
    await session.steer('stop');
    await until('the end', () => session.status.kind === 'stopped' || undefined);
    assert.equal(session.runs[0]?.end?.kind, 'cancelled');
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
  });
});
