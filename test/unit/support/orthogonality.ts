/** Largest deviation of the products of the shorter side's vectors of a rows × columns matrix from gain² · identity. */
export function deviation(matrix: ArrayLike<number>, rows: number, columns: number, gain = 1): number {
  const wide = rows < columns;
  const [few, long] = wide ? [rows, columns] : [columns, rows];
  const at = (vector: number, i: number): number => matrix[wide ? vector * columns + i : i * columns + vector] ?? NaN;
  let worst = 0;
  for (let a = 0; a < few; a++) {
    for (let b = 0; b < few; b++) {
      let product = 0;
      for (let i = 0; i < long; i++) product += at(a, i) * at(b, i);
      worst = Math.max(worst, Math.abs(product - (a === b ? gain ** 2 : 0)));
    }
  }
  return worst;
}
