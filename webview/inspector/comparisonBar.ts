// How much differs from the other side of a diff, and the way from one difference to the next.

import type { LayerMark, ShownComparison } from '../../src/protocol/comparison';
import { factWord } from '../../src/protocol/comparisonWords';
import { say } from '../../src/protocol/words';
import { grouped } from '../format';
import { element, icon, replaceChildren } from '../ui/element';
import { button } from '../ui/kit';
import { differenceList } from './differences';

export interface ComparisonBarOptions {
  readonly onStep: (step: 1 | -1) => void;
  readonly onCompareGradients: () => void;
}

export interface ComparisonBar {
  readonly root: HTMLElement;
  show(comparison: ShownComparison | null): void;
  /** Which of the differences is looked at; -1 for none. */
  showPlace(at: number): void;
}

export function createComparisonBar(options: ComparisonBarOptions): ComparisonBar {
  const sentence = element('span', { class: 'sentence copyable', testid: 'comparison-sentence' });
  const place = element('span', { class: 'muted number', role: 'status', testid: 'difference-place' });
  const step = (label: string, glyph: string, by: 1 | -1, testid: string): HTMLElement => (
    button({ label, icon: glyph, kind: 'icon', testid, onClick: () => options.onStep(by) }));
  const steps = element('div', { class: 'actions' });
  const network = element('div', { class: 'network-differences' });
  const root = element('section', { class: 'comparison', testid: 'comparison', label: say('Comparison') }, [
    icon('diff'), sentence, network, steps,
  ]);
  root.hidden = true;
  let marks: readonly LayerMark[] = [];
  let drawn = '';

  return {
    root,
    show(comparison) {
      root.hidden = comparison === null;
      const next = JSON.stringify(comparison);
      if (!comparison || next === drawn) return;
      drawn = next;
      marks = comparison.marks;
      sentence.textContent = comparison.sentence;
      root.dataset.side = comparison.side;
      const found = comparison.network.filter(({ fact }) => fact !== 'verdict');
      const says = comparison.side === 'left' ? say('Left of {0}', comparison.other) : say('Right of {0}', comparison.other);
      replaceChildren(network, [element('span', { class: 'muted', text: says }), ...found.map((difference) => (
        element('span', { class: 'network-difference', attributes: { 'data-fact': difference.fact } }, [
          element('span', { class: 'muted', text: `${factWord(difference.fact)} ` }), ...differenceList(difference),
        ])))]);
      replaceChildren(steps, [
        place,
        marks.length === 0 ? null : step(say('Previous Difference (Shift+F7)'), 'arrow-up', -1, 'previous-difference'),
        marks.length === 0 ? null : step(say('Next Difference (F7)'), 'arrow-down', 1, 'next-difference'),
        button({
          label: say('Compare Gradients'), testid: 'compare-gradients', disabled: comparison.notComparable !== null,
          title: comparison.notComparable ?? say('Run both models, and show their gradients in one chart'), onClick: options.onCompareGradients,
        }),
      ]);
    },
    showPlace(at) {
      const mark = marks[at];
      place.textContent = !mark ? '' : mark.layer === null
        ? say('{0} of {1}: {2}, on the other side alone', grouped(at + 1), grouped(marks.length), mark.partner ?? '')
        : say('{0} of {1}', grouped(at + 1), grouped(marks.length));
    },
  };
}
