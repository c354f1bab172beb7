import type { Slice } from '../../protocol/recipe';
import { elementCount } from '../graph/dtype';
import type { Node } from '../graph/graph';
import { intAttribute } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { scopeOf } from '../graph/order';
import { frozenReason } from './frozen';
import { gateNames } from './gateNames';
import type { Gate, Product, ProductOf } from './gates';
import { findGates, gateFunctions } from './gates';
import type { Layer, LayerPart, LayerWeight } from './layer';
import { outputAxis } from './packed';

/** Products whose outputs are the gates of one recurrent cell. */
interface Cell {
  readonly gates: readonly Gate[];
  /** By key, in the order they run: several where the steps are written out. */
  readonly products: ReadonlyMap<string, readonly Product[]>;
  /** Outputs of a gate. */
  readonly hidden: number;
  readonly kind: NonNullable<Layer['cell']>;
  /** By key and first output. */
  readonly names: ReadonlyMap<string, string>;
}

/** A state is looked for behind at most so many values. */
const mostValues = 64;
const moving = new Set(['Identity', 'Cast', 'Squeeze', 'Unsqueeze', 'Reshape', 'Transpose', 'Concat', 'Mul']);

/**
 * LSTM and GRU as frameworks write them that have no operator for them (Keras and Flax by way of a loop, cells that PyTorch runs step by step):
 * a product by W and one by R, whose outputs are added and taken apart into gates (Hochreiter & Schmidhuber 1997; Gers et al. 2000; Cho et al.
 * 2014, eq. 5–8). Each gate is a matrix of its own, and what reads the state is the recurrent kernel. Both may be convolutions (Shi et al. 2015, eq. 3).
 */
export function withCells(root: GraphIndex, layers: readonly Layer[]): readonly Layer[] {
  const products = productsOf(root, layers);
  const productOf: ProductOf = ({ scope }, value) => products.get(`${scope}\0${value}`) ?? null;
  const cells = groupsOf([...graphsOf(root)].flatMap((index) => findGates(index, productOf))).flatMap((gates) => cellOf(gates, productOf) ?? []);
  if (cells.length === 0) return layers;
  const rows = new Map(layers.map((layer) => [layer.node, layer]));
  const changed = new Map(cells.flatMap((cell) => cellLayers(cell, productOf, rows)));
  return layers.flatMap((layer) => {
    const now = changed.get(layer);
    return now === undefined ? [layer] : now === null ? [] : [now];
  });
}

function* graphsOf(index: GraphIndex): Generator<GraphIndex> {
  yield index;
  for (const bodies of index.bodies.values()) for (const body of bodies) yield* graphsOf(body);
}

/** By graph and value. */
function productsOf(root: GraphIndex, layers: readonly Layer[]): ReadonlyMap<string, Product> {
  const indexes = new Map([...graphsOf(root)].map((index) => [index.scope, index]));
  return new Map(layers.flatMap((layer) => {
    const index = indexes.get(layer.scope);
    const kernel = layer.weights.find(({ role }) => role === 'kernel' || role === 'recurrent');
    const width = kernel ? outputsOf(layer.node, kernel) : null;
    if (!index || !kernel || width === null) return [];
    const product: Product = { index, layer, kernel, width, key: `${kernel.id}@${stretchOf(kernel)?.start ?? 0}` };
    return [layer.preactivation, layer.node.outputs[0] ?? ''].map((value) => [`${layer.scope}\0${value}`, product] as const);
  }));
}

/** How many outputs a product has, or a convolution at each position. */
function outputsOf(node: Node, { seenShape, tensor: { shape } }: LayerWeight): number | null {
  if (isConvolution(node)) return seenShape.length === shape.length && intAttribute(node, 'group', 1) === 1 ? seenShape[0] ?? null : null;
  if (seenShape.length !== 2 || shape.length !== 2 || (node.op !== 'MatMul' && node.op !== 'Gemm')) return null;
  return seenShape[intAttribute(node, 'transB', 0) === 1 ? 0 : 1] ?? null;
}

const isConvolution = ({ op }: Node): boolean => op === 'Conv';

/** What a product reads of one sample, at one position where it is a convolution. */
const inputsOf = ({ layer: { node }, kernel }: Product): number | undefined => (isConvolution(node) ? kernel.seenShape[1] : kernel.fans?.fanIn);

/** Where a kernel is that is some rows or columns of a tensor. */
function stretchOf({ parts: [part], seenShape, tensor }: LayerWeight): Slice | undefined {
  return elementCount(seenShape) < elementCount(tensor.shape) ? part?.slices[0] : undefined;
}

