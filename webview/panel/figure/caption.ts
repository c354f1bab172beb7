// What stands under a figure: whose it is, and how it was run.

import type { WhatIf } from '../../../src/protocol/simulation';
import { trimmed } from '../../format';
import type { ModelState } from '../modelState';

const longestInputs = 100;

function whatIfWords({ all, layers }: WhatIf): string {
  const single = Object.entries(layers).map(([name, factor]) => `${name} ×${trimmed(factor)}`);
  return [...all === 1 ? [] : [`×${trimmed(all)}`], ...single.slice(0, 4), ...single.length > 4 ? ['…'] : []].join(', ');
}

export function captionOf({ file, options, plan, conditions }: ModelState): readonly string[] {
  const { seeds, seed, batch, loss, batchNorm, dropout, whatIf } = options;
  const inputs = (plan?.inputs ?? []).join(', ');
  const parts = [
    seeds === 1 ? `seed ${seed}` : `seeds ${seed} to ${seed + seeds - 1}`, batch === null ? '' : `batch ${batch}`,
    inputs === '' ? '' : `input ${inputs.length > longestInputs ? `${inputs.slice(0, longestInputs)}…` : inputs}`,
    loss === 'noise' ? 'gradients of noise of variance 1 at the outputs' : `gradients of ${loss === 'mse' ? 'a squared error' : 'a cross-entropy'}`,
    conditions.batchNorm ? `batch norms by ${batchNorm === 'training' ? 'the batch' : 'stored statistics'}` : '', dropout ? 'dropout on' : '',
    whatIf ? `kernels of ${whatIf.scheme} ${whatIfWords(whatIf)}` : '',
  ];
  const band = seeds === 1 ? 'Dashed: theory.' : 'Lines: median over seeds; bands: from the least to the largest; dashed: theory.';
  return [`${file}: ${parts.filter((part) => part !== '').join(', ')}.`, `${band} Variance over batch and units of a layer. Initscope.`];
}
