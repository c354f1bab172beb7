import type { Graph } from '../../core/graph/graph';
import { valuesUsedBy } from '../../core/graph/order';
import type { Prepared } from './prepare';

/** Inputs whose values, not only shapes, decide the shape of the output (ONNX operator specifications, opset 21). */
const decisive: ReadonlyMap<string, readonly number[]> = new Map([
  ['Reshape', [1]], ['Expand', [1]], ['Tile', [1]], ['Slice', [1, 2, 3, 4]], ['Pad', [1, 3]], ['Resize', [2, 3]], ['TopK', [1]], ['Split', [1]],
  ['Squeeze', [1]], ['Unsqueeze', [1]], ['ConstantOfShape', [0]], ['Range', [0, 1, 2]], ['OneHot', [1]], ['CenterCropPad', [1]], ['AffineGrid', [1]],
  ['If', [0]], ['Loop', [0, 1]],
  // Their outputs are as long as there are elements of some kind.
  ['NonZero', [0]], ['Compress', [0, 1]], ['Unique', [0]], ['NonMaxSuppression', [0, 1, 2, 3, 4]],
]);
/** Of these nothing but the shape of what they read goes on. */
const forgetful = new Set(['Shape', 'Size', 'ConstantOfShape', 'EyeLike']);

/** Whether what is fed decides on shapes, branches or steps, so that another input may need another plan. */
export function dependsOnData(graph: Graph): boolean {
  const fed = new Set(graph.inputs.map((input) => input.name));
  for (const node of graph.nodes) {
    const positions = decisive.get(node.op);
    if (node.domain === '' && positions?.some((position) => fed.has(node.inputs[position] ?? ''))) return true;
    // A body is looked at as a whole: what it reads may end its loop, or decide within it.
    const hasBody = Object.values(node.attributes).some((attribute) => attribute.kind === 'graph');
    const readsFed = valuesUsedBy(node).some((value) => fed.has(value));
    if (hasBody && readsFed && Object.values(node.attributes).some((attribute) => attribute.kind === 'graph' && dependsOnData(opened(attribute.value, fed)))) {
      return true;
    }
    if (readsFed && !forgetful.has(node.op)) for (const output of node.outputs) fed.add(output);
  }
  return false;
}

/** A body with the values it sees from outside as inputs. */
function opened(body: Graph, fed: ReadonlySet<string>): Graph {
  return { ...body, inputs: [...body.inputs, ...[...fed].map((name) => ({ name, dtype: 'float32' as const, shape: null }))] };
}

/** Whether one plan serves both: the same nodes are run with the same shapes. */
export function isSameNetwork(one: Prepared, other: Prepared): boolean {
  const described = ({ forward, facts }: Prepared): string => JSON.stringify([
    forward.graph.nodes.map((node) => [node.name, node.inputs]), [...facts.shapes], [...facts.constants],
  ]);
  return described(one) === described(other);
}
