/**
 * Small files that cost much where something is followed, copied or compared more often than it stands there, each as one of its kind. They
 * are valid, as far as a reader can tell before it has done the work.
 */
import {
  attribute, bareAttribute, call, concat, external, floatBytes, graph, int, joined, localFunction, message, model, node, packedInts, raw, sparse,
    tensor, text,
  types, valueInfo,
} from '../unit/support/protobuf';

const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
const square = (name: string, side = 4): Uint8Array => tensor(name, types.float32, [side, side], raw(floatBytes(times(side * side, (i) => (i % 7) - 3))));
const vector = (name: string, length = 4): Uint8Array => tensor(name, types.float32, [length], raw(floatBytes(times(length, (i) => i % 5))));
const whole = (name: string, values: readonly (number | bigint)[]): Uint8Array => tensor(name, types.int64, [values.length], packedInts(7, values));
const ends = (output: string): { inputs: Uint8Array[]; outputs: Uint8Array[] } => ({ inputs: [valueInfo('x', ['n', 4])], outputs: [valueInfo(output,
  ['n', 4])] });
const one = (nodes: readonly Uint8Array[], initializers: readonly Uint8Array[], opset = 17, ...more: readonly Uint8Array[]): Uint8Array => (
  model({ nodes, initializers, ...ends('y') }, opset, ...more));
/** v0 → v1 → … by one operator each. */
const chain = (op: string, from: string, count: number, more: readonly string[] = [], attributes: readonly Uint8Array[] = []): Uint8Array[] => (
  times(count, (i) => node(op, [i === 0 ? from : `v${i - 1}`, ...more], [`v${i}`], attributes)));
const last = (count: number): string => `v${count - 1}`;
const perm = (...axes: readonly number[]): Uint8Array => attribute('perm', 7, packedInts(8, axes));
const axisIs = (axis: number): Uint8Array => attribute('axis', 2, int(3, axis));
const body = (name: string, nodes: readonly Uint8Array[], output: string, initializers: readonly Uint8Array[] = []): Uint8Array => (
  attribute(name, 5, message(6, graph({ nodes, initializers, outputs: [text(1, output)] }))));
const words = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf', 'isPrototypeOf'];

/** Products of a weight that is followed back from each of these values. */
const kernelsFrom = (values: readonly string[]): Uint8Array[] => [
  node('MatMul', ['x', values[0] ?? ''], ['k0']), node('Conv', ['k0', values[0] ?? ''], ['k1']), node('Gemm', ['k1', values[0] ?? '', values[0] ?? ''],
    ['k2']),
  node('LSTM', ['k2', values[0] ?? '', values[0] ?? '', values[0] ?? ''], ['k3']), node('Add', ['k3', values[0] ?? ''], ['k4']),
  node('Mul', ['k4', values[0] ?? ''], ['k5']), node('Gather', [values[0] ?? '', 'k5'], ['k6']), node('LayerNormalization', ['k6', values[0] ?? ''], ['y']),
];
const nothing = packedInts(7, []);

