import { elementCount } from '../graph/dtype';
import type { Node } from '../graph/graph';
import { intAttribute, intsAttribute } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { constantValues, scalarValue, storedSource } from './source';

/** Operators that normalise; `com.microsoft`'s add the skip connection first. */
export const normalizations: ReadonlySet<string> = new Set([
  'BatchNormalization', 'LayerNormalization', 'InstanceNormalization', 'GroupNormalization', 'RMSNormalization', 'LRN', 'LpNormalization',
  'MeanVarianceNormalization', 'SimplifiedLayerNormalization', 'SkipLayerNormalization', 'SkipSimplifiedLayerNormalization',
]);

/** A normalisation written out in primitive operators. */
export interface WrittenOut {
  readonly op: 'LayerNormalization' | 'RMSNormalization' | 'GroupNormalization';
  /** The value that is normalised. */
  readonly input: string;
  /** The last of its nodes, before scale and shift. */
  readonly node: Node;
  /** The normalisation inside it, whose own scale and shift are nothing but one and zero. */
  readonly inner?: Node;
}

/** The normalisations of one graph that are written out, by the value they normalise. */
export function writtenOutNormalizations(index: GraphIndex): ReadonlyMap<string, WrittenOut> {
  const found = new Map<string, WrittenOut>();
  for (const node of index.graph.nodes) {
    const written = asNormalization(index, node) ?? asGroups(index, node);
    if (written && !found.has(written.input)) found.set(written.input, written);
  }
  return found;
}

/**
 * d / √(⟨d²⟩ + ε) or d · 1/√(…): with d = x − ⟨x⟩ it is layer normalisation (Ba et al. 2016, arXiv 1607.06450, eq. 4), with d = x root mean
 * square normalisation (Zhang & Sennrich 2019, arXiv 1910.07467, eq. 4).
 */
function asNormalization(index: GraphIndex, node: Node): WrittenOut | null {
  if (node.domain !== '' || node.inputs.length !== 2 || (node.op !== 'Div' && node.op !== 'Mul')) return null;
  const pairs = node.op === 'Div' ? [[node.inputs[0], node.inputs[1]]] : [[node.inputs[0], node.inputs[1]], [node.inputs[1], node.inputs[0]]];
  for (const [numerator = '', denominator = ''] of pairs) {
    const squared = rootMeanSquareOf(index, denominator, node.op === 'Mul');
    if (squared === null || squared !== through(index, numerator)) continue;
    const input = centredValue(index, squared);
    return input === null ? { op: 'RMSNormalization', input: squared, node } : { op: 'LayerNormalization', input, node };
  }
  return null;
}

/**
 * Group normalisation (Wu & He 2018, arXiv 1803.08494) before it had an operator: each group is reshaped to one channel of an instance
 * normalisation and back, and the scale γ, which is as long as there are channels, follows.
 */
function asGroups(index: GraphIndex, node: Node): WrittenOut | null {
  if (node.op !== 'InstanceNormalization' || node.domain !== '') return null;
  const before = index.producer.get(node.inputs[0] ?? '');
  const [after, ...others] = index.consumers.get(node.outputs[0] ?? '') ?? [];
  if (before?.op !== 'Reshape' || after?.op !== 'Reshape' || others.length > 0) return null;
  const groups = storedSource(index, node.inputs[1] ?? '');
  const isScaled = (index.consumers.get(after.outputs[0] ?? '') ?? []).some((user) => user.op === 'Mul' && user.inputs.some((input) => {
    const scale = storedSource(index, input);
    return scale && groups && elementCount(scale.shape) > elementCount(groups.shape);
  }));
  return isScaled ? { op: 'GroupNormalization', input: before.inputs[0] ?? '', node: after, inner: node } : null;
}

/** More in a row are written by nobody. */
const mostCasts = 64;

/** A value without the casts around it: half-precision models normalise in float32. */
function through(index: GraphIndex, value: string): string {
  let name = value;
  for (let step = 0; step < mostCasts; step++) {
    const node = index.producer.get(name);
    if (node?.op !== 'Cast' && node?.op !== 'Identity') break;
    name = node.inputs[0] ?? '';
  }
  return name;
}

const producerOf = (index: GraphIndex, value: string): Node | undefined => index.producer.get(through(index, value));

/** d, where the value is √(⟨d²⟩ + ε), or the reciprocal of that. */
function rootMeanSquareOf(index: GraphIndex, value: string, reciprocal: boolean): string | null {
  let node = producerOf(index, value);
  if (reciprocal) {
    const one = node?.op === 'Div' && scalarValue(index, node.inputs[0] ?? '') === 1;
    const inverted = node?.op === 'Reciprocal' ? node.inputs[0] : one ? node?.inputs[1] : undefined;
    if (node?.op === 'Pow' && scalarValue(index, node.inputs[1] ?? '') === -0.5) return meanSquareOf(index, node.inputs[0] ?? '');
    node = inverted === undefined ? undefined : producerOf(index, inverted);
  }
  const root = node?.op === 'Sqrt' || (node?.op === 'Pow' && scalarValue(index, node.inputs[1] ?? '') === 0.5);
  return node && root ? meanSquareOf(index, node.inputs[0] ?? '') : null;
}

/** d, where the value is ⟨d²⟩ + ε over the last axes. */
function meanSquareOf(index: GraphIndex, value: string): string | null {
  const sum = producerOf(index, value);
  if (sum?.op !== 'Add') return null;
  const [mean] = sum.inputs.flatMap((input) => producerOf(index, input) ?? []);
  if (mean?.op !== 'ReduceMean' || !isOverLastAxes(index, mean)) return null;
  const square = producerOf(index, mean.inputs[0] ?? '');
  const [base = '', other = ''] = square?.inputs ?? [];
  const isSquare = (square?.op === 'Pow' && scalarValue(index, other) === 2) || (square?.op === 'Mul' && base === other);
  return isSquare ? through(index, base) : null;
}

/** x, where the value is x − ⟨x⟩; null where it is not centred. */
function centredValue(index: GraphIndex, value: string): string | null {
  const difference = index.producer.get(value);
  if (difference?.op !== 'Sub') return null;
  const [input = '', subtracted = ''] = difference.inputs;
  const mean = producerOf(index, subtracted);
  const averaged = mean?.op === 'ReduceMean' && isOverLastAxes(index, mean) && through(index, mean.inputs[0] ?? '') === through(index, input);
  return averaged ? through(index, input) : null;
}

/** A mean over spatial axes alone is pooling, and over the batch something else again. */
function isOverLastAxes(index: GraphIndex, node: Node): boolean {
  const axes = intsAttribute(node, 'axes') ?? constantValues(index, node.inputs[1] ?? '');
  return intAttribute(node, 'keepdims', 1) === 1 && axes !== null && !axes.includes(0);
}
