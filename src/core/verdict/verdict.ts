// One sentence or two on whether a network can learn from its weights, and what would change that: of runs, or of what theory predicts.

import type { Verdict } from '../../protocol/verdict';
import type { SchemeTheory, SimulationRun } from '../../protocol/simulation';
import { say, sayOf } from '../../protocol/words';
import type { Course } from './course';
import { measuredCourse, predictedCourse } from './course';
import type { Finding } from './findings';
import { findingsOf } from './findings';
import { amount } from './numbers';
import { compareOnlyLayer, hasOneLayer } from './onlyLayer';
import type { Comparison } from './throughTime';
import { compareThroughTime, isThroughTime } from './throughTime';
import { measuredBest } from './ranking';
import { trainedWords } from './trained';
import type { Travel } from './travel';
import { gradientTravel, tolerance } from './travel';

/** Worse than what is there by more than draws differ. */
const worth = 10;

/** Of what has been run; of the current weights where they are among it. Null before the first run. */
export function judge(runs: readonly SimulationRun[], theory: readonly SchemeTheory[] = [], isTrained = false): Verdict | null {
  const subject = runs.some((run) => run.scheme === 'current') ? 'current' : runs[0]?.scheme;
  const course = subject && measuredCourse(runs, subject, theory);
  const verdict = course && verdictOf(course, subject === 'recommended' ? null : measuredCourse(runs, 'recommended', theory), isTrained);
  const isBad = verdict?.severity === 'error' || verdict?.severity === 'warning';
  const best = isBad ? measuredBest(runs, theory) : null;
  return verdict && best ? { ...verdict, best } : verdict ?? null;
}

/** Before anything is run. Null where theory does not follow the gradient over two layers. */
export function expectedVerdict(current: SchemeTheory, recommended: SchemeTheory | null): Verdict | null {
  return verdictOf(predictedCourse(current), recommended && predictedCourse(recommended), false);
}

function verdictOf(course: Course, better: Course | null, isTrained: boolean): Verdict | null {
  // Theory of steps is of weights that are independent, as trained ones are not.
  const [worst, second] = findingsOf(isTrained ? withoutSteps(course) : course);
  if (!worst) return withoutGradient(course);
  const { seeds } = course;
  const basis = worst.basis ?? course.basis;
  const besides = !second || second.severity === 'ok' ? '' : second.basis && basis === 'measured' ? say('Besides, by theory {0}.', second.says)
    : say('Besides, {0}.', second.says);
  const comparison = better ? compare(worst, course, better) : { says: '', helps: null };
  const isBad = worst.severity === 'error' || worst.severity === 'warning';
  const text = [opened(worst.says, course.scheme, basis, seeds), besides, comparison.says].filter((sentence) => sentence !== '').join(' ');
  const about = { kind: worst.kind, at: worst.at, basis };
  if (isTrained && isBad) return { ...about, text: `${text} ${trainedWords.message} ${trainedWords.remedy}`, severity: 'info', remedy: null };
  const canHelp = isBad && course.scheme !== 'recommended' && comparison.helps !== false;
  return { ...about, text, severity: worst.severity, remedy: canHelp ? 'recommended' : null };
}

/** By theory or by runs of so many seeds. */
function opened(says: string, scheme: Course['scheme'], basis: Course['basis'], seeds: number): string {
  if (basis === 'predicted') {
    return scheme === 'current' ? say('By theory, with the current weights {0}.', says) : say('By theory, with {1} {0}.', says, scheme);
  }
  return scheme === 'current' ? sayOf(Math.max(1, seeds), 'With the current weights {1} ({0} seed).', 'With the current weights {1} ({0} seeds).', says)
    : sayOf(Math.max(1, seeds), 'With {2} {1} ({0} seed).', 'With {2} {1} ({0} seeds).', says, scheme);
}

const withoutSteps = (course: Course): Course => ({ ...course, stops: course.stops.map((stop) => ({ ...stop, throughTime: null })) });

