import { elementCount } from '../graph/dtype';
import { floatAttribute, intAttribute } from '../graph/graph';
import type { OperatorSpec, RuleContext, RuleResult } from './spec';

/** Y = A · B for A [M, K], B [K, N], with NumPy's batch broadcasting and vectors (numpy.matmul). */
const MatMul: OperatorSpec = {
  op: 'MatMul',
  inputs: ['A', 'B'],
  outputs: ['Y'],
  gradient: { A: (r) => matmulLeft(r), B: (r) => matmulRight(r) },
  parameters: {
    // An output element sums over K; as a left operand W [M, K] its rows are the outputs.
    B: {
      role: 'kernel',
      fans: (shape) => ({ fanIn: shape.at(-2) ?? shape.at(-1) ?? 1, fanOut: shape.length > 1 ? shape.at(-1) ?? 1 : 1 }),
      units: (shape) => ({ inner: 1, count: shape.length > 1 ? shape.at(-1) ?? 1 : 1 }),
    },
    A: {
      role: 'kernel',
      fans: (shape) => ({ fanIn: shape.at(-1) ?? 1, fanOut: shape.length > 1 ? shape.at(-2) ?? 1 : 1 }),
      units: (shape) => ({ inner: shape.at(-1) ?? 1, count: shape.length > 1 ? shape.at(-2) ?? 1 : 1 }),
    },
  },
};

interface Matrices {
  readonly a: string;
  readonly b: string;
  readonly dY: string;
  readonly A: readonly number[];
  readonly B: readonly number[];
  readonly batch: readonly number[];
}

/** Operands and cotangent with vectors written as matrices: A [K] → [1, K], B [K] → [K, 1]. */
function matrices({ m, x, dy, shapeOf }: RuleContext): Matrices {
  const rawA = shapeOf(x('A'));
  const rawB = shapeOf(x('B'));
  const A = rawA.length === 1 ? [1, ...rawA] : rawA;
  const B = rawB.length === 1 ? [...rawB, 1] : rawB;
  const batch = broadcastShapes(A.slice(0, -2), B.slice(0, -2));
  const vector = rawA.length === 1 || rawB.length === 1;
  return {
    A, B, batch,
    a: rawA.length === 1 ? m.reshape(x('A'), A) : x('A'),
    b: rawB.length === 1 ? m.reshape(x('B'), B) : x('B'),
    dY: vector ? m.reshape(dy('Y'), [...batch, A.at(-2) ?? 1, B.at(-1) ?? 1]) : dy('Y'),
  };
}

/** dA = dY · Bᵀ */
function matmulLeft(r: RuleContext): RuleResult {
  const { m, x, shapeOf } = r;
  const { b, dY, A, B, batch } = matrices(r);
  const gradient = m.matmul(dY, m.swap(b, B.length));
  const value = m.sumTo(gradient, [...batch, A.at(-2) ?? 1, A.at(-1) ?? 1], A);
  return shapeOf(x('A')).length === 1 ? m.reshape(value, shapeOf(x('A'))) : value;
}

/** dB = Aᵀ · dY; a matrix B sees all batches as rows of one: dB = Σ_b A_bᵀ · dY_b */
function matmulRight(r: RuleContext): RuleResult {
  const { m, x, shapeOf } = r;
  const { a, dY, A, B, batch } = matrices(r);
  const K = B.at(-2) ?? 1;
  const N = B.at(-1) ?? 1;
  if (B.length === 2 && elementCount(A.slice(0, -2)) === elementCount(batch)) {
    const rows = elementCount(batch) * (A.at(-2) ?? 1);
    const value = m.matmul(m.swap(m.reshape(a, [rows, K]), 2), m.reshape(dY, [rows, N]));
    return shapeOf(x('B')).length === 1 ? m.reshape(value, shapeOf(x('B'))) : value;
  }
  return m.sumTo(m.matmul(m.swap(a, A.length), dY), [...batch, K, N], B);
}

/** The shape two shapes are broadcast to. They are known to be compatible. */
export function broadcastShapes(a: readonly number[], b: readonly number[]): readonly number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = a[i - rank + a.length] ?? 1;
    return left === 1 ? b[i - rank + b.length] ?? 1 : left;
  });
}

/** Y = α A' B' + β C, A' and B' transposed where transA, transB say so. */
const Gemm: OperatorSpec = {
  op: 'Gemm',
  inputs: ['A', 'B', 'C'],
  outputs: ['Y'],
  gradient: {
    // dA' = α dY B'ᵀ
    A: ({ m, x, dy, int, float }) => {
      const product = int('transA', 0) === 0
        ? m.matmul(dy('Y'), int('transB', 0) === 0 ? m.swap(x('B'), 2) : x('B'))
        : m.matmul(int('transB', 0) === 0 ? x('B') : m.swap(x('B'), 2), m.swap(dy('Y'), 2));
      return m.scale(product, float('alpha', 1));
    },
    // dB' = α A'ᵀ dY
    B: ({ m, x, dy, int, float }) => {
      const product = int('transB', 0) === 0
        ? m.matmul(int('transA', 0) === 0 ? m.swap(x('A'), 2) : x('A'), dy('Y'))
        : m.matmul(m.swap(dy('Y'), 2), int('transA', 0) === 0 ? x('A') : m.swap(x('A'), 2));
      return m.scale(product, float('alpha', 1));
    },
    // dC = β dY, summed to C's shape
    C: ({ m, y, dy, float, shapeOf }) => ({ value: m.scale(dy('Y'), float('beta', 1)), shape: shapeOf(y('Y')) }),
  },
  parameters: {
    // B is [K, N], or [N, K] with transB; α scales the sum like α² its variance, so it scales the effective fan_in.
    B: {
      role: 'kernel',
      fans: (shape, node) => {
        const [rows = 1, columns = 1] = shape;
        const [k, n] = intAttribute(node, 'transB', 0) === 0 ? [rows, columns] : [columns, rows];
        return { fanIn: k * floatAttribute(node, 'alpha', 1) ** 2, fanOut: n };
      },
      units: ([rows = 1, columns = 1], node) => (
        intAttribute(node, 'transB', 0) === 0 ? { inner: 1, count: columns } : { inner: columns, count: rows }),
    },
    C: { role: 'bias' },
  },
};

export const matrix: readonly OperatorSpec[] = [MatMul, Gemm];
