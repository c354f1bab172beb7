import type { Node } from '../graph/graph';
import { stringAttribute } from '../graph/graph';
import type { Fans, ParameterPart, ParameterUse, WeightOperator } from './spec';

type Parameters = NonNullable<WeightOperator['parameters']>;

/**
 * LSTM, GRU and RNN (ONNX operator specification). W is [directions, G·H, I], R [directions, G·H, H], B [directions, 2·G·H] holds the biases
 * of W and then those of R, P [directions, 3·H] the peepholes. In each the G gates lie one after the other, in ONNX's own order:
 *   LSTM i, o, f, c;   GRU z, r, h;   RNN i.
 * A gate is a matrix of its own: an element of its pre-activation sums I products with W and H with R.
 */
const lstmGates = ['input gate', 'output gate', 'forget gate', 'cell'];
const gruGates = ['update gate', 'reset gate', 'candidate'];
const rnnGates = ['hidden'];
const mostDirections = 2;
const peepholes = ['input gate', 'output gate', 'forget gate'];

/** Parts of a tensor [directions, groups · H, …] whose groups have these names. */
function gatesOf(names: readonly string[]) {
  return (shape: readonly number[], node: Node): readonly ParameterPart[] => {
    const [directions = 1, rows = 1, columns = 1] = shape;
    const size = rows / names.length;
    if (directions > mostDirections) return [];
    return Array.from({ length: directions }, (_, direction) => names.map((name, gate) => ({
      name: name + directionOf(node, directions, direction),
      start: (direction * rows + gate * size) * columns,
      count: size * columns,
      rows: size,
    }))).flat();
  };
}

function directionOf(node: Node, directions: number, direction: number): string {
  if (directions > 1) return direction === 0 ? ', forward' : ', reverse';
  return stringAttribute(node, 'direction', 'forward') === 'reverse' ? ', reverse' : '';
}

/** Columns of one gate: [G·H, columns] sums over the columns; H is a gate's number of rows. */
const fansOf = (names: readonly string[]) => ([, rows = 1, columns = 1]: readonly number[]): Fans => ({ fanIn: columns, fanOut: rows / names.length });

const unitsOf: NonNullable<ParameterUse['units']> = ([directions = 1, rows = 1, columns = 1]) => ({ inner: columns, count: directions * rows });

/** Both halves of B are named alike, the second as recurrent. */
const biasNames = (names: readonly string[]): readonly string[] => [...names, ...names.map((name) => `recurrent ${name}`)];

function parametersOf(names: readonly string[]): Parameters {
  return {
    W: { role: 'kernel', fans: fansOf(names), parts: gatesOf(names), units: unitsOf },
    R: { role: 'recurrent', fans: fansOf(names), parts: gatesOf(names), units: unitsOf },
    B: { role: 'bias', parts: gatesOf(biasNames(names)) },
  };
}

export const lstmParameters: Parameters = { ...parametersOf(lstmGates), P: { role: 'peephole', parts: gatesOf(peepholes) } };
export const gruParameters: Parameters = parametersOf(gruGates);
export const rnnParameters: Parameters = parametersOf(rnnGates);

/** The inputs that all three have. */
export const sequenceInputs = ['X', 'W', 'R', 'B', 'sequence_lens', 'initial_h'];
