import type { DType } from '../../core/graph/dtype';
import { codeOf, dtypeOf, isFloat } from '../../core/graph/dtype';
import type { Attribute, Attributes, Graph, Node, ValueInfo } from '../../core/graph/graph';
import { valuesUsedBy } from '../../core/graph/order';
import type { Tensor } from '../../core/graph/tensor';
import { calledName, isUnknown, loweringOf } from '../../core/ops/registry';
import { say } from '../../protocol/words';

/** The part of a network that can be run, in float32, and what had to be left out. */
export interface Forward {
  readonly graph: Graph;
  /** Nodes that cannot be run, each with its reason; what depends on them is left out too. */
  readonly removed: readonly { readonly node: Node; readonly reason: string }[];
  /** Values that left-out nodes read, with the removed nodes that hide them. */
  readonly hidden: ReadonlyMap<string, ReadonlySet<string>>;
  /** Values that are not computed, with the removed nodes that hide them. */
  readonly missing: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Why nodes with bodies are in the way, unless there is a better reason. */
const controlFlow: ReadonlyMap<string, string> = new Map(Object.entries({
  If: say('its condition could not be computed'), Loop: say('how many steps it runs could not be computed'),
    Scan: say('how many steps it runs could not be computed'),
}));

/** What works on sequences of tensors, or on tensors that may be missing; no value of theirs has a shape. */
const withoutTensors = new Set([
  'SequenceMap', 'SequenceAt', 'SequenceConstruct', 'SequenceEmpty', 'SequenceErase', 'SequenceInsert', 'SequenceLength', 'SplitToSequence',
  'ConcatFromSequence', 'Optional', 'OptionalGetElement', 'OptionalHasElement',
]);

/** Operators of ai.onnx that are newer than the operator set graphs are run in, and have no lowering. */
const newer = new Set(['BitCast', 'CumProd', 'TensorScatter']);

/** And newer than the operator sets that the runtime knows. */
const beyond = new Set(['LinearAttention']);

/** What becomes of operators that are to be replaced by others: ONNX Runtime's own kernels run them, or they are in the way, each for a reason. */
export type Fused = 'run' | ReadonlyMap<string, string>;

/** The graph as it is run: nodes that cannot be run cut out, everything in float32, batch normalisation in the asked-for mode. */
export function prepareForward(graph: Graph, batchNorm: 'training' | 'inference', fused: Fused = new Map()): Forward {
  const removed: { node: Node; reason: string }[] = [];
  const missing = new Map<string, Set<string>>();
  const hidden = new Map<string, Set<string>>();
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const used = valuesUsedBy(node);
    const hiding = new Set(used.flatMap((input) => [...(missing.get(input) ?? [])]));
    const reason = refuse(node, fused);
    if (reason !== null) {
      removed.push({ node, reason });
      hiding.add(node.name);
    }
    if (hiding.size === 0) {
      nodes.push(...(batchNorm === 'training' && node.op === 'BatchNormalization' ? asTrained(node) : [asRun(node)]));
      continue;
    }
    for (const output of node.outputs) missing.set(output, hiding);
    for (const input of used) hidden.set(input, new Set([...(hidden.get(input) ?? []), ...hiding]));
  }
  for (const name of missing.keys()) hidden.delete(name);
  hidden.delete('');
  const outputs = graph.outputs.filter((output) => !missing.has(output.name)).map(asFloat32);
  const initializers = inFloat32(withoutUnreadTexts(graph.initializers, nodes));
  return { graph: { ...graph, nodes, outputs, inputs: graph.inputs.map(asFloat32), initializers }, removed, hidden, missing };
}

function refuse(node: Node, fused: Fused): string | null {
  const lowering = loweringOf(node);
  if (lowering && (fused !== 'run' || lowering.kernel?.(node) === false)) {
    return (fused === 'run' ? undefined : fused.get(node.name)) ?? say('the shapes it depends on could not be measured');
  }
  if (lowering) return null;
  if (node.domain === '' && newer.has(node.op)) return fused === 'run' ? null : say('{0} is newer than what is known of operators', node.op);
  if (node.domain !== '' || isUnknown(node)) return say('{0} is not a standard ONNX operator', calledName(node));
  if (beyond.has(node.op)) return say('{0} is newer than ONNX Runtime for Node, and not derived yet', node.op);
  if (withoutTensors.has(node.op)) return say('it works on sequences of tensors, which nothing here follows');
  const inTheWay = controlFlow.get(node.op);
  if (inTheWay === undefined) return null;
  return fused === 'run' ? refuseWithin(node) : fused.get(node.name) ?? inTheWay;
}

