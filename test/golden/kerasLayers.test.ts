import { describe, expect, it } from 'vitest';

import { appendBackward } from '../../src/core/autodiff/backward';
import { GraphBuilder } from '../../src/core/graph/builder';
import { elementCount, isFloat } from '../../src/core/graph/dtype';
import type { Graph } from '../../src/core/graph/graph';
import { createTensor } from '../../src/core/graph/tensor';
import { lowerShapeless } from '../../src/core/ops/lowered/lowering';
import { loweringOf, operators } from '../../src/core/ops/registry';
import { followControlFlow } from '../../src/engine/planning/controlFlow';
import { lowerFused } from '../../src/engine/planning/lowerFused';
import { probe } from '../../src/engine/planning/probe';
import type { Value } from '../../src/engine/runtime';
import { createSession } from '../../src/engine/runtime';
import { dialectOf } from '../../src/formats/keras/format';
import { Fields } from '../../src/formats/keras/fields';
import { kerasLayers } from '../../src/formats/keras/layers';
import { withoutUnderscores } from '../../src/formats/keras/names';
import type { LoweredNetwork } from '../../src/formats/keras/network';
import { lowerNetwork } from '../../src/formats/keras/network';
import type { Variable } from '../../src/formats/keras/variables';
import { FilePool } from '../../src/formats/tensors/content';
import { encodeModel, packValues } from '../../src/formats/onnx/encode';
import type { Json } from './goldens';
import { field, keysOf, listOf, numberOf, numbersOf, readJson, textOf } from './goldens';

/** Which Keras 3 does not have any more. */
const legacyLayers = ['ThresholdedReLU', 'CuDNNLSTM', 'CuDNNGRU', 'Merge'];

const goldens = readJson('keras_layers.json');

/** As `keras_layers.py` makes them. */
const values = (count: number, phase: number, scale = 1): Float32Array => Float32Array.from({ length: count }, (_, i) => Math.sin(1.7 * i + phase) * scale);

interface Listed { readonly variable: Variable; readonly path: string; readonly position: number }

/** Variables with their position in the list of Keras. */
function listed(variables: readonly Variable[], golden: Json): readonly Listed[] {
  const paths = listOf(field(golden, 'variables')).map((each) => ({ path: textOf(field(each, 'path')), shape: numbersOf(field(each, 'shape')) }));
  const left = [...variables];
  return paths.flatMap(({ path, shape }, position) => {
    const [name, ...layers] = path.split('/').reverse();
    const at = left.findIndex((each) => each.name === name && each.shape.join() === shape.join()
      && each.layers.at(-1) === (layers[0] ?? '').replace(/^(lstm|gru|simple_rnn|conv_lstm\w*)_cell.*$/, each.layers.at(-1) ?? ''));
    const [found] = at < 0 ? [] : left.splice(at, 1);
    return found ? [{ variable: found, path, position }] : [];
  });
}

interface Run {
  readonly network: LoweredNetwork;
  readonly variables: readonly Listed[];
  readonly outputs: readonly Value[];
  readonly gradients: ReadonlyMap<string, Value>;
}

async function run(golden: Json): Promise<Run> {
  const config = field(golden, 'config');
  const network = lowerNetwork(new Fields('model.json', '', config), dialectOf(config), () => new Map());
  const variables = listed(network.variables, golden);
  const feeds = new Map<string, Value>();
  const builder = new GraphBuilder(network.graph);
  variables.forEach(({ variable: { value, shape, dtype }, path, position }) => {
    const own = values(elementCount(shape), 0.3 + position, dtype === 'int8' ? 100 : 0.4);
    const data = path.endsWith('_scale') ? own.map((x) => (Math.abs(x) + 0.5) * 100) : path.endsWith('variance') ? own.map((x) => Math.abs(x) + 0.5) : own;
    if (dtype === 'int8') {
      builder.initializer(value, createTensor(dtype, shape, Array.from(data, Math.round)));
      return;
    }
    builder.feed(value, { name: value, dtype, shape });
    feeds.set(value, { dtype: 'float32', shape, data });
  });
  const inputs = listOf(field(golden, 'inputs'));
  network.graph.inputs.forEach(({ name, dtype }, i) => {
    const shape = numbersOf(field(inputs[i] ?? null, 'shape'));
    const data = values(elementCount(shape), 0.7 + 2 * i);
    const whole = data.map((x) => Math.floor(Math.abs(x) * 10));
    const isWhole = field(inputs[i] ?? null, 'whole') === true;
    feeds.set(name, dtype === 'int64' ? { dtype, shape, data: BigInt64Array.from(whole, (x) => BigInt(x)) } : { dtype: 'float32', shape, data: isWhole ? whole
      : data });
  });
  const targets = new Set([...feeds].flatMap(([name, { dtype }]) => (dtype === 'float32' ? [name] : [])));
  return { network, variables, ...await differentiate(builder.build(), feeds, targets) };
}

