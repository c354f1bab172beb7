import { describe, expect, it } from 'vitest';

import { EditLog, sameValues } from '../../../../src/core/edits/log';
import type { Edit } from '../../../../src/core/edits/log';
import type { Recipe } from '../../../../src/protocol/recipe';

const recipe = (tensorId: string, seed: number): Recipe => (
  { version: 1, tensorId, seed, blocks: [{ sampler: { kind: 'normal', mean: 0, std: 1 } }], origin: { scheme: 'normal', title: '' } });
const edit = (...recipes: readonly Recipe[]): Edit => ({ label: 'test', recipes });
/** Tensor → seed, or null where the file's first content is to come back. */
const seeds = (held: ReadonlyMap<string, Recipe | null>): Record<string, number | null> => (
  Object.fromEntries([...held].map(([id, content]) => [id, content?.seed ?? null])));

describe('the edits of a document', () => {
  it('fold to the last recipe of each tensor', () => {
    const log = new EditLog();
    log.push(edit(recipe('a', 1), recipe('b', 1)));
    log.push(edit(recipe('b', 2)));
    expect(seeds(log.current())).toEqual({ a: 1, b: 2 });
    expect(seeds(log.unsaved())).toEqual({ a: 1, b: 2 });
    expect(seeds(log.saved())).toEqual({});
  });
  it('are undone and redone in any number', () => {
    const log = new EditLog();
    const first = log.push(edit(recipe('a', 1)));
    const second = log.push(edit(recipe('a', 2)));
    second.undo();
    expect(seeds(log.current())).toEqual({ a: 1 });
    first.undo();
    expect(seeds(log.current())).toEqual({});
    expect(log.unsaved().size).toBe(0);
    first.redo();
    second.redo();
    expect(seeds(log.current())).toEqual({ a: 2 });
    expect(log.applied().map((each) => each.recipes[0]?.seed)).toEqual([1, 2]);
  });
  it('come back to what was saved, where what was before is gone', () => {
    const log = new EditLog();
    const first = log.push(edit(recipe('a', 1), recipe('b', 1)));
    log.forgetBefore(['a', 'none']);
    log.markSaved();
    const second = log.push(edit(recipe('a', 2)));
    first.undo();
    expect(seeds(log.unsaved())).toEqual({ a: 2, b: null });
    second.undo();
    expect(seeds(log.current())).toEqual({ a: 1 });
    expect(seeds(log.unsaved())).toEqual({ b: null });
    first.redo();
    expect(log.unsaved().size).toBe(0);
  });
  it('leave nothing to write once they are saved', () => {
    const log = new EditLog();
    log.push(edit(recipe('a', 1)));
    log.markSaved();
    expect(log.unsaved().size).toBe(0);
    log.push(edit(recipe('a', 1)));
    expect(log.unsaved().size).toBe(0);
    log.push(edit(recipe('a', 2)));
    expect(seeds(log.unsaved())).toEqual({ a: 2 });
  });
  it('undone after they were saved bring the old content back, and saving that too', () => {
    const log = new EditLog();
    const only = log.push(edit(recipe('a', 1), recipe('b', 1)));
    log.markSaved();
    only.undo();
    expect(seeds(log.unsaved())).toEqual({ a: null, b: null });
    log.markSaved();
    expect(seeds(log.saved())).toEqual({});
    expect(log.unsaved().size).toBe(0);
    only.redo();
    expect(seeds(log.unsaved())).toEqual({ a: 1, b: 1 });
  });
  it('undone to an earlier edit after they were saved write that edit', () => {
    const log = new EditLog();
    log.push(edit(recipe('a', 1)));
    const second = log.push(edit(recipe('a', 2), recipe('b', 2)));
    log.markSaved();
    second.undo();
    expect(seeds(log.unsaved())).toEqual({ a: 1, b: null });
  });
  it('are reverted to what the file holds', () => {
    const log = new EditLog();
    const first = log.push(edit(recipe('a', 1)));
    log.markSaved();
    const second = log.push(edit(recipe('a', 2)));
    log.revert();
    expect(seeds(log.current())).toEqual({ a: 1 });
    first.undo();
    log.revert();
    expect(seeds(log.current())).toEqual({ a: 1 });
    expect(log.unsaved().size).toBe(0);
    second.redo();
    expect(seeds(log.unsaved())).toEqual({ a: 2 });
  });
  it('are reverted to nothing where nothing was saved', () => {
    const log = new EditLog();
    log.push(edit(recipe('a', 1)));
    log.revert();
    expect([log.current().size, log.unsaved().size, log.applied().length]).toEqual([0, 0, 0]);
  });
  it('undone, saved, and reverted after a redo are undone again', () => {
    const log = new EditLog();
    const only = log.push(edit(recipe('a', 1)));
    log.markSaved();
    only.undo();
    log.markSaved();
    only.redo();
    log.revert();
    expect(seeds(log.current())).toEqual({});
  });
  it('are to be saved where they draw what is there, but say something else of it', () => {
    const log = new EditLog();
    log.push(edit(recipe('a', 1), recipe('b', 1)));
    log.markSaved();
    const again = log.push(edit({ ...recipe('a', 1), origin: { scheme: 'normal', title: '', picked: {} } }, recipe('b', 1)));
    expect([...log.unsaved().keys()]).toEqual(['a']);
    again.undo();
    expect(log.unsaved().size).toBe(0);
  });
  it('are the same values where only their origin differs', () => {
    expect(sameValues(recipe('a', 1), { ...recipe('a', 1), origin: { scheme: 'zeros', title: 'x' } })).toBe(true);
    expect(sameValues(recipe('a', 1), recipe('a', 2))).toBe(false);
    expect(sameValues(recipe('a', 1), undefined)).toBe(false);
  });
});
