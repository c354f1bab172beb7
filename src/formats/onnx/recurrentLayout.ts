import type { GraphBuilder } from '../../core/graph/builder';
import type { Node } from '../../core/graph/graph';
import { intAttribute } from '../../core/graph/graph';

/**
 * Layout 1 of LSTM, GRU and RNN has the batch first: X [B, T, I], states [B, D, H], Y [B, T, D, H]. ONNX Runtime has a kernel of layout 0
 * alone: X [T, B, I], states [D, B, H], Y [T, D, B, H].
 */
export function liftBatchFirst(node: Node, builder: GraphBuilder): boolean {
  if (intAttribute(node, 'layout', 0) === 0) return false;
  const attributes = Object.fromEntries(Object.entries(node.attributes).filter(([name]) => name !== 'layout'));
  const swapped = [0, 5, 6];
  const inputs = node.inputs.map((input, i) => (input === '' || !swapped.includes(i) ? input : builder.add('Transpose', [input], { perm: [1, 0, 2] })));
  const outputs = node.outputs.map((output) => (output === '' ? '' : builder.fresh(`${output}/steps_first`)));
  builder.append({ ...node, inputs, outputs, attributes });
  node.outputs.forEach((output, i) => {
    if (output === '') return;
    const perm: Node['attributes'][string] = { kind: 'ints', value: i === 0 ? [2, 0, 1, 3] : [1, 0, 2] };
    builder.append({ name: builder.fresh('Transpose'), domain: '', op: 'Transpose', inputs: [outputs[i] ?? ''], outputs: [output], attributes: { perm } });
  });
  return true;
}
