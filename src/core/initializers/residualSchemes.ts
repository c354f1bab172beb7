import type { FanMode, SchemeOptions } from '../../protocol/schemes';
import type { Layer, LayerPart } from '../layers/layer';
import { resolveNamed } from './advice';
import { plainNormal } from './constantSchemes';
import { fansOf } from './momentScheme';
import type { Network } from './network';
import { transformerDepth } from './network';
import { modeOption, numberOption } from './options';
import type { Drawn, Place, Scheme } from './scheme';
import { drawConstant, drawParts, drawWhole } from './scheme';

const group = 'Residual networks';
const rounded = (value: number): string => String(Number(value.toPrecision(3)));
const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 'es'}`;

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

type Part = 'query or key' | 'value' | 'output' | 'feed-forward' | 'other';

/** What a kernel, or a projection in it, is to a Transformer. */
function partOf(layer: Layer, part: LayerPart | null): Part {
  if (part?.name === 'value') return 'value';
  if (part?.name === 'query' || part?.name === 'key') return 'query or key';
  if (layer.feedsProduct) return layer.isValue ? 'value' : 'query or key';
  if (!layer.branch) return 'other';
  return layer.readsProduct ? 'output' : 'feed-forward';
}

/** Xavier, with a gain for all that adds to the signal: values, output projections and feed-forward layers, not queries and keys. */
function xavier({ layer, weight }: Place, id: 'xavier-normal' | 'xavier-uniform', gain: number): Drawn {
  return drawParts(weight, (part) => {
    const isScaled = partOf(layer, part) !== 'query or key' && layer.branch !== null;
    return resolveNamed(id, fansOf(weight, part?.fans ?? null), isScaled ? { gain } : {});
  });
}

function drawTFixup(place: Place): Drawn | null {
  const { weight, network } = place;
  const depth = transformerDepth(network);
  if (weight.role === 'gamma') return drawConstant(1);
  if (weight.role === 'embedding') return drawWhole(plainNormal((weight.seenShape.at(-1) ?? 1) ** -0.5 * (9 * depth) ** -0.25));
  return weight.role === 'kernel' ? xavier(place, 'xavier-uniform', 0.67 * depth ** -0.25) : null;
}

function drawDeepNet(place: Place): Drawn | null {
  const { weight, network } = place;
  if (weight.role === 'gamma') return drawConstant(1);
  return weight.role === 'kernel' ? xavier(place, 'xavier-normal', (8 * transformerDepth(network)) ** -0.25) : null;
}

const noBranches = 'No residual branch was found in this network: the scheme has nothing of its own to do here.';

function zeroGammaNotes({ branches, open }: Network): readonly string[] {
  if (branches === 0) return [noBranches];
  return open > 0 ? [`${plural(open, 'branch')} of ${branches} end without a norm, so there is no γ that could close them; their kernels start from He.`] : [];
}

function fixupNotes({ branches, norms, scalars }: Network): readonly string[] {
  if (branches === 0) return [noBranches];
  return [
    ...(scalars > 0 ? [] : [
      'Fixup also puts a scalar bias before and a scalar multiplier behind its layers. The graph has none: only the weights start as it says.',
    ]),
    ...(norms > 0 ? ['Fixup is for networks without normalisation; this one has norms, whose γ starts at 1.'] : []),
  ];
}

function tFixupNotes({ attentions, norms }: Network): readonly string[] {
  return [
    ...(attentions === 0 ? ['No residual attention was found: the depth N is taken for half of the residual branches.'] : []),
    'Every layer is taken for one of an encoder; in a decoder, T-Fixup scales by (9N)^(−¼).',
    ...(norms > 0 ? ['T-Fixup removes layer normalisation. The graph has it still: only the weights start as T-Fixup says.'] : []),
  ];
}

/** How far a stored factor may be off the one that is asked for. */
const scalePrecision = 0.01;

function deepNetNotes(network: Network): readonly string[] {
  const alpha = (2 * transformerDepth(network)) ** 0.25;
  const scales = [...network.skipScales];
  const isScaled = scales.length > 0 && scales.every((scale) => scale !== null && Math.abs(scale / alpha - 1) < scalePrecision);
  const factors = scales.map((scale) => (scale === null ? 'a computed one' : rounded(scale)));
  const found = scales.some((scale) => scale !== 1) ? `other factors (${factors.join(', ')})` : 'no factor';
  const missing = `DeepNet also multiplies the signal with α = (2N)^¼ = ${rounded(alpha)} before each addition.`;
  return [
    ...(network.attentions === 0 ? ['No residual attention was found: the depth N is taken for half of the residual branches.'] : []),
    ...(isScaled ? [] : [`${missing} The graph has ${found}: only the weights start as it says.`]),
  ];
}

export const residualSchemes: readonly Scheme[] = [
  {
    id: 'zero-gamma', title: 'Zero γ', group, formula: 'He; γ = 0 in the last norm of a branch', options: [],
    when: 'In residual networks with batch norm: each block starts as the identity.',
    source: 'Goyal et al. 2017, section 5.1', draw: drawZeroGamma, notes: zeroGammaNotes,
  },
  {
    id: 'gpt2', title: 'GPT-2', group, formula: 'σ = 0.02; / √branches at the end of a branch', options: [numberOption('std', gptStd)],
    when: 'In decoders with the norm before each branch.',
    source: 'Radford et al. 2019, section 2.3', draw: drawGpt2, notes: ({ branches }) => (branches === 0 ? [noBranches] : []),
  },
  {
    id: 'fixup', title: 'Fixup', group, formula: 'He · L^(−1/(2m − 2)); 0 at the end of a branch and in the head', options: [modeOption('fan_in')],
    when: 'In residual networks without normalisation, of L branches with m layers each.',
    source: 'Zhang, Dauphin & Ma 2019, section 3, box “Fixup initialization”', draw: drawFixup, notes: fixupNotes,
  },
  {
    id: 't-fixup', title: 'T-Fixup', group, formula: 'Xavier · 0.67 N^(−¼) for values, outputs and feed-forward', options: [],
    when: 'In Transformers of N layers without warm-up and layer norm.',
    source: 'Huang et al. 2020, section 3.3', draw: drawTFixup, notes: tFixupNotes,
  },
  {
    id: 'deepnet', title: 'DeepNet', group, formula: 'Xavier · (8N)^(−¼) for values, outputs and feed-forward', options: [],
    when: 'In Transformers of N layers with the norm after each addition, hundreds of layers deep.',
    source: 'Wang et al. 2022, figure 2', draw: drawDeepNet, notes: deepNetNotes,
  },
];