/** Gates that read parts of one product belong together, and so do all steps of one cell: their kernels are the same. */
function groupsOf(gates: readonly Gate[]): readonly (readonly Gate[])[] {
  const leads = new Map<string, string>();
  const leadOf = (key: string): string => {
    let lead = key;
    for (let next = leads.get(lead); next !== undefined; next = leads.get(lead)) lead = next;
    if (lead !== key) leads.set(key, lead);
    return lead;
  };
  for (const { chunks: [first, ...others] } of gates) {
    for (const { product } of others) {
      const [a, b] = [leadOf(first?.product.key ?? ''), leadOf(product.key)];
      if (a !== b) leads.set(b, a);
    }
  }
  const groups = new Map<string, Gate[]>();
  for (const gate of gates) {
    const lead = leadOf(gate.chunks[0]?.product.key ?? '');
    const group = groups.get(lead);
    if (group) group.push(gate);
    else groups.set(lead, [gate]);
  }
  return [...groups.values()];
}

function cellOf(gates: readonly Gate[], productOf: ProductOf): Cell | null {
  const chunks = gates.flatMap((gate) => gate.chunks);
  const hidden = chunks.reduce((least, { width }) => Math.min(least, width), Infinity);
  const products = new Map<string, Set<Product>>();
  const starts = new Map<string, Set<number>>();
  for (const { product, start } of chunks) {
    products.set(product.key, (products.get(product.key) ?? new Set<Product>()).add(product));
    starts.set(product.key, (starts.get(product.key) ?? new Set<number>()).add(start));
  }
  const isWhole = [...products].every(([key, uses]) => [...uses].every(({ width }) => width === (starts.get(key)?.size ?? 0) * hidden));
  const areApart = chunks.every(({ start, width }) => width === hidden && start % hidden === 0);
  const most = [...starts.values()].reduce((count, each) => Math.max(count, each.size), 0);
  const uses = [...products.values()].flatMap((each) => [...each]);
  if (!isWhole || !areApart || most < 2 || !uses.some((product) => readsState(product, productOf))) return null;
  const kind = most === 4 ? 'LSTM' : most === 3 ? 'GRU' : 'gated cell';
  return { gates, products: new Map([...products].map(([key, each]) => [key, [...each]])), hidden, kind, names: gateNames(gates, kind) };
}

/** Whether a product reads what its cell has made before: what a loop carries, or what comes from the product by the same kernel. */
function readsState({ index, layer, key }: Product, productOf: ProductOf): boolean {
  const states = new Set(carriedBy(index));
  const seen = new Set([layer.node.inputs[0] ?? '']);
  for (const value of seen) {
    if (states.has(value)) return true;
    const scope = scopeOf(index, value);
    const product = productOf(scope, value);
    if (product?.key === key) return true;
    if (product?.layer.node.op === 'Gemm') seen.add(product.layer.node.inputs[2] ?? '');
    const node = scope === index && !product ? index.producer.get(value) : undefined;
    if (!node || seen.size > mostValues || (states.size > 0 && !moving.has(node.op))) continue;
    // In a loop, behind a function is what is made in this step.
    for (const input of node.inputs) if (input !== '' && (states.size === 0 || !isFunction(index, input))) seen.add(input);
  }
  return false;
}

const isFunction = (index: GraphIndex, value: string): boolean => gateFunctions.has(index.producer.get(value)?.op ?? '');

/** Names of what the loop that a graph is the body of carries. */
export function carriedBy({ owner, graph }: GraphIndex): readonly string[] {
  if (owner?.node.op !== 'Loop' && owner?.node.op !== 'Scan') return [];
  const carried = owner.node.op === 'Loop' ? graph.inputs.slice(2) : graph.inputs.slice(0, -intAttribute(owner.node, 'num_scan_inputs', 1));
  return carried.map(({ name }) => name);
}

/** The layers of a cell as they are then, and null for those that are a further step or its bias. */
function cellLayers(cell: Cell, productOf: ProductOf, rows: ReadonlyMap<Node, Layer>): readonly (readonly [Layer, Layer | null])[] {
  const uses = [...cell.products.values()];
  const isRecurrent = (products: readonly Product[]): boolean => products.some((product) => (
    product.kernel.role === 'recurrent' || (inputsOf(product) === cell.hidden && readsState(product, productOf))));
  const recurrent = new Set(uses.filter(isRecurrent));
  const reading = uses.filter((products) => !recurrent.has(products));
  const added = biasBehind(cell, rows);
  const hasBias = added !== null || reading.some(([product]) => product?.layer.weights.some(({ role }) => role === 'bias'));
  const changed = uses.flatMap((products) => {
    const [first, ...others] = products;
    if (!first) return [];
    const isState = recurrent.has(products);
    const bias = products === (reading[0] ?? uses[0]) ? added?.bias ?? null : null;
    return [[first.layer, stepOf(cell, first, others, { isState, isSecond: isState && hasBias, bias })] as const,
      ...others.map(({ layer }) => [layer, null] as const)];
  });
  return [...changed, ...(added?.rows ?? []).map((row) => [row, null] as const)];
}

