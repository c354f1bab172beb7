import * as vscode from 'vscode';

import { say, sayOf } from '../protocol/words';
import { diskScheme } from './diskVersions';
import type { ModelDocument } from './modelDocument';
import { notify } from './notifications';

const overwrite = say('Overwrite');
const compare = say('Compare');
const revert = say('Revert');
const saveAs = say('Save As…');

/** Asks what is to become of a file that another program has changed while it has unsaved changes here: once, until that is settled. */
export class DiskConflicts {
  readonly #asking = new Set<ModelDocument>();
  readonly #focus: (document: ModelDocument) => Promise<void>;

  /** `focus` makes an editor of the document the active one. */
  constructor(focus: (document: ModelDocument) => Promise<void>) {
    this.#focus = focus;
  }

  async settle(document: ModelDocument): Promise<void> {
    if (this.#asking.has(document)) return;
    this.#asking.add(document);
    try {
      while (document.isInConflict()) {
        const what = say('{0} was changed on disk while it has unsaved changes here. Overwriting draws them over what is there now.', document.name);
        const answer = await notify.warning(what, overwrite, compare, revert, saveAs);
        if (answer === undefined || !document.isInConflict()) return;
        await this.#do(document, answer);
        if (answer !== compare) return;
      }
    } finally {
      this.#asking.delete(document);
    }
  }

  async #do(document: ModelDocument, answer: string): Promise<void> {
    const { uri, name } = document;
    if (answer === compare) {
      await vscode.commands.executeCommand('vscode.diff', uri.with({ scheme: diskScheme }), uri, say('{0} (on disk ↔ here)', name));
      return;
    }
    await this.#focus(document);
    if (answer === revert) {
      await vscode.commands.executeCommand('workbench.action.files.revert');
      return;
    }
    const lost = await document.moveOntoDisk();
    if (lost > 0) {
      void notify.warning(sayOf(lost, '{0} tensor with new values is not in {1} as it is on the disk now; the others keep theirs.',
        '{0} tensors with new values are not in {1} as it is on the disk now; the others keep theirs.', name));
    }
    await vscode.commands.executeCommand(answer === overwrite ? 'workbench.action.files.save' : 'workbench.action.files.saveAs');
  }
}
