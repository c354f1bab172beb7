import type { GraphBuilder } from '../graph/builder';
import { float } from '../graph/builder';
import { codeOf, elementCount } from '../graph/dtype';
import type { DType } from '../graph/dtype';

type Value = string;

/** The vocabulary rules are written in: each word appends one standard `ai.onnx` node and names its output. */
export class Algebra {
  readonly graph: GraphBuilder;

  constructor(graph: GraphBuilder) {
    this.graph = graph;
  }

  constant(value: number): Value { return this.graph.scalar(value); }
  add(a: Value, b: Value): Value { return this.graph.add('Add', [a, b]); }
  sub(a: Value, b: Value): Value { return this.graph.add('Sub', [a, b]); }
  mul(a: Value, b: Value): Value { return this.graph.add('Mul', [a, b]); }
  div(a: Value, b: Value): Value { return this.graph.add('Div', [a, b]); }
  neg(a: Value): Value { return this.graph.add('Neg', [a]); }
  square(a: Value): Value { return this.mul(a, a); }
  sqrt(a: Value): Value { return this.graph.add('Sqrt', [a]); }
  exp(a: Value): Value { return this.graph.add('Exp', [a]); }
  log(a: Value): Value { return this.graph.add('Log', [a]); }
  erf(a: Value): Value { return this.graph.add('Erf', [a]); }
  sign(a: Value): Value { return this.graph.add('Sign', [a]); }
  sigmoid(a: Value): Value { return this.graph.add('Sigmoid', [a]); }
  tanh(a: Value): Value { return this.graph.add('Tanh', [a]); }
  pow(a: Value, b: Value): Value { return this.graph.add('Pow', [a, b]); }
  abs(a: Value): Value { return this.graph.add('Abs', [a]); }

  /** a · factor, a itself where the factor is 1. */
  scale(a: Value, factor: number): Value { return factor === 1 ? a : this.mul(a, this.constant(factor)); }
  plus(a: Value, summand: number): Value { return this.add(a, this.constant(summand)); }
  /** 1 − a */
  complement(a: Value): Value { return this.sub(this.constant(1), a); }
  reciprocal(a: Value): Value { return this.graph.add('Reciprocal', [a]); }

  greater(a: Value, b: Value): Value { return this.graph.add('Greater', [a, b]); }
  less(a: Value, b: Value): Value { return this.graph.add('Less', [a, b]); }
  equal(a: Value, b: Value): Value { return this.graph.add('Equal', [a, b]); }
  and(a: Value, b: Value): Value { return this.graph.add('And', [a, b]); }
  where(condition: Value, yes: Value, no: Value): Value { return this.graph.add('Where', [condition, yes, no]); }
  cast(a: Value, dtype: DType): Value { return this.graph.add('Cast', [a], { to: codeOf(dtype) }); }
  /** a where the condition holds, else 0. */
  masked(condition: Value, a: Value): Value { return this.where(condition, a, this.constant(0)); }

  /** a[…, M, K] · b[…, K, N] */
  matmul(a: Value, b: Value): Value { return this.graph.add('MatMul', [a, b]); }
  transpose(a: Value, perm: readonly number[]): Value {
    return perm.every((axis, i) => axis === i) ? a : this.graph.add('Transpose', [a], { perm });
  }
  /** Swaps the last two axes of a tensor of that rank. */
  swap(a: Value, rank: number): Value {
    const perm = Array.from({ length: rank }, (_, i) => i);
    return this.transpose(a, [...perm.slice(0, -2), rank - 1, rank - 2]);
  }

  reshape(a: Value, shape: readonly number[]): Value { return this.graph.add('Reshape', [a, this.graph.ints(shape)], { allowzero: 1 }); }
  expand(a: Value, shape: readonly number[]): Value { return this.graph.add('Expand', [a, this.graph.ints(shape)]); }
  concat(values: readonly Value[], axis: number): Value {
    return values.length === 1 && values[0] !== undefined ? values[0] : this.graph.add('Concat', values, { axis });
  }
  slice(a: Value, axes: readonly number[], starts: readonly number[], ends: readonly number[], steps: readonly number[]): Value {
    return this.graph.add('Slice', [a, this.graph.ints(starts), this.graph.ints(ends), this.graph.ints(axes), this.graph.ints(steps)]);
  }
  /** Zero-pads; `pads` is ONNX's [begin…, end…]. */
  pad(a: Value, pads: readonly number[]): Value {
    return pads.every((pad) => pad === 0) ? a : this.graph.add('Pad', [a, this.graph.ints(pads)]);
  }
  zeros(shape: readonly number[]): Value { return this.expand(this.constant(0), shape); }

  sum(a: Value, axes: readonly number[], keepdims = true): Value { return this.reduce('ReduceSum', a, axes, keepdims); }
  mean(a: Value, axes: readonly number[], keepdims = true): Value { return this.reduce('ReduceMean', a, axes, keepdims); }
  reduce(op: string, a: Value, axes: readonly number[], keepdims: boolean): Value {
    return axes.length === 0 ? a : this.graph.add(op, [a, this.graph.ints(axes)], { keepdims: keepdims ? 1 : 0 });
  }

  /** Adds each element of `updates` to the element of a zero tensor with that flat index. Shapes of both: any, equal in count. */
  scatterAdd(shape: readonly number[], flatIndices: Value, updates: Value): Value {
    const flat = this.graph.add('ScatterElements', [this.zeros([elementCount(shape)]), this.reshape(flatIndices, [-1]), this.reshape(updates, [-1])],
      { axis: 0, reduction: 'add' });
    return this.reshape(flat, shape);
  }

  /** Tensor of that shape whose elements are their own flat indices, as int64. */
  flatIndices(shape: readonly number[]): Value {
    const int = (value: number): Value => this.graph.constant('int64', [], [value]);
    return this.reshape(this.graph.add('Range', [int(0), int(elementCount(shape)), int(1)]), shape);
  }

  /** Sums a value of shape `from` to shape `to`, undoing ONNX's multidirectional broadcasting. */
  sumTo(a: Value, from: readonly number[], to: readonly number[]): Value {
    const lead = from.length - to.length;
    const axes = from.flatMap((size, axis) => (axis < lead || (to[axis - lead] === 1 && size !== 1) ? [axis] : []));
    if (axes.length === 0) return a;
    const summed = this.sum(a, axes);
    return lead === 0 ? summed : this.reshape(summed, to);
  }

  /** Attribute of kind float, which a plain whole number would not be. */
  float = float;
}
