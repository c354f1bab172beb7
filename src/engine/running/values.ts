import type { Graph } from '../../core/graph/graph';
import type { NumpyArray } from '../../formats/numpy/npy';
import type { Plan } from '../planning/plan';
import type { Value } from '../runtime';

/**
 * Every activation and gradient of a run by the name that the model has for it. The gradient of a tensor that several were merged into is the
 * sum over its uses, which are tensors of their own here.
 */
export function valuesByName(plan: Plan, results: ReadonlyMap<string, Value>, { initializers }: Graph): ReadonlyMap<string, NumpyArray> {
  const values = new Map<string, NumpyArray>();
  const sums = new Map<string, Float64Array>();
  for (const [name, value] of plan.values) {
    const result = results.get(value);
    if (!result) continue;
    values.set(name, { shape: result.shape, data: result.data });
    const merged = name.startsWith(gradient) ? initializers.get(name.slice(gradient.length))?.merged : undefined;
    if (!merged) continue;
    const sum = sums.get(merged.name) ?? new Float64Array(result.data.length);
    result.data.forEach((element, i) => { sum[i] = (sum[i] ?? 0) + Number(element); });
    sums.set(merged.name, sum);
    values.set(`${gradient}${merged.name}`, { shape: result.shape, data: Float32Array.from(sum) });
  }
  return values;
}

const gradient = 'd/';
