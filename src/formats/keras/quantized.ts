// Kernels that Keras has quantised (keras.dtype_policies.QuantizedDTypePolicy), as the floats they stand for: q / scale.

import { say } from '../../protocol/words';
import { isObject } from './fields';
import type { LayerScope, WeightOptions } from './scope';
import type { Shape } from './signal';

interface Kernel {
  readonly name: string;
  readonly shape: Shape;
  readonly otherwise: unknown;
  /** Its axes that are outputs: each index of them has a scale. */
  readonly outputs: readonly number[];
  /** In which the file has the scales. */
  readonly scaleShape: Shape;
  /** Variables that are stored between the kernel and its scales. */
  readonly between: number;
}

/** "int8" of a layer whose policy says so; null of one that computes in floats, or keeps its kernel in them. */
function quantizationOf({ fields }: LayerScope): string | null {
  const policy = fields.raw('dtype');
  const config = isObject(policy) && isObject(policy.config) ? policy.config : {};
  const said = typeof policy === 'string' ? policy : typeof config.mode === 'string' && 'source_name' in config ? config.mode : '';
  const [, mode = null] = /^(int8|int4|gptq|awq)(?:\b|_|\/)/.exec(said) ?? [];
  return mode;
}

/** Value of a kernel, which is stored as integers with scales where its layer is quantised to 8 bits (keras.layers.Dense, `_int8_build`). */
export function kernelOf(layer: LayerScope, { name, shape, otherwise, outputs, scaleShape, between }: Kernel, options: WeightOptions = {}): string {
  const mode = quantizationOf(layer);
  if (mode === null) return layer.weight(name, shape, otherwise, options);
  // Blocks are along one axis.
  const [axis = 0, ...others] = shape.flatMap((_, each) => (outputs.includes(each) ? [] : [each]));
  if (mode !== 'int8' || (outputs.length !== 1 && others.length > 0)) return layer.weight(name, shape, otherwise, { ...options, unread: unread(mode) });
  const integers = layer.weight(name, shape, 'zeros', { trainable: false, field: null, dtype: 'int8' });
  const scale = layer.weight(`${name}_scale`, scaleShape, 'ones', { trainable: false, field: null, index: 1 + between });
  if (roundsInputs(layer)) layer.note(roundingNote);
  const [output] = outputs;
  const isOne = outputs.length === 1 && output !== undefined;
  const own: Shape = isOne ? [shape[output] ?? null] : shape.map((size, each) => (each === axis ? 1 : size));
  const steps = layer.add('Reciprocal', [own.join() === scaleShape.join() ? scale : layer.reshape(scale, own)]);
  return layer.add('DequantizeLinear', [integers, steps], isOne ? { axis: output } : { axis, block_size: shape[axis] ?? 1 });
}

const unread = (mode: string): string => (
  say('its layer is quantised ("{0}") in a way that is not read; open the float model that it was made from', mode));

const roundingNote = say('Layers that are quantised to int8 round what they read, too, when Keras runs them; here they do not.');

/** Unless the configuration says that only weights are quantised. */
function roundsInputs({ fields }: LayerScope): boolean {
  const given = fields.raw('quantization_config');
  return !isObject(given) || !isObject(given.config) || given.config.activation_quantizer !== null;
}
