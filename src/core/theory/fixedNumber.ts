// A number that a graph works out from sizes, as exporters write 1/√d.

import type { Node } from '../graph/graph';
import { intAttribute } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { constantValues } from '../layers/source';

/** Exporters take about ten operators. */
const deepest = 24;
type ShapeOf = (value: string) => readonly number[] | null;

/** Null where it is more than one number, or is not made of sizes and stored ones alone. */
export function fixedNumber(index: GraphIndex, value: string, shapeOf: ShapeOf): number | null {
  const list = numbersOf(index, value, shapeOf, deepest);
  return list?.length === 1 && Number.isFinite(list[0]) ? list[0] ?? null : null;
}

function numbersOf(index: GraphIndex, value: string, shapeOf: ShapeOf, depth: number): readonly number[] | null {
  const stored = constantValues(index, value);
  if (stored) return stored;
  const node = index.producer.get(value);
  if (depth === 0 || node?.domain !== '') return null;
  if (node.op === 'Shape') return shapeOf(node.inputs[0] ?? '')?.slice(intAttribute(node, 'start', 0), intAttribute(node, 'end', Infinity)) ?? null;
  const apply = Object.hasOwn(operators, node.op) ? operators[node.op] : undefined;
  if (!apply) return null;
  const inputs: (readonly number[])[] = [];
  for (const input of node.op === 'CastLike' ? node.inputs.slice(0, 1) : node.inputs) {
    const numbers = input === '' ? [] : numbersOf(index, input, shapeOf, depth - 1);
    if (!numbers) return null;
    inputs.push(numbers);
  }
  return apply(inputs, node);
}

type Apply = (inputs: readonly (readonly number[])[], node: Node) => readonly number[] | null;
const each = (of: (x: number) => number): Apply => ([x]) => x?.map(of) ?? null;
const pair = (of: (a: number, b: number) => number): Apply => ([first, second]) => {
  const [a, b] = [first?.[0], second?.[0]];
  return a === undefined || b === undefined || first?.length !== 1 || second?.length !== 1 ? null : [of(a, b)];
};
const same = each((x) => x);

const operators: Readonly<Record<string, Apply>> = {
  Cast: same, CastLike: same, Identity: same, Unsqueeze: ([x]) => x ?? null, Squeeze: ([x]) => x ?? null, Reshape: ([x]) => x ?? null,
  Sqrt: each(Math.sqrt), Reciprocal: each((x) => 1 / x), Neg: each((x) => -x),
  Mul: pair((a, b) => a * b), Div: pair((a, b) => a / b), Add: pair((a, b) => a + b), Sub: pair((a, b) => a - b), Pow: pair((a, b) => a ** b),
  Gather: ([list, at]) => at?.map((position) => list?.at(position) ?? NaN) ?? null,
  Slice: ([list, from, to]) => list?.slice(from?.[0], to?.[0]) ?? null,
};
