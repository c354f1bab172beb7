/** What there is to say of a tensor beyond its numbers. */
import type { FanConvention, PartReport, QuantizationReport, TiedWeight, WeightReport } from '../../src/protocol/report';
import { grouped, shortened, significant } from '../format';

const ways = {
  same: 'The same tensor as', equal: 'Holds the values of', transposed: 'Holds, transposed, the values of',
} as const satisfies Record<TiedWeight['how'], string>;

/** What a tensor is that exporters have made of several equal ones. */
export function mergedSentence({ tensor, uses }: NonNullable<WeightReport['merged']>): string {
  return `${shortened(tensor, 80)} stands in the file once for ${grouped(uses)} uses that were equal; it is split on saving where they start differently.`;
}

/** "The same tensor as lm_head.weight (layer lm_head)" */
export function tieSentence({ layer, weight, how }: TiedWeight): string {
  return `${ways[how]} ${shortened(weight, 80)} (layer ${shortened(layer, 80)})`;
}

export function quantizationSentence({ scales, axis }: QuantizationReport, shape: readonly number[]): string {
  if (!scales) return 'The scale is computed by the graph.';
  const { count, min, max } = scales;
  if (count === 1) return `Scale ${significant(min)}`;
  const where = axis === null ? '' : ` along axis ${axis}${shape[axis] === undefined ? '' : ` (${grouped(shape[axis])} long)`}`;
  return `${grouped(count)} scales${where}, ${min === max ? `all ${significant(min)}` : `${significant(min)} to ${significant(max)}`}`;
}

interface GroupedConvention extends Omit<FanConvention, 'library'> {
  readonly libraries: readonly FanConvention['library'][];
}

/** Libraries that count alike, for one reason, are said together. */
export function groupedConventions(conventions: readonly FanConvention[]): readonly GroupedConvention[] {
  const groups = new Map<string, FanConvention['library'][]>();
  const keyOf = ({ fanIn, fanOut, reason }: FanConvention): string => JSON.stringify([fanIn, fanOut, reason]);
  for (const convention of conventions) groups.set(keyOf(convention), [...groups.get(keyOf(convention)) ?? [], convention.library]);
  return [...groups].flatMap(([key, libraries]) => {
    const found = conventions.find((convention) => keyOf(convention) === key);
    return found ? [{ libraries, fanIn: found.fanIn, fanOut: found.fanOut, reason: found.reason }] : [];
  });
}

interface PartLine {
  readonly names: string;
  readonly recommendation: string;
}

/** Parts that should be the same share a line: "input, output, cell gate", "Orthogonal". */
export function partLines(parts: readonly PartReport[]): readonly PartLine[] {
  const groups = new Map<string, string[]>();
  for (const { name, recommendation } of parts) {
    const known = groups.get(recommendation ?? 'left alone');
    if (known) known.push(name);
    else groups.set(recommendation ?? 'left alone', [name]);
  }
  return [...groups].map(([recommendation, names]) => ({ names: joined(names), recommendation }));
}

/** "input, output gate" rather than "input gate, output gate". */
function joined(names: readonly string[]): string {
  const last = names[0]?.split(' ').at(-1) ?? '';
  const isShared = names.length > 1 && names.every((name) => name.endsWith(` ${last}`));
  return isShared ? `${names.map((name) => name.slice(0, -last.length - 1)).join(', ')} ${last}` : names.join(', ');
}
