/** Mixtures of experts: kernels in stacks, of which some are looked up, or all run and what they make is put together by shares. */
import { describe, expect, it } from 'vitest';

import { recommend } from '../../../../src/core/initializers/recommendation';
import type { Layer } from '../../../../src/core/layers/layer';
import type { NetworkBuilder } from '../../support/graphs';
import { layersOf } from '../../support/graphs';

const [experts, width, hidden] = [4, 8, 32];
const input = (b: NetworkBuilder): string => b.input('x', 'float32', ['t', width]);
const shares = (b: NetworkBuilder, x: string): string => b.add('Softmax', [b.add('MatMul', [x, b.weight('router', [width, experts])])]);

/** Role, fans, activation and start of each weight, by its name. */
function known(layers: readonly Layer[]): Readonly<Record<string, string>> {
  return Object.fromEntries(layers.flatMap((layer) => layer.weights.map((weight) => {
    const { role, fans } = weight;
    const title = recommend(layer, weight)?.recommendation.title ?? 'left';
    return [weight.name, [role, ...(fans ? [`${fans.fanIn} to ${fans.fanOut}`] : []), layer.activation?.name ?? 'linear', title].join(', ')];
  })));
}

describe('experts', () => {
  const router = `kernel, ${width} to ${experts}, Softmax, Xavier normal`;

  it('that all run, in products of stacks', () => {
    expect(known(layersOf((b) => {
      const x = input(b);
      const every = b.add('Expand', [b.add('Unsqueeze', [x, b.ints([0])]), b.ints([experts, 1, 1])]);
      const product = b.add('MatMul', [every, b.weight('up', [experts, width, hidden])]);
      const inner = b.add('Relu', [b.add('Add', [product, b.weight('up.bias', [experts, 1, hidden])])]);
      const outer = b.add('MatMul', [inner, b.weight('down', [experts, hidden, width])]);
      const weighed = b.add('Mul', [b.add('Unsqueeze', [b.add('Transpose', [shares(b, x)], { perm: [1, 0] }), b.ints([2])]), outer]);
      return b.add('ReduceSum', [weighed, b.ints([0])], { keepdims: 0 });
    }))).toEqual({
      router, 'up': `kernel, ${width} to ${hidden}, Relu, He normal`, 'up.bias': 'bias, Relu, Zeros',
      'down': `kernel, ${hidden} to ${width}, linear, LeCun normal`,
    });
  });

  it('that are put together by the product itself: as large as one of them', () => {
    const found = known(layersOf((b) => {
      const x = input(b);
      const inner = b.add('Relu', [b.add('Einsum', [x, b.weight('up', [experts, width, hidden])], { equation: 'td,edh->teh' })]);
      return b.add('Einsum', [shares(b, x), inner, b.weight('down', [experts, hidden, width])], { equation: 'te,teh,ehd->td' });
    }));
    expect(found).toMatchObject({ router, down: `kernel, ${hidden} to ${width}, linear, LeCun normal, gain 0.577` });
    expect(found.up).toMatch(new RegExp(`^kernel, ${width} to .*, Relu, He normal$`));
  });

  it.each(['Gather', 'GatherND'])('that are looked up by %s, with their biases', (op) => {
    const found = known(layersOf((b) => {
      const x = input(b);
      const [share = '', chosen = ''] = b.addMany('TopK', [shares(b, x), b.ints([2])], 2);
      const index = op === 'Gather' ? chosen : b.add('Unsqueeze', [chosen, b.ints([2])]);
      const up = b.add('Einsum', [x, b.add(op, [b.weight('up', [experts, hidden, width]), index])], { equation: 'td,tkhd->tkh' });
      const biased = op === 'Gather' ? b.add('Add', [up, b.add(op, [b.weight('up.bias', [experts, hidden]), index])]) : up;
      const down = b.add(op, [b.weight('down', [experts, width, hidden]), index]);
      return b.add('Einsum', [b.add('Relu', [biased]), down, share], { equation: 'tkh,tkdh,tk->td' });
    }));
    expect(found).toEqual({
      router, up: `kernel, ${width} to ${hidden}, Relu, He normal`, down: `kernel, ${hidden} to ${width}, linear, LeCun normal, gain 0.577`,
      ...(op === 'Gather' ? { 'up.bias': 'bias, Relu, Zeros' } : {}),
    });
  });
});
