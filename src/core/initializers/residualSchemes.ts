import type { FanMode, SchemeOptions } from '../../protocol/schemes';
import { say, sayOf } from '../../protocol/words';
import { resolveNamed } from './advice';
import { plainNormal } from './constantSchemes';
import { fansOf } from './momentScheme';
import type { Network } from './network';
import { modeOption, numberOption } from './options';
import type { Drawn, Place, Scheme } from './scheme';
import { drawConstant, drawParts, drawWhole } from './scheme';

const group = 'Residual networks';

/** Std of classifiers in Goyal et al. 2017, and of everything in GPT-2. */
const headStd = 0.01;
const gptStd = 0.02;

function he({ weight }: Place, factor: number, mode: FanMode): Drawn {
  return drawParts(weight, (part) => resolveNamed('he-normal', fansOf(weight, part?.fans ?? null), { mode, gain: Math.SQRT2 * factor }));
}

function drawZeroGamma(place: Place): Drawn | null {
  const { layer, weight } = place;
  if (weight.role === 'gamma') return drawConstant(layer.residual ? 0 : 1);
  if (weight.role !== 'kernel') return null;
  return layer.isHead && !layer.op.includes('Conv') ? drawWhole(plainNormal(headStd)) : he(place, 1, 'fan_in');
}

function drawGpt2({ layer, weight, network }: Place, { std = gptStd }: SchemeOptions): Drawn | null {
  if (weight.role === 'gamma') return drawConstant(1);
  if (weight.role === 'embedding') return drawWhole(plainNormal(std));
  if (weight.role !== 'kernel') return null;
  return drawWhole(plainNormal(layer.residual ? std / Math.sqrt(network.branches) : std));
}

/** L branches of m layers: all but the last He · L^(−1/(2m − 2)), the last and the classifier zero. */
function drawFixup(place: Place, { mode = 'fan_in' }: SchemeOptions): Drawn | null {
  const { layer, weight, network } = place;
  if (weight.role === 'gamma') return drawConstant(1);
  if (weight.role !== 'kernel') return null;
  if (layer.residual !== null || layer.isHead) return drawConstant(0);
  const m = layer.branch?.kernels ?? 0;
  return he(place, m > 1 ? network.branches ** (-1 / (2 * m - 2)) : 1, mode);
}

export const noBranches = say('No residual branch was found in this network: the scheme has nothing of its own to do here.');

function zeroGammaNotes({ branches, open }: Network): readonly string[] {
  if (branches === 0) return [noBranches];
  return open === 0 ? [] : [sayOf(open, '{0} branch of {1} end without a norm, so there is no γ that could close them; their kernels start from He.',
    '{0} branches of {1} end without a norm, so there is no γ that could close them; their kernels start from He.', branches)];
}

function fixupNotes({ branches, norms, scalars }: Network): readonly string[] {
  if (branches === 0) return [noBranches];
  return [
    ...(scalars > 0 ? [] : [
      say('Fixup also puts a scalar bias before and a scalar multiplier behind its layers. The graph has none: only the weights start as it says.'),
    ]),
    ...(norms > 0 ? [say('Fixup is for networks without normalisation; this one has norms, whose γ starts at 1.')] : []),
  ];
}

export const residualSchemes: readonly Scheme[] = [
  {
    id: 'zero-gamma', title: 'Zero γ', group, formula: say('He; γ = 0 in the last norm of a branch'), options: [],
    when: say('In residual networks with batch norm and very large batches: each block starts as the identity; with small ones it costs the first steps.'),
    source: 'Goyal et al. 2017, section 5.1', draw: drawZeroGamma, notes: zeroGammaNotes,
  },
  {
    id: 'gpt2', title: 'GPT-2', group, formula: say('σ = 0.02; / √branches at the end of a branch'), options: [numberOption('std', gptStd)],
    when: say('In decoders with the norm before each branch.'),
    source: 'Radford et al. 2019, section 2.3', draw: drawGpt2, notes: ({ branches }) => (branches === 0 ? [noBranches] : []),
  },
  {
    id: 'fixup', title: 'Fixup', group, formula: say('He · L^(−1/(2m − 2)); 0 at the end of a branch and in the head'), options: [modeOption('fan_in')],
    when: say('In residual networks without normalisation, of L branches with m layers each.'),
    source: 'Zhang, Dauphin & Ma 2019, section 3, box “Fixup initialization”', draw: drawFixup, notes: fixupNotes,
  },
];
