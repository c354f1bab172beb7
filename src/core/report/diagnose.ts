import type { Match } from '../initializers/inference';
import type { Diagnostic, LayerReport, Severity, WeightReport, WeightStatistics } from '../../protocol/report';
import { say } from '../../protocol/words';
import { format, formatCount } from './numbers';

/**
 * A standard deviation this many times off its recommendation is worth a word, and this many times means that a handful of layers
 * silence or blow up the signal: 3^k and 10^k over k layers.
 */
export const worthAWord = 3;
const serious = 10;
/** What a scale does over the depth is told for so many layers. */
const told = 10;
/** Fewer values say little about the spread they come from. */
const fewest = 16;
/** Miscounted fans that change the spread by less are worth no warning. */
const worthAWarning = 1.5;

/** A match that counts the fans as a library does, not as the operator. */
export type Miscounted = Match & { readonly miscounted: NonNullable<Match['miscounted']> };

/** Whether a sentence begins with the name of a weight: that is what it is about. */
export const isAbout = (message: string, name: string): boolean => message.startsWith(name) && !/^[\w./:-]/.test(message.slice(name.length));

/** What is wrong with the weights of a layer, as far as they have been measured. */
export function diagnoseLayer(layer: LayerReport, miscounted: ReadonlyMap<string, Miscounted> = new Map()): readonly Diagnostic[] {
  return layer.weights.flatMap((weight) => {
    const { statistics } = weight;
    if (!statistics || weight.frozen !== undefined) return [];
    return diagnoseWeight(layer, weight, statistics, miscounted.get(weight.id)).map((found): Diagnostic => ({ ...found, layer: layer.name }));
  });
}

type Found = Omit<Diagnostic, 'layer'>;

function diagnoseWeight(layer: LayerReport, weight: WeightReport, statistics: WeightStatistics, miscounted: Miscounted | undefined): readonly Found[] {
  const { name, role, recommendation } = weight;
  const remedy = recommendation ? say('Reinitialize it: {0}.', recommendation.title) : say('Export the model again.');
  const { nonFinite, std, mean, count, units, rank } = statistics;
  if (nonFinite > 0) return [{ severity: 'error', code: 'non-finite-values', message: say('{0} holds {1} values that are not finite.', name, nonFinite),
    remedy }];
  if (std === null || !recommendation) return [];
  if (role === 'gamma' && std === 0 && mean === 0 && layer.residual === null) {
    return [{ severity: 'error', code: 'all-zero-scale', message: say('{0} is all zero: the scale lets nothing pass.', name), remedy }];
  }
  if (role !== 'kernel' && role !== 'recurrent' && role !== 'embedding') return [];
  if (count > 1 && std === 0) {
    const meant = mean === 0 && role === 'kernel' ? zeroOnPurpose(layer, name) : null;
    if (meant) return [meant];
    return [mean === 0
      ? { severity: 'error', code: 'all-zero-kernel', message: say('{0} is all zero: nothing passes forward or backward.', name), remedy }
      : { severity: 'error', code: 'constant-kernel', message: say('{0} is constant: all units stay equal (symmetry).', name), remedy }];
  }
  return [
    ...(role === 'embedding' || weight.computed?.scaleFree ? [] : wrongScale(layer, weight, statistics, remedy)),
    ...(miscounted ? [wrongFans(weight, miscounted, remedy)] : []),
    ...(units ? alikeUnits(name, units, remedy) : rank ? nearlyAlike(name, rank, remedy) : []),
  ];
}

/** A branch that begins closed and a head that begins without an opinion are zero by their authors' will (Zhang et al. 2019; Goyal et al. 2017). */
function zeroOnPurpose({ residual, isHead }: LayerReport, name: string): Found | null {
  if (residual) {
    const message = say('{0} is all zero at the end of a residual branch: the branch starts closed, and opens in the first steps.', name);
    return { severity: 'info', code: 'closed-branch', message, remedy: '' };
  }
  if (!isHead) return null;
  const message = say('{0} is all zero in the output layer: all answers start alike, and the layers below get their first gradient one step later.', name);
  return { severity: 'info', code: 'zero-head', message, remedy: '' };
}

