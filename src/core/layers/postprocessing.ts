import { dtypeOf, isFloat } from '../graph/dtype';
import type { Graph, Node, ValueInfo } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { indexGraph, valuesUsedBy } from '../graph/order';
import { inferTypes } from '../ops/types';
import { weightsOf } from './weights';

/** Code of what is said of a network that was cut. */
export const cutCode = 'post-processing';

/** A network without what exporters put behind it for whoever uses its answers: labels, texts, maps from one to the other. */
export interface WithoutPostprocessing {
  readonly graph: Graph;
  /** Operators that make labels or texts, each once; what only they read, or reads only them, is cut off with them. */
  readonly ops: readonly string[];
  /** Values that have become outputs in their place. */
  readonly outputs: readonly string[];
}

/** What makes labels, texts and maps (ai.onnx.ml), which no gradient comes back from. */
const labelling = new Set(['ZipMap', 'LabelEncoder', 'CategoryMapper', 'CastMap', 'DictVectorizer', 'Binarizer', 'OneHotEncoder']);
const ofStrings = new Set(['StringNormalizer', 'StringConcat', 'StringSplit', 'RegexFullMatch', 'TfIdfVectorizer']);

/** The network as far as its mathematics goes; null where nothing stands behind it. */
export function withoutPostprocessing(graph: Graph): WithoutPostprocessing | null {
  if (!graph.nodes.some((node) => isBeyond(graph, node))) return null;
  const index = indexGraph(graph);
  const cut = new Set(cutNodes(index));
  const ends = endsBefore(index, cut);
  const made = new Set([...cut].flatMap((node) => node.outputs));
  const known = new Set(graph.outputs.map(({ name }) => name));
  const kept = graph.outputs.filter(({ name }) => !made.has(name));
  const added = ends.filter(({ name }) => !known.has(name));
  if (cut.size === 0 || kept.length + added.length === 0) return null;
  const nodes = graph.nodes.filter((node) => !cut.has(node));
  const [read, readBefore] = [readBy(nodes), readBy([...cut])];
  const outputs = [...kept, ...added];
  const isUsed = (name: string): boolean => read.has(name) || !readBefore.has(name) || outputs.some((output) => output.name === name);
  const initializers = new Map([...graph.initializers].filter(([name]) => isUsed(name)));
  return {
    graph: { ...graph, nodes, outputs, initializers }, outputs: ends.map(({ name }) => name),
    ops: [...new Set([...cut].filter((node) => isBeyond(graph, node)).map(({ op }) => op))],
  };
}

const readBy = (nodes: readonly Node[]): ReadonlySet<string> => new Set(nodes.flatMap(valuesUsedBy));

function isBeyond({ initializers }: Graph, { domain, op, inputs, attributes }: Node): boolean {
  // Picks the label of the largest answer out of all labels; what it picks out of a signal are its columns.
  if (domain === 'ai.onnx.ml') return labelling.has(op) || (op === 'ArrayFeatureExtractor' && initializers.has(inputs[0] ?? ''));
  const isText = op === 'Cast' && attributes.to?.kind === 'int' && dtypeOf(attributes.to.value) === 'string';
  return domain === '' && (isText || ofStrings.has(op));
}

/** Nodes that no weight stands behind, and what depends on them. What stands before a weight prepares the input. */
function cutNodes(index: GraphIndex): ReadonlySet<Node> {
  const { nodes } = index.graph;
  const before = new Set<Node>();
  for (const node of nodes.toReversed()) {
    const leads = node.outputs.some((output) => (index.consumers.get(output) ?? []).some((reader) => before.has(reader) || hasWeights(index, reader)));
    if (leads) before.add(node);
  }
  const cut = new Set<Node>();
  const made = new Set<string>();
  for (const node of nodes) {
    const isCut = (!before.has(node) && isBeyond(index.graph, node)) || valuesUsedBy(node).some((value) => made.has(value));
    if (!isCut) continue;
    cut.add(node);
    for (const output of node.outputs) if (output !== '') made.add(output);
  }
  return cut;
}

const hasWeights = (index: GraphIndex, node: Node): boolean => (
  index.bodies.has(node) || weightsOf(index, node).some(({ role }) => role !== 'frozen'));

/** The floats that are read by what is cut. Whole numbers that are made for it alone, such as the place of the largest, are cut too. */
function endsBefore(index: GraphIndex, cut: Set<Node>): readonly ValueInfo[] {
  const types = inferTypes(index.graph);
  const ends = new Map<string, ValueInfo>();
  for (const node of cut) {
    for (const value of valuesUsedBy(node)) {
      const producer = index.producer.get(value);
      if (!producer || cut.has(producer)) continue;
      const dtype = types.get(value) ?? 'undefined';
      if (isFloat(dtype)) ends.set(value, { name: value, dtype, shape: null });
      else if (producer.outputs.every((output) => isReadBy(index, output, cut))) cut.add(producer);
    }
  }
  return [...ends.values()];
}

const isReadBy = (index: GraphIndex, value: string, nodes: ReadonlySet<Node>): boolean => (
  !index.outputs.has(value) && (index.consumers.get(value) ?? []).every((reader) => nodes.has(reader)));
