/** A model for every way a file can store a weight: `y = x · w` with w [4, 4] under the id `id`, and unknown fields in every message. */
import {
  attribute, bareAttribute, call, concat, doubleBytes, external, floatBytes, graph, int, localFunction, loneDoubles, loneFloats, loneInts, message, model, node,
  packedFloats, packedInts, raw, reference, sparse, tensor, text, types, valueInfo,
} from './protobuf';
import type { Bytes, GraphParts } from './protobuf';

export interface Storage {
  readonly name: string;
  readonly id: string;
  readonly bytes: Uint8Array;
  /** Whether new values go over the old ones, so that the file keeps its length. */
  readonly inPlace: boolean;
  /** The file beside the model that it is stored in. */
  readonly data?: Uint8Array;
  /** How often `x` is multiplied by it, where that is not once. */
  readonly times?: number;
}

const values = Array.from({ length: 16 }, (_, i) => (i - 8) / 4);
const unknown = message(100, [1, 2, 3]);
const shape = [4, 4];
const halves = (bits: number): number[] => values.map((_, i) => bits + i);
const ends = { inputs: [valueInfo('x', [4, 4])], outputs: [valueInfo('y', [4, 4])] };
const product = (w = 'w', y = 'y'): Uint8Array => concat(node('MatMul', ['x', w], [y], [], 'product'), unknown);
const before = tensor('before', types.float32, [1], raw(floatBytes([9])));
const wholeFile = concat(message(14, text(1, 'author'), text(2, 'somebody')), message(100, [7, 8, 9]));

const initializer = (name: string, inPlace: boolean, type: number, ...stored: readonly Bytes[]): Storage => {
  const isFloat = type === types.float32;
  const cast = concat(node('Cast', ['w'], ['c'], [attribute('to', 2, int(3, 1))]), unknown);
  const w = concat(unknown, tensor('w', type, shape, ...stored), text(12, 'a weight'));
  return {
    name, id: 'w', inPlace,
    bytes: concat(model({ nodes: isFloat ? [product()] : [cast, product('c')], initializers: [before, w], ...ends }), wholeFile),
  };
};

const constant = (name: string, inPlace: boolean, value: Uint8Array): Storage => (
  { name, id: 'w', inPlace, bytes: concat(model({ nodes: [concat(unknown, node('Constant', [], ['w'], [value])), product()], ...ends }), wholeFile) });

const flat = (name: string, inPlace: boolean, value: Uint8Array): Storage => {
  const nodes = [node('Constant', [], ['list'], [value]), node('Reshape', ['list', 'shape'], ['w']), product()];
  const sizes = tensor('shape', types.int64, [2], packedInts(7, shape));
  return { name, id: 'list', inPlace, bytes: concat(model({ nodes, initializers: [sizes], ...ends }), wholeFile) };
};

const stored = tensor('w', types.float32, [3], raw(floatBytes([1.5, -2, 3])), text(12, 'sparse'), unknown);
const positions = tensor('', types.int64, [3], packedInts(7, [1, 6, 15]));
const coordinates = tensor('', types.int64, [3, 2], packedInts(7, [0, 1, 1, 2, 3, 3]));
const sizes = tensor('shape', types.int64, [2], packedInts(7, shape));
const filled = (type: number, bytes: Uint8Array): Uint8Array => (
  node('ConstantOfShape', ['shape'], ['w'], [attribute('value', 4, message(5, tensor('', type, [1], raw(bytes))))], 'fill'));

/** A node with a weight somewhere in its body. */
interface Around {
  readonly name: string;
  /** Path of the body. */
  readonly scope: string;
  readonly times: number;
  readonly node: (inner: GraphParts) => Uint8Array;
}

const matrix = (name: string): Uint8Array => valueInfo(name, shape);
const scalar = (name: string, type: number): Uint8Array => valueInfo(name, [], type);
const body = (name: string, bytes: Uint8Array): Uint8Array => attribute(name, 5, message(6, bytes, unknown));
const truth = tensor('truth', types.bool, [], raw([1]));
const count = tensor('count', types.int64, [], packedInts(7, [2]));
const two = tensor('two', types.float32, [2, 1], raw(floatBytes([0, 0])));

/** In the branch of an `If` that is taken. */
function choice(inner: GraphParts, name = 'choice'): Uint8Array {
  const taken = graph({ ...inner, nodes: [...inner.nodes ?? [], product('w', 'z')], outputs: [matrix('z')] });
  const other = graph({ nodes: [node('Identity', ['x'], ['z'])], outputs: [matrix('z')] });
  return node('If', ['truth'], ['y'], [body('then_branch', taken), body('else_branch', other)], name);
}

function choiceInChoice(inner: GraphParts): Uint8Array {
  const taken = graph({ nodes: [choice(inner, 'inner')], outputs: [matrix('y')] });
  const other = graph({ nodes: [node('Identity', ['x'], ['z'])], outputs: [matrix('z')] });
  return node('If', ['truth'], ['y'], [body('then_branch', taken), body('else_branch', other)], 'outer');
}

