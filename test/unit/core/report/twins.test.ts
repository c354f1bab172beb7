import { describe, expect, it } from 'vitest';

import { createRecipes } from '../../../../src/core/initializers/recipes';
import { sampleElements } from '../../../../src/core/initializers/sampling';
import { tieKey } from '../../../../src/core/report/ties';
import { twinsOf } from '../../../../src/core/report/twins';
import type { TiedWeight } from '../../../../src/protocol/report';
import { layersOf, present } from '../../support/graphs';

const layers = layersOf((b) => {
  const h = b.add('Gather', [b.weight('table', [12, 8]), b.input('ids', 'int64', ['n'])]);
  const first = b.add('Relu', [b.add('MatMul', [h, b.weight('first', [8, 8])])]);
  const second = b.add('Relu', [b.add('MatMul', [first, b.weight('second', [8, 8])])]);
  return b.add('MatMul', [second, b.weight('head', [8, 12])]);
});
const layerOf = (weight: string): string => present(layers.find(({ weights }) => weights.some(({ name }) => name === weight))).name;
const tie = (from: string, to: string, how: TiedWeight['how']): readonly [string, readonly TiedWeight[]] => (
  [tieKey(layerOf(from), from), [{ layer: layerOf(to), weight: to, how }]]);
const transposed = new Map([tie('table', 'head', 'transposed'), tie('head', 'table', 'transposed')]);

describe('tensors that were tied and are stored apart', () => {
  it('have one that leads, the kernel', () => {
    expect([...twinsOf(layers, transposed)]).toEqual([['table', { tensorId: 'head', transposed: true }]]);
  });
  it('are not the layers of a network that was cloned', () => {
    expect([...twinsOf(layers, new Map([tie('first', 'second', 'equal'), tie('second', 'first', 'equal')]))]).toEqual([]);
    expect([...twinsOf(layers, new Map([tie('first', 'second', 'transposed'), tie('second', 'first', 'transposed')]))]).toHaveLength(1);
  });
  it('are drawn the same, with the scale of the kernel', () => {
    const recipes = createRecipes(layers, { scheme: 'recommended', seed: 1, twins: twinsOf(layers, transposed) });
    const drawn = (id: string, shape: readonly number[]): Float64Array => (
      sampleElements(present(recipes.find(({ tensorId }) => tensorId === id)), shape, 0, 96));
    const [table, head] = [drawn('table', [12, 8]), drawn('head', [8, 12])];
    expect(Array.from(table)).toEqual(Array.from({ length: 96 }, (_, i) => head[(i % 8) * 12 + Math.floor(i / 8)]));
  });
  it('are drawn each on its own where only one is drawn', () => {
    const twins = twinsOf(layers, transposed);
    const [only] = createRecipes(layers, { scheme: 'recommended', seed: 1, twins, layers: new Set([layerOf('table')]) });
    expect(only?.twin).toBeUndefined();
  });
});
