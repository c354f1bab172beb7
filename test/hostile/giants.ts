/** Networks as exporters write them, of more layers than anybody has yet: what is done for each may not depend on how many there are. */
import { attribute, call, concat, floatBytes, int, localFunction, model, node, packedInts, raw, tensor, types, valueInfo } from '../unit/support/protobuf';

const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const weight = (name: string, shape: readonly number[]): Uint8Array => (
  tensor(name, types.float32, shape, raw(floatBytes(times(shape.reduce((all, size) => all * size, 1), (i) => ((i * 37) % 11) / 8 - 0.5)))));
const scalar = (name: string, value: number): Uint8Array => tensor(name, types.float32, [], raw(floatBytes([value])));

/** One block of a network, from the value it reads; what it makes is called `name`. */
interface Block {
  readonly nodes: (input: string, name: string) => readonly Uint8Array[];
  readonly initializers?: (name: string) => readonly Uint8Array[];
  readonly shared?: readonly Uint8Array[];
  readonly functions?: readonly Uint8Array[];
  readonly opset?: number;
  /** A layer stands behind them all. */
  readonly last?: true;
}

const dense: Block = {
  nodes: (x, name) => [node('MatMul', [x, `${name}.weight`], [`${name}/p`], [], `/${name}/MatMul`), node('Relu', [`${name}/p`], [name], [],
    `/${name}/Relu`)],
  initializers: (name) => [weight(`${name}.weight`, [2, 2])],
};

