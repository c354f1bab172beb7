// What theory says of the selected layer, in words and numbers: of a stack of such, and of its steps where it is recurrent.

import type { LayerResponse, ThroughTime } from '../../src/protocol/simulation';
import { say } from '../../src/protocol/words';
import { exact, grouped, ratio, significant } from '../format';
import { element } from '../ui/element';

/** Over more layers than that nobody stacks, and what changes e-fold over them is kept. */
const deepest = 1000;

const theory = say('By theory of wide layers, from the mean and the spread of the weights as they are.');

interface Row {
  readonly term: string;
  readonly text: string;
  readonly title: string;
}

export const responseCard = (response: LayerResponse): HTMLElement => card(say('A stack of layers like this one'), 'layer-response', responseRows(response));

export const throughTimeCard = (found: ThroughTime): HTMLElement => card(say('From step to step'), 'layer-through-time', stepRows(found));

function card(heading: string, testid: string, rows: readonly Row[]): HTMLElement {
  return element('section', { class: 'weight-card', testid, label: heading }, [
    element('h3', {}, [element('span', { text: heading }), element('span', { class: 'tag', text: say('theory'), title: theory })]),
    element('dl', { class: 'facts-list copyable' }, rows.flatMap(({ term, text, title }) => [
      element('dt', { class: 'muted', text: term, title }), element('dd', { text, title }),
    ])),
  ]);
}

/** Nothing less is worth being told apart. */
const least = 1e-12;

export function stepRows({ steps, arrived, perStep, reach }: ThroughTime): readonly Row[] {
  const isGone = arrived < least;
  const all = isGone ? say('less than {0}', ratio(least)) : ratio(arrived);
  const isLong = reach !== null && reach >= deepest;
  const nowhere = perStep > 1 ? say('never: it grows') : say('not within any sequence');
  const end = reach === null || isLong ? nowhere
    : reach < steps ? say('after {0} of {1} steps', grouped(reach), grouped(steps)) : say('after {0} steps, which is more than there are', grouped(reach));
  return [{
    term: say('Gradient'), text: say('σ {0} per step, over {1} steps {2}', ratio(perStep), grouped(steps), all),
    title: say('What comes, of a gradient at the last state alone, to what the layer has read at earlier steps: far below 1 the layer cannot learn what lies '
      + 'that far back, far above 1 the first steps drown the others.'),
  }, {
    term: say('At 1 %'), text: end, title: say('So many steps before the last, one part in a hundred of the gradient is left.'),
  }];
}

export function responseRows({ perpendicular, parallel, depthScale, fixedPoint, stack }: LayerResponse): readonly Row[] {
  const isKept = !(depthScale < deepest);
  const gradient = isKept ? say('variance {0} per layer (χ⊥), kept over any depth', ratio(perpendicular))
    : say('variance {0} per layer (χ⊥), e-fold in {1} layers', ratio(perpendicular), depthScale < 10 ? significant(depthScale) : grouped(depthScale));
  const at = fixedPoint && significant(fixedPoint.variance);
  const rest = at !== null ? fixedPoint?.isStable === true ? say('at a variance of {0}, which draws others to it', at)
    : say('at a variance of {0}, from which others move away', at) : stack === 'scale-invariant' ? say('nowhere: it scales each variance alike')
      : say('nowhere near');
  return [{
    term: say('Gradient'), text: gradient,
    title: say('χ⊥: what becomes, from layer to layer, of the variance of a gradient and of a small difference between two samples; 1 keeps both. ξ = 1 / |ln '
      + 'χ⊥| = {0}: over so many layers it changes e-fold, and some six times as many can train.', exact(depthScale)),
  }, {
    term: say('Signal'), text: say('a change of its variance {0} per layer (χ∥)', ratio(parallel)),
    title: say('χ∥: what becomes, from layer to layer, of a small change of the variance of pre-activations; below 1 it dies out, above 1 it grows.'),
  }, {
    term: say('Comes to rest'), text: rest,
    title: say('The variance of pre-activations that such layers keep: a stable one draws the variances around it, from an unstable one they move away.'),
  }];
}
