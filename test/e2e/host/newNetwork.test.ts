import assert from 'node:assert/strict';

import * as vscode from 'vscode';

import { describe, test } from './registry';

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
  test('refuses a template that there is none of', async () => {
    await assert.rejects(async () => vscode.commands.executeCommand('initscope.newNetwork', 'perceptron'), /There is no template perceptron/);
  });
});