const step = node('MatMul', ['h', 'w'], ['z'], [], 'step');

/** `Loop` gives its body the number of the iteration and the condition, too. */
function loop(inner: GraphParts): Uint8Array {
  const nodes = [...inner.nodes ?? [], node('Identity', ['goes'], ['on']), step];
  const inputs = [scalar('i', types.int64), scalar('goes', types.bool), matrix('h')];
  const steps = graph({ ...inner, nodes, inputs, outputs: [scalar('on', types.bool), matrix('z')] });
  return node('Loop', ['count', 'truth', 'x'], ['y'], [body('body', steps)], 'loop');
}

function scan(inner: GraphParts): Uint8Array {
  const steps = graph({ ...inner, nodes: [...inner.nodes ?? [], step], inputs: [matrix('h'), valueInfo('at', [1])], outputs: [matrix('z')] });
  return node('Scan', ['x', 'two'], ['y'], [body('body', steps), attribute('num_scan_inputs', 2, int(3, 1))], 'scan');
}

const arounds: readonly Around[] = [
  { name: 'in a subgraph', scope: 'choice.then_branch/', times: 1, node: choice },
  { name: 'in a subgraph of a subgraph', scope: 'outer.then_branch/inner.then_branch/', times: 1, node: choiceInChoice },
  { name: 'in the body of a Loop', scope: 'loop.body/', times: 2, node: loop },
  { name: 'in the body of a Scan', scope: 'scan.body/', times: 2, node: scan },
];

const insides: readonly { readonly name: string; readonly inPlace: boolean; readonly inner: GraphParts; readonly data?: Uint8Array }[] = [
  { name: 'raw float32', inPlace: true, inner: { initializers: [tensor('w', types.float32, shape, raw(floatBytes(values)))] } },
  { name: 'float_data that is not packed', inPlace: true, inner: { initializers: [tensor('w', types.float32, shape, loneFloats(4, values))] } },
  {
    name: 'external data', inPlace: true, data: floatBytes([7, ...values, 7]),
    inner: { initializers: [tensor('w', types.float32, shape, external({ location: 'net.data', offset: '4', length: '64' }))] },
  },
  {
    name: 'a Constant', inPlace: true,
    inner: { nodes: [node('Constant', [], ['w'], [attribute('value', 4, message(5, tensor('', types.float32, shape, raw(floatBytes(values)))))])] },
  },
  { name: 'a sparse initializer', inPlace: false, inner: { sparse: [sparse(stored, positions, shape)] } },
  { name: 'ConstantOfShape', inPlace: false, inner: { nodes: [filled(types.float32, floatBytes([0.5]))], initializers: [sizes] } },
];

const withinOthers = arounds.flatMap((around): Storage[] => insides.map(({ name, inPlace, inner, data }) => ({
  name: `${name} ${around.name}`, id: `${around.scope}w`, inPlace, times: around.times,
  bytes: concat(model({ nodes: [around.node(inner)], initializers: [truth, count, two], ...ends }), wholeFile), ...(data ? { data } : {}),
})));

/** A weight in a function of the model, called twice. */
function inFunction(name: string, inPlace: boolean, nodes: readonly Uint8Array[]): Storage {
  const linear = localFunction({ name: 'Linear', inputs: ['x'], outputs: ['y'], nodes: [...nodes, product()] });
  const calls = [call('Linear', ['x'], ['h'], [], 'one'), call('Linear', ['h'], ['y'], [], 'two')];
  const opset = message(8, text(1, 'local'), int(2, 1));
  return { name, id: 'Linear/w', inPlace, times: 2, bytes: concat(model({ nodes: calls, ...ends }, 17, opset, linear), wholeFile) };
}

/** A weight that a function is given by an attribute: by its `default`, or as an `argument` of its call. */
function asAttribute(name: string, inPlace: boolean, where: 'default' | 'argument', type: number, field: Bytes, data?: Uint8Array): Storage {
  const value = message(5, tensor('', type, shape, field), unknown);
  const nodes = [node('Constant', [], ['stored'], [reference('value', 4, 'weight')]), node('Cast', ['stored'], ['w'], [attribute('to', 2, int(3, 1))])];
  const parts = { name: 'Linear', inputs: ['x'], outputs: ['y'], nodes: [...nodes, product()], defaults: [] };
  const linear = localFunction(where === 'default' ? { ...parts, defaults: [bareAttribute('weight', 4, value)] } : { ...parts, attributes: ['weight'] });
  const calls = [call('Linear', ['x'], ['y'], where === 'argument' ? [attribute('weight', 4, value)] : [], 'one')];
  const bytes = concat(model({ nodes: calls, ...ends }, 17, message(8, text(1, 'local'), int(2, 1)), linear), wholeFile);
  const id = where === 'default' ? 'Linear/weight' : 'one.weight';
  return { name: `${name} as the ${where} of an attribute`, id, inPlace, bytes, ...(data ? { data } : {}) };
}

