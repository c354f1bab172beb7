/**
 * The error function to double precision: its Maclaurin series for small arguments, the continued fraction of erfc elsewhere
 * (Abramowitz & Stegun, Handbook of Mathematical Functions, 7.1.5 and 7.1.14).
 */
export function erf(x: number): number {
  const magnitude = Math.abs(x);
  if (magnitude < 2.5) return series(x);
  return Math.sign(x) * (1 - complement(magnitude));
}

/** erf x = 2/√π Σ (−1)ⁿ x²ⁿ⁺¹ / (n! (2n + 1)) */
function series(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 60; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** √π e^{x²} erfc x = 1/(x + ½/(x + 1/(x + 3⁄2/(x + …)))) for x > 0 */
function complement(x: number): number {
  let fraction = x;
  for (let n = 60; n >= 1; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
}
