/** Directional derivatives by central differences, to compare gradients with. */
import { elementCount } from '../../src/core/graph/dtype';
import type { Value } from '../../src/engine/runtime';
import { createForward, feedsOf } from './differentiate';
import type { Precision } from './differentiate';
import { cotangentOf, createRandom } from './samples/sample';
import type { Sample } from './samples/sample';

/** Operators whose kernel ONNX Runtime has in single precision only. */
const singleOnly = new Set([
  'Conv', 'AveragePool', 'GlobalAveragePool', 'GlobalMaxPool', 'Elu', 'Selu', 'LeakyRelu', 'PRelu', 'Softplus', 'Softsign', 'HardSigmoid', 'HardSwish',
  'Gelu', 'Mish', 'Erf', 'Mean', 'Cast', 'OneHot', 'NonZero',
  'ConvTranspose', 'InstanceNormalization', 'MeanVarianceNormalization', 'LRN', 'GroupNormalization', 'Celu', 'ThresholdedRelu',
  'Shrink', 'Tan', 'Sinh', 'Cosh', 'Asin', 'Acos', 'Atan', 'Asinh', 'Acosh', 'Atanh', 'DequantizeLinear', 'QuantizeLinear',
  'Hardmax', 'NonMaxSuppression', 'LpPool', 'GlobalLpPool', 'MaxUnpool', 'Resize', 'Col2Im',
  'RNN', 'GRU', 'LSTM', 'Swish', 'RMSNormalization', 'SimplifiedLayerNormalization', 'RotaryEmbedding', 'Attention',
]);

interface Accuracy {
  readonly precision: Precision;
  /** Of each element; samples stay at least 0.1, and maxima 1/16, away from kinks. */
  readonly step: number;
  /** Relative to what ⟨gradient, direction⟩ amounts to, ‖gradient‖ · ‖direction‖ / √n. */
  readonly tolerance: number;
}

export function accuracyOf({ op, domain }: Sample): Accuracy {
  const isSingle = domain !== undefined || singleOnly.has(op);
  return isSingle ? { precision: 'float32', step: 2 ** -7, tolerance: 1e-2 } : { precision: 'float64', step: 1e-4, tolerance: 1e-5 };
}

export interface Difference {
  readonly input: string;
  readonly measured: number;
  readonly predicted: number;
  /** |measured − predicted| in units of what is tolerated: at most 1 is right. */
  readonly error: number;
}

const directions = 2;

/** Compares the gradient of each of these inputs with differences along random directions. */
export async function compareWithDifferences(sample: Sample, gradients: ReadonlyMap<string, Value | null>): Promise<readonly Difference[]> {
  const { precision, step, tolerance } = accuracyOf(sample);
  const { session, outputs } = await createForward(sample, precision);
  const base = feedsOf(sample, precision);
  /** ⟨cotangent, output⟩ with one input moved, in double precision. */
  const pairing = async (input: string, direction: readonly number[], distance: number): Promise<number> => {
    const given = base.get(input);
    if (!given) throw new Error(`${input} is not fed.`);
    const moved = Array.from(given.data as ArrayLike<number>, (value, i) => value + distance * (direction[i] ?? 0));
    const data = precision === 'float32' ? Float32Array.from(moved) : Float64Array.from(moved);
    const results = await session.run(new Map(base).set(input, { ...given, data }), outputs);
    return outputs.reduce((sum, name, i) => (sample.unused.includes(i) ? sum : sum + paired(results.get(name), i)), 0);
  };
  const found: Difference[] = [];
  try {
    for (const [input, gradient] of gradients) {
      const count = elementCount(sample.inputs.get(input)?.shape ?? []);
      const elements = gradient ? Array.from(gradient.data as ArrayLike<number>) : Array.from({ length: count }, () => 0);
      for (let k = 0; k < directions; k++) {
        const random = createRandom(`${sample.op}/${sample.name}/${input}/direction${k}`);
        const direction = Array.from({ length: count }, () => 2 * random() - 1);
        const measured = ((await pairing(input, direction, step)) - (await pairing(input, direction, -step))) / (2 * step);
        const predicted = elements.reduce((sum, element, i) => sum + element * (direction[i] ?? 0), 0);
        const usual = (norm(elements) * norm(direction)) / Math.sqrt(Math.max(1, count));
        found.push({ input, measured, predicted, error: Math.abs(measured - predicted) / (tolerance * (usual + 1e-3)) });
      }
    }
  } finally {
    await session.release();
  }
  return found;
}

function paired(value: Value | undefined, output: number): number {
  if (!value) throw new Error(`Output ${output} was not computed.`);
  const cotangent = cotangentOf(output, elementCount(value.shape));
  return Array.from(value.data as ArrayLike<number | bigint>, Number).reduce((sum, element, i) => sum + element * (cotangent[i] ?? 0), 0);
}

export const norm = (elements: readonly number[]): number => Math.sqrt(elements.reduce((sum, element) => sum + element * element, 0));