/** The first reason why something in the bodies of a node cannot be run. */
function refuseWithin(node: Node): string | null {
  const inner = Object.values(node.attributes).flatMap((attribute) => (attribute.kind === 'graph' ? attribute.value.nodes : []));
  return inner.map((each) => refuse(each, 'run')).find((reason) => reason !== null) ?? null;
}

const floats = (dtype: DType): DType => (isFloat(dtype) ? 'float32' : dtype);
const asFloat32 = (info: ValueInfo): ValueInfo => ({ ...info, dtype: floats(info.dtype) });

function inFloat32(tensors: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> {
  return new Map([...tensors].map(([name, tensor]) => [name, { ...tensor, dtype: floats(tensor.dtype) }]));
}

function asRun(node: Node): Node {
  const attributes = Object.entries(node.attributes).map(([name, attribute]): [string, Attribute] => [name, retyped(node, name, attribute)]);
  if (node.op !== 'BatchNormalization') return { ...node, attributes: Object.fromEntries(attributes) };
  return { ...node, outputs: node.outputs.slice(0, 1), attributes: withMode(attributes, 0) };
}

const withMode = (attributes: readonly [string, Attribute][], value: 0 | 1): Attributes => (
  Object.fromEntries([...attributes.filter(([name]) => name !== 'training_mode'), ['training_mode', { kind: 'int', value }]]));

/** Positions of the stored statistics among a batch normalisation's inputs, and what their copies are called. */
const statistics = [[3, 'stored mean'], [4, 'stored variance']] as const;

/**
 * Batch normalisation by batch statistics. ONNX Runtime writes the updated statistics into the memory of the stored ones, which may be that of
 * a scale or of another norm where an exporter has merged equal tensors: each node reads copies of its own. (The maximum of one value is a
 * copy that no optimiser takes away.)
 */
function asTrained(node: Node): readonly Node[] {
  const copies = statistics.map(([position, name]): Node => (
    { name: `${node.name}/${name}`, domain: '', op: 'Max', inputs: [node.inputs[position] ?? ''], outputs: [`${node.name}/${name}`], attributes: {} }));
  // Training mode has to have all its outputs, the updated statistics, by shape inference of the specification.
  const outputs = [0, 1, 2].map((i) => orNamed(node.outputs[i], `${node.name}/statistics${i}`));
  const inputs = [...node.inputs.slice(0, 3), ...copies.flatMap((copy) => copy.outputs)];
  return [...copies, { ...node, inputs, outputs, attributes: withMode(Object.entries(asRun(node).attributes), 1) }];
}

const orNamed = (output: string | undefined, name: string): string => (output === undefined || output === '' ? name : output);

function retyped(node: Node, name: string, attribute: Attribute): Attribute {
  if (attribute.kind === 'graph') return { kind: 'graph', value: bodyInFloat32(attribute.value) };
  if (attribute.kind === 'tensor') return { kind: 'tensor', value: { ...attribute.value, dtype: floats(attribute.value.dtype) } };
  const isType = attribute.kind === 'int' && ((node.op === 'Cast' && name === 'to') || name === 'dtype');
  return isType ? { kind: 'int', value: codeOf(floats(dtypeOf(attribute.value))) } : attribute;
}

/** Texts that only what is left out reads cannot be run, and need not be. */
function withoutUnreadTexts(tensors: ReadonlyMap<string, Tensor>, nodes: readonly Node[]): ReadonlyMap<string, Tensor> {
  if (![...tensors.values()].some(({ dtype }) => dtype === 'string')) return tensors;
  const read = new Set(nodes.flatMap(valuesUsedBy));
  return new Map([...tensors].filter(([name, { dtype }]) => dtype !== 'string' || read.has(name)));
}

/** The graph inside a node that ONNX Runtime runs as it is. */
function bodyInFloat32(graph: Graph): Graph {
  return {
    ...graph, inputs: graph.inputs.map(asFloat32), outputs: graph.outputs.map(asFloat32), initializers: inFloat32(graph.initializers),
    nodes: graph.nodes.map(asRun),
  };
}
