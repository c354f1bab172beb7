import { isFloat } from '../core/graph/dtype';
import type { ValueInfo } from '../core/graph/graph';
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

/** Names of symbolic dimensions, in the order of the inputs. What leads an input is the batch, which has a field of its own. */
export function openDimensions(inputs: readonly Pick<ValueInfo, 'shape'>[]): readonly string[] {
  const leading = new Set(inputs.map(({ shape }) => shape?.[0]));
  const named = inputs.flatMap(({ shape }) => shape ?? []).filter((size) => typeof size === 'string');
  return [...new Set(named)].filter((name) => !leading.has(name));
}
