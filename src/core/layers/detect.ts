import type { Graph, Node } from '../graph/graph';
import { intAttribute, intsAttribute, stringAttribute } from '../graph/graph';
import { Names } from '../graph/names';
import type { GraphIndex } from '../graph/order';
import { indexGraph } from '../graph/order';
import { withAddedTables } from './addedTables';
import { affineOf } from './affine';
import { asFloats } from './asFloats';
import { fusedBias, separateBias } from './bias';
import type { Following } from './follow';
import { Follower } from './follow';
import { gainsOf, withGainDepths } from './gains';
import type { BranchPlace, Layer, LayerWeight, ResidualEnd } from './layer';
import { formalInput, weightOperatorOf } from '../ops/registry';
import { say } from '../../protocol/words';
import { withCells } from './cells';
import { withChains } from './chains';
import { computedKernel } from './computedWeights';
import { isLayer } from './constants';
import { layerName } from './naming';
import { outputAxis, packedWidths, withPackedParts, withPlainParts } from './packed';
import { activationWithin } from './patterns';
import { withSharedParts } from './pieces';
import { responseReason } from './responses';
import { withParallels } from './parallel';
import type { Branch } from './residual';
import { findBranches } from './residual';
import { isScaleFree } from './scaleFree';
import { shuffleBehind } from './shuffle';
import { storedSource } from './source';
import { productBefore } from './stacks';
import { withStateSpaces } from './stateSpaces';
import { readBy } from './reads';
import { withCarriedStates, withStepsTogether } from './unrolled';
import { keptTogether, withKernelUses, withSharedScales } from './uses';
import { weightsOf } from './weights';

/** The layers of a graph and of its subgraphs, in the order they run. */
export function detectLayers(graph: Graph, learned: ReadonlySet<string> | null = null): readonly Layer[] {
  const detection = new Detection(learned);
  const index = indexGraph(asFloats(graph));
  const layers = keptTogether(withCells(index, detection.layersOf(index))).filter((layer) => isLayer(layer, learned));
  return withSharedScales(withKernelUses(withSharedParts(named(layers))));
}

/** Names are given last: layers that have become others' would have taken some. */
function named(layers: readonly Layer[]): readonly Layer[] {
  const names = new Names(' #', 2);
  return layers.map((layer) => ({ ...layer, name: layerName(layer.node, layer.weights, names) }));
}

class Detection {
  readonly #follower = new Follower();
  /** Operators with a bias that is that of the layer before them. */
  readonly #biased = new Set<Node>();
  readonly #learned: ReadonlySet<string> | null;
  readonly #experts = new Map<GraphIndex, ReadonlySet<string>>();
  readonly #gains = new Map<GraphIndex, ReadonlyMap<Node, LayerWeight>>();

  constructor(learned: ReadonlySet<string> | null) {
    this.#learned = learned;
  }

