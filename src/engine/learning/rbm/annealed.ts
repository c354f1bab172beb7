// ln Z of a machine by annealed importance sampling in ONNX Runtime.

import { annealingBetas, annealingGraph, baseLogPartition, logMeanWeight } from '../../../core/learning/rbm/annealing';
import type { Machine } from '../../../core/learning/rbm/machine';
import { streamOf } from '../../../core/learning/rbm/machine';
import { fillUniforms } from '../../../core/kernels/random';
import type { Session, Value } from '../../runtime';
import { createSession } from '../../runtime';
import { encodeOwn, floats, threadsFor } from './graphs';

export const chains = 100;

/** Of a run: so much is fed. */
const mostFed = 8e6;

export interface Estimate { readonly value: number; readonly error: number }

/** One session for all machines of a form. */
export class Annealer {
  readonly #session: Session;

  private constructor(session: Session) {
    this.#session = session;
  }

  static async create({ visible, hidden }: Pick<Machine, 'visible' | 'hidden'>, threads: number | null): Promise<Annealer> {
    const graph = annealingGraph(chains);
    const session = await createSession(encodeOwn(graph), { threads: threadsFor(2 * chains * visible * hidden, threads), nodes: graph.nodes.length });
    return new Annealer(session);
  }

  /** `base`: visible biases of the machine that chains start from. Null where it was told to stop on the way. */
  async logPartition(machine: Machine, base: Float32Array, steps: number, seed: number, isGoing: () => Promise<boolean>): Promise<Estimate | null> {
    const { visible, hidden, weights, visibleBias, hiddenBias } = machine;
    const betas = annealingBetas(steps);
    const uniforms = (purpose: string, from: number, count: number, units: number): Value => {
      const data = new Float32Array(count * chains * units);
      fillUniforms(data, streamOf(seed, `ais:${purpose}`), from * chains * units, 0, 1);
      return floats([count, chains, units], data);
    };
    const first = new Float32Array(chains * visible);
    fillUniforms(first, streamOf(seed, 'ais:start'), 0, 0, 1);
    const shares = base.map((bias) => 1 / (1 + Math.exp(-bias)));
    let states = floats([chains, visible], first.map((u, i) => (u < (shares[i % visible] ?? 0) ? 1 : 0)));
    const logWeights = new Float64Array(chains);
    const fixed = { W: floats([visible, hidden], weights), b: floats([visible], visibleBias), c: floats([hidden], hiddenBias), base: floats([visible], base) };
    const most = Math.max(1, Math.floor(mostFed / (4 * chains * (visible + hidden))));
    for (let from = 0; from < steps; from += most) {
      if (!await isGoing()) return null;
      const count = Math.min(most, steps - from);
      const feeds = {
        ...fixed, start: states, beta: floats([count], betas.slice(from + 1, from + count + 1)), before: floats([count], betas.slice(from, from + count)),
        uh: uniforms('hidden', from, count, hidden), uv: uniforms('visible', from, count, visible),
      };
      const results = await this.#session.run(new Map(Object.entries(feeds)), ['end', 'increments']);
      states = results.get('end') ?? states;
      const increments = results.get('increments')?.data ?? [];
      for (let at = 0; at < increments.length; at++) logWeights[at % chains] = (logWeights[at % chains] ?? 0) + Number(increments[at]);
    }
    const { value, error } = logMeanWeight(logWeights);
    return { value: baseLogPartition(base, hidden) + value, error };
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}
