// What stands in the way of learning, in the order of what a reader has to know first: forward, then backward, then what single layers do.

import type { Severity } from '../../protocol/report';
import type { VerdictKind } from '../../protocol/verdict';
import { alikeFrom } from './alike';
import type { Course, Spread } from './course';
import { amount, cosineText, percent } from './numbers';
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
  if (gradient.depth + (gradient.lostAt === null ? 0 : 1) === 0) return [lost, time].filter((finding) => finding !== null);
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
  const isBesides = ({ kind, severity }: Finding): boolean => kind === 'vanishing-through-time' && severity === 'info';
  const worst = found.filter((finding) => finding.kind !== 'zero-head' && !isBesides(finding));
  const rest = found.filter(({ kind }) => kind === 'zero-head');
  return [...worst.toSorted((a, b) => rank(a) - rank(b)), ...rest, ...worst.length === 0 ? [fine(gradient, course)] : [], ...found.filter(isBesides)];
}

const severities: readonly Finding['severity'][] = ['error', 'warning', 'info', 'ok'];
/** The worst first. */
export const rank = ({ severity }: Pick<Finding, 'severity'>): number => severities.indexOf(severity);

/** On the way forward, which is looked at first: what is not finite there makes zeros or worse of every gradient. */
function signalLost({ stops }: Course, { lostAt, lostTo, depth, factorPerLayer }: Travel): Finding | null {
  const at = stops.findIndex(({ name }) => name === lostAt);
  const stop = stops[at];
  if (!stop) return null;
  if (lostTo === 'not finite') {
    const from = `not finite from ${stop.name} on`;
    const says = depth > 0 && factorPerLayer > overflowing ? `the signal grows ${amount(factorPerLayer)}× per layer and overflows: it is ${from}`
      : `the signal is ${from}`;
    return { kind: 'not-finite', severity: 'error', says, at: stop.name, damage: Infinity };
  }
  // An answer that says nothing yet is no signal that is lost.
  if (at === stops.length - 1) return null;
  const isDead = stop.preactivation?.state === 'finite';
  const why = isDead ? `, whose units are all shut${sitting(stop.preactivation)}` : stop.scale === 0 ? ', whose kernel is all zero' : '';
  return { kind: 'signal-lost', severity: 'error', says: `the signal is always the same from ${stop.name} on${why}`, at: stop.name, damage: Infinity };
}

/** A signal that overflows has grown at least so much from layer to layer. */
const overflowing = 2;

function gradientLost({ stops }: Course, gradient: Travel, lost: Finding | null, shut: readonly ShutLayer[]): Finding | null {
  const { lostAt } = gradient;
  if (lostAt === null) return null;
  const head = stops.at(-1);
  const isUnderHead = stops.at(-2)?.name === lostAt && head?.activation?.state === 'zero' && (head.scale === 0 || head.scale === null) && lost === null;
  if (gradient.lostTo === 'zero' && isUnderHead) {
    const says = `all answers start alike, since the kernel of ${head.name} is zero; the layers below get their first gradient one step later`;
    return { kind: 'zero-head', severity: 'info', says, at: head.name, damage: 1 };
  }
  const without = stops.slice(0, stops.findIndex(({ name }) => name === lostAt) + 1);
  if (gradient.lostTo === 'zero' && lost === null && without.every(({ inBranch }) => inBranch)) {
    const count = without.length + gradient.silent;
    const says = `${count} layers get no gradient yet, in residual branches that start closed`;
    return { kind: 'fine', severity: 'info', says, at: null, damage: 1 };
  }
  const how = gradient.lostTo === 'zero' ? 'is exactly zero' : 'is not finite';
  const stopped = shut.find(({ stop, share }) => stop.name === lostAt && share === 1);
  const why = stopped ? `, whose units are all ${stopped.how}${sitting(stopped.stop.preactivation)}` : lost ? '' : behind(gradient);
  return { kind: 'gradient-lost', severity: 'error', says: `the gradient ${how} from ${lostAt} down${why}`, at: lostAt, damage: Infinity };
}

function trendOf(gradient: Travel, signal: Travel): Finding | null {
  const { range, depth, factorPerLayer, lostAt } = gradient;
  if (lostAt !== null || range < tolerance(depth)) return null;
  const isFalling = factorPerLayer < 1;
  const [each, all] = [amount(factorPerLayer), amount(factorPerLayer ** depth)];
  const isForward = signal.lostAt === null && signal.range >= tolerance(signal.depth) && signal.depth > 0;
  const forward = isForward ? `; the signal ${signal.factorPerLayer < 1 ? 'shrinks' : 'grows'} ${amount(signal.factorPerLayer)}× per layer` : '';
  const way = `${isFalling ? 'shrinks' : 'grows'} ${each}× per layer, ${all}× over ${depth + 1} layers${deepest(factorPerLayer, depth)}`;
  const says = `the gradient ${way}${forward}${behind(gradient)}`;
  return { kind: isFalling ? 'vanishing' : 'exploding', severity: range > fatal ? 'error' : 'warning', says, at: null, damage: range };
}

/** Networks train to six depth scales ξ = 1 / |ln χ|, χ being the factor of the variance (Schoenholz et al. 2017, section 5). */
function deepest(factor: number, depth: number): string {
  const layers = Math.max(1, Math.floor(6 / Math.abs(2 * Math.log(factor))));
  return layers > depth ? '' : `, where about ${layers} can train`;
}

