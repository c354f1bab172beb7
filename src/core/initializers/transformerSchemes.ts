import type { Layer, LayerPart } from '../layers/layer';
import { say } from '../../protocol/words';
import { resolveNamed } from './advice';
import { plainNormal } from './constantSchemes';
import { fansOf } from './momentScheme';
import type { Network, Stack } from './network';
import { noBranches } from './residualSchemes';
import type { Drawn, Place, Scheme } from './scheme';
import { drawConstant, drawParts, drawWhole } from './scheme';

const rounded = (value: number): string => String(Number(value.toPrecision(3)));

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

/** Layers of a Transformer: a decoder's have two attentions each, others one, or two branches where no attention was found. */
function depthOf({ branches, attentions, crosses }: Stack): number {
  return Math.max(1, attentions + crosses > 0 ? Math.max(attentions, crosses) : Math.ceil(branches / 2));
}

const isDecoder = ({ crosses }: Stack): boolean => crosses > 0;

/** N layers of the encoder and M of the decoder, the deepest of each; 0 where there is none. Branches without attention count where nothing has any. */
function depthsOf({ attentions, stacks }: Network): { readonly N: number; readonly M: number } {
  const counted = [...stacks.values()].filter((stack) => attentions === 0 || stack.attentions + stack.crosses > 0);
  const deepest = (of: readonly Stack[]): number => Math.max(0, ...of.map(depthOf));
  return { N: deepest(counted.filter((stack) => !isDecoder(stack))), M: deepest(counted.filter(isDecoder)) };
}

function stackOf({ layer, network }: Place): Stack | undefined {
  return network.stacks.get(layer.branch?.stack ?? '');
}

/** N of the layers around it, M in a decoder. */
function depthAt(place: Place): number {
  const stack = stackOf(place);
  const { N, M } = depthsOf(place.network);
  return stack && (isDecoder(stack) || stack.attentions > 0) ? depthOf(stack) : N || M || 1;
}

function drawTFixup(place: Place): Drawn | null {
  const { weight, network } = place;
  if (weight.role === 'gamma') return drawConstant(1);
  if (weight.role === 'embedding') {
    const { N, M } = depthsOf(network);
    return drawWhole(plainNormal((weight.seenShape.at(-1) ?? 1) ** -0.5 * (9 * (M || N || 1)) ** -0.25));
  }
  if (weight.role !== 'kernel') return null;
  const stack = stackOf(place);
  const depth = depthAt(place);
  return xavier(place, 'xavier-uniform', stack && isDecoder(stack) ? (9 * depth) ** -0.25 : 0.67 * depth ** -0.25);
}

/** σ of a d × 4d matrix by Xavier; what ends one of N layers' branches is 2 / (N√d), d being the width of the signal. */
function drawSmallInit(place: Place): Drawn | null {
  const { layer, weight } = place;
  if (weight.role === 'gamma') return drawConstant(1);
  if (weight.role === 'embedding') return drawWhole(plainNormal(Math.sqrt(2 / (5 * (weight.seenShape.at(-1) ?? 1)))));
  if (weight.role !== 'kernel') return null;
  return drawParts(weight, (part) => {
    const { fanIn, fanOut } = fansOf(weight, part?.fans ?? null);
    return layer.residual ? plainNormal(2 / (depthAt(place) * Math.sqrt(fanOut)), 'Wang') : plainNormal(Math.sqrt(2 / (5 * fanIn)), 'SmallInit');
  });
}

interface Factors {
  /** What the signal is multiplied with before each addition. */
  readonly alpha: number;
  /** Gain of what is added. */
  readonly beta: number;
  /** α as the paper writes it. */
  readonly formula: string;
}

/** The table of figure 2 of Wang et al. 2022, for a stack of so many layers and M layers of a decoder in the network. */
function deepNetFactors(stack: Stack | undefined, here: number, M: number): Factors {
  if (stack && isDecoder(stack)) return { alpha: (3 * here) ** 0.25, beta: (12 * here) ** -0.25, formula: '(3M)^¼' };
  if (M === 0) return { alpha: (2 * here) ** 0.25, beta: (8 * here) ** -0.25, formula: '(2N)^¼' };
  const mixed = (here ** 4 * M) ** (1 / 16);
  return { alpha: 0.81 * mixed, beta: 0.87 / mixed, formula: '0.81 (N⁴M)^(1/16)' };
}

