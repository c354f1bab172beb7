// A signal on its way through ConvNetJS: a volume, [batch, y, x, depth] as it is stored, or with its depth first, as ONNX convolves.

import type { TextNetwork } from '../lowering/textNetwork';

export interface Volume {
  readonly value: string;
  readonly isFirst: boolean;
  readonly sx: number;
  readonly sy: number;
  readonly depth: number;
}

export const plain = (network: TextNetwork, { value, isFirst }: Volume): string => (
  isFirst ? network.add('Transpose', [value], { perm: [0, 2, 3, 1] }) : value);

export const depthFirst = (network: TextNetwork, { value, isFirst }: Volume): string => (
  isFirst ? value : network.add('Transpose', [value], { perm: [0, 3, 1, 2] }));

export const sizeOf = ({ sx, sy, depth }: Volume): number => sx * sy * depth;

/** All its numbers in a row, as ConvNetJS has them. */
export const flat = (network: TextNetwork, volume: Volume): string => network.add('Reshape', [plain(network, volume), network.ints([0, sizeOf(volume)])]);

/** A row of numbers as a volume of one place. */
export const column = (network: TextNetwork, value: string, depth: number): Volume => (
  { value: network.add('Reshape', [value, network.ints([0, 1, 1, depth])]), isFirst: false, sx: 1, sy: 1, depth });
