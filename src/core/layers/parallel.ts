import type { Node } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import type { Layer } from './layer';
import { lowRankFactor } from './layer';
import { scalarValue, storedSource } from './source';

/** Operators between a product and the sum it goes into. */
const passing = new Set(['Identity', 'Cast', 'Reshape', 'Dropout', 'Transpose']);
const farthest = 8;
/** Sums of more are no branches of one block. */
const mostTerms = 64;

/**
 * Products that are added to each other before anything else happens to them, as the branches of RepVGG (Ding et al. 2021, section 3.3) are, and
 * low-rank updates beside a product (Hu et al. 2021, eq. 3).
 */
export function withParallels(index: GraphIndex, layers: readonly Layer[]): readonly Layer[] {
  const products = new Map(layers.flatMap((layer) => (
    layer.scope === index.scope && layer.weights.some(({ role }) => role === 'kernel') ? [[layer.preactivation, layer] as const] : [])));
  if (products.size < 2) return layers;
  const changed = new Map<Node, Layer>();
  const inner = new Set<string>();
  for (const sum of index.graph.nodes.toReversed()) {
    if (!isSum(index, sum) || inner.has(sum.outputs[0] ?? '')) continue;
    const terms = termsOf(index, sum, inner);
    const found = terms.map((term) => productBehind(index, term, products));
    const own = found.filter((layer) => layer !== null);
    const updates = own.flatMap((layer) => lowRankOf(index, layer, products, own));
    for (const { up, down } of updates) {
      const first = down.weights.find(({ role }) => role === 'kernel');
      const update = { role: 'update', ...(first ? { firstFactor: first.id } : {}) } as const;
      changed.set(up.node, { ...up, residual: null, weights: up.weights.map((weight) => (weight.role === 'kernel' ? { ...weight, ...update } : weight)) });
      changed.set(down.node, { ...down, weights: down.weights.map((weight) => (weight.role === 'kernel' ? { ...weight, computed: lowRankFactor } : weight)) });
    }
    const branches = own.filter((layer) => !updates.some(({ up }) => up === layer) && layer.residual === null && layer.steps === undefined);
    // Beside a signal that passes by they are a residual branch.
    if (branches.length < 2 || found.some((layer) => layer === null)) continue;
    for (const layer of branches) changed.set(layer.node, { ...layer, parallel: branches.length });
  }
  return changed.size === 0 ? layers : layers.map((layer) => changed.get(layer.node) ?? layer);
}

function isSum(index: GraphIndex, { op, domain, inputs }: Node): boolean {
  return domain === '' && (op === 'Add' || op === 'Sum') && inputs.length > 1 && !inputs.some((input) => storedSource(index, input));
}

/** What is added up, through sums of sums. */
function termsOf(index: GraphIndex, sum: Node, inner: Set<string>): readonly string[] {
  const terms: string[] = [];
  const waiting = [...sum.inputs];
  for (let value = waiting.shift(); value !== undefined && terms.length < mostTerms; value = waiting.shift()) {
    const before = index.producer.get(value);
    if (before && isSum(index, before) && (index.consumers.get(value)?.length ?? 0) === 1) {
      inner.add(value);
      waiting.unshift(...before.inputs);
    } else {
      terms.push(value);
    }
  }
  return terms;
}

function productBehind(index: GraphIndex, term: string, products: ReadonlyMap<string, Layer>): Layer | null {
  let value = term;
  for (let step = 0; step < farthest; step++) {
    const layer = products.get(value);
    if (layer) return layer;
    const node = index.producer.get(value);
    if (node?.domain !== '') return null;
    const isScaled = node.op === 'Mul' && node.inputs.some((input) => scalarValue(index, input) !== null);
    if (!passing.has(node.op) && !isScaled) return null;
    value = node.inputs.find((input) => scalarValue(index, input) === null) ?? '';
  }
  return null;
}

/** Two products behind each other, the one between them narrow, beside one that reads the same: the second is a low-rank update. */
function lowRankOf(
  index: GraphIndex, up: Layer, products: ReadonlyMap<string, Layer>, beside: readonly Layer[],
): readonly { readonly up: Layer; readonly down: Layer }[] {
  const down = productBehind(index, up.node.inputs[0] ?? '', products);
  const [wide, narrow] = [up, down].map((layer) => layer?.weights.find(({ role }) => role === 'kernel')?.fans);
  if (!down || !wide || !narrow || down === up) return [];
  const isNarrow = wide.fanIn <= Math.min(narrow.fanIn, wide.fanOut) / 2;
  const isBeside = beside.some((layer) => layer !== up && layer.node.inputs[0] === down.node.inputs[0]);
  return isNarrow && isBeside ? [{ up, down }] : [];
}
