import { describe, expect, it } from 'vitest';

import { float } from '../../../../src/core/graph/builder';
import { noiseAt } from '../../../../src/core/initializers/arrivals';
import { foresee } from '../../../../src/core/initializers/foresight';
import { recommend } from '../../../../src/core/initializers/recommendation';
import { detectLayers } from '../../../../src/core/layers/detect';
import type { Layer } from '../../../../src/core/layers/layer';
import type { Recommendation } from '../../../../src/protocol/report';
import { kernelOf, NetworkBuilder, present } from '../../support/graphs';

function foreseen(build: (b: NetworkBuilder) => string): readonly Layer[] {
  const builder = new NetworkBuilder();
  const graph = builder.finish(build(builder));
  return foresee(graph, detectLayers(graph));
}

const advice = (layer: Layer | undefined): Recommendation => present(recommend(present(layer), kernelOf(present(layer)))).recommendation;
const gains = (layers: readonly Layer[]): readonly number[] => layers.map((layer) => present(advice(layer).gain));

const wide = 512;
const dense = (b: NetworkBuilder, x: string, name: string): string => b.add('MatMul', [x, b.weight(name, [wide, wide])]);
const pointwise = (b: NetworkBuilder, x: string, name: string): string => b.add('Conv', [x, b.weight(name, [wide, wide, 1, 1])]);
const vectors = (b: NetworkBuilder): string => b.input('x', 'float32', ['n', wide]);
const images = (b: NetworkBuilder): string => b.input('x', 'float32', ['n', wide, 8, 8]);
const norm = (b: NetworkBuilder, x: string): string => b.add('LayerNormalization', [x, b.weight(`${x}.gamma`, [wide])]);
const head = Math.sqrt(1 / 3);

/** E f² of N(0, 1), by quadrature with mpmath. */
const [gelu, silu, sigmoid] = [0.4252214826, 0.3557755195, 0.2933790359];

