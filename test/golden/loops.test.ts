import { describe, expect, it } from 'vitest';

import { appendBackward } from '../../src/core/autodiff/backward';
import { GraphBuilder } from '../../src/core/graph/builder';
import { elementCount } from '../../src/core/graph/dtype';
import type { Attribute, Graph, Node, ValueInfo } from '../../src/core/graph/graph';
import { createTensor } from '../../src/core/graph/tensor';
import { operators } from '../../src/core/ops/registry';
import { followControlFlow } from '../../src/engine/planning/controlFlow';
import { prepareForward } from '../../src/engine/planning/forward';
import { probe } from '../../src/engine/planning/probe';
import type { Value } from '../../src/engine/runtime';
import { createSession } from '../../src/engine/runtime';
import { FilePool } from '../../src/formats/tensors/content';
import { canonicalOpset, encodeModel } from '../../src/formats/onnx/encode';
import { unreadable } from '../ops/differentiate';
import { emptyGraph } from '../unit/support/graphs';
import { distance, field, numbersOf, readJson } from './goldens';

const [steps, batch, width, hidden] = [5, 2, 3, 4];

/** Sines of their position, as loops.py makes them. */
const sines = (offset: number, shape: readonly number[]): readonly number[] => (
  Array.from({ length: elementCount(shape) }, (_, i) => 0.75 * Math.sin(1.7 * i + offset)));
const leaves = new Map<string, readonly [readonly number[], number]>([
  ['x', [[steps, batch, width], 1]], ['w', [[width, hidden], 2]], ['r', [[hidden, hidden], 3]], ['b', [[hidden], 4]], ['h0', [[batch, hidden], 5]],
]);
const floats = (name: string, shape: readonly number[]): ValueInfo => ({ name, dtype: 'float32', shape });
const valueOf = (shape: readonly number[], offset: number): Value => ({ dtype: 'float32', shape, data: Float32Array.from(sines(offset, shape)) });
const body = (value: Graph): Attribute => ({ kind: 'graph', value });

/** h' = tanh(x w + h r + b): the weights are captured, but for w, which is the body's own. */
function appendStep(b: GraphBuilder, x: string, h: string): string {
  const [shape = [], offset = 0] = leaves.get('w') ?? [];
  b.initializer('w', { ...createTensor('float32', shape, sines(offset, shape)), id: 'w' });
  return b.add('Tanh', [b.add('Add', [b.add('Add', [b.add('MatMul', [x, 'w']), b.add('MatMul', [h, 'r'])]), 'b'])]);
}

function scan(reverse: boolean): Node {
  const b = new GraphBuilder({ ...emptyGraph, inputs: [floats('h', [batch, hidden]), floats('xt', [batch, width])] });
  const next = appendStep(b, 'xt', 'h');
  b.append({ name: 'kept', domain: '', op: 'Identity', inputs: [next], outputs: ['state'], attributes: {} });
  b.output(next, 'float32');
  b.output('state', 'float32');
  const direction: Attribute = { kind: 'ints', value: [reverse ? 1 : 0] };
  return {
    name: 'steps', domain: '', op: 'Scan', inputs: ['h0', 'x'], outputs: ['last', 'states'],
    attributes: { num_scan_inputs: { kind: 'int', value: 1 }, scan_input_directions: direction, scan_output_directions: direction, body: body(b.build()) },
  };
}

/** The input along axis 1, the states stacked along axis 2, both brought there and back. */
function scanAlong(): readonly Node[] {
  const [node] = [scan(false)];
  const moved = (name: string, input: string, output: string, perm: readonly number[]): Node => (
    { name, domain: '', op: 'Transpose', inputs: [input], outputs: [output], attributes: { perm: { kind: 'ints', value: perm } } });
  const axes: Node['attributes'] = { scan_input_axes: { kind: 'ints', value: [1] }, scan_output_axes: { kind: 'ints', value: [-1] } };
  return [
    moved('in', 'x', 'moved', [1, 0, 2]), { ...node, inputs: ['h0', 'moved'], outputs: ['last', 'stacked'], attributes: { ...node.attributes, ...axes } },
    moved('out', 'stacked', 'states', [2, 0, 1]),
  ];
}

