// Integers that a graph works out from shapes, as exporters do to say a shape again: one list per value, in the order of its elements.

import { intAttribute } from '../graph/graph';
import type { ShapeContext } from './shapeRules';

type Integers = readonly number[] | null;

/** Scalars and lists of one go with lists of any length. */
function elementwise({ integers }: ShapeContext, apply: (a: number, b: number) => number): Integers {
  const [a, b] = [integers(0), integers(1)];
  if (!a || !b) return null;
  return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => apply(a[a.length === 1 ? 0 : i] ?? NaN, b[b.length === 1 ? 0 : i] ?? NaN));
}

const longest = 64;
const kept = ({ integers }: ShapeContext): Integers => integers(0);

const rules: Readonly<Record<string, (context: ShapeContext) => Integers>> = {
  Identity: kept, Cast: kept, CastLike: kept, Squeeze: kept, Unsqueeze: kept, Reshape: kept, Flatten: kept, Floor: kept,
  Shape: ({ node, shape }) => shape(0)?.slice(intAttribute(node, 'start', 0), intAttribute(node, 'end', Infinity)) ?? null,
  Size: ({ shape }) => { const input = shape(0); return input && [input.reduce((all, size) => all * size, 1)]; },
  Gather: ({ integers }) => {
    const [list, at] = [integers(0), integers(1)];
    return list && (at?.map((position) => list.at(position) ?? NaN) ?? null);
  },
  Slice: ({ integers }) => {
    const [list, starts, ends, , steps] = [0, 1, 2, 3, 4].map(integers);
    if (!list || starts?.length !== 1 || ends?.length !== 1 || (steps && steps[0] !== 1)) return null;
    return list.slice(starts[0], ends[0]);
  },
  Concat: ({ node, integers }) => {
    const parts = node.inputs.map((_, position) => integers(position));
    return parts.every((part) => part !== null) ? parts.flat() : null;
  },
  Add: (context) => elementwise(context, (a, b) => a + b),
  Sub: (context) => elementwise(context, (a, b) => a - b),
  Mul: (context) => elementwise(context, (a, b) => a * b),
  Div: (context) => elementwise(context, (a, b) => Math.trunc(a / b)),
  Max: (context) => elementwise(context, Math.max),
  Min: (context) => elementwise(context, Math.min),
  Mod: (context) => elementwise(context, (a, b) => ((a % b) + b) % b),
  Equal: (context) => elementwise(context, (a, b) => Number(a === b)),
  Where: ({ integers }) => {
    const [chosen, yes, no] = [integers(0), integers(1), integers(2)];
    return chosen && yes && no && chosen.map((each, i) => (each ? yes[yes.length === 1 ? 0 : i] : no[no.length === 1 ? 0 : i]) ?? NaN);
  },
  ReduceProd: ({ integers }) => { const list = integers(0); return list && [list.reduce((all, each) => all * each, 1)]; },
  ConstantOfShape: ({ node, integers }) => {
    const [size = 0, ...others] = integers(0) ?? [];
    const value = node.attributes.value?.kind === 'tensor' ? node.attributes.value.value.values?.[0] ?? 0 : 0;
    return others.length === 0 && size > 0 && size <= longest ? Array.from({ length: size }, () => value) : null;
  },
  Range: ({ integers }) => {
    const [start, limit, step] = [0, 1, 2].map((position) => integers(position)?.[0]);
    const count = start === undefined || limit === undefined || !step ? 0 : Math.ceil((limit - start) / step);
    return count > 0 && count <= longest ? Array.from({ length: count }, (_, i) => (start ?? 0) + i * (step ?? 1)) : null;
  },
};

/** Null where they do not follow from what is known. */
export function integersOf(context: ShapeContext): Integers {
  const { domain, op } = context.node;
  return domain === '' && Object.hasOwn(rules, op) ? rules[op]?.(context) ?? null : null;
}
