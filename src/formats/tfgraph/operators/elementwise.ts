// Operators on elements (TensorFlow, tf.math): one equation each.

import { float } from '../../../core/graph/builder';
import type { DType } from '../../../core/graph/dtype';
import type { Operation, Rule, Rules } from '../operation';
import type { Known, Signal } from '../signal';
import { mostKnown } from '../signal';

/** Of what makes a value of values. */
type Formula = (operation: Operation, a: string, b: string) => string;

const unary = (formula: (operation: Operation, x: string) => string, dtype?: DType): Rule => (operation) => {
  const x = operation.input(0);
  return operation.each(x, (value) => formula(operation, value), dtype ?? x.dtype);
};

const operator = (op: string): Rule => unary((operation, x) => operation.add(op, [x]));

type Numbers = (a: number, b: number) => number;

/** Small whole numbers are worked out; floats only where neither is stored, since a stored one is a weight. */
function folded(a: Signal, b: Signal, numbers: Numbers | undefined): Known | null {
  const isStored = a.dtype === 'float32' && a.plain !== null && b.plain !== null;
  const [left, right] = [a.known, b.known];
  if (!numbers || isStored || !left || !right || (left.length !== right.length && left.length !== 1 && right.length !== 1)) return null;
  const count = Math.max(left.length, right.length);
  return count > mostKnown ? null : Array.from({ length: count }, (_, i) => {
    const [x, y] = [left[left.length === 1 ? 0 : i] ?? null, right[right.length === 1 ? 0 : i] ?? null];
    const value = x === null || y === null ? null : numbers(x, y);
    return value !== null && Number.isFinite(value) ? value : null;
  });
}

export const binary = (formula: Formula, numbers?: Numbers, dtype?: DType): Rule => (operation) => {
  const [a, b] = [operation.input(0), operation.input(1)];
  const own = dtype ?? (a.dtype === b.dtype ? a.dtype : 'float32');
  const make = (): Signal => operation.together([a, b], (left = '', right = '') => formula(operation, left, right), own);
  const known = folded(a, b, numbers);
  if (!known) return make();
  const shape = (a.shape?.length ?? 0) >= (b.shape?.length ?? 0) ? a.shape : b.shape;
  return operation.worked(known, known.length === 1 ? shape : [known.length], own, () => operation.plain(make()));
};

const of = (op: string, numbers?: Numbers): Rule => binary((operation, a, b) => operation.add(op, [a, b]), numbers);
const compared = (op: string): Rule => binary((operation, a, b) => operation.add(op, [a, b]), undefined, 'bool');

const isWhole = (operation: Operation): boolean => operation.input(0).dtype === 'int64';

/** a − b ⌊a / b⌋, as Mod of whole numbers is in ONNX */
const floorMod: Formula = (operation, a, b) => (
  isWhole(operation) ? operation.add('Mod', [a, b])
    : operation.add('Sub', [a, operation.add('Mul', [b, operation.add('Floor', [operation.add('Div', [a, b])])])]));
/** ⌊a / b⌋; of whole numbers (a − a mod b) / b, since ONNX divides towards zero */
const floorDiv: Formula = (operation, a, b) => (
  isWhole(operation) ? operation.add('Div', [operation.add('Sub', [a, floorMod(operation, a, b)]), b])
    : operation.add('Floor', [operation.add('Div', [a, b])]));
/** 0 where b = 0, else a / b */
const divNoNan: Formula = (operation, a, b) => {
  const [zero, one] = [operation.scalar(0), operation.scalar(1)];
  const isZero = operation.add('Equal', [b, zero]);
  return operation.add('Where', [isZero, zero, operation.add('Div', [a, operation.add('Where', [isZero, one, b])])]);
};
/** (a − b)² */
const squaredDifference: Formula = (operation, a, b) => {
  const difference = operation.add('Sub', [a, b]);
  return operation.add('Mul', [difference, difference]);
};
/** The angle of (x, y): atan(y / x), half a turn further where x < 0, a quarter where x = 0 */
const atan2: Formula = (operation, y, x) => {
  const [zero, one] = [operation.scalar(0), operation.scalar(1)];
  const side = operation.add('Where', [operation.add('Less', [y, zero]), operation.scalar(-1), one]);
  const isUpright = operation.add('Equal', [x, zero]);
  const angle = operation.add('Atan', [operation.add('Div', [y, operation.add('Where', [isUpright, one, x])])]);
  const turn = operation.add('Where', [operation.add('Less', [x, zero]), operation.add('Mul', [side, operation.scalar(Math.PI)]), zero]);
  const quarter = operation.add('Mul', [operation.add('Sign', [y]), operation.scalar(Math.PI / 2)]);
  return operation.add('Where', [isUpright, quarter, operation.add('Add', [angle, turn])]);
};

const clip = (operation: Operation, x: string, low: string, high: string): string => operation.add('Clip', [x, low, high]);
export const relu6 = (operation: Operation, x: string): string => clip(operation, x, operation.scalar(0), operation.scalar(6));
export const leakyRelu = (operation: Operation, x: string, alpha: number): string => operation.add('LeakyRelu', [x], { alpha: float(alpha) });

/** x, or α x below zero, α along the last axes */
export const prelu = (operation: Operation, x: Signal, alpha: Signal): Signal => (
  operation.together([x, alpha], (value = '', slope = '') => operation.add('PRelu', [value, slope]), x.dtype));

