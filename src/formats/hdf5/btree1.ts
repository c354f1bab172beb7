/** The leaves of a B-tree of version 1 (specification 3.0, III.A.1), in the order of their keys. */

import type { Cursor, Hdf5File } from './cursor';

/** What a tree is of: groups and chunks differ in their keys. */
export interface TreeKind<Key> {
  readonly type: number;
  /** "tree of a group" */
  readonly what: string;
  /** Of a child: "a part of a group". */
  readonly part: string;
  /** Levels beyond which no writer goes. */
  readonly deepest: number;
  /** Reads the key that stands before a child. */
  readonly readKey: (cursor: Cursor) => Key;
}

export interface Leaf<Key> {
  readonly key: Key;
  readonly address: number;
}

export function* leavesOf<Key>(file: Hdf5File, address: number, kind: TreeKind<Key>, expected: number | null = null): Generator<Leaf<Key>> {
  const cursor = file.at(address);
  cursor.signature('TREE', kind.what);
  if (cursor.byte() !== kind.type) throw cursor.broken(`the ${kind.what} is of another type`);
  const level = cursor.byte();
  if (level > kind.deepest || (expected !== null && level !== expected)) throw cursor.broken(`a node of a tree is on level ${level}`);
  const count = cursor.uint(2);
  cursor.address();
  cursor.address();
  for (let i = 0; i < count; i++) {
    const key = kind.readKey(cursor);
    const child = cursor.present(kind.part);
    if (level > 0) yield* leavesOf(file, child, kind, level - 1);
    else yield { key, address: child };
  }
}
