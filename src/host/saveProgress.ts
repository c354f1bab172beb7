import * as vscode from 'vscode';

import { CancellationSource, isCancelled } from '../protocol/rpc';
import { bytes } from '../protocol/units';
import { say } from '../protocol/words';
import type { ModelDocument } from './modelDocument';
import { notify } from './notifications';
import { takesLong } from './patience';
import { readSettings } from './settings';

/** Saves a document; where that takes a while, says how far it is, and can be told to stop, which leaves the file as it was. */
export async function saveWithProgress(document: ModelDocument, target: vscode.Uri, token: vscode.CancellationToken): Promise<void> {
  try {
    await save(document, target, token);
  } catch (error) {
    // What the user has stopped did not fail: VS Code says nothing of an error of this kind.
    throw isCancelled(error) ? new vscode.CancellationError() : error;
  }
}

async function save(document: ModelDocument, target: vscode.Uri, token: vscode.CancellationToken): Promise<void> {
  const cancellation = new CancellationSource();
  token.onCancellationRequested(() => cancellation.cancel());
  let tell: (fraction: number) => void = () => undefined;
  const saving = document.save({
    target, cancellation, record: readSettings(document.uri).record, progress: (fraction) => tell(fraction),
    mayForget: (missing) => askWithoutUndo(document, missing),
  });
  if (!(await takesLong(saving))) return;
  await notify.progress(say('Saving {0}', document.name), (progress, stop) => {
    stop.onCancellationRequested(() => cancellation.cancel());
    let shown = 0;
    tell = (fraction) => {
      const percent = Math.floor(fraction * 100);
      if (percent > shown) progress.report({ increment: percent - shown, message: `${percent} %` });
      shown = Math.max(shown, percent);
    };
    return saving;
  });
}

async function askWithoutUndo(document: ModelDocument, missing: number): Promise<boolean> {
  const save = say('Save Without Undo');
  const what = say('There is no room on the disk for the {0} that undo needs to bring back the present weights of {1}.', bytes(missing), document.name);
  const answer = await notify.ask(what, say('Saved all the same, they cannot be brought back.'), save);
  return answer === save;
}