/** Σ of all inputs */
const addN: Rule = (operation) => operation.inputs.slice(1).reduce((sum, each) => (
  operation.together([sum, each], (a = '', b = '') => operation.add('Add', [a, b]), sum.dtype)), operation.input(0));

const clipByValue: Rule = (operation) => {
  const [low, high] = [1, 2].map((position) => operation.plain(operation.input(position)));
  return operation.each(operation.input(0), (x) => clip(operation, x, low ?? '', high ?? ''));
};

/** The first where a condition holds, else the second; a condition that is a vector is one of whole rows. */
const select: Rule = (operation) => {
  const [condition, a, b] = [operation.input(0), operation.input(1), operation.input(2)];
  const rank = a.shape?.length ?? 1;
  if (operation.node.op !== 'Select' || condition.shape?.length !== 1 || rank <= 1) {
    return operation.together([condition, a, b], (...values) => operation.add('Where', values), a.dtype);
  }
  const rows = operation.add('Reshape', [operation.plain(condition), operation.ints([-1, ...Array.from({ length: rank - 1 }, () => 1)])]);
  const shape = [condition.shape[0] ?? null, ...Array.from({ length: rank - 1 }, () => 1)];
  return operation.together([{ ...condition, plain: rows, first: null, known: null, shape }, a, b], (...values) => operation.add('Where', values), a.dtype);
};

const cast: Rule = (operation) => {
  const x = operation.input(0);
  const dtype = operation.attributes.type('DstT');
  if (dtype === null) return null;
  if (dtype === x.dtype) return x;
  const to = dtype === 'float32' ? 1 : dtype === 'bool' ? 9 : 7;
  const make = (): Signal => operation.each(x, (value) => operation.add('Cast', [value], { to }), dtype);
  if (!x.known || dtype === 'bool') return make();
  const known = x.known.map((each) => (each === null ? null : dtype === 'int64' ? Math.trunc(each) : each));
  return operation.worked(known, x.shape, dtype, () => operation.plain(make()));
};

const isFinite: Rule = unary((operation, x) => operation.add('Not', [
  operation.add('Or', [operation.add('IsNaN', [x]), operation.add('IsInf', [x])])]), 'bool');

/** In ONNX under the same name. */
const same = ['Abs', 'Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'Ceil', 'Cos', 'Cosh', 'Elu', 'Erf', 'Exp', 'Floor', 'Log', 'Neg', 'Reciprocal', 'Relu',
  'Round', 'Selu', 'Sigmoid', 'Sign', 'Sin', 'Sinh', 'Softplus', 'Softsign', 'Sqrt', 'Tan', 'Tanh'];

export const elementwise: Rules = {
  ...Object.fromEntries(same.map((op) => [op, operator(op)])),
  Relu6: unary(relu6),
  LeakyRelu: unary((operation, x) => leakyRelu(operation, x, operation.attributes.number('alpha', 0.2))),
  Prelu: (operation) => prelu(operation, operation.input(0), operation.input(1)),
  Inv: operator('Reciprocal'),
  // 1 / √x
  Rsqrt: unary((operation, x) => operation.add('Reciprocal', [operation.add('Sqrt', [x])])),
  // x²
  Square: unary((operation, x) => operation.add('Mul', [x, x])),
  // 1 − erf x
  Erfc: unary((operation, x) => operation.add('Sub', [operation.scalar(1), operation.add('Erf', [x])])),
  // eˣ − 1
  Expm1: unary((operation, x) => operation.add('Sub', [operation.add('Exp', [x]), operation.scalar(1)])),
  // log(1 + x)
  Log1p: unary((operation, x) => operation.add('Log', [operation.add('Add', [x, operation.scalar(1)])])),
  IsNan: unary((operation, x) => operation.add('IsNaN', [x]), 'bool'), IsInf: unary((operation, x) => operation.add('IsInf', [x]), 'bool'), IsFinite: isFinite,
  LogicalNot: unary((operation, x) => operation.add('Not', [x]), 'bool'),
  Add: of('Add', (a, b) => a + b), AddV2: of('Add', (a, b) => a + b), Sub: of('Sub', (a, b) => a - b), Mul: of('Mul', (a, b) => a * b),
  RealDiv: of('Div'), Div: of('Div'), FloorDiv: binary(floorDiv, (a, b) => Math.floor(a / b)), FloorMod: binary(floorMod, (a, b) => a - b * Math.floor(a / b)),
  Mod: binary(floorMod), DivNoNan: binary(divNoNan), SquaredDifference: binary(squaredDifference), Atan2: binary(atan2), Pow: of('Pow'),
  Maximum: of('Max', Math.max), Minimum: of('Min', Math.min), AddN: addN,
  Equal: compared('Equal'), Greater: compared('Greater'), GreaterEqual: compared('GreaterOrEqual'), Less: compared('Less'), LessEqual: compared('LessOrEqual'),
  NotEqual: binary((operation, a, b) => operation.add('Not', [operation.add('Equal', [a, b])]), undefined, 'bool'),
  LogicalAnd: compared('And'), LogicalOr: compared('Or'),
  ClipByValue: clipByValue, Select: select, SelectV2: select, Cast: cast,
};
