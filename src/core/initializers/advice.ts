import type { Slice } from '../../protocol/recipe';
import type { PartReport, Recommendation } from '../../protocol/report';
import { elementCount } from '../graph/dtype';
import type { LayerPart, LayerWeight } from '../layers/layer';
import type { Fans } from '../ops/spec';
import type { Resolved, Scheme } from './schemes';
import { schemeOf } from './schemes';

/** How a part of a tensor, or all of it, is to be drawn. */
export interface ResolvedBlock {
  readonly resolved: Resolved;
  /** Absent for the whole tensor. */
  readonly slices?: readonly Slice[];
}

/** What a weight should start from, and how it would be drawn. */
export interface Advice {
  /** Of the first part, where there are several. */
  readonly resolved: Resolved;
  readonly blocks: readonly ResolvedBlock[];
  readonly parts: readonly PartReport[];
  readonly recommendation: Recommendation;
}

/** Said beside the numbers: one sentence why, and the paper with its equation. */
export interface Grounds {
  readonly reason: string;
  readonly source: string;
}

/** A scheme for the whole tensor, or with the fans of each part for that part. */
export function adviseScheme(weight: LayerWeight, fans: Fans, id: Scheme['id'], grounds: Grounds, gain?: number): Advice {
  const scheme = schemeOf(id);
  return adviseParts(weight, id, (part) => withGain(scheme, part?.fans ?? fans, gain), grounds);
}

function withGain(scheme: Scheme, fans: Fans, gain: number | undefined): Resolved {
  const resolved = scheme.resolve(fans, gain);
  const isOwn = resolved.gain === null || resolved.gain === scheme.resolve(fans).gain;
  return isOwn ? resolved : { ...resolved, title: `${resolved.title}, gain ${rounded(resolved.gain)}` };
}

/** What `resolve` says of each part, where the tensor has parts, else of the whole. */
export function adviseParts(
  weight: LayerWeight, scheme: Recommendation['scheme'], resolve: (part: LayerPart | null) => Resolved, grounds: Grounds, title?: string,
): Advice {
  const blocks = blocksOf(weight, resolve);
  const resolved = blocks[0]?.resolved ?? resolve(null);
  const { sampler, mode, gain, std, bound } = resolved;
  const recommendation = { scheme, mode, distribution: sampler.kind, gain, std, bound, title: title ?? resolved.title, ...grounds };
  return { resolved, blocks, recommendation, parts: weight.parts.map((part) => ({ name: part.name, recommendation: resolve(part).title })) };
}

/** The blocks of a tensor: one for each part that is drawn in its own way, or a single one where that makes no difference. */
export function blocksOf(weight: LayerWeight, resolve: (part: LayerPart | null) => Resolved): readonly ResolvedBlock[] {
  const { parts } = weight;
  if (parts.length === 0 || !isCovered(weight)) return [{ resolved: resolve(null) }];
  const blocks = parts.map((part) => ({ resolved: resolve(part), slices: part.slices }));
  const [first] = blocks;
  const kinds = new Set(blocks.map(({ resolved }) => JSON.stringify(resolved.sampler)));
  const isAlike = kinds.size === 1 && first?.resolved.sampler.kind !== 'orthogonal';
  return first && isAlike ? [{ resolved: first.resolved }] : blocks;
}

/** Whether it is known where each part lies, and nothing is left between them. */
export function isCovered({ parts, tensor }: LayerWeight): boolean {
  const covered = parts.reduce((sum, part) => sum + part.rows * part.columns, 0);
  return covered === elementCount(tensor.shape) && (parts.length === 1 || parts.every((part) => part.slices.length > 0));
}

export function constant(value: number): Resolved {
  const title = value === 0 ? 'Zeros' : value === 1 ? 'Ones' : `Constant ${value}`;
  return { sampler: { kind: 'constant', value }, mode: null, gain: null, std: 0, bound: value, title };
}

export function adviseConstant(weight: LayerWeight, value: number, grounds: Grounds): Advice {
  return adviseParts(weight, value === 0 ? 'zeros' : value === 1 ? 'ones' : 'constant', () => constant(value), grounds);
}

export const rounded = (value: number | null): string => (value === null ? '' : String(Number(value.toPrecision(3))));
