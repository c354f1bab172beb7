// What theory says of the selected layer, in words and numbers: of a stack of such, and of its steps where it is recurrent.

import type { LayerResponse, ThroughTime } from '../../src/protocol/simulation';
import { exact, grouped, ratio, significant } from '../format';
import { element } from '../ui/element';

/** Over more layers than that nobody stacks, and what changes e-fold over them is kept. */
const deepest = 1000;

const theory = 'By theory of wide layers, from the mean and the spread of the weights as they are.';

interface Row {
  readonly term: string;
  readonly text: string;
  readonly title: string;
}

export const responseCard = (response: LayerResponse): HTMLElement => card('A stack of layers like this one', 'layer-response', responseRows(response));

export const throughTimeCard = (found: ThroughTime): HTMLElement => card('From step to step', 'layer-through-time', stepRows(found));

function card(heading: string, testid: string, rows: readonly Row[]): HTMLElement {
  return element('section', { class: 'weight-card', testid, label: heading }, [
    element('h3', {}, [element('span', { text: heading }), element('span', { class: 'tag', text: 'theory', title: theory })]),
    element('dl', { class: 'facts-list copyable' }, rows.flatMap(({ term, text, title }) => [
      element('dt', { class: 'muted', text: term, title }), element('dd', { text, title }),
    ])),
  ]);
}

/** Nothing less is worth being told apart. */
const least = 1e-12;

export function stepRows({ steps, arrived, perStep, reach }: ThroughTime): readonly Row[] {
  const isGone = arrived < least;
  const all = `over ${grouped(steps)} steps ${isGone ? `less than ${ratio(least)}` : ratio(arrived)}`;
  const isLong = reach !== null && reach >= deepest;
  const nowhere = perStep > 1 ? 'never: it grows' : 'not within any sequence';
  const end = reach === null || isLong ? nowhere
    : reach < steps ? `after ${grouped(reach)} of ${grouped(steps)} steps` : `after ${grouped(reach)} steps, which is more than there are`;
  return [{
    term: 'Gradient', text: `σ ${ratio(perStep)} per step, ${all}`,
    title: 'What comes, of a gradient at the last state alone, to what the layer has read at earlier steps: far below 1 the layer cannot learn what lies that '
      + 'far back, far above 1 the first steps drown the others.',
  }, {
    term: 'At 1 %', text: end, title: 'So many steps before the last, one part in a hundred of the gradient is left.',
  }];
}

export function responseRows({ perpendicular, parallel, depthScale, fixedPoint, stack }: LayerResponse): readonly Row[] {
  const isKept = !(depthScale < deepest);
  const depth = isKept ? 'kept over any depth' : `e-fold in ${depthScale < 10 ? significant(depthScale) : grouped(depthScale)} layers`;
  const point = fixedPoint && `at a variance of ${significant(fixedPoint.variance)}`;
  const rest = fixedPoint ? `${point}, ${fixedPoint.isStable ? 'which draws others to it' : 'from which others move away'}`
    : stack === 'scale-invariant' ? 'nowhere: it scales each variance alike' : 'nowhere near';
  return [{
    term: 'Gradient', text: `variance ${ratio(perpendicular)} per layer (χ⊥), ${depth}`,
    title: 'χ⊥: what becomes, from layer to layer, of the variance of a gradient and of a small difference between two samples; 1 keeps both. '
      + `ξ = 1 / |ln χ⊥| = ${exact(depthScale)}: over so many layers it changes e-fold, and some six times as many can train.`,
  }, {
    term: 'Signal', text: `a change of its variance ${ratio(parallel)} per layer (χ∥)`,
    title: 'χ∥: what becomes, from layer to layer, of a small change of the variance of pre-activations; below 1 it dies out, above 1 it grows.',
  }, {
    term: 'Comes to rest', text: rest,
    title: 'The variance of pre-activations that such layers keep: a stable one draws the variances around it, from an unstable one they move away.',
  }];
}
