// What is looked at of a machine, of many samples at once: what it encodes, decodes of that, and how probable it finds them.

import type { VisibleKind } from '../../../protocol/pretraining';
import { GraphBuilder } from '../../graph/builder';
import type { Graph } from '../../graph/graph';
import { Algebra } from '../../ops/algebra';
import { hiddenInput, visibleInput } from './units';

/**
 * Fed: `W`, `b`, `c` and samples `v`. Gives their `hidden` probabilities and `reconstruction`, and, one number a sample, the squared `error` of that,
 * its `crossEntropy` (0 of Gaussian units, which have none), and the `freeEnergy`.
 */
export function monitorGraph(kind: VisibleKind): Graph {
  const graph = new GraphBuilder({ name: 'monitor', inputs: [], outputs: [], initializers: new Map(), nodes: [] });
  const m = new Algebra(graph);
  const fed = (name: string, shape: readonly string[]): string => {
    graph.feed(name, { name, dtype: 'float32', shape });
    return name;
  };
  const v = fed('v', ['samples', 'visible']);
  const parameters = { weights: fed('W', ['visible', 'hidden']), visibleBias: fed('b', ['visible']), hiddenBias: fed('c', ['hidden']) };
  const softplus = (value: string): string => m.graph.add('Softplus', [value]);
  const x = hiddenInput(m, parameters, v);
  const hidden = m.sigmoid(x);
  const decoded = visibleInput(m, parameters, hidden);
  const reconstruction = kind === 'gaussian' ? m.graph.add('Identity', [decoded]) : m.sigmoid(decoded);
  const summed = (value: string): string => m.sum(value, [1], false);
  // −v ln p − (1 − v) ln(1 − p) of p = σ(a) is ln(1 + eᵃ) − v a.
  const crossEntropy = summed(kind === 'gaussian' ? m.mul(v, m.constant(0)) : m.sub(softplus(decoded), m.mul(v, decoded)));
  const ofVisible = kind === 'gaussian' ? m.scale(m.square(m.sub(v, 'b')), 0.5) : m.neg(m.mul(v, 'b'));
  const found = {
    hidden, reconstruction, error: summed(m.square(m.sub(v, reconstruction))), crossEntropy, freeEnergy: m.sub(summed(ofVisible), summed(softplus(x))),
  };
  for (const [output, value] of Object.entries(found)) {
    graph.append({ name: graph.fresh('end'), domain: '', op: 'Identity', inputs: [value], outputs: [output], attributes: {} });
    graph.output(output, 'float32');
  }
  return graph.build();
}
