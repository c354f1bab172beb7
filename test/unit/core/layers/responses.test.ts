/** Kernels that an exporter has computed, as the responses of state spaces, and that only look like those of a convolution. */
import { describe, expect, it } from 'vitest';

import { detectLayers } from '../../../../src/core/layers/detect';
import { NetworkBuilder, present } from '../../support/graphs';

const [channels, length] = [8, 12];

/** Why the kernel of a causal convolution of each channel is left alone, by what the exporter lists. */
function frozen(name: string, learned: ReadonlySet<string> | null, padded = length - 1, isTakenIn = false): string | null {
  const b = new NetworkBuilder();
  const x = b.input('x', 'float32', ['n', channels, length]);
  const signal = isTakenIn ? x : b.add('Pad', [x, b.ints([0, 0, padded, 0, 0, 0])]);
  const pads = isTakenIn ? { pads: [padded, 0] } : {};
  const graph = b.finish(b.add('Relu', [b.add('Conv', [signal, b.weight(name, [channels, 1, length])], { group: channels, ...pads })]));
  return present(detectLayers(graph, learned)[0]?.weights[0]).frozen;
}

describe('a kernel as long as the sequence', () => {
  it('that the exporter does not list is a response', () => {
    expect(frozen('unsqueeze_5', new Set(['log_dt', 'C']))).toMatch(/as the response of a state space/);
    expect(frozen('unsqueeze_5', new Set(['log_dt', 'C']), length - 1, true)).toMatch(/as the response of a state space/);
  });

  it.each<readonly [string, string, ReadonlySet<string> | null, number]>([
    ['listed', 'unsqueeze_5', new Set(['unsqueeze_5']), length - 1], ['of an author', 'conv.weight', new Set(['C']), length - 1],
    ['of an exporter that lists nothing', 'unsqueeze_5', null, length - 1], ['that sees no more than a window', 'unsqueeze_5', new Set(['C']), 5],
  ])('%s is a kernel', (_, name, learned, padded) => {
    expect(frozen(name, learned, padded)).toBeNull();
  });
});
