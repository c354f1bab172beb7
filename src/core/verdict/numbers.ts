import { say } from '../../protocol/words';

/** Two significant digits, as a verdict has them. */
export function amount(value: number): string {
  const magnitude = Math.abs(value);
  return magnitude === 0 || (magnitude >= 1e-3 && magnitude < 1e4) ? String(Number(value.toPrecision(2))) : value.toExponential(1);
}

export function percent(share: number): string {
  const rounded = Math.round(share * 100);
  return rounded === 100 && share < 1 ? say('over 99 %') : `${rounded} %`;
}

/** A cosine near 1 by what it lacks: 0.9973, and 1 − 4.2e-7. */
export function cosineText(cosine: number): string {
  const lack = 1 - cosine;
  return lack >= 1e-4 ? String(Number(cosine.toFixed(4))) : lack > 0 ? `1 − ${amount(lack)}` : '1';
}
