import { GraphBuilder } from '../../core/graph/builder';
import type { Graph, Node } from '../../core/graph/graph';
import { intAttribute, mapNodes, withBodies } from '../../core/graph/graph';
import { namesOf } from '../../core/graph/names';
import type { GraphIndex } from '../../core/graph/order';
import { indexGraph } from '../../core/graph/order';
import { constantValues, scalarValue } from '../../core/layers/source';

/**
 * Exporters write `split`, `chunk` and `unbind` by sequences of tensors (PyTorch's, unoptimised, and for sizes known only when it runs). An element
 * that is taken by a constant index is a slice, and a sequence that is only put together again a concatenation; what is left stays as it is.
 */
export function lowerSequences(graph: Graph): Graph {
  const inside = mapNodes(graph, (node) => withBodies(node, lowerSequences));
  if (!inside.nodes.some(({ op, domain }) => domain === '' && lowered.has(op))) return inside;
  const index = indexGraph(inside);
  const builder = new GraphBuilder({ ...inside, nodes: [] }, namesOf(inside));
  for (const node of inside.nodes) if (node.domain !== '' || !lower(index, node, builder)) builder.append(node);
  return withoutUnread(builder.build());
}

const lowered = new Set(['SequenceAt', 'ConcatFromSequence']);

function lower(index: GraphIndex, node: Node, builder: GraphBuilder): boolean {
  const made = index.producer.get(node.inputs[0] ?? '');
  if (node.op === 'ConcatFromSequence') return made?.op === 'SequenceConstruct' && concatenate(node, made.inputs, builder);
  const at = node.op === 'SequenceAt' ? scalarValue(index, node.inputs[1] ?? '') : null;
  if (!made || at === null) return false;
  if (made.op === 'SequenceConstruct') {
    const element = made.inputs[at < 0 ? at + made.inputs.length : at];
    return element !== undefined && put(node, builder, 'Identity', [element]);
  }
  return made.op === 'SplitToSequence' && at >= 0 && takeElement(index, node, made, at, builder);
}

/** Element `at` of a split into equal parts, by a list of sizes, or, where there is no size, into single ones. */
function takeElement(index: GraphIndex, node: Node, split: Node, at: number, builder: GraphBuilder): boolean {
  const [input = '', given = ''] = split.inputs;
  const axis = intAttribute(split, 'axis', 0);
  const slice = (start: number, end: number): boolean => (
    put(node, builder, 'Slice', [input, builder.ints([start]), builder.ints([end]), builder.ints([axis])]));
  if (given === '') {
    const isSingle = intAttribute(split, 'keepdims', 1) === 0;
    return isSingle ? put(node, builder, 'Gather', [input, builder.constant('int64', [], [at])], axis) : slice(at, at + 1);
  }
  const sizes = constantValues(index, given);
  if (!sizes) return false;
  const [size = 0] = sizes;
  const isList = index.graph.initializers.get(given)?.shape.length === 1;
  const start = isList ? sizes.slice(0, at).reduce((sum, each) => sum + each, 0) : at * size;
  const length = isList ? sizes[at] : size;
  return length !== undefined && slice(start, start + length);
}

function concatenate(node: Node, elements: readonly string[], builder: GraphBuilder): boolean {
  const axis = intAttribute(node, 'axis', 0);
  const isStack = intAttribute(node, 'new_axis', 0) === 1;
  const parts = isStack ? elements.map((element) => builder.add('Unsqueeze', [element, builder.ints([axis])])) : elements;
  return put(node, builder, 'Concat', parts, axis);
}

function put(node: Node, builder: GraphBuilder, op: string, inputs: readonly string[], axis?: number): boolean {
  builder.append({ ...node, op, inputs, attributes: axis === undefined ? {} : { axis: { kind: 'int', value: axis } } });
  return true;
}

/** Without the sequences that nothing reads any more. */
function withoutUnread(graph: Graph): Graph {
  const { consumers } = indexGraph(graph);
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const isRead = (node: Node): boolean => node.outputs.some((output) => outputs.has(output) || consumers.has(output));
  return { ...graph, nodes: graph.nodes.filter((node) => (node.op !== 'SplitToSequence' && node.op !== 'SequenceConstruct') || isRead(node)) };
}
