/** The records of a B-tree of version 2 (specification 3.0, III.A.2), in their order. */

import type { Cursor, Hdf5File } from './cursor';
import { widthOf } from './cursor';

/** Signature, version, type and checksum of a node. */
const nodeOverhead = 10;
const deepest = 16;

interface Tree {
  readonly file: Hdf5File;
  readonly nodeBytes: number;
  readonly recordBytes: number;
  /** Bytes that say how many records a child has, and all below it, by its depth. */
  readonly countBytes: number;
  readonly totalBytes: readonly number[];
}

/** Each record as a cursor. `type` is what the tree should hold. */
export function* recordsOf(file: Hdf5File, address: number, type: number): Generator<Cursor> {
  const cursor = file.at(address);
  cursor.signature('BTHD', 'B-tree');
  cursor.version([0], 'a B-tree');
  const found = cursor.byte();
  if (found !== type) throw cursor.broken(`a B-tree is of type ${found}, and ${type} is expected`);
  const nodeBytes = cursor.uint(4);
  const recordBytes = cursor.uint(2);
  const depth = cursor.uint(2);
  cursor.skip(2);
  const root = cursor.address();
  const count = cursor.uint(2);
  cursor.length();
  file.verify(file.base + address, cursor.position, 'a B-tree');
  if (root === null) return;
  if (depth > deepest || recordBytes === 0 || nodeBytes <= nodeOverhead + recordBytes) {
    throw cursor.broken(`a B-tree is ${depth} levels deep, of nodes of ${nodeBytes} bytes and records of ${recordBytes}`);
  }
  yield* nodeRecords({ file, nodeBytes, recordBytes, ...countWidths(file, nodeBytes, recordBytes, depth) }, root, count, depth, type);
}

/** The widths follow from how many records nodes can hold, by depth (III.A.2, "Version 2 B-tree, Internal Node"). */
function countWidths(file: Hdf5File, nodeBytes: number, recordBytes: number, depth: number): Pick<Tree, 'countBytes' | 'totalBytes'> {
  const mostInLeaf = Math.floor((nodeBytes - nodeOverhead) / recordBytes);
  const countBytes = widthOf(mostInLeaf);
  const totalBytes = [0];
  let below = mostInLeaf;
  for (let level = 1; level < depth; level++) {
    const pointerBytes = file.addressBytes + countBytes + (totalBytes[level - 1] ?? 0);
    const most = Math.max(0, Math.floor((nodeBytes - nodeOverhead - pointerBytes) / (recordBytes + pointerBytes)));
    below = (most + 1) * below + most;
    totalBytes.push(widthOf(Math.min(below, Number.MAX_SAFE_INTEGER)));
  }
  return { countBytes, totalBytes };
}

function* nodeRecords(tree: Tree, address: number, count: number, depth: number, type: number): Generator<Cursor> {
  const { file, recordBytes } = tree;
  const cursor = file.at(address);
  cursor.signature(depth > 0 ? 'BTIN' : 'BTLF', 'node of a B-tree');
  cursor.version([0], 'a node of a B-tree');
  if (cursor.byte() !== type) throw cursor.broken('a node of a B-tree is of another type than the tree');
  if (nodeOverhead + count * recordBytes > tree.nodeBytes) throw cursor.broken(`a node of a B-tree has ${count} records, which it cannot hold`);
  const records = Array.from({ length: count }, () => cursor.part(recordBytes));
  const children = depth === 0 ? [] : Array.from({ length: count + 1 }, () => {
    const child = { address: cursor.present('a node of a B-tree'), count: cursor.uint(tree.countBytes) };
    if (depth > 1) cursor.uint(tree.totalBytes[depth - 1] ?? 0);
    return child;
  });
  file.verify(file.base + address, cursor.position, 'a node of a B-tree');
  for (let i = 0; i <= count; i++) {
    const child = children[i];
    if (child) yield* nodeRecords(tree, child.address, child.count, depth - 1, type);
    const record = records[i];
    if (record) yield record;
  }
}
