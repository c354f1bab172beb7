// The network as a graph of its layers: what is between them is followed, and stays only where branches meet.

import type { LayerGraph, LayerSignal } from '../../protocol/layerGraph';
import type { Graph } from '../graph/graph';
import { indexGraph } from '../graph/order';
import { asFloats } from './asFloats';
import type { Layer } from './layer';
import { activationValue } from './layer';
import { blocksOf } from './layerBlocks';
import { placedIn } from './layerPaths';
import type { Traced } from './signalTrace';
import { SignalTrace } from './signalTrace';

/** Inputs, and outputs, that stand apart; where there are more, as caches are, they are where they are read and made. */
const mostApart = 4;

/** Values that no layer has: what a run is to measure beside layers, so that the signal is known on every edge. */
export function valuesBetween(graph: Graph, layers: readonly Layer[]): readonly string[] {
  return layerGraphOf(graph, layers).nodes.flatMap(({ signal }) => (signal && 'value' in signal ? [signal.value] : []));
}

export function layerGraphOf(graph: Graph, layers: readonly Layer[]): LayerGraph {
  const trace = new SignalTrace(layers);
  trace.walk(indexGraph(asFloats(graph)));
  const traced = trace.nodes;
  const isAlive = reaching(traced);
  const order = ordered(traced, isAlive);
  const placeOf = new Map(order.map((from, to) => [from, to]));
  const nodes = order.flatMap((at) => traced[at] ?? []);
  const edges = nodes.flatMap(({ sources }, to) => (
    [...sources].flatMap((source) => placeOf.get(source) ?? []).sort((a, b) => a - b).map((from) => [from, to] as const)));
  const signals = signalsOf(trace, layers);
  return {
    nodes: nodes.map(({ kind, name, op, value }, place) => (
      { kind, name, op, signal: signals.get(order[place] ?? -1) ?? (value === undefined ? null : { value }) })),
    edges, blocks: blocksOf(placedIn(nodes, edges), edges),
  };
}

/** Which nodes are a layer or an output, or are read by way to one. */
function reaching(traced: readonly Traced[]): readonly boolean[] {
  const isAlive = traced.map(({ kind, sources }) => kind === 'layer' || (kind === 'output' && sources.size > 0));
  for (let at = traced.length - 1; at >= 0; at--) {
    if (isAlive[at]) for (const source of traced[at]?.sources ?? []) isAlive[source] = true;
  }
  return isAlive;
}

/** Inputs first and outputs last where they are few, else each beside its reader and its maker. */
function ordered(traced: readonly Traced[], isAlive: readonly boolean[]): readonly number[] {
  const count = (kind: Traced['kind']): number => traced.filter((node, at) => node.kind === kind && isAlive[at]).length;
  const [areInputsApart, areOutputsApart] = [count('input') <= mostApart, count('output') <= mostApart];
  const reader = new Map<number, number>();
  for (const [at, { sources }] of traced.entries()) {
    if (isAlive[at]) for (const source of sources) if (!reader.has(source)) reader.set(source, at);
  }
  const keyOf = (at: number): number => {
    const { kind, sources } = traced[at] ?? { kind: 'layer', sources: new Set<number>() };
    if (kind === 'input') return areInputsApart ? -1 : (reader.get(at) ?? 0) - 0.5;
    if (kind === 'output') return areOutputsApart ? traced.length : Math.max(...sources) + 0.5;
    return at;
  };
  const keys = traced.map((_, at) => keyOf(at));
  return traced.flatMap((_, at) => (isAlive[at] ? [at] : [])).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0) || a - b);
}

/** The tensor that a run measures is the signal behind the node that made it: behind an addition it is the activation of the layer before. */
function signalsOf(trace: SignalTrace, layers: readonly Layer[]): ReadonlyMap<number, LayerSignal> {
  const signals = new Map<number, LayerSignal>();
  for (const place of ['activation', 'preactivation'] as const) {
    for (const layer of layers) {
      const at = trace.sourceOf(layer.scope, place === 'activation' ? activationValue(layer) : layer.preactivation);
      if (at === null) continue;
      const { kind, name } = trace.nodes[at] ?? {};
      const isOwn = kind === 'layer' && name === layer.name;
      if (isOwn || kind === 'join') if (!signals.has(at)) signals.set(at, { layer: layer.name, place });
    }
  }
  return signals;
}
