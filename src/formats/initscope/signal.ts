// A value on its way through a network: its sizes behind the batch, and in which of two layouts the graph has it.

/**
 * [features], [length, features], [channels, height, width] or [channels, depth, height, width]. `plain` is the value in that order; `first`, of
 * a sequence alone, with its features behind the batch, as ONNX' convolutions and norms take them. One of them is there, and the other is made
 * where it is asked for.
 */
export interface Signal {
  readonly shape: readonly number[];
  readonly plain: string | null;
  readonly first: string | null;
  /** Numbers of words out of so many; null for what is no text. */
  readonly tokens: number | null;
}

export const signalOf = (plain: string, shape: readonly number[]): Signal => ({ shape, plain, first: null, tokens: null });

/** With its channels behind the batch: of all but a sequence that is the order it has anyhow. */
export const channelsFirst = (first: string, shape: readonly number[]): Signal => (
  shape.length === 2 ? { shape, plain: null, first, tokens: null } : signalOf(first, shape));

/** The axis of `shape` that its channels or features lie along. */
export const channelAxis = (shape: readonly number[]): number => (shape.length === 2 ? 1 : 0);

export const channelsOf = (shape: readonly number[]): number => shape[channelAxis(shape)] ?? 1;

/** Sizes of the axes that windows move over: length, or height and width. */
export const spatialOf = (shape: readonly number[]): readonly number[] => shape.filter((_, axis) => axis !== channelAxis(shape));

export const withChannels = (channels: number, spatial: readonly number[]): readonly number[] => (
  spatial.length === 1 ? [...spatial, channels] : [channels, ...spatial]);

const kinds = ['a number', 'a vector', 'a sequence', 'an image', 'a volume'];

/** "an image [3, 32, 32]" */
export function described({ shape, tokens }: Signal): string {
  if (tokens !== null) return `${shape.join(' × ')} tokens`;
  return `${kinds[shape.length] ?? 'an array'} [${shape.join(', ')}]`;
}
