import type { Node } from '../graph/graph';
import { stringAttribute } from '../graph/graph';
import type { Fans, OperatorSpec, RuleContext, RuleResult } from './spec';

/**
 * Y[out] = Σ Π_p X_p[term_p] over the letters that `out` does not have, so that each operand enters linearly:
 *   dX_p[term_p] = Σ dY[out] Π_{q ≠ p} X_q[term_q], an Einsum itself.
 * A letter that only X_p has was summed over: its gradient is the same everywhere, which a vector of ones says. A letter that X_p has twice
 * reads a diagonal: its gradient lies on that diagonal, which an identity matrix says.
 */
function ofOperand({ node, m, dy, y, position, shapeOf }: RuleContext): RuleResult {
  const shapes = node.inputs.map(shapeOf);
  const { terms, output, fresh } = named(stringAttribute(node, 'equation', ''), shapes.map((shape) => shape.length));
  const sizes = new Map([...terms, output].flatMap((term, p) => Array.from(term).map((letter, axis): [string, number] => (
    [letter, (shapes[p] ?? shapeOf(y('Output')))[axis] ?? 1]))).sort(([, a], [, b]) => a - b));
  const sizeOf = (letter: string): number => sizes.get(letter) ?? 1;
  const factors = [{ term: output, value: dy('Output') }];
  terms.forEach((term, p) => {
    if (p !== position) factors.push({ term, value: node.inputs[p] ?? '' });
  });
  const brought = new Set(factors.flatMap(({ term }) => Array.from(term)));
  const met = new Set<string>();
  const axes = Array.from(terms[position] ?? '').map((letter) => {
    const size = sizeOf(letter);
    if (met.has(letter)) {
      const other = fresh();
      factors.push({ term: letter + other, value: m.graph.add('EyeLike', [m.zeros([size, size])]) });
      return { letter: other, size };
    }
    if (!brought.has(letter)) factors.push({ term: letter, value: m.expand(m.constant(1), [size]) });
    met.add(letter);
    return { letter, size };
  });
  const tensors = factors.filter(({ term }) => term !== '');
  const equation = `${tensors.map(({ term }) => term).join()}->${axes.map(({ letter }) => letter).join('')}`;
  // Numbers without a letter multiply the rest.
  const numbers = factors.flatMap(({ term, value }) => (term === '' ? [value] : []));
  const parts = tensors.length === 0 ? numbers : [m.graph.add('Einsum', tensors.map(({ value }) => value), { equation }), ...numbers];
  return { value: parts.reduce((product, part) => m.mul(product, part)), shape: axes.map(({ size }) => size) };
}

interface Named {
  readonly terms: readonly string[];
  readonly output: string;
  /** A letter that nothing uses yet. */
  readonly fresh: () => string;
}

const alphabet = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz');

/**
 * The equation with letters in place of an ellipsis, which are aligned from the last as in broadcasting. An output that is not given has the
 * ellipsis and then, in their order, the letters that occur once (ONNX Einsum specification).
 */
function named(equation: string, ranks: readonly number[]): Named {
  const [left = '', right] = equation.replaceAll(' ', '').split('->');
  const unused = alphabet.filter((letter) => !equation.includes(letter));
  const fresh = (): string => {
    const letter = unused.pop();
    if (letter === undefined) throw new Error(`The equation ${equation} leaves no letter for its gradient.`);
    return letter;
  };
  const written = left.split(',');
  const hidden = written.map((term, p) => (term.includes('...') ? (ranks[p] ?? 0) - (term.length - 3) : 0));
  const ellipsis = Array.from({ length: Math.max(...hidden) }, fresh).join('');
  const terms = written.map((term, p) => term.replace('...', ellipsis.slice(ellipsis.length - (hidden[p] ?? 0))));
  const once = alphabet.filter((letter) => left.split(letter).length === 2).join('');
  return { terms, output: right === undefined ? ellipsis + once : right.replace('...', ellipsis), fresh };
}

export const Einsum: OperatorSpec = {
  op: 'Einsum',
  inputs: ['Inputs'],
  outputs: ['Output'],
  variadic: 'inputs',
  gradient: { Inputs: ofOperand },
  parameters: { Inputs: { role: 'kernel', fans: (shape, node, position) => einsumFans(node, position, shape) } },
};

/**
 * Fans of one operand of an Einsum whose equation names every axis. An output element sums over the letters of the operand that the output
 * does not have; an element of the other operands enters one output element for each index of the letters that only this operand brings. A letter
 * that two others have as well is that of experts: what they make is put together by shares, and is no larger for their number (Shazeer et al. 2017,
 * arXiv 1701.06538, eq. 1). Null for equations with an ellipsis in the operand, or of another form.
 */
function einsumFans(node: Node, position: number, shape: readonly number[]): Fans | null {
  const [left = '', output = ''] = stringAttribute(node, 'equation', '').replaceAll(' ', '').split('->');
  const terms = left.split(',');
  const own = terms[position] ?? '';
  // Of kernels that are looked up, one stands for all, however many axes the look-up has.
  const sizes = shape[0] === 1 ? [...Array.from({ length: Math.max(0, own.length - shape.length) }, () => 1), ...shape] : shape;
  if (own.length !== sizes.length || !/^[A-Za-z]+$/.test(own) || output === '') return null;
  const others = terms.filter((_, i) => i !== position);
  const isShared = (letter: string): boolean => others.filter((term) => term.includes(letter)).length > 1;
  const product = (keep: (letter: string) => boolean): number => sizes.reduce((all, size, axis) => (keep(own.charAt(axis)) ? all * size : all), 1);
  return {
    fanIn: product((letter) => !output.includes(letter) && !isShared(letter)),
    fanOut: product((letter) => output.includes(letter) && !others.join('').includes(letter)),
  };
}