function drawDeepNet(place: Place): Drawn | null {
  const { weight, network } = place;
  if (weight.role === 'gamma') return drawConstant(1);
  return weight.role === 'kernel' ? xavier(place, 'xavier-normal', deepNetFactors(stackOf(place), depthAt(place), depthsOf(network).M).beta) : null;
}

/** What blocks were taken for; `alone` is said where there is no decoder. */
function roleNotes(network: Network, alone: readonly string[]): readonly string[] {
  if (network.attentions === 0) return [say('No residual attention was found: the depth N is taken for half of the residual branches.')];
  const { N, M } = depthsOf(network);
  if (M === 0) return alone;
  return [N === 0 ? say('What attends to another sequence is a decoder: there is no encoder, M = {0} in the decoder.', M)
    : say('What attends to another sequence is a decoder: N = {1} in the encoder, M = {0} in the decoder.', M, N)];
}

function tFixupNotes(network: Network): readonly string[] {
  const alone = say('Nothing attends to another sequence, so every layer is taken for one of an encoder. Those of a decoder alone have the same blocks; the '
    + 'paper, which is about both together, has nothing of its own for them.');
  return [
    ...roleNotes(network, [alone]),
    ...(network.norms > 0 ? [say('T-Fixup removes layer normalisation. The graph has it still: only the weights start as T-Fixup says.')] : []),
  ];
}

/** How far a stored factor may be off the one that is asked for. */
const scalePrecision = 0.01;

function deepNetNotes(network: Network): readonly string[] {
  const { N, M } = depthsOf(network);
  const stacks = [...network.stacks.values()];
  const scales = [...new Set(stacks.flatMap((stack) => [...stack.skipScales]))];
  const isScaled = scales.length > 0 && stacks.every((stack) => {
    const { alpha } = deepNetFactors(stack, depthOf(stack), M);
    return [...stack.skipScales].every((scale) => scale !== null && Math.abs(scale / alpha - 1) < scalePrecision);
  });
  const said = ({ formula, alpha }: Factors): string => `${formula} = ${rounded(alpha)}`;
  const encoder = said(deepNetFactors(undefined, N || 1, M));
  const decoder = M > 0 ? said(deepNetFactors(stacks.find(isDecoder), M, M)) : '';
  const asked = M === 0 ? encoder : N === 0 ? decoder : say('{0} in the encoder and {1} in the decoder', encoder, decoder);
  const factors = scales.map((scale) => (scale === null ? say('a computed one') : rounded(scale)));
  const found = scales.some((scale) => scale !== 1) ? say('other factors ({0})', factors.join(', ')) : say('no factor');
  const missing = say('DeepNet also multiplies the signal with α = {0} before each addition. The graph has {1}: only the weights start as it says.', asked,
    found);
  return [...roleNotes(network, []), ...(isScaled ? [] : [missing])];
}

export const transformerSchemes: readonly Scheme[] = [
  {
    id: 'small-init', title: 'SmallInit', group: 'Residual networks', formula: say('σ² = 2 / 5d; σ = 2 / (N√d) at the end of a branch'), options: [],
    when: say('In Transformers of N layers and width d with the norm before each branch, as GPT-NeoX is started.'),
    source: 'Nguyen & Salazar 2019; Black et al. 2022 (the end of a branch)', draw: drawSmallInit,
    notes: (network) => (network.branches === 0 ? [noBranches] : roleNotes(network, [])),
  },
  {
    id: 't-fixup', title: 'T-Fixup', group: 'Residual networks', options: [],
    formula: say('Xavier · 0.67 N^(−¼), in a decoder · (9M)^(−¼), for values, outputs and feed-forward'),
    when: say('In Transformers of N layers, and M of a decoder, without warm-up and layer norm.'),
    source: 'Huang et al. 2020, section 3.3', draw: drawTFixup, notes: tFixupNotes,
  },
  {
    id: 'deepnet', title: 'DeepNet', group: 'Residual networks', options: [],
    formula: say('Xavier · (8N)^(−¼), with a decoder · 0.87 (N⁴M)^(−1/16) and in it · (12M)^(−¼), for values, outputs and feed-forward'),
    when: say('In Transformers of N layers, and M of a decoder, with the norm after each addition, hundreds of layers deep.'),
    source: 'Wang et al. 2022, figure 2', draw: drawDeepNet, notes: deepNetNotes,
  },
];
