// Kernels that are made wider or narrower for a run: by which factor each, and what that makes of their moments.

import type { WhatIf } from '../../protocol/simulation';
import type { Layer } from '../layers/layer';
import type { Assumed } from './predict';
import type { TensorMoments } from './signal';

/** Factors on the values of weights, by their ids; what is not named stays. A kernel that several layers have takes the first one's. */
export type KernelFactors = ReadonlyMap<string, number>;

export const unchanged: KernelFactors = new Map();

export function kernelFactors(layers: readonly Layer[], { all, layers: single }: WhatIf): KernelFactors {
  const named = new Map(Object.entries(single));
  const factors = new Map<string, number>();
  for (const { name, weights } of layers) {
    const factor = all * (named.get(name) ?? 1);
    for (const { id, role, frozen } of weights) if (role === 'kernel' && frozen === null && factor !== 1 && !factors.has(id)) factors.set(id, factor);
  }
  return factors;
}

export function momentsTimes(momentsOf: Assumed['momentsOf'], factors: KernelFactors): Assumed['momentsOf'] {
  return factors.size === 0 ? momentsOf : (id) => {
    const [factor, moments] = [factors.get(id), momentsOf(id)];
    return moments && factor !== undefined ? times(moments, factor) : moments;
  };
}

/** Of kernels, whose law nobody asks for. */
function times({ mean, second, parts }: TensorMoments, factor: number): TensorMoments {
  return { mean: mean * factor, second: second * factor ** 2, ...(parts ? { parts: parts.map((part) => times(part, factor)) } : {}) };
}
