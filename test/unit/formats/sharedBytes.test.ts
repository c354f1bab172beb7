import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { createRecipes } from '../../../src/core/initializers/recipes';
import { openModelFile, tensorsById } from '../../../src/formats/openModel';
import { refuseWrite } from '../../../src/formats/saving/tensorWrite';
import { keepPayloads } from '../../../src/formats/saving/undoBase';
import { present } from '../support/graphs';
import {
  attribute, bareAttribute, call, external, floatBytes, graph, int, localFunction, message, model, node, packedInts, raw, sparse, tensor, text, types,
  valueInfo,
} from '../support/protobuf';
import type { GraphParts } from '../support/protobuf';
import { contentsOf, createModel, drawn, elementsOf, expectEqualOutside, restored, write } from '../support/saving';
import { createFolder } from '../support/temporary';

const values = Array.from({ length: 40 }, (_, i) => i / 8);
const at = (name: string, offset: number, shape: readonly number[] = [4, 4], type: number = types.float32, width = 4): Uint8Array => (
  tensor(name, type, shape, external({ location: 'net.data', offset: String(offset), length: String(width * shape.reduce((a, b) => a * b, 1)) })));
const matrix = (name: string): Uint8Array => valueInfo(name, [4, 4]);
const product = (x: string, w: string, y: string): Uint8Array => node('MatMul', [x, w], [y], [], `product of ${w}`);
const ends = { inputs: [matrix('x')], outputs: [matrix('y')] };
const create = (parts: GraphParts, ...more: readonly Uint8Array[]): string => createModel(model({ ...ends, ...parts }, 17, ...more), floatBytes(values));
const chain = (...initializers: readonly Uint8Array[]): string => create({ nodes: [product('x', 'a', 'h'), product('h', 'b', 'y')], initializers });
const local = message(8, text(1, 'local'), int(2, 1));

/** A product with `b`, which is stored inside, in one branch of an `If` or in both. */
function choice(inner: GraphParts, other: GraphParts = inner): Uint8Array {
  const body = ({ initializers = [] }: GraphParts): Uint8Array => graph({ nodes: [product('h', 'b', 'z')], initializers, outputs: [matrix('z')] });
  const branches = [attribute('then_branch', 5, message(6, body(inner))), attribute('else_branch', 5, message(6, body(other)))];
  return node('If', ['truth'], ['y'], branches, 'choice');
}
const truth = tensor('truth', types.bool, [], raw([1]));

/** Whatever reads `b` reads the bytes of `a`, of the same type and shape. */
const joined: readonly (readonly [string, () => string])[] = [
  ['in one graph', () => chain(at('a', 16), at('b', 16))],
  ['one of them in a Constant', () => create({
    nodes: [node('Constant', [], ['b'], [attribute('value', 4, message(5, at('', 16)))]), product('x', 'a', 'h'), product('h', 'b', 'y')],
    initializers: [at('a', 16)],
  })],
  ['one of them in each branch', () => create({
    nodes: [product('x', 'a', 'h'), choice({ initializers: [at('b', 16)] })], initializers: [at('a', 16), truth],
  })],
  ['one of them in a function', () => create({
    nodes: [product('x', 'a', 'h'), call('Linear', ['h'], ['y'])], initializers: [at('a', 16)],
  }, local, localFunction({
    name: 'Linear', inputs: ['x'], outputs: ['y'],
    nodes: [node('Constant', [], ['b'], [attribute('value', 4, message(5, at('', 16)))]), product('x', 'b', 'y')],
  }))],
];

describe.each(joined)('weights of equal bytes, type and shape, %s', (_, build) => {
  it('are one, that is drawn and written once, and undone', async () => {
    const file = build();
    const before = contentsOf(file);
    const opened = openModelFile(file);
    expect(new Set(opened.layers.flatMap((layer) => layer.weights.map(({ id }) => id)))).toEqual(new Set(['a']));
    expect(opened.ties.size).toBe(opened.layers.length);
    expect([...opened.ties.values()].flat().every(({ how, weight }) => how === 'same' && weight === 'a')).toBe(true);
    const recipes = createRecipes(opened.layers, { scheme: 'recommended', seed: 1 });
    expect(recipes.map(({ tensorId }) => tensorId)).toEqual(['a']);
    expect(refuseWrite(present(tensorsById(opened).get('a')))).toBeNull();
    const kept = await keepPayloads(opened, ['a'], path.join(createFolder(), 'kept'));
    await write(file, new Map(recipes.map((recipe) => [recipe.tensorId, { kind: 'recipe', recipe } as const])));
    expectEqualOutside(present(before.get('net.data')), present(contentsOf(file).get('net.data')), [[16, 80]]);
    expect(elementsOf(file, 'a')).not.toEqual(values.slice(4, 20));
    await write(file, restored(kept));
    expect(contentsOf(file)).toEqual(before);
  });
});

