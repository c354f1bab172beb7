// Learned weights as edits: their values are on the disk before the edit is made, and stay there as long as a document or a backup names them.

import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import type { Edit } from '../core/edits/log';
import { isDigest, provideLearned } from '../core/initializers/learnedValues';
import { writeWhole } from '../formats/files/outputs';
import { isRunning } from '../formats/files/processes';
import { refusalsOf } from '../formats/saving/tensorWrite';
import { LearnedStore, digestsIn, learnedRecipes } from '../formats/tensors/learnedStore';
import { matchLearned } from '../formats/saving/matchLearned';
import { Failure } from '../protocol/failure';
import { say } from '../protocol/words';
import type { Log } from './log';
import type { ModelDocument } from './modelDocument';
import { notify } from './notifications';
import { partlySet } from './partlySet';
import type { EditAnnouncer } from './reinitialize';

export interface LearnedEdit {
  /** By id or name of the weight. */
  readonly values: ReadonlyMap<string, Float32Array>;
  /** Where they come from: "DBN, CD-1, 20 epochs, seed 3, digits". */
  readonly title: string;
  /** Of the command, as undo names it: "Train Weights". */
  readonly label: string;
}

/** Who names values: a process that is running, or a backup that is there. */
interface Claim {
  readonly pid: number | null;
  readonly backup: string | null;
  readonly digests: readonly string[];
}

export class LearnedWeights {
  readonly #store: LearnedStore;
  readonly #claims: string;
  readonly #own: string;
  readonly #named = new Set<string>();

  /** `folder` is shared by all windows. */
  constructor(folder: string) {
    this.#store = new LearnedStore(folder);
    this.#claims = join(folder, 'named');
    this.#own = join(this.#claims, `${process.pid}-${randomBytes(4).toString('hex')}.json`);
    provideLearned(this.#store.read);
  }

  get folder(): string { return this.#store.folder; }

  /** What nobody names any more goes; what cannot be read or removed stays until the next time. */
  clean(log: Pick<Log, 'warn'>): void {
    try {
      this.#store.removeUnnamed(this.#stillNamed());
    } catch (error) {
      log.warn(`Learned values that nobody names were not removed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** One edit of the document, to be undone, redone and saved like any other. */
  async apply(announcer: EditAnnouncer, document: ModelDocument, { values, title, label }: LearnedEdit): Promise<void> {
    if (document.readOnly !== null) throw new Failure('read-only', document.readOnly);
    const byId = matchLearned(document.opened ?? { layers: [], parameters: [] }, document.name, values);
    const recipes = learnedRecipes(byId, title);
    for (const each of byId.values()) await this.#store.keep(each);
    await this.#claim(digestsIn(recipes));
    const edit = document.edit({ label: `${label}: ${title}`, recipes });
    if (!edit) {
      const [first] = document.opened ? refusalsOf(document.opened, recipes) : [];
      const what = say('{0} has no weight that can take what was learned.', document.name);
      throw new Failure('unsupported', first ? `${what} ${first[0]}: ${first[1]}.` : what);
    }
    announcer.announce(document, `${label}: ${title}`, edit);
    if (edit.leftOut > 0) void notify.information(partlySet(document.name, edit.leftOut, recipes.length));
  }

  /** A backup names what it needs, so that it outlives this process. */
  async nameIn(backup: string, edits: readonly Edit[]): Promise<void> {
    const digests = digestsIn(edits.flatMap(({ recipes }) => recipes));
    if (digests.length > 0) await this.#write(this.#fileFor(backup), { pid: null, backup, digests });
    else this.forget(backup);
  }

  forget(backup: string): void {
    rmSync(this.#fileFor(backup), { force: true });
  }

  /** The edits as far as their values are there, and how many tensors they are missing for. */
  async claimThose(edits: readonly Edit[]): Promise<{ readonly edits: readonly Edit[]; readonly missing: number }> {
    let missing = 0;
    const complete = edits.map((edit) => {
      const recipes = edit.recipes.filter((recipe) => digestsIn([recipe]).every((digest) => this.#store.has(digest)));
      missing += edit.recipes.length - recipes.length;
      return { ...edit, recipes };
    }).filter(({ recipes }) => recipes.length > 0);
    const digests = digestsIn(complete.flatMap(({ recipes }) => recipes));
    this.#store.touch(digests);
    await this.#claim(digests);
    return { edits: complete, missing };
  }

  /** Documents of this process name them until it ends: undo and redo come back to them. */
  async #claim(digests: readonly string[]): Promise<void> {
    const added = digests.filter((digest) => !this.#named.has(digest));
    if (added.length === 0) return;
    for (const digest of added) this.#named.add(digest);
    await this.#write(this.#own, { pid: process.pid, backup: null, digests: [...this.#named] });
  }

  async #write(file: string, claim: Claim): Promise<void> {
    mkdirSync(this.#claims, { recursive: true });
    await writeWhole(file, JSON.stringify(claim));
  }

  #fileFor(backup: string): string {
    return join(this.#claims, `${createHash('sha256').update(backup).digest('hex').slice(0, 24)}.json`);
  }

  #stillNamed(): ReadonlySet<string> {
    const named = new Set<string>();
    for (const name of existsSync(this.#claims) ? readdirSync(this.#claims) : []) {
      const file = join(this.#claims, name);
      const claim = readClaim(file);
      const isValid = claim && ((claim.pid !== null && isRunning(claim.pid)) || (claim.backup !== null && existsSync(claim.backup)));
      if (isValid) for (const digest of claim.digests) named.add(digest);
      else rmSync(file, { force: true });
    }
    return named;
  }
}

/** Null where it is none. */
function readClaim(file: string): Claim | null {
  try {
    const claim: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof claim !== 'object' || claim === null || !('pid' in claim) || !('backup' in claim) || !('digests' in claim)) return null;
    const { pid, backup, digests } = claim;
    if (!Array.isArray(digests) || !digests.every(isDigest)) return null;
    return { pid: typeof pid === 'number' ? pid : null, backup: typeof backup === 'string' ? backup : null, digests };
  } catch {
    return null;
  }
}
