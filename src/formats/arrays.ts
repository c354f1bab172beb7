import { readFileSync } from 'node:fs';

import { elementCount } from '../core/graph/dtype';
import { Failure } from '../protocol/failure';
import { openFile, reasonOf } from './files/byteSource';
import { readElements } from './tensors/elements';
import type { NumpyArray } from './numpy/npy';
import { parseNpy } from './numpy/npy';
import { readNpz } from './numpy/npz';
import { decode } from './onnx/decode';
import { tensorSchema } from './onnx/schema';
import { locateTensor } from './onnx/tensor';
import { WireCursor } from './onnx/wire';

/**
 * The arrays of a file, by name: many of an .npz, one of an .npy or of a TensorProto in an ONNX .pb. An .npy has no name, and a .pb may have
 * none: such an array is called as the only one of `names`, the values it can be for.
 */
export function readArrays(path: string, names: readonly string[]): ReadonlyMap<string, NumpyArray> {
  const head = readHead(path);
  if (head.startsWith('PK') || path.endsWith('.npz')) return readNpz(path);
  const { name, array } = head.startsWith('\x93NUMPY') ? { name: '', array: parseNpy(path, readFileSync(path)) } : readTensorProto(path);
  if (name !== '') return new Map([[name, array]]);
  const [only] = names;
  if (only === undefined || names.length > 1) {
    const which = only === undefined ? 'the model has none' : `it could be for any of ${names.slice(0, 12).join(', ')}`;
    throw new Failure('invalid-input', `${path} holds one array without a name, and ${which}. Give an .npz file with one array per name.`);
  }
  return new Map([[only, array]]);
}

function readHead(path: string): string {
  const source = openFile(path);
  try {
    return Buffer.from(source.read(0, 8)).toString('latin1');
  } finally {
    source.close();
  }
}

/** A TensorProto on its own, as ONNX stores test data (onnx.proto, TensorProto). */
function readTensorProto(path: string): { readonly name: string; readonly array: NumpyArray } {
  const invalid = (what: string): Failure => new Failure('invalid-input', `${path} is no .npy, .npz or .pb file that can be read: ${what}.`);
  const source = openFile(path);
  try {
    const proto = decode(new WireCursor(source), tensorSchema, source.size);
    const tensor = locateTensor(source, proto);
    if (tensor.problem !== undefined) throw invalid(tensor.problem);
    const elements = tensor.place?.file === path ? readElements(source, tensor) : null;
    if (!elements && elementCount(tensor.shape) > 0) throw invalid(`elements of type ${tensor.dtype} are not read, or not all of them are in it`);
    const [name, { shape }] = [proto.name ?? '', tensor];
    if (!elements) return { name, array: { shape, data: new Float32Array(0) } };
    const isKept = elements instanceof Float32Array || elements instanceof Float64Array || elements instanceof Int32Array
      || elements instanceof BigInt64Array || elements instanceof Uint8Array;
    return { name, array: { shape, data: isKept ? elements : BigInt64Array.from(elements as ArrayLike<number | bigint>, BigInt) } };
  } catch (error) {
    if (error instanceof Failure && error.code === 'invalid-input') throw error;
    throw new Failure('invalid-input', invalid('it begins like none of them').message, reasonOf(error));
  } finally {
    source.close();
  }
}
