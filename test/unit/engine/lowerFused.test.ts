import path from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';

import type { Graph, Node } from '../../../src/core/graph/graph';
import { simulate } from '../../../src/engine/running/simulate';
import { encodeModel } from '../../../src/formats/onnx/encode';
import { openModelFile } from '../../../src/formats/openModel';
import { CancellationSource } from '../../../src/protocol/rpc';
import { defaultOptions } from '../../../src/protocol/simulation';
import type { Moments, SimulationResult } from '../../../src/protocol/simulation';
import { unreadable } from '../../ops/differentiate';
import { NetworkBuilder, encode, only, present } from '../support/graphs';
import { deepTanh, transformerBlock } from '../support/models';
import { createFolder, createWriter } from '../support/temporary';

const folder = createFolder();
const write = createWriter(folder);

async function run(file: string): Promise<SimulationResult> {
  const options = { ...defaultOptions, seed: 1, batch: 2, batchNorm: 'inference', threads: 1 } as const;
  return simulate({ path: file, options, files: {}, recipes: [], restored: [] }, { planned: () => undefined, ran: () => undefined }, new CancellationSource());
}

const weightsOf = ({ runs: [run] }: SimulationResult): ReadonlyMap<string, Moments | null> => (
  new Map(run?.layers.flatMap((layer) => layer.weights.map(({ name, gradient }) => [name, gradient] as const))));

const deviation = (moments: Moments | null | undefined): number => Math.sqrt(present(present(moments).variance));

/** Weights whose gradient is another by more than 1e-3, or than what terms that cancel leave of the largest. */
function different(found: ReadonlyMap<string, Moments | null>, expected: ReadonlyMap<string, Moments | null>): readonly string[] {
  const slack = 1e-6 * Math.max(...[...expected.values()].map(deviation));
  return [...expected].flatMap(([name, gradient]) => {
    const difference = Math.abs(deviation(found.get(name)) - deviation(gradient));
    return found.get(name)?.count === gradient?.count && difference <= 1e-3 * deviation(gradient) + slack ? [] : [name];
  });
}

/** What follows each kernel, by its name. */
const activationsOf = (file: string): ReadonlyMap<string, string | undefined> => (
  new Map(openModelFile(file).layers.flatMap((layer) => (
    layer.weights.filter(({ role }) => role === 'kernel').map(({ name }) => [name, layer.activation?.name] as const)))));

/** Networks whose weights ONNX Runtime's optimiser leaves as they are, and what it fuses in them. */
const networks = [
  ['deep-tanh-mlp', deepTanh, ['FusedGemm']], ['transformer-block', transformerBlock, ['BiasGelu', 'FusedMatMul', 'SkipLayerNormalization']],
] as const;

describe.each(networks)('%s as ONNX Runtime rewrites it', (name, original, operators) => {
  const optimised = path.join(folder, `${name}.onnx`);
  beforeAll(async () => {
    const session = await InferenceSession.create(original, { graphOptimizationLevel: 'extended', optimizedModelFilePath: optimised, logSeverityLevel: 4 });
    await session.release();
  });

  it('gives every weight the gradient that it has in the original', async () => {
    const fused = openModelFile(optimised).graph.nodes.flatMap((node) => (node.domain === 'com.microsoft' ? [node.op] : []));
    expect([...new Set(fused)].sort()).toEqual(operators);
    expect(activationsOf(optimised)).toEqual(activationsOf(original));
    const result = await run(optimised);
    expect(result.unsupported).toEqual([]);
    expect(different(weightsOf(result), weightsOf(await run(original)))).toEqual([]);
  });
});

const microsoft = (b: NetworkBuilder, op: string, inputs: readonly string[], attributes: Node['attributes'] = {}): string => {
  const output = b.fresh(op);
  b.append({ name: `${output}_node`, domain: 'com.microsoft', op, inputs, outputs: [output], attributes });
  return output;
};

