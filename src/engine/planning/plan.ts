import type { BackwardResult } from '../../core/autodiff/backward';
import { appendBackward } from '../../core/autodiff/backward';
import type { ValueFacts } from '../../core/autodiff/valueFacts';
import { GraphBuilder } from '../../core/graph/builder';
import { elementCount } from '../../core/graph/dtype';
import type { Graph, Node } from '../../core/graph/graph';
import { Algebra } from '../../core/ops/algebra';
import { operators } from '../../core/ops/registry';
import type { UnsupportedNode } from '../../protocol/simulation';
import { say, sayOf } from '../../protocol/words';
import type { Join } from '../../core/layers/joins';
import type { Layer } from '../../core/layers/layer';
import { activationValue } from '../../core/layers/layer';
import { cutsBehind } from './cuts';
import type { Forward } from './forward';
import type { LossPlan } from './loss';
import { noLoss } from './loss';
import type { ChannelReduction } from './channels';
import { appendChannels } from './channels';
import type { Likeness } from './likeness';
import { appendLikeness, appendTokenLikeness } from './likeness';
import type { Placing } from './placing';
import type { Reduction } from './reduce';
import { appendExactReduction, appendReduction } from './reduce';

/** What is read out of a run for one tensor: a reduction, an exact zero of so many elements, or nothing because it is hidden. */
export type Readout = Reduction | { readonly zeroCount: number } | null;

export interface LayerReadout {
  readonly name: string;
  readonly preactivation: Readout;
  readonly activation: Readout;
  readonly gradient: { readonly preactivation: Readout; readonly activation: Readout };
  /** Of the activation's samples; null where it does not have them side by side. */
  readonly likeness: Likeness | null;
  /** Of the activation's tokens; null where it has none. */
  readonly tokens: Likeness | null;
  /** Operators that end every gradient on its way here; absent where one may arrive. */
  readonly cutBy?: readonly string[];
  /** With the value that holds the weight. */
  readonly weights: readonly { readonly name: string; readonly value: string; readonly gradient: Readout }[];
}

/** What is read where a residual branch is added: moments of the whole value, and of its channels. */
export interface JoinReadout {
  readonly name: string;
  readonly layer: string;
  readonly sum: ChannelReadout | null;
  readonly branch: ChannelReadout | null;
}

export interface ChannelReadout {
  readonly whole: Reduction;
  readonly channels: ChannelReduction;
}

/** A forward and backward graph with statistics, and how to read its results. */
export interface Plan {
  readonly graph: Graph;
  readonly layers: readonly LayerReadout[];
  readonly between: readonly { readonly value: string; readonly signal: Readout; readonly gradient: Readout }[];
  readonly joins: readonly JoinReadout[];
  readonly loss: LossPlan;
  readonly unsupported: readonly UnsupportedNode[];
  readonly reductions: readonly Reduction[];
  readonly notes: readonly string[];
  /** Values to write out whole, by the names of the output file. */
  readonly values: ReadonlyMap<string, string>;
}

export interface PlanRequest {
  readonly forward: Forward;
  readonly facts: ValueFacts;
  readonly placing: Placing;
  /** Values of the weights whose gradient is wanted; they are fed. */
  readonly learned: ReadonlySet<string>;
  /** Appends what the backward pass starts from; null for the way forward alone. */
  readonly appendLoss: ((builder: GraphBuilder) => LossPlan) | null;
  /** Values that are no layer's, to be measured as well. */
  readonly between?: readonly string[];
  /** Sums of residual branches, to be measured channel by channel. */
  readonly joins?: readonly Join[];
  /** Whether every value and gradient is wanted whole. */
  readonly values: boolean;
  /** Whether a value holds something extreme, so that its moments need more care. */
  readonly isExtreme: (value: string) => boolean;
}

