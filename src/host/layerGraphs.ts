// The graphs of layers that the panel draws, each worked out once for a file as it is read.

import { layerGraphOf } from '../core/layers/layerGraph';
import type { OpenedModel } from '../formats/openModel';
import type { LayerGraph } from '../protocol/layerGraph';

const known = new WeakMap<OpenedModel, LayerGraph>();

export function layerGraphOfModel(opened: OpenedModel): LayerGraph {
  const graph = known.get(opened) ?? layerGraphOf(opened.graph, opened.layers);
  known.set(opened, graph);
  return graph;
}
