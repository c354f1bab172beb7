/** Networks of dense layers, each as its test has it, to be compared with others. */
import { attribute, concat, floatBytes, int, model, node, raw, tensor, types, valueInfo } from './protobuf';

export interface Dense {
  readonly name: string;
  readonly into: number;
  readonly out: number;
  /** Null for none. */
  readonly activation: string | null;
  readonly bias?: boolean;
  /** What becomes of the kernel's values. */
  readonly change?: (weights: readonly number[]) => readonly number[];
}

export const mlp: readonly Dense[] = [
  { name: 'fc1', into: 8, out: 16, activation: 'Relu' }, { name: 'fc2', into: 16, out: 12, activation: 'Tanh' },
  { name: 'fc3', into: 12, out: 4, activation: null },
];

/** The same network with another layer in the place of one. */
export const withLayer = (layers: readonly Dense[], name: string, to: Partial<Dense>): readonly Dense[] => (
  layers.map((each) => (each.name === name ? { ...each, ...to } : each)));

/** Values by the shape alone, so that layers of one shape hold the same. */
const valuesOf = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => Math.sin(3 * i + 1) / 4);

/** As an ONNX file. */
export function denseModel(layers: readonly Dense[]): Uint8Array {
  return model({
    nodes: layers.flatMap(({ name: fc, activation, bias = true }, i) => {
      const [input, output] = [i === 0 ? 'x' : `a${i - 1}`, i === layers.length - 1 ? 'y' : `a${i}`];
      const inputs = [input, `${fc}.weight`, ...(bias ? [`${fc}.bias`] : [])];
      const gemm = concat(node('Gemm', inputs, [activation ? `z${i}` : output], [attribute('transB', 2, int(3, 1))], fc));
      return activation ? [gemm, node(activation, [`z${i}`], [output])] : [gemm];
    }),
    initializers: layers.flatMap(({ name: fc, into, out, bias = true, change = (weights) => weights }) => [
      tensor(`${fc}.weight`, types.float32, [out, into], raw(floatBytes([...change(valuesOf(into * out))]))),
      ...(bias ? [tensor(`${fc}.bias`, types.float32, [out], raw(floatBytes([...valuesOf(out)])))] : []),
    ]),
    inputs: [valueInfo('x', ['n', layers[0]?.into ?? 0])], outputs: [valueInfo('y', ['n', layers.at(-1)?.out ?? 0])],
  });
}
