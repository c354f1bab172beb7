/** Networks in which an exporter has made one tensor of equal ones, as PyTorch's does of a module that has just been made. */
import { concat, floatBytes, graph, int, message, node, raw, tensor, text, types, valueInfo } from './protobuf';
import { createRandom } from './random';

const width = 8;
const random = createRandom(1);
const normals = (count: number, std: number): Uint8Array => floatBytes(Array.from({ length: count }, () => std * (random() + random() + random() - 1.5) * 2));
export const kernel = (name: string, shape: readonly number[], std = 0.3): Uint8Array => (
  tensor(name, types.float32, shape, raw(normals(shape.reduce((all, size) => all * size, 1), std))));
export const filled = (name: string, count: number, value: number): Uint8Array => (
  tensor(name, types.float32, [count], raw(floatBytes(Array.from({ length: count }, () => value)))));

export interface MergedOptions {
  readonly irVersion?: number;
  /** Whether every use has an identity with the name of the tensor it was, as the TorchScript exporter writes it. */
  readonly identities?: boolean;
}

/** x + norm(g(relu(f(x)))) three times and a norm behind it: one γ for four norms; one β, which is the bias of all kernels, too. */
export function postNorm({ irVersion = 8, identities = false }: MergedOptions = {}): Uint8Array {
  const nodes: Uint8Array[] = [];
  const copy = (name: string, as: string): string => {
    if (!identities) return name;
    nodes.unshift(node('Identity', [name], [as]));
    return as;
  };
  let x = 'x';
  for (const i of [0, 1, 2]) {
    nodes.push(
      node('Gemm', [x, `${i}.weight`, copy('zeros', `${i}.bias`)], [`f${i}`], [], `f${i}`), node('Relu', [`f${i}`], [`r${i}`], [], `r${i}`),
      node('Gemm', [`r${i}`, `${i}.down.weight`, copy('zeros', `${i}.down.bias`)], [`g${i}`], [], `g${i}`),
      node('LayerNormalization', [`g${i}`, copy('ones', `${i}.norm.weight`), copy('zeros', `${i}.norm.bias`)], [`n${i}`], [], `norm${i}`),
      node('Add', [x, `n${i}`], [`x${i}`], [], `add${i}`),
    );
    x = `x${i}`;
  }
  nodes.push(
    node('LayerNormalization', [x, copy('ones', 'last.weight'), copy('zeros', 'last.bias')], ['last'], [], 'last'),
    node('MatMul', ['last', 'head.weight'], ['y'], [], 'head'),
  );
  const kernels = [0, 1, 2].flatMap((i) => [`${i}.weight`, `${i}.down.weight`]);
  const weights = kernels.map((name) => kernel(name, [width, width]));
  const initializers = [filled('ones', width, 1), filled('zeros', width, 0), ...weights, kernel('head.weight', [width, 3])];
  const named = ['ones', 'zeros', ...kernels, 'head.weight'];
  const shapes = [[width], [width], ...weights.map(() => [width, width]), [width, 3]];
  const asInputs = irVersion < 4 ? named.map((name, i) => valueInfo(name, shapes[i] ?? [])) : [];
  const parts = { nodes, initializers, inputs: [valueInfo('x', ['n', width]), ...asInputs], outputs: [valueInfo('y', ['n', 3])] };
  return concat(int(1, irVersion), message(7, graph(parts)), message(8, text(1, ''), int(2, 17)));
}

/** Convolution and batch normalisation: γ and running variance are one tensor, β and running mean another. */
export function mergedBatchNorm(isApart: boolean): Uint8Array {
  const names = isApart ? ['gamma', 'beta', 'mean', 'variance'] : ['ones', 'zeros', 'zeros', 'ones'];
  const values = [1, 0, 0, 1];
  const initializers = [...new Set(names)].map((name) => filled(name, width, values[names.indexOf(name)] ?? 0));
  const w = createRandom(2);
  const weights = floatBytes(Array.from({ length: width * width }, () => w() - 0.5));
  return concat(int(1, 8), message(7, graph({
    nodes: [
      node('Conv', ['x', 'w'], ['c'], [], 'conv'), node('BatchNormalization', ['c', ...names], ['b'], [], 'norm'), node('Relu', ['b'], ['y'], [], 'relu'),
    ],
    initializers: [tensor('w', types.float32, [width, width, 1, 1], raw(weights)), ...initializers],
    inputs: [valueInfo('x', [2, width, 4, 4])], outputs: [valueInfo('y', [2, width, 4, 4])],
  })), message(8, text(1, ''), int(2, 17)));
}
