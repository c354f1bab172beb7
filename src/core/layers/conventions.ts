import type { FanConvention } from '../../protocol/report';
import { say } from '../../protocol/words';
import { intAttribute, intsAttribute } from '../graph/graph';
import type { Node } from '../graph/graph';
import type { LayerWeight } from './layer';

/**
 * What libraries count as fans of a weight where that is not what its operator sums over: torch.nn.init._calculate_fan_in_and_fan_out reads
 * [out, in, k…] off any tensor, keras.src.initializers.random_initializers.compute_fans [k…, in, out].
 */
export function fanConventions(node: Node, weight: LayerWeight): readonly FanConvention[] {
  const { fans, role } = weight;
  if (!fans || weight.frozen !== null) return [];
  const found = role === 'embedding' ? embedding(weight) : node.op.includes('ConvTranspose') ? transposed(weight)
    : node.op.includes('Conv') ? convolution(node, weight) : weight.parts.length > 1 || isRecurrent(node) ? fused(node, weight) : matrix(weight);
  return found.filter(({ fanIn, fanOut }) => fanIn !== fans.fanIn || fanOut !== fans.fanOut);
}

const isRecurrent = ({ op }: Node): boolean => op === 'LSTM' || op === 'GRU' || op === 'RNN';
const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);
const both = (fanIn: number, fanOut: number, reason: string): readonly FanConvention[] => (
  (['PyTorch', 'Keras'] as const).map((library) => ({ library, fanIn, fanOut, reason })));

function embedding({ seenShape }: LayerWeight): readonly FanConvention[] {
  const [rows = 1, columns = 1] = seenShape;
  return [
    { library: 'PyTorch', fanIn: columns, fanOut: rows, reason: say('A table [rows, features] is read as a matrix [out, in]; a look-up sums nothing.') },
    { library: 'Keras', fanIn: rows, fanOut: columns, reason: say('A table [rows, features] is read as a matrix [in, out]; a look-up sums nothing.') },
  ];
}

/** W [M, C/g, k…]; in Keras [k…, C/g, M], and for depthwise ones [k…, C, multiplier]. */
function convolution(node: Node, { seenShape }: LayerWeight): readonly FanConvention[] {
  const [M = 1, channels = 1, ...kernel] = seenShape;
  const group = intAttribute(node, 'group', 1);
  const strides = product(intsAttribute(node, 'strides') ?? []);
  const taps = product(kernel);
  const reason = group === 1 ? say('The stride is left out of fan_out: an input element enters one output in each stride.')
    : strides > 1 ? say('The stride and the groups are left out of fan_out: an input element enters its own group only.')
      : say('The groups are left out of fan_out: an input element enters its own group only.');
  const torch: FanConvention = { library: 'PyTorch', fanIn: channels * taps, fanOut: M * taps, reason };
  const depthwise = group > 1 && channels === 1;
  const keras: FanConvention = depthwise
    ? { library: 'Keras', fanIn: group * taps, fanOut: (M / group) * taps,
      reason: say('All channels are counted as inputs of an output, which reads one of them.') }
    : { ...torch, library: 'Keras' };
  return [torch, keras];
}

/** W [C, M/g, k…]; in Keras [k…, filters, C]. */
function transposed({ seenShape }: LayerWeight): readonly FanConvention[] {
  const [C = 1, outputs = 1, ...kernel] = seenShape;
  const taps = product(kernel);
  return both(outputs * taps, C * taps, say('A transposed kernel is read as a plain one: fan_in and fan_out change places, and the stride is left out.'));
}

/** Gates or projections in one tensor, counted as one. */
function fused(node: Node, { fans, parts }: LayerWeight): readonly FanConvention[] {
  const outputs = new Set(parts.map(({ name }) => name.replace(/, (forward|reverse)$/, ''))).size;
  const areGates = isRecurrent(node) || parts.some(({ name }) => name.includes('gate'));
  const all = isRecurrent(node) ? (fans?.fanOut ?? 0) * outputs : parts.reduce((sum, part) => sum + (part.fans?.fanOut ?? 0), 0);
  const reason = areGates ? say('{0} gates in one tensor are counted as one: each is a matrix of its own.', outputs)
    : say('{0} projections in one tensor are counted as one: each is a matrix of its own.', outputs);
  return both(fans?.fanIn ?? 0, all, reason);
}

/** A matrix as it is stored: PyTorch reads [out, in], Keras [in, out], and more axes as a convolution's. */
function matrix({ tensor, fans }: LayerWeight): readonly FanConvention[] {
  const { shape } = tensor;
  if (!fans || shape.length < 2) return [];
  if (shape.length > 2) {
    const reason = say('The {0} axes of a matrix product are read as those of a convolution.', shape.length);
    const [first = 1, second = 1, ...rest] = shape;
    const [last = 1, before = 1] = [shape.at(-1), shape.at(-2)];
    return [
      { library: 'PyTorch', fanIn: second * product(rest), fanOut: first * product(rest), reason },
      { library: 'Keras', fanIn: before * product(shape.slice(0, -2)), fanOut: last * product(shape.slice(0, -2)), reason },
    ];
  }
  const [rows = 1, columns = 1] = shape;
  const isInOut = fans.fanOut === columns;
  const [is, as] = isInOut ? ['[in, out]', '[out, in]'] : ['[out, in]', '[in, out]'];
  const misread = say('This tensor is stored as {0}, and read as {1}.', is, as);
  const factor = fans.fanIn !== rows && fans.fanIn !== columns ? say('The factor alpha of the product is left out.') : '';
  const reason = (isMisread: boolean): string => [isMisread ? misread : '', factor].filter((part) => part !== '').join(' ');
  return [
    { library: 'PyTorch', fanIn: columns, fanOut: rows, reason: reason(isInOut) },
    { library: 'Keras', fanIn: rows, fanOut: columns, reason: reason(!isInOut) },
  ];
}