const blocks: Readonly<Record<string, Block>> = {
  'layers one after the other': dense,
  'one weight for all': { nodes: (x, name) => [node('MatMul', [x, 'w'], [name])], shared: [weight('w', [2, 2])] },
  'residual blocks': {
    nodes: (x, name) => [
      node('MatMul', [x, `${name}.a`], [`${name}/1`]), node('Relu', [`${name}/1`], [`${name}/2`]), node('MatMul', [`${name}/2`, `${name}.b`],
        [`${name}/3`]),
      node('Add', [x, `${name}/3`], [name]),
    ],
    initializers: (name) => [weight(`${name}.a`, [2, 2]), weight(`${name}.b`, [2, 2])],
  },
  'calls of a function': {
    nodes: (x, name) => [call('Linear', [x, `${name}.weight`], [name], [], name)], initializers: (name) => [weight(`${name}.weight`, [2, 2])],
    functions: [localFunction({
      name: 'Linear', inputs: ['x', 'w'], outputs: ['y'], nodes: [node('MatMul', ['x', 'w'], ['h']), node('Constant', [], ['c'],
        [attribute('value_float', 1, concat([0x15], floatBytes([1])))]),
        node('Add', ['h', 'c'], ['s']), node('Tanh', ['s'], ['y'])],
    })],
  },
  'convolutions with one norm for all': {
    nodes: (x, name) => [node('Conv', [x, `${name}.weight`], [`${name}/c`]), node('BatchNormalization', [`${name}/c`, 'g', 'b', 'b', 'g'],
      [`${name}/n`]), node('Relu', [`${name}/n`], [name])],
    initializers: (name) => [weight(`${name}.weight`, [2, 2, 1, 1])],
    shared: [tensor('g', types.float32, [2], raw(floatBytes([1, 1]))), tensor('b', types.float32, [2], raw(floatBytes([0, 0])))],
  },
  'norms that are written out': {
    opset: 13, shared: [scalar('two', 2), scalar('eps', 1e-5), weight('gamma', [2])],
    nodes: (x, name) => [
      node('ReduceMean', [x], [`${name}/m`], [attribute('axes', 7, packedInts(8, [-1]))]), node('Sub', [x, `${name}/m`], [`${name}/d`]), node('Pow',
        [`${name}/d`, 'two'], [`${name}/q`]),
      node('ReduceMean', [`${name}/q`], [`${name}/v`], [attribute('axes', 7, packedInts(8, [-1]))]), node('Add', [`${name}/v`, 'eps'], [`${name}/e`]),
        node('Sqrt', [`${name}/e`], [`${name}/s`]),
      node('Div', [`${name}/d`, `${name}/s`], [`${name}/n`]), node('Mul', [`${name}/n`, 'gamma'], [`${name}/g`]), node('MatMul', [`${name}/g`,
        `${name}.weight`], [name]),
    ],
    initializers: (name) => [weight(`${name}.weight`, [2, 2])],
  },
  'activations that are spelled': {
    shared: [scalar('half', 0.5), scalar('one', 1), scalar('root', Math.SQRT2)],
    nodes: (x, name) => [
      node('MatMul', [x, `${name}.weight`], [`${name}/p`]), node('Div', [`${name}/p`, 'root'], [`${name}/d`]), node('Erf', [`${name}/d`],
        [`${name}/e`]), node('Add', [`${name}/e`, 'one'], [`${name}/o`]),
      node('Mul', [`${name}/p`, `${name}/o`], [`${name}/m`]), node('Mul', [`${name}/m`, 'half'], [name]),
    ],
    initializers: (name) => [weight(`${name}.weight`, [2, 2])],
  },
  'weights that are quantised': {
    shared: [scalar('scale', 0.1), tensor('zero', types.int8, [], raw([0]))],
    nodes: (x, name) => [node('DequantizeLinear', [`${name}.weight`, 'scale', 'zero'], [`${name}/w`]), node('MatMul', [x, `${name}/w`], [name])],
    initializers: (name) => [tensor(`${name}.weight`, types.int8, [2, 2], raw([1, 2, 3, 4]))],
  },
  'recurrent layers': {
    nodes: (x, name) => [node('LSTM', [x, `${name}.w`, `${name}.r`], [`${name}/y`], [attribute('hidden_size', 2, int(3, 1))]), node('Squeeze',
      [`${name}/y`, 'axis'], [name])],
    initializers: (name) => [weight(`${name}.w`, [1, 4, 1]), weight(`${name}.r`, [1, 4, 1])], shared: [tensor('axis', types.int64, [1], packedInts(7,
      [1]))],
  },
  'steps of a recurrence': {
    nodes: (h, name) => [
      node('Gather', ['sequence', 'i'], [`${name}/x`]), node('MatMul', [h, `${name}.w`], [`${name}/p`]), node('Add', [`${name}/p`, `${name}/x`],
        [`${name}/s`]), node('Tanh', [`${name}/s`], [name]),
    ],
    initializers: (name) => [weight(`${name}.w`, [2, 2])], shared: [tensor('i', types.int64, [], packedInts(7, [0])), weight('first', [2, 2])],
  },
  'steps of a cell with gates': {
    nodes: (h, name) => [
      node('MatMul', ['x0', 'W'], [`${name}/x`]), node('MatMul', [h, 'R'], [`${name}/h`]), node('Add', [`${name}/x`, `${name}/h`], [`${name}/s`]),
      node('Split', [`${name}/s`], ['r', 'z', 'g'].map((gate) => `${name}/${gate}`), [attribute('axis', 2, int(3, 1)),
        attribute('num_outputs', 2, int(3, 3))]),
      ...['r', 'z'].map((gate) => node('Sigmoid', [`${name}/${gate}`], [`${name}/${gate}/s`])), node('Tanh', [`${name}/g`], [`${name}/g/t`]),
      node('Mul', [`${name}/z/s`, h], [`${name}/k`]), node('Mul', [`${name}/r/s`, `${name}/g/t`], [`${name}/m`]),
      node('Add', [`${name}/k`, `${name}/m`], [name]),
    ],
    shared: [weight('W', [2, 6]), weight('R', [2, 6]), weight('x0', [1, 2])], opset: 18,
  },
  'batch norms that are written out': {
    nodes: (x, name) => [
      node('MatMul', [x, `${name}.weight`], [`${name}/p`]), node('Add', [`${name}.var`, 'eps'], [`${name}/e`]), node('Sqrt', [`${name}/e`],
        [`${name}/r`]), node('Div', ['one', `${name}/r`], [`${name}/i`]), node('Mul', [`${name}/i`, `${name}.gamma`], [`${name}/g`]),
      node('Mul', [`${name}.mean`, `${name}/g`], [`${name}/m`]), node('Sub', [`${name}.beta`, `${name}/m`], [`${name}/b`]),
      node('Mul', [`${name}/p`, `${name}/g`], [`${name}/s`]), node('Add', [`${name}/s`, `${name}/b`], [name]),
    ],
    shared: [scalar('eps', 1e-3), scalar('one', 1)],
    initializers: (name) => [weight(`${name}.weight`, [2, 2]), ...['gamma', 'beta', 'mean', 'var'].map((each) => weight(`${name}.${each}`, [2]))],
  },
  'vectors that scale a signal again and again': {
    nodes: (x, name) => [node('Mul', [x, `${name}.scale`], [`${name}/s`]), node('Identity', [`${name}/s`], [name])],
    initializers: (name) => [weight(`${name}.scale`, [2])], last: true,
  },
  'attention': {
    nodes: (x, name) => [
      ...['q', 'k', 'v'].map((each) => node('MatMul', [x, `${name}.${each}`], [`${name}/${each}`])), node('Transpose', [`${name}/k`], [`${name}/t`]),
      node('MatMul', [`${name}/q`, `${name}/t`], [`${name}/a`]), node('Softmax', [`${name}/a`], [`${name}/s`]), node('MatMul', [`${name}/s`,
        `${name}/v`], [`${name}/c`]),
      node('MatMul', [`${name}/c`, `${name}.o`], [`${name}/p`]), node('Add', [x, `${name}/p`], [name]),
    ],
    initializers: (name) => ['q', 'k', 'v', 'o'].map((each) => weight(`${name}.${each}`, [2, 2])),
  },
  'weights behind casts': {
    nodes: (x, name) => [node('Cast', [`${name}.weight`], [`${name}/w`], [attribute('to', 2, int(3, 1))]), node('Transpose', [`${name}/w`],
      [`${name}/t`]), node('MatMul', [x, `${name}/t`], [name])],
    initializers: (name) => [weight(`${name}.weight`, [2, 2])],
  },
  'constants that nodes hold': {
    nodes: (x, name) => [
      node('Constant', [], [`${name}/c`], [attribute('value', 4, concat([0x2a], ((body) => [body.length, ...body])([...weight('', [2, 2])])))]),
        node('MatMul', [x, `${name}/c`], [name]),
    ],
  },
};

