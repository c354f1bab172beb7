// Tables whose rows are added up: words, positions, segments.

import { elementCount } from '../graph/dtype';
import type { Node } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { say } from '../../protocol/words';
import { reachesSoftmax } from './constantReasons';
import type { Layer, LayerWeight, TableRows } from './layer';
import { wholeWeight } from './layer';
import { isNamedTable } from './parameters';
import { scalarValue, slicedSource, storedSource } from './source';

/** Operators between a row and the sum it goes into. */
const passing = new Set(['Identity', 'Cast', 'Reshape', 'Transpose', 'Unsqueeze', 'Squeeze', 'Expand', 'Dropout', 'Slice']);
const farthest = 16;
/** Nobody adds up more. */
const mostTerms = 16;

/** Whether a table that is stored, and not looked up, is learned and no table of sines: by the exporter's list, or by its name alone. */
type IsLearned = (name: string) => boolean;

/** Tables are told what becomes of their rows, and those that are added whole are tables as well. */
export function withAddedTables(index: GraphIndex, layers: readonly Layer[], learned: ReadonlySet<string> | null): readonly Layer[] {
  const rows = new Map<Layer, TableRows>();
  const biases = new Set<Layer>();
  const roots = new Set<Node>();
  for (const layer of layers) {
    if (layer.scope !== index.scope || layer.op !== 'Gather' || !layer.weights.some(isTable)) continue;
    const { scale, root } = rowsBehind(index, layer.preactivation);
    if (root && reachesSoftmax(index, root)) biases.add(layer);
    else rows.set(layer, { scale, sum: root ? sumOf(index, root) : null });
    if (root) roots.add(root);
  }
  const isLearned = learned ? isListed(index, learned) : isNamedTable;
  const added = new Map([...roots].flatMap((root) => termsOf(index, root).flatMap((term) => wholeTable(index, term, root, isLearned))));
  return layers.map((layer): Layer => {
    if (biases.has(layer)) return { ...layer, weights: layer.weights.map((weight) => (isTable(weight) ? positionBias(weight, layers) : weight)) };
    const own = layer.op === 'EmbedLayerNormalization' ? { scale: 1, sum: sumOf(index, layer.node) } : rows.get(layer);
    if (own) return { ...layer, weights: layer.weights.map((weight) => (isTable(weight) ? { ...weight, rows: own } : weight)) };
    const table = added.get(layer.node);
    return table ? { ...layer, weights: [table] } : layer;
  });
}

/** Exporters store the rows of a table that they know to be read, under a name of theirs: then what is learned has no tensor of its own. */
function isListed({ graph }: GraphIndex, learned: ReadonlySet<string>): IsLearned {
  const isFolded = [...learned].some((name) => isNamedTable(name) && !graph.initializers.has(name));
  return (name) => learned.has(name) || (isFolded && isFoldedName(name));
}

/** What PyTorch's exporter calls the rows that were looked up or taken. */
const isFoldedName = (name: string): boolean => /^(embedding|slice|unsqueeze)(_\d+)?$/.test(name);

/** Unique in the model. */
const sumOf = ({ scope }: GraphIndex, { outputs }: Node): string => `${scope}/${outputs[0] ?? ''}`;
const isTable = ({ role }: LayerWeight): boolean => role === 'embedding';

/**
 * A table of biases of attention scores by relative position. The graph does not tell whose it is, and names do: of Swin (Liu et al. 2021, arXiv
 * 2103.14030, section 3.2) and of T5 (Raffel et al. 2020, arXiv 1910.10683, section 2.1), whose scale is by the width of what attention reads.
 */
function positionBias(weight: LayerWeight, layers: readonly Layer[]): LayerWeight {
  const projection = layers.find(({ feedsProduct }) => feedsProduct)?.weights.find(({ fans }) => fans !== null);
  const isOfT5 = weight.name.includes('relative_attention_bias');
  if (weight.name.includes('relative_position_bias_table')) return { ...weight, positionBias: { of: 'Swin', std: 0.02 } };
  if (isOfT5 && projection?.fans) return { ...weight, positionBias: { of: 'T5', std: projection.fans.fanIn ** -0.5 } };
  return { ...weight, role: 'frozen', frozen: weight.frozen ?? say('it is added to the scores of attention, by relative position') };
}

/** Where rows are added to others, and what they are multiplied with on the way. */
function rowsBehind(index: GraphIndex, output: string): { readonly scale: number; readonly root: Node | null } {
  let [value, scale] = [output, 1];
  for (let step = 0; step < farthest; step++) {
    const reader = onlyReader(index, value);
    if (reader?.domain !== '') break;
    if (reader.op === 'Add' || reader.op === 'Sum') return { scale, root: outermost(index, reader) };
    const factor = factorOf(index, reader, value);
    if (factor === null && (!passing.has(reader.op) || reader.inputs[0] !== value)) break;
    scale *= factor ?? 1;
    value = reader.outputs[0] ?? '';
  }
  return { scale, root: null };
}

/** Whoever reads more than the shape of a value, if that is one. */
function onlyReader(index: GraphIndex, value: string): Node | undefined {
  const [reader, ...others] = (index.consumers.get(value) ?? []).filter(({ op }) => op !== 'Shape' && op !== 'Size');
  return others.length > 0 || index.outputs.has(value) ? undefined : reader;
}

function factorOf(index: GraphIndex, { op, inputs }: Node, value: string): number | null {
  const other = inputs.find((input) => input !== value) ?? '';
  const number = op === 'Mul' || (op === 'Div' && inputs[0] === value) ? scalarValue(index, other) : null;
  if (number === null || number === 0) return null;
  return Math.abs(op === 'Mul' ? number : 1 / number);
}

/** The sum that a sum goes into, and nowhere else. */
function outermost(index: GraphIndex, sum: Node): Node {
  let root = sum;
  for (let step = 0; step < farthest; step++) {
    const reader = onlyReader(index, root.outputs[0] ?? '');
    if (!reader || !isSum(reader)) break;
    root = reader;
  }
  return root;
}

const isSum = ({ op, domain }: Node): boolean => domain === '' && (op === 'Add' || op === 'Sum');

interface Term {
  readonly value: string;
  readonly sum: Node;
}

function termsOf(index: GraphIndex, root: Node): readonly Term[] {
  const terms: Term[] = [];
  const waiting: Term[] = root.inputs.map((value) => ({ value, sum: root }));
  for (let next = 0; next < waiting.length && next < mostTerms; next++) {
    const term = waiting[next];
    const before = term && index.producer.get(term.value);
    if (before && isSum(before) && onlyReader(index, term.value)) waiting.push(...before.inputs.map((value) => ({ value, sum: before })));
    else if (term) terms.push(term);
  }
  return terms;
}

/** A stored table that is added as it is, row by row, with the sum that does so. */
function wholeTable(index: GraphIndex, { value, sum }: Term, root: Node, isLearned: IsLearned): readonly (readonly [Node, LayerWeight])[] {
  const source = storedSource(index, value) ?? slicedSource(index, value);
  const [rows = 1, width = 1] = source?.shape.slice(-2) ?? [];
  const isOfRows = source && source.shape.length > 1 && rows > 1 && width > 1 && elementCount(source.shape) === rows * width;
  if (!isOfRows || !isLearned(source.name)) return [];
  return [[sum, { ...wholeWeight(source, 'embedding'), fans: { fanIn: 1, fanOut: width }, rows: { scale: 1, sum: sumOf(index, root) } }]];
}