export function planSimulation(request: PlanRequest): Plan {
  const { forward, facts, learned, placing: { layers, weights, copies }, between = [], joins = [] } = request;
  const builder = new GraphBuilder(forward.graph);
  builder.clearOutputs();
  const loss = request.appendLoss?.(builder) ?? noLoss;
  const floats = (name: string): boolean => facts.types.get(name) === 'float32' && facts.shapes.has(name);
  const copiesOf = (value: string): readonly string[] => (copies.get(value) ?? [value]).filter(floats);
  const targets = new Set(layers.flatMap((layer) => [layer.preactivation, activationValue(layer)]).flatMap(copiesOf));
  // The gradient of what is fed costs as much as that of the first layer, and nothing is behind it.
  const inputs = new Set(forward.graph.inputs.map(({ name }) => name));
  for (const name of [...learned, ...between.filter((value) => floats(value) && !inputs.has(value))]) targets.add(name);
  const everything = [...forward.graph.inputs.map((input) => input.name), ...forward.graph.nodes.flatMap((node) => node.outputs)].filter(floats);
  // Position tables, class tokens and the like keep their values, but have a gradient in PyTorch.
  const kept = [...forward.graph.initializers].flatMap(([name, tensor]) => (tensor.id !== '' && floats(name) ? [name] : []));
  if (request.values) for (const name of [...everything, ...kept]) targets.add(name);
  const backward = appendBackward({ builder, nodes: forward.graph.nodes, facts, cotangents: loss.cotangents, targets, hidden: forward.hidden, operators });

  const reductions = new Map<string, Reduction>();
  const m = new Algebra(builder);
  const countOf = (value: string): number => elementCount(facts.shapes.get(value) ?? []);
  /** What is read of values that count as one tensor: those of all steps of a loop, or a single one. `of` has their shapes. */
  const reduce = (values: readonly string[], of: readonly string[]): Reduction => {
    const key = values.join('\0');
    const known = reductions.get(key);
    if (known) return known;
    const [first = ''] = values;
    const whole = values.length === 1 ? first : m.concat(values.map((value) => m.reshape(value, [-1])), 0);
    const append = request.isExtreme(whole) ? appendExactReduction : appendReduction;
    const reduction = append(builder, whole, [of.reduce((sum, value) => sum + countOf(value), 0)]);
    reductions.set(key, reduction);
    return reduction;
  };
  const forwardReadout = (value: string): Readout => {
    const values = copiesOf(value);
    return values.length === 0 ? null : reduce(values, values);
  };
  const gradientReadout = (value: string): Readout => {
    const values = learned.has(value) ? [value] : copiesOf(value);
    if (values.length === 0 || loss.cotangents.size === 0 || values.some((each) => backward.blocked.has(each))) return null;
    const gradients = values.map((each) => backward.gradients.get(each));
    if (gradients.every((gradient) => gradient === undefined)) return { zeroCount: values.reduce((sum, each) => sum + countOf(each), 0) };
    return reduce(gradients.map((gradient, i) => gradient ?? m.zeros([countOf(values[i] ?? '')])), values);
  };

  const fed = new Set(weights.values());
  const batch = forward.graph.inputs.filter(({ name }) => !fed.has(name)).map(({ name }) => facts.shapes.get(name)?.[0] ?? 1);
  const likenesses = new Map<string, Likeness>();
  const likenessOf = (value: string): Likeness | null => {
    const shape = facts.shapes.get(value) ?? [];
    const [samples = 1] = shape;
    const [only = value, ...others] = copiesOf(value);
    if (shape.length < 2 || samples < 2 || batch.some((size) => size !== samples) || others.length > 0 || only !== value || request.isExtreme(value)) {
      return null;
    }
    const likeness = likenesses.get(value) ?? appendLikeness(builder, value, shape);
    likenesses.set(value, likeness);
    return likeness;
  };

  const hasAttention = layers.some(({ feedsProduct }) => feedsProduct);
  const tokenLikenesses = new Map<string, Likeness>();
  /** Features are last where a product or a norm over them says so; of a convolution they are not. */
  const tokensOf = ({ op }: Layer, value: string): Likeness | null => {
    const shape = facts.shapes.get(value) ?? [];
    const [, tokens = 1] = shape;
    const isSequence = hasAttention && overFeatures.has(op) && shape.length === 3 && tokens > 1 && copiesOf(value).join() === value;
    if (!isSequence || request.isExtreme(value)) return null;
    const known = tokenLikenesses.get(value) ?? appendTokenLikeness(builder, value, shape);
    tokenLikenesses.set(value, known);
    return known;
  };

  const cutBy = (readout: Readout, value: string): readonly string[] => (
    readout && 'zeroCount' in readout ? cutsBehind(forward.graph, copiesOf(value)[0] ?? value) : []);
  const readouts = layers.map((layer): LayerReadout => {
    const activation = activationValue(layer);
    const own = gradientReadout(layer.preactivation);
    const cuts = cutBy(own, layer.preactivation);
    return {
      name: layer.name,
      preactivation: forwardReadout(layer.preactivation),
      activation: forwardReadout(activation), likeness: likenessOf(activation), tokens: tokensOf(layer, activation),
      gradient: { preactivation: own, activation: gradientReadout(activation) }, ...(cuts.length > 0 ? { cutBy: cuts } : {}),
      weights: layer.weights.flatMap(({ id, name }) => {
        const value = weights.get(id);
        return value !== undefined && learned.has(value) ? [{ name, value, gradient: gradientReadout(value) }] : [];
      }),
    };
  });
  const measured = between.map((value) => ({ value, signal: forwardReadout(value), gradient: inputs.has(value) ? null : gradientReadout(value) }));
  const channelsOf = (value: string, axis: number | null, width: number | undefined): ChannelReadout | null => {
    const shape = facts.shapes.get(value) ?? [];
    const at = axis === null ? -1 : axis < 0 ? shape.length + axis : axis;
    const isKnown = floats(value) && copiesOf(value).join() === value && at > 0 && shape[at] !== undefined && countOf(value) > 0;
    if (!isKnown || (width !== undefined && shape[at] !== width)) return null;
    return { whole: reduce([value], [value]), channels: appendChannels(builder, value, shape, at, request.isExtreme(value)) };
  };
  const joined = joins.map(({ name, layer, end, sum, channels }): JoinReadout => {
    const own = facts.shapes.get(layer.node.outputs[0] ?? '');
    const width = own?.at(layer.op.includes('Conv') ? 1 : -1);
    return { name, layer: layer.name, sum: channelsOf(sum, channels, width), branch: channelsOf(end, channels, width) };
  });
  const stopped = readouts.flatMap((layer) => layer.weights.flatMap(({ value, gradient }) => cutBy(gradient, value)));
  const values = new Map<string, string>();
  if (request.values) {
    for (const name of everything) values.set(name, name);
    for (const name of [...everything, ...learned, ...kept]) {
      const gradient = backward.gradients.get(name);
      if (gradient !== undefined) values.set(`d/${name}`, gradient);
    }
    for (const name of values.values()) builder.output(name, 'float32');
  }
  for (const term of loss.terms) builder.output(term, 'float32');
  return {
    graph: builder.build(), layers: readouts, between: measured, joins: joined, loss, values, reductions: [...reductions.values()],
    unsupported: unsupportedNodes(forward, backward, request.placing), notes: cutNotes(stopped),
  };
}

