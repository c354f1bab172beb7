import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { createRecipes, schemeNotes } from '../../../../src/core/initializers/recipes';
import type { Layer } from '../../../../src/core/layers/layer';
import { openModelFile } from '../../../../src/formats/openModel';
import type { Sampler } from '../../../../src/protocol/recipe';
import type { SchemeId } from '../../../../src/protocol/schemes';
import type { NetworkBuilder } from '../../support/graphs';
import { layersOf, present } from '../../support/graphs';
import { root } from '../../support/models';

const width = 16;
const xavier = Math.sqrt(2 / (2 * width));
const linear = (b: NetworkBuilder, x: string, name: string, outputs = width): string => b.add('MatMul', [x, b.weight(name, [width, outputs])]);

/** What the signal is multiplied with before each addition; null where it is not. */
type Alpha = number | null;

/** Attention of x to a sequence y. */
function attend(b: NetworkBuilder, x: string, y: string, name: string): string {
  const [q, k, v] = [linear(b, x, `q${name}`), linear(b, y, `k${name}`), linear(b, y, `v${name}`)];
  const scores = b.add('Softmax', [b.add('MatMul', [q, b.add('Transpose', [k], { perm: [0, 2, 1] })])]);
  return linear(b, b.add('MatMul', [scores, v]), `out${name}`);
}

function stack(b: NetworkBuilder, tokens: string, layers: number, name: string, memory: string | null, alpha: Alpha): string {
  let x = b.add('Gather', [b.weight(tokens, [50, width]), b.input(`${tokens}.ids`, 'int64', ['n', 4])]);
  const add = (branch: string): string => b.add('Add', [alpha === null ? x : b.add('Mul', [x, b.scalar(alpha)]), branch]);
  for (let i = 0; i < layers; i++) {
    x = add(attend(b, x, x, `${name}${i}`));
    if (memory !== null) x = add(attend(b, x, memory, `.cross${name}${i}`));
    x = add(linear(b, b.add('Relu', [linear(b, x, `up${name}${i}`)]), `down${name}${i}`));
  }
  return x;
}

/** Two Transformer layers. */
function transformer(alpha: Alpha): readonly Layer[] {
  return layersOf((b) => linear(b, stack(b, 'tokens', 2, '', null, alpha), 'head', 3));
}

/** Three layers of an encoder, two of a decoder. */
function translator(alphas: readonly [Alpha, Alpha]): readonly Layer[] {
  return layersOf((b) => {
    const memory = stack(b, 'source', 3, '.enc', null, alphas[0]);
    return linear(b, stack(b, 'target', 2, '.dec', memory, alphas[1]), 'head', 3);
  });
}

/** A decoder that is given what it looks at. */
const decoder = layersOf((b) => linear(b, stack(b, 'target', 2, '.dec', b.input('memory', 'float32', ['n', 7, width]), null), 'head', 3));

function samplersOf(layers: readonly Layer[], scheme: SchemeId, name: string): readonly Sampler[] {
  const recipe = createRecipes(layers, { scheme, seed: 0 }).find(({ tensorId }) => tensorId === name);
  return present(recipe).blocks.map(({ sampler }) => sampler);
}

function spreadOf(sampler: Sampler): number {
  if (sampler.kind === 'normal') return sampler.std;
  return sampler.kind === 'uniform' ? sampler.high / Math.sqrt(3) : NaN;
}
const stdOf = (layers: readonly Layer[], scheme: SchemeId, name: string): number => spreadOf(present(samplersOf(layers, scheme, name)[0]));

describe('in an encoder or a decoder alone', () => {
  it.each([
    ['t-fixup', 0.67 * 2 ** -0.25], ['deepnet', 16 ** -0.25],
  ] as const)('%s scales what adds to the signal, and neither queries and keys nor the head', (scheme, gain) => {
    const layers = transformer(null);
    for (const name of ['v0', 'out1', 'up0', 'down1']) expect(stdOf(layers, scheme, name), name).toBeCloseTo(gain * xavier, 14);
    for (const name of ['q0', 'k1']) expect(stdOf(layers, scheme, name), name).toBeCloseTo(xavier, 14);
    expect(stdOf(layers, scheme, 'head')).toBeCloseTo(Math.sqrt(2 / (width + 3)), 14);
  });
  it('T-Fixup’s embeddings are N(0, 1/d), scaled by (9N)^(−¼)', () => {
    expect(stdOf(transformer(null), 't-fixup', 'tokens')).toBeCloseTo(width ** -0.5 * 18 ** -0.25, 14);
  });
  it('GPT-2 draws tables like kernels, and ends branches by the root of their number more narrowly', () => {
    expect(stdOf(transformer(null), 'gpt2', 'tokens')).toBe(0.02);
    expect(stdOf(transformer(null), 'gpt2', 'out1')).toBeCloseTo(0.02 / 2, 14);
  });
  it('T-Fixup says what it took the layers for', () => {
    expect(schemeNotes(transformer(null), ['t-fixup'])).toEqual([expect.stringContaining('every layer is taken for one of an encoder')]);
  });
  it('DeepNet asks for α, and is content where the graph has it', () => {
    expect(schemeNotes(transformer(null), ['deepnet'])).toEqual([expect.stringContaining('α = (2N)^¼ = 1.41 before each addition. The graph has no factor')]);
    expect(schemeNotes(transformer(3), ['deepnet'])).toEqual([expect.stringContaining('other factors (3)')]);
    expect(schemeNotes(transformer(4 ** 0.25), ['deepnet'])).toEqual([]);
    expect(stdOf(transformer(4 ** 0.25), 'deepnet', 'up1')).toBeCloseTo(16 ** -0.25 * xavier, 14);
  });
});

