import type { ExternalReference, Graph, Model, Node } from '../../core/graph/graph';
import { intAttribute, intsAttribute, withBodies } from '../../core/graph/graph';
import { GraphBuilder } from '../../core/graph/builder';
import type { Names } from '../../core/graph/names';
import { namesOf } from '../../core/graph/names';
import { valuesUsedBy } from '../../core/graph/order';
import { say } from '../../protocol/words';
import { FunctionCalls } from './functions';
import { liftBatchFirst } from './recurrentLayout';
import { joinSharedBytes } from './sharedBytes';

/** Lifting from operator sets older than this is not defined here. */
const oldestOpset = 7;
/** Sets 27 and 28 brought operators, and element types for old ones; ONNX Runtime 1.30 is handed their graphs as ones of set 26. */
const newestOpset = 28;

/** Rewrites one node written for an older operator set; returns whether it did. */
type Lift = (node: Node, builder: GraphBuilder) => boolean;

interface LiftEntry {
  readonly op: string;
  /** First version in which the operator has its new form. */
  readonly until: number;
  readonly lift: Lift;
}

/** A list attribute became an input at that position. */
function toInput(op: string, until: number, attribute: string, position: number): LiftEntry {
  return {
    op, until,
    lift: (node, builder) => {
      const values = intsAttribute(node, attribute);
      if (!values) return false;
      const inputs = [...node.inputs, ...Array.from({ length: Math.max(0, position - node.inputs.length) }, () => '')];
      builder.append(without({ ...node, inputs: [...inputs.slice(0, position), builder.ints(values)] }, attribute));
      return true;
    },
  };
}

function without(node: Node, ...attributes: readonly string[]): Node {
  return { ...node, attributes: Object.fromEntries(Object.entries(node.attributes).filter(([name]) => !attributes.includes(name))) };
}

const reductions = ['ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceL2', 'ReduceLogSum', 'ReduceLogSumExp', 'ReduceSumSquare'];

/** Attributes that later versions dropped, and the value they must have had to mean the same. */
const dropped: ReadonlyMap<string, readonly string[]> = new Map([
  ['BatchNormalization', ['spatial', 'is_test', 'consumed_inputs']], ['Dropout', ['is_test', 'seed']], ['MaxPool', ['consumed_inputs']],
]);

/**
 * What changed between operator sets 7 and 21, by the operators' change logs in the ONNX specification. Applied in order to the nodes of
 * graphs older than `until`.
 */
const lifts: readonly LiftEntry[] = [
  ...reductions.map((op) => toInput(op, 18, 'axes', 1)),
  toInput('ReduceSum', 13, 'axes', 1),
  toInput('Squeeze', 13, 'axes', 1),
  toInput('Unsqueeze', 13, 'axes', 1),
  toInput('Split', 13, 'split', 1),
  { op: 'Slice', until: 10, lift: liftSlice },
  { op: 'Clip', until: 11, lift: liftClip },
  { op: 'Dropout', until: 12, lift: liftDropoutRatio },
  { op: 'Pad', until: 11, lift: liftPad },
  { op: 'Softmax', until: 13, lift: liftSoftmax },
  { op: 'LogSoftmax', until: 13, lift: liftSoftmax },
  { op: 'Hardmax', until: 13, lift: liftSoftmax },
  { op: 'TopK', until: 10, lift: liftTopK },
  { op: 'BatchNormalization', until: 14, lift: liftBatchNormalization },
  { op: 'GroupNormalization', until: 21, lift: liftGroupNormalization },
  { op: 'Upsample', until: 10, lift: liftUpsample },
  { op: 'Resize', until: 11, lift: liftResize },
  { op: 'Split', until: 18, lift: liftSplit },
  ...['LSTM', 'GRU', 'RNN'].map((op) => ({ op, until: Infinity, lift: liftBatchFirst })),
  { op: 'Erfc', until: Infinity, lift: liftErfc },
];

/** Models without a default operator set (IR version 1 and 2 need not have one) are taken for the oldest one. */
const opsetOf = (model: Model): number => model.opsets.get('') ?? oldestOpset;

/** The graph in the canonical operator set, as far as lifting is defined for the model's own. */
export function canonicalise(model: Model): Graph {
  return new Lifting(model).outermost(model.graph, opsetOf(model));
}

