import { float } from '../../../src/core/graph/builder';
import { noise, sample } from './sample';
import type { Sample } from './sample';

const products: readonly (readonly [string, readonly number[], readonly number[]])[] = [
  ['matrices', [3, 4], [4, 2]],
  ['batch on the left', [2, 3, 4], [4, 5]],
  ['batch on the right', [3, 4], [2, 4, 5]],
  ['equal batches', [2, 3, 4], [2, 4, 2]],
  ['four axes', [2, 3, 2, 4], [2, 3, 4, 2]],
  ['broadcast batches', [2, 1, 3, 4], [5, 4, 2]],
  ['batch of one on the left', [1, 3, 4], [3, 4, 2]],
  ['batch of one on the right', [3, 2, 4], [1, 4, 2]],
  ['matrix right of a longer batch', [2, 3, 2, 4], [4, 3]],
  ['vectors', [4], [4]],
  ['vector times matrix', [4], [4, 3]],
  ['matrix times vector', [3, 4], [4]],
  ['vector times batch', [4], [2, 4, 3]],
  ['batch times vector', [2, 3, 4], [4]],
  ['one row', [1, 4], [4, 1]],
];

function gemm(name: string, transA: number, transB: number, C: readonly number[] | null, alpha = 1, beta = 1): Sample {
  return sample('Gemm', name, {
    A: noise(transA === 0 ? [3, 4] : [4, 3]), B: noise(transB === 0 ? [4, 5] : [5, 4]), ...(C ? { C: noise(C) } : {}),
  }, { transA, transB, ...(alpha === 1 ? {} : { alpha: float(alpha) }), ...(beta === 1 ? {} : { beta: float(beta) }) });
}

export const matrix: readonly Sample[] = [
  ...products.map(([name, A, B]) => sample('MatMul', name, { A: noise(A), B: noise(B) })),
  gemm('no bias', 0, 0, null),
  gemm('bias row', 0, 0, [5]),
  gemm('transB, bias row', 0, 1, [5]),
  gemm('transA, bias matrix', 1, 0, [3, 5]),
  gemm('both transposed, bias column', 1, 1, [3, 1]),
  gemm('alpha and beta', 0, 1, [5], 0.5, 2),
  gemm('alpha and beta, transA, scalar bias', 1, 0, [], -1.5, 0.25),
  gemm('both transposed, alpha, bias of one element', 1, 1, [1], 2, 1),
  gemm('bias of one row', 0, 0, [1, 5], 1, 3),
];
