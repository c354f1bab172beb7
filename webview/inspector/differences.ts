// What was and what is: of a layer, of a weight, and of the network.

import type { Difference, LayerComparison, LayerFact, LayerMark, NetworkFact, WeightComparison, WeightFact } from '../../src/protocol/comparison';
import { aspectWord, factWord } from '../../src/protocol/comparisonWords';
import { say } from '../../src/protocol/words';
import { exact, fan, grouped, shortened, significant } from '../format';
import { element, icon, type Child } from '../ui/element';

type AnyDifference = Difference<NetworkFact | LayerFact | WeightFact>;

const longestValue = 120;
/** What is counted, and not measured. */
const counted: readonly string[] = ['parameters', 'opset', 'zeros', 'non-finite'];

function valueOf({ fact }: AnyDifference, value: string | number | null): HTMLElement {
  const text = value === null ? '–' : typeof value === 'string' ? shortened(value === '' ? '–' : value, longestValue)
    : counted.includes(fact) ? grouped(value) : fact === 'fan in' || fact === 'fan out' ? fan(value) : significant(value);
  return element('span', { class: 'value', text, title: typeof value === 'number' ? exact(value) : value ?? say('none') });
}

/** "0.015 → 0.25" */
export function differenceList(difference: AnyDifference): readonly Child[] {
  if (difference.fact === 'order') return [element('span', { text: say('The same numbers, in another order') })];
  return [
    element('del', { class: 'was', label: say('was') }, [valueOf(difference, difference.was)]), icon('arrow-right'),
    element('ins', { class: 'is', label: say('is') }, [valueOf(difference, difference.is)]),
  ];
}

function list(differences: readonly AnyDifference[], testid: string): HTMLElement | null {
  if (differences.length === 0) return null;
  return element('dl', { class: 'differences copyable', testid }, differences.flatMap((difference) => [
    element('dt', { class: 'muted', text: factWord(difference.fact) }),
    element('dd', { class: 'number', attributes: { 'data-fact': difference.fact } }, differenceList(difference)),
  ]));
}

export const layerDifferences = ({ differs }: LayerComparison): HTMLElement | null => list(differs, 'layer-differences');

/** Under the name of a weight: what differs, or that it is on this side alone. */
export function weightDifferences({ change, differs, left, right }: WeightComparison): HTMLElement | null {
  if (left !== null && right !== null) return list(differs, 'weight-differences');
  return element('p', { class: `only ${change}`, testid: 'weight-differences' }, [icon(glyphs[change]), ` ${say('On this side alone')}`]);
}

const glyphs = { same: 'dash', changed: 'diff-modified', added: 'diff-added', removed: 'diff-removed' } as const;

/** "Changed: shape, values" */
export function markWords({ change, aspects }: LayerMark): string {
  if (change === 'changed') return say('Changed: {0}', aspects.map(aspectWord).join(', '));
  return change === 'added' ? say('Added: not in the left model') : say('Removed: not in the right model');
}

export function markIcon(mark: LayerMark): HTMLElement {
  const glyph = icon(glyphs[mark.change], markWords(mark));
  glyph.classList.add('mark', mark.change);
  return glyph;
}
