import type { Slice } from '../../protocol/recipe';
import type { SchemeOptions } from '../../protocol/schemes';
import { say } from '../../protocol/words';
import { elementCount } from '../graph/dtype';
import { intAttribute } from '../graph/graph';
import type { Layer, LayerPart, LayerWeight } from '../layers/layer';
import { isCovered } from './advice';
import { gainOption } from './options';
import type { Resolved } from './resolved';
import { distribute } from './resolved';
import type { Drawn, Place, Scheme } from './scheme';
import { drawParts, drawnAs } from './scheme';

/** Matrices that a tensor is, one after the other in row-major order. */
interface Matrices {
  readonly count: number;
  readonly rows: number;
  readonly columns: number;
}

/**
 * A QR decomposition of a long × short matrix takes long · short² steps: 2^30 of them, as 1024 × 1024 has, one to two seconds. Beyond, normals of
 * the same scale take its place.
 */
const mostSteps = 2 ** 30;

export function isFeasible({ count, rows, columns }: Matrices): boolean {
  return count * Math.max(rows, columns) * Math.min(rows, columns) ** 2 <= mostSteps;
}

function orthogonalMatrices(matrices: Matrices, gain: number): Resolved {
  const { rows, columns, count } = matrices;
  const std = gain / Math.sqrt(Math.max(rows, columns));
  const title = gain === 1 ? 'Orthogonal' : `Orthogonal, gain ${Number(gain.toPrecision(3))}`;
  if (!isFeasible(matrices)) {
    const instead = `Normal of an orthogonal matrix’s scale (a decomposition of ${rows} × ${columns} takes minutes)`;
    return { ...distribute('normal', std), mode: null, gain, title: instead };
  }
  return { sampler: { kind: 'orthogonal', gain, rows, columns, ...several(count) }, mode: null, gain, std, bound: null, title };
}

export function identityMatrices({ rows, columns, count }: Matrices, gain: number): Resolved {
  const share = Math.min(rows, columns) / (rows * columns);
  const std = gain * Math.sqrt(share * (1 - share));
  return { sampler: { kind: 'identity', gain, rows, columns, ...several(count) }, mode: null, gain, std, bound: null, title: 'Identity' };
}

const several = (count: number): { readonly count?: number } => (count === 1 ? {} : { count });
const isConvolution = ({ op }: Layer): boolean => op.includes('Conv');
const ofPart = ({ rows, columns }: LayerPart): Matrices => ({ count: 1, rows, columns });

/**
 * The matrices of a kernel: of a convolution [M, C/g, k…] (transposed: [C, M/g, k…]) one for each group, from the inputs of a place to the outputs
 * of one; of a product the last two axes. Null where the stored order is not that of the operator.
 */
export function matricesOf(layer: Layer, { tensor, seenShape }: LayerWeight, taps: 'all' | 'one'): Matrices | null {
  if (!isConvolution(layer)) {
    const columns = tensor.shape.at(-1) ?? 1;
    const rows = tensor.shape.at(-2) ?? 1;
    return { count: elementCount(tensor.shape) / (rows * columns), rows, columns };
  }
  const count = intAttribute(layer.node, 'group', 1);
  const [first = 1, second = 1, ...kernel] = seenShape;
  if (tensor.shape.join() !== seenShape.join() || first % count !== 0) return null;
  return { count, rows: first / count, columns: second * (taps === 'all' ? elementCount(kernel) : 1) };
}

/** The middle tap of a convolution. */
function centre({ seenShape }: LayerWeight): readonly Slice[] {
  return seenShape.slice(2).map((size, i) => ({ axis: i + 2, start: Math.floor((size - 1) / 2), end: Math.floor((size - 1) / 2) + 1 }));
}

type Fill = (matrices: Matrices, gain: number) => Resolved;

/** In the middle tap of a convolution, zeros around it; the whole of what has no taps. */
function inCentre({ layer, weight }: Place, fill: Fill, gain: number, name: string): Drawn | null {
  const taps = isConvolution(layer) ? elementCount(weight.seenShape.slice(2)) : 1;
  const matrices = taps > 1 ? matricesOf(layer, weight, 'one') : null;
  if (!matrices) return throughout({ layer, weight }, fill, gain);
  const drawn = fill(matrices, gain);
  // Of the whole tensor, most of which is zero.
  const resolved = { ...drawn, std: drawn.std / Math.sqrt(taps), title: nameOf(drawn, name) };
  return drawnAs([{ resolved, slices: centre(weight) }]);
}

const nameOf = ({ title }: Resolved, name: string): string => (name === '' ? title : title.replace('Orthogonal', name));

function throughout({ layer, weight }: Pick<Place, 'layer' | 'weight'>, fill: Fill, gain: number): Drawn | null {
  const whole = matricesOf(layer, weight, 'all');
  return whole ? drawParts(weight, (part) => fill(part ? ofPart(part) : whole, gain)) : null;
}

function gainOf({ gain = 1 }: SchemeOptions): number {
  return gain;
}

const isKernel = ({ weight: { role } }: Place): boolean => role === 'kernel';
/** Gate by gate, where each is in one piece. */
const isGates = ({ weight }: Place): boolean => weight.role === 'recurrent' && weight.parts.length > 0 && isCovered(weight);
const group = 'By structure';

export const structuredSchemes: readonly Scheme[] = [
  {
    id: 'orthogonal', title: 'Orthogonal', group, formula: 'QᵀQ = gain² I', options: [gainOption(1)],
    when: say('In deep linear and tanh networks: every direction passes with the same length. Of a convolution, group by group over all taps.'),
    source: 'Saxe et al. 2014, section 3',
    draw: (place, options) => (isKernel(place) || isGates(place) ? throughout(place, orthogonalMatrices, gainOf(options)) : null),
  },
  {
    id: 'lsuv', title: 'LSUV', group, formula: say('orthogonal, then σ² = 1 of each output, as measured'), options: [],
    when: say('Where no formula holds: the network is run, and layer after layer made to say something of unit variance.'),
    source: 'Mishkin & Matas 2016, algorithm 1',
    draw: (place) => (isKernel(place) || isGates(place) ? throughout(place, orthogonalMatrices, 1) : null),
  },
  {
    id: 'delta-orthogonal', title: 'Delta-orthogonal', group, formula: say('middle tap orthogonal, 0 around it'), options: [gainOption(1)],
    when: say('In very deep plain tanh CNNs with at least as many outputs as inputs; other layers become orthogonal.'),
    source: 'Xiao et al. 2018 (delta-orthogonal kernels)',
    draw: (place, options) => (isKernel(place) ? inCentre(place, orthogonalMatrices, gainOf(options), 'Delta-orthogonal') : null),
  },
  {
    id: 'identity', title: 'Identity', group, formula: say('w = gain · I, in the middle tap of a convolution'), options: [gainOption(1)],
    when: say('For recurrent layers with ReLU, and to see a network pass its input on; of other sizes than square, what fits.'),
    source: 'Le et al. 2015, section 2',
    draw(place, options) {
      const { layer, weight } = place;
      if (isKernel(place)) return inCentre(place, identityMatrices, gainOf(options), '');
      return weight.role === 'recurrent' && layer.op === 'RNN' ? throughout(place, identityMatrices, gainOf(options)) : null;
    },
  },
];
