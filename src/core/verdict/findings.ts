// What stands in the way of learning, in the order of what a reader has to know first: forward, then backward, then what single layers do.

import type { Severity } from '../../protocol/report';
import type { VerdictKind } from '../../protocol/verdict';
import { say, sayOf } from '../../protocol/words';
import { alikeFrom } from './alike';
import type { Course, Spread } from './course';
import { amount, cosineText, percent } from './numbers';
import { onlyLayerFinding } from './onlyLayer';
import { paceOf } from './pace';
import type { ShutLayer } from './shut';
import { shutLayers } from './shut';
import type { Step } from './steps';
import type { Travel } from './travel';
import { throughTimeFinding } from './throughTime';
import { activationTravel, fatal, gradientTravel, tolerance } from './travel';

/** One thing that is to be said of a course, as the rest of a sentence. */
export interface Finding {
  readonly kind: Exclude<VerdictKind, 'unknown'>;
  readonly severity: Severity | 'ok';
  readonly says: string;
  /** The layer that it is about, where that is one. */
  readonly at: string | null;
  /** How many times off signal or gradient are between the two ends of the way. */
  readonly damage: number;
  /** Of what no run looks at, whatever else has been measured. */
  readonly basis?: 'predicted';
}

/** Layers that a sentence names. */
const named = 3;

/** The worst first; at least one, but for a course of which no gradient is known. */
export function findingsOf(course: Course): readonly Finding[] {
  const [signal, gradient] = [activationTravel(course), gradientTravel(course)];
  const lost = signalLost(course, signal);
  if (lost?.kind === 'not-finite') return [lost];
  const time = throughTimeFinding(course);
  if (gradient.depth + (gradient.lostAt === null ? 0 : 1) === 0) {
    const all = [lost, onlyLayerFinding(course), time].filter((finding) => finding !== null).toSorted((a, b) => rank(a) - rank(b));
    return [...all.filter((each) => !isBesides(each)), ...all.filter(isBesides)];
  }
  const shut = shutLayers(course);
  // Of a layer that is shut it is said that it is.
  const isSaid = (step: Step): boolean => step.cause === 'activation' && shut.some(({ stop }) => stop.name === step.at);
  const trend = trendOf(gradient, signal);
  const isShutWhole = shut.some(({ share, of }) => of !== 'gradient' || share > 0.99);
  const found = [
    lost,
    gradientLost(course, gradient, lost, shut),
    trend,
    gradient.lostAt === null ? shutOf(shut, gradient) : null,
    // What comes after a layer that says the same of all is alike, of course. Queries and keys of tokens that are alike get no gradient, of course.
    lost || isShutWhole ? null : alike(course),
    stepOf(gradient, course.stops.at(-1)?.name, isSaid),
    trend ? null : signalTrend(signal),
    // A gradient that changes with depth, or ends, makes kernels slow of itself.
    trend || lost || gradient.lostAt !== null ? null : slowKernels(course),
    time,
  ].filter((finding) => finding !== null);
  const worst = found.filter((finding) => finding.kind !== 'zero-head' && !isBesides(finding));
  const rest = found.filter(({ kind }) => kind === 'zero-head');
  return [...worst.toSorted((a, b) => rank(a) - rank(b)), ...rest, ...worst.length === 0 ? [fine(gradient, course)] : [], ...found.filter(isBesides)];
}

const isBesides = ({ kind, severity }: Finding): boolean => kind === 'vanishing-through-time' && severity === 'info';

const severities: readonly Finding['severity'][] = ['error', 'warning', 'info', 'ok'];
/** The worst first. */
export const rank = ({ severity }: Pick<Finding, 'severity'>): number => severities.indexOf(severity);

/** On the way forward, which is looked at first: what is not finite there makes zeros or worse of every gradient. */
function signalLost({ stops }: Course, { lostAt, lostTo, depth, factorPerLayer }: Travel): Finding | null {
  const at = stops.findIndex(({ name }) => name === lostAt);
  const stop = stops[at];
  if (!stop) return null;
  if (lostTo === 'not finite') {
    const says = depth > 0 && factorPerLayer > overflowing
      ? say('the signal grows {0}× per layer and overflows: it is not finite from {1} on', amount(factorPerLayer), stop.name)
      : say('the signal is not finite from {0} on', stop.name);
    return { kind: 'not-finite', severity: 'error', says, at: stop.name, damage: Infinity };
  }
  // An answer that says nothing yet is no signal that is lost.
  if (at === stops.length - 1) return null;
  const isDead = stop.preactivation?.state === 'finite';
  const same = say('the signal is always the same from {0} on', stop.name);
  const says = isDead ? sitting(say('{0}, whose units are all shut', same), stop.preactivation)
    : stop.scale === 0 ? say('{0}, whose kernel is all zero', same) : same;
  return { kind: 'signal-lost', severity: 'error', says, at: stop.name, damage: Infinity };
}

