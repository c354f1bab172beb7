import type { Recipe } from '../../protocol/recipe';

/** One command of the user: new values for some tensors. */
export interface Edit {
  readonly label: string;
  readonly recipes: readonly Recipe[];
}

/** What a tensor holds: a recipe's values, or (null) what the file held when it was opened. */
export type Content = Recipe | null;

interface Entry {
  readonly edit: Edit;
  applied: boolean;
}

/**
 * The edits of a document. Everything else is a fold over them: what each tensor holds now is its last applied recipe, what has to be
 * written at a save is where that differs from what the file holds.
 */
export class EditLog {
  readonly #entries: Entry[] = [];
  /** The fold of the applied entries, kept until one of them changes: it is asked for once per tensor. */
  #current: ReadonlyMap<string, Recipe> | null = null;
  #saved: ReadonlyMap<string, Recipe> = new Map();
  /** Of tensors whose former values are gone: what is held where no edit says otherwise. */
  #base: ReadonlyMap<string, Recipe> = new Map();
  #savedEntries: ReadonlySet<Entry> = new Set();

  /** Adds an edit; the result takes it back and brings it again, any number of times. */
  push(edit: Edit): { undo(): void; redo(): void } {
    const entry: Entry = { edit, applied: true };
    this.#entries.push(entry);
    this.#current = null;
    const apply = (applied: boolean): void => {
      entry.applied = applied;
      this.#current = null;
    };
    return { undo: () => apply(false), redo: () => apply(true) };
  }

  /** Recipe of each tensor that does not hold what the file held when it was opened. */
  current(): ReadonlyMap<string, Recipe> {
    this.#current ??= new Map([...this.#base, ...this.applied().flatMap((edit) => edit.recipes.map((recipe) => [recipe.tensorId, recipe] as const))]);
    return this.#current;
  }

  /** Recipe of each tensor that the file on disk holds instead of what it held when it was opened. */
  saved(): ReadonlyMap<string, Recipe> {
    return this.#saved;
  }

  /** Tensors whose content in the file, or what the file records of it, differs from the document's, with what has to be written. */
  unsaved(): ReadonlyMap<string, Content> {
    const current = this.current();
    const changed = new Map<string, Content>();
    for (const [id, recipe] of current) if (!sameRecipe(recipe, this.#saved.get(id))) changed.set(id, recipe);
    for (const id of this.#saved.keys()) if (!current.has(id)) changed.set(id, null);
    return changed;
  }

  /** Equal for equal contents: what a result that depends on the weights is valid for. */
  signature(): string {
    const held = [...this.current().values()].map(({ tensorId, seed, blocks, twin }) => ({ tensorId, seed, blocks, twin }));
    return JSON.stringify(held.sort((a, b) => (a.tensorId < b.tensorId ? -1 : 1)));
  }

  /** The file now holds what the document holds. */
  markSaved(): void {
    this.#saved = this.current();
    this.#savedEntries = new Set(this.#entries.filter((entry) => entry.applied));
  }

  /** The file was written by another program: it holds nothing of this any more, and what is held here has to be written over it. */
  markOverwritten(): void {
    this.#saved = new Map();
    this.#savedEntries = new Set();
  }

  /** What these tensors hold now is the earliest that undo comes back to. */
  forgetBefore(ids: Iterable<string>): void {
    const current = this.current();
    this.#base = new Map([...this.#base, ...[...ids].flatMap((id) => {
      const recipe = current.get(id);
      return recipe ? [[id, recipe] as const] : [];
    })]);
    this.#current = null;
  }

  /** The document again holds what the file holds. */
  revert(): void {
    for (const entry of this.#entries) entry.applied = this.#savedEntries.has(entry);
    this.#current = null;
  }

  /** Applied edits in order, for a backup. */
  applied(): readonly Edit[] {
    return this.#entries.filter((entry) => entry.applied).map((entry) => entry.edit);
  }
}

/** Whether two recipes draw the same values; their origin does not matter. */
export function sameValues(a: Recipe, b: Recipe | undefined): boolean {
  return a.seed === b?.seed && JSON.stringify([a.blocks, a.twin]) === JSON.stringify([b.blocks, b.twin]);
}

/** Whether two recipes draw the same values, and say the same of where they come from. */
export function sameRecipe(a: Recipe, b: Recipe | undefined): boolean {
  return sameValues(a, b) && JSON.stringify(a.origin) === JSON.stringify(b?.origin);
}
