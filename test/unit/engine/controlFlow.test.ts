import { describe, expect, it } from 'vitest';

import { indexGraph } from '../../../src/core/graph/order';
import type { Graph } from '../../../src/core/graph/graph';
import { followControlFlow } from '../../../src/engine/planning/controlFlow';
import { createPayloads } from '../../../src/engine/feeding/payloads';
import { placeLayers } from '../../../src/engine/planning/placing';
import type { Value } from '../../../src/engine/runtime';
import { createSession } from '../../../src/engine/runtime';
import { openBytes } from '../../../src/formats/files/byteSource';
import { FilePool } from '../../../src/formats/tensors/content';
import { canonicalOpset, encodeModel } from '../../../src/formats/onnx/encode';
import type { OpenedModel } from '../../../src/formats/openModel';
import { openModel } from '../../../src/formats/openModel';
import { present } from '../support/graphs';
import { attribute, floatBytes, graph, message, model, node, packedInts, raw, tensor, text, types, valueInfo } from '../support/protobuf';

const floats = (name: string, shape: readonly number[], values: readonly number[]): Uint8Array => tensor(name, types.float32, shape, raw(floatBytes(values)));
const ints = (name: string, values: readonly number[]): Uint8Array => tensor(name, types.int64, [values.length], packedInts(7, values));
const weights = [0.5, -1, 2, 0.25, 1, -0.5, 0.75, 1.5, -2];

interface Branch {
  readonly nodes: readonly Uint8Array[];
  readonly initializers?: readonly Uint8Array[];
  readonly output: string;
}

const branches = (then: Branch, otherwise: Branch): readonly Uint8Array[] => [['then_branch', then] as const, ['else_branch', otherwise] as const]
  .map(([name, { nodes, initializers = [], output }]) => attribute(name, 5, message(6, graph({ nodes, initializers, outputs: [text(1, output)] }))));

/** A kernel of its own in each branch; the first reads one from around it too, and both call their values `h`. */
const product: Branch = {
  nodes: [node('MatMul', ['x', 'w'], ['h']), node('MatMul', ['h', 'shared'], ['r'])], initializers: [floats('w', [3, 3], weights)], output: 'r',
};
const other: Branch = {
  nodes: [node('MatMul', ['x', 'w'], ['h']), node('Relu', ['h'], ['r'])], initializers: [floats('w', [3, 3], [...weights].reverse())], output: 'r',
};
const ends = { inputs: [valueInfo('x', ['n', 3])], outputs: [valueInfo('y', ['n', 3])], initializers: [floats('shared', [3, 3], weights)] };
/** Whether x has more rows than that. */
const rowsAbove = (count: number): readonly Uint8Array[] => [
  node('Shape', ['x'], ['shape']), node('Gather', ['shape', 'first'], ['rows']), node('Greater', ['rows', `limit${count}`], [`above${count}`]),
];

interface Network {
  readonly opened: OpenedModel;
  readonly pool: FilePool;
}

function read(nodes: readonly Uint8Array[], ...more: readonly Uint8Array[]): Network {
  const source = openBytes('net.onnx', model({ ...ends, nodes, initializers: [...ends.initializers, ints('first', [0]), ...more] }));
  return { opened: openModel(source, { size: 0, mtimeMs: 0 }), pool: new FilePool(source) };
}

const inputOf = (rows: number): Value => ({ dtype: 'float32', shape: [rows, 3], data: Float32Array.from({ length: 3 * rows }, (_, i) => ((i * 5) % 7) - 3) });

async function run({ pool }: Network, network: Graph, rows: number): Promise<readonly number[]> {
  const session = await createSession(encodeModel(network, createPayloads(network, pool)), { threads: 1, nodes: null });
  const y = present((await session.run(new Map([['x', inputOf(rows)]]), ['y'])).get('y'));
  await session.release();
  return Array.from(y.data, Number);
}

const flatten = async ({ opened, pool }: Network, rows: number): Promise<Graph> => (
  (await followControlFlow(opened.graph, new Map([['x', inputOf(rows)]]), pool, { threads: 1, opset: canonicalOpset })).graph);

const choice = node('If', ['above2'], ['y'], branches(product, other), 'if');
const nested = node('If', ['above2'], ['y'], branches({
  nodes: [node('If', ['above4'], ['deep'], branches(product, other), 'inner'), node('Neg', ['deep'], ['r'])], output: 'r',
}, other), 'outer');
const networks: Readonly<Record<string, Network>> = {
  'one choice': read([...rowsAbove(2), choice], ints('limit2', [2])),
  'a choice within a choice': read([...rowsAbove(2), ...rowsAbove(4).slice(2), nested], ints('limit2', [2]), ints('limit4', [4])),
  'a choice that depends on another': read([
    ...rowsAbove(2), node('If', ['above2'], ['h'], branches(other, product), 'if'), node('ReduceMax', ['h'], ['top'], []),
    node('Greater', ['top', 'zero'], ['positive']), node('If', ['positive'], ['y'], branches(
      { nodes: [node('Neg', ['h'], ['r'])], output: 'r' }, { nodes: [node('Exp', ['h'], ['r'])], output: 'r' }), 'second'),
  ], ints('limit2', [2]), floats('zero', [], [0])),
  'a stored condition': read([node('If', ['yes'], ['y'], branches(product, other), 'if')], tensor('yes', types.bool, [], raw([1]))),
};

describe.each(Object.entries(networks))('%s', (_, network) => {
  it.each([1, 3, 6])('computes the same with the branches taken in place, for %d rows', async (rows) => {
    const flat = await flatten(network, rows);
    expect(flat.nodes.filter((each) => each.op === 'If')).toEqual([]);
    expect(await run(network, flat, rows)).toEqual(await run(network, network.opened.graph, rows));
  });
  it('has every layer of the branches taken where it runs', async () => {
    const flat = await flatten(network, 6);
    const { layers, weights: placed } = placeLayers(flat, network.opened.layers);
    const { producer } = indexGraph(flat);
    const running = layers.filter((layer) => producer.has(layer.preactivation));
    expect(running.length).toBeGreaterThan(0);
    expect(running.length).toBeLessThan(layers.length);
    for (const layer of running) {
      const name = present(placed.get(present(layer.weights[0]).id));
      expect(producer.get(layer.preactivation)?.inputs).toContain(name);
      expect(flat.initializers.get(name)?.id).toBe(layer.weights[0]?.id);
    }
  });
});

describe('a condition that cannot be computed', () => {
  it('leaves the choice as it is', async () => {
    const foreign = new Uint8Array([...node('Judge', ['x'], ['verdict']), ...text(7, 'elsewhere')]);
    const flat = await flatten(read([foreign, node('If', ['verdict'], ['y'], branches(product, other), 'if')]), 3);
    expect(flat.nodes.map((each) => each.op)).toEqual(['Judge', 'If']);
  });
});