/** Why the operator set of a model is beyond what is known of operators, or null. Its structure is known all the same. */
export function refuseOpset(model: Model): string | null {
  const opset = opsetOf(model);
  if (opset >= oldestOpset && opset <= newestOpset) return null;
  return say('{0} uses ONNX opset {1}; Initscope knows opsets {2} to {3}', model.file, opset, oldestOpset, newestOpset);
}

class Lifting {
  readonly #names: Names;
  readonly #calls: FunctionCalls;
  readonly #external: readonly ExternalReference[];

  constructor(model: Model) {
    this.#external = model.external;
    this.#names = namesOf(model.graph);
    this.#calls = new FunctionCalls(model, this.#names);
  }

  outermost(graph: Graph, opset: number): Graph {
    const lifted = this.#lift(graph, opset);
    return joinSharedBytes({ ...lifted, initializers: new Map([...lifted.initializers, ...this.#calls.shared]) }, this.#external);
  }

  #lift(graph: Graph, opset: number): Graph {
    const builder = new GraphBuilder({ ...graph, nodes: [] }, this.#names);
    this.#append(graph.nodes, opset, builder);
    return liftDropout(builder.build());
  }

  #append(nodes: readonly Node[], opset: number, builder: GraphBuilder): void {
    for (const given of nodes) {
      const isCall = this.#calls.expand(given, ({ nodes: body, initializers, function: called }) => {
        for (const [name, tensor] of initializers) builder.initializer(name, tensor);
        this.#append(body, called.opsets.get('') ?? opset, builder);
      });
      if (isCall) continue;
      const node = without(withBodies(given, (body) => this.#lift(body, opset)), ...(given.domain === '' ? dropped.get(given.op) ?? [] : []));
      const lifted = node.domain === '' && lifts.some((entry) => entry.op === node.op && opset < entry.until && entry.lift(node, builder));
      if (!lifted) builder.append(node);
    }
  }
}

/** Its ratio became an input. */
function liftDropoutRatio(node: Node, builder: GraphBuilder): boolean {
  const ratio = node.attributes.ratio;
  builder.append(without({ ...node, inputs: [node.inputs[0] ?? '', ...(ratio?.kind === 'float' ? [builder.scalar(ratio.value)] : [])] }, 'ratio'));
  return true;
}

/** Dropout is off, which makes it the identity, unless something reads its mask; how much it drops is kept for who turns it on. */
function liftDropout(graph: Graph): Graph {
  const read = new Set([...graph.nodes.flatMap(valuesUsedBy), ...graph.outputs.map((output) => output.name)]);
  const nodes = graph.nodes.map((node) => (node.op === 'Dropout' && node.domain === '' && !node.outputs.slice(1).some((output) => read.has(output))
    ? { ...node, inputs: node.inputs.slice(0, 2), outputs: node.outputs.slice(0, 1), attributes: {} }
    : node));
  return { ...graph, nodes };
}

function liftSlice(node: Node, builder: GraphBuilder): boolean {
  const starts = intsAttribute(node, 'starts');
  const ends = intsAttribute(node, 'ends');
  if (!starts || !ends) return false;
  const axes = intsAttribute(node, 'axes') ?? starts.map((_, i) => i);
  builder.append(without({ ...node, inputs: [node.inputs[0] ?? '', builder.ints(starts), builder.ints(ends), builder.ints(axes)] }, 'starts', 'ends', 'axes'));
  return true;
}

function liftClip(node: Node, builder: GraphBuilder): boolean {
  const bound = (name: string): string => (node.attributes[name]?.kind === 'float' ? builder.scalar(node.attributes[name].value) : '');
  builder.append(without({ ...node, inputs: [node.inputs[0] ?? '', bound('min'), bound('max')] }, 'min', 'max'));
  return true;
}

function liftPad(node: Node, builder: GraphBuilder): boolean {
  const pads = intsAttribute(node, 'pads');
  if (!pads) return false;
  const value = node.attributes.value;
  const fill = value?.kind === 'float' && value.value !== 0 ? [builder.scalar(value.value)] : [];
  builder.append(without({ ...node, inputs: [node.inputs[0] ?? '', builder.ints(pads), ...fill] }, 'pads', 'value'));
  return true;
}

/** Before opset 13 the axes from `axis` (default 1) on were normalised together: Flatten, normalise the last axis, restore the shape. */
function liftSoftmax(node: Node, builder: GraphBuilder): boolean {
  const axis = intAttribute(node, 'axis', 1);
  const [input = '', output = ''] = [node.inputs[0], node.outputs[0]];
  if (axis === -1) return false;
  const shape = builder.add('Shape', [input]);
  const flat = builder.add('Flatten', [input], { axis });
  const normalized = builder.fresh(`${node.op}_flat`);
  builder.append({ ...node, inputs: [flat], outputs: [normalized], attributes: { axis: { kind: 'int', value: -1 } } });
  builder.append({ name: builder.fresh('Reshape'), domain: '', op: 'Reshape', inputs: [normalized, shape], outputs: [output], attributes: {} });
  return true;
}

function liftTopK(node: Node, builder: GraphBuilder): boolean {
  const k = node.attributes.k;
  if (k?.kind !== 'int') return false;
  builder.append(without({ ...node, inputs: [node.inputs[0] ?? '', builder.ints([k.value])] }, 'k'));
  return true;
}

/** Before opset 14 training mode was told by the statistics that a node writes, of which two were dropped: those of the batch. */
function liftBatchNormalization(node: Node, builder: GraphBuilder): boolean {
  if (!node.outputs.slice(1).some((output) => output !== '')) return false;
  builder.append({ ...node, outputs: node.outputs.slice(0, 3), attributes: { ...node.attributes, training_mode: { kind: 'int', value: 1 } } });
  return true;
}

/** Before opset 21 scale and bias had one element per group, since then one per channel: each is repeated for the channels of its group. */
function liftGroupNormalization(node: Node, builder: GraphBuilder): boolean {
  const [input = '', scale = '', bias = ''] = node.inputs;
  const groups = intAttribute(node, 'num_groups', 1);
  const channels = builder.add('Slice', [builder.add('Shape', [input]), builder.ints([1]), builder.ints([2])]);
  const shape = builder.add('Concat', [builder.ints([groups]), builder.add('Div', [channels, builder.ints([groups])])], { axis: 0 });
  const repeated = (value: string): string => (
    builder.add('Reshape', [builder.add('Expand', [builder.add('Unsqueeze', [value, builder.ints([1])]), shape]), builder.ints([-1])]));
  builder.append({ ...node, inputs: [input, repeated(scale), repeated(bias)] });
  return true;
}

/** Upsample became Resize (opset 10), whose coordinates then were `asymmetric`. */
function liftUpsample(node: Node, builder: GraphBuilder): boolean {
  const given = node.attributes.scales;
  const scales = given?.kind === 'floats' ? builder.constant('float32', [given.value.length], given.value) : node.inputs[1] ?? '';
  return asResize({ ...without(node, 'scales'), op: 'Resize' }, scales, builder);
}

function liftResize(node: Node, builder: GraphBuilder): boolean {
  return asResize(node, node.inputs[1] ?? '', builder);
}

function asResize(node: Node, scales: string, builder: GraphBuilder): boolean {
  const attributes: Node['attributes'] = {
    ...node.attributes, coordinate_transformation_mode: { kind: 'string', value: 'asymmetric' }, nearest_mode: { kind: 'string', value: 'floor' },
  };
  builder.append({ ...node, inputs: [node.inputs[0] ?? '', '', scales], attributes });
  return true;
}

/** No operator of ONNX, but tf2onnx hands on TensorFlow's, which Keras' GELU is made of: erfc(x) = 1 − erf(x) (DLMF 7.2.2). */
function liftErfc(node: Node, builder: GraphBuilder): boolean {
  builder.append({ ...node, op: 'Sub', inputs: [builder.scalar(1), builder.add('Erf', node.inputs)] });
  return true;
}

/** From opset 18 on an even split has to say into how many parts. */
function liftSplit(node: Node, builder: GraphBuilder): boolean {
  if ((node.inputs[1] ?? '') !== '' || node.attributes.num_outputs) return false;
  builder.append({ ...node, attributes: { ...node.attributes, num_outputs: { kind: 'int', value: node.outputs.length } } });
  return true;
}