describe('a gain answers what arrives', () => {
  it('data and norms at a first layer of a function that a layer like it does not read', () => {
    const layers = foreseen((b) => {
      const h = b.add('Gelu', [dense(b, vectors(b), 'first')]);
      return dense(b, b.add('Gelu', [dense(b, norm(b, b.add('Gelu', [dense(b, h, 'second')])), 'third')]), 'last');
    });
    expect(gains(layers.filter(({ op }) => op === 'MatMul')).map((gain) => gain.toFixed(3))).toEqual([
      '1.000', (gelu ** -0.5).toFixed(3), '1.000', (head / Math.sqrt(gelu)).toFixed(3)]);
    expect(advice(layers[0])).toMatchObject({ title: 'LeCun normal', reason: expect.stringMatching(/^It reads the data, a second moment of 1: gain 1 makes/) as string });
    expect(advice(layers[3]).reason).toMatch(/^It reads a norm/);
  });
  it('a gated product', () => {
    const layers = foreseen((b) => {
      const x = vectors(b);
      const gate = (h: string, of: string): string => b.add('Mul', [h, b.add('Sigmoid', [b.add('Identity', [of])])]);
      const [a, c] = [dense(b, x, 'gate'), dense(b, x, 'value')];
      return dense(b, dense(b, gate(c, a), 'behind'), 'last');
    });
    const behind = advice(layers[2]);
    expect(present(behind.gain)).toBeCloseTo(sigmoid ** -0.5, 3);
    expect(behind.reason).toMatch(/^It reads a gate, a second moment of 0\.293: gain 1\.85 makes of it what 1 would of 1\. No activation follows/);
  });
  it('SwiGLU without a norm, block after block', () => {
    const layers = foreseen((b) => {
      const block = (x: string, name: string): string => {
        const h = dense(b, x, `${name}.a`);
        return dense(b, b.add('Mul', [b.add('Mul', [h, b.add('Sigmoid', [h])]), dense(b, x, `${name}.b`)]), `${name}.c`);
      };
      return dense(b, block(block(vectors(b), 'one'), 'two'), 'last');
    });
    expect(gains(layers).map((gain) => gain.toFixed(3))).toEqual([
      '1.000', '1.000', (silu ** -0.5).toFixed(3), '1.000', '1.000', (silu ** -0.5).toFixed(3), head.toFixed(3)]);
  });
  it('what dropout enlarges', () => {
    const layers = foreseen((b) => {
      const x = b.add('Dropout', [b.add('Relu', [dense(b, vectors(b), 'first')]), b.scalar(0.75)]);
      return dense(b, b.add('Relu', [dense(b, x, 'second')]), 'last');
    });
    expect(gains(layers).map((gain) => gain.toFixed(4))).toEqual([Math.SQRT2, Math.SQRT2 / 2, head].map((gain) => gain.toFixed(4)));
    expect(advice(layers[1]).reason).toMatch(/^It reads a dropout, a second moment of 4/);
  });
  it('the largest of four places', () => {
    const layers = foreseen((b) => {
      const x = b.add('MaxPool', [b.add('Relu', [pointwise(b, images(b), 'first')])], { kernel_shape: [2, 2], strides: [2, 2] });
      return pointwise(b, b.add('Relu', [pointwise(b, x, 'second')]), 'last');
    });
    // 2 E max(0, z)² of the largest of four normals that share a quarter of their variance, by Monte Carlo of 4e6: 2.76.
    expect(present(advice(layers[1]).gain)).toBeCloseTo(Math.sqrt(2 / 2.76), 1);
    expect(advice(layers[1]).reason).toMatch(/^It reads a max pooling/);
  });
  it('the mean over the places of a norm, of which noise has none in common', () => {
    const layers = foreseen((b) => {
      const stored = ['gamma', 'beta', 'mean', 'variance'].map((name) => b.weight(name, [wide]));
      const h = b.add('BatchNormalization', [pointwise(b, images(b), 'first'), ...stored], { epsilon: float(1e-5) });
      return b.add('MatMul', [b.add('Flatten', [b.add('GlobalAveragePool', [h])]), b.weight('head', [wide, 10])]);
    });
    const last = present(layers.at(-1));
    expect(present(advice(last).gain)).toBeCloseTo(head / Math.sqrt(1 / 4 + 3 / 4 / 64), 3);
    expect(noiseAt(last)).toBeCloseTo(1 / 64, 4);
  });
});

describe('a gain stays what it is', () => {
  it('at the end of a branch, before tanh, and before a norm, where what arrives is small', () => {
    const layers = foreseen((b) => {
      const x = vectors(b);
      const small = (of: string): string => b.add('Mul', [of, b.scalar(0.1)]);
      const summed = b.add('Add', [x, dense(b, small(b.add('Relu', [dense(b, x, 'inner')])), 'end')]);
      return dense(b, b.add('Tanh', [dense(b, small(norm(b, dense(b, small(summed), 'normed'))), 'bent')]), 'last');
    });
    const byName = new Map(layers.map((layer) => [layer.weights[0]?.name, layer]));
    expect(['end', 'normed', 'bent'].map((name) => advice(byName.get(name)).title)).toEqual(['LeCun normal', 'LeCun normal, gain 0.577', 'Xavier normal']);
  });
  it('within a chain, however far its signal has drifted', () => {
    const layers = foreseen((b) => {
      let x = vectors(b);
      for (let i = 0; i < 60; i++) x = b.add('Selu', [dense(b, x, `w${i}`)]);
      return dense(b, x, 'last');
    });
    expect(new Set(gains(layers.slice(0, -1))).size).toBe(1);
    expect(noiseAt(present(layers.at(-2)))).toBeLessThan(0.5);
  });
  it('where theory does not know what arrives', () => {
    const layers = foreseen((b) => {
      const unknown = b.add('Relu', [b.add('Unheard', [dense(b, vectors(b), 'first')])]);
      return dense(b, b.add('Gelu', [dense(b, unknown, 'second')]), 'last');
    });
    expect(present(advice(layers[1]).gain)).toBeCloseTo(gelu ** -0.5, 6);
    expect(noiseAt(present(layers[1]))).toBeNull();
  });
});
