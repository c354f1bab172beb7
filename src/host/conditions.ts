import { isFloat } from '../core/graph/dtype';
import { graphsOf } from '../core/graph/graph';
import type { OpenedModel } from '../formats/openModel';
import type { Conditions } from '../protocol/panel';

/** Which conditions of a run make a difference to a network. */
export function conditionsOf({ model }: Pick<OpenedModel, 'model'>): Conditions {
  const ops = new Set([...graphsOf(model)].flatMap(({ nodes }) => nodes.filter(({ domain }) => domain === '').map(({ op }) => op)));
  return {
    batchNorm: ops.has('BatchNormalization'), dropout: ops.has('Dropout'), input: model.graph.inputs.some(({ dtype }) => isFloat(dtype)),
  };
}
