// Stretches along axes: tf.slice, and tf.strided_slice with its masks.

import { boundOn } from '../../../core/graph/dtype';
import type { Shape } from '../../keras/signal';
import type { Operation, Part, Rule, Rules } from '../operation';
import type { Signal } from '../signal';
import { signalOf, valuesOf } from '../signal';

/** Behind, and before, the end of any axis (ONNX Slice-13). */
const [end, start] = [2 ** 31 - 1, -(2 ** 31 - 1)];

const slice: Rule = (operation) => {
  const [x, begin, size] = [operation.input(0), operation.input(1), operation.input(2)];
  const [begins, sizes] = [valuesOf(begin), valuesOf(size)];
  const shape = x.shape?.map((whole, i) => {
    const wanted = size.known?.[i] ?? null;
    if (wanted === null || wanted >= 0) return wanted;
    return whole === null || begins?.[i] === undefined ? null : whole - begins[i];
  }) ?? null;
  const axes = operation.ints(Array.from({ length: x.shape?.length ?? size.known?.length ?? 0 }, (_, i) => i));
  if (begins && sizes) {
    const ends = begins.map((from, i) => ((sizes[i] ?? -1) < 0 ? end : from + (sizes[i] ?? 0)));
    const make = (): string => operation.add('Slice', [operation.plain(x), operation.ints(begins), operation.ints(ends), axes]);
    if (x.known && x.shape?.length === 1 && x.dtype === 'int64') {
      const known = x.known.slice(begins[0], ends[0]);
      return operation.worked(known, [known.length], x.dtype, make);
    }
    return signalOf(make(), shape, x.dtype);
  }
  const [from, count] = [operation.plain(begin), operation.plain(size)];
  const isRest = operation.add('Less', [count, operation.scalar(0, 'int64')]);
  const to = operation.add('Where', [isRest, operation.scalar(end, 'int64'), operation.add('Add', [from, count])]);
  return signalOf(operation.add('Slice', [operation.plain(x), from, to]), shape, x.dtype);
};

/** What an entry of a specification does with an axis of the signal, or adds one. */
interface Step {
  readonly axis: number;
  readonly kind: 'stretch' | 'single' | 'new' | 'whole';
  readonly begin: Part;
  readonly end: Part;
  readonly stride: number;
}

interface Specification {
  readonly begins: readonly Part[];
  readonly ends: readonly Part[];
  readonly strides: readonly number[];
}

/** Entry by entry (tensorflow/core/util/strided_slice_op.cc): an ellipsis stands for the axes that no other one names. */
function stepsOf(operation: Operation, { begins, ends, strides }: Specification, rank: number | null): readonly Step[] | null {
  const mask = (name: string) => {
    const bits = operation.attributes.whole(`${name}_mask`, 0);
    return (i: number): boolean => i < 31 && ((bits >> i) & 1) === 1;
  };
  const [fromStart, toEnd, ellipsis, added, single] = ['begin', 'end', 'ellipsis', 'new_axis', 'shrink_axis'].map(mask);
  const is = (test: ((i: number) => boolean) | undefined, i: number): boolean => test?.(i) ?? false;
  const hasEllipsis = begins.some((_, i) => is(ellipsis, i));
  if (hasEllipsis && rank === null) return null;
  const named = begins.filter((_, i) => !is(ellipsis, i) && !is(added, i)).length;
  if (rank !== null && named > rank) throw operation.refuse(`takes stretches along ${named} axes of a signal that has ${rank}`);
  const steps: Step[] = [];
  let axis = 0;
  for (let i = 0; i < begins.length; i++) {
    const stride = strides[i] ?? 1;
    if (is(ellipsis, i)) {
      for (const last = axis + (rank ?? 0) - named; axis < last; axis++) steps.push({ axis, kind: 'whole', begin: 0, end, stride: 1 });
    } else if (is(added, i)) {
      steps.push({ axis: -1, kind: 'new', begin: 0, end, stride: 1 });
    } else {
      const [begin, until] = [begins[i] ?? 0, ends[i] ?? 0];
      if (is(single, i)) steps.push({ axis, kind: 'single', begin, end: behind(operation, begin), stride: 1 });
      else {
        const [first, last] = stride > 0 ? [0, end] : [end, start];
        steps.push({ axis, kind: 'stretch', begin: is(fromStart, i) ? first : begin, end: is(toEnd, i) ? last : until, stride });
      }
      axis++;
    }
  }
  return steps;
}

