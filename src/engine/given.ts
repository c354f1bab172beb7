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

/** An array that nothing asks for is a mistake, not to be passed over. */
export function refuseUnknown(option: string, arrays: ReadonlyMap<string, NumpyArray>, known: readonly string[]): void {
  const unknown = [...arrays.keys()].filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const there = known.length > 12 ? `${known.slice(0, 12).join(', ')}, …` : known.join(', ');
  throw new Failure('invalid-input', `${option} has arrays that the model does not know: ${unknown.join(', ')}. It knows ${there}.`);
}
