import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';

/** An array as NumPy stores it, in C order (NumPy enhancement proposal 1, format versions 1 to 3). */
export interface NumpyArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const descriptors = { Float32Array: '<f4', Float64Array: '<f8', Int32Array: '<i4', BigInt64Array: '<i8', Uint8Array: '|u1' } as const;

export function parseNpy(name: string, bytes: Uint8Array): NumpyArray {
  const invalid = (what: string): Failure => new Failure('invalid-input', say('{0} is not a NumPy array that can be read: {1}.', name, what));
  if (bytes.length < 10 || magic.some((byte, i) => bytes[i] !== byte)) throw invalid(say('it does not begin like one'));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wide = (bytes[6] ?? 1) >= 2;
  const start = wide ? 12 : 10;
  const end = start + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  if (end > bytes.length) throw invalid(say('its header is cut off'));
  const header = Buffer.from(bytes.subarray(start, end)).toString('latin1');
  const type = /'descr':\s*'([^']+)'/.exec(header)?.[1] ?? '';
  const dimensions = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  if (dimensions === undefined) throw invalid(say('its header names no shape'));
  const shape = dimensions.split(',').map((part) => part.trim()).filter((part) => part !== '').map(Number);
  if (shape.some((size) => !Number.isSafeInteger(size) || size < 0)) throw invalid(say('its shape is ({0})', dimensions));
  const count = shape.reduce((all, size) => all * size, 1);
  // A Buffer's own slice would share its memory, and begin anywhere in it.
  const body = new Uint8Array(bytes.subarray(end));
  const data = decodeBody(type, body.buffer, count);
  if (!data) {
    throw invalid(say('its element type is "{0}" (float32, float64, int32, int64, uint8 and bool are read), or its data does not fit its shape', type));
  }
  return { shape, data: /'fortran_order':\s*True/.test(header) ? inC(data, shape) : data };
}

/** From Fortran order, in which the first axis moves fastest, as a transposed array is stored. */
function inC(data: NumpyArray['data'], shape: readonly number[]): NumpyArray['data'] {
  if (shape.filter((size) => size > 1).length < 2) return data;
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((all, size) => all * size, 1));
  const out = data.slice();
  const at = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < data.length; to++) {
    const value = data[from];
    if (value !== undefined) out[to] = value;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (at[axis] ?? 0) + 1;
      const isOver = next === shape[axis];
      at[axis] = isOver ? 0 : next;
      from += (isOver ? 1 - next : 1) * (strides[axis] ?? 0);
      if (!isOver) break;
    }
  }
  return out;
}

const widths: ReadonlyMap<string, number> = new Map(Object.entries({ '<f4': 4, '<f8': 8, '<i4': 4, '<i8': 8, '|u1': 1, '|b1': 1 }));

function decodeBody(type: string, buffer: ArrayBuffer, count: number): NumpyArray['data'] | null {
  const width = widths.get(type);
  if (width === undefined || buffer.byteLength < count * width) return null;
  switch (type) {
    case '<f4': return new Float32Array(buffer, 0, count);
    case '<f8': return new Float64Array(buffer, 0, count);
    case '<i4': return new Int32Array(buffer, 0, count);
    case '<i8': return new BigInt64Array(buffer, 0, count);
    default: return new Uint8Array(buffer, 0, count);
  }
}

/** Format version 1.0, its header padded so that the data is aligned to 64 bytes. */
export function writeNpy({ shape, data }: NumpyArray): Uint8Array {
  const kind = data instanceof Float32Array ? 'Float32Array' : data instanceof Float64Array ? 'Float64Array'
    : data instanceof Int32Array ? 'Int32Array' : data instanceof BigInt64Array ? 'BigInt64Array' : 'Uint8Array';
  const tuple = shape.length === 1 ? `(${shape.join()},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '${descriptors[kind]}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const header = new TextEncoder().encode(`${text.padEnd(length - 1)}\n`);
  const result = new Uint8Array(10 + length + data.byteLength);
  result.set([...magic, 1, 0, length & 0xff, length >> 8]);
  result.set(header, 10);
  result.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + length);
  return result;
}
