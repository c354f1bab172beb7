/**
 * A rows × columns matrix with orthonormal rows or columns, whichever are fewer, times a gain; row-major. Uniform over all such matrices:
 * the Q of the QR decomposition of a matrix of standard normals, its columns multiplied with the signs of R's diagonal (Mezzadri 2007,
 * arXiv math-ph/0609050, section 5; Saxe et al. 2014, arXiv 1312.6120, section 3 for its use). `normal` gives element k of that matrix.
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

/** Columns that a reflection is applied to at a time: it is read once for all of them, and their sums do not wait for each other. */
const together = 4;

/**
 * Q [n, m] of A = QR, n ≥ m, by Householder reflections (Golub & Van Loan, Matrix Computations, algorithms 5.1.1 and 5.2.1), signs fixed. Each
 * column is taken through all reflections before it (left-looking), so that it stays in the cache while they pass.
 */
function householderQ(a: Float64Array, n: number, m: number): Float64Array {
  const signs = new Float64Array(m);
  for (let first = 0; first < m; first += together) {
    const end = Math.min(m, first + together);
    for (let k = 0; k < first; k++) reflect(a, a, n, k, first, end);
    for (let k = first; k < end; k++) {
      signs[k] = makeReflection(a.subarray(k * n, (k + 1) * n), k);
      reflect(a, a, n, k, k + 1, end);
    }
  }
  const q = new Float64Array(n * m);
  for (let first = 0; first < m; first += together) {
    const end = Math.min(m, first + together);
    for (let j = first; j < end; j++) q[j * n + j] = 1;
    // Reflections k > j leave column j alone so far; from the last to the first they make it Q's.
    for (let k = end - 1; k >= 0; k--) reflect(q, a, n, k, Math.max(k, first), end);
    for (let j = first; j < end; j++) {
      const sign = signs[j] ?? 1;
      for (let i = 0; i < n; i++) q[j * n + i] = (q[j * n + i] ?? 0) * sign;
    }
  }
  return q;
}

/**
 * Turns column k from row k on into the unit vector v of the reflection I − 2vvᵀ that zeroes it below the diagonal, and returns the sign of R's
 * diagonal element.
 */
function makeReflection(column: Float64Array, k: number): number {
  const head = column[k] ?? 0;
  const length = norm(column, k);
  // The reflection sends the column to −sign(head)·length, which does not cancel.
  const diagonal = head >= 0 ? -length : length;
  column[k] = head - diagonal;
  const scale = norm(column, k);
  if (scale > 0) for (let i = k; i < column.length; i++) column[i] = (column[i] ?? 0) / scale;
  return diagonal >= 0 ? 1 : -1;
}

/** Columns [from, end) of `a`, rows from k on: x − 2v(vᵀx), v being column k of `reflections`. */
function reflect(a: Float64Array, reflections: Float64Array, n: number, k: number, from: number, end: number): void {
  const v = k * n;
  if (end - from === together) {
    reflectFour(a, reflections, v, from * n, n, k);
    return;
  }
  for (let j = from; j < end; j++) {
    const offset = j * n;
    let product = 0;
    for (let i = k; i < n; i++) product += (reflections[v + i] ?? 0) * (a[offset + i] ?? 0);
    product *= 2;
    for (let i = k; i < n; i++) a[offset + i] = (a[offset + i] ?? 0) - product * (reflections[v + i] ?? 0);
  }
}

function reflectFour(a: Float64Array, reflections: Float64Array, v: number, offset: number, n: number, k: number): void {
  const [a0, a1, a2, a3] = [offset, offset + n, offset + 2 * n, offset + 3 * n];
  let [p0, p1, p2, p3] = [0, 0, 0, 0];
  for (let i = k; i < n; i++) {
    const x = reflections[v + i] ?? 0;
    p0 += x * (a[a0 + i] ?? 0);
    p1 += x * (a[a1 + i] ?? 0);
    p2 += x * (a[a2 + i] ?? 0);
    p3 += x * (a[a3 + i] ?? 0);
  }
  p0 *= 2;
  p1 *= 2;
  p2 *= 2;
  p3 *= 2;
  for (let i = k; i < n; i++) {
    const x = reflections[v + i] ?? 0;
    a[a0 + i] = (a[a0 + i] ?? 0) - p0 * x;
    a[a1 + i] = (a[a1 + i] ?? 0) - p1 * x;
    a[a2 + i] = (a[a2 + i] ?? 0) - p2 * x;
    a[a3 + i] = (a[a3 + i] ?? 0) - p3 * x;
  }
}

function norm(column: Float64Array, from: number): number {
  let sum = 0;
  for (let i = from; i < column.length; i++) sum += (column[i] ?? 0) ** 2;
  return Math.sqrt(sum);
}