  layersOf(index: GraphIndex): readonly Layer[] {
    const claimed = new Set<Node>(lookUps(index));
    const fixed = fixedNodes(index);
    const own: Layer[] = [];
    const found = index.graph.nodes.flatMap((node): readonly Layer[] => {
      const inner = (index.bodies.get(node) ?? []).flatMap((body) => this.layersOf(body));
      const layer = claimed.has(node) ? null : this.#layerOf(index, node, claimed, fixed);
      if (layer) own.push(layer);
      return layer ? [layer, ...inner] : inner;
    });
    const all = withCarriedStates(index, withStepsTogether(index, found));
    const steps = new Set(all);
    const branches = findBranches(index, own.filter((layer) => steps.has(layer)), this.#follower.written(index), new Set(this.#gainsOf(index).keys()));
    const [ends, places] = [residualEnds(branches), branchPlaces(branches)];
    const placed = branches.length === 0 ? all
      : all.map((layer) => ({ ...layer, residual: ends.get(layer.node) ?? layer.residual, branch: places.get(layer.node) ?? layer.branch }));
    return withChains(index, withParallels(index, withStateSpaces(index, withAddedTables(index, withGainDepths(placed), this.#learned))));
  }

  /** Indices by which kernels of experts are looked up: what else is looked up by them is as much a part of these. */
  #expertsOf(index: GraphIndex): ReadonlySet<string> {
    const known = this.#experts.get(index) ?? new Set(lookUps(index).map(({ inputs }) => inputs[1] ?? ''));
    this.#experts.set(index, known);
    return known;
  }

  #gainsOf(index: GraphIndex): ReadonlyMap<Node, LayerWeight> {
    const known = this.#gains.get(index) ?? gainsOf(index, this.#learned);
    this.#gains.set(index, known);
    return known;
  }

  #weightsOf(index: GraphIndex, node: Node): readonly LayerWeight[] {
    const weights = weightsOf(index, node).filter(({ role }) => role !== 'bias' || !this.#biased.has(node))
      .map((weight): LayerWeight => ({ ...weight, frozen: weight.frozen ?? responseReason(index, node, weight, this.#learned) }));
    if (node.op === 'Gather' && this.#expertsOf(index).has(node.inputs[1] ?? '')) return weights.map((weight) => ({ ...weight, role: 'bias', fans: null }));
    const isInner = node.op === 'InstanceNormalization' && this.#follower.isWrittenInner(index, node);
    return isInner ? weights.map((weight) => ({ ...weight, role: 'frozen', frozen: innerReason })) : weights;
  }

  #layerOf(index: GraphIndex, node: Node, claimed: Set<Node>, fixed: ReadonlySet<Node>): Layer | null {
    const gains = this.#gainsOf(index);
    const scale = affineOf(index, node, this.#follower, gains) ?? gains.get(node);
    const weights = scale ? [scale] : this.#weightsOf(index, node);
    if (weights.length === 0 || (fixed.has(node) && !weights.some(({ role }) => role === 'embedding'))) return null;
    const isKernel = weights.some((weight) => weight.role === 'kernel');
    const output = outputOf(index, node);
    const bias = isKernel ? separateBias(index, node, output) : null;
    if (bias) claimed.add(bias.node);
    const fused = isKernel && !bias ? fusedBias(index, node, output) : null;
    if (fused) this.#biased.add(fused.node);
    const preactivation = bias?.node.outputs[0] ?? output;
    const packed = weights.map((weight) => (weight.role === 'kernel' ? withProjections(index, node, preactivation, weight) : weight));
    const complete = leftTogether([...packed, ...[bias, fused].flatMap((each) => each?.weight ?? [])]);
    const following = this.#followed(index, node, preactivation, complete);
    const isClamped = index.producer.get(following.activation?.value ?? '')?.written === 'QuantizeLinear';
    const detail = [detailOf(node, weights), isClamped ? 'quantised from 0 on' : ''].filter((part) => part !== '').join(', ');
    const own = following.feedsProduct || !isPlainProduct(node) ? complete : complete.map(withPlainParts);
    const shuffle = shuffleBehind(index, [preactivation, following.activation?.value ?? '']);
    return {
      name: '', scope: index.scope, node, op: node.written ?? node.op, detail, weights: own, reads: readBy(index, node), preactivation,
      ...following, readsProduct: productBefore(index, node) !== null, residual: null, branch: null,
      ...(shuffle ? { shuffle } : {}), ...(isKernel && isScaleFree(index, preactivation, this.#follower.written(index)) ? { isScaleFree: true } : {}),
    };
  }

  /** A fused product has its activation inside: its output is behind it. */
  #followed(index: GraphIndex, node: Node, output: string, weights: readonly LayerWeight[]): Following {
    // Of constants it is not asked, but for tables that are added.
    if (node.op !== 'Add' && weights.every(({ role }) => role === 'frozen')) return nothingFollows;
    const activation = activationWithin(node, output);
    return activation ? { activation, normalization: null, feedsProduct: false, isValue: false, isHead: this.#follower.isAnswer(index, activation) }
      : this.#follower.follow(index, output);
  }
}

const nothingFollows: Following = { activation: null, normalization: null, feedsProduct: false, isValue: false, isHead: false };

/** Nodes that look up which of several stacked kernels is used. */
function lookUps(index: GraphIndex): readonly Node[] {
  return index.graph.nodes.flatMap((node) => node.inputs.flatMap((input, position) => {
    const operator = weightOperatorOf(node);
    const use = operator?.parameters?.[formalInput(operator, position) ?? ''];
    const isComputed = use?.role === 'kernel' && input !== '' && !storedSource(index, input);
    return isComputed ? computedKernel(index, node, input, use, position)?.gathers ?? [] : [];
  }));
}

/** Nodes that compute the same whatever the network is given: what becomes of stored tensors before they are used. */
function fixedNodes(index: GraphIndex): ReadonlySet<Node> {
  const values = new Set(index.graph.initializers.keys());
  return new Set(index.graph.nodes.filter((node) => {
    const isFixed = node.inputs.length > 0 && node.inputs.every((input) => input === '' || values.has(input)) && !index.bodies.has(node);
    if (isFixed) for (const output of node.outputs) values.add(output);
    return isFixed;
  }));
}

const innerReason = say('it is the one or the zero of a normalisation that is written out: scale and shift follow behind it');


/** A bias without the kernel that it was learned with is worth nothing: where all kernels of a layer keep their values, it keeps its own. */
function leftTogether(weights: readonly LayerWeight[]): readonly LayerWeight[] {
  const kernels = weights.filter(({ role }) => role === 'kernel' || role === 'recurrent');
  if (kernels.length === 0 || kernels.some(({ frozen }) => frozen === null)) return weights;
  return weights.map((weight) => (weight.role === 'bias' && weight.frozen === null
    ? { ...weight, frozen: say('it goes with {0}, which keeps its values', kernels[0]?.name ?? '') } : weight));
}

/** The first output that anything reads: of a recurrent layer it may be the last state alone. */
function outputOf(index: GraphIndex, node: Node): string {
  const isRead = (output: string): boolean => (
    output !== '' && (index.consumers.has(output) || index.outputs.has(output)));
  return node.outputs.find(isRead) ?? node.outputs[0] ?? '';
}

/** The last kernel of a branch, the normalisation behind it and its gain are told that they end it. */
function residualEnds(branches: readonly Branch[]): ReadonlyMap<Node, ResidualEnd> {
  const adding = branches.filter((branch) => !branch.isPostNorm).length;
  return new Map(branches.flatMap(({ add, last, normalization, gain, isPostNorm, end: value, sum, channels }) => {
    const own = { branches: branches.length, adding: isPostNorm ? 0 : adding, end: value, sum, channels };
    const end: ResidualEnd = { addedBy: add.name, normalization: normalization?.op ?? null, hasGain: gain !== null, ...own };
    return [last.node, ...(normalization?.nodes ?? []), ...(gain ? [gain] : [])].map((node) => [node, end] as const);
  }));
}

/** A branch within another has fewer kernels. */
function branchPlaces(branches: readonly Branch[]): ReadonlyMap<Node, BranchPlace> {
  const fromOuter = branches.toSorted((a, b) => b.kernels.length - a.kernels.length);
  return new Map(fromOuter.flatMap(({ add, kernels, skipScale, crosses, stack }) => (
    kernels.map(({ node }) => [node, { addedBy: add.name, kernels: kernels.length, skipScale, crosses, stack }] as const))));
}

/** A projection that is several: the fans of each are its own. */
function withProjections(index: GraphIndex, node: Node, output: string, weight: LayerWeight): LayerWeight {
  if (node.domain === 'com.microsoft' && node.op === 'Attention') {
    const sizes = attentionWidths(node, weight);
    return sizes ? withPackedParts(weight, sizes, 1) : weight;
  }
  const isInBlocks = node.op === 'MatMulNBits';
  const isMatrix = isInBlocks || ((node.op === 'MatMul' || node.op === 'Gemm') && weight.seenShape.length === 2 && weight.parts.length === 0);
  const widths = isMatrix && weight.fans ? packedWidths(index, output, weight.fans.fanOut) : null;
  if (!widths) return weight;
  if (isInBlocks) return withPackedParts(weight, widths, 0);
  return withPackedParts(weight, widths, weight.tensor.shape.length === 2 ? outputAxis(index, node) : null);
}

const isPlainProduct = ({ op }: Node): boolean => op === 'MatMul' || op === 'Gemm' || op === 'MatMulNBits';

/** Widths of query, key and value in the one matrix of `com.microsoft` Attention, equal unless it says so. */
function attentionWidths(node: Node, { seenShape }: LayerWeight): readonly number[] | null {
  const width = seenShape.at(-1) ?? 0;
  const given = intsAttribute(node, 'qkv_hidden_sizes');
  const sizes = given?.length === 3 ? given : [width / 3, width / 3, width / 3];
  return sizes.every(Number.isInteger) && sizes.reduce((sum, size) => sum + size, 0) === width ? sizes : null;
}

function detailOf(node: Node, weights: readonly LayerWeight[]): string {
  const shape = weights.find((weight) => weight.role === 'kernel')?.seenShape ?? [];
  if (node.op === 'LSTM' || node.op === 'GRU' || node.op === 'RNN') return recurrentDetail(node, weights);
  if (!node.op.includes('Conv')) return '';
  const strides = intsAttribute(node, 'strides') ?? [];
  const dilations = intsAttribute(node, 'dilations') ?? [];
  const group = intAttribute(node, 'group', 1);
  const said = [
    shape.slice(2).join('×'),
    strides.some((stride) => stride > 1) ? `stride ${[...new Set(strides)].join('×')}` : '',
    dilations.some((dilation) => dilation > 1) ? `dilation ${[...new Set(dilations)].join('×')}` : '',
    group === 1 ? '' : shape[1] === 1 && group > 1 ? 'depthwise' : `${group} groups`,
  ];
  return said.filter((part) => part !== '').join(', ');
}

function recurrentDetail(node: Node, weights: readonly LayerWeight[]): string {
  const recurrent = weights.find((weight) => weight.role === 'recurrent');
  const hidden = recurrent?.seenShape.at(-1);
  const direction = stringAttribute(node, 'direction', 'forward');
  return [hidden === undefined ? '' : `hidden ${hidden}`, direction === 'forward' ? '' : direction].filter((part) => part !== '').join(', ');
}
