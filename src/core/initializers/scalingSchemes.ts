import type { SchemeOptions } from '../../protocol/schemes';
import { say } from '../../protocol/words';
import { plainNormal } from './constantSchemes';
import { fansOf } from './momentScheme';
import type { Network } from './network';
import { gainOption, numberOption } from './options';
import { noBranches } from './residualSchemes';
import { distribute } from './resolved';
import type { Drawn, Place, Scheme } from './scheme';
import { drawConstant, drawParts, drawWhole } from './scheme';

const group = 'Scaling with size';

/** Width of small networks that numbers are tuned on, as the examples of μP have it. */
const tunedWidth = 256;

/** What a matrix starts from that keeps its output in scale, times a factor. */
function byFanIn({ weight }: Place, gain: number, factor: (fanIn: number) => number, title: string): Drawn {
  return drawParts(weight, (part) => {
    const { fanIn } = fansOf(weight, part?.fans ?? null);
    return { ...distribute('normal', (gain * factor(fanIn)) / Math.sqrt(fanIn)), mode: null, gain, title };
  });
}

/** The variance of the readout falls with the square of the width; at the base width all is as it was. */
function drawMup(place: Place, { gain = 1, base = tunedWidth }: SchemeOptions): Drawn | null {
  const { layer, weight } = place;
  if (weight.role === 'embedding') return weight.kernelUse ? null : drawWhole(plainNormal(gain));
  if (weight.role !== 'kernel') return null;
  return layer.isHead ? byFanIn(place, gain, (fanIn) => Math.sqrt(base / fanIn), 'μP, readout') : byFanIn(place, gain, () => 1, 'μP');
}

/** What ends a branch is scaled by (L / base)^−α; the last norm where one ends it, since a kernel before a norm has no scale. */
function drawByDepth(place: Place, { gain = 1, base = 1 }: SchemeOptions, alpha: number, title: string): Drawn | null {
  const { layer, weight, network } = place;
  const factor = (Math.max(1, network.branches) / base) ** -alpha;
  if (weight.role === 'gamma') return drawConstant(layer.residual ? factor : 1);
  if (weight.role !== 'kernel') return null;
  return byFanIn(place, gain, () => (layer.residual?.normalization === null ? factor : 1), title);
}

function mupNotes({ layers }: Network): readonly string[] {
  const isTied = layers.some(({ weights }) => weights.some(({ role, kernelUse }) => role === 'embedding' && kernelUse !== undefined));
  return [
    say('What else μP asks for (with Adam learning rates by 1 / width for matrices, attention by 1/d in place of 1/√d) is not in the file: '
      + 'only the weights start as it says.'),
    ...(isTied ? [say('The output shares the table of the embedding, which then needs a multiplier of 1 / width behind it: the table is left to its policy.')]
      : []),
  ];
}

/** `rates`: what it says of what is not in a file. */
function depthNotes(name: string, rates: string): (network: Network) => readonly string[] {
  return ({ branches, layers }) => {
    if (branches === 0) return [noBranches];
    const isNormalised = layers.some(({ residual }) => residual?.adding === 0);
    return [
      `${say('{0} multiplies branches in the graph, where the factor stays while weights learn; here the last weights of a branch have it.', name)} ${rates}`,
      ...(isNormalised ? [say('Sums that are normalised at once add nothing up: the factor makes these branches weaker than need be.')] : []),
    ];
  };
}

export const scalingSchemes: readonly Scheme[] = [
  {
    id: 'mup', title: 'μP', group, formula: say('σ² = 1 / fan_in; base / fan_in² in the readout'),
    options: [numberOption('base', tunedWidth), gainOption(1)],
    when: say('To grow a network in width and keep what was tuned at the base width: hidden layers learn features at any width.'),
    source: 'Yang et al. 2022 (Tensor Programs V); of the readout also Yang, Simon & Bernstein 2023, parametrization 1', draw: drawMup, notes: mupNotes,
  },
  {
    id: 'depth-mup', title: 'Depth-μP', group, formula: say('σ² = 1 / fan_in; σ · √(base / L) at the end of a branch'),
    options: [numberOption('base', 1), gainOption(1)],
    when: say('In residual networks of L branches that each have one layer, to keep what was tuned at the base depth.'),
    source: 'Yang, Yu, Zhu & Hayou 2024 (branches by 1/√L)', draw: (place, options) => drawByDepth(place, options, 1 / 2, 'Depth-μP'),
    notes: depthNotes('Depth-μP', say('What it says of learning rates is not in the file: only the weights start as it says.')),
  },
  {
    id: 'complete-p', title: 'CompleteP', group, formula: say('σ² = 1 / fan_in; σ · base / L at the end of a branch'),
    options: [numberOption('base', 1), gainOption(1)],
    when: say('In deep Transformers of L branches, to keep what was tuned at the base depth: every layer goes on learning what is not linear.'),
    source: 'Dey et al. 2025 (branches by L^(−α), α = 1)', draw: (place, options) => drawByDepth(place, options, 1, 'CompleteP'),
    notes: depthNotes('CompleteP', say(
      'What it says of learning rates, weight decay and Adam’s ε is not in the file: only the weights start as it says.')),
  },
];