function stepOf({ steps, depth }: Travel, head: string | undefined, isSaid: (step: Step) => boolean): Finding | null {
  const [step, ...others] = steps.filter((each) => !isSaid(each));
  if (!step) return null;
  const { factor, at, cause } = step;
  const why = cause === 'kernel' ? `, whose kernel is too ${factor < 1 ? 'narrow' : 'wide'}` : cause === 'activation' ? ', whose activation lets little pass'
    : '';
  const more = others.length === 0 ? '' : ` (others: ${others.slice(0, named).map((each) => each.at).join(', ')})`;
  const says = `the gradient ${factor < 1 ? 'falls to' : 'rises to'} ${amount(factor)}× at one of ${depth + 1} layers, ${at}${why}${more}`;
  const damage = Math.max(factor, 1 / factor);
  // A narrow head holds the layers below back for its first steps, and is meant so by many.
  if (factor < 1 && at === head) return { kind: 'zero-head', severity: 'info', says, at, damage: 1 };
  return { kind: 'one-layer', severity: damage >= 100 ? 'error' : 'warning', says, at, damage };
}

function shutOf(shut: readonly ShutLayer[], { steps }: Travel): Finding | null {
  const [first, ...others] = shut;
  if (!first) return null;
  const { stop, how, share, of } = first;
  const shares = { outputs: `${percent(share)} of what comes out of ${stop.name} is zero: most of its units are dead`,
    units: `${percent(share)} of the units of ${stop.name} are shut by their biases: dead, or saturated`,
    gradient: `${percent(share)} of the gradient stays at ${stop.name}, whose units are saturated` };
  const more = others.length === 0 ? '' : `; the same holds for ${others.length === 1 ? others[0]?.stop.name ?? '' : `${others.length} layers more`}`;
  const step = steps.find(({ at, cause }) => at === stop.name && cause === 'activation');
  const damage = step ? 1 / step.factor : 1 / Math.max(1e-3, 1 - share);
  const falls = step ? `; the gradient falls to ${amount(step.factor)}× there` : '';
  return { kind: how, severity: damage >= 100 ? 'error' : 'warning', says: `${shares[of]}${sitting(stop.preactivation)}${falls}${more}`, at: stop.name,
    damage };
}

/** Where pre-activations are, if they are held there. */
function sitting(preactivation: Spread | null): string {
  if (preactivation?.state !== 'finite' || Math.abs(preactivation.mean) < 3 * preactivation.std) return '';
  return ` (its pre-activations are ${amount(preactivation.mean)} ± ${amount(preactivation.std)})`;
}

function signalTrend({ range, depth, factorPerLayer, lostAt }: Travel): Finding | null {
  if (lostAt !== null || depth === 0 || range < tolerance(depth)) return null;
  const isFalling = factorPerLayer < 1;
  const [each, all] = [amount(factorPerLayer), amount(factorPerLayer ** depth)];
  const says = `the signal ${isFalling ? 'shrinks' : 'grows'} ${each}× per layer, ${all}× over ${depth + 1} layers`;
  return { kind: isFalling ? 'signal-vanishing' : 'signal-exploding', severity: 'warning', says, at: null, damage: range };
}

/** Between tokens that differ by so little, attention has nothing to choose. */
const same = 1e-3;

function alike(course: Course): Finding | null {
  const found = alikeFrom(course);
  if (!found) return null;
  const { what, last, limit, from } = found;
  const says = `all ${what} become one direction: their cosine is ${cosineText(found.cosine)} at ${last}, and above ${limit} from ${from} on`;
  const severity = what === 'tokens' && 1 - found.cosine < same ? 'error' : 'warning';
  return { kind: 'alike', severity, says, at: found.from, damage: 1 / Math.max(1e-6, 1 - found.cosine) };
}

function slowKernels(course: Course): Finding | null {
  const [first, ...others] = paceOf(course)?.slow ?? [];
  if (!first) return null;
  const more = others.length === 0 ? '' : `; so do ${others.slice(0, named).map(({ name }) => name).join(', ')}${others.length > named ? ' …' : ''}`;
  const says = `the kernel of ${first.name} turns ${amount(first.factor)}× as fast as the others, for its size${more}`;
  return { kind: 'slow-kernel', severity: 'warning', says, at: first.name, damage: 1 / first.factor };
}

function fine(gradient: Travel, course: Course): Finding {
  const unknown = `the gradient holds as far as it is known (hidden: ${gradient.hidden} of the layers)`;
  const reach = gradient.hidden > 0 ? unknown : 'the gradient reaches the first layer';
  const way = `its scale changes ${amount(gradient.factorPerLayer)}× per layer, over ${gradient.depth + 1} layers`;
  const pace = paceOf(course);
  const kernels = pace ? `; for their size, kernels get gradients within ${amount(pace.range)}×` : '';
  const says = `${reach}: ${way}${kernels}${branches(gradient)}${behind(gradient)}`;
  return { kind: 'fine', severity: 'ok', says, at: null, damage: gradient.range };
}

function branches({ silent }: Travel): string {
  const others = silent === 1 ? '1 other gets' : `${silent} others get`;
  return silent > 0 ? `; ${others} none yet, in branches that are closed or dead` : '';
}

/** Layers that no weights can help. */
function behind({ cut: { layers, by } }: Travel): string {
  return layers === 0 ? '' : `; ${layers === 1 ? '1 layer gets' : `${layers} layers get`} none whatever the weights are, behind ${by.join(', ')}`;
}

