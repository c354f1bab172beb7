import { isFloat } from '../core/graph/dtype';
import { graphsOf } from '../core/graph/graph';
import type { Graph, ValueInfo } from '../core/graph/graph';
import { indexGraph } from '../core/graph/order';
import type { Layer } from '../core/layers/layer';
import { repeatedBlock } from '../core/layers/repeatedBlock';
import type { OpenedModel } from '../formats/openModel';
import type { Conditions } from '../protocol/panel';
import { say } from '../protocol/words';

/** Which conditions of a run make a difference to a network. */
export function conditionsOf({ model, graph, layers }: Pick<OpenedModel, 'model' | 'graph' | 'layers'>): Conditions {
  const ops = new Set([...graphsOf(model)].flatMap(({ nodes }) => nodes.filter(({ domain }) => domain === '').map(({ op }) => op)));
  return {
    batchNorm: ops.has('BatchNormalization'), dropout: ops.has('Dropout'), input: model.graph.inputs.some(({ dtype }) => isFloat(dtype)),
    block: blockOf(graph, layers),
  };
}

/** "stage1.1", or the layers at its ends. */
function blockOf(graph: Graph, layers: readonly Layer[]): string | null {
  const block = repeatedBlock(indexGraph(graph));
  const made = new Set(block?.nodes.flatMap(({ outputs }) => outputs));
  const names = layers.filter(({ preactivation }) => made.has(preactivation)).map(({ name }) => name);
  const [first, last] = [names[0], names.at(-1)];
  if (first === undefined || last === undefined) return null;
  const parts = first.split(/(?=[./])/);
  const shared = parts.filter((_, i) => names.every((name) => name === first || name.startsWith(parts.slice(0, i + 1).join('')))).join('');
  return shared === '' ? say('{0} to {1}', first, last) : shared;
}

/** Names of symbolic dimensions, in the order of the inputs. What leads an input is the batch, which has a field of its own. */
export function openDimensions(inputs: readonly Pick<ValueInfo, 'shape'>[]): readonly string[] {
  const leading = new Set(inputs.map(({ shape }) => shape?.[0]));
  const named = inputs.flatMap(({ shape }) => shape ?? []).filter((size) => typeof size === 'string');
  return [...new Set(named)].filter((name) => !leading.has(name));
}
