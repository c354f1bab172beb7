import { elementCount } from '../../core/graph/dtype';
import type { Tensor, TensorHome } from '../../core/graph/tensor';
import { say } from '../../protocol/words';
import type { ByteSource } from '../files/byteSource';
import { openFile } from '../files/byteSource';
import { denseElements, sparsePositions } from '../tensors/sparse';
import type { SparseTensorProto } from './schema';
import { isLoaded, locateTensor, refuseShape } from './tensor';

/**
 * A SparseTensorProto as a place (onnx.proto): `values` [stored] holds what is not zero, `indices` where it stands, as int64 [stored] or
 * [stored, rank]. Of a small one all elements are loaded, the zeros too, as of any other constant that shapes are worked out from.
 */
export function locateSparse(source: ByteSource, proto: SparseTensorProto, home?: TensorHome): Tensor {
  const values = locateTensor(source, proto.values ?? {});
  const indices = locateTensor(source, proto.indices ?? {});
  const shape = proto.dims ?? [];
  const impossible = refuseShape(shape);
  const problem = impossible ?? refuseParts(shape, values, indices);
  const { dtype, place } = values;
  if (problem !== null) return { id: '', dtype, shape: impossible === null ? shape : [], storage: 'sparse', place: null, values: null, problem };
  const tensor: Tensor = {
    id: '', dtype, shape, storage: 'sparse', place, values: null, stored: elementCount(values.shape), indices, ...(home ? { home } : {}),
  };
  return isLoaded(tensor) ? { ...tensor, values: loaded(source, tensor) } : tensor;
}

function refuseParts(shape: readonly number[], values: Tensor, indices: Tensor): string | null {
  if (values.problem !== undefined) return say('of the values it stores, {0}', values.problem);
  if (indices.problem !== undefined) return say('of its indices, {0}', indices.problem);
  const [stored = 0] = values.shape;
  if (values.shape.length !== 1) return say('its values have the shape [{0}] instead of a single axis', values.shape.join(', '));
  if (stored > elementCount(shape)) return say('it stores {0} values where its shape has {1}', stored, elementCount(shape));
  const [count, width, ...rest] = indices.shape;
  const fits = indices.dtype === 'int64' && count === stored && rest.length === 0 && (width === undefined || width === shape.length);
  if (!fits) {
    return say('its indices are {0} [{1}], not int64 [{2}] or [{2}, {3}]', indices.dtype, indices.shape.join(', '), stored, shape.length);
  }
  const positions = indices.values && sparsePositions(shape, indices.shape.length, indices.values);
  return typeof positions === 'string' ? positions : null;
}

function loaded(source: ByteSource, tensor: Tensor): readonly number[] {
  const opened: ByteSource[] = [];
  const open = (file: string): ByteSource => {
    if (file === source.name) return source;
    const other = openFile(file);
    opened.push(other);
    return other;
  };
  try {
    return Array.from(denseElements(tensor, open), Number);
  } finally {
    for (const each of opened) each.close();
  }
}
