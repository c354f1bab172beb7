// How unequal the weights of a softmax are: E Σ p² of L independent normal scores, 1/L where they are all alike and 1 where one takes all.

/** Points and weights of a normal variable, evenly spaced: for what decays so, the trapezoidal rule is best (Trefethen & Weideman 2014). */
const reach = 8;
const points = 161;
const normal = Array.from({ length: points }, (_, i) => {
  const z = reach * (2 * i / (points - 1) - 1);
  return { z, weight: (2 * reach / (points - 1)) * Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI) };
});
/** Wider scores are told from these: how far the two largest are apart grows as they do, so that what the others have falls as 1/σ. */
const widest = 8;
/** Steps of the logarithm of t. */
const stepOfLog = 0.25;

/**
 * With 1/S² = ∫ t e^{−tS} dt for S = Σ eˢ, the scores come apart: E Σ p² = L ∫ t E[e^{2s − t eˢ}] E[e^{−t eˢ}]^{L−1} dt.
 * Of long rows e^{σ²} / L.
 */
export function squaredWeights(length: number, variance: number): number {
  if (length <= 1 || !(variance < Infinity)) return 1;
  const deviation = Math.sqrt(variance);
  if (deviation > widest) return 1 - (1 - squaredWeights(length, widest ** 2)) * (widest / deviation);
  const key = `${length} ${variance.toPrecision(4)}`;
  const found = known.get(key) ?? integrate(length, deviation);
  if (known.size < mostKept) known.set(key, found);
  return found;
}

/** The same for rows of 1 to L scores, on average over the rows; they change slowly with their length. */
export function squaredOfTriangle(length: number, variance: number): number {
  let [total, done] = [0, 0];
  while (done < length) {
    const step = Math.max(1, Math.floor(done / 8));
    const rows = Math.min(step, length - done);
    total += rows * squaredWeights(done + Math.ceil(rows / 2), variance);
    done += rows;
  }
  return total / length;
}

const known = new Map<string, number>();
const mostKept = 1024;

function integrate(length: number, deviation: number): number {
  const terms = normal.map(({ z, weight }) => ({ e: Math.exp(deviation * z), weight }));
  let total = 0;
  // t S is of the order of one where the integrand is; S is between the largest score and L of the mean.
  const [low, high] = [-Math.log(length) - 10 - deviation * reach, 10 + deviation * reach];
  for (let log = low; log < high; log += stepOfLog) {
    const t = Math.exp(log);
    let [one, squared] = [0, 0];
    for (const { e, weight } of terms) {
      const left = weight * Math.exp(-t * e);
      one += left;
      squared += left * e * e;
    }
    total += t * t * squared * one ** (length - 1) * stepOfLog;
  }
  return Math.min(1, Math.max(1 / length, length * total));
}