async function differentiate(graph: Graph, feeds: Map<string, Value>, targets: ReadonlySet<string>): Promise<Pick<Run, 'outputs' | 'gradients'>> {
  const payloads = (_: string, tensor: Parameters<typeof packValues>[0]): Uint8Array => packValues(tensor, tensor.values ?? []);
  const shapeless = lowerShapeless({ ...graph, inputs: graph.inputs.map((input) => ({ ...input, shape: feeds.get(input.name)?.shape ?? input.shape })) },
    loweringOf);
  const { graph: followed } = await followControlFlow(shapeless, feeds, new FilePool(), { threads: 1, opset: 21 });
  const { graph: lowered } = await lowerFused(followed, (of) => probe(of, feeds, payloads, 1));
  const facts = await probe(lowered, feeds, payloads, 1);
  const builder = new GraphBuilder(lowered);
  const cotangents = new Map<string, string>();
  lowered.outputs.forEach(({ name }, i) => {
    if (!isFloat(facts.types.get(name) ?? 'undefined')) return;
    const shape = facts.shapes.get(name) ?? [];
    const cotangent = builder.input(`cotangent${i}`, 'float32', shape);
    cotangents.set(name, cotangent);
    feeds.set(cotangent, { dtype: 'float32', shape, data: values(elementCount(shape), 0.2 + i) });
  });
  const backward = appendBackward({ builder, nodes: lowered.nodes, facts, cotangents, targets, hidden: new Map(), operators });
  for (const gradient of backward.gradients.values()) builder.output(gradient, 'undefined');
  const differentiated = builder.build();
  const session = await createSession(encodeModel(differentiated, payloads), { threads: 1, nodes: 0 });
  try {
    const results = await session.run(feeds, differentiated.outputs.map((output) => output.name));
    return {
      outputs: graph.outputs.flatMap(({ name }) => results.get(name) ?? []),
      gradients: new Map([...targets].flatMap((name) => {
        const value = results.get(backward.gradients.get(name) ?? '');
        return value ? [[name, value] as const] : [];
      })),
    };
  } finally {
    await session.release();
  }
}

/** The sum of a gradient times numbers that both sides know. */
function projected({ data }: Value): number {
  const weights = values(data.length, 0.9);
  return Array.from(data as ArrayLike<number | bigint>, Number).reduce((sum, each, i) => sum + each * (weights[i] ?? 0), 0);
}

const near = (found: number | undefined, expected: number): boolean => found !== undefined && Math.abs(found - expected) <= 1e-4 * Math.abs(expected) + 2e-5;

/** How often a mean was updated, which only training needs. */
const isCount = (name: string, each: string): boolean => name === 'normalization' && each.endsWith('vars/2 ');

describe('layers agree with Keras', () => {
  it.each(keysOf(goldens))('%s', async (name) => {
    const golden = field(goldens, name);
    const { variables, outputs, gradients, network } = await run(golden);
    const expected = listOf(field(golden, 'variables')).filter((each) => /^(float|int8)/.test(textOf(field(each, 'dtype'))));
    // Which the layer only needs to be trained.
    const needed = expected.filter((each) => !textOf(field(each, 'path')).endsWith("vector_u"));
    expect(variables.map(({ variable }) => variable.shape)).toEqual(needed.map((each) => numbersOf(field(each, 'shape'))));
    expect(network.variables).toHaveLength(variables.length);
    const wrong: string[] = [];
    listOf(field(golden, 'outputs')).forEach((output, i) => {
      const found = outputs[i];
      if (found?.shape.join() !== numbersOf(field(output,
        'shape')).join()) wrong.push(`output ${i} is [${found?.shape.join() ?? ''}], not [${numbersOf(field(output, 'shape')).join()}]`);
      const data = Array.from((found?.data ?? []) as ArrayLike<number | bigint>, Number);
      numbersOf(field(output, 'values')).forEach((value, k) => {
        if (!near(data[k], value)) wrong.push(`output ${i}[${k}] is ${data[k]}, not ${value}`);
      });
      const sum = data.reduce((all, each) => all + each, 0);
      if (!near(sum, numberOf(field(output, 'sum')))) wrong.push(`output ${i} sums to ${sum}, not ${numberOf(field(output, 'sum'))}`);
    });
    for (const pair of listOf(field(golden, 'gradients'))) {
      const [path, value] = listOf(pair);
      const gradient = gradients.get(variables.find((each) => each.path === path)?.variable.value ?? '');
      if (value !== null && !near(gradient && projected(gradient),
        numberOf(value ?? null))) wrong.push(`gradient of ${JSON.stringify(path)} is ${gradient ? projected(gradient) : 'missing'},
          not ${JSON.stringify(value)}`);
    }
    listOf(field(golden, 'inputGradients')).forEach((value, i) => {
      const gradient = gradients.get(network.graph.inputs[i]?.name ?? '');
      if (value !== null && gradient && !near(projected(gradient),
        numberOf(value))) wrong.push(`gradient of input ${i} is ${projected(gradient)}, not ${numberOf(value)}`);
    });
    expect(wrong.slice(0, 6)).toEqual([]);
  });

  it.each(keysOf(goldens))('%s has its variables where Keras stores them', (name) => {
    const golden = field(goldens, name);
    const config = field(golden, 'config');
    const { variables } = lowerNetwork(new Fields('model.json', '', config), dialectOf(config), () => new Map());
    const stored = listOf(field(golden, 'stored')).map((each) => listOf(each)).filter(([path = null]) => !textOf(path).includes('spectral_normalization/vars'));
    const wanted = stored.map(([path = null, shape = null]) => `${withoutUnderscores(textOf(path))} ${numbersOf(shape).join()}`).filter((each) =>
      !isCount(name, each)).sort();
    expect(variables.map(({ owner, index, shape }) => `${owner}/vars/${index} ${shape.join()}`).sort()).toEqual(wanted);
  });

  it('has a sample of every layer that is described', () => {
    const seen = new Set(JSON.stringify(goldens).match(/"class_name":"\w+"/g)?.map((each) => each.slice(14, -1)));
    // What only makes variants of training data is one of them all; of older versions of Keras are those of `legacy.test.ts`.
    const others = Object.keys(kerasLayers).filter((name) => !seen.has(name) && kerasLayers[name] !== kerasLayers.RandomFlip && !legacyLayers.includes(name));
    expect(others).toEqual([]);
  });
});
