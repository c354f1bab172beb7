// Products whose axes an equation names (keras.layers.EinsumDense), and what sizes its kernel and bias have.

import { say } from '../../../protocol/words';
import { activate } from '../activations';
import { kernelOf } from '../quantized';
import type { LayerScope } from '../scope';
import type { Shape } from '../signal';
import { signalOf } from '../signal';
import type { DescribeLayer } from './table';

/** `named`: the axes of the output that the equation names, without those that dots stand for. */
interface Equation { readonly input: string; readonly kernel: string; readonly output: string; readonly named: string }

/** "abc,cd->abd"; dots stand for leading axes that pass through. */
function readEquation(layer: LayerScope, rank: number): Equation {
  const written = layer.fields.string('equation').replaceAll(' ', '');
  const match = /^(\.\.\.)?([a-zA-Z]+)(\.\.\.)?,([a-zA-Z]+)->(\.\.\.)?([a-zA-Z]+)(\.\.\.)?$/.exec(written);
  if (!match) throw layer.fields.refuse('equation', say('an equation such as "ab,bc->ac"'));
  const [, before, input = '', behind, kernel = '', , output = ''] = match;
  const free = Array.from('ZYXWVUTSRQPO').filter((letter) => !written.includes(letter)).slice(0, Math.max(0, rank - input.length)).join('');
  if (before === undefined && behind === undefined) return { input, kernel, output, named: output };
  return before === undefined ? { input: input + free, kernel, output: output + free, named: output }
    : { input: free + input, kernel, output: free + output, named: output };
}

export const einsumDense: DescribeLayer = (layer, [signal]) => {
  const { input, kernel, output, named } = readEquation(layer, signal.shape.length);
  if (input.length !== signal.shape.length) {
    throw layer.refuse(say('has an equation for inputs of rank {0}, and is given one of rank {1}', input.length, signal.shape.length));
  }
  const sizes = new Map<string, number | null>(Array.from(input).map((letter, axis) => [letter, signal.shape[axis] ?? null]));
  // `output_shape` is of all axes but the batch, or of those that are not dots.
  const given = layer.fields.has('output_shape') ? listed(layer.fields.raw('output_shape')) : [];
  Array.from(named).slice(-given.length).forEach((letter, i) => {
    if (given[i] != null) sizes.set(letter, given[i]);
  });
  const shapeOf = (letters: string): Shape => Array.from(letters).map((letter) => sizes.get(letter) ?? null);
  const axesOf = (isOutput: boolean): number[] => Array.from(kernel).flatMap((letter, axis) => (output.includes(letter) === isOutput ? [axis] : []));
  const axes = layer.fields.has('bias_axes') ? layer.fields.string('bias_axes') : '';
  const outputs = axesOf(true);
  // Scales lie as the outputs do, which have the kernel's own order or are not read.
  const scaleShape: Shape = Array.from(output).map((letter) => (kernel.includes(letter) && !input.includes(letter) ? sizes.get(letter) ?? null : 1));
  const weight = kernelOf(layer, {
    name: 'kernel', shape: shapeOf(kernel), otherwise: 'glorot_uniform', outputs, scaleShape, between: axes === '' ? 0 : 1,
  }, { axes: { input: axesOf(false), output: outputs } });
  const product = layer.add('Einsum', [layer.plain(signal), weight], { equation: `${input},${kernel}->${output}` });
  const first = Math.min(...Array.from(axes).map((letter) => output.indexOf(letter)));
  // The bias has the axes it names, and 1 for those behind the first of them that it does not.
  const biasShape: Shape = Array.from(output).slice(first).map((letter) => (axes.includes(letter) ? sizes.get(letter) ?? null : 1));
  const value = axes === '' ? product : layer.add('Add', [product, layer.weight('bias', biasShape, 'zeros')]);
  return activate(layer, signalOf(value, shapeOf(output)));
};

function listed(value: unknown): readonly (number | null)[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map((each) => (typeof each === 'number' ? each : null));
}
