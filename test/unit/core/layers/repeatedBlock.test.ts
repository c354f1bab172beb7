/** The block that a network repeats: which stretch it is, and the graph with more of it. */
import { describe, expect, it } from 'vitest';
import { deepened } from '../../../../src/core/graph/deepened';
import type { Graph } from '../../../../src/core/graph/graph';
import { indexGraph } from '../../../../src/core/graph/order';
import { detectLayers } from '../../../../src/core/layers/detect';
import { repeatedBlock } from '../../../../src/core/layers/repeatedBlock';
import { NetworkBuilder, present } from '../../support/graphs';

const blockOf = (graph: Graph) => repeatedBlock(indexGraph(graph));
const namesOf = (graph: Graph): readonly string[] => detectLayers(graph).map(({ name }) => name);

function mlp(hidden: number, width = 4): Graph {
  const b = new NetworkBuilder();
  let h = b.add('Relu', [b.add('MatMul', [b.input('x', 'float32', ['n', 3]), b.weight('in.weight', [3, width])])]);
  for (let i = 0; i < hidden; i++) h = b.add('Relu', [b.add('MatMul', [h, b.weight(`fc${i}.weight`, [width, width])])]);
  return b.finish(b.add('MatMul', [h, b.weight('out.weight', [width, 2])]));
}

describe('the block that a network repeats', () => {
  it('is the last of several that are alike', () => {
    const block = present(blockOf(mlp(3)));
    expect(block.nodes.map(({ op }) => op)).toEqual(['MatMul', 'Relu']);
    expect(block.nodes[0]?.inputs[1]).toBe('fc2.weight');
    expect(block.times).toBe(3);
  });
  it('of one that is there once, is what leaves a signal as it enters', () => {
    const block = present(blockOf(mlp(1)));
    expect(block.nodes.map(({ op }) => op)).toEqual(['MatMul']);
    expect(block.times).toBe(1);
  });
  it('is a whole branch with its shortcut, whatever the values are called', () => {
    const b = new NetworkBuilder();
    let h = b.input('x', 'float32', ['n', 4]);
    h = b.add('MatMul', [h, b.weight('stem', [4, 4])]);
    for (let i = 0; i < 2; i++) {
      const up = b.add('Tanh', [b.add('MatMul', [h, b.weight(`up${i}`, [4, 8])])]);
      h = b.add('Add', [h, b.add('MatMul', [up, b.weight(`down${i}`, [8, 4])])]);
    }
    const block = present(blockOf(b.finish(b.add('MatMul', [h, b.weight('head', [4, 2])]))));
    expect(block.nodes.map(({ op }) => op)).toEqual(['MatMul', 'Tanh', 'MatMul', 'Add']);
    expect(block.times).toBe(2);
  });
  it('has what it computes from stored tensors, and what is fed beside the signal is shared', () => {
    const b = new NetworkBuilder();
    const [x, mask] = [b.input('x', 'float32', ['n', 4]), b.input('mask', 'float32', ['n', 4])];
    let h = b.add('MatMul', [x, b.weight('stem', [4, 4])]);
    for (let i = 0; i < 2; i++) {
      h = b.add('Mul', [b.add('MatMul', [h, b.add('Transpose', [b.weight(`w${i}`, [4, 4])], { perm: [1, 0] })]), mask]);
    }
    const graph = b.finish(b.add('MatMul', [h, b.weight('head', [4, 2])]));
    const block = present(blockOf(graph));
    expect(block.nodes.map(({ op }) => op)).toEqual(['Transpose', 'MatMul', 'Mul']);
    const more = deepened(graph, block, 1);
    expect(more.nodes.filter(({ op }) => op === 'Transpose').map(({ inputs }) => inputs[0])).toEqual(['w0', 'w1', 'w1+1']);
    expect(more.nodes.filter(({ op }) => op === 'Mul').map(({ inputs }) => inputs[1])).toEqual(['mask', 'mask', 'mask']);
  });
  it('is none where nothing leaves as it enters', () => {
    const b = new NetworkBuilder();
    const h = b.add('Relu', [b.add('MatMul', [b.input('x', 'float32', ['n', 3]), b.weight('a', [3, 5])])]);
    expect(blockOf(b.finish(b.add('MatMul', [h, b.weight('b', [5, 2])])))).toBeNull();
  });
});

describe('a network with more of its block', () => {
  it('has tensors of their own, which say what they begin as, and an end that is called as before', () => {
    const graph = mlp(2);
    const more = deepened(graph, present(blockOf(graph)), 2);
    expect(namesOf(more)).toEqual(['in', 'fc0', 'fc1', 'fc1+1', 'fc1+2', 'out']);
    expect(present(more.initializers.get('fc1+1.weight'))).toMatchObject({ id: 'fc1+1.weight', repeats: 'fc1.weight', shape: [4, 4] });
    expect(more.outputs).toEqual(graph.outputs);
    const made = new Set([...more.inputs.map(({ name }) => name), ...more.initializers.keys()]);
    for (const node of more.nodes) {
      expect(node.inputs.every((input) => made.has(input))).toBe(true);
      for (const output of node.outputs) made.add(output);
    }
    expect(new Set(more.nodes.flatMap(({ outputs }) => outputs)).size).toBe(more.nodes.length);
  });
});
