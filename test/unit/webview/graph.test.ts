import { describe, expect, it } from 'vitest';
import type { LayerGraph, LayerGraphNode } from '../../../src/protocol/layerGraph';
import type { LayerRun, Moments, SimulationRun } from '../../../src/protocol/simulation';
import { flowOf, levelOf, saidOf, worst } from '../../../webview/panel/graph/flow';
import { fold, openAtFirst } from '../../../webview/panel/graph/folding';
import { curve, layOut } from '../../../webview/panel/graph/layout';
import { stepFrom } from '../../../webview/panel/graph/walking';
import { pauseOf, stepAt, stepsOf } from '../../../webview/panel/sweep/sweepSteps';

const layer = (name: string, place: 'activation' | 'preactivation' = 'activation'): LayerGraphNode => (
  { kind: 'layer', name, op: 'Conv', signal: { layer: name, place } });
const end = (kind: 'input' | 'output', name: string): LayerGraphNode => ({ kind, name, op: '', signal: null });

/** x → stem → (block.0: a → b, joined with stem) → (block.1: c) → y */
const small: LayerGraph = {
  nodes: [
    end('input', 'x'), layer('stem'), layer('block.0.a'), layer('block.0.b', 'preactivation'),
    { kind: 'join', name: 'Add_1', op: 'Add', signal: { layer: 'block.0.b', place: 'activation' } }, layer('block.1.c'), end('output', 'y'),
  ],
  edges: [[0, 1], [1, 2], [2, 3], [1, 4], [3, 4], [4, 5], [5, 6]],
  blocks: [{ name: 'block', first: 2, end: 6, parent: null }, { name: 'block.0', first: 2, end: 5, parent: 0 }],
};

/** Blocks of so many layers in a row. */
function deep(blocks: number, layers: number): LayerGraph {
  const names = Array.from({ length: blocks * layers }, (_, at) => `h.${Math.floor(at / layers)}.${at % layers}`);
  const nodes = [end('input', 'x'), ...names.map((name) => layer(name)), end('output', 'y')];
  return {
    nodes, edges: nodes.slice(1).map((_, at) => [at, at + 1] as const),
    blocks: Array.from({ length: blocks }, (_, at) => ({ name: `h.${at}`, first: 1 + at * layers, end: 1 + (at + 1) * layers, parent: null })),
  };
}

describe('folding', () => {
  it('draws every node where all blocks are open, and names them without what is around them', () => {
    const { items, edges, open } = fold(small, new Set([0, 1]));
    expect(items.map(({ id, label }) => [id, label])).toEqual([
      ['n0', 'x'], ['n1', 'stem'], ['n2', 'a'], ['n3', 'b'], ['n4', 'Add_1'], ['n5', '1.c'], ['n6', 'y'],
    ]);
    expect(edges.map(({ from, to }) => [from, to])).toEqual(small.edges);
    expect(open.map(({ name, first, end: last, levels }) => [name, first, last, levels])).toEqual([['block.0', 2, 5, 0], ['block', 2, 6, 1]]);
  });
  it('draws a folded block as one, with an edge for all that goes in', () => {
    const { items, edges, itemOf } = fold(small, new Set([0]));
    expect(items.map(({ id, kind, layers }) => [id, kind, layers])).toEqual([
      ['n0', 'input', 0], ['n1', 'layer', 1], ['b1', 'block', 2], ['n5', 'layer', 1], ['n6', 'output', 0],
    ]);
    expect(edges).toEqual([
      { from: 0, to: 1, sources: [0] }, { from: 1, to: 2, sources: [1] }, { from: 2, to: 3, sources: [4] }, { from: 3, to: 4, sources: [5] },
    ]);
    expect(itemOf).toEqual([0, 1, 2, 2, 2, 3, 4]);
  });
  it('keeps what is within a block folded', () => {
    expect(fold(small, new Set([1])).items.map(({ id }) => id)).toEqual(['n0', 'n1', 'b0', 'n6']);
  });
  it.each([[4, 10, 42], [20, 10, 22]])('of %i blocks of %i layers draws %i items at first', (blocks, layers, items) => {
    const graph = deep(blocks, layers);
    expect(fold(graph, openAtFirst(graph)).items).toHaveLength(items);
  });
});

describe('layout', () => {
  it('has items apart, each below those it reads, inside the drawing', () => {
    const drawn = fold(small, new Set([0, 1]));
    const { boxes, ways, width, height } = layOut(drawn);
    for (const { from, to } of drawn.edges) expect(boxes[to]?.y).toBeGreaterThan(boxes[from]?.y ?? Infinity);
    expect(ways).toHaveLength(drawn.edges.length);
    for (const { x, y, width: w, height: h } of boxes) {
      expect(x - w / 2).toBeGreaterThanOrEqual(0);
      expect(x + w / 2).toBeLessThanOrEqual(width);
      expect(y + h / 2).toBeLessThanOrEqual(height);
    }
    const meets = boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) => (
      Math.abs(a.x - b.x) < (a.width + b.width) / 2 && Math.abs(a.y - b.y) < (a.height + b.height) / 2)));
    expect(meets).toEqual([]);
  });
  it('draws ways straight down where they go so', () => {
    expect(curve([{ x: 1, y: 0 }, { x: 1, y: 10 }, { x: 5, y: 20 }])).toBe('M1 0V10C1 15 5 15 5 20');
  });
});

