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

describe('a kernel whose window is turned round', () => {
  const [turned, back] = [(b: NetworkBuilder): string => b.ints([2, 1, 0]), (b: NetworkBuilder): string => b.ints([-1])];
  const far = (b: NetworkBuilder): string => b.ints([-(2 ** 40)]);
  /** 2 - [0, 1, 2], where 3 is read off the kernel. */
  const counted = (b: NetworkBuilder, w: string, axis: number): string => {
    const size = b.add('Squeeze', [b.add('Gather', [b.add('Shape', [w]), b.ints([axis])]), b.ints([0])]);
    const [none, step] = [b.constant('int64', [], [0]), b.constant('int64', [], [1])];
    return b.add('Sub', [b.add('Sub', [size, step]), b.add('Range', [none, size, step])]);
  };
  it.each<readonly [string, (b: NetworkBuilder, w: string) => string]>([
    ['by a Gather', (b, w) => b.add('Gather', [w, turned(b)], { axis: 2 })],
    ['by Gathers that count', (b, w) => {
      const first = b.add('Gather', [w, counted(b, w, 2)], { axis: 2 });
      return b.add('Gather', [first, counted(b, first, 3)], { axis: 3 });
    }],
    ['by a Slice', (b, w) => b.add('Slice', [w, back(b), far(b), b.ints([3]), back(b)])],
  ])('%s has the fans it has as it stands', (_, turn) => {
    const layer = only(layersOf((b) => b.add('ConvTranspose', [b.input('x', 'float32', ['n', 8, 5, 5]), turn(b, b.weight('w', [8, 16, 3, 3]))])));
    expect(layer.op).toBe('ConvTranspose');
    expect(layer.weights.map(({ name, role, fans, parts, computed }) => [name, role, fans, parts, computed?.says])).toEqual([
      ['w', 'kernel', { fanIn: 72, fanOut: 144 }, [], ''],
    ]);
  });

  it('is none where the axis is none that it has', () => {
    const layers = layersOf((b) => {
      const w = b.weight('w', [8, 16, 3, 3]);
      const sizes = b.add('Shape', [b.add('Gather', [w, turned(b)], { axis: -9 })]);
      return b.add('ConvTranspose', [b.input('x', 'float32', ['n', 8, 5, 5]), b.add('Gather', [w, sizes], { axis: 2 })]);
    });
    expect(layers.map(({ op, weights }) => [op, weights.map(({ role }) => role)])).toEqual([['Gather', ['embedding']], ['ConvTranspose', ['kernel']]]);
  });

  it('is one of several where only one is taken', () => {
    const single = (b: NetworkBuilder): string => b.add('Gather', [b.weight('w', [3, 8, 16]), b.constant('int64', [], [1])]);
    const layers = layersOf((b) => b.add('MatMul', [b.input('x', 'float32', ['n', 8]), single(b)]));
    expect(layers.flatMap(({ weights }) => weights.map(({ computed }) => computed?.says))).toEqual(['it is several kernels, one of which is looked up']);
  });
});
