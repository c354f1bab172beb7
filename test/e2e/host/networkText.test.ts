/** Networks of our own language as texts that editors hold: edits of the inspector are edits of the text, and problems are marked and mended there. */
import assert from 'node:assert/strict';

import * as vscode from 'vscode';

import type { InitscopeApi } from '../../../src/extension';
import type { ModelDocument } from '../../../src/host/modelDocument';
import { until } from '../until';
import { describe, test } from './registry';

const when = async (what: string, holds: () => boolean): Promise<void> => {
  await until(what, () => Promise.resolve(holds() ? true : undefined));
};

/** The text, and the inspector beside it without the focus: a webview that is still loading would take it later, and with it the undo that follows. */
async function showBoth(text: vscode.TextDocument): Promise<void> {
  await vscode.window.showTextDocument(text, vscode.ViewColumn.One);
  await vscode.commands.executeCommand('vscode.openWith', text.uri, 'initscope.optional', { viewColumn: vscode.ViewColumn.Two, preserveFocus: true });
}

/** A file with the text of a template, changed, in a text editor and in the inspector beside it. */
async function openTemplate(template: string, change: (text: string) => string = (text) => text): Promise<{
  readonly text: vscode.TextDocument; readonly model: ModelDocument; readonly close: () => Promise<void>;
}> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  const extension = vscode.extensions.getExtension<InitscopeApi>('initscope.initscope');
  assert.ok(folder && extension);
  const source = vscode.Uri.joinPath(extension.extensionUri, `media/templates/${template}.initscope.json`);
  const uri = vscode.Uri.joinPath(folder.uri, `${template}-text.initscope.json`);
  await vscode.workspace.fs.writeFile(uri, Buffer.from(change(Buffer.from(await vscode.workspace.fs.readFile(source)).toString('utf8'))));
  const text = await vscode.workspace.openTextDocument(uri);
  await showBoth(text);
  const model = (await extension.activate()).documents.find(uri);
  assert.ok(model);
  return {
    text, model,
    async close() {
      await vscode.window.showTextDocument(text, vscode.ViewColumn.One);
      await vscode.commands.executeCommand('workbench.action.files.revert');
      await vscode.window.tabGroups.close(vscode.window.tabGroups.all.flatMap((group) => group.tabs));
      await vscode.workspace.fs.delete(uri);
    },
  };
}

const stdsOf = (model: ModelDocument): readonly (number | null | undefined)[] => (model.report()?.layers ?? []).flatMap(({ weights }) => (
  weights.flatMap(({ role, statistics }) => (role === 'kernel' ? [statistics?.std] : []))));