const overFeatures: ReadonlySet<string> = new Set(['MatMul', 'Gemm', 'LayerNormalization', 'RMSNormalization']);

/** A zero that is the operators' and not the weights' has to be told from one that is. */
function cutNotes(cuts: readonly string[]): readonly string[] {
  if (cuts.length === 0) return [];
  const note = sayOf(cuts.length, '{0} weight gets no gradient whatever they are, since {1} has no derivative but zero.',
    '{0} weights get no gradient whatever they are, since {1} has no derivative but zero.', [...new Set(cuts)].join(', '));
  return [cuts.some((op) => /Quantize|Round/.test(op)) ? `${note} ${say('Training with quantisers passes the gradient straight through them.')}` : note];
}

function unsupportedNodes(forward: Forward, backward: BackwardResult, { layers, copies }: Placing): readonly UnsupportedNode[] {
  const isHidden = (node: Node, layer: Layer): boolean => {
    const values = [layer.preactivation, activationValue(layer)].flatMap((value) => copies.get(value) ?? [value]);
    return values.some((value) => (forward.missing.get(value)?.has(node.name) ?? false) || (backward.blocked.get(value)?.has(node.name) ?? false));
  };
  return [...forward.removed, ...backward.unsupported].map(({ node, reason }) => ({
    node: node.name,
    op: node.op,
    reason,
    hides: layers.filter((layer) => isHidden(node, layer)).map((layer) => layer.name),
  }));
}