describe('in an encoder with a decoder', () => {
  // 3 layers of the encoder, 2 of the decoder.
  const mixed = (3 ** 4 * 2) ** (1 / 16);
  const alphas = [0.81 * mixed, 6 ** 0.25] as const;
  it.each<readonly [SchemeId, number, number, readonly [Alpha, Alpha]]>([
    ['t-fixup', 0.67 * 3 ** -0.25, 18 ** -0.25, [null, null]], ['deepnet', 0.87 / mixed, 24 ** -0.25, [null, null]],
    ['deepnet', 0.87 / mixed, 24 ** -0.25, alphas],
  ])('%s scales each by its own depth', (scheme, ofEncoder, ofDecoder, factors) => {
    const layers = translator(factors);
    for (const name of ['v.enc0', 'out.enc2', 'up.enc1', 'down.enc2']) expect(stdOf(layers, scheme, name), name).toBeCloseTo(ofEncoder * xavier, 14);
    for (const name of ['v.dec0', 'out.dec1', 'v.cross.dec1', 'out.cross.dec0', 'up.dec1', 'down.dec0']) {
      expect(stdOf(layers, scheme, name), name).toBeCloseTo(ofDecoder * xavier, 14);
    }
    for (const name of ['q.enc0', 'k.enc2', 'q.dec1', 'k.dec0', 'q.cross.dec0', 'k.cross.dec1']) {
      expect(stdOf(layers, scheme, name), name).toBeCloseTo(xavier, 14);
    }
  });
  it('T-Fixup scales the embeddings of both by (9M)^(−¼)', () => {
    for (const name of ['source', 'target']) expect(stdOf(translator([null, null]), 't-fixup', name)).toBeCloseTo(width ** -0.5 * 18 ** -0.25, 14);
  });
  it('they say what they took for which', () => {
    const roles = 'What attends to another sequence is a decoder: N = 3 in the encoder, M = 2 in the decoder.';
    expect(schemeNotes(translator([null, null]), ['t-fixup'])).toEqual([roles]);
    expect(schemeNotes(translator([null, null]), ['deepnet'])).toEqual([
      roles, expect.stringContaining('α = 0.81 (N⁴M)^(1/16) = 1.11 in the encoder and (3M)^¼ = 1.57 in the decoder before each addition. The graph has no'),
    ]);
    expect(schemeNotes(translator(alphas), ['deepnet'])).toEqual([roles]);
    expect(schemeNotes(translator([alphas[1], alphas[1]]), ['deepnet'])).toEqual([roles, expect.stringContaining('other factors (1.57)')]);
  });
  it('a decoder is one without its encoder, too', () => {
    expect(stdOf(decoder, 't-fixup', 'up.dec0')).toBeCloseTo(18 ** -0.25 * xavier, 14);
    expect(stdOf(decoder, 'deepnet', 'v.cross.dec1')).toBeCloseTo(24 ** -0.25 * xavier, 14);
    expect(schemeNotes(decoder, ['t-fixup'])).toEqual(['What attends to another sequence is a decoder: there is no encoder, M = 2 in the decoder.']);
  });
});

/** Two layers each, of 16 features and 32 hidden ones. */
describe.each(['dynamo18', 'script17'])('torch.nn.Transformer by %s', (exporter) => {
  const { layers } = openModelFile(path.join(root, 'test/fixtures/golden', `encoder-decoder.${exporter}.onnx`));
  /** The layer whose bias has that name, which exporters leave alone. */
  const stdsOf = (bias: string): readonly number[] => {
    const { weights } = present(layers.find((layer) => layer.weights.some(({ name }) => name === `transformer.${bias}`)));
    return samplersOf(layers, 't-fixup', present(weights.find(({ role }) => role === 'kernel')).id).map(spreadOf);
  };
  const wide = Math.sqrt(2 / (width + 32));
  const [encoder, ofDecoder] = [0.67 * 2 ** -0.25, 18 ** -0.25];
  it.each([
    ['encoder.layers.0.self_attn.out_proj.bias', [encoder * xavier]], ['encoder.layers.1.linear1.bias', [encoder * wide]],
    ['encoder.layers.1.linear2.bias', [encoder * wide]], ['decoder.layers.0.self_attn.out_proj.bias', [ofDecoder * xavier]],
    ['decoder.layers.1.multihead_attn.out_proj.bias', [ofDecoder * xavier]], ['decoder.layers.0.linear2.bias', [ofDecoder * wide]],
  ] as const)('%s', (bias, expected) => expect(stdsOf(bias)).toEqual(expected.map((std) => expect.closeTo(std, 12) as number)));
  it('query, key and value', () => {
    const packed = (gain: number): readonly number[] => [1, 1, gain].map((factor) => expect.closeTo(factor * xavier, 12) as number);
    expect(stdsOf('encoder.layers.0.self_attn.in_proj_bias')).toEqual(packed(encoder));
    expect(stdsOf('decoder.layers.1.self_attn.in_proj_bias')).toEqual(packed(ofDecoder));
    // The exporter of scripts cuts these at a size that the network computes.
    if (exporter === 'dynamo18') expect(stdsOf('decoder.layers.1.multihead_attn.in_proj_bias')).toEqual(packed(ofDecoder));
  });
});
