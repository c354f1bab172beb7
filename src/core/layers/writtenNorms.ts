import type { Node } from '../graph/graph';
import { intsAttribute } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import type { WrittenOut } from './normalization';
import { constantValues, isFixed, scalarValue, storedSource, valueBehind } from './source';

/** Operators that leave values as they are, or only shape what was reduced so that it broadcasts. */
const keeping = new Set(['Cast', 'CastLike', 'Identity', 'Reshape', 'Unsqueeze', 'Squeeze', 'Expand']);
/** Bounds that keep a variance from being negative or zero. */
const clamping = new Set(['Max', 'Clip', 'Relu']);

/** 1/√(var + ε) of a value, and the scale γ that it may have been multiplied with already. */
interface Inverse {
  readonly of: string;
  readonly isCentred: boolean;
  readonly scale: Node | null;
}

/**
 * Layer normalisation (Ba et al. 2016, arXiv 1607.06450, eq. 4) and root mean square normalisation (Zhang & Sennrich 2019, arXiv 1910.07467, eq. 4)
 * in the ways that exporters write them: d / √(⟨d²⟩ + ε), d · (1/√(…) · γ), or x g + (β − ⟨x⟩ g) with g = γ/√(…), the variance as ⟨(x − ⟨x⟩)²⟩ or
 * as ⟨x²⟩ − ⟨x⟩². Null where the node is not the last of one.
 */
export function writtenNormalization(index: GraphIndex, node: Node): WrittenOut | null {
  return new Matching(index).end(node);
}

class Matching {
  readonly #index: GraphIndex;

  constructor(index: GraphIndex) {
    this.#index = index;
  }

  end(node: Node): WrittenOut | null {
    if (node.domain !== '' || node.inputs.length !== 2) return null;
    const [a = '', b = ''] = node.inputs;
    switch (node.op) {
      case 'Div': return this.#product(node, a, this.#root(b));
      case 'Mul': return this.#product(node, a, this.#inverse(b)) ?? this.#product(node, b, this.#inverse(a));
      case 'Add': return this.#sum(node, a, b) ?? this.#sum(node, b, a);
      case 'Sub': return this.#sum(node, a, b);
      default: return null;
    }
  }

