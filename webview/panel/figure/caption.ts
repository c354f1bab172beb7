// What stands under a figure: whose it is, and how it was run.

import type { LossKind, WhatIf } from '../../../src/protocol/simulation';
import { say } from '../../../src/protocol/words';
import { trimmed } from '../../format';
import type { ModelState } from '../modelState';

const longestInputs = 100;

function whatIfWords({ all, layers }: WhatIf): string {
  const single = Object.entries(layers).map(([name, factor]) => `${name} ×${trimmed(factor)}`);
  return [...all === 1 ? [] : [`×${trimmed(all)}`], ...single.slice(0, 4), ...single.length > 4 ? ['…'] : []].join(', ');
}

const gradientsOf: Readonly<Record<LossKind, string>> = {
  'noise': say('gradients of noise of variance 1 at the outputs'), 'mse': say('gradients of a squared error'),
  'cross-entropy': say('gradients of a cross-entropy'),
};

export function captionOf({ file, options, plan, conditions }: ModelState): readonly string[] {
  const { seeds, seed, batch, loss, batchNorm, dropout, whatIf } = options;
  const inputs = (plan?.inputs ?? []).join(', ');
  const parts = [
    seeds === 1 ? say('seed {0}', seed) : say('seeds {0} to {1}', seed, seed + seeds - 1), batch === null ? '' : say('batch {0}', batch),
    inputs === '' ? '' : say('input {0}', inputs.length > longestInputs ? `${inputs.slice(0, longestInputs)}…` : inputs),
    gradientsOf[loss],
    conditions.batchNorm ? batchNorm === 'training' ? say('batch norms by the batch') : say('batch norms by stored statistics') : '',
    dropout ? say('dropout on') : '',
    whatIf ? say('kernels of {0} {1}', whatIf.scheme, whatIfWords(whatIf)) : '',
  ];
  const band = seeds === 1 ? say('Dashed: theory.') : say('Lines: median over seeds; bands: from the least to the largest; dashed: theory.');
  return [`${file}: ${parts.filter((part) => part !== '').join(', ')}.`, say('{0} Variance over batch and units of a layer. Initscope.', band)];
}