/** Its activations are inside the cell, its sum with the other product no parallel branch, and its sum with the state no residual one. */
function stepOf(
  cell: Cell, product: Product, others: readonly Product[], { isState, isSecond, bias }: { isState: boolean; isSecond: boolean; bias: LayerWeight | null },
): Layer {
  const { parallel: _, chain: __, ...layer } = product.layer;
  const { parts, fans } = partsOf(cell, product);
  const own = layer.weights.map((weight): LayerWeight => {
    if (weight === product.kernel) return { ...weight, role: isState ? 'recurrent' : 'kernel', parts, fans };
    return weight.role === 'bias' ? withGates(weight, parts, isSecond) : weight;
  });
  const steps = others.map(({ layer: { preactivation } }) => ({ preactivation, activation: preactivation }));
  const detail = [`${cell.kind}, hidden ${cell.hidden}`, isConvolution(layer.node) ? layer.detail : '', others.length > 0 ? `${others.length + 1} steps` : ''];
  return {
    ...layer, cell: cell.kind, detail: detail.filter((part) => part !== '').join(', '),
    weights: bias ? [...own, withGates(bias, parts, false)] : own, activation: null, normalization: null, feedsProduct: false, isValue: false, isHead: false,
    residual: null, branch: null, ...(others.length > 0 ? { steps } : {}),
  };
}

/** The gates as parts of a kernel, with fans of their own. */
function partsOf({ hidden, names }: Cell, { index, key, layer, kernel, width }: Product): Pick<LayerWeight, 'parts' | 'fans'> {
  const { fans, tensor: { shape } } = kernel;
  if (!fans) return kernel;
  const stretch = stretchOf(kernel);
  const axis = stretch?.axis ?? outputAxis(index, layer.node);
  const own = { fanIn: fans.fanIn, fanOut: isConvolution(layer.node) ? (fans.fanOut * hidden) / width : hidden };
  // A gate is a matrix where its outputs are along the first axis, or the last one.
  if (axis !== 0 && axis !== shape.length - 1) return { parts: [], fans: own };
  const others = elementCount(shape) / (shape[axis] ?? 1);
  const [rows, columns] = axis === 0 ? [hidden, others] : [others, hidden];
  const parts = Array.from({ length: width / hidden }, (_, i): LayerPart => {
    const start = (stretch?.start ?? 0) + i * hidden;
    return { name: names.get(`${key}:${i * hidden}`) ?? `gate ${i + 1}`, fans: own, slices: [{ axis, start, end: start + hidden }], rows, columns };
  });
  return { parts, fans: own };
}

/** A bias of all gates, which lie in it as in the kernel. */
function withGates(bias: LayerWeight, gates: readonly LayerPart[], isSecond: boolean): LayerWeight {
  const { shape } = bias.tensor;
  const axis = shape.findIndex((size) => size > 1);
  const size = (shape[axis] ?? 0) / gates.length;
  if (elementCount(shape) !== shape[axis] || !Number.isInteger(size)) return bias;
  const parts = gates.map(({ name }, i): LayerPart => (
    { name: isSecond ? `recurrent ${name}` : name, fans: null, slices: [{ axis, start: i * size, end: (i + 1) * size }], rows: size, columns: 1 }));
  return { ...bias, parts };
}

/** A bias that is added to the sum of the products, which is a row of its own until then, and all rows it is in. */
function biasBehind({ gates, hidden }: Cell, rows: ReadonlyMap<Node, Layer>): { readonly bias: LayerWeight; readonly rows: readonly Layer[] } | null {
  const sums = new Set<Node>(gates.flatMap((gate) => gate.sums));
  const found = [...sums].flatMap((sum) => {
    const layer = rows.get(sum);
    const [weight, ...others] = layer?.weights ?? [];
    const sizes = weight?.tensor.shape.filter((size) => size > 1) ?? [];
    return layer && weight && others.length === 0 && sizes.length === 1 && (sizes[0] ?? 0) % hidden === 0 ? [{ layer, weight }] : [];
  });
  const [first] = found;
  if (!first) return null;
  const same = found.filter(({ weight }) => weight.id === first.weight.id).map(({ layer }) => layer);
  return { bias: { ...first.weight, role: 'bias', frozen: frozenReason(first.weight.name, first.weight.tensor, null) }, rows: same };
}
