import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import * as vscode from 'vscode';

import type { Edit } from '../../../src/core/edits/log';
import { readBackup, writeBackup } from '../../../src/host/backup';
import { LearnedWeights } from '../../../src/host/learnedWeights';
import { ModelDocument } from '../../../src/host/modelDocument';
import { describe, test } from './registry';

const folder = vscode.workspace.workspaceFolders?.[0]?.uri;

/** Of a window that keeps what it learns in a folder of its own. */
const learning = (): LearnedWeights => new LearnedWeights(mkdtempSync(path.join(tmpdir(), 'initscope-learned-')));

async function opened(edits: readonly Edit[]): Promise<ModelDocument> {
  assert.ok(folder);
  const document = new ModelDocument(vscode.Uri.joinPath(folder, 'deep-tanh-mlp.onnx'), tmpdir(), { warn: () => undefined });
  await document.read();
  document.restore(edits);
  return document;
}

async function zeroed(seed: number): Promise<ModelDocument> {
  const document = await opened([]);
  const id = document.layers[0]?.weights[0]?.id ?? '';
  const origin = { scheme: 'zeros', title: 'Zeros' } as const;
  document.edit({ label: 'Zeros', recipes: [{ version: 1, tensorId: id, seed, blocks: [{ sampler: { kind: 'constant', value: 0 } }], origin }] });
  return document;
}

describe('a backup', () => {
  test('holds the edits, in place as a whole', async () => {
    const place = mkdtempSync(path.join(tmpdir(), 'initscope-backup-'));
    const document = await zeroed(1);
    const { id } = await writeBackup(document, vscode.Uri.file(path.join(place, 'b1')), learning());
    assert.deepEqual(readdirSync(place), ['b1']);
    const { edits, problem } = await readBackup(id, document.uri);
    assert.deepEqual([edits, problem], [document.applied(), null]);
    document.dispose();
  });

  test('that was replaced meanwhile gives way to the latest of the same document', async () => {
    const place = mkdtempSync(path.join(tmpdir(), 'initscope-backup-'));
    const uri = (name: string): vscode.Uri => vscode.Uri.file(path.join(place, name));
    const [first, second] = [await zeroed(1), await zeroed(2)];
    const { id } = await writeBackup(first, uri('b1'), learning());
    await writeBackup(second, uri('b2'), learning());
    rmSync(uri('b1').fsPath);
    const { edits, problem } = await readBackup(id, second.uri);
    assert.deepEqual([edits, problem], [second.applied(), null]);
    assert.equal((await readBackup(id, uri('another.onnx'))).edits.length, 0);
    first.dispose();
    second.dispose();
  });

  test('that is missing or unreadable is a problem, not an empty list without a word', async () => {
    const place = mkdtempSync(path.join(tmpdir(), 'initscope-backup-'));
    const uri = (name: string): vscode.Uri => vscode.Uri.file(path.join(place, name));
    writeFileSync(uri('half').fsPath, '{"version":1,"edi');
    writeFileSync(uri('newer').fsPath, '{"version":2}');
    for (const name of ['missing', 'half', 'newer']) {
      const { edits, problem } = await readBackup(uri(name).toString(), uri('m.onnx'));
      assert.equal(edits.length, 0);
      assert.match(problem ?? '', /backup/, name);
    }
  });
});
