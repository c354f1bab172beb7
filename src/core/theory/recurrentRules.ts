// RNN, GRU and LSTM: what their states are on average over the steps, and at the last; and the gradient of what they read.

import { intAttribute, stringAttribute } from '../graph/graph';
import type { Gradient } from './gradient';
import { withAcross } from './gradient';
import { directionsOf, widthsOf } from './gateParts';
import type { Direction, Widths } from './gateParts';
import type { Course, Pairs } from './pairs';
import { Reading } from './recurrence';
import type { Strand } from './recurrence';
import { gru, lstm, rnn } from './recurrentStrands';
import type { MomentContext, MomentRule, Unpredicted } from './rule';
import type { Signal, Steps } from './signal';
import { eachMoment } from './signal';
import { throughTime } from './throughTime';

/** So many steps are followed, which takes time that grows with their square; what is beyond them is as at the end. */
const most = 64;

export interface Unrolled {
  readonly strands: readonly Followed[];
  readonly widths: Widths;
  /** All steps, of which those of the strands are followed. */
  readonly steps: number;
}

interface Followed {
  readonly strand: Strand;
  readonly direction: Direction;
  readonly isReverse: boolean;
  /** What it reads, in the order in which it does. */
  readonly reading: Reading;
}

const known = new WeakMap<MomentContext, Unrolled | Unpredicted>();

export function unrolled(context: MomentContext): Unrolled | Unpredicted {
  const found = known.get(context) ?? unroll(context);
  known.set(context, found);
  return found;
}

function unroll(context: MomentContext): Unrolled | Unpredicted {
  const { node, kernel, shape, x } = context;
  const [input, weights] = [shape(node.inputs[0] ?? ''), shape(node.inputs[1] ?? '')];
  const steps = input?.[intAttribute(node, 'layout', 0)];
  if (!kernel || !weights || steps === undefined) return { why: 'its kernel or the number of its steps is not known' };
  if (node.attributes.clip) return { why: 'what its gates read is clipped' };
  if (startsElsewhere(context)) return { why: 'it starts from a state that is given' };
  const directions = directionsOf(context, kernel, weights[0] ?? 1);
  if (typeof directions === 'string') return { why: directions };
  const widths = widthsOf(weights, node.op);
  const isReverse = (at: number): boolean => at === 1 || stringAttribute(node, 'direction', 'forward') === 'reverse';
  const reading = new Reading(x(0), Math.min(steps, most));
  return { widths, steps, strands: directions.map((direction, i) => {
    const own = isReverse(i) ? reading.reversed() : reading;
    return { strand: strandOf(context, direction, widths, own), direction, isReverse: isReverse(i), reading: own };
  }) };
}

function strandOf({ node }: MomentContext, direction: Direction, widths: Widths, reading: Reading): Strand {
  if (node.op === 'LSTM') return lstm(direction, widths, reading, intAttribute(node, 'input_forget', 0) === 1);
  return node.op === 'GRU' ? gru(direction, widths, reading, intAttribute(node, 'linear_before_reset', 0) === 1) : rnn(direction, widths, reading);
}

/** Initial states that are made of shapes alone are zeros, as exporters write them. */
function startsElsewhere({ node, stored, isSignal }: MomentContext): boolean {
  return (node.op === 'LSTM' ? [5, 6] : [5]).some((position) => isSignal(position) || (stored(position)?.second ?? 0) !== 0);
}

/** On average over all steps. */
function overSteps({ own, other, means }: Course, steps: number): Signal {
  const { length } = own;
  const beyond = steps - length;
  const average = (of: (t: number) => number): number => (
    Array.from({ length }, (_, t) => of(t)).reduce((sum, each) => sum + each, 0) + beyond * of(length - 1)) / steps;
  const [second, common] = [average((t) => own.at(t, t)), average((t) => other.at(t, t))];
  return {
    mean: average((t) => means[t] ?? 0), second, common, local: length === 1 ? second : offDiagonal(own), apart: length === 1 ? common : offDiagonal(other),
  };
}

/** At one step, which has no other positions beside it. */
const atStep = ({ own, other, means }: Course, t: number): Signal => (
  { mean: means[t] ?? 0, second: own.at(t, t), common: other.at(t, t), local: (means[t] ?? 0) ** 2, apart: (means[t] ?? 0) ** 2 });

function averaged(signals: readonly Signal[]): Signal {
  return eachMoment((pick) => signals.reduce((sum, signal) => sum + pick(signal), 0) / signals.length);
}

/** E of the gradient at the pre-activation of each gate at two steps. */
export interface Returned extends Followed {
  readonly gates: readonly Pairs[];
}

const gone = new WeakMap<MomentContext, readonly Returned[]>();

