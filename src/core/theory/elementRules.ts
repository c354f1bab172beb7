// Operators that rearrange elements, or take them one by one.

import { specOf } from '../ops/registry';
import type { Activation } from '../ops/spec';
import type { Node } from '../graph/graph';
import type { MomentContext, MomentRule } from './rule';
import { ratio } from './rule';
import type { Backward } from './gradient';
import { copied, scaled, withAcross, withProfileOf } from './gradient';
import type { Signal } from './signal';
import { add, bend, correlationOf, eachMoment, integralsOf, multiply, nothing, numberOf, scaleAndShift, shifted, withProfile } from './signal';

const outputOf = ({ outputs }: Node): string => outputs.find((output) => output !== '') ?? '';

/** Elements are as they were: some of them, in another order, or more than once. A copied one gets the sum of the gradients of its copies. */
const rearranging: MomentRule = {
  ops: [
    'Identity', 'Reshape', 'Flatten', 'Transpose', 'Squeeze', 'Unsqueeze', 'Cast', 'CastLike', 'Slice', 'Split', 'Gather', 'GatherElements',
    'GatherND', 'Expand', 'Tile', 'Resize', 'Upsample', 'DepthToSpace', 'SpaceToDepth', 'QuantizeLinear', 'DequantizeLinear', 'ReverseSequence', 'Trilu',
  ],
  data: 1,
  forward: (context) => (takesLast(context) ? context.x(0).steps?.last : null) ?? context.x(0),
  backward: (context) => {
    const { node: { inputs, outputs } } = context;
    if (takesLast(context)) {
      const share = ratio(context, outputOf(context.node), inputs[0] ?? '');
      return ({ second, across }) => withAcross({ second: second * share, local: 0, last: second }, across && { same: across.same * share, other: 0 });
    }
    const used = outputs.filter((output) => output !== '').length;
    return copied(ratio(context, outputOf(context.node), inputs[0] ?? '', 1 / used));
  },
};

/** Some elements are zero, each by itself, and the others enlarged so that the mean stays: E x² grows by 1 / (1 − p) (Srivastava et al. 2014, section 10). */
const dropout: MomentRule = {
  ops: ['Dropout'],
  data: 1,
  forward: (context) => {
    const { mean, second, common, local, apart, profile } = context.x(0);
    const factor = enlarged(context);
    return factor === 1 ? context.x(0) : withProfile({ mean, second: second * factor, common, local, apart }, profile);
  },
  backward: (context) => scaled(enlarged(context), 1),
};

function enlarged({ mode, stored }: MomentContext): number {
  const ratio = stored(1)?.mean ?? 0.5;
  return mode.drops && ratio > 0 && ratio < 1 ? 1 / (1 - ratio) : 1;
}

/** Whether it takes the last step of a recurrent layer, and nothing else. */
function takesLast(context: MomentContext): boolean {
  const { node: { op, inputs, outputs }, x, stored, shape } = context;
  if ((op !== 'Gather' && op !== 'Slice') || !x(0).steps) return false;
  const [from, at] = [shape(inputs[0] ?? ''), stored(1)?.mean];
  if (!from || at === undefined) return false;
  const kept = ratio(context, outputs[0] ?? '', inputs[0] ?? '');
  return (at === -1 || from.includes(at + 1)) && from.some((length) => length > 1 && Math.abs(kept * length - 1) < 1e-9);
}

/** Zeros around what was there. */
const padding: MomentRule = {
  ops: ['Pad'],
  data: 1,
  forward: (context) => {
    const share = ratio(context, context.node.inputs[0] ?? '', outputOf(context.node));
    return eachMoment((of) => of(context.x(0)) * share);
  },
  backward: () => scaled(1),
};

const sums: MomentRule = {
  ops: ['Add', 'Sum'],
  data: null,
  forward: ({ node, x }) => node.inputs.slice(1).reduce<Signal>((sum, _, i) => add(sum, x(i + 1)), x(0)),
  backward: (context, position) => copied(ratio(context, outputOf(context.node), context.node.inputs[position] ?? '')),
};

const difference: MomentRule = {
  ops: ['Sub'],
  data: 2,
  forward: ({ x }) => add(x(0), scaleAndShift(x(1), numberOf(-1), nothing)),
  backward: sums.backward,
};

const negative: MomentRule = { ops: ['Neg'], data: 1, forward: ({ x }) => scaleAndShift(x(0), numberOf(-1), nothing), backward: () => scaled(1) };

