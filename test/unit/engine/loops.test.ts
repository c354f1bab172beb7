import { describe, expect, it } from 'vitest';

import { GraphBuilder } from '../../../src/core/graph/builder';
import type { Attribute, Graph, Node, ValueInfo } from '../../../src/core/graph/graph';
import { createTensor } from '../../../src/core/graph/tensor';
import type { Followed } from '../../../src/engine/planning/controlFlow';
import { followControlFlow } from '../../../src/engine/planning/controlFlow';
import type { Value } from '../../../src/engine/runtime';
import { createSession } from '../../../src/engine/runtime';
import { simulate } from '../../../src/engine/running/simulate';
import { FilePool } from '../../../src/formats/tensors/content';
import { canonicalOpset } from '../../../src/formats/onnx/encode';
import { openModelFile } from '../../../src/formats/openModel';
import { CancellationSource } from '../../../src/protocol/rpc';
import { defaultOptions } from '../../../src/protocol/simulation';
import type { SimulationResult } from '../../../src/protocol/simulation';
import { NetworkBuilder, emptyGraph, encode, only, present } from '../support/graphs';
import { createFolder, createWriter } from '../support/temporary';

const matrix = (name: string): ValueInfo => ({ name, dtype: 'float32', shape: [2, 3] });
const square = [0.5, -1, 2, 0.25, 1, -0.5, 0.75, 1.5, -2];
const asBody = (value: Graph): Attribute => ({ kind: 'graph', value });

/** A body of a Loop: the step, the condition and what is carried; `write` returns what is carried on, then what is stacked. */
function loopBody(
  prefix: string, write: (b: GraphBuilder, i: string, h: string) => readonly string[], goesOn?: (b: GraphBuilder, h: string) => string,
): Graph {
  const [i, going, h] = [`${prefix}i`, `${prefix}going`, `${prefix}h`];
  const b = new GraphBuilder({
    ...emptyGraph, inputs: [{ name: i, dtype: 'int64', shape: [] }, { name: going, dtype: 'bool', shape: [] }, matrix(h)],
  });
  b.scope = prefix;
  const made = write(b, i, h);
  b.output(goesOn?.(b, made[0] ?? '') ?? b.add('Identity', [going]), 'bool');
  for (const output of made) b.output(output, 'float32');
  return b.build();
}

const loop = (name: string, inputs: readonly string[], outputs: readonly string[], body: Graph): Node => (
  { name, domain: '', op: 'Loop', inputs, outputs, attributes: { body: asBody(body) } });

function weight(b: GraphBuilder, name: string): string {
  b.initializer(name, { ...createTensor('float32', [3, 3], square), id: name });
  return name;
}

/** Half the value times a weight of the body's own. */
const halved = (b: GraphBuilder, h: string, name: string): string => b.add('MatMul', [b.add('Mul', [h, b.scalar(0.5)]), weight(b, name)]);

function networkOf(steps: number, node: Node): Graph {
  const b = new GraphBuilder({ ...emptyGraph, inputs: [matrix('x')] });
  b.initializer('steps', createTensor('int64', [], [steps]));
  b.initializer('yes', createTensor('bool', [], [1]));
  b.append(node);
  for (const output of node.outputs) b.output(output, 'float32');
  return b.build();
}

const fed = new Map<string, Value>([['x', { dtype: 'float32', shape: [2, 3], data: Float32Array.of(1, -2, 0.5, 3, 0.25, -1) }]]);
const follow = (graph: Graph): Promise<Followed> => followControlFlow(graph, fed, new FilePool(), { threads: 1, opset: canonicalOpset });

async function run(graph: Graph): Promise<readonly (readonly number[])[]> {
  const session = await createSession(encode(graph), { threads: 1, nodes: null });
  const results = await session.run(fed, graph.outputs.map((output) => output.name));
  await session.release();
  return graph.outputs.map(({ name }) => Array.from(present(results.get(name)).data, Number));
}

/** The even steps go through one branch, the odd ones through another with a weight of its own. */
function alternating(b: GraphBuilder, i: string, h: string): readonly string[] {
  const branch = (name: string, write: (inner: GraphBuilder) => string): Attribute => {
    const inner = b.inner(name);
    inner.output(write(inner), 'float32');
    return asBody(inner.build());
  };
  const isOdd = b.add('Equal', [b.add('Mod', [i, b.constant('int64', [], [2])]), b.constant('int64', [], [1])]);
  const then = branch('odd', (inner) => halved(inner, h, 'odd'));
  const otherwise = branch('even', (inner) => inner.add('Tanh', [h]));
  b.append({ name: 'choice', domain: '', op: 'If', inputs: [isOdd], outputs: ['chosen'], attributes: { then_branch: then, else_branch: otherwise } });
  return ['chosen', b.add('Identity', ['chosen'])];
}

/** A loop in each step, of as many steps as the step it is in. */
function nested(b: GraphBuilder, i: string, h: string): readonly string[] {
  b.append(loop('inner', [i, '', h], ['grown'], loopBody('in_', (inner, _, each) => [halved(inner, each, 'deep')])));
  return [b.add('Add', ['grown', 'x'])];
}