/** A Loop that is told how often to run, or that has to find out; it picks its input by the step. */
function loop(count: readonly string[]): Node {
  const b = new GraphBuilder({
    ...emptyGraph, inputs: [{ name: 'i', dtype: 'int64', shape: [] }, { name: 'going', dtype: 'bool', shape: [] }, floats('h', [batch, hidden])],
  });
  const next = appendStep(b, b.add('Gather', ['x', 'i']), 'h');
  b.output(b.add('Less', ['i', b.constant('int64', [], [steps - 1])]), 'bool');
  b.output(next, 'float32');
  b.output(b.add('Identity', [next]), 'float32');
  return { name: 'steps', domain: '', op: 'Loop', inputs: [...count, 'h0'], outputs: ['last', 'states'], attributes: { body: body(b.build()) } };
}

function networkOf(nodes: readonly Node[]): Graph {
  const b = new GraphBuilder(emptyGraph);
  for (const [name, [shape]] of leaves) if (name !== 'w') b.feed(name, floats(name, shape));
  b.initializer('count', createTensor('int64', [], [steps]));
  b.initializer('yes', createTensor('bool', [], [1]));
  for (const node of nodes) b.append(node);
  for (const name of ['states', 'last']) b.output(name, 'float32');
  return b.build();
}

const fed = new Map([...leaves].filter(([name]) => name !== 'w').map(([name, [shape, offset]]) => [name, valueOf(shape, offset)] as const));
const networks = [
  ['Scan', 'forward', [scan(false)]], ['Scan, reversed', 'reverse', [scan(true)]], ['Scan along other axes', 'forward', scanAlong()],
  ['Loop', 'forward', [loop(['count', ''])]], ['Loop that ends itself', 'forward', [loop(['', 'yes'])]],
] as const;

describe.each(networks)('a recurrent network as a %s', (_, direction, nodes) => {
  const golden = field(readJson('loops.json'), direction);
  const network = networkOf(nodes);

  it('has the outputs and the gradients of PyTorch in float64', async () => {
    const { graph, refused } = await followControlFlow(network, fed, new FilePool(), { threads: 1, opset: canonicalOpset });
    expect([...refused]).toEqual([]);
    expect(graph.nodes.filter((node) => /Loop|Scan/.test(node.op))).toEqual([]);
    const builder = new GraphBuilder(prepareForward(graph, 'training').graph);
    // The weight of the body is one tensor, however many steps read it.
    builder.feed('steps.body/w', floats('steps.body/w', [width, hidden]));
    const feeds = new Map(fed).set('steps.body/w', valueOf([width, hidden], 2));
    const facts = await probe(builder.build(), feeds, unreadable, 1);
    const cotangents = new Map(['states', 'last'].map((name, i) => {
      const shape = facts.shapes.get(name) ?? [];
      const cotangent = builder.input(`cotangent ${name}`, 'float32', shape);
      feeds.set(cotangent, valueOf(shape, 6 + i));
      return [name, cotangent] as const;
    }));
    const targets = new Set([...leaves.keys()].map((name) => (name === 'w' ? 'steps.body/w' : name)));
    const backward = appendBackward({ builder, nodes: builder.build().nodes, facts, cotangents, targets, hidden: new Map(), operators });
    expect(backward.unsupported).toEqual([]);
    for (const gradient of backward.gradients.values()) builder.output(gradient, 'float32');
    const differentiated = builder.build();
    const session = await createSession(encodeModel(differentiated, unreadable), { threads: 1, nodes: 0 });
    const results = await session.run(feeds, differentiated.outputs.map(({ name }) => name));
    await session.release();
    const errors = new Map<string, number>();
    for (const name of ['states', 'last']) errors.set(name, distance(results.get(name)?.data ?? [], numbersOf(field(field(golden, 'outputs'), name))));
    for (const name of leaves.keys()) {
      const gradient = results.get(backward.gradients.get(name === 'w' ? 'steps.body/w' : name) ?? '');
      errors.set(`d/${name}`, distance(gradient?.data ?? [], numbersOf(field(field(golden, 'gradients'), name))));
    }
    expect([...errors].filter(([, error]) => !(error <= 1))).toEqual([]);
  });
});
