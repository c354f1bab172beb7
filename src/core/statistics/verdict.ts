import type { Verdict } from '../../protocol/panel';
import type { SimulatedScheme } from '../../protocol/schemes';
import type { SimulationRun } from '../../protocol/simulation';
import type { Travel } from './travel';
import { activationTravel, gradientTravel, tolerance } from './travel';

/** Worse than what is there by more than draws differ. */
const worth = 10;

/** One sentence on whether the gradient reaches the first layers, and what would change it. Null before the first run. */
export function judge(runs: readonly SimulationRun[]): Verdict | null {
  const subject = runs.some((run) => run.scheme === 'current') ? 'current' : runs[0]?.scheme;
  const gradient = subject && gradientTravel(runs, subject);
  if (!subject || !gradient) return null;
  const hasBetter = subject !== 'recommended' && runs.some((run) => run.scheme === 'recommended');
  const better = hasBetter ? gradientTravel(runs, 'recommended') : null;
  const seeds = new Set(runs.filter((run) => run.scheme === subject).map((run) => run.seed)).size;
  const opening = subject === 'current' ? 'With the current weights' : `With ${subject}`;
  const sure = seeds > 1 ? ` (${seeds} seeds)` : ' (1 seed)';
  const isNoRemedy = subject === 'recommended';
  const overflow = overflowOf(runs, subject);
  if (overflow !== null) {
    const helps = better && overflowOf(runs, 'recommended') === null;
    const comparison = better ? (helps ? compare(better) : ' With recommended it does so, too.') : '';
    return { text: `${opening} ${overflow}${sure}.${comparison}`, severity: 'error', remedy: isNoRemedy || (better && !helps) ? null : 'recommended' };
  }
  if (gradient.depth + (gradient.lostAt === null ? 0 : 1) === 0) {
    if (gradient.hidden > 0) return hiddenWholly(gradient);
    return gradient.cut.layers > 0 ? cutWholly(gradient) : null;
  }
  const fine = isKept(gradient);
  const isWorse = better !== null && (overflowOf(runs, 'recommended') !== null || damage(better) > worth * damage(gradient));
  const comparison = !better ? '' : isWorse ? warn(better) : fine ? '' : compare(better);
  const closed = better?.silent ?? 0;
  const wait = closed === 1 ? '1 layer waits' : `${closed} layers wait`;
  const waiting = closed > 0 ? ` Recommended starts with closed branches: ${wait} for the scale that opens them.` : '';
  const severity = fine ? 'ok' : gradient.lostAt !== null || gradient.jump !== null || gradient.range > 1e4 ? 'error' : 'warning';
  const text = `${opening} ${describe(gradient, fine)}${sure}.${comparison}${waiting}`;
  return { text, severity, remedy: fine || isNoRemedy || isWorse ? null : 'recommended' };
}

/** On the way forward, which is looked at first: what is not finite there makes zeros or worse of every gradient. */
function overflowOf(runs: readonly SimulationRun[], scheme: SimulatedScheme): string | null {
  const signal = activationTravel(runs, scheme);
  if (signal?.lostTo !== 'not finite') return null;
  const from = `not finite from ${signal.lostAt ?? ''} on`;
  const { factorPerLayer, depth } = signal;
  return depth > 0 && factorPerLayer > 1 ? `the signal grows ${format(factorPerLayer)}× per layer and overflows: it is ${from}` : `the signal is ${from}`;
}

function hiddenWholly({ hidden }: Travel): Verdict {
  const where = hidden === 1 ? '1 layer' : `${hidden} layers`;
  const text = `How the gradient travels is not known: operators without a rule hide it in ${where}. The list of them says which.`;
  return { text, severity: 'warning', remedy: null };
}

function cutWholly({ cut }: Travel): Verdict {
  const text = `No gradient arrives, whatever the weights are: ${cut.by.join(', ')} has no derivative but zero. Look at the float model it was made from.`;
  return { text, severity: 'warning', remedy: null };
}

const isKept = (gradient: Travel): boolean => gradient.range < tolerance(gradient.depth) && gradient.jump === null;

/** The factor between both ends of the way, whichever is the smaller. */
const damage = ({ range, jump, lostAt }: Travel): number => (lostAt !== null ? Infinity : Math.max(range, jump ? Math.max(jump.factor, 1 / jump.factor) : 1));

function describe(gradient: Travel, fine: boolean): string {
  const { layers, by } = gradient.cut;
  const cut = layers === 0 ? '' : `; ${layers === 1 ? '1 layer gets' : `${layers} layers get`} none whatever the weights are, behind ${by.join(', ')}`;
  return `${describeWay(gradient, fine)}${cut}`;
}

function describeWay(gradient: Travel, fine: boolean): string {
  if (gradient.lostAt !== null) {
    const how = gradient.lostTo === 'zero' ? 'is exactly zero' : 'is not finite';
    return `the gradient ${how} from ${gradient.lostAt} down`;
  }
  if (fine) {
    const unknown = `the gradient holds as far as it is known (hidden: ${gradient.hidden} of the layers)`;
    const reach = gradient.hidden > 0 ? unknown : 'the gradient reaches the first layer';
    const others = gradient.silent === 1 ? '1 other gets' : `${gradient.silent} others get`;
    const silent = gradient.silent > 0 ? `; ${others} none yet, in branches that are closed or dead` : '';
    return `${reach}: its scale changes ${format(gradient.factorPerLayer)}× per layer, over ${gradient.depth + 1} layers${silent}`;
  }
  if (gradient.jump) {
    const { factor, at } = gradient.jump;
    return `the gradient ${factor < 1 ? 'falls to' : 'rises to'} ${format(factor)}× its scale over ${gradient.depth + 1} layers, most of it at ${at}`;
  }
  const verb = gradient.factorPerLayer < 1 ? 'shrinks' : 'grows';
  const [each, all] = [format(gradient.factorPerLayer), format(gradient.factorPerLayer ** gradient.depth)];
  return `the gradient ${verb} ${each}× per layer, ${all}× over ${gradient.depth + 1} layers`;
}

function compare(better: Travel): string {
  if (better.lostAt !== null) return ' Recommended does not reach it either.';
  if (better.jump) return ` Recommended changes it ${format(better.jump.factor)}×, most of it at ${better.jump.at}.`;
  return isKept(better)
    ? ` Recommended keeps it within ${format(better.range)}×.`
    : ` Recommended changes it ${format(better.factorPerLayer)}× per layer.`;
}

function warn(worse: Travel): string {
  if (worse.lostAt !== null) return ' Recommended would be worse: it does not reach it at all.';
  const how = worse.jump ? `${format(worse.jump.factor)}×, most of it at ${worse.jump.at}` : `${format(worse.factorPerLayer)}× per layer`;
  return ` Recommended would be worse: it changes it ${how}.`;
}

function format(value: number): string {
  const magnitude = Math.abs(value);
  return magnitude >= 1e-3 && magnitude < 1e4 ? String(Number(value.toPrecision(2))) : value.toExponential(1);
}