const small = (b: GraphBuilder, h: string): string => b.add('Less', [b.add('ReduceMax', [h], { keepdims: 0 }), b.scalar(40)]);
const networks: readonly (readonly [string, Graph])[] = [
  ['a known number of steps, stacked', networkOf(3, loop('loop', ['steps', '', 'x'], ['last', 'all'], loopBody('', (b, _, h) => [
    halved(b, h, 'w'), b.add('Exp', [b.add('Neg', [b.add('Abs', [h])])])])))],
  ['a condition that ends it', networkOf(100, loop('loop', ['steps', 'yes', 'x'], ['last'], loopBody('', (b, _, h) => [
    b.add('Add', [h, b.add('Abs', [h])])], small)))],
  ['no step at all', networkOf(0, loop('loop', ['steps', '', 'x'], ['last'], loopBody('', (b, _, h) => [halved(b, h, 'w')])))],
  ['a branch in each step', networkOf(5, loop('loop', ['steps', '', 'x'], ['last', 'all'], loopBody('', alternating)))],
  ['a loop in each step', networkOf(4, loop('loop', ['steps', '', 'x'], ['last'], loopBody('', nested)))],
];

describe.each(networks)('a loop with %s', (_, network) => {
  it('computes the same with its steps in place', async () => {
    const { graph, refused } = await follow(network);
    expect([...refused]).toEqual([]);
    expect(graph.nodes.filter((node) => /Loop|If/.test(node.op))).toEqual([]);
    expect(await run(graph)).toEqual(await run(network));
  });
  it('stores each tensor of its body once', async () => {
    const { graph } = await follow(network);
    const ids = [...graph.initializers.values()].flatMap(({ id }) => (id === '' ? [] : [id]));
    expect(ids.length).toBe(new Set(ids).size);
  });
});

describe('a loop that is left as it is', () => {
  const reasonOf = async (network: Graph): Promise<string | undefined> => {
    const { graph, refused } = await follow(network);
    expect(graph.nodes.map((node) => node.op)).toContain('Loop');
    return refused.get('loop');
  };
  it('has too many steps', async () => {
    const long = networkOf(513, loop('loop', ['steps', '', 'x'], ['last'], loopBody('', (b, _, h) => [b.add('Tanh', [h])])));
    expect(await reasonOf(long)).toBe('it runs more than 512 steps, and loops are followed for up to 512');
  });
  it('has too many operators', async () => {
    const wide = loopBody('', (b, _, h) => [Array.from({ length: 450 }).reduce<string>((value) => b.add('Tanh', [value]), h)]);
    expect(await reasonOf(networkOf(500, loop('loop', ['steps', '', 'x'], ['last'], wide)))).toMatch(/^it runs 225500 operators in its 500 steps/);
  });
  it('cannot be run, whatever is done with it', async () => {
    const clash = loopBody('', (b, _, h) => [b.add('MatMul', [h, h])]);
    expect(await reasonOf(networkOf(2, loop('loop', ['steps', '', 'x'], ['last'], clash)))).toMatch(/^it could not be followed: ONNX Runtime cannot run/);
  });
  it('stacks nothing', async () => {
    const none = networkOf(0, loop('loop', ['steps', '', 'x'], ['last', 'all'], loopBody('', (b, _, h) => [b.add('Tanh', [h]), b.add('Neg', [h])])));
    expect(await reasonOf(none)).toContain('no step');
  });
});

const write = createWriter(createFolder());

function simulated(graph: Graph): Promise<SimulationResult> {
  const options = { ...defaultOptions, seed: 1, threads: 1 };
  const path = write('loop.onnx', encode(graph));
  return simulate({ path, options, files: {}, recipes: [], restored: [] }, { planned: () => undefined, ran: () => undefined }, new CancellationSource());
}

describe('a simulated loop', () => {
  const builder = new NetworkBuilder();
  builder.feed('x', matrix('x'));
  builder.initializer('steps', createTensor('int64', [], [4]));
  const first = builder.add('MatMul', ['x', builder.weight('before', [3, 3])]);
  builder.append(loop('loop', ['steps', '', first], ['last'], loopBody('in_', (b, _, h) => [b.add('Tanh', [halved(b, h, 'w')])])));
  const network = builder.finish('last');

  it('pools what a layer is in all steps, and has one gradient for its weight', async () => {
    const { runs: [ran], unsupported } = await simulated(network);
    expect(unsupported).toEqual([]);
    const layers = openModelFile(write('same.onnx', encode(network))).layers;
    expect(ran?.layers.map(({ name }) => name)).toEqual(layers.map(({ name }) => name));
    const [before, inside] = ran?.layers ?? [];
    expect(before?.preactivation?.count).toBe(6);
    for (const moments of [inside?.preactivation, inside?.activation, inside?.gradient.preactivation, inside?.gradient.activation]) {
      expect(moments?.count).toBe(4 * 6);
      expect(moments?.variance).toBeGreaterThan(0);
    }
    expect(only(inside?.weights ?? []).gradient).toMatchObject({ count: 9, nonFinite: 0 });
    expect(only(before?.weights ?? []).gradient?.variance).toBeGreaterThan(0);
  });

  it('is named with its reason where it is too long, and hides the layers behind it', async () => {
    const long = { ...network, initializers: new Map([...network.initializers, ['steps', createTensor('int64', [], [1000])] as const]) };
    const { unsupported } = await simulated(long);
    expect(only(unsupported)).toMatchObject({ op: 'Loop', reason: 'it runs more than 512 steps, and loops are followed for up to 512', hides: ['before'] });
  });
});
