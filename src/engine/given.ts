import type { DType } from '../core/graph/dtype';
import { Failure } from '../protocol/failure';
import type { NumpyArray } from '../formats/numpy/npy';
import type { Value } from './runtime';

/** An array from a file as a value of the type an input asks for. */
export function givenValue(name: string, dtype: DType, { shape, data }: NumpyArray): Value {
  const numbers = (): readonly number[] => Array.from(data as ArrayLike<number | bigint>, Number);
  switch (dtype) {
    case 'float32': return { dtype, shape, data: data instanceof Float32Array ? data : Float32Array.from(numbers()) };
    case 'int64': return { dtype, shape, data: data instanceof BigInt64Array ? data : BigInt64Array.from(numbers(), (value) => BigInt(Math.trunc(value))) };
    case 'int32': return { dtype, shape, data: data instanceof Int32Array ? data : Int32Array.from(numbers()) };
    case 'bool': case 'uint8': return { dtype, shape, data: data instanceof Uint8Array ? data : Uint8Array.from(numbers()) };
    default: throw new Failure('unsupported', `The input ${name} has element type ${dtype}, which cannot be given.`);
  }
}

export function givenValues(arrays: ReadonlyMap<string, NumpyArray>): ReadonlyMap<string, Value> {
  return new Map([...arrays].map(([name, array]) => [name, givenValue(name, 'float32', array)]));
}
