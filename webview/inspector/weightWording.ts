/** What there is to say of a tensor beyond its numbers. */
import type { FanConvention, PartReport, QuantizationReport, TiedWeight, WeightReport } from '../../src/protocol/report';
import { partWord } from '../../src/protocol/weightWords';
import { say } from '../../src/protocol/words';
import { grouped, shortened, significant } from '../format';

const ways: Readonly<Record<TiedWeight['how'], (weight: string, layer: string) => string>> = {
  same: (weight, layer) => say('The same tensor as {0} (layer {1})', weight, layer),
  equal: (weight, layer) => say('Holds the values of {0} (layer {1})', weight, layer),
  transposed: (weight, layer) => say('Holds, transposed, the values of {0} (layer {1})', weight, layer),
};

/** What a tensor is that exporters have made of several equal ones. */
export function mergedSentence({ tensor, uses }: NonNullable<WeightReport['merged']>): string {
  return say('{0} stands in the file once for {1} uses that were equal; it is split on saving where they start differently.', shortened(tensor, 80),
    grouped(uses));
}

/** "The same tensor as lm_head.weight (layer lm_head)" */
export function tieSentence({ layer, weight, how }: TiedWeight): string {
  return ways[how](shortened(weight, 80), shortened(layer, 80));
}

export function quantizationSentence({ scales, axis }: QuantizationReport, shape: readonly number[]): string {
  if (!scales) return say('The scale is computed by the graph.');
  const { count, min, max } = scales;
  if (count === 1) return say('Scale {0}', significant(min));
  const length = axis === null ? undefined : shape[axis];
  const which = axis === null ? say('{0} scales', grouped(count)) : length === undefined ? say('{0} scales along axis {1}', grouped(count), axis)
    : say('{0} scales along axis {1} ({2} long)', grouped(count), axis, grouped(length));
  return `${which}, ${min === max ? say('all {0}', significant(min)) : say('{0} to {1}', significant(min), significant(max))}`;
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
    const what = recommendation ?? say('left alone');
    groups.set(what, [...groups.get(what) ?? [], partWord(name)]);
  }
  return [...groups].map(([recommendation, names]) => ({ names: joined(names), recommendation }));
}

/** "input, output gate" rather than "input gate, output gate". */
function joined(names: readonly string[]): string {
  const last = names[0]?.split(' ').at(-1) ?? '';
  const isShared = names.length > 1 && names.every((name) => name.endsWith(` ${last}`));
  return isShared ? `${names.map((name) => name.slice(0, -last.length - 1)).join(', ')} ${last}` : names.join(', ');
}
