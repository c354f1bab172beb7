// Of a network with one layer: whether a gradient reaches its weights, and what it answers. There is no depth over which either could change.

import { say } from '../../protocol/words';
import type { Course, Stop } from './course';
import type { Finding } from './findings';
import { amount, percent } from './numbers';
import { shutOf } from './shut';
import type { Comparison } from './throughTime';

/** A kernel that is so many times wider than it should be answers far off before anything is learned. */
const wide = 10;

/** The layer of a course that has one. */
const onlyStop = ({ stops: [stop, ...others] }: Course): Stop | null => (others.length === 0 ? stop ?? null : null);

export const hasOneLayer = (course: Course): boolean => onlyStop(course) !== null;

/** Of runs alone: of weights that were not run the kernel says as much. Null where its gradient is not known, or is lost, which is said elsewhere. */
export function onlyLayerFinding(course: Course): Finding | null {
  const stop = onlyStop(course);
  if (course.basis === 'predicted' || stop?.gradient.preactivation?.state !== 'finite') return null;
  const { name, activation, scale } = stop;
  const found = (kind: Finding['kind'], severity: Finding['severity'], damage: number, says: string): Finding => ({ kind, severity, says, at: name, damage });
  if (activation?.state === 'not finite') return null;
  if (activation?.state === 'zero') {
    return found('zero-head', 'info', 1, scale === 0
      ? say('all answers start alike, since the kernel of {0}, the only layer, is zero; its gradient reaches it', name)
      : say('all answers of {0}, the only layer, start alike; a gradient reaches its weights', name));
  }
  const shut = shutOf(stop);
  if (shut) {
    const share = percent(shut.share);
    const says = shut.of === 'outputs' ? say('{0} of what comes out of {1}, the only layer, is zero: most of its units are dead', share, name)
      : say('{0} of the gradient stays at {1}, the only layer, whose units are saturated', share, name);
    return found(shut.how, 'warning', 1 / Math.max(1e-3, 1 - shut.share), says);
  }
  if (activation?.state !== 'finite') return found('fine', 'ok', 1, say('a gradient reaches the weights of {0}, the only layer', name));
  const std = amount(activation.std);
  if (scale !== null && scale > wide) {
    return found('one-layer', 'warning', scale, say('the output of {0}, the only layer, has σ {1}, since its kernel is {2}× as wide as it should be: answers '
      + 'start far apart, which has to be unlearned', name, std, amount(scale)));
  }
  return found('fine', 'ok', 1, say('a gradient reaches the weights of {0}, the only layer, whose output has σ {1}; there is no depth over which either could '
    + 'change', name, std));
}

/** What recommended weights answer, of the same inputs. */
export function compareOnlyLayer(worst: Finding, better: Course, other: Finding): Comparison {
  const isBad = ({ severity }: Finding): boolean => severity === 'error' || severity === 'warning';
  if (isBad(worst) && isBad(other)) return { says: say('With recommended it does so, too.'), helps: false };
  const effect = onlyLayerEffect(better);
  return { says: effect === null ? '' : say('Recommended {0}.', effect), helps: isBad(worst) };
}

/** Null where its answers are not known. */
export function onlyLayerEffect(course: Course): string | null {
  const activation = onlyStop(course)?.activation;
  return activation?.state === 'finite' ? say('gives its output σ {0}', amount(activation.std)) : null;
}
