/** What a group names (specification 3.0, IV.A.2.g and IV.A.2.c), in the order of its making if it was kept, else of its names. */

import { recordsOf } from './btree2';
import type { Cursor, Hdf5File } from './cursor';
import { FractalHeap } from './fractalHeap';
import type { ObjectHeader } from './objectHeader';
import { body, bodyOf, messageTypes } from './objectHeader';
import { readSymbolTable } from './symbolTable';

export type Link =
  | { readonly kind: 'hard'; readonly name: string; readonly address: number }
  | { readonly kind: 'soft'; readonly name: string; readonly target: string }
  /** Into another file, or of a kind that only a program knows: why it is not followed, as a clause. */
  | { readonly kind: 'foreign'; readonly name: string; readonly why: string };

interface Ordered {
  readonly link: Link;
  readonly order: number | null;
}

/** Of a tree of links by name (III.A.2, "Type 5"). */
const linkRecords = 5;
const kinds = { hard: 0, soft: 1, external: 64 } as const;

export function readLinks(file: Hdf5File, header: ObjectHeader): readonly Link[] {
  const table = bodyOf(file, header, messageTypes.symbolTable);
  if (table) return readSymbolTable(file, table);
  const compact = header.messages.filter(({ type }) => type === messageTypes.link).map((message) => readLink(body(file, message)));
  const info = bodyOf(file, header, messageTypes.linkInfo);
  const ordered = [...compact, ...info ? readDense(file, info) : []];
  return ordered.sort((a, b) => (a.order ?? 0) - (b.order ?? 0) || (a.link.name < b.link.name ? -1 : 1)).map(({ link }) => link);
}

/** Where there are many, they are in a heap, and a tree of hashes of their names leads to them. */
function readDense(file: Hdf5File, info: Cursor): readonly Ordered[] {
  info.version([0], 'the links of a group');
  const flags = info.byte();
  if ((flags & 1) !== 0) info.skip(8);
  const [heapAddress, tree] = [info.address(), info.address()];
  if (heapAddress === null || tree === null) return [];
  const heap = new FractalHeap(file, heapAddress);
  return [...recordsOf(file, tree, linkRecords)].map((record) => {
    record.skip(4);
    return readLink(heap.object(record));
  });
}

function readLink(cursor: Cursor): Ordered {
  cursor.version([1], 'a link');
  const flags = cursor.byte();
  const kind = (flags & 8) !== 0 ? cursor.byte() : kinds.hard;
  const order = (flags & 4) !== 0 ? cursor.uint(8) : null;
  if ((flags & 0x10) !== 0) cursor.skip(1);
  const name = cursor.text(cursor.uint(1 << (flags & 3)));
  return { link: linkOf(cursor, kind, name), order };
}

function linkOf(cursor: Cursor, kind: number, name: string): Link {
  if (kind === kinds.hard) return { kind: 'hard', name, address: cursor.present(name) };
  const value = cursor.part(cursor.uint(2));
  if (kind === kinds.soft) return { kind: 'soft', name, target: value.text(value.left) };
  if (kind !== kinds.external) return { kind: 'foreign', name, why: `is a link of kind ${kind}, which only the program that wrote it follows` };
  value.skip(1);
  const file = value.terminated();
  return { kind: 'foreign', name, why: `is a link to ${value.terminated()} in the file ${file}, which is not followed` };
}
