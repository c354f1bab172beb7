/** The links of a group in the old form: a tree of symbol tables, and a heap of names (specification 3.0, III.A.1, III.B to III.D). */

import type { TreeKind } from './btree1';
import { leavesOf } from './btree1';
import { Cursor } from './cursor';
import type { Hdf5File } from './cursor';
import type { Link } from './links';

/** Its keys are names of links, which are not asked for. */
const groupTree: TreeKind<number> = { type: 0, what: 'tree of a group', part: 'a part of a group', deepest: 32, readKey: (cursor) => cursor.length() };
/** A symbol table entry that is a soft link keeps where its value is in the heap (III.C). */
const softLink = 2;

/** In the order of names, as they are kept. */
export function readSymbolTable(file: Hdf5File, message: Cursor): readonly Link[] {
  const tree = message.present('the tree of a group');
  const names = readHeap(file, message.present('the names of a group'));
  const links: Link[] = [];
  for (const { address } of leavesOf(file, tree, groupTree)) readEntries(file, address, names, links);
  return links;
}

/** The names, as a part of the file in which a link has an offset. */
function readHeap(file: Hdf5File, address: number): Cursor {
  const cursor = file.at(address);
  cursor.signature('HEAP', 'heap of names');
  cursor.version([0], 'a heap of names');
  cursor.skip(3);
  const size = cursor.length();
  cursor.length();
  return file.at(cursor.present('a heap of names'), size);
}

function readEntries(file: Hdf5File, address: number, names: Cursor, links: Link[]): void {
  const cursor = file.at(address);
  cursor.signature('SNOD', 'symbol table');
  cursor.version([1], 'a symbol table');
  cursor.skip(1);
  const count = cursor.uint(2);
  for (let i = 0; i < count; i++) {
    const name = nameAt(names, cursor.length());
    const target = cursor.address();
    const kind = cursor.uint(4);
    cursor.skip(4);
    const scratch = cursor.part(16);
    if (kind === softLink) links.push({ kind: 'soft', name, target: nameAt(names, scratch.uint(4)) });
    else if (target === null) throw cursor.broken(`${name} is nowhere`);
    else links.push({ kind: 'hard', name, address: target });
  }
}

function nameAt(names: Cursor, offset: number): string {
  const cursor = new Cursor(names.file, names.position, names.end);
  cursor.skip(offset);
  return cursor.terminated();
}