function compare(worst: Finding, course: Course, better: Course): Comparison {
  if (isThroughTime(worst.kind)) return compareThroughTime(worst, better);
  const [other] = findingsOf(better);
  if (!other) return { says: '', helps: null };
  if (hasOneLayer(course)) return compareOnlyLayer(worst, better, other);
  const travel = gradientTravel(better);
  const isGood = other.severity === 'ok' || other.severity === 'info';
  if (worst.severity === 'ok' || worst.severity === 'info') {
    const isWorse = !isGood && isFarWorse(course, worst, better, other);
    const closes = travel.silent > gradientTravel(course).silent && worst.severity === 'ok';
    return { says: isWorse ? worse(other, travel) : closes ? waiting(travel) : '', helps: false };
  }
  if (other.kind === worst.kind && other.damage * worth > worst.damage) {
    if (worst.kind === 'gradient-lost' || worst.kind === 'signal-lost') return { says: say('Recommended does not reach it either.'), helps: false };
    if (worst.kind === 'not-finite' || worst.kind === 'alike') return { says: say('With recommended it does so, too.'), helps: false };
  }
  if (!isGood && isFarWorse(course, worst, better, other)) {
    return { says: worse(other, travel), helps: false };
  }
  const isOfIt = aboutGradient.has(worst.kind);
  if (other.kind === 'not-finite') return { says: say('With recommended it does so, too.'), helps: false };
  if (travel.lostAt !== null) return { says: say('Recommended does not reach it either.'), helps: false };
  const [step] = travel.steps;
  if (step && other.kind === 'one-layer') {
    const numbers = [amount(step.factor), step.at] as const;
    return { says: isOfIt ? say('Recommended changes it {0}×, most of it at {1}.', ...numbers)
      : say('Recommended changes the gradient {0}×, most of it at {1}.', ...numbers), helps: true };
  }
  return { says: [whatItDoes(travel, isOfIt), waiting(travel)].filter((sentence) => sentence !== '').join(' '), helps: true };
}

/** What recommended weights make of the gradient, which the sentence before speaks of or does not. */
function whatItDoes({ range, depth, factorPerLayer }: Travel, isOfIt: boolean): string {
  if (range < tolerance(depth)) {
    return isOfIt ? say('Recommended keeps it within {0}×.', amount(range)) : say('Recommended keeps the gradient within {0}×.', amount(range));
  }
  return isOfIt ? say('Recommended changes it {0}× per layer.', amount(factorPerLayer))
    : say('Recommended changes the gradient {0}× per layer.', amount(factorPerLayer));
}

const aboutGradient: ReadonlySet<Finding['kind']> = new Set(['vanishing', 'exploding', 'one-layer', 'gradient-lost']);

/** Below the head, too: a quieter answer holds all layers back for the first steps alone. */
function isFarWorse(course: Course, worst: Finding, better: Course, other: Finding): boolean {
  if (damageOf(better, other) <= worth * damageOf(course, worst)) return false;
  const [own, others] = [course, better].map(({ stops, ...rest }) => gradientTravel({ ...rest, stops: stops.slice(0, -1) }));
  return other.kind !== 'vanishing' || !own || !others || others.range > worth * own.range;
}

/** The factor between both ends of the gradient's way, or what the finding says where that is worse. */
function damageOf(course: Course, finding: Finding): number {
  return Math.max(gradientTravel(course).range, finding.damage);
}

function worse({ kind, says }: Finding, travel: Travel): string {
  if (travel.lostAt !== null) return say('Recommended would be worse: it does not reach it at all.');
  if (kind === 'vanishing' || kind === 'exploding') return say('Recommended would be worse: it changes it {0}× per layer.', amount(travel.factorPerLayer));
  return say('Recommended would be worse: with it {0}.', says);
}

function waiting({ silent }: Travel): string {
  return silent === 0 ? '' : sayOf(silent, 'Recommended starts with closed branches: {0} layer waits for the scale that opens them.',
    'Recommended starts with closed branches: {0} layers wait for the scale that opens them.');
}

/** Operators without a rule, or without a derivative, leave nothing to judge by. */
function withoutGradient(course: Course): Verdict | null {
  if (course.basis === 'predicted') return null;
  const { hidden, cut } = gradientTravel(course);
  const rest = { kind: 'unknown', at: null, basis: course.basis, severity: 'warning', remedy: null } as const;
  if (hidden > 0) {
    return { ...rest, text: sayOf(hidden, 'How the gradient travels is not known: operators without a rule hide it in {0} layer. The list of them says which.',
      'How the gradient travels is not known: operators without a rule hide it in {0} layers. The list of them says which.') };
  }
  if (cut.layers === 0) return null;
  return { ...rest,
    text: say('No gradient arrives, whatever the weights are: {0} has no derivative but zero. Look at the float model it was made from.', cut.by.join(', ')) };
}

