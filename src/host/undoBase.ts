import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, rmSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import type { OpenedModel } from '../formats/openModel';
import { isRunning } from '../formats/files/processes';
import type { KeepOptions } from '../formats/saving/undoBase';
import { hasRoom, keepPayloads } from '../formats/saving/undoBase';
import type { RestoredPayload } from '../protocol/engine';

/** What saves have overwritten in a document, so that undo brings it back: a file of its own, as long as the document is open. */
export class UndoBase {
  readonly #file: string;
  #kept = new Map<string, RestoredPayload>();

  constructor(storage: string, document: string) {
    const name = createHash('sha256').update(document).digest('hex').slice(0, 24);
    // The same document may be open in another window.
    this.#file = join(storage, 'undo', `${name}.${process.pid}-${randomBytes(4).toString('hex')}.payloads`);
  }

  get(id: string): RestoredPayload | undefined {
    return this.#kept.get(id);
  }

  /** Whether the disk has room for so many bytes more. */
  hasRoom(bytes: number): boolean {
    return bytes === 0 || hasRoom(dirname(this.#file), bytes);
  }

  async keep(opened: OpenedModel, ids: readonly string[], options: KeepOptions): Promise<void> {
    if (this.#kept.size === 0) removeAbandoned(dirname(this.#file));
    for (const payload of await keepPayloads(opened, ids, this.#file, options)) this.#kept.set(payload.tensorId, payload);
  }

  /** Forgets everything, since nothing can be undone any more. */
  clear(): void {
    if (this.#kept.size > 0) rmSync(this.#file, { force: true });
    this.#kept = new Map();
  }
}

/** Removes what processes have left that did not end in order. */
function removeAbandoned(folder: string): void {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch {
    return;
  }
  for (const name of names) {
    const pid = /^[0-9a-f]{24}\.(\d{1,10})-[0-9a-f]{8}\.payloads$/.exec(basename(name))?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) unlinkSync(join(folder, name));
  }
}
