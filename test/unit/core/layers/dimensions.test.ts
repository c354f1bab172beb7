import { describe, expect, it } from 'vitest';

import type { NetworkBuilder } from '../../support/graphs';
import { layersOf, only } from '../../support/graphs';

/** How an exporter that folds nothing takes three gates of two apart and puts them in ONNX's order, by multiples of a size. */
function network(sizeOf: (b: NetworkBuilder) => string): (b: NetworkBuilder) => string {
  return (b) => {
    const [x, size, zero] = [b.input('x', 'float32', [5, 'n', 8]), sizeOf(b), b.ints([0])];
    const times = (factor: number): string => b.add('Mul', [size, b.ints([factor])]);
    const gates = (name: string, shape: readonly number[]): string => {
      const weight = b.weight(name, shape);
      const [reset, update, hidden] = [[zero, size], [size, times(2)], [times(2), b.add('Add', [times(2), size])]].map((bounds) => (
        b.add('Slice', [weight, ...bounds, zero])));
      return b.add('Unsqueeze', [b.add('Concat', [update ?? '', reset ?? '', hidden ?? ''], { axis: 0 }), zero]);
    };
    return b.add('GRU', [x, gates('w', [6, 8]), gates('r', [6, 2])], { hidden_size: 2, linear_before_reset: 1 });
  };
}

const one = (b: NetworkBuilder): string => b.constant('float32', [], [0]);
/** The batch is what is fed; the size is not. */
const shapeOfState = (b: NetworkBuilder): string => {
  const batch = b.add('Shape', ['x'], { start: 1, end: 2 });
  return b.add('Concat', [b.ints([1]), batch, b.ints([2])], { axis: 0 });
};
const last = (b: NetworkBuilder, state: string): string => b.add('Shape', [state], { start: 2, end: 3 });

describe('gates that are taken apart by a size that the model works out', () => {
  it.each<readonly [string, (b: NetworkBuilder) => string]>([
    ['off a first state that is expanded', (b) => last(b, b.add('Expand', [one(b), shapeOfState(b)]))],
    ['off a first state that is made by its shape', (b) => last(b, b.add('ConstantOfShape', [shapeOfState(b)]))],
    ['off a stored state, by a scalar', (b) => b.add('Unsqueeze', [b.add('Squeeze', [last(b, b.weight('h', [1, 1, 2]))]), b.ints([0])])],
    ['by a difference', (b) => b.add('Sub', [b.ints([6]), b.ints([4])])],
  ])('%s are those of the recurrent layer', (_, sizeOf) => {
    const layer = only(layersOf(network(sizeOf)));
    expect(layer.op).toBe('GRU');
    expect(layer.weights.map(({ name, role, tensor }) => [name, role, tensor.shape])).toEqual([['w', 'kernel', [6, 8]], ['r', 'recurrent', [6, 2]]]);
    expect(layer.weights[0]?.parts.map(({ name, slices }) => [name, slices])).toEqual([
      ['update gate', [{ axis: 0, start: 2, end: 4 }]], ['reset gate', [{ axis: 0, start: 0, end: 2 }]], ['candidate', [{ axis: 0, start: 4, end: 6 }]],
    ]);
  });

  it('are not guessed where the size is what is fed', () => {
    const fed = network((b) => b.add('Shape', ['x'], { start: 1, end: 2 }));
    expect(layersOf(fed).flatMap(({ weights }) => weights.map(({ role }) => role))).not.toContain('recurrent');
  });

  it('are given up, and soon, where a size is worked out without end', () => {
    const doubled = network((b) => Array.from({ length: 200 }).reduce<string>((size) => b.add('Add', [size, size]), b.add('Sub', [b.ints([1]), b.ints([1])])));
    expect(layersOf(doubled).flatMap(({ weights }) => weights.map(({ role }) => role))).not.toContain('recurrent');
  });
});