/** A signal that overflows has grown at least so much from layer to layer. */
const overflowing = 2;

function gradientLost({ stops }: Course, gradient: Travel, lost: Finding | null, shut: readonly ShutLayer[]): Finding | null {
  const { lostAt } = gradient;
  if (lostAt === null) return null;
  const head = stops.at(-1);
  const isUnderHead = stops.at(-2)?.name === lostAt && head?.activation?.state === 'zero' && (head.scale === 0 || head.scale === null) && lost === null;
  if (gradient.lostTo === 'zero' && isUnderHead) {
    const says = say('all answers start alike, since the kernel of {0} is zero; the layers below get their first gradient one step later', head.name);
    return { kind: 'zero-head', severity: 'info', says, at: head.name, damage: 1 };
  }
  const without = stops.slice(0, stops.findIndex(({ name }) => name === lostAt) + 1);
  if (gradient.lostTo === 'zero' && lost === null && without.every(({ inBranch }) => inBranch)) {
    const count = without.length + gradient.silent;
    const says = say('{0} layers get no gradient yet, in residual branches that start closed', count);
    return { kind: 'fine', severity: 'info', says, at: null, damage: 1 };
  }
  const gone = gradient.lostTo === 'zero' ? say('the gradient is exactly zero from {0} down', lostAt)
    : say('the gradient is not finite from {0} down', lostAt);
  const stopped = shut.find(({ stop, share }) => stop.name === lostAt && share === 1);
  const says = stopped
    ? sitting(stopped.how === 'dead' ? say('{0}, whose units are all dead', gone) : say('{0}, whose units are all saturated', gone), stopped.stop.preactivation)
    : lost ? gone : behind(gone, gradient);
  return { kind: 'gradient-lost', severity: 'error', says, at: lostAt, damage: Infinity };
}

function trendOf(gradient: Travel, signal: Travel): Finding | null {
  const { range, depth, factorPerLayer, lostAt } = gradient;
  if (lostAt !== null || range < tolerance(depth)) return null;
  const isFalling = factorPerLayer < 1;
  const isForward = signal.lostAt === null && signal.range >= tolerance(signal.depth) && signal.depth > 0;
  const numbers = [amount(factorPerLayer), amount(factorPerLayer ** depth), depth + 1] as const;
  const way = deepest(isFalling ? say('the gradient shrinks {0}× per layer, {1}× over {2} layers', ...numbers)
    : say('the gradient grows {0}× per layer, {1}× over {2} layers', ...numbers), factorPerLayer, depth);
  const forward = amount(signal.factorPerLayer);
  const both = !isForward ? way : signal.factorPerLayer < 1 ? say('{0}; the signal shrinks {1}× per layer', way, forward)
    : say('{0}; the signal grows {1}× per layer', way, forward);
  const says = behind(both, gradient);
  return { kind: isFalling ? 'vanishing' : 'exploding', severity: range > fatal ? 'error' : 'warning', says, at: null, damage: range };
}

/** Networks train to six depth scales ξ = 1 / |ln χ|, χ being the factor of the variance (Schoenholz et al. 2017, section 5). */
function deepest(way: string, factor: number, depth: number): string {
  const layers = Math.max(1, Math.floor(6 / Math.abs(2 * Math.log(factor))));
  return layers > depth ? way : say('{0}, where about {1} can train', way, layers);
}

function stepOf({ steps, depth }: Travel, head: string | undefined, isSaid: (step: Step) => boolean): Finding | null {
  const [step, ...others] = steps.filter((each) => !isSaid(each));
  if (!step) return null;
  const { factor, at, cause } = step;
  const numbers = [amount(factor), depth + 1, at] as const;
  const change = factor < 1 ? say('the gradient falls to {0}× at one of {1} layers, {2}', ...numbers)
    : say('the gradient rises to {0}× at one of {1} layers, {2}', ...numbers);
  const why = explained(change, cause, factor < 1);
  const says = others.length === 0 ? why : say('{0} (others: {1})', why, others.slice(0, named).map((each) => each.at).join(', '));
  const damage = Math.max(factor, 1 / factor);
  // A narrow head holds the layers below back for its first steps, and is meant so by many.
  if (factor < 1 && at === head) return { kind: 'zero-head', severity: 'info', says, at, damage: 1 };
  return { kind: 'one-layer', severity: damage >= 100 ? 'error' : 'warning', says, at, damage };
}

function explained(change: string, cause: Step['cause'], isNarrow: boolean): string {
  switch (cause) {
    case 'kernel': return isNarrow ? say('{0}, whose kernel is too narrow', change) : say('{0}, whose kernel is too wide', change);
    case 'activation': return say('{0}, whose activation lets little pass', change);
    case 'unknown': return change;
  }
}