const indices = tensor('', types.int64, [3], packedInts(7, [1, 2, 3]));

describe('a weight some of whose bytes are of another tensor', () => {
  it.each<readonly [string, () => string, Readonly<Record<string, string>>]>([
    ['that begins within it', () => chain(at('a', 0), at('b', 60)), { a: 'b', b: 'a' }],
    ['that ends within it', () => chain(at('a', 40), at('b', 0)), { a: 'b', b: 'a' }],
    ['that lies within it', () => chain(at('a', 0, [4, 8]), at('b', 32, [8, 4])), { a: 'b', b: 'a' }],
    ['that lies far behind others within it', () => (
      chain(at('a', 0, [4, 8]), at('first', 0, [1]), at('second', 4, [1]), at('b', 96, [8, 1]))), { a: 'first', b: 'a' }],
    ['of another shape', () => chain(at('a', 16), at('b', 16, [16])), { a: 'b', b: 'a' }],
    ['of another type', () => chain(at('a', 16), at('b', 16), at('c', 16, [4, 8], types.float16, 2)), { a: 'c' }],
    ['that are positions of something', () => chain(at('a', 16), at('b', 112, [2, 4]), at('positions', 72, [2], types.int64, 8)), { a: 'positions' }],
    ['that is sparse', () => (
      create({ nodes: [product('x', 'a', 'y')], initializers: [at('a', 16)], sparse: [sparse(at('s', 24, [3]), indices, [4, 4])] })), { a: 's' }],
    ['that nothing reads', () => create({ nodes: [product('x', 'a', 'y')], initializers: [at('a', 16)] }, message(20, message(1, graph({
      initializers: [at('initial', 16)],
    })))), { a: 'initial' }],
    ['without a name', () => create({ nodes: [product('x', 'a', 'h'), call('Linear', ['h'], ['y'])], initializers: [at('a', 0)] }, local, localFunction({
      name: 'Linear', inputs: ['x'], outputs: ['y'], nodes: [node('Relu', ['x'], ['y'])], defaults: [bareAttribute('w', 4, message(5, at('', 16)))],
    })), { a: 'a tensor without a name' }],
    ['that another branch reads', () => create({
      nodes: [node('Identity', ['x'], ['h']), choice({ initializers: [at('b', 16)] })], initializers: [truth],
    }), { 'choice.then_branch/b': 'b', 'choice.else_branch/b': 'b' }],
  ])('%s is refused, and says whose', async (_, build, refused) => {
    const file = build();
    const before = contentsOf(file);
    const tensors = tensorsById(openModelFile(file));
    for (const [id, tensor_] of tensors) {
      const other = refused[id];
      expect(refuseWrite(tensor_)).toBe(other === undefined ? null : `some of its bytes are those of ${other}, too`);
    }
    expect(Object.keys(refused).every((id) => tensors.has(id))).toBe(true);
    await expect(write(file, drawn(present(Object.keys(refused)[0])))).rejects.toThrow(/some of its bytes are those of/);
    expect(contentsOf(file)).toEqual(before);
  });
  it('is not one that only touches others, nor one in another file', async () => {
    const file = chain(at('a', 0), at('b', 64), at('c', 128, [1]));
    for (const tensor_ of tensorsById(openModelFile(file)).values()) expect(refuseWrite(tensor_)).toBeNull();
    await write(file, drawn('a', 'b'));
    expect(new Set([...elementsOf(file, 'a'), ...elementsOf(file, 'b')]).size).toBe(32);
  });
  it('is found among very many', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => at(`n${i}`, i % 2 === 0 ? 16 : 16 + (i % 16), [4]));
    const tensors = tensorsById(openModelFile(chain(at('a', 16), at('b', 80), ...many)));
    expect([...tensors].map(([id, tensor_]) => [id, refuseWrite(tensor_) === null])).toEqual([['a', false], ['b', true]]);
  });
});