describe('walking', () => {
  const drawn = fold(small, new Set([0, 1]));
  const layout = layOut(drawn);
  const step = (at: number, key: string): number | null => stepFrom(at, key, drawn, layout);
  it('goes down and up along the edges', () => {
    expect([step(0, 'ArrowDown'), step(3, 'ArrowDown'), step(5, 'ArrowUp'), step(0, 'ArrowUp'), step(6, 'ArrowDown')]).toEqual([1, 4, 4, null, null]);
  });
  it('goes to both ends, and nowhere by other keys', () => {
    expect([step(3, 'Home'), step(3, 'End'), step(3, 'a')]).toEqual([0, 6, null]);
  });
  it('goes from branch to branch', () => {
    const forked: LayerGraph = {
      nodes: [end('input', 'x'), layer('a'), layer('b'), { kind: 'join', name: 'j', op: 'Add', signal: null }],
      edges: [[0, 1], [0, 2], [1, 3], [2, 3]], blocks: [],
    };
    const both = fold(forked, new Set());
    const places = layOut(both);
    const [left, right] = (places.boxes[1]?.x ?? 0) < (places.boxes[2]?.x ?? 0) ? [1, 2] : [2, 1];
    expect([stepFrom(left, 'ArrowRight', both, places), stepFrom(right, 'ArrowLeft', both, places), stepFrom(left, 'ArrowLeft', both, places)])
      .toEqual([right, left, null]);
  });
});

const moments = (variance: number | null): Moments => (
  { count: 10, mean: 0, variance, min: null, max: null, zeros: 0, nonFinite: variance === null ? 1 : 0 });
const run = (seed: number, layers: readonly LayerRun[]): SimulationRun => ({ scheme: 'current', seed, loss: null, layers });
const ran = (name: string, pre: number, post: number | null, gradient: number): LayerRun => ({
  name, preactivation: moments(pre), activation: moments(post), gradient: { preactivation: moments(2 * gradient), activation: moments(gradient) }, weights: [],
});

describe('what passes', () => {
  it('is of each node the tensor that leaves it, over all seeds', () => {
    const layers = (factor: number): readonly LayerRun[] => [
      ran('stem', 5, factor, 0.1), ran('block.0.a', 5, 3, 0.2), ran('block.0.b', 7, 11, 0.3), ran('block.1.c', 5, null, 1e-3),
    ];
    const { forward, backward, unit } = flowOf(small, [run(0, layers(1)), run(1, layers(4))], 'current');
    expect(forward.map((point) => point?.median ?? null)).toEqual([null, 2, 3, 7, 11, NaN, null]);
    expect(backward.map((point) => point?.median ?? null)).toEqual([null, 0.1, 0.2, 0.6, 0.3, 1e-3, null]);
    expect(unit).toEqual({ forward: 1, backward: 1e-3 });
    expect(flowOf(small, [], 'current').forward).toEqual(small.nodes.map(() => null));
  });
  it.each([
    [null, 'unknown'], [NaN, 'infinite'], [Infinity, 'infinite'], [0, 'zero'], [1e-40, 'low-3'], [1e-5, 'low-2'], [0.05, 'low-1'], [0.11, 'fine'], [1, 'fine'],
    [9, 'fine'], [10, 'high-1'], [2e3, 'high-2'], [1e6, 'high-3'],
  ])('%s is drawn as %s', (variance, level) => expect(levelOf(variance)).toBe(level));
  it('through folded blocks is the farthest from 1', () => {
    const point = (median: number) => ({ median, low: median, high: median });
    expect(worst([null, point(3), point(0.001), point(100)])?.median).toBe(0.001);
    expect(worst([point(1e9), point(0)])?.median).toBe(0);
    expect(worst([null])).toBeNull();
  });
  it('is said with its sign', () => {
    expect([saidOf({ median: 0.0031, low: 0, high: 1 }, 'forward'), saidOf(null, 'backward'), saidOf({ median: NaN, low: 0, high: 1 }, 'forward')])
      .toEqual(['σ² 0.00310', 'gradient σ² not known', 'σ² not finite']);
  });
});

describe('a sweep', () => {
  it('goes through all layers and back', () => {
    const layers = ['a', 'b', 'c'];
    expect(Array.from({ length: stepsOf(layers) }, (_, at) => stepAt(layers, at)).map((step) => `${step?.layer} ${step?.direction} ${step?.index}`)).toEqual([
      'a forward 0', 'b forward 1', 'c forward 2', 'c backward 2', 'b backward 1', 'a backward 0',
    ]);
    expect([stepAt([], 0), stepAt(layers, 6)]).toEqual([null, null]);
  });
  it('is neither too fast nor too slow to follow', () => {
    expect([pauseOf(2, 1), pauseOf(30, 1), pauseOf(30, 2), pauseOf(5000, 1)]).toEqual([500, 200, 100, 40]);
  });
});
