// The file of a document as it is read: from the disk, from a copy of what is elsewhere, or from the text that an editor holds and has not saved.

import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import * as vscode from 'vscode';

import type { OpenedModel } from '../formats/openModel';
import { openModelFile } from '../formats/openModel';
import type { ErrorData } from '../protocol/rpc';
import { describeError } from '../protocol/rpc';
import { say } from '../protocol/words';
import { diskScheme } from './diskVersions';
import { copyToDisk, largestLoadedMegabytes, removeCopy, writeCopy } from './localCopy';
import { openText, unsavedText } from './text/modelText';

export class ModelFile {
  readonly uri: vscode.Uri;
  readonly #folder: string;
  #opened: OpenedModel | null = null;
  #error: ErrorData | null = null;
  /** Of a file that is not on a disk. */
  #copy: string | null = null;
  /** Of a text that was run before it was saved. */
  #textCopy: string | null = null;
  #isWriteProtected = false;
  /** What a text editor holds of the file, and has not saved. */
  #text: string | null = null;
  /** Why that is no model at the moment: what is shown is of before. */
  #stale: string | null = null;

  /** `storage` is a folder for copies. */
  constructor(uri: vscode.Uri, storage: string) {
    this.uri = uri;
    this.#folder = join(storage, 'copies');
  }

  get opened(): OpenedModel | null { return this.#opened; }
  get error(): ErrorData | null { return this.#error; }
  get name(): string { return this.uri.path.replace(/^.*\//, ''); }

  /** `separated`: uses of merged tensors that are told apart whatever they hold now. */
  async read(separated: ReadonlySet<string>): Promise<void> {
    this.#text = unsavedText(this.uri);
    await this.#read(separated);
  }

  async #read(separated: ReadonlySet<string>): Promise<void> {
    this.#stale = null;
    try {
      if (this.uri.scheme === 'file') {
        this.#opened = this.#text !== null ? this.#readText(this.#text)
          : openModelFile(this.uri.fsPath, { followExternal: vscode.workspace.isTrusted, separated });
        this.#isWriteProtected = ((await stat(this.uri.fsPath)).mode & 0o222) === 0;
      } else {
        await this.#removeCopies();
        this.#copy = await copyToDisk(this.uri, this.#folder);
        this.#opened = openModelFile(this.#copy, { followExternal: false });
      }
      this.#error = null;
    } catch (error) {
      this.#opened = null;
      const described = describeError(error);
      this.#error = this.#copy === null ? described : { ...described, message: described.message.replaceAll(this.#copy, this.name) };
    }
  }

  /** Of a text that is being typed, and is no model in between, what it was before. */
  #readText(text: string): OpenedModel {
    try {
      return openText(this.uri.fsPath, text);
    } catch (error) {
      if (!this.#opened) throw error;
      this.#stale = describeError(error).message;
      return this.#opened;
    }
  }

  /** A text editor holds another text than the file, or (null) none any more. Returns whether that is news. */
  async followText(text: string | null): Promise<boolean> {
    if (text === this.#text) return false;
    this.#text = text;
    await this.#read(new Set());
    return true;
  }

  /** The file that is run: a copy where what is shown is not saved. */
  async toRun(): Promise<string> {
    if (this.#text === null) return this.uri.fsPath;
    if (this.#textCopy !== null) await removeCopy(this.#textCopy);
    this.#textCopy = await writeCopy(this.uri, this.#text, this.#folder);
    return this.#textCopy;
  }

  /** Why weights cannot be written here, or null. */
  get readOnly(): string | null {
    if (this.uri.scheme === diskScheme) return say('This is what is on the disk, for comparing: it can be inspected here, but not written or run.');
    if (this.uri.scheme !== 'file') {
      return say('What is behind "{0}:" can be inspected, but not written or run. To do so, open the file itself.', this.uri.scheme);
    }
    if (!vscode.workspace.isTrusted) return say('In Restricted Mode models can be inspected, but not written or run. Trust the workspace to do so.');
    return null;
  }

  /** What else is limited here, and why. */
  get limits(): readonly string[] {
    if (this.uri.scheme !== 'file') {
      return [say('It was loaded whole, which is done up to {0} MB; weights in other files (external data) are not followed.', largestLoadedMegabytes)];
    }
    if (this.#stale !== null) return [say('The text is no model at the moment: {0} What is shown is as it was before.', this.#stale)];
    if (!vscode.workspace.isTrusted) return [say('Weights in other files (external data) are not followed in Restricted Mode.')];
    return this.#isWriteProtected ? [say('{0} is write-protected: changes can be made here, but only be saved under another name (Save As).', this.name)] : [];
  }

  async #removeCopies(): Promise<void> {
    for (const copy of [this.#copy, this.#textCopy]) if (copy !== null) await removeCopy(copy);
    [this.#copy, this.#textCopy] = [null, null];
  }

  dispose(): void {
    void this.#removeCopies();
  }
}
