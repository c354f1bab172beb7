import { elementCount } from '../../core/graph/dtype';
import type { Tensor } from '../../core/graph/tensor';
import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import type { ByteSource } from '../files/byteSource';
import type { Elements } from './elements';
import { copyInto, createElements, readElements } from './elements';

/** Larger tensors than this are not filled with zeros: a shape costs a file nothing, and memory ends somewhere. */
const mostElements = 2 ** 30;

/**
 * Where the elements that a sparse tensor stores are in row-major order, from its `indices`: positions, or coordinates with an axis more
 * (onnx.proto, SparseTensorProto). What is wrong with them as a clause, where something is.
 */
export function sparsePositions(shape: readonly number[], rank: number, indices: ArrayLike<number | bigint>): Float64Array | string {
  const width = rank === 1 ? 1 : shape.length;
  const sizes = rank === 1 ? [elementCount(shape)] : shape;
  const positions = new Float64Array(width === 0 ? 0 : indices.length / width);
  for (let i = 0; i < positions.length; i++) {
    let position = 0;
    for (const [axis, size] of sizes.entries()) {
      const index = Number(indices[i * width + axis]);
      if (!(index >= 0 && index < size)) return say('its index {0} lies outside of its shape [{1}]', index, shape.join(', '));
      position = position * size + index;
    }
    if (i > 0 && position <= (positions[i - 1] ?? 0)) return say('its indices are not in ascending order');
    positions[i] = position;
  }
  return positions;
}

/** All elements of a sparse tensor, the zeros between the stored ones included. Throws a Failure where the file does not hold them. */
export function denseElements(tensor: Tensor, open: (file: string) => ByteSource): Elements {
  const { shape, dtype, place, indices, stored = 0 } = tensor;
  const count = elementCount(shape);
  if (count > mostElements) {
    throw new Failure('unsupported', say('{0} is sparse, and its {1} elements are more than can be written out.', tensor.id, count));
  }
  const dense = createElements(dtype, count);
  const broken = (what: string): Failure => (
    new Failure('broken-file',
      say('{0}: the sparse tensor {1} cannot be read: {2}. Export it again.', place?.file ?? say('The model'), tensor.id, what)));
  if (!dense) throw broken(say('its element type is {0}', dtype));
  if (stored === 0) return dense;
  if (!place || !indices?.place) throw broken(tensor.problem ?? say('it has no values'));
  const values = readElements(open(place.file), { dtype, shape: [stored], place });
  const read = readElements(open(indices.place.file), indices);
  if (!values || !read) throw broken(say('it does not hold {0} values and their indices', stored));
  const positions = sparsePositions(shape, indices.shape.length, read);
  if (typeof positions === 'string') throw broken(positions);
  for (let i = 0; i < positions.length; i++) copyInto(dense, values.subarray(i, i + 1), positions[i] ?? 0);
  return dense;
}