function shutOf(shut: readonly ShutLayer[], { steps }: Travel): Finding | null {
  const [first, ...others] = shut;
  if (!first) return null;
  const { stop, how, share, of } = first;
  const shares = { outputs: say('{0} of what comes out of {1} is zero: most of its units are dead', percent(share), stop.name),
    units: say('{0} of the units of {1} are shut by their biases: dead, or saturated', percent(share), stop.name),
    gradient: say('{0} of the gradient stays at {1}, whose units are saturated', percent(share), stop.name) };
  const step = steps.find(({ at, cause }) => at === stop.name && cause === 'activation');
  const damage = step ? 1 / step.factor : 1 / Math.max(1e-3, 1 - share);
  const held = sitting(shares[of], stop.preactivation);
  const fallen = step ? say('{0}; the gradient falls to {1}× there', held, amount(step.factor)) : held;
  const says = others.length === 0 ? fallen : others.length === 1 ? say('{0}; the same holds for {1}', fallen, others[0]?.stop.name ?? '')
    : say('{0}; the same holds for {1} layers more', fallen, others.length);
  return { kind: how, severity: damage >= 100 ? 'error' : 'warning', says, at: stop.name, damage };
}

/** And where pre-activations are, if they are held there. */
function sitting(says: string, preactivation: Spread | null): string {
  if (preactivation?.state !== 'finite' || Math.abs(preactivation.mean) < 3 * preactivation.std) return says;
  return say('{0} (its pre-activations are {1} ± {2})', says, amount(preactivation.mean), amount(preactivation.std));
}

function signalTrend({ range, depth, factorPerLayer, lostAt }: Travel): Finding | null {
  if (lostAt !== null || depth === 0 || range < tolerance(depth)) return null;
  const isFalling = factorPerLayer < 1;
  const numbers = [amount(factorPerLayer), amount(factorPerLayer ** depth), depth + 1] as const;
  const says = isFalling ? say('the signal shrinks {0}× per layer, {1}× over {2} layers', ...numbers)
    : say('the signal grows {0}× per layer, {1}× over {2} layers', ...numbers);
  return { kind: isFalling ? 'signal-vanishing' : 'signal-exploding', severity: 'warning', says, at: null, damage: range };
}

/** Between tokens that differ by so little, attention has nothing to choose. */
const same = 1e-3;

function alike(course: Course): Finding | null {
  const found = alikeFrom(course);
  if (!found) return null;
  const { what, last, limit, from } = found;
  const numbers = [cosineText(found.cosine), last, limit, from] as const;
  const says = what === 'tokens' ? say('all tokens become one direction: their cosine is {0} at {1}, and above {2} from {3} on', ...numbers)
    : say('all samples become one direction: their cosine is {0} at {1}, and above {2} from {3} on', ...numbers);
  const severity = what === 'tokens' && 1 - found.cosine < same ? 'error' : 'warning';
  return { kind: 'alike', severity, says, at: found.from, damage: 1 / Math.max(1e-6, 1 - found.cosine) };
}

function slowKernels(course: Course): Finding | null {
  const [first, ...others] = paceOf(course)?.slow ?? [];
  if (!first) return null;
  const slow = say('the kernel of {0} turns {1}× as fast as the others, for its size', first.name, amount(first.factor));
  const names = others.slice(0, named).map(({ name }) => name).join(', ');
  const says = others.length === 0 ? slow : say('{0}; so do {1}', slow, others.length > named ? `${names} …` : names);
  return { kind: 'slow-kernel', severity: 'warning', says, at: first.name, damage: 1 / first.factor };
}

function fine(gradient: Travel, course: Course): Finding {
  const numbers = [amount(gradient.factorPerLayer), gradient.depth + 1] as const;
  const way = gradient.hidden === 0 ? say('the gradient reaches the first layer: its scale changes {0}× per layer, over {1} layers', ...numbers)
    : say('the gradient holds as far as it is known (hidden: {2} of the layers): its scale changes {0}× per layer, over {1} layers', ...numbers,
      gradient.hidden);
  const pace = paceOf(course);
  const kernels = pace ? say('{0}; for their size, kernels get gradients within {1}×', way, amount(pace.range)) : way;
  const says = behind(branches(kernels, gradient), gradient);
  return { kind: 'fine', severity: 'ok', says, at: null, damage: gradient.range };
}

function branches(says: string, { silent }: Travel): string {
  return silent === 0 ? says : sayOf(silent, '{1}; {0} other gets none yet, in branches that are closed or dead',
    '{1}; {0} others get none yet, in branches that are closed or dead', says);
}

/** Layers that no weights can help. */
function behind(says: string, { cut: { layers, by } }: Travel): string {
  return layers === 0 ? says : sayOf(layers, '{1}; {0} layer gets none whatever the weights are, behind {2}',
    '{1}; {0} layers get none whatever the weights are, behind {2}', says, by.join(', '));
}

