// How alike a network makes its samples: the mean cosine between what it says of two of them.

import type { GraphBuilder } from '../../core/graph/builder';
import { elementCount } from '../../core/graph/dtype';
import { Algebra } from '../../core/ops/algebra';
import type { Value } from '../runtime';
import { isReadWhole } from './reduce';

export interface Likeness {
  /** Null where nothing is said of the samples at all. */
  read(results: ReadonlyMap<string, Value>): number | null;
}

/** So many samples make pairs enough. */
const mostSamples = 32;

/** Of a value whose first axis is that of the samples. */
export function appendLikeness(builder: GraphBuilder, value: string, shape: readonly number[]): Likeness {
  const [samples = 1, ...rest] = shape;
  const units = elementCount(rest);
  const looked = Math.min(samples, mostSamples);
  if (isReadWhole(elementCount(shape))) return { read: (results) => meanCosine(products(results.get(value)?.data, looked, units), looked) };
  const m = new Algebra(builder);
  builder.scope = `likeness/${value}`;
  const rows = m.reshape(samples > looked ? m.slice(value, [0], [0], [looked], [1]) : value, [looked, units]);
  const gram = builder.add('Gemm', [rows, rows], { transB: 1 });
  builder.output(gram, 'float32');
  builder.scope = '';
  return { read: (results) => meanCosine(results.get(gram)?.data, looked) };
}

/** So many samples are looked at, each for its own tokens. */
const mostSequences = 4;

/** Of the tokens of a value [samples, tokens, features]: between two of the same sample. */
export function appendTokenLikeness(builder: GraphBuilder, value: string, [samples = 1, tokens = 1, features = 1]: readonly number[]): Likeness {
  const [sequences, looked] = [Math.min(samples, mostSequences), Math.min(tokens, mostSamples)];
  const m = new Algebra(builder);
  builder.scope = `tokens/${value}`;
  const rows = m.slice(value, [0, 1], [0, 0], [sequences, looked], [1, 1]);
  const gram = m.matmul(m.reshape(rows, [sequences, looked, features]), m.transpose(rows, [0, 2, 1]));
  builder.output(gram, 'float32');
  builder.scope = '';
  return {
    read(results) {
      const data = results.get(gram)?.data;
      const size = looked * looked;
      const cosines = Array.from({ length: sequences }, (_, i) => meanCosine(data?.slice(i * size, (i + 1) * size), looked)).filter((each) => each !== null);
      return cosines.length === 0 ? null : cosines.reduce((sum, each) => sum + each, 0) / cosines.length;
    },
  };
}

/** Inner products of all pairs of samples. */
function products(data: Value['data'] | undefined, samples: number, units: number): Float64Array {
  const gram = new Float64Array(samples * samples);
  if (!(data instanceof Float32Array)) return gram.fill(NaN);
  for (let a = 0; a < samples; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      for (let unit = 0; unit < units; unit++) sum += (data[a * units + unit] ?? 0) * (data[b * units + unit] ?? 0);
      gram[a * samples + b] = sum;
    }
  }
  return gram;
}

/** Over the pairs below the diagonal; float32 has squares of what is smaller than 1e-19 as 0, and those of what is larger than 1e19 not at all. */
function meanCosine(gram: ArrayLike<number | bigint> | undefined, samples: number): number | null {
  const at = (a: number, b: number): number => Number(gram?.[a * samples + b] ?? NaN);
  let [sum, pairs] = [0, 0];
  for (let a = 0; a < samples; a++) {
    for (let b = 0; b < a; b++) {
      const cosine = at(a, b) / Math.sqrt(at(a, a) * at(b, b));
      if (!Number.isFinite(cosine)) continue;
      sum += cosine;
      pairs++;
    }
  }
  return pairs === 0 ? null : Math.min(1, Math.max(-1, sum / pairs));
}
