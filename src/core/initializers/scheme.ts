import type { SchemeDescription, SchemeId, SchemeOptions } from '../../protocol/schemes';
import type { Layer, LayerPart, LayerWeight } from '../layers/layer';
import type { ResolvedBlock } from './advice';
import { blocksOf } from './advice';
import type { Network } from './network';
import type { Resolved } from './resolved';
import { constant } from './resolved';

/** A weight in its layer, in its network. */
export interface Place {
  readonly layer: Layer;
  readonly weight: LayerWeight;
  readonly network: Network;
}

/** A weight as a scheme draws it. */
export interface Drawn {
  readonly blocks: readonly ResolvedBlock[];
  /** "He normal" */
  readonly title: string;
}

/** A way to draw the weights of a network. */
export interface Scheme extends SchemeDescription {
  readonly id: Exclude<SchemeId, 'recommended'>;
  /** How it draws a weight; null where it has nothing to say of it, and the policy of the weight's role holds. */
  readonly draw: (place: Place, options: SchemeOptions) => Drawn | null;
  /** What of it that network cannot have, one sentence each. */
  readonly notes?: (network: Network) => readonly string[];
}

/** What `resolve` says of each part, where the tensor has parts, else of the whole. */
export function drawParts(weight: LayerWeight, resolve: (part: LayerPart | null) => Resolved): Drawn {
  return drawnAs(blocksOf(weight, resolve));
}

export function drawnAs(blocks: readonly ResolvedBlock[]): Drawn {
  return { blocks, title: [...new Set(blocks.map(({ resolved }) => resolved.title))].join(' / ') };
}

export function drawWhole(resolved: Resolved): Drawn {
  return { blocks: [{ resolved }], title: resolved.title };
}

export const drawConstant = (value: number): Drawn => drawWhole(constant(value));
