import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { describe, test } from './registry';

describe('the packaged extension', () => {
  test('is installed and activates', async () => {
    const extension = vscode.extensions.getExtension('initscope.initscope');
    assert.ok(extension);
    await extension.activate();
    assert.ok(extension.isActive);
  });

  test('registers its commands', async () => {
    const commands = await vscode.commands.getCommands(true);
    assert.ok(commands.includes('initscope.inspect'));
    assert.ok(commands.includes('initscope.openGradientPanel'));
  });
});