  /** d · 1/√… */
  #product(node: Node, factor: string, inverse: Inverse | null): WrittenOut | null {
    if (!inverse) return null;
    const scale = inverse.scale ? { scale: inverse.scale } : {};
    if (!inverse.isCentred) return this.#through(factor) === inverse.of ? { op: 'RMSNormalization', input: inverse.of, node, ...scale } : null;
    return this.#centred(factor) === inverse.of ? { op: 'LayerNormalization', input: inverse.of, node, ...scale } : null;
  }

  /** x g + (β − ⟨x⟩ g): the shift may stand before the difference, after it, or nowhere. */
  #sum(node: Node, scaled: string, rest: string): WrittenOut | null {
    const product = this.#producer(scaled);
    if (product?.op !== 'Mul') return null;
    const [a = '', b = ''] = product.inputs;
    for (const [value, factor] of [[a, b], [b, a]] as const) {
      const inverse = this.#inverse(factor);
      if (!inverse?.isCentred || this.#through(value) !== inverse.of) continue;
      const shift = this.#meanTimes(rest, this.#through(factor), inverse.of);
      if (shift === null) continue;
      const own = { ...(inverse.scale ? { scale: inverse.scale } : {}), ...(shift === 'none' ? {} : { shift }) };
      return { op: 'LayerNormalization', input: inverse.of, node, ...own };
    }
    return null;
  }

  /** ⟨x⟩ g up to its sign, with the node that adds β to it, or 'none'; null for anything else. */
  #meanTimes(value: string, factor: string, of: string): Node | 'none' | null {
    const node = this.#producer(value);
    const [a = '', b = ''] = node?.inputs ?? [];
    if (node?.op === 'Neg') return this.#meanTimes(a, factor, of);
    if (node?.op === 'Add' || node?.op === 'Sub') {
      const stored = [a, b].find((each) => storedSource(this.#index, each));
      const other = stored === a ? b : a;
      return stored !== undefined && this.#meanTimes(other, factor, of) === 'none' ? node : null;
    }
    if (node?.op !== 'Mul') return null;
    const isMean = (each: string): boolean => {
      const before = this.#producer(each);
      return this.#mean(before?.op === 'Neg' ? before.inputs[0] ?? '' : each) === of;
    };
    return (isMean(a) && this.#through(b) === factor) || (isMean(b) && this.#through(a) === factor) ? 'none' : null;
  }

  #inverse(value: string, steps = 0): Inverse | null {
    const node = this.#producer(value);
    const [a = '', b = ''] = node?.inputs ?? [];
    if (!node || steps > 2) return null;
    if (node.op === 'Reciprocal') return this.#root(a);
    if (node.op === 'Div' && scalarValue(this.#index, a) === 1) return this.#root(b);
    if (node.op === 'Pow' && scalarValue(this.#index, b) === -0.5) return this.#variance(a);
    if (node.op !== 'Mul') return null;
    const inner = storedSource(this.#index, b) ? this.#inverse(a, steps + 1) : storedSource(this.#index, a) ? this.#inverse(b, steps + 1) : null;
    return inner?.scale === null ? { ...inner, scale: node } : null;
  }

  #root(value: string): Inverse | null {
    const node = this.#producer(value);
    const [a = '', b = ''] = node?.inputs ?? [];
    const isRoot = node?.op === 'Sqrt' || (node?.op === 'Pow' && scalarValue(this.#index, b) === 0.5);
    return isRoot ? this.#variance(a) : null;
  }

  /** Of what a value is the variance, or the mean square, whatever keeps it from being zero. */
  #variance(value: string, steps = 0): Inverse | null {
    const node = this.#producer(value);
    const [a = '', b = ''] = node?.inputs ?? [];
    if (!node || steps > 3) return null;
    if (clamping.has(node.op) || node.op === 'Add') return this.#variance(isFixed(this.#index, a) ? b : a, steps + 1);
    // JAX guards a division by a number of elements that is known to be more than none.
    if (node.op === 'Where') return isFixed(this.#index, a) ? this.#variance(b, steps + 1) : null;
    if (node.op === 'Sub') {
      const of = this.#squared(this.#mean(a));
      return of !== null && this.#mean(this.#squared(this.#through(b)) ?? '') === of ? { of, isCentred: true, scale: null } : null;
    }
    const squared = this.#squared(this.#mean(value)) ?? this.#summedSquare(node);
    if (squared === null) return null;
    const centred = this.#centred(squared);
    return centred === null ? { of: squared, isCentred: false, scale: null } : { of: centred, isCentred: true, scale: null };
  }

  /** x, where the value is ⟨x⟩ over the last axes. */
  #mean(value: string): string | null {
    const node = this.#producer(value);
    const [a = '', b = ''] = node?.inputs ?? [];
    if (node?.op === 'ReduceMean') return this.#isOverLastAxes(node) ? this.#through(a) : null;
    if (node?.op === 'GlobalAveragePool') return this.#through(a);
    if (node?.op !== 'Div' && node?.op !== 'Mul') return null;
    const sum = this.#producer(a);
    return sum?.op === 'ReduceSum' && isFixed(this.#index, b) && this.#isOverLastAxes(sum) ? this.#through(sum.inputs[0] ?? '') : null;
  }

  /** x, where a node gives Σ x² / n over the last axes. */
  #summedSquare(node: Node): string | null {
    const [a = '', b = ''] = node.inputs;
    const sum = node.op === 'Div' && isFixed(this.#index, b) ? this.#producer(a) : undefined;
    return sum?.op === 'ReduceSumSquare' && this.#isOverLastAxes(sum) ? this.#through(sum.inputs[0] ?? '') : null;
  }

  #squared(value: string | null): string | null {
    const node = value === null ? undefined : this.#producer(value);
    const [a = '', b = ''] = node?.inputs ?? [];
    const isSquare = (node?.op === 'Pow' && scalarValue(this.#index, b) === 2) || (node?.op === 'Mul' && this.#through(a) === this.#through(b));
    return isSquare ? this.#through(a) : null;
  }

  /** x, where the value is x − ⟨x⟩ or ⟨x⟩ − x. */
  #centred(value: string): string | null {
    const node = this.#producer(value);
    if (node?.op !== 'Sub') return null;
    const [a = '', b = ''] = node.inputs;
    if (this.#mean(b) === this.#through(a)) return this.#through(a);
    return this.#mean(a) === this.#through(b) ? this.#through(b) : null;
  }

  /** A mean over spatial axes alone is pooling, and over the batch something else again. */
  #isOverLastAxes(node: Node): boolean {
    const axes = intsAttribute(node, 'axes') ?? constantValues(this.#index, node.inputs[1] ?? '');
    return axes !== null && !axes.includes(0);
  }

  #through(value: string): string {
    return valueBehind(this.#index, value, keeping);
  }

  #producer(value: string): Node | undefined {
    return this.#index.producer.get(this.#through(value));
  }
}
