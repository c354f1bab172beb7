// The two operations of a machine as nodes of a graph: encode, p(h|v), and decode, p(v|h); and states drawn by uniforms that are fed.

import type { Algebra } from '../../ops/algebra';
import { float } from '../../graph/builder';
import type { VisibleKind } from '../../../protocol/pretraining';

/** Names of a machine's parameters in a graph. */
export interface Parameters {
  readonly weights: string;
  readonly visibleBias: string;
  readonly hiddenBias: string;
}

/** xW + c, rows of samples. */
export const hiddenInput = (m: Algebra, { weights, hiddenBias }: Parameters, visible: string): string => (
  m.graph.add('Gemm', [visible, weights, hiddenBias]));

/** hWᵀ + b */
export const visibleInput = (m: Algebra, { weights, visibleBias }: Parameters, hidden: string): string => (
  m.graph.add('Gemm', [hidden, weights, visibleBias], { transB: 1 }));

/** p(h = 1 | v) */
export const encode = (m: Algebra, machine: Parameters, visible: string): string => m.sigmoid(hiddenInput(m, machine, visible));

/** p(v = 1 | h), or of Gaussian units their mean. */
export function decode(m: Algebra, machine: Parameters, kind: VisibleKind, hidden: string): string {
  const input = visibleInput(m, machine, hidden);
  return kind === 'gaussian' ? input : m.sigmoid(input);
}

/** 1 where u < p. */
export const drawn = (m: Algebra, uniforms: string, probabilities: string): string => m.cast(m.less(uniforms, probabilities), 'float32');

/** Visible states around what decodes them: by uniforms, or of Gaussian units by standard normals. */
export const drawnVisible = (m: Algebra, kind: VisibleKind, variates: string, mean: string): string => (
  kind === 'gaussian' ? m.add(mean, variates) : drawn(m, variates, mean));

/** A · Bᵀ over samples, onto what is there: Σ_n a_n b_nᵀ + sum. */
export const correlation = (m: Algebra, a: string, b: string, sum: string): string => (
  m.graph.add('Gemm', [a, b, sum], { transA: 1, alpha: float(1), beta: float(1) }));
