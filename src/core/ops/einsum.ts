import type { Node } from '../graph/graph';
import { stringAttribute } from '../graph/graph';
import type { Fans } from './spec';

/**
 * Fans of one operand of an Einsum whose equation names every axis. An output element sums over the letters of the operand that the output
 * does not have; an element of the other operands enters one output element for each index of the letters that only this operand brings.
 * Null for equations with an ellipsis in the operand, or of another form.
 */
export function einsumFans(node: Node, position: number, shape: readonly number[]): Fans | null {
  const [left = '', output = ''] = stringAttribute(node, 'equation', '').replaceAll(' ', '').split('->');
  const terms = left.split(',');
  const own = terms[position];
  if (own?.length !== shape.length || !/^[A-Za-z]+$/.test(own) || output === '') return null;
  const others = terms.filter((_, i) => i !== position).join('');
  const product = (keep: (letter: string) => boolean): number => shape.reduce((all, size, axis) => (keep(own.charAt(axis)) ? all * size : all), 1);
  return { fanIn: product((letter) => !output.includes(letter)), fanOut: product((letter) => output.includes(letter) && !others.includes(letter)) };
}
