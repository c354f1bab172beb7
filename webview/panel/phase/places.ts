// Where schemes lie in the plane of kernels and biases, and what that means over a depth.

import type { SimulatedScheme } from '../../../src/protocol/schemes';
import type { SchemeTheory } from '../../../src/protocol/simulation';
import { summarise } from '../../../src/protocol/spread';
import { say, sayOf } from '../../../src/protocol/words';
import { significant } from '../../format';
import type { PlacedScheme } from './phaseDrawing';

/** Of the named layers, or (null) of all of which theory knows a response. */
export function placeSchemes(
  theory: readonly SchemeTheory[], schemes: readonly { readonly id: SimulatedScheme; readonly title: string }[], names: readonly string[] | null,
): readonly PlacedScheme[] {
  const wanted = names && new Set(names);
  return schemes.flatMap(({ id, title }) => {
    const known = (theory.find(({ scheme }) => scheme === id)?.layers ?? []).flatMap(({ name, response }) => (
      response && (!wanted || wanted.has(name)) ? [{ name, ...response }] : []));
    const middle = (of: (layer: typeof known[number]) => number): number => summarise(known.map(of))?.median ?? 0;
    if (known.length === 0) return [];
    const perpendicular = middle((layer) => layer.perpendicular);
    return [{
      scheme: id, title, at: { weights: middle(({ weights }) => weights), biases: middle(({ biases }) => biases) },
      layers: known.map(({ name, weights, biases }) => ({ name, weights, biases })), perpendicular, depthScale: 1 / Math.abs(Math.log(perpendicular)),
    }];
  });
}

/** Titles of those that have no place, such as of kernels that are all zero. */
export function unplaced(schemes: readonly { readonly id: SimulatedScheme; readonly title: string }[], placed: readonly PlacedScheme[]): readonly string[] {
  return schemes.filter(({ id }) => !placed.some(({ scheme }) => scheme === id)).map(({ title }) => title);
}

/** So near to 1 per layer a gradient is as good as kept over any depth in use. */
const kept = 1e-3;

export function depthWords({ perpendicular, depthScale }: Pick<PlacedScheme, 'perpendicular' | 'depthScale'>, depth: number): string {
  if (perpendicular === 0) return say('no gradient passes.');
  const [whole, change] = [perpendicular ** depth, Math.log(perpendicular)];
  if (Math.abs(change) < kept) return sayOf(depth, 'a gradient keeps its variance over all {0} layer.', 'a gradient keeps its variance over all {0} layers.');
  const numbers = [significant(depthScale), significant(whole)] as const;
  return change < 0 ? sayOf(depth, 'a gradient shrinks e-fold in {1} layers, to {2} of its variance over {0} layer.',
    'a gradient shrinks e-fold in {1} layers, to {2} of its variance over {0} layers.', ...numbers)
    : sayOf(depth, 'a gradient grows e-fold in {1} layers, to {2} of its variance over {0} layer.',
      'a gradient grows e-fold in {1} layers, to {2} of its variance over {0} layers.', ...numbers);
}