function wrongScale(layer: LayerReport, { name, role, recommendation }: WeightReport, { std, count }: WeightStatistics, remedy: string): readonly Found[] {
  if (!recommendation || std === null || recommendation.std === 0 || count < fewest) return [];
  const ratio = std / recommendation.std;
  const off = Math.max(ratio, 1 / ratio);
  if (off < worthAWord) return [];
  const isGated = /^(LSTM|GRU|RNN)$/.test(layer.op);
  const following = isGated ? say('its gates') : layer.activation === 'linear' ? say('its fan-in') : layer.activation;
  const numbers = [format(std), format(recommendation.std)] as const;
  if (layer.isHead) return [answering(name, { ratio, off, numbers, remedy })];
  const effect = layer.normalization !== null ? say('the norm behind it restores the signal, and scales its gradient by {0}', format(1 / ratio))
    : role === 'recurrent' ? say('{0} such steps scale the state by {1}', told, format(ratio ** told))
      : say('{0} such layers scale the signal by {1}', told, format(ratio ** told));
  // Behind a norm only the size of steps is wrong.
  const severity: Severity = layer.normalization === null ? (off >= serious ? 'error' : 'warning') : off >= serious ? 'warning' : 'info';
  const message = ratio > 1 ? say('{0} is {1}× too wide for {2}: σ {3}, recommended {4}; {5}.', name, format(off), following, ...numbers, effect)
    : say('{0} is {1}× too narrow for {2}: σ {3}, recommended {4}; {5}.', name, format(off), following, ...numbers, effect);
  return [{ severity, code: 'wrong-scale', message, remedy }];
}

/** `numbers` are what is and what is recommended. */
interface WrongAnswer { readonly ratio: number; readonly off: number; readonly numbers: readonly [string, string]; readonly remedy: string }

/** No layer comes after it: what a head does wrong is not multiplied. */
function answering(name: string, { ratio, off, numbers, remedy }: WrongAnswer): Found {
  const isWide = ratio > 1;
  const message = isWide
    ? say('{0} is {1}× too wide for an answer: σ {2}, recommended {3}; answers start far apart, which has to be unlearned.', name, format(off), ...numbers)
    : say('{0} is {1}× too narrow for an answer: σ {2}, recommended {3}; answers start alike, and what is below gets a smaller gradient at first.',
      name, format(off), ...numbers);
  const severity: Severity = isWide ? (off >= serious ? 'error' : 'warning') : 'info';
  return { severity, code: 'wrong-scale', message, remedy };
}

function wrongFans({ name, fanIn, fanOut }: WeightReport, { title, miscounted, declared = false }: Miscounted, remedy: string): Found {
  const { library, fans, drawn, meant } = miscounted;
  const ratio = drawn / meant;
  const off = Math.max(ratio, 1 / ratio);
  const effect = ratio > 1 ? say('σ is {0}× too wide for what was meant', format(off)) : say('σ is {0}× too narrow for what was meant', format(off));
  const numbers = [name, title, library, formatCount(fans.fanIn), formatCount(fans.fanOut), formatCount(fanIn ?? 0), formatCount(fanOut ?? 0), effect] as const;
  const message = declared
    ? say('{0} is drawn by {1}: {2} counts fan_in {3}, fan_out {4} where the operator has {5} and {6}, so that {7}.', ...numbers)
    : say('{0} looks like {1}: {2} counts fan_in {3}, fan_out {4} where the operator has {5} and {6}, so that {7}.', ...numbers);
  return { severity: off >= worthAWarning ? 'warning' : 'info', code: 'wrong-fan-convention', message, remedy };
}

/** Of units that are copies, that is said. */
function nearlyAlike(name: string, { stable, drawn }: NonNullable<WeightStatistics['rank']>, remedy: string): readonly Found[] {
  const message = say('{0} is nearly of rank {1}: its units compute nearly the same. The first of them have a stable rank of {2}, where those of a draw have '
    + '{3}.', name, Math.max(1, Math.round(stable)), format(stable), format(drawn));
  return [{ severity: 'warning', code: 'low-rank', message, remedy }];
}

function alikeUnits(name: string, { total, duplicate, zero }: NonNullable<WeightStatistics['units']>, remedy: string): readonly Found[] {
  const found: Found[] = [];
  if (duplicate > 0) {
    const message = say('{0} of {1} units of {2} have the same weights as another: they compute and learn the same (symmetry).', duplicate, total, name);
    found.push({ severity: duplicate >= total / 2 ? 'error' : 'warning', code: 'duplicate-units', message, remedy });
  }
  if (zero > 0) {
    const message = say('{0} of {1} units of {2} have only zero weights: nothing reaches them.', zero, total, name);
    found.push({ severity: zero >= total / 2 ? 'warning' : 'info', code: 'zero-units', message, remedy });
  }
  return found;
}