describe('the text of a network', () => {
  test('takes what is applied, and gives it back', async () => {
    const { text, model, close } = await openTemplate('transformer');
    const before = text.getText();
    for (const [scheme, word] of [['zeros', '"initializer": "zeros"'], ['recommended', '"initializer": "lecun-normal"']] as const) {
      await vscode.commands.executeCommand('initscope.applyScheme', model.uri, { scheme, seed: 0, layers: null });
      assert.equal(text.isDirty, true);
      assert.ok(text.getText().includes(word), text.getText());
      assert.equal(text.lineCount, before.split('\n').length);
      await vscode.commands.executeCommand('undo');
      await when('the text to be as before', () => text.getText() === before);
    }
    await close();
  });

  test('is followed by the inspector while one types', async () => {
    const { text, model, close } = await openTemplate('deep-sigmoid');
    await when('the network to be measured', () => stdsOf(model).length === 11 && stdsOf(model).every((std) => std !== undefined && std !== 0));
    const edit = new vscode.WorkspaceEdit();
    const at = text.getText().indexOf('"xavier"');
    edit.replace(text.uri, new vscode.Range(text.positionAt(at), text.positionAt(at + '"xavier"'.length)), '"zeros"');
    await vscode.workspace.applyEdit(edit);
    await when('the inspector to follow', () => stdsOf(model).length === 11 && stdsOf(model).every((std) => std === 0));
    await close();
  });

  test('says once of copies what is wrong with all, where they are written, and what would be better', async () => {
    const { text, close } = await openTemplate('deep-relu', (each) => each.replace('"initializer": "he"', '"initializer": "lecun"'));
    const own = (): readonly vscode.Diagnostic[] => vscode.languages.getDiagnostics(text.uri).filter(({ source }) => source === 'Initscope');
    await when('problems', () => own().length > 0);
    const [problem, ...others] = own();
    assert.ok(problem);
    assert.deepEqual(others, []);
    assert.equal(text.getText(problem.range), '"dense"');
    assert.match(problem.message, /^hidden1\/kernel is drawn by lecun-normal, σ 0\.0357, where He normal gives 0\.0505: .* The same holds for 19 more that are/);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', text.uri, problem.range.start);
    const said = hovers.flatMap(({ contents }) => contents.map((content) => (content instanceof vscode.MarkdownString ? content.value : ''))).join('\n');
    assert.match(said.replaceAll('&nbsp;', ' '), /hidden1\/kernel.*fan\\_in 784, fan\\_out 128/);
    assert.match(said, /34.*more.*that.*are.*written.*here/);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', text.uri, problem.range);
    const fix = actions.find(({ title }) => title.startsWith('Declare He normal for hidden1/kernel'));
    assert.ok(fix?.edit, actions.map(({ title }) => title).join('\n'));
    await vscode.workspace.applyEdit(fix.edit);
    assert.ok(text.getText().includes('"layers": [{ "dense": 128, "initializer": "he-normal" }]'), text.getText());
    await when('no problem to be left', () => own().length === 0);
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', text.uri);
    assert.deepEqual(lenses.map(({ command }) => command?.title), ['Inspect', 'Simulate', 'Reinitialize…']);
    await close();
  });
});

describe('the text of a topology of TensorFlow.js', () => {
  test('has its problems marked by what TensorFlow.js draws, mended in its words, and is followed by the inspector', async () => {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    const extension = vscode.extensions.getExtension<InitscopeApi>('initscope.initscope');
    assert.ok(folder && extension);
    const layer = (name: string, activation: string, more: object): object => ({ class_name: 'Dense', config: {
      name, units: 64, activation, kernel_initializer: { class_name: 'VarianceScaling', config: { scale: 1, mode: 'fan_in', distribution: 'truncated_normal',
        seed: null } }, ...more,
    } });
    const topology = { class_name: 'Sequential', keras_version: 'tfjs-layers 4.22.0', backend: 'tensor_flow.js', config: { name: 'net', layers: [
      layer('first', 'relu', { batch_input_shape: [null, 96] }), layer('second', 'linear', {}),
    ] } };
    const uri = vscode.Uri.joinPath(folder.uri, 'topology-text.json');
    await vscode.workspace.fs.writeFile(uri, Buffer.from(`${JSON.stringify({ modelTopology: topology, weightsManifest: [] }, null, 2)}\n`));
    const text = await vscode.workspace.openTextDocument(uri);
    await showBoth(text);
    const model = (await extension.activate()).documents.find(uri);
    assert.ok(model);
    const own = (): readonly vscode.Diagnostic[] => vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'Initscope');
    await when('problems', () => own().length > 0);
    const [problem] = own();
    assert.ok(problem);
    // A uniform of variance 1 / 96, where the words are those of a normal.
    assert.match(problem.message, /^first\/kernel is drawn by VarianceScaling, σ 0\.102, where He normal gives 0\.144/);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', uri, problem.range);
    const fix = actions.find(({ title }) => title.startsWith('Declare He normal for first/kernel'));
    assert.ok(fix?.edit, actions.map(({ title }) => title).join('\n'));
    await vscode.workspace.applyEdit(fix.edit);
    assert.match(text.getText(), /"class_name": "RandomNormal",\s+"config": \{\s+"mean": 0,\s+"stddev": 0\.1443/);
    await when('the inspector to follow', () => Math.abs((stdsOf(model)[0] ?? 0) - Math.sqrt(2 / 96)) < 1e-6);
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', uri);
    assert.deepEqual(lenses.map(({ command }) => command?.title), ['Inspect', 'Simulate', 'Reinitialize…']);
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await vscode.window.tabGroups.close(vscode.window.tabGroups.all.flatMap((group) => group.tabs));
    await vscode.workspace.fs.delete(uri);
  });
});
