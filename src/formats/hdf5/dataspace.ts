/** How many elements there are, and along which axes (specification 3.0, IV.A.2.b). */

import { highestRank } from '../../core/graph/dtype';
import type { Cursor } from './cursor';

/** Null where there are none by design, as h5py.Empty has. */
export function readShape(cursor: Cursor): readonly number[] | null {
  const version = cursor.version([1, 2], 'a dataspace');
  const rank = cursor.byte();
  if (rank > highestRank) throw cursor.broken(`a shape has ${rank} axes`);
  cursor.skip(1);
  const isNull = version === 2 ? cursor.byte() === 2 : false;
  if (version === 1) cursor.skip(5);
  const shape = Array.from({ length: rank }, () => cursor.length());
  if (!Number.isSafeInteger(shape.reduce((product, size) => product * Math.max(1, size), 1))) throw cursor.broken(`a shape is (${shape.join(', ')})`);
  return isNull ? null : shape;
}
