import { isFloat } from '../../core/graph/dtype';
import type { Graph } from '../../core/graph/graph';
import { graphsIn } from '../../core/graph/graph';
import type { FilePool } from '../../formats/tensors/content';
import { readFloat32 } from '../../formats/tensors/content';
import { storedBytes } from '../../formats/tensors/elements';
import type { Payloads } from '../../formats/onnx/encode';
import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';

/** Float payloads of constants, widened or narrowed to the float32 the graph runs in; everything else as stored. */
export function createPayloads(stored: Graph, pool: FilePool): Payloads {
  const originals = new Map([...graphsIn(stored)].flatMap(({ initializers }) => [...initializers.values()].map((tensor) => [tensor.id, tensor] as const)));
  originals.delete('');
  return (name, tensor) => {
    const original = originals.get(tensor.id) ?? stored.initializers.get(name) ?? tensor;
    if (original.declared) return new Uint8Array(readFloat32(pool, original, {}).buffer);
    if (!original.place) {
      throw new Failure('unsupported', say('The constant {0} cannot be read: {1}.', name, original.problem ?? say('its place is not known')));
    }
    if (!isFloat(original.dtype)) {
      const bytes = storedBytes(pool.source(original.place.file), original);
      if (!bytes) {
        throw new Failure('unsupported', say('The constant {0} of type {1} does not hold as many elements as its shape.', name, original.dtype));
      }
      return bytes;
    }
    return new Uint8Array(readFloat32(pool, original, {}).buffer);
  };
}
