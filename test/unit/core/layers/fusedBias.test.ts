import { describe, expect, it } from 'vitest';

import type { Layer } from '../../../../src/core/layers/layer';
import { layersOf } from '../../support/graphs';
import type { NetworkBuilder } from '../../support/graphs';

function fused(b: NetworkBuilder, op: string, inputs: readonly string[]): string {
  const output = b.fresh(`${op}_out`);
  b.append({ name: b.fresh(op), domain: 'com.microsoft', op, inputs, outputs: [output], attributes: {} });
  return output;
}

const roles = (layers: readonly Layer[]): readonly string[] => layers.map(({ name, op, weights }) => `${name} ${op} ${weights.map(({ role }) => role).join()}`);
const product = (b: NetworkBuilder): string => b.add('MatMul', [b.input('x', 'float32', ['n', 8]), b.weight('w', [8, 8])]);

describe('a bias that a fused operator adds is that of the layer before it', () => {
  it.each(['BiasGelu', 'FastGelu'])('%s', (op) => {
    const layers = layersOf((b) => fused(b, op, [product(b), b.weight('b', [8])]));
    expect(roles(layers)).toEqual(['w MatMul kernel,bias']);
    expect(layers[0]?.activation?.name).toBe('Gelu');
  });
  it('of a norm behind a residual branch, whose own scale and shift stay its own', () => {
    const layers = layersOf((b) => {
      const h = product(b);
      return fused(b, 'SkipLayerNormalization', ['x', h, b.weight('gamma', [8]), b.weight('beta', [8]), b.weight('b', [8])]);
    });
    expect(roles(layers)).toEqual(['w MatMul kernel,bias', 'gamma SkipLayerNormalization gamma,beta']);
  });
  it('but not where the layer has one, nor where the widths differ', () => {
    expect(roles(layersOf((b) => fused(b, 'BiasGelu', [b.add('Add', [product(b), b.weight('own', [8])]), b.weight('b', [8])])))).toHaveLength(2);
    expect(roles(layersOf((b) => fused(b, 'BiasGelu', [product(b), b.weight('b', [1])])))).toHaveLength(2);
  });
});
