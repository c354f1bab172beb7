import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';

import * as vscode from 'vscode';

import type { InitscopeApi } from '../../../src/extension';
import { ToolInput } from '../../../src/host/tools/input';
import { CancellationSource } from '../../../src/protocol/rpc';
import { schemeIds } from '../../../src/protocol/schemes';
import { until } from '../until';
import { describe, test } from './registry';

async function api(): Promise<InitscopeApi> {
  const extension = vscode.extensions.getExtension<InitscopeApi>('initscope.initscope');
  assert.ok(extension);
  return extension.activate();
}

interface Field {
  readonly enum?: readonly string[];
  readonly items?: Field;
}

interface Declared {
  readonly name: string;
  readonly inputSchema: { readonly properties: Readonly<Record<string, Field>> };
}

/** Of package.json, which no compiler has checked. */
interface Manifest {
  readonly contributes: { readonly languageModelTools: readonly Declared[] };
}

function declared(): readonly Declared[] {
  const { contributes } = vscode.extensions.getExtension('initscope.initscope')?.packageJSON as Manifest;
  return contributes.languageModelTools;
}

/** As an agent hears it. */
async function answer(name: string, input: unknown): Promise<string> {
  const tool = (await api()).tools.find((each) => each.name === name);
  assert.ok(tool, name);
  return tool.answer(new ToolInput(input), new CancellationSource());
}

describe('tools for agents', () => {
  test('are those that package.json declares, with the schemes that there are', async () => {
    const { tools } = await api();
    assert.deepEqual(tools.map(({ name }) => name), declared().map(({ name }) => name));
    const of = (name: string): Declared['inputSchema']['properties'] => declared().find((each) => each.name === name)?.inputSchema.properties ?? {};
    assert.deepEqual(of('initscope_reinitialize_weights').scheme?.enum, schemeIds);
    assert.deepEqual(of('initscope_simulate_gradients').schemes?.items?.enum, ['current', ...schemeIds]);
    // Only what changes something asks first.
    const asked = new ToolInput({ path: 'a.onnx', scheme: 'he-normal', layers: ['fc1'], seed: 4 });
    assert.deepEqual(tools.flatMap((tool) => (tool.asks ? [[tool.name, tool.asks(asked)]] : [])), [
      ['initscope_reinitialize_weights', {
        title: 'Reinitialize weights of a.onnx?',
        message: 'fc1 is drawn by He normal, seed 4. It is an edit in the editor: it can be undone, and nothing is saved.',
      }],
    ]);
  });

  test('answer whoever asks the editor for them', async () => {
    const names = vscode.lm.tools.map(({ name }) => name).filter((name) => name.startsWith('initscope_'));
    assert.deepEqual(names.sort(), declared().map(({ name }) => name).sort());
    const { content } = await vscode.lm.invokeTool('initscope_inspect_model', { input: { path: 'residual-cnn.onnx' }, toolInvocationToken: undefined });
    const [part] = content;
    assert.ok(part instanceof vscode.LanguageModelTextPart);
    assert.equal((JSON.parse(part.value) as { readonly file: string }).file, 'residual-cnn.onnx');
  });

  test('tell what is wrong with a model that is not open, and what runs of it show', async () => {
    const inspected = JSON.parse(await answer('initscope_inspect_model', { path: 'deep-tanh-mlp.onnx' })) as {
      readonly canLearn: boolean; readonly layers: readonly { readonly name: string; readonly weights: readonly { readonly std: number }[] }[];
    };
    assert.equal(inspected.canLearn, false);
    const [first] = inspected.layers;
    assert.ok(first?.weights[0] && first.weights[0].std > 0);
    const one = JSON.parse(await answer('initscope_inspect_model', { path: 'deep-tanh-mlp.onnx', layers: [first.name] })) as typeof inspected;
    assert.deepEqual(one.layers.map(({ name }) => name), [first.name]);
    const ran = JSON.parse(await answer('initscope_simulate_gradients', { path: 'deep-tanh-mlp.onnx', schemes: ['current', 'xavier-normal'], seeds: 3 })) as {
      readonly severity: string;
      readonly schemes: readonly {
        readonly scheme: string; readonly seeds: readonly number[]; readonly layers: readonly { readonly gradientVariance: number }[];
      }[];
    };
    assert.equal(ran.severity, 'error');
    assert.deepEqual(ran.schemes.map(({ scheme, seeds }) => [scheme, seeds.length]), [['current', 3], ['xavier-normal', 3]]);
    const [current, xavier] = ran.schemes.map(({ layers }) => layers[0]?.gradientVariance ?? NaN);
    assert.ok(current !== undefined && xavier !== undefined && current < 1e-6 * xavier, `${current} and ${xavier}`);
  });

  test('refuse in a sentence what they are not to read, or do not understand', async () => {
    await assert.rejects(answer('initscope_inspect_model', { path: '../outside.onnx' }), /is not in this workspace, and is not read/);
    await assert.rejects(answer('initscope_inspect_model', { path: path.resolve('/elsewhere.onnx') }), /is not in this workspace/);
    await assert.rejects(answer('initscope_inspect_model', { path: 'deep-tanh-mlp.onnx', layers: ['none'] }), /has no layer none; its layers are /);
    await assert.rejects(answer('initscope_simulate_gradients', { path: 'deep-tanh-mlp.onnx', seeds: 0 }), /seeds is 0, and is to be a whole number from 1 to 20/);
    await assert.rejects(answer('initscope_reinitialize_weights', { path: 'deep-tanh-mlp.onnx', scheme: 'best' }), /scheme is "best", and is to be one of recommended/);
  });

  test('edit what is opened for it, to be undone; the status bar says what it was and is', async () => {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
    assert.ok(folder);
    const own = path.join(folder, 'agents');
    mkdirSync(own, { recursive: true });
    copyFileSync(path.join(folder, 'deep-tanh-mlp.onnx'), path.join(own, 'net.onnx'));
    const { documents, status } = await api();
    try {
      assert.match(await answer('initscope_reinitialize_weights', { path: 'agents/net.onnx', scheme: 'recommended', seed: 2 }),
        /^All layers are drawn by Recommended, seed 2\. net\.onnx is open and not saved/);
      const document = documents.find(vscode.Uri.file(path.join(own, 'net.onnx')));
      assert.ok(document && document.pending().recipes.length > 0);
      await until('the status bar to say that it can learn', () => status.text === '$(pass) Can learn' || undefined);
      await until('VS Code to know of the edit', () => vscode.window.tabGroups.activeTabGroup.activeTab?.isDirty === true || undefined);
      await vscode.commands.executeCommand('undo');
      await until('the status bar to say what is wrong', () => status.text?.startsWith('$(error)') === true || undefined);
      assert.equal(document.pending().recipes.length, 0);
      await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
      await until('the status bar to be empty', () => status.text === null || undefined);
    } finally {
      rmSync(own, { recursive: true, force: true });
    }
  });
});