/** Independent factors: each weighs the gradient of the other (Var ab = E a² E b² where one of the means is 0). */
const product: MomentRule = {
  ops: ['Mul'],
  data: 2,
  forward: ({ node, x }) => (node.inputs[0] === node.inputs[1] ? { why: 'a signal is multiplied with itself' } : multiply(x(0), x(1))),
  backward: (context, position) => {
    const { second, local, common, apart } = context.x(1 - position);
    const gather = copied(ratio(context, outputOf(context.node), context.node.inputs[position] ?? ''));
    return (gradient) => gather(withAcross({ second: gradient.second * second, local: gradient.local * local },
      gradient.across && { same: gradient.across.same * common, other: gradient.across.other * apart }));
  },
};

/** By a number, as attention divides its scores. */
const quotient: MomentRule = {
  ops: ['Div'],
  data: 2,
  forward: ({ x, stored }) => {
    const { mean, second } = stored(1) ?? { mean: NaN, second: NaN };
    return second === mean ** 2 ? scaleAndShift(x(0), numberOf(1 / mean), nothing) : { why: 'it divides by what is not one number' };
  },
  backward: ({ stored }, position) => {
    const divisor = stored(1);
    return position === 0 && divisor ? scaled(1 / divisor.second) : null;
  },
};

/** A mask chooses between a signal and a number: what is seen of the signal is the signal. */
const choice: MomentRule = {
  ops: ['Where'],
  data: [1, 3],
  forward: ({ x, stored }) => x(stored(1) === null ? 1 : 2),
  backward: () => scaled(1),
};

interface Asked {
  readonly position: number;
  readonly number: number | null;
}

/** An operator that is a function of each element, with the moments of that function (Poole et al. 2016, eq. 3). */
export function activationOfNode({ node, stored }: Pick<MomentContext, 'node' | 'stored'>): Activation | null {
  const numberAt = (position: number): number | null => stored(position)?.mean ?? null;
  const before = made.get(node);
  if (before?.asked.every(({ position, number }) => numberAt(position) === number)) return before.activation;
  const [asked, spec]: [Asked[], ReturnType<typeof specOf>] = [[], specOf(node)];
  const activation = spec?.activation?.(node, (formal) => {
    const position = spec.inputs.indexOf(formal);
    const number = numberAt(position);
    asked.push({ position, number });
    return number;
  }) ?? null;
  made.set(node, { activation, asked });
  return activation;
}

/** The function of a node, and what was asked of its inputs to make it: forward, backward and under every scheme it is the same object. */
const made = new WeakMap<Node, { readonly activation: Activation | null; readonly asked: readonly Asked[] }>();

/** f′(x) times what arrives: E f′² of it at one place, and E f′ f′ at two (Schoenholz et al. 2017, eq. 14). */
export function throughActivation(activation: Activation, signal: Signal, made: Partial<Signal> = {}): Backward {
  const { spread } = signal;
  if (!spread) {
    const integrals = integralsOf(signal, activation, made);
    const at = (common: number): number => integrals.slopesBetween(correlationOf(signal, common));
    const [own, local] = [integrals.slope, at(signal.local)];
    return ({ profile, across, ...gradient }) => withProfileOf(profile, withAcross({ second: gradient.second * own, local: gradient.local * local },
      across && { same: across.same * at(signal.common), other: across.other * at(signal.apart) }));
  }
  const units = spread.law.map(({ at, share }) => ({ share, unit: shifted(spread.around, at) }));
  const slopes = units.map(({ share, unit }) => ({ share, unit, integrals: integralsOf(unit, activation, made) }));
  const between = (pick: (unit: Signal) => number): number => (
    slopes.reduce((sum, { share, unit, integrals }) => sum + share * integrals.slopesBetween(correlationOf(unit, pick(unit))), 0));
  const own = slopes.reduce((sum, { share, integrals }) => sum + share * integrals.slope, 0);
  const local = between((unit) => unit.local);
  return ({ profile, across, ...gradient }) => withProfileOf(profile, withAcross({ second: gradient.second * own, local: gradient.local * local },
    across && { same: across.same * between(({ common }) => common), other: across.other * between(({ apart }) => apart) }));
}

export const activationRule: MomentRule = {
  ops: [],
  data: 1,
  forward: (context) => {
    const activation = activationOfNode(context);
    return activation ? bend(context.x(0), activation) : { why: `${context.node.op} has no moments that are known` };
  },
  backward: (context, _, made) => {
    const activation = made.bent?.activation ?? activationOfNode(context);
    return activation ? throughActivation(activation, context.x(0), made) : null;
  },
};

export const elementRules: readonly MomentRule[] = [rearranging, dropout, padding, sums, difference, negative, product, quotient, choice];
