import type { SchemeOptions } from '../../protocol/schemes';
import { say } from '../../protocol/words';
import { elementCount } from '../graph/dtype';
import { intAttribute, intsAttribute } from '../graph/graph';
import type { Layer } from '../layers/layer';
import { fansOf } from './momentScheme';
import type { Network } from './network';
import { gainOption, numberOption } from './options';
import { bilinearValues } from './patterns';
import { distribute } from './resolved';
import type { Drawn, Place, Scheme } from './scheme';
import { drawWhole, drawnAs } from './scheme';
import { identityMatrices, matricesOf } from './structuredSchemes';

const group = 'By structure';

/** Of torch.nn.init.sparse_, and a share of zeros that leaves something. */
const sparseStd = 0.01;
const usualSparsity = 0.9;

/** The tap in the middle, of an even number the one behind it, as torch.nn.init.dirac_ takes it. */
function drawDirac({ layer, weight }: Place): Drawn | null {
  const taps = weight.seenShape.slice(2);
  if (weight.role !== 'kernel' || !layer.op.includes('Conv') || taps.length === 0) return null;
  const matrices = matricesOf(layer, weight, 'one');
  if (!matrices) return null;
  const drawn = identityMatrices(matrices, 1);
  const resolved = { ...drawn, std: drawn.std / Math.sqrt(elementCount(taps)), title: 'Dirac' };
  return drawnAs([{ resolved, slices: taps.map((size, i) => ({ axis: i + 2, start: size >> 1, end: (size >> 1) + 1 })) }]);
}

/** Of the weights that read one input, so many are zero: a column of the matrix that torch.nn.Linear keeps. */
function drawSparse({ weight }: Place, { sparsity = usualSparsity, std = sparseStd }: SchemeOptions): Drawn | null {
  const [rows = 1, columns = 1] = weight.tensor.shape;
  if (weight.role !== 'kernel' || !weight.units || weight.tensor.shape.length !== 2) return null;
  const within = weight.units.count === rows && weight.units.inner === columns ? 'column' : 'row';
  const length = within === 'column' ? rows : columns;
  const zeros = Math.ceil(sparsity * length);
  const left = Math.sqrt(1 - zeros / length);
  return drawWhole({
    sampler: { kind: 'sparse', std, rows, columns, zeros, within }, mode: null, gain: null, std: std * left, bound: null,
    title: `Sparse, ${zeros} of ${length} zero`,
  });
}

const isTransposed = ({ op }: Layer): boolean => op === 'ConvTranspose';

function drawBilinear({ layer, weight }: Place): Drawn | null {
  const matrices = weight.role === 'kernel' && isTransposed(layer) ? matricesOf(layer, weight, 'one') : null;
  if (!matrices) return null;
  const { rows, columns, count } = matrices;
  const sampler = { kind: 'bilinear', rows, columns, taps: weight.seenShape.slice(2), ...(count === 1 ? {} : { count }) } as const;
  const values = bilinearValues(sampler);
  const mean = values.reduce((sum, [value, share]) => sum + value * share, 0);
  const std = Math.sqrt(values.reduce((sum, [value, share]) => sum + share * (value - mean) ** 2, 0));
  return drawWhole({ sampler, mode: null, gain: null, std, bound: null, title: 'Bilinear' });
}

function bilinearNotes({ layers: all }: Network): readonly string[] {
  const transposed = all.filter(isTransposed);
  if (transposed.length === 0) return [say('No transposed convolution was found: the scheme has nothing of its own to do here.')];
  const others = transposed.filter(({ node, weights }) => {
    const taps = weights.find(({ role }) => role === 'kernel')?.seenShape.slice(2) ?? [];
    return taps.some((size, axis) => Math.ceil(size / 2) !== (intsAttribute(node, 'strides')?.[axis] ?? 1));
  });
  const mixing = transposed.filter(({ node, weights }) => {
    const [inputs = 1, outputs = 1] = weights.find(({ role }) => role === 'kernel')?.seenShape ?? [];
    return inputs !== outputs * intAttribute(node, 'group', 1);
  });
  const named = (layers: readonly Layer[]): string => layers.map(({ name }) => name).join(', ');
  return [
    ...(others.length > 0 ? [say('To enlarge by f, a kernel needs 2f − f mod 2 taps. There are others in {0}: pixels weigh unequally.', named(others))] : []),
    ...(mixing.length > 0 ? [say('There are not as many outputs as inputs in {0}: channels beyond the smaller number start at zero.', named(mixing))] : []),
  ];
}

/** All channels that become one pixel's neighbours start alike, so that what is shuffled is an image enlarged by its nearest neighbours. */
function drawIcnr({ layer, weight }: Place, { gain = 1 }: SchemeOptions): Drawn | null {
  const { shuffle } = layer;
  if (weight.role !== 'kernel' || !shuffle || !weight.units || weight.parts.length > 0 || weight.units.count % shuffle.times !== 0) return null;
  const { sampler: of, std } = distribute('normal', gain / Math.sqrt(fansOf(weight, null).fanIn));
  if (of.kind !== 'normal') return null;
  const { inner, count: channels } = weight.units;
  return drawWhole({
    sampler: { kind: 'replicated', of, inner, channels, ...shuffle }, mode: 'fan_in', gain, std, bound: null, title: `ICNR, ${shuffle.times} alike`,
  });
}

export const kernelSchemes: readonly Scheme[] = [
  {
    id: 'dirac', title: 'Dirac', group, formula: say('w = I in the tap k / 2, 0 around it'), options: [],
    when: say('For convolutions that start as the identity, group by group, as torch.nn.init.dirac_ has it; other layers start as recommended.'),
    source: 'torch.nn.init.dirac_ (PyTorch 2, 2023)', draw: drawDirac,
  },
  {
    id: 'sparse', title: 'Sparse', group, formula: say('σ = 0.01; of the weights of each input a share is 0'),
    options: [numberOption('sparsity', usualSparsity), numberOption('std', sparseStd)],
    when: say('For matrices whose units are to differ: each input reaches few of them, as torch.nn.init.sparse_ has it.'),
    source: 'Martens 2010 (few connections for each unit); torch.nn.init.sparse_', draw: drawSparse,
  },
  {
    id: 'bilinear', title: 'Bilinear', group, formula: say('w = Π (1 − |t − centre| / f), channel by channel'), options: [],
    when: say('For transposed convolutions that enlarge by f: they start as bilinear interpolation.'),
    source: 'Long et al. 2015, section 3.3', draw: drawBilinear, notes: bilinearNotes,
  },
  {
    id: 'icnr', title: 'ICNR', group, formula: say('σ² = gain² / fan_in, the r² channels of a pixel alike'), options: [gainOption(1)],
    when: say('For convolutions before a shuffle of pixels (DepthToSpace): they start without a checkerboard.'),
    source: 'Aitken et al. 2017 (convolution NN resize)', draw: drawIcnr,
    notes: ({ layers }) => (layers.some(({ shuffle }) => shuffle) ? []
      : [say('No DepthToSpace was found behind a layer: the scheme has nothing of its own to do here.')]),
  },
];
