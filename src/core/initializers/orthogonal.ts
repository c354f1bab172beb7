/**
 * A rows × columns matrix with orthonormal rows or columns, whichever are fewer, times a gain; row-major. Uniform over all such matrices:
 * the Q of the QR decomposition of a matrix of standard normals, its columns multiplied with the signs of R's diagonal (Mezzadri 2007,
 * arXiv math-ph/0609050, section 5; Saxe et al. 2014, arXiv 1312.6120, section 3.1 for its use). `normal` gives element k of that matrix.
 */
export function orthogonalMatrix(rows: number, columns: number, gain: number, normal: (k: number) => number): Float64Array {
  const wide = rows < columns;
  const [n, m] = wide ? [columns, rows] : [rows, columns];
  // Column-major: the columns of the decomposition are contiguous.
  const a = new Float64Array(n * m);
  for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) a[j * n + i] = normal(wide ? j * n + i : i * m + j);
  const q = householderQ(a, n, m);
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) out[wide ? j * n + i : i * m + j] = gain * (q[j * n + i] ?? 0);
  return out;
}

/** Q [n, m] of A = QR, n ≥ m, by Householder reflections (Golub & Van Loan, Matrix Computations, algorithms 5.1.1 and 5.2.1), signs fixed. */
function householderQ(a: Float64Array, n: number, m: number): Float64Array {
  const signs = new Float64Array(m);
  for (let k = 0; k < m; k++) signs[k] = makeReflection(a, n, m, k);
  const q = new Float64Array(n * m);
  for (let j = m - 1; j >= 0; j--) {
    q[j * n + j] = 1;
    // Reflections k > j leave column j alone so far; from the last to the first they make it Q's.
    for (let k = j; k >= 0; k--) reflect(q, a.subarray(k * n, (k + 1) * n), n, k, j);
    const sign = signs[j] ?? 1;
    for (let i = 0; i < n; i++) q[j * n + i] = (q[j * n + i] ?? 0) * sign;
  }
  return q;
}

/**
 * Turns column k of `a` from row k on into the unit vector v of the reflection I − 2vvᵀ that zeroes it below the diagonal, applies that to the
 * columns right of it, and returns the sign of R's diagonal element.
 */
function makeReflection(a: Float64Array, n: number, m: number, k: number): number {
  const column = a.subarray(k * n, (k + 1) * n);
  const head = column[k] ?? 0;
  const length = norm(column, k);
  // The reflection sends the column to −sign(head)·length, which does not cancel.
  const diagonal = head >= 0 ? -length : length;
  column[k] = head - diagonal;
  const scale = norm(column, k);
  if (scale > 0) for (let i = k; i < n; i++) column[i] = (column[i] ?? 0) / scale;
  for (let j = k + 1; j < m; j++) reflect(a, column, n, k, j);
  return diagonal >= 0 ? 1 : -1;
}

/** Column j of `a`, rows from k on: x − 2v(vᵀx). */
function reflect(a: Float64Array, v: Float64Array, n: number, k: number, j: number): void {
  const offset = j * n;
  let product = 0;
  for (let i = k; i < n; i++) product += (v[i] ?? 0) * (a[offset + i] ?? 0);
  product *= 2;
  for (let i = k; i < n; i++) a[offset + i] = (a[offset + i] ?? 0) - product * (v[i] ?? 0);
}

function norm(column: Float64Array, from: number): number {
  let sum = 0;
  for (let i = from; i < column.length; i++) sum += (column[i] ?? 0) ** 2;
  return Math.sqrt(sum);
}
