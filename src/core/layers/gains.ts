// Learned factors of a residual branch, and of what a tanh is taken of.

import { elementCount } from '../graph/dtype';
import type { Node } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { mergedMark } from '../graph/tensor';
import { mixingOf } from './constantReasons';
import type { Layer, LayerWeight } from './layer';
import { wholeWeight } from './layer';
import { isMadeUp } from './naming';
import { comesFrom } from './residual';
import type { StoredSource } from './source';
import { isFixed, isReal, scalarValue, storedSource, valueBehind } from './source';

/** Operators between a factor and what it is for. */
const between = new Set(['Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Identity', 'Cast', 'Dropout']);
const farthest = 8;

type FoundGain = readonly [Node, LayerWeight];

/** The stored factors of a graph, by the node that multiplies with them. */
export function gainsOf(index: GraphIndex, learned: ReadonlySet<string> | null): ReadonlyMap<Node, LayerWeight> {
  const found = index.graph.nodes.flatMap((node): readonly FoundGain[] => {
    if (node.domain !== '') return [];
    if (node.op === 'Tanh') return dynamicTanh(index, node, learned);
    return node.op === 'Add' ? branchGain(index, node, learned) : [];
  });
  return new Map(found);
}

/** α of γ tanh(αx) + β, which stands in the place of a normalisation (Zhu et al. 2025, arXiv 2503.10622, section 4). */
function dynamicTanh(index: GraphIndex, tanh: Node, learned: ReadonlySet<string> | null): readonly FoundGain[] {
  const node = index.producer.get(tanh.inputs[0] ?? '');
  const source = node?.op === 'Mul' && node.domain === '' ? factorOf(index, node) : null;
  const isScalar = source !== null && elementCount(source.shape) === 1 && isLearnedNumber(source.name, learned);
  const isScaled = (index.consumers.get(tanh.outputs[0] ?? '') ?? []).some((reader) => {
    const scale = reader.op === 'Mul' ? factorOf(index, reader) : null;
    return scale !== null && elementCount(scale.shape) > 1;
  });
  return node && isScalar && isScaled ? [[node, gain(source, 'tanh')]] : [];
}

/**
 * The factor of a residual branch: γ of each channel (LayerScale: Touvron et al. 2021, arXiv 2103.17239), or one number (ReZero: Bachlechner et al.
 * 2020, arXiv 2003.04887, eq. 1; SkipInit: De & Smith 2020, arXiv 2002.10444).
 */
function branchGain(index: GraphIndex, add: Node, learned: ReadonlySet<string> | null): readonly FoundGain[] {
  const [a = '', b = ''] = add.inputs;
  if (isFixed(index, a) || isFixed(index, b)) return [];
  return ([[a, b], [b, a]] as const).flatMap(([branch, skip]): readonly FoundGain[] => {
    const found = factorBehind(index, branch);
    if (!found || !isLearned(found.source, learned)) return [];
    if (isDifference(index, found.signal, skip) || mixingOf(index, found.node) !== null) return [];
    const isBranch = shortcut(index, skip).some((value) => value !== found.signal && comesFrom(index, found.signal, value));
    return isBranch ? [[found.node, gain(found.source, 'branch')]] : [];
  });
}

/** What passes a branch by, and that before the projection that it may have. */
function shortcut(index: GraphIndex, skip: string): readonly string[] {
  const way = [skip];
  for (let step = 0; step < mostProjecting; step++) {
    const computed = index.producer.get(way.at(-1) ?? '')?.inputs.filter((input) => input !== '' && !isFixed(index, input)) ?? [];
    if (computed.length !== 1) break;
    way.push(...computed);
  }
  return way;
}

/** A product and a normalisation. */
const mostProjecting = 2;

interface Factor {
  readonly node: Node;
  readonly source: StoredSource;
  readonly signal: string;
}

/** The last product with something stored on the way to a value; with mere numbers there may be others behind it. */
function factorBehind(index: GraphIndex, value: string): Factor | null {
  let name = value;
  for (let step = 0; step < farthest; step++) {
    name = valueBehind(index, name, between);
    const node = index.producer.get(name);
    if (node?.op !== 'Mul' || node.domain !== '') return null;
    const position = node.inputs.findIndex((input) => storedSource(index, input));
    const [source, signal = ''] = [factorOf(index, node), node.inputs[1 - position]];
    if (!source) return null;
    const isNumber = elementCount(source.shape) === 1 && isMadeUpNumber(source.name) && scalarValue(index, node.inputs[position] ?? '') !== null;
    if (!isNumber) return { node, source, signal };
    name = signal;
  }
  return null;
}

function factorOf(index: GraphIndex, node: Node): StoredSource | null {
  const stored = node.inputs.flatMap((input) => storedSource(index, input) ?? []);
  const [source] = stored;
  return stored.length === 1 && source && source.tensor.id !== '' && isReal(source) && isVector(source.shape) ? source : null;
}

const isVector = (shape: readonly number[]): boolean => shape.filter((size) => size > 1).length <= 1;

/** What is left of a token when that before it is taken away: a factor of that mixes the two, and is the gain of no branch. */
function isDifference(index: GraphIndex, value: string, from: string): boolean {
  const node = index.producer.get(value);
  return node?.op === 'Sub' && node.inputs.includes(from);
}

const isLearned = ({ name, shape }: StoredSource, learned: ReadonlySet<string> | null): boolean => (
  elementCount(shape) === 1 ? isLearnedNumber(name, learned) : learned === null || learned.has(authors(name)) || isMadeUp(name));

/** Of a single number the graph does not tell whether it is learned or a mere factor, as residual networks have, too: the exporter or its name does. */
export const isLearnedNumber = (name: string, learned: ReadonlySet<string> | null): boolean => (
  learned ? learned.has(authors(name)) : !isMadeUpNumber(name) && /alpha|gain|gamma|scale|weight|lambda|skip/i.test(lastPart(name)));

const isMadeUpNumber = (name: string): boolean => isMadeUp(lastPart(name));
/** Without what tells uses of one tensor apart. */
const authors = (name: string): string => name.split(mergedMark)[0] ?? name;
/** Parameters in a list are numbered. */
const lastPart = (name: string): string => authors(name).replace(/(:|\.)\d+$/, '').split(/[./]/).at(-1) ?? '';

const gain = (source: StoredSource, of: NonNullable<LayerWeight['gain']>['of']): LayerWeight => ({ ...wholeWeight(source, 'gain'), gain: { of, depth: 0 } });

/** Gains of branches are told of how many blocks there are: of attention and what is behind it, which have a branch each, or of one branch each. */
export function withGainDepths(layers: readonly Layer[]): readonly Layer[] {
  const isBranch = ({ gain: own }: LayerWeight): boolean => own?.of === 'branch';
  const branches = layers.filter(({ weights }) => weights.some(isBranch)).length;
  if (branches === 0) return layers;
  const depth = Math.ceil(branches / (layers.some(({ readsProduct, residual }) => readsProduct && residual !== null) ? 2 : 1));
  return layers.map((layer) => (layer.weights.some(isBranch) ? {
    ...layer, weights: layer.weights.map((weight) => (weight.gain?.of === 'branch' ? { ...weight, gain: { ...weight.gain, depth } } : weight)),
  } : layer));
}
