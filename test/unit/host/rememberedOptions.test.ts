/** How a model was last run. */
import { expect, it } from 'vitest';

import type { Remembered } from '../../../src/host/rememberedOptions';
import { RememberedOptions } from '../../../src/host/rememberedOptions';
import { defaultOptions } from '../../../src/protocol/simulation';

/** A workspace's memory. */
function memory(stored = new Map<string, unknown>()): ConstructorParameters<typeof RememberedOptions>[0] {
  return {
    keys: () => [...stored.keys()],
    get: (key: string) => stored.get(key) as never,
    update: (key: string, value: unknown) => {
      stored.set(key, JSON.parse(JSON.stringify(value)));
      return Promise.resolve();
    },
  };
}

const model = (uri: string, dimensions: readonly string[] = []): Remembered => ({ uri, opened: { graph: { inputs: [{ shape: ['n', ...dimensions] }] } } });
const options = { ...defaultOptions, schemes: ['current', 'he-normal'] as const, seeds: 7, dims: { length: 12, gone: 3 } };

it('is remembered for each model, with the dimensions that it still has', () => {
  const remembered = new RememberedOptions(memory());
  expect(remembered.of(model('file:///a'))).toBeNull();
  remembered.keep(model('file:///a'), options);
  expect(remembered.of(model('file:///a', ['length']))).toEqual({ ...options, dims: { length: 12 } });
  expect(remembered.of(model('file:///b'))).toBeNull();
});

it('forgets what was run long ago, and what it cannot read', () => {
  const remembered = new RememberedOptions(memory());
  for (let i = 0; i < 120; i++) remembered.keep(model(`file:///${i}`), options);
  expect(remembered.of(model('file:///19'))).toBeNull();
  expect(remembered.of(model('file:///20'))?.seeds).toBe(7);
  const odd = new Map<string, unknown>([['initscope.simulationOptions', [['file:///a', { seeds: 'many' }], 5]]]);
  expect(new RememberedOptions(memory(odd)).of(model('file:///a'))).toBeNull();
});