/** A block as BERT's are once they are fused; its attention is one that ONNX Runtime cannot run by itself where it has no bias. */
function encoder(attentionBias: boolean): Graph {
  const b = new NetworkBuilder();
  const norm = (name: string): readonly string[] => [b.weight(`${name}.gamma`, [8]), b.weight(`${name}.beta`, [8])];
  const epsilon = { epsilon: { kind: 'float', value: 1e-5 } } as const;
  const ids = b.input('ids', 'int32', ['batch', 'length']);
  const tables = [b.weight('words', [16, 8]), b.weight('places', [32, 8])];
  const embedded = microsoft(b, 'EmbedLayerNormalization', [ids, '', ...tables, '', ...norm('embedding')], epsilon);
  const bias = attentionBias ? [b.weight('qkv.bias', [24])] : [];
  const attention = microsoft(b, 'Attention', [embedded, b.weight('qkv', [8, 24]), ...bias], { num_heads: { kind: 'int', value: 2 } });
  const first = microsoft(b, 'SkipLayerNormalization', [b.add('MatMul', [attention, b.weight('out', [8, 8])]), embedded, ...norm('norm')], epsilon);
  const wide = microsoft(b, 'BiasGelu', [b.add('MatMul', [first, b.weight('up', [8, 16])]), b.weight('up.bias', [16])]);
  // Its transposed factor needs the shapes behind the attention.
  const narrow = microsoft(b, 'FusedMatMul', [wide, b.weight('down', [8, 16])], { transB: { kind: 'int', value: 1 } });
  return b.finish(microsoft(b, 'SkipLayerNormalization', [narrow, first, ...norm('last')], epsilon));
}

describe('a fused block', () => {
  it.each([true, false])('follows the layers that are inspected, under their names; bias of the attention: %s', async (attentionBias) => {
    const file = write(`encoder-${attentionBias}.onnx`, encode(encoder(attentionBias)));
    const { layers } = openModelFile(file);
    const { runs: [first], unsupported } = await run(file);
    expect(unsupported).toEqual([]);
    const namesIn = (list: readonly { readonly name: string; readonly weights: readonly { readonly name: string }[] }[]): readonly (readonly string[])[] => (
      list.map((layer) => [layer.name, ...layer.weights.map((weight) => weight.name)]));
    expect(namesIn(first?.layers ?? [])).toEqual(namesIn(layers));
    for (const { name, preactivation, gradient, weights } of first?.layers ?? []) {
      expect(present(present(preactivation).variance), name).toBeGreaterThan(0);
      expect(present(present(gradient.preactivation).variance), name).toBeGreaterThan(0);
      for (const weight of weights) expect(present(present(weight.gradient).variance), weight.name).toBeGreaterThan(0);
    }
  });

  it('is run with a mask of tokens by tokens, and with the operators of opset 24', async () => {
    const b = new NetworkBuilder();
    const x = b.input('x', 'float32', ['batch', 'tokens', 8]);
    const mask = b.input('mask', 'bool', ['tokens', 'tokens']);
    const [q, k, v] = ['q', 'k', 'v'].map((name) => b.add('MatMul', [x, b.weight(name, [8, 8])]));
    const heads = { q_num_heads: 2, kv_num_heads: 2 };
    const attended = b.add('Swish', [b.add('Attention', [q ?? '', k ?? '', v ?? '', mask], heads)]);
    const graph = b.finish(b.add('RMSNormalization', [attended, b.weight('gamma', [8])]));
    const { unsupported, runs: [first] } = await run(write('opset24.onnx', encodeModel(graph, unreadable, 24)));
    expect(unsupported).toEqual([]);
    expect(first?.layers.map(({ name, gradient }) => [name, present(gradient.preactivation?.variance) > 0])).toEqual(
      ['q', 'k', 'v', 'gamma'].map((name) => [name, true]));
  });

  it('names what is more than is known of an operator, and why', async () => {
    const b = new NetworkBuilder();
    const product = b.add('MatMul', [b.input('x', 'float32', [2, 4]), b.weight('w', [4, 4])]);
    const rotated = microsoft(b, 'RotaryEmbedding', [b.add('Unsqueeze', [product, b.ints([0])]), b.constant('int64', [1], [0]),
      b.constant('float32', [2, 2], [1, 1, 1, 1]), b.constant('float32', [2, 2], [0, 0, 0, 0])], { scale: { kind: 'float', value: 2 } });
    const result = await run(write('scaled.onnx', encode(b.finish(rotated))));
    const { op, reason, hides } = only(result.unsupported);
    expect({ op, hides }).toEqual({ op: 'RotaryEmbedding', hides: ['w'] });
    expect(reason).toContain('scale');
  });
});
