// The block that a network repeats, or could: a stretch of its nodes that one signal enters and one of the same shape leaves.

import { isFloat } from '../graph/dtype';
import type { Attribute, Node } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { valuesUsedBy } from '../graph/order';
import { openedShapes } from './openedShapes';

export interface RepeatedBlock {
  /** In the order of the graph, with all that they compute from stored tensors alone. */
  readonly nodes: readonly Node[];
  /** The one signal that enters, and the one that leaves. */
  readonly input: string;
  readonly output: string;
  /** How often the network has it. */
  readonly times: number;
}

/** Stretches that one alone may fall into, and that are compared with those behind them. */
const longestPeriod = 64;
const mostSegments = 20_000;
/** What has a stored tensor added or multiplied element by element mixes no units: it is no kernel. */
const elementwise = new Set(['Add', 'Sub', 'Mul', 'Div']);

/** Between two places that one signal alone passes. */
interface Segment {
  readonly nodes: readonly Node[];
  readonly input: string;
  readonly output: string;
  /** Equal for segments that compute the same with other weights; null for what is not compared. */
  readonly signature: string | null;
  readonly hasKernel: boolean;
}

/** The last of the most that are alike, one behind the other; else the longest that leaves a signal as it enters. Null where there is none with a kernel. */
export function repeatedBlock(index: GraphIndex): RepeatedBlock | null {
  const segments = segmentsOf(index);
  if (segments.length > mostSegments) return null;
  return inRow(segments) ?? alone(segments, openedShapes(index));
}

function inRow(segments: readonly Segment[]): RepeatedBlock | null {
  let best: { readonly end: number; readonly period: number; readonly times: number } | null = null;
  for (let period = 1; period <= Math.min(longestPeriod, segments.length / 2); period++) {
    for (let start = 0, at = 0; at < segments.length; at++) {
      const [one, other] = [segments[at], segments[at + period]];
      if (one && other && one.signature !== null && one.signature === other.signature) continue;
      const times = Math.floor((at - start) / period) + 1;
      const end = at + period;
      const isLonger = times > 1 && times * period > (best ? best.times * best.period : 0);
      if (isLonger && segments.slice(end - period, end).some(({ hasKernel }) => hasKernel)) best = { end, period, times };
      start = at + 1;
    }
  }
  return best && joined(segments.slice(best.end - best.period, best.end), best.times);
}

function alone(segments: readonly Segment[], shapes: ReadonlyMap<string, readonly number[]>): RepeatedBlock | null {
  const kernels = segments.flatMap(({ hasKernel }, at) => (hasKernel ? [at] : []));
  const shapeAt = (value: string | undefined): string | undefined => shapes.get(value ?? '')?.join();
  for (const first of kernels.slice(0, longestPeriod)) {
    for (const last of kernels.toReversed().slice(0, longestPeriod)) {
      const part = segments.slice(first, last + 1);
      const shape = shapeAt(part[0]?.input);
      const isSame = last >= first && shape !== undefined && shape === shapeAt(part.at(-1)?.output);
      if (isSame && part.every(({ signature }) => signature !== null)) return joined(part, 1);
    }
  }
  return null;
}

function joined(segments: readonly Segment[], times: number): RepeatedBlock {
  const [first, last] = [segments[0], segments.at(-1)];
  return { nodes: segments.flatMap(({ nodes }) => nodes), input: first?.input ?? '', output: last?.output ?? '', times };
}

/** Cuts the nodes that see a signal wherever a single one is alive. */
function segmentsOf({ graph }: GraphIndex): readonly Segment[] {
  const fed = new Set(graph.inputs.map(({ name }) => name));
  const signals = new Set<string>();
  const isSignal = (value: string): boolean => fed.has(value) || signals.has(value);
  const open = new Map<string, number>();
  const readers = new Map<string, number>();
  for (const node of graph.nodes) for (const value of new Set(valuesUsedBy(node))) readers.set(value, (readers.get(value) ?? 0) + 1);
  // The end of the network is read by whoever runs it.
  for (const { name } of graph.outputs) if (!readers.has(name)) readers.set(name, 1);
  const producer = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const segments: Segment[] = [];
  let nodes: Node[] = [];
  let input: string | null = null;
  for (const node of graph.nodes) {
    const used = [...new Set(valuesUsedBy(node))];
    if (!used.some(isSignal)) continue;
    nodes.push(node);
    for (const output of node.outputs) {
      const count = readers.get(output) ?? 0;
      if (output === '' || count === 0) continue;
      signals.add(output);
      open.set(output, count);
    }
    for (const value of used) {
      const left = (open.get(value) ?? 0) - 1;
      if (left > 0) open.set(value, left);
      else open.delete(value);
    }
    const [alive, ...others] = open.keys();
    if (alive === undefined || others.length > 0) continue;
    if (input !== null) segments.push(segmentOf(nodes, input, alive, { graph, producer, isSignal }));
    nodes = [];
    input = alive;
  }
  return segments;
}

interface Surroundings {
  readonly graph: GraphIndex['graph'];
  readonly producer: ReadonlyMap<string, Node>;
  readonly isSignal: (value: string) => boolean;
}

/** A tensor by what it holds, wherever it lies. */
const said = ([name, attribute]: readonly [string, Attribute]): unknown => (
  attribute.kind === 'tensor' ? [name, attribute.value.dtype, attribute.value.shape, attribute.value.values] : [name, attribute.value]);

function segmentOf(signal: readonly Node[], input: string, output: string, { graph, producer, isSignal }: Surroundings): Segment {
  const inside = new Map(signal.flatMap((node, i) => node.outputs.map((value, k) => [value, `${i}.${k}`] as const)));
  const still: Node[] = [];
  let hasKernel = false;
  /** What a value is, whatever it is called; what is computed from stored tensors alone belongs to the block. */
  const described = (value: string, op: string): string => {
    if (value === '' || value === input) return value === '' ? '-' : 'in';
    const own = inside.get(value);
    if (own !== undefined) return own;
    const tensor = graph.initializers.get(value);
    if (tensor) {
      hasKernel ||= isFloat(tensor.dtype) && tensor.shape.length > 1 && !elementwise.has(op);
      return JSON.stringify([tensor.dtype, tensor.shape, isFloat(tensor.dtype) ? null : tensor.values]);
    }
    const made = producer.get(value);
    if (!made || isSignal(value)) return `outside ${value}`;
    hasKernel ||= made.computes !== undefined && !elementwise.has(op);
    const text = ofNode(made);
    if (!still.includes(made)) still.push(made);
    return text;
  };
  const ofNode = ({ op, domain, inputs, outputs, attributes }: Node): string => (
    JSON.stringify([domain, op, Object.entries(attributes).map(said), inputs.map((value) => described(value, op)), outputs.length]));
  const isPlain = signal.every((node) => !Object.values(node.attributes).some(({ kind }) => kind === 'graph' || kind === 'tensor'));
  const signature = isPlain ? `${signal.map(ofNode).join('\n')} → ${inside.get(output) ?? ''}` : null;
  return { nodes: [...still, ...signal], input, output, signature, hasKernel };
}
