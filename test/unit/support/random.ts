/** Marsaglia 2003, xorshift with a 32-bit state: seeded randomness for tests. Uniform in [0, 1). */
export function createRandom(seed: number): () => number {
  let state = (Math.imul(seed + 1, 0x9e3779b9) >>> 0) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}
