import type { Call, LoweredOperator } from './lowering';

/** −w · log p of the class that each label names, [N, d…] from [N, C, d…], and w: 1, that of the class, or 0 where the label is ignored. */
function picked(
  { m, x, has, node, shape }: Call, logProbabilities: string, labels: string, weights: string,
): { readonly losses: string; readonly weight: string } {
  const [, classes = 1] = shape(node.op === 'SoftmaxCrossEntropyLoss' ? 'scores' : 'input');
  const target = m.cast(x(labels), 'int64');
  const whole = (value: number): string => m.graph.constant('int64', [], [value]);
  const ignored = node.attributes.ignore_index;
  const counts = ignored?.kind === 'int' ? m.graph.add('Not', [m.equal(target, whole(ignored.value))]) : null;
  const named = m.graph.add('Clip', [target, whole(0), whole(classes - 1)]);
  const one = m.graph.ints([1]);
  const chosen = m.graph.add('Squeeze', [m.graph.add('GatherElements', [logProbabilities, m.graph.add('Unsqueeze', [named, one])], { axis: 1 }), one]);
  const given = has(weights) ? m.graph.add('Gather', [x(weights), named]) : m.expand(m.constant(1), shape(labels));
  const weight = counts === null ? given : m.masked(counts, given);
  return { losses: m.neg(m.mul(chosen, weight)), weight };
}

/** Each loss, their sum, or their mean by weight. */
function reduced(c: Call, logProbabilities: string, labels: string, weights: string): string {
  const { m, string, shape } = c;
  const { losses, weight } = picked(c, logProbabilities, labels, weights);
  const reduction = string('reduction', 'mean');
  if (reduction === 'none') return losses;
  const axes = shape(labels).map((_, axis) => axis);
  const sum = m.sum(losses, axes, false);
  return reduction === 'sum' ? sum : m.div(sum, m.sum(weight, axes, false));
}

/** Losses that training graphs carry (ONNX NegativeLogLikelihoodLoss and SoftmaxCrossEntropyLoss, opset 13). */
export const loweredLosses: readonly LoweredOperator[] = [
  {
    op: 'NegativeLogLikelihoodLoss', inputs: ['input', 'target', 'weight'], outputs: ['loss'],
    lower: (c) => ({ loss: reduced(c, c.x('input'), 'target', 'weight') }),
  },
  {
    op: 'SoftmaxCrossEntropyLoss', inputs: ['scores', 'labels', 'weights'], outputs: ['output', 'log_prob'],
    lower: (c) => {
      const logProbabilities = c.m.graph.add('LogSoftmax', [c.x('scores')], { axis: 1 });
      return { output: reduced(c, logProbabilities, 'labels', 'weights'), log_prob: logProbabilities };
    },
  },
];
