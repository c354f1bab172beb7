import type { RecipeBlock, Slice } from '../../protocol/recipe';
import type { PartReport, Recommendation } from '../../protocol/report';
import type { SchemeOptions } from '../../protocol/schemes';
import { elementCount } from '../graph/dtype';
import type { LayerPart, LayerWeight } from '../layers/layer';
import type { Fans } from '../ops/spec';
import type { FanSchemeId } from './fanSchemes';
import { fanSchemeOf } from './fanSchemes';
import type { Resolved } from './resolved';
import { constant, isOfElements } from './resolved';

/** How a part of a tensor, or all of it, is to be drawn. */
export interface ResolvedBlock {
  readonly resolved: Resolved;
  /** Absent for the whole tensor. */
  readonly slices?: readonly Slice[];
}

/** As a recipe has them. */
export const recipeBlocks = (blocks: readonly ResolvedBlock[]): readonly RecipeBlock[] => (
  blocks.map(({ resolved: { sampler }, slices }) => (slices ? { sampler, slices } : { sampler })));

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
export function adviseScheme(weight: LayerWeight, fans: Fans, id: FanSchemeId, grounds: Grounds, gain?: number): Advice {
  return adviseParts(weight, id, (part) => resolveNamed(id, part?.fans ?? fans, gain === undefined ? {} : { gain }), grounds);
}

/** A scheme with options, in whose title the gain is where it is not the scheme's own. */
export function resolveNamed(id: FanSchemeId, fans: Fans, options: SchemeOptions): Resolved {
  const { resolve } = fanSchemeOf(id);
  const resolved = resolve(fans, options);
  return resolved.gain === resolve(fans).gain ? resolved : { ...resolved, title: `${resolved.title}, gain ${rounded(resolved.gain)}` };
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
  const isAlike = kinds.size === 1 && first !== undefined && !isStructured(first.resolved);
  return isAlike ? [{ resolved: first.resolved }] : blocks;
}

/** Whether an element depends on where it is in its block. */
const isStructured = ({ sampler }: Resolved): boolean => !isOfElements(sampler);

/** Whether it is known where each part lies, and nothing is left between them. */
export function isCovered({ parts, tensor }: LayerWeight): boolean {
  const covered = parts.reduce((sum, part) => sum + part.rows * part.columns, 0);
  return covered === elementCount(tensor.shape) && (parts.length === 1 || parts.every((part) => part.slices.length > 0));
}

export function adviseConstant(weight: LayerWeight, value: number, grounds: Grounds): Advice {
  return adviseParts(weight, value === 0 ? 'zeros' : value === 1 ? 'ones' : 'constant', () => constant(value), grounds);
}

export const rounded = (value: number | null): string => (value === null ? '' : String(Number(value.toPrecision(3))));
