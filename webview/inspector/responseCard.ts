// What a stack of layers like the selected one would do to signal and gradient, in words and numbers.

import type { LayerResponse } from '../../src/protocol/simulation';
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

export function responseCard(response: LayerResponse): HTMLElement {
  return element('section', { class: 'weight-card', testid: 'layer-response', label: 'A stack of layers like this one' }, [
    element('h3', {}, [element('span', { text: 'A stack of layers like this one' }), element('span', { class: 'tag', text: 'theory', title: theory })]),
    element('dl', { class: 'facts-list copyable' }, rowsOf(response).flatMap(({ term, text, title }) => [
      element('dt', { class: 'muted', text: term, title }), element('dd', { text, title }),
    ])),
  ]);
}

export function rowsOf({ perpendicular, parallel, depthScale, fixedPoint, stack }: LayerResponse): readonly Row[] {
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