const asAttributes = (['default', 'argument'] as const).flatMap((where) => [
  asAttribute('raw float32', true, where, types.float32, raw(floatBytes(values))),
  asAttribute('float16 in int32_data', false, where, types.float16, packedInts(5, halves(0x3c00))),
  asAttribute('external data', true, where, types.float32, external({ location: 'net.data', offset: '4', length: '64' }), floatBytes([7, ...values, 7])),
]);

/** Of an `ir_version` in which every initializer has to be an input as well. */
function older(): Storage {
  const nodes = [node('Constant', [], ['shape'], [attribute('value', 4, message(5, sizes))]), filled(types.float32, floatBytes([0])), product()];
  const bytes = concat(int(1, 3), message(7, graph({ nodes, ...ends })), message(8, text(1, ''), int(2, 9)), wholeFile);
  return { name: 'ConstantOfShape in a model of IR version 3', id: 'w', inPlace: false, bytes };
}

/** Bytes that are no weight's stand before and behind it. */
function outside(name: string, before: number, entries: Readonly<Record<string, string>>): Storage {
  const data = concat(new Uint8Array(before).fill(5), floatBytes(values), new Uint8Array(8).fill(6));
  return { ...initializer(name, true, types.float32, external({ location: 'net.data', ...entries })), data };
}

export const storages: readonly Storage[] = [
  initializer('raw float32', true, types.float32, raw(floatBytes(values))),
  initializer('raw float64', true, types.float64, raw(doubleBytes(values))),
  initializer('raw float16', true, types.float16, raw(new Uint8Array(Uint16Array.from(halves(0x3c00)).buffer))),
  initializer('raw bfloat16', true, types.bfloat16, raw(new Uint8Array(Uint16Array.from(halves(0x3f80)).buffer))),
  initializer('packed float_data', true, types.float32, packedFloats(4, values)),
  initializer('float_data that is not packed', true, types.float32, loneFloats(4, values)),
  initializer('float_data in pieces', true, types.float32, packedFloats(4, values.slice(0, 5)), unknown, packedFloats(4, values.slice(5))),
  initializer('float_data in unlike pieces', false, types.float32, packedFloats(4, values.slice(0, 5)), loneFloats(4, values.slice(5))),
  initializer('raw_data given twice', true, types.float32, raw(floatBytes([1, 2])), raw(floatBytes(values))),
  initializer('packed double_data', true, types.float64, message(10, doubleBytes(values))),
  initializer('double_data that is not packed', true, types.float64, loneDoubles(10, values)),
  initializer('float16 in int32_data', false, types.float16, packedInts(5, halves(0x3c00))),
  initializer('float16 in int32_data that is not packed', false, types.float16, loneInts(5, halves(0x3c00))),
  initializer('bfloat16 in int32_data in pieces', false, types.bfloat16, packedInts(5, halves(0x3f80).slice(0, 3)), packedInts(5, halves(0x3f80).slice(3))),
  constant('a Constant', true, attribute('value', 4, message(5, tensor('', types.float32, shape, raw(floatBytes(values)))))),
  constant('a Constant with packed float_data', true, attribute('value', 4, message(5, tensor('', types.float32, shape, packedFloats(4, values))))),
  flat('value_floats, packed', true, attribute('value_floats', 6, packedFloats(7, values))),
  flat('value_floats, not packed', true, attribute('value_floats', 6, loneFloats(7, values))),
  {
    ...initializer('a sparse initializer, by positions', false, types.float32),
    bytes: concat(model({ nodes: [product()], sparse: [sparse(stored, positions, shape)], ...ends }), wholeFile),
  },
  {
    ...initializer('a sparse initializer, by coordinates', false, types.float32),
    bytes: concat(model({ nodes: [product()], initializers: [before], sparse: [sparse(stored, coordinates, shape)], ...ends }), wholeFile),
  },
  constant('a sparse Constant', false, attribute('sparse_value', 11, message(22, sparse(stored, positions, shape)))),
  {
    ...initializer('ConstantOfShape', false, types.float32),
    bytes: concat(model({ nodes: [concat(filled(types.float32, floatBytes([0.5])), unknown), product()], initializers: [sizes], ...ends }), wholeFile),
  },
  older(),
  ...withinOthers,
  inFunction('a Constant in a function', true, [
    node('Constant', [], ['w'], [attribute('value', 4, message(5, tensor('', types.float32, shape, raw(floatBytes(values)))))]),
  ]),
  inFunction('ConstantOfShape in a function', false, [
    node('Constant', [], ['shape'], [attribute('value_ints', 7, packedInts(8, shape))]), filled(types.float32, floatBytes([0.5])),
  ]),
  ...asAttributes,
  outside('external data', 24, { offset: '24', length: '64' }),
  outside('external data, its length left out', 24, { offset: '24' }),
  outside('external data, its offset left out', 0, { length: '64' }),
  outside('external data, its offset and length left out', 0, {}),
];
