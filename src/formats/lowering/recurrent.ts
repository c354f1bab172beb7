// Recurrent layers of other libraries as ONNX has them: gates in its order, kernels turned as it takes them (ONNX LSTM-14, GRU-14).

import type { TextNetwork } from './textNetwork';

/** Where the gates of a stored kernel are: [gates · units, in], or [in, gates · units]. */
type Layout = 'rows' | 'columns';

/** The gates of a stored tensor in another order; `order` has, for each gate of ONNX, where it is stored. */
export function orderedGates(network: TextNetwork, value: string, order: readonly number[], layout: Layout = 'rows'): string {
  const turned = (part: string): string => (layout === 'rows' ? part : network.add('Transpose', [part], { perm: [1, 0] }));
  if (order.length === 1) return turned(value);
  const parts = network.addMany('Split', [value], order.length, { axis: layout === 'rows' ? 0 : 1, num_outputs: order.length });
  return network.add('Concat', order.map((gate) => turned(parts[gate] ?? '')), { axis: 0 });
}

const first = (network: TextNetwork, value: string): string => network.add('Unsqueeze', [value, network.ints([0])]);

/** The bias of the input and that of the state, each [gates · units] in the order of ONNX; zeros where there is none. */
export function joinedBias(network: TextNetwork, input: string | null, state: string | null, size: number): string | null {
  if (input === null && state === null) return null;
  const zeros = (): string => network.builder.constant('float32', [size], Array.from({ length: size }, () => 0));
  return first(network, network.add('Concat', [input ?? zeros(), state ?? zeros()], { axis: 0 }));
}

export interface Cell {
  readonly op: 'LSTM' | 'GRU' | 'RNN';
  readonly units: number;
  /** Gates in the order of ONNX: [gates · units, in] and [gates · units, units]. */
  readonly kernel: string;
  readonly recurrent: string;
  /** [1, 2 · gates · units] */
  readonly bias: string | null;
  /** [units] each; zeros where there are none. */
  readonly states?: readonly string[];
  readonly activations?: readonly string[];
  /** Of the activations that have such numbers, in their order. */
  readonly alphas?: readonly number[];
  readonly betas?: readonly number[];
  /** Whether a GRU resets the state before the product with it, and not after. */
  readonly resetsBefore?: boolean;
}

/** Runs over steps [time, batch, in]; returns [time, batch, units]. */
export function runCell(network: TextNetwork, steps: string, cell: Cell): string {
  const { op, units, kernel, recurrent, bias, states = [], activations, alphas = [], betas = [], resetsBefore = false } = cell;
  const inputs = [steps, first(network, kernel), first(network, recurrent), bias ?? '', '', ...states.map((state) => expanded(network, steps, state, units))];
  const named = {
    ...(activations ? { activations: { kind: 'strings', value: activations } as const } : {}),
    ...(alphas.length > 0 ? { activation_alpha: { kind: 'floats', value: alphas } as const } : {}),
    ...(betas.length > 0 ? { activation_beta: { kind: 'floats', value: betas } as const } : {}),
  };
  const [all = ''] = network.addMany(op, inputs, 1, { hidden_size: units, ...(op === 'GRU' && !resetsBefore ? { linear_before_reset: 1 } : {}), ...named });
  return network.add('Squeeze', [all, network.ints([1])]);
}

/** A state for every sample of the batch. */
function expanded(network: TextNetwork, steps: string, state: string, units: number): string {
  const batch = network.add('Gather', [network.add('Shape', [steps]), network.ints([1])]);
  return network.add('Expand', [state, network.add('Concat', [network.ints([1]), batch, network.ints([units])], { axis: 0 })]);
}
