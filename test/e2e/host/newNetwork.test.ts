import assert from 'node:assert/strict';

import * as vscode from 'vscode';

import { describe, test } from './registry';

/** Asks again until an answer will do: what checks JSON is a program of its own, which has to start. */
async function until<T>(ask: () => T | Thenable<T>, willDo: (answer: T) => boolean): Promise<T> {
  for (const ends = Date.now() + 20_000; ;) {
    const answer = await ask();
    if (willDo(answer) || Date.now() > ends) return answer;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

describe('a network that is typed', () => {
  test('is checked, completed and explained by its schema', async () => {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    const uri = vscode.Uri.joinPath(folder.uri, 'typed.initscope.json');
    const lines = ['{ "initscope": 1, "input": { "shape": [4] },', '  "activation": "relux",', '  "layers": [', '    { "dense": 4,  },', '    ""', '  ] }'];
    await vscode.workspace.fs.writeFile(uri, Buffer.from(lines.join('\n')));
    await vscode.window.showTextDocument(uri);
    const problems = await until(() => vscode.languages.getDiagnostics(uri), (found) => found.length >= 3);
    assert.deepEqual([...new Set(problems.map(({ range }) => range.start.line))].sort(), [1, 3, 4]);
    const complete = async (line: number, character: number): Promise<string[]> => {
      const at = new vscode.Position(line, character);
      const list = await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', uri, at);
      return list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
    };
    assert.deepEqual((await complete(3, 18)).sort(), ['activation', 'bias', 'comment', 'initializer', 'input', 'name']);
    const bare = await complete(4, 5);
    for (const word of ['"relu"', '"batch-norm"', '"flatten"']) assert.ok(bare.includes(word), `${word} is not among ${bare.join(', ')}`);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', uri, new vscode.Position(3, 8));
    const said = hovers.flatMap(({ contents }) => contents.map((content) => (content instanceof vscode.MarkdownString ? content.value : '')));
    assert.match(said.join('\n'), /Units/);
    await vscode.window.tabGroups.close(vscode.window.tabGroups.all.flatMap((group) => group.tabs));
    await vscode.workspace.fs.delete(uri);
  });
});

describe('a new network', () => {
  test('is a template saved as a file, as text and in the inspector beside it', async () => {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(folder);
    const target = vscode.Uri.joinPath(folder.uri, 'mine.initscope.json');
    await vscode.commands.executeCommand('initscope.newNetwork', 'deep-sigmoid', target);
    const text = Buffer.from(await vscode.workspace.fs.readFile(target)).toString('utf8');
    assert.equal((JSON.parse(text) as { initscope: number }).initscope, 1);
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs).filter(({ label }) => label === 'mine.initscope.json');
    assert.equal(tabs.filter(({ input }) => input instanceof vscode.TabInputText).length, 1);
    assert.equal(tabs.filter(({ input }) => input instanceof vscode.TabInputCustom).length, 1);
    await vscode.window.tabGroups.close(tabs);
    await vscode.workspace.fs.delete(target);
  });
  test('may be each of the templates that there are', async () => {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    const extension = vscode.extensions.getExtension('initscope.initscope');
    assert.ok(folder && extension);
    const templates = await vscode.workspace.fs.readDirectory(vscode.Uri.joinPath(extension.extensionUri, 'media/templates'));
    assert.ok(templates.length >= 7);
    for (const [file] of templates) {
      const target = vscode.Uri.joinPath(folder.uri, file);
      await vscode.commands.executeCommand('initscope.newNetwork', file.replace('.initscope.json', ''), target);
      const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs).filter(({ label }) => label === file);
      assert.equal(tabs.length, 2, file);
      await vscode.window.tabGroups.close(tabs);
      await vscode.workspace.fs.delete(target);
    }
  });
  test('refuses a template that there is none of', async () => {
    await assert.rejects(async () => vscode.commands.executeCommand('initscope.newNetwork', 'perceptron'), /There is no template perceptron/);
  });
});