/** Where the gradients of all steps and those of the last states come together. */
export function returned(context: MomentContext, { strands, steps }: Unrolled): readonly Returned[] {
  const found = gone.get(context);
  if (found) return found;
  const { node, gradient } = context;
  const [all, state, cell] = node.outputs.map((output) => (output === '' ? null : gradient(output)));
  const elsewhere = all?.last === undefined ? all?.second ?? 0 : Math.max(0, all.second * steps - all.last) / Math.max(1, steps - 1);
  const result = strands.map((followed): Returned => {
    const { strand, isReverse } = followed;
    const { length } = strand.hidden.own;
    // The last in time is the first that a strand comes by which goes backwards.
    const lastInTime = isReverse ? 0 : length - 1;
    const atState = (t: number): number => (t === lastInTime ? all?.last ?? elsewhere : elsewhere) + (t === length - 1 ? state?.second ?? 0 : 0);
    const inTime = (t: number): number => (isReverse ? length - 1 - t : t);
    const between = (t: number, s: number): number => all?.between?.(inTime(t), inTime(s)) ?? (t === s ? atState(t) : all?.local ?? 0);
    return { ...followed, gates: strand.back({ hidden: between, cell: cell?.second ?? 0 }) };
  });
  gone.set(context, result);
  return result;
}

/** What two samples have in common is not followed. */
export const isShared = ({ node, gradient }: MomentContext): boolean => node.outputs.some((output) => output !== '' && gradient(output)?.across !== undefined);

function gradientAtInput(context: MomentContext, course: Unrolled): Gradient {
  const { widths, steps } = course;
  let [second, local] = [0, 0];
  const sources: ((t: number, s: number) => number)[] = [];
  for (const { gates, direction, isReverse } of returned(context, course)) {
    gates.forEach((pairs, gate) => {
      const weight = widths.hidden * (direction.gates[gate]?.input.second ?? 0);
      second += weight * alongDiagonal(pairs, steps);
      local += weight * offDiagonal(pairs);
      sources.push((t, s) => weight * (isReverse ? withinReversed(pairs, t, s) : within(pairs, t, s)));
    });
  }
  const between = (t: number, s: number): number => sources.reduce((sum, of) => sum + of(t, s), 0);
  return withAcross({ second, local, between }, isShared(context) ? { same: NaN, other: NaN } : undefined);
}

/** Steps that are not followed are as the nearest that is, as far apart. */
function within(pairs: Pairs, t: number, s: number): number {
  const beyond = Math.max(0, Math.max(t, s) - (pairs.length - 1));
  return pairs.at(t - beyond, s - beyond);
}

/** Of one that goes backwards: the last in time is the first it comes by. */
function withinReversed(pairs: Pairs, t: number, s: number): number {
  const last = pairs.length - 1;
  return pairs.at(Math.max(0, last - t), Math.max(0, last - s));
}

function alongDiagonal(pairs: Pairs, steps: number): number {
  let sum = (steps - pairs.length) * pairs.at(0, 0);
  for (let t = 0; t < pairs.length; t++) sum += pairs.at(t, t);
  return sum / steps;
}

function offDiagonal(pairs: Pairs): number {
  let [sum, count] = [0, 0];
  for (let t = 0; t < pairs.length; t++) for (let s = 0; s < t; s++, count++) sum += pairs.at(t, s);
  return count === 0 ? 0 : sum / count;
}

const recurrent: MomentRule = {
  ops: ['RNN', 'GRU', 'LSTM'],
  data: 1,
  forward: (context) => {
    const found = unrolled(context);
    if ('why' in found) return found;
    const { strands, steps } = found;
    const last = averaged(strands.map(({ strand: { hidden }, isReverse }) => atStep(hidden, isReverse ? 0 : hidden.own.length - 1)));
    const states = averaged(strands.map(({ strand: { hidden } }) => overSteps(hidden, steps)));
    const ends = (pick: (strand: Strand) => Course): Signal => averaged(strands.map(({ strand }) => atStep(pick(strand), strand.hidden.own.length - 1)));
    // Of a window that is shorter than the sequence its last step stands for those behind it.
    const between: Steps['between'] = (of, t, s) => strands.reduce((sum, { strand: { hidden }, isReverse }) => (
      sum + (isReverse ? withinReversed(hidden[of], t, s) : within(hidden[of], t, s))), 0) / strands.length;
    return { each: [{ ...states, steps: { last, between } }, ends(({ hidden }) => hidden), ends(({ hidden, cell }) => cell ?? hidden)] };
  },
  backward: (context) => {
    const found = unrolled(context);
    if ('why' in found) return null;
    const gradient = gradientAtInput(context, found);
    return () => gradient;
  },
  throughTime: (context) => {
    const found = unrolled(context);
    if ('why' in found) return null;
    const { strands, widths, steps } = found;
    const all = strands.map(({ strand, direction }) => throughTime(strand, direction, widths, steps)).filter((each) => each !== null);
    // Of two directions, that which changes it more.
    return all.toSorted((a, b) => Math.abs(Math.log(b.perStep)) - Math.abs(Math.log(a.perStep)))[0] ?? null;
  },
};

export const recurrentRules: readonly MomentRule[] = [recurrent];
