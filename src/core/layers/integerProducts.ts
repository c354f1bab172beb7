import { isFloat } from '../graph/dtype';
import type { Node } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { storedSource } from './source';

/** What an operator does with the integers of a weight, and what makes real numbers of the result. */
export interface IntegerProduct {
  /** The same on real numbers. */
  readonly op: string;
  /** Position of the weight among the inputs, and the inputs of the real operator, in which it is to be dequantised. */
  readonly position: number;
  readonly inputs: readonly string[];
  /** The weight, its scale and, where there is one, its zero point: as DequantizeLinear takes them, along an axis. */
  readonly weights: readonly string[];
  readonly axis: number;
  /** The real result. */
  readonly output: string;
  /** The nodes that make it of the integers. */
  readonly around: readonly Node[];
}

type Form = (index: GraphIndex, node: Node) => IntegerProduct | null;
const forms: ReadonlyMap<string, Form> = new Map([['MatMulInteger', productOf], ['ConvInteger', productOf], ['Gather', lookUpOf]]);

/** Products and tables of integers as ONNX Runtime's quantisers write them, with the scales behind the operator. */
export function integerProducts(index: GraphIndex): ReadonlyMap<Node, IntegerProduct> {
  return new Map(index.graph.nodes.flatMap((node) => {
    const find = node.domain === '' ? forms.get(node.op) : undefined;
    const product = find?.(index, node);
    return product ? [[node, product] as const] : [];
  }));
}

/** MatMulInteger or ConvInteger, behind it a Cast, and the product with both scales. */
function productOf(index: GraphIndex, node: Node): IntegerProduct | null {
  const [input = '', kernel = '', , zeroPoint = ''] = node.inputs;
  const [cast, ...others] = index.consumers.get(node.outputs[0] ?? '') ?? [];
  const [scaled, ...more] = cast?.op === 'Cast' ? index.consumers.get(cast.outputs[0] ?? '') ?? [] : [];
  if (!cast || scaled?.op !== 'Mul' || others.length + more.length > 0) return null;
  const both = scaled.inputs.find((each) => each !== cast.outputs[0]) ?? '';
  const scales = index.producer.get(both);
  const scale = [both, ...(scales?.op === 'Mul' ? scales.inputs : [])].find((each) => storedSource(index, each));
  if (scale === undefined || !storedSource(index, kernel)) return null;
  const isAlone = scales?.op === 'Mul' && (index.consumers.get(both) ?? []).length === 1;
  const op = node.op.replace('Integer', '');
  return {
    op, position: 1, inputs: [input, kernel], weights: [kernel, scale, ...(zeroPoint === '' ? [] : [zeroPoint])], axis: op === 'Conv' ? 0 : 1,
    output: scaled.outputs[0] ?? '', around: [cast, scaled, ...(isAlone ? [scales] : [])],
  };
}

/** Operators between what is looked up and its scales. */
const between = new Set(['Identity', 'Transpose', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten']);
const farthest = 4;

/** Rows of a table of integers, of which only those that are looked up are dequantised. */
function lookUpOf(index: GraphIndex, node: Node): IntegerProduct | null {
  const [table = ''] = node.inputs;
  const source = storedSource(index, table);
  if (source?.quantization !== null || isFloat(source.tensor.dtype)) return null;
  let [value = ''] = node.outputs;
  for (let step = 0; step < farthest; step++) {
    const [reader, ...others] = index.consumers.get(value) ?? [];
    if (reader?.op === 'DequantizeLinear') {
      const isAtOnce = step === 0 && others.length === 0;
      const [output = ''] = isAtOnce ? reader.outputs : node.outputs;
      return { op: 'Gather', position: 0, inputs: node.inputs, weights: [table, ...reader.inputs.slice(1)], axis: 1, output, around: isAtOnce ? [reader] : [] };
    }
    if (reader === undefined || !between.has(reader.op)) return null;
    [value = ''] = reader.outputs;
  }
  return null;
}