export const hostileShapes: Readonly<Record<string, () => Uint8Array>> = {
  'directions of a recurrent layer, computed': () => one([
    node('ConstantOfShape', ['s'], ['w']), ...['LSTM', 'GRU', 'RNN'].map((op, i) => node(op, [i === 0 ? 'x' : `r${i - 1}`, 'w', 'w', 'w'],
      [i === 2 ? 'y' : `r${i}`])),
  ], [whole('s', [2 ** 31, 12, 4])]),
  'directions of a recurrent layer, without elements': () => one(
    [node('LSTM', ['x', 'w', 'r'], ['y'])], [tensor('w', types.float32, [2 ** 40, 4, 0], nothing), tensor('r', types.float32, [2 ** 24, 0, 4], nothing)]),
  'heads and groups beyond all bounds': () => one([
    node('MultiHeadAttention', ['x', 'w', 'w'], ['h'], [attribute('num_heads', 2, int(3, 2 ** 40))]), node('Conv', ['h', 'w'], ['c'],
      [attribute('group', 2, int(3, 2 ** 50))]),
    node('GroupNormalization', ['c', 'b', 'b'], ['g'], [attribute('num_groups', 2, int(3, 2 ** 50))]), node('ConvTranspose', ['g', 'w'], ['y'],
      [attribute('group', 2, int(3, 0))]),
  ], [square('w'), vector('b')], 18),
  'doubled by Concat into a kernel': () => one([
    ...times(60, (i) => node('Concat', i === 0 ? ['w', 'w'] : [`v${i - 1}`, `v${i - 1}`], [`v${i}`], [axisIs(0)])), ...kernelsFrom([last(60)])],
      [square('w')]),
  'multiplied by Concat into a kernel': () => one([
    ...times(12, (i) => node('Concat', times(60, () => (i === 0 ? 'w' : `v${i - 1}`)), [`v${i}`], [axisIs(0)])), ...kernelsFrom([last(12)])],
      [square('w')]),
  'multiplied by Concat of nothing': () => one([
    ...times(12, (i) => node('Concat', times(60, () => (i === 0 ? 'w' : `v${i - 1}`)), [`v${i}`], [axisIs(0)])), ...kernelsFrom([last(12)]),
  ], [tensor('w', types.float32, [0, 4], nothing)]),
  'multiplied by Concat into a shape': () => one([
    ...times(6, (i) => node('Concat', times(300, () => (i === 0 ? 'u' : `v${i - 1}`)), [`v${i}`], [axisIs(0)])),
    node('MatMul', ['x', 'w'], ['h']), node('Reshape', ['h', last(6)], ['y']), node('Shape', ['x'], ['u'])], [square('w')]),
  'split again and again': () => one([
    ...times(30, (i) => node('Split', [i === 0 ? 'w' : `v${i - 1}`], [`v${i}`, ...times(200, (j) => `v${i}.${j}`)], [axisIs(0)])),
      ...kernelsFrom([last(30)]),
  ], [square('w')]),
  'axes of Unsqueeze, as an attribute': () => one([
    node('Unsqueeze', ['w'], ['v0'], [attribute('axes', 7, packedInts(8, times(60_000, (i) => i)))]), ...kernelsFrom(['v0'])], [square('w')], 11),
  'axes of Unsqueeze, again and again': () => one([...chain('Unsqueeze', 'w', 60, ['a']), ...kernelsFrom([last(60)])], [square('w'), whole('a',
    times(1000, (i) => i))]),
  'axes of Squeeze, of Slice and of a permutation': () => one([
    node('Unsqueeze', ['w'], ['u'], [attribute('axes', 7, packedInts(8, times(20_000, (i) => i)))]),
    node('Squeeze', ['u'], ['s'], [attribute('axes', 7, packedInts(8, times(20_000, (i) => i)))]), ...kernelsFrom(['s']).slice(0, 7),
    node('Slice', ['u'], ['t'], ['starts', 'ends', 'axes'].map((name) => attribute(name, 7, packedInts(8, times(20_000, (i) => i))))), node('MatMul',
      ['k6', 't'], ['z']),
    node('Transpose', ['u'], ['p'], [perm(...times(20_000, (i) => i))]), node('MatMul', ['z', 'p'], ['y']),
  ], [square('w')], 9),
  'a long name of a node with many tensors': () => {
    const long = 'n'.repeat(1 << 16);
    const tensors = times(2000, (i) => attribute(`t${i}`, 4, message(5, square('', 1))));
    return one([node('MatMul', ['x', 'w'], ['h']), node('Odd', ['h'], ['y'], tensors, long)], [square('w')]);
  },
  'a long name of a node with graphs in graphs': () => {
    const long = 'n'.repeat(1 << 12);
    const inner = (depth: number): Uint8Array => (
      depth === 0 ? node('MatMul', ['x', 'w'], ['o0'], [], long)
        : node('If', ['c'], [`o${depth}`], [body('then_branch', [inner(depth - 1), ...times(20, (i) => node('Constant', [], [`c${depth}.${i}`],
          [attribute('value_float', 1, concat([0x15], floatBytes([1])))]))], `o${depth - 1}`)], long));
    return one([inner(14), node('MatMul', ['o14', 'w'], ['y'])], [square('w')]);
  },
  'a long name of a weight that many read': () => one(
    times(2000, (i) => node('MatMul', [i === 0 ? 'x' : `v${i - 1}`, 'w'.repeat(1 << 10)], [i === 1999 ? 'y' : `v${i}`])), [square('w'.repeat(1 << 10))]),
  'a long name of a call': () => one([call('F', ['x'], ['y'], [], 'n'.repeat(1 << 17))], [square('w')], 17, localFunction({
    name: 'F', inputs: ['a'], outputs: ['b'], nodes: times(3000, (i) => node('Relu', [i === 0 ? 'a' : `f${i - 1}`], [i === 2999 ? 'b' : `f${i}`])),
  })),
  'functions that call functions': () => one([call('F5', ['x'], ['y'])], [square('w')], 17, joined(times(6, (level) => localFunction({
    name: `F${level}`, inputs: ['a'], outputs: ['b'],
    nodes: times(16, (i) => (level === 0 ? node('Relu', [i === 0 ? 'a' : `f${i - 1}`], [i === 15 ? 'b' : `f${i}`])
      : call(`F${level - 1}`, [i === 0 ? 'a' : `f${i - 1}`], [i === 15 ? 'b' : `f${i}`], [], `c${i}`))),
  })))),
  'a scale that many layers read': () => one([
    ...times(3000, (i) => node('DequantizeLinear', ['q', 's', ''], [`d${i}`])), ...times(3000, (i) => node('MatMul', [i === 0 ? 'x' : `v${i - 1}`,
      `d${i}`], [i === 2999 ? 'y' : `v${i}`])),
  ], [tensor('q', types.int8, [4, 4], raw(times(16, (i) => i))), tensor('s', types.float32, [1 << 16], raw(floatBytes(times(1 << 16, (i) => i))))]),
  'twenty thousand identities before a normalisation': () => one([
    node('MatMul', ['x', 'w'], ['h']), ...chain('Identity', 'h', 20_000), ...['Cast', 'Identity'].flatMap((op, i) => [
      node('ReduceMean', [last(20_000)], [`m${i}`], [attribute('axes', 7, packedInts(8, [-1]))]), node('Sub', [last(20_000), `m${i}`], [`d${i}`]),
        node('Mul', [`d${i}`, `d${i}`], [`q${i}`]),
      node('ReduceMean', [`q${i}`], [`a${i}`], [attribute('axes', 7, packedInts(8, [-1]))]), node('Add', [`a${i}`, 'e'], [`p${i}`]), node('Sqrt',
        [`p${i}`], [`r${i}`]), node(op, [`r${i}`], [`c${i}`]),
      node('Div', [`d${i}`, `c${i}`], [`n${i}`]), node('Mul', [`n${i}`, 'b'], [`o${i}`])]), node('Add', ['o0', 'o1'], ['y']),
  ], [square('w'), vector('b'), tensor('e', types.float32, [], raw(floatBytes([1e-5])))], 13),
  ...Object.fromEntries(['Identity', 'Cast', 'Transpose', 'Reshape', 'Squeeze', 'Unsqueeze', 'Concat', 'Split', 'Slice', 'Neg', 'Mul', 'Add', 'Relu',
    'Dropout', 'DequantizeLinear'].flatMap((op) => [
    [`twenty thousand times ${op} before a kernel`, () => one([...chain(op, 'w', 20_000, op === 'Add' || op === 'Mul' ? ['x'] : []),
      ...kernelsFrom([last(20_000)])], [square('w')])],
    [`twenty thousand times ${op} behind a kernel`, () => one([node('MatMul', ['x', 'w'], ['h']), ...chain(op, 'h', 20_000,
      op === 'Add' || op === 'Mul' ? ['h'] : []), node('MatMul', [last(20_000), 'w'], ['y'])], [square('w')])],
  ])),
  'words of the language as operators, values, attributes and dimensions': () => model({
    nodes: [node('MatMul', ['x', 'w'], ['h0']), ...words.flatMap((word, i) => [
      node(word, [`h${i}`], [word], [attribute(word, 2, int(3, 1)), attribute('mode', 3, text(4, word))], word), node('MatMul', [word, 'w'], [`g${i}`]),
      node('Add', [`g${i}`, `h${i}`], [`h${i + 1}`]),
    ]), node('FusedGemm', ['h6', 'w'], ['f'], [attribute('activation', 3, text(4, 'constructor'))]), node('LSTM', ['f', 'w', 'w'], ['y'],
      [attribute('activations', 8, text(9, 'constructor'))])],
    initializers: [square('w')], inputs: [valueInfo('x', [...words])], outputs: [valueInfo('y', words)],
  }),
  'values that go round between scopes': () => one([
    node('MatMul', ['x', 'w'], ['h']), ...times(40, (i) => node('If', ['c'], [`i${i}`], times(40, (j) => body(`b${j}`, [node('Relu', ['h'], ['r'])],
      'r')))), node('Sum', times(40, (i) => `i${i}`), ['y']),
  ], [square('w')]),
  'graphs in graphs that read from outside': () => {
    const inner = (depth: number): Uint8Array => (depth === 0 ? node('Add', times(2, (i) => `h${i}`), ['o0'])
      : node('If', ['c'], [`o${depth}`], [body('then_branch', [...times(200, (i) => node('Relu', [`h${i}`], [`r${depth}.${i}`])), inner(depth - 1)],
        `o${depth - 1}`)]));
    return one([...times(200, (i) => node('MatMul', ['x', 'w'], [`h${i}`])), inner(14), node('MatMul', ['o14', 'w'], ['y'])], [square('w')]);
  },
  'a value that all read': () => one([node('MatMul', ['x', 'w'], ['h']), ...times(8000, (i) => node('MatMul', ['h', 'w'], [`v${i}`])), node('Sum',
    times(8000, (i) => `v${i}`), ['y'])], [square('w')]),
  'scales and shifts without end': () => one([node('LayerNormalization', ['x', 'b'], ['n']), ...times(8000, (i) => node(i % 2 === 0 ? 'Mul' : 'Add',
    [i === 0 ? 'n' : `v${i - 1}`, 'b'], [`v${i}`])), node('MatMul', [last(8000), 'w'], ['y'])], [square('w'), vector('b')]),
  'branches into branches': () => one([node('MatMul', ['x', 'w'], ['v0']), ...times(3000, (i) => node('Add', [`v${i}`, `v${i >> 1}`], [`v${i + 1}`])),
    node('MatMul', ['v3000', 'w'], ['y'])], [square('w')]),
  'tensors at the same bytes': () => one(
    [node('Sum', times(4000, (i) => `w${i}`), ['h']), node('MatMul', ['h', 'w0'], ['y'])], times(4000, (i) => tensor(`w${i}`, types.float32, [4, 4],
      external({ location: 'weights.bin', offset: '0', length: '64' })))),
  'tensors over each other': () => one(
    [node('Sum', times(4000, (i) => `w${i}`), ['h']), node('MatMul', ['h', 'w0'], ['y'])], times(4000, (i) => tensor(`w${i}`, types.float32,
      [1 + (i % 4), 4], external({ location: 'weights.bin', offset: String(i % 3) })))),
  'files that are not there': () => one(
    [node('Sum', times(4000, (i) => `w${i}`), ['y'])], times(4000, (i) => tensor(`w${i}`, types.float32, [4, 4],
      external({ location: `${i}/../${'a/'.repeat(40)}${i}.bin`, length: '64' })))),
  'a sparse tensor of a shape beyond all bounds': () => model({
    nodes: [node('MatMul', ['x', 'w'], ['h']), node('Conv', ['h', 'w'], ['y'])], ...ends('y'),
    sparse: [sparse(tensor('w', types.float32, [1], raw(floatBytes([1]))), tensor('', types.int64, [1], packedInts(7, [2 ** 40])), [2 ** 22, 2 ** 22])],
  }),
  'an equation without end': () => one([node('Einsum', ['x', 'w'], ['y'], [attribute('equation', 3, text(4,
    `${'a,'.repeat(30_000)}->${'a'.repeat(30_000)}`))])], [square('w')]),
  'a computed tensor that many read': () => one([node('ConstantOfShape', ['s'], ['w']), ...times(3000, (i) => node('MatMul',
    [i === 0 ? 'x' : `v${i - 1}`, 'w'], [i === 2999 ? 'y' : `v${i}`]))], [whole('s', [2 ** 25, 2 ** 25])]),
  'attributes of functions that go through functions': () => one([call('F9', ['x'], ['y'], [attribute('a', 7, packedInts(8, times(10_000,
    (i) => i)))])], [square('w')], 17, joined(times(10, (level) => localFunction({
    name: `F${level}`, inputs: ['a'], outputs: ['b'], attributes: ['a'], defaults: [bareAttribute('d', 7, packedInts(8, times(1000, (i) => i)))],
    nodes: level === 0 ? [node('Constant', [], ['c'], [message(5, text(1, 'value_ints'), int(20, 7), text(21, 'a'))]), node('Reshape', ['a', 'c'], ['b'])]
      : [call(`F${level - 1}`, ['a'], ['f'], [message(5, text(1, 'a'), int(20, 7), text(21, 'a'))], 'one'), call(`F${level - 1}`, ['f'], ['b'],
        [message(5, text(1, 'a'), int(20, 7), text(21, 'a'))], 'two')],
  })))),
};
