import assert from 'node:assert/strict';
import path from 'node:path';

import * as vscode from 'vscode';

import type { InitscopeApi } from '../../../src/extension';
import { CancellationSource } from '../../../src/protocol/rpc';
import { defaultOptions } from '../../../src/protocol/simulation';
import type { SimulationRequest } from '../../../src/protocol/engine';
import { describe, test } from './registry';

async function engine(): Promise<InitscopeApi['engine']> {
  const extension = vscode.extensions.getExtension<InitscopeApi>('initscope.initscope');
  assert.ok(extension);
  return (await extension.activate()).engine;
}

function request(name: string, seeds: number): SimulationRequest {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder);
  const options = { ...defaultOptions, seeds, threads: 1 };
  return { path: path.join(folder.uri.fsPath, name), recipes: [], restored: [], options, files: {} };
}

describe('the engine process', () => {
  test('runs a network and streams every run', async () => {
    let runs = 0;
    const result = await (await engine()).simulate(request('residual-cnn.onnx', 2), { ran: () => { runs++; } }, new CancellationSource());
    assert.equal(runs, 2);
    assert.equal(result.runs.length, 2);
    assert.ok((result.runs[0]?.layers[0]?.activation?.variance ?? 0) > 0);
  });

  test('that is killed is explained, and the next request works', async () => {
    const client = await engine();
    const kill = (): void => { process.kill(client.processId ?? 0, 'SIGKILL'); };
    const killed = client.simulate(request('residual-cnn.onnx', 1000), { ran: kill }, new CancellationSource());
    await assert.rejects(killed, /engine process was killed/);
    const result = await client.simulate(request('deep-tanh-mlp.onnx', 1), {}, new CancellationSource());
    assert.equal(result.runs.length, 1);
  });

  test('stops when it is cancelled', async () => {
    const client = await engine();
    const source = new CancellationSource();
    const cancelled = client.simulate(request('residual-cnn.onnx', 100000), { ran: () => source.cancel() }, source);
    await assert.rejects(cancelled, (error: Error) => 'code' in error && error.code === 'cancelled');
  });

  test('explains a file that is not there', async () => {
    await assert.rejects((await engine()).simulate(request('missing.onnx', 1), {}, new CancellationSource()), /there is no such file/);
  });
});
