import type { Node } from '../../graph/graph';
import { intAttribute } from '../../graph/graph';
import { createTensor } from '../../graph/tensor';
import type { ParameterUse } from '../spec';
import { say } from '../../../protocol/words';
import type { Call, LoweredOperator } from './lowering';

const microsoft = 'com.microsoft';
const always = (): boolean => true;

/** γ x̂ + β over the last axis, as the standard operator has it. */
function layerNormalized({ m, x, has, float }: Call, value: string, epsilon: number): string {
  return m.graph.add('LayerNormalization', [value, x('gamma'), ...(has('beta') ? [x('beta')] : [])], { axis: -1, epsilon: m.float(float('epsilon', epsilon)) });
}

interface Scaled {
  readonly value: string;
  /** 1 / √(⟨x²⟩ + ε) */
  readonly inverse: string;
}

/** γ x / √(⟨x²⟩ + ε) (Zhang & Sennrich 2019, arXiv 1910.07467, eq. 4), the mean over these axes. */
export function rootMeanSquared({ m }: Pick<Call, 'm'>, value: string, gamma: string, axes: readonly number[], epsilon: number): Scaled {
  const inverse = m.reciprocal(m.sqrt(m.plus(m.mean(m.square(value), axes), epsilon)));
  return { inverse, value: m.mul(m.mul(value, inverse), gamma) };
}

/** Mean and 1/σ over the last axis, of which tools keep copies. */
function statistics({ m, gives, float }: Call, sum: string): Readonly<Record<string, string>> {
  const mean = gives('mean') || gives('inv_std_var') ? m.mean(sum, [-1]) : '';
  const inverse = gives('inv_std_var') ? m.reciprocal(m.sqrt(m.plus(m.mean(m.square(m.sub(sum, mean)), [-1]), float('epsilon', 1e-12)))) : '';
  return { ...(gives('mean') ? { mean } : {}), ...(inverse === '' ? {} : { inv_std_var: inverse }) };
}

const skipped = ({ m, x, has }: Call): string => {
  const sum = m.add(x('input'), x('skip'));
  return has('bias') ? m.add(sum, x('bias')) : sum;
};

/** Whether the axes to normalise over are the last one alone. */
const isLastAxis = (node: Node): boolean => intAttribute(node, 'axis', -1) === -1;

/** Root mean square over the axes from `axis` on (ONNX RMSNormalization, opset 23), and what ONNX Runtime called that before. */
function rms(op: string, outputs: readonly string[]): LoweredOperator {
  return {
    op, inputs: ['X', 'scale'], outputs, shapeless: isLastAxis,
    parameters: { scale: { role: 'gamma' } },
    lower: (c) => {
      const axis = c.int('axis', -1);
      const rank = isLastAxis(c.node) ? 1 : c.shape('X').length;
      const axes = Array.from({ length: axis < 0 ? -axis : rank - axis }, (_, i) => -1 - i);
      const { value, inverse } = rootMeanSquared(c, c.x('X'), c.x('scale'), axes, c.float('epsilon', 1e-5));
      return { Y: value, inv_std_var: inverse };
    },
  };
}

/** LayerNormalization of the sum of a signal and its skip connection (ContribOperators.md, SkipLayerNormalization). */
const SkipLayerNormalization: LoweredOperator = {
  op: 'SkipLayerNormalization', domain: microsoft, inputs: ['input', 'skip', 'gamma', 'beta', 'bias'],
  outputs: ['output', 'mean', 'inv_std_var', 'input_skip_bias_sum'], shapeless: always,
  parameters: { gamma: { role: 'gamma' }, beta: { role: 'beta' }, bias: { role: 'bias' } },
  lower: (c) => {
    const sum = skipped(c);
    return { output: layerNormalized(c, sum, 1e-12), ...statistics(c, sum), input_skip_bias_sum: sum };
  },
};

const SkipSimplifiedLayerNormalization: LoweredOperator = {
  op: 'SkipSimplifiedLayerNormalization', domain: microsoft, inputs: ['input', 'skip', 'gamma', 'bias'],
  outputs: ['output', 'mean', 'inv_std_var', 'input_skip_bias_sum'], shapeless: always,
  parameters: { gamma: { role: 'gamma' }, bias: { role: 'bias' } },
  refuses: ({ gives }) => (gives('mean') ? say('its output mean has no meaning without a mean') : null),
  lower: (c) => {
    const sum = skipped(c);
    const { value, inverse } = rootMeanSquared(c, sum, c.x('gamma'), [-1], c.float('epsilon', 1e-12));
    return { output: value, inv_std_var: inverse, input_skip_bias_sum: sum };
  },
};

/** A table [V, D] reads one row per index, as Gather does. */
const embedding: ParameterUse = { role: 'embedding', fans: (shape) => ({ fanIn: 1, fanOut: shape.at(-1) ?? 1 }) };

/** LayerNormalization of the sum of word, position and segment embeddings (Devlin et al. 2018, arXiv 1810.04805, fig. 2). */
const EmbedLayerNormalization: LoweredOperator = {
  op: 'EmbedLayerNormalization', domain: microsoft,
  inputs: ['input_ids', 'segment_ids', 'word_embedding', 'position_embedding', 'segment_embedding', 'gamma', 'beta', 'mask', 'position_ids'],
  outputs: ['output', 'mask_index', 'embedding_sum'], shapeless: always, typedBy: 'word_embedding',
  outputType: (_, output) => (output === 1 ? 'int32' : undefined),
  parameters: {
    word_embedding: embedding, position_embedding: embedding, segment_embedding: embedding,
    gamma: { role: 'gamma' }, beta: { role: 'beta' },
  },
  lower: (c) => {
    const { m, x, has, gives } = c;
    const lookUp = (table: string, ids: string): string => m.graph.add('Gather', [x(table), ids]);
    const length = m.graph.add('Shape', [x('input_ids')], { start: 1, end: 2 });
    const first = (): string => m.graph.add('Slice', [x('position_embedding'), m.graph.ints([0]), length, m.graph.ints([0])]);
    const positions = has('position_ids') ? lookUp('position_embedding', x('position_ids')) : first();
    const words = m.add(lookUp('word_embedding', x('input_ids')), positions);
    const sum = has('segment_ids') ? m.add(words, lookUp('segment_embedding', x('segment_ids'))) : words;
    // How many words a mask counts; none where there is no mask.
    const none = (): string => m.graph.add('ConstantOfShape', [m.graph.add('Shape', [x('input_ids')], { start: 0, end: 1 })],
      { value: { kind: 'tensor', value: createTensor('int32', [1], [0]) } });
    const lengths = (): string => (has('mask') ? m.graph.add('ReduceSum', [x('mask'), m.graph.ints([1])], { keepdims: 0 }) : none());
    return { output: layerNormalized(c, sum, 1e-12), embedding_sum: sum, ...(gives('mask_index') ? { mask_index: lengths() } : {}) };
  },
};

export const loweredNormalizations: readonly LoweredOperator[] = [
  rms('RMSNormalization', ['Y']), rms('SimplifiedLayerNormalization', ['Y', 'inv_std_var']), SkipLayerNormalization, SkipSimplifiedLayerNormalization,
  EmbedLayerNormalization,
];
