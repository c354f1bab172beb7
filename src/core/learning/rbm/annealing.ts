// The partition function of a machine by annealed importance sampling (Salakhutdinov & Murray 2008, "On the quantitative analysis of deep belief networks").

import { GraphBuilder } from '../../graph/builder';
import type { Graph } from '../../graph/graph';
import { Algebra } from '../../ops/algebra';
import { scan } from '../../ops/scan';
import { softplus } from './energy';
import { drawn, hiddenInput } from './units';

/** β from 0 to 1, closer together where it matters: shares of them up to ½, to 0.9 and to 1 as in section 4.1 there. */
export function annealingBetas(count: number): Float32Array<ArrayBuffer> {
  const [early, middle] = [Math.max(1, Math.round(count * (500 / 14500))), Math.max(1, Math.round(count * (4000 / 14500)))];
  const late = count - early - middle;
  return Float32Array.from({ length: count + 1 }, (_, i) => {
    if (i <= early) return (0.5 * i) / early;
    if (i <= early + middle) return 0.5 + (0.4 * (i - early)) / middle;
    return 0.9 + (0.1 * (i - early - middle)) / late;
  });
}

/**
 * Chains from a machine without weights, whose visible biases `base` are those of the data, to the machine itself. Fed: `W`, `b`, `c`, `base`; `start`
 * [chains, visible], states of that first machine; `beta` [steps], from the second on, `before` [steps], those before them; uniforms `uh` [steps, chains,
 * hidden] and `uv` [steps, chains, visible]. Gives `end`, where the chains are, and `increments` [steps, chains] of their log weights.
 */
export function annealingGraph(chains: number): Graph {
  const graph = new GraphBuilder({ name: 'annealed importance sampling', inputs: [], outputs: [], initializers: new Map(), nodes: [] });
  const feed = (name: string, shape: readonly (number | string)[]): void => graph.feed(name, { name, dtype: 'float32', shape });
  feed('W', ['visible', 'hidden']);
  for (const name of ['b', 'base']) feed(name, ['visible']);
  feed('c', ['hidden']);
  feed('start', [chains, 'visible']);
  for (const name of ['beta', 'before']) feed(name, ['steps']);
  feed('uh', ['steps', chains, 'hidden']);
  feed('uv', ['steps', chains, 'visible']);
  const [end = '', increments = ''] = scan(new Algebra(graph), {
    initial: ['start'], sequences: ['beta', 'before', 'uh', 'uv'], reverse: false,
    step: (m, [v = ''], [beta = '', before = '', uh = '', uv = '']) => {
      const parameters = { weights: 'W', visibleBias: 'b', hiddenBias: 'c' };
      const x = hiddenInput(m, parameters, v);
      const scaled = m.mul(beta, x);
      const soft = (value: string): string => m.graph.add('Softplus', [value]);
      // ln p*_β(v) = (1 − β) baseᵀv + β bᵀv + Σ ln(1 + e^{β x}) (equation 16 there, of a first machine without hidden units).
      const fromBiases = m.mul(m.sub(beta, before), m.graph.add('MatMul', [v, m.sub('b', 'base')]));
      const increment = m.add(fromBiases, m.sum(m.sub(soft(scaled), soft(m.mul(before, x))), [1], false));
      const h = drawn(m, uh, m.sigmoid(scaled));
      const bias = m.mul(m.complement(beta), 'base');
      const next = drawn(m, uv, m.sigmoid(m.add(m.mul(beta, m.graph.add('Gemm', [h, 'W', 'b'], { transB: 1 })), bias)));
      return { states: [next], emitted: [increment] };
    },
  });
  for (const [value, output] of [[end, 'end'], [increments, 'increments']] as const) {
    graph.append({ name: graph.fresh('end'), domain: '', op: 'Identity', inputs: [value], outputs: [output], attributes: {} });
    graph.output(output, 'float32');
  }
  return graph.build();
}

/** ln Z of the first machine: all its units by themselves, Σ ln(1 + e^base) + hidden · ln 2. */
export const baseLogPartition = (base: Float32Array, hidden: number): number => base.reduce((sum, b) => sum + softplus(b), hidden * Math.LN2);

/** ln of the mean of the weights, and its standard error, by the spread of the weights (section 4, equation 14 f. there). */
export function logMeanWeight(logWeights: Float64Array): { readonly value: number; readonly error: number } {
  const greatest = Math.max(...logWeights);
  const weights = logWeights.map((weight) => Math.exp(weight - greatest));
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  const variance = weights.reduce((sum, weight) => sum + (weight - mean) ** 2, 0) / Math.max(1, weights.length - 1);
  return { value: greatest + Math.log(mean), error: Math.sqrt(variance / weights.length) / mean };
}
