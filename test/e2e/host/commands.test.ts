import assert from 'node:assert/strict';

import * as vscode from 'vscode';

import { describe, test } from './registry';

describe('the packaged extension', () => {
  test('registers every command it contributes', async () => {
    const extension = vscode.extensions.getExtension('initscope.initscope');
    assert.ok(extension);
    await extension.activate();
    const { contributes } = extension.packageJSON as { contributes: { commands: { command: string }[] } };
    const registered = await vscode.commands.getCommands(true);
    const missing = contributes.commands.map(({ command }) => command).filter((command) => !registered.includes(command));
    assert.ok(contributes.commands.length >= 3);
    assert.deepEqual(missing, []);
  });
});