function build({ nodes, initializers = () => [], shared = [], functions = [], opset = 17, last }: Block, nodeCount: number): Uint8Array {
  const perBlock = nodes('x', 'l').length;
  const count = Math.max(1, Math.round(nodeCount / perBlock));
  const names = times(count, (i) => `l${i}`);
  const end = names.at(-1) ?? '';
  const ends = last ? [node('MatMul', [end, 'end'], ['y'])] : [];
  return model({
    nodes: [...names.flatMap((name, i) => [...nodes(names[i - 1] ?? 'x', name)]), ...ends],
    initializers: [...names.flatMap((name) => [...initializers(name)]), ...shared, ...(last ? [weight('end', [2, 2])] : [])],
    inputs: [valueInfo('x', ['n', 2]), valueInfo('sequence', [2, 'n', 2])], outputs: [valueInfo(last ? 'y' : end, ['n', 2])],
  }, opset, ...functions);
}

/** Ends where many come together, or go apart. */
const wide = (count: number): Readonly<Record<string, () => Uint8Array>> => ({
  'layers beside each other that are joined': () => model({
    nodes: [...times(count, (i) => node('MatMul', ['x', `w${i}`], [`v${i}`])), node('Concat', times(count, (i) => `v${i}`), ['y'], [attribute('axis', 2,
      int(3, 1))])],
    initializers: times(count, (i) => weight(`w${i}`, [2, 2])), inputs: [valueInfo('x', ['n', 2])], outputs: [valueInfo('y', ['n', 2])],
  }),
  'layers that are all outputs': () => model({
    nodes: times(count, (i) => node('MatMul', [i === 0 ? 'x' : `v${i - 1}`, `w${i}`], [`v${i}`])), initializers: times(count, (i) => weight(`w${i}`, [2,
      2])),
    inputs: [valueInfo('x', ['n', 2])], outputs: times(count, (i) => valueInfo(`v${i}`, ['n', 2])),
  }),
  'parts of one split': () => model({
    nodes: [node('Split', ['x'], times(count, (i) => `s${i}`)), ...times(count, (i) => node('MatMul', [`s${i}`, `w${i}`], [`v${i}`])), node('Sum',
      times(count, (i) => `v${i}`), ['y'])],
    initializers: times(count, (i) => weight(`w${i}`, [2, 2])), inputs: [valueInfo('x', ['n', 2])], outputs: [valueInfo('y', ['n', 2])],
  }),
});

/** All of them, of so many nodes each. */
export const regularGiants = (nodeCount: number): Readonly<Record<string, () => Uint8Array>> => ({
  ...Object.fromEntries(Object.entries(blocks).map(([name, block]) => [name, () => build(block, nodeCount)])),
  ...wide(nodeCount),
});


export const giantNames = Object.keys(regularGiants(1));
