import type { DType } from '../../core/graph/dtype';
import type { Graph, ValueInfo } from '../../core/graph/graph';
import { readArrays } from '../../formats/arrays';
import type { SimulationFiles } from '../../protocol/engine';
import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import type { NumpyArray } from '../../formats/numpy/npy';
import type { Draw } from './draw';
import type { Value } from '../runtime';

/** An array from a file as a value of the type an input asks for. */
export function givenValue(name: string, dtype: DType, { shape, data }: NumpyArray): Value {
  const numbers = (): readonly number[] => Array.from(data as ArrayLike<number | bigint>, Number);
  switch (dtype) {
    case 'float32': return { dtype, shape, data: data instanceof Float32Array ? data : Float32Array.from(numbers()) };
    case 'int64': return { dtype, shape, data: data instanceof BigInt64Array ? data : BigInt64Array.from(numbers(), (value) => BigInt(Math.trunc(value))) };
    case 'int32': return { dtype, shape, data: data instanceof Int32Array ? data : Int32Array.from(numbers()) };
    case 'bool': case 'uint8': return { dtype, shape, data: data instanceof Uint8Array ? data : Uint8Array.from(numbers()) };
    default: throw new Failure('unsupported', say('The input {0} has element type {1}, which cannot be given.', name, dtype));
  }
}

/** What the user gives in files, by the names of what it is for. */
export interface GivenArrays {
  readonly inputs: Given;
  readonly cotangents: Given;
  readonly targets: Given;
  readonly weights: Arrays;
}

/** Arrays by name, as functions of the draw: of data other rows for every seed, and a part where samples are run one by one. Their shape is always the same. */
export type Given = ReadonlyMap<string, (draw: Draw) => NumpyArray>;
type Arrays = ReadonlyMap<string, NumpyArray>;

export const always = (array: NumpyArray) => (): NumpyArray => array;
const fixed = (arrays: Arrays): Given => new Map([...arrays].map(([name, array]) => [name, always(array)]));

export function readGiven(files: SimulationFiles, { inputs, outputs }: Graph): GivenArrays {
  const read = (path: string | undefined, of: readonly ValueInfo[]): Arrays => (path === undefined ? new Map() : readArrays(path, of.map(({ name }) => name)));
  const [fed, cotangents, targets] = [read(files.input, inputs), read(files.cotangent, outputs), read(files.target, outputs)];
  refuseUnknown('--input', fed, inputs.map((input) => input.name));
  refuseUnknown('--cotangent', cotangents, outputs.map((output) => output.name));
  refuseUnknown('--target', targets, outputs.map((output) => output.name));
  return { inputs: fixed(fed), cotangents: fixed(cotangents), targets: fixed(targets), weights: read(files.weights, []) };
}

/** An array that nothing asks for is a mistake, not to be passed over. */
export function refuseUnknown(option: string, arrays: Arrays, known: readonly string[]): void {
  const unknown = [...arrays.keys()].filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const there = known.length > 12 ? `${known.slice(0, 12).join(', ')}, …` : known.join(', ');
  throw new Failure('invalid-input', `${option} has arrays that the model does not know: ${unknown.join(', ')}. It knows ${there}.`);
}

/** Cuts arrays along their first axis into as many pieces, each as long as the value is declared to be; what does not fit stays whole. */
export function cutSamples(given: Given, values: readonly ValueInfo[], samples: number): Given {
  return new Map([...given].map(([name, whole]) => {
    const own = values.find((value) => value.name === name)?.shape?.[0];
    return [name, (draw) => {
      const array = whole(draw);
      const [length = 0, ...rest] = array.shape;
      const piece = typeof own === 'number' ? own : length / samples;
      if (piece * samples !== length || !Number.isInteger(piece)) return array;
      const size = array.data.length / samples;
      return { shape: [piece, ...rest], data: array.data.slice(draw.sample * size, (draw.sample + 1) * size) };
    }];
  }));
}
