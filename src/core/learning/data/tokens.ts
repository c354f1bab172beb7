// Sequences of tokens in which each is followed by one of a few others: what a language model learns first.

import type { Stream } from '../../kernels/random';
import { fillUniforms } from '../../kernels/random';

export interface TokenOptions {
  readonly count: number;
  readonly seed: number;
  readonly length: number;
  readonly vocabulary: number;
  /** Sources that differ in what follows what; sequence i comes from source i mod sources. */
  readonly sources?: number;
}

export interface TokenSequences {
  /** [count, length] */
  readonly tokens: Int32Array;
  /** [count, length]: the token that follows. */
  readonly next: Int32Array;
  /** [count]: the source. */
  readonly labels: Int32Array;
}

const steps: Stream['hash'] = [0x746f6b65, 0x6e73];
const table: Stream['hash'] = [0x746f6b65, 0x746162];
/** With these probabilities one of four follows: the entropy of the next token is 1.14 nats. */
const successors = [0.5, 0.3, 0.15, 0.05] as const;
/** So many tokens are in use of a large vocabulary. */
const mostUsed = 256;

/** Markov chains of first order whose tables are drawn by the seed. */
export function tokenSequences({ count, seed, length, vocabulary, sources = 1 }: TokenOptions): TokenSequences {
  const used = Math.min(vocabulary, mostUsed);
  const choices = successors.length;
  const following = new Float64Array(sources * used * choices);
  fillUniforms(following, { seed, hash: table }, 0, 0, used);
  const drawn = new Float64Array(count * (length + 1));
  fillUniforms(drawn, { seed, hash: steps }, 0, 0, 1);
  const tokens = new Int32Array(count * length);
  const next = new Int32Array(count * length);
  for (let i = 0; i < count; i++) {
    const source = i % sources;
    const [first = 0, ...others] = drawn.subarray(i * (length + 1), (i + 1) * (length + 1));
    let token = Math.floor(first * used);
    others.forEach((u, t) => {
      tokens[i * length + t] = token;
      token = Math.floor(following[(source * used + token) * choices + chosen(u)] ?? 0);
      next[i * length + t] = token;
    });
  }
  return { tokens, next, labels: Int32Array.from({ length: count }, (_, i) => i % sources) };
}

function chosen(u: number): number {
  let sum = 0;
  const at = successors.findIndex((probability) => {
    sum += probability;
    return u < sum;
  });
  return at < 0 ? successors.length - 1 : at;
}