const behind = (operation: Operation, begin: Part): Part => {
  if (typeof begin === 'number') return begin === -1 ? end : begin + 1;
  return operation.add('Add', [begin, operation.ints([1])]);
};

/** How many elements a stretch has on an axis. */
function lengthOf({ begin, end: until, stride }: Step, size: number | null): number | null {
  if (typeof begin !== 'number' || typeof until !== 'number' || size === null) return null;
  const [from, to] = stride > 0 ? [boundOn(size, begin), boundOn(size, until)]
    : [Math.min(begin < 0 ? begin + size : begin, size - 1), Math.max(until < 0 ? until + size : until, -1)];
  return Math.max(0, Math.ceil((to - from) / stride));
}

function resultShape(steps: readonly Step[], shape: Shape): Shape {
  const last = steps.filter(({ kind }) => kind !== 'new').length;
  return [...steps.flatMap((step) => (
    step.kind === 'single' ? [] : step.kind === 'new' ? [1] : step.kind === 'whole' ? [shape[step.axis] ?? null] : [lengthOf(step, shape[step.axis] ?? null)])),
  ...shape.slice(last)];
}

const stridedSlice: Rule = (operation) => {
  const x = operation.input(0);
  const strides = operation.list(3);
  const [begins, ends] = [operation.parts(operation.input(1)), operation.parts(operation.input(2))];
  if (!strides || !begins || !ends) return null;
  if (strides.includes(0)) throw operation.refuse('has a stride of 0 where another whole number was expected');
  const steps = stepsOf(operation, { begins, ends, strides }, x.shape?.length ?? null);
  if (!steps) return null;
  const shape = x.shape && resultShape(steps, x.shape);
  const make = (): string => cut(operation, x, steps);
  const [only, ...others] = steps;
  if (x.known && x.shape?.length === 1 && x.dtype === 'int64' && only && others.length === 0 && only.kind !== 'new') {
    const known = knownStretch(x, only);
    if (known) return operation.worked(known, shape, x.dtype, make);
  }
  return signalOf(make(), shape, x.dtype);
};

function knownStretch({ known }: Signal, step: Step): readonly (number | null)[] | null {
  const length = known && lengthOf(step, known.length);
  if (!known || length === null || typeof step.begin !== 'number') return null;
  const from = step.stride > 0 ? boundOn(known.length, step.begin) : Math.min(step.begin < 0 ? step.begin + known.length : step.begin, known.length - 1);
  return Array.from({ length }, (_, i) => known[from + i * step.stride] ?? null);
}

function cut(operation: Operation, x: Signal, steps: readonly Step[]): string {
  const isWhole = ({ kind, begin, end: until, stride }: Step): boolean => kind === 'whole' || (begin === 0 && until === end && stride === 1);
  const moving = steps.filter((step) => step.kind !== 'new' && !isWhole(step));
  const bounds = [moving.map(({ begin }) => begin), moving.map(({ end: until }) => until)].map((parts) => operation.vector(parts));
  const by = [...bounds, operation.ints(moving.map(({ axis }) => axis)), operation.ints(moving.map(({ stride }) => stride))];
  const value = moving.length === 0 ? operation.plain(x) : operation.add('Slice', [operation.plain(x), ...by]);
  const gone = steps.flatMap(({ kind, axis }) => (kind === 'single' ? [axis] : []));
  const left = gone.length === 0 ? value : operation.add('Squeeze', [value, operation.ints(gone)]);
  const added = steps.filter(({ kind }) => kind !== 'single').flatMap(({ kind }, position) => (kind === 'new' ? [position] : []));
  return added.length === 0 ? left : operation.add('Unsqueeze', [left, operation.ints(added)]);
}

/** The elements along some axes from the last to the first. */
const reverse: Rule = (operation) => {
  const [x, axes] = [operation.input(0), operation.list(1)];
  if (!axes) return null;
  const by = [axes.map(() => -1), axes.map(() => start), axes, axes.map(() => -1)].map((each) => operation.ints(each));
  return axes.length === 0 ? x : signalOf(operation.add('Slice', [operation.plain(x), ...by]), x.shape, x.dtype);
};

export const slicing: Rules = { Slice: slice, StridedSlice: stridedSlice, ReverseV2: reverse };
