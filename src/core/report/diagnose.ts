import type { Match } from '../initializers/inference';
import type { Diagnostic, LayerReport, Severity, WeightReport, WeightStatistics } from '../../protocol/report';
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
  const remedy = recommendation ? `Reinitialize it: ${recommendation.title}.` : 'Export the model again.';
  const { nonFinite, std, mean, count, units, rank } = statistics;
  if (nonFinite > 0) return [{ severity: 'error', code: 'non-finite-values', message: `${name} holds ${nonFinite} values that are not finite.`, remedy }];
  if (std === null || !recommendation) return [];
  if (role === 'gamma' && std === 0 && mean === 0 && layer.residual === null) {
    return [{ severity: 'error', code: 'all-zero-scale', message: `${name} is all zero: the scale lets nothing pass.`, remedy }];
  }
  if (role !== 'kernel' && role !== 'recurrent' && role !== 'embedding') return [];
  if (count > 1 && std === 0) {
    const meant = mean === 0 && role === 'kernel' ? zeroOnPurpose(layer, name) : null;
    if (meant) return [meant];
    return [mean === 0
      ? { severity: 'error', code: 'all-zero-kernel', message: `${name} is all zero: nothing passes forward or backward.`, remedy }
      : { severity: 'error', code: 'constant-kernel', message: `${name} is constant: all units stay equal (symmetry).`, remedy }];
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
    const message = `${name} is all zero at the end of a residual branch: the branch starts closed, and opens in the first steps.`;
    return { severity: 'info', code: 'closed-branch', message, remedy: '' };
  }
  if (!isHead) return null;
  const message = `${name} is all zero in the output layer: all answers start alike, and the layers below get their first gradient one step later.`;
  return { severity: 'info', code: 'zero-head', message, remedy: '' };
}

function wrongScale(layer: LayerReport, { name, role, recommendation }: WeightReport, { std, count }: WeightStatistics, remedy: string): readonly Found[] {
  if (!recommendation || std === null || recommendation.std === 0 || count < fewest) return [];
  const ratio = std / recommendation.std;
  const off = Math.max(ratio, 1 / ratio);
  if (off < worthAWord) return [];
  const direction = ratio > 1 ? 'wide' : 'narrow';
  const isGated = /^(LSTM|GRU|RNN)$/.test(layer.op);
  const following = isGated ? 'its gates' : layer.activation === 'linear' ? 'its fan-in' : layer.activation;
  const numbers = `σ ${format(std)}, recommended ${format(recommendation.std)}`;
  if (layer.isHead) return [answering(name, { ratio, off, direction, numbers, remedy })];
  const effect = layer.normalization === null
    ? `${told} such ${role === 'recurrent' ? 'steps scale the state' : 'layers scale the signal'} by ${format(ratio ** told)}`
    : `the norm behind it restores the signal, and scales its gradient by ${format(1 / ratio)}`;
  // Behind a norm only the size of steps is wrong.
  const severity: Severity = layer.normalization === null ? (off >= serious ? 'error' : 'warning') : off >= serious ? 'warning' : 'info';
  return [{ severity, code: 'wrong-scale', message: `${name} is ${format(off)}× too ${direction} for ${following}: ${numbers}; ${effect}.`, remedy }];
}

interface WrongAnswer { readonly ratio: number; readonly off: number; readonly direction: string; readonly numbers: string; readonly remedy: string }

/** No layer comes after it: what a head does wrong is not multiplied. */
function answering(name: string, { ratio, off, direction, numbers, remedy }: WrongAnswer): Found {
  const isWide = ratio > 1;
  const effect = isWide ? 'answers start far apart, which has to be unlearned' : 'answers start alike, and what is below gets a smaller gradient at first';
  const severity: Severity = isWide ? (off >= serious ? 'error' : 'warning') : 'info';
  return { severity, code: 'wrong-scale', message: `${name} is ${format(off)}× too ${direction} for an answer: ${numbers}; ${effect}.`, remedy };
}

function wrongFans({ name, fanIn, fanOut }: WeightReport, { title, miscounted, declared = false }: Miscounted, remedy: string): Found {
  const { library, fans, drawn, meant } = miscounted;
  const ratio = drawn / meant;
  const off = Math.max(ratio, 1 / ratio);
  const counts = `${library} counts fan_in ${formatCount(fans.fanIn)}, fan_out ${formatCount(fans.fanOut)}`;
  const own = `the operator has ${formatCount(fanIn ?? 0)} and ${formatCount(fanOut ?? 0)}`;
  const effect = `σ is ${format(off)}× too ${ratio > 1 ? 'wide' : 'narrow'} for what was meant`;
  const message = `${name} ${declared ? 'is drawn by' : 'looks like'} ${title}: ${counts} where ${own}, so that ${effect}.`;
  return { severity: off >= worthAWarning ? 'warning' : 'info', code: 'wrong-fan-convention', message, remedy };
}

/** Of units that are copies, that is said. */
function nearlyAlike(name: string, { stable, drawn }: NonNullable<WeightStatistics['rank']>, remedy: string): readonly Found[] {
  const message = `${name} is nearly of rank ${Math.max(1, Math.round(stable))}: its units compute nearly the same. The first of them have a stable rank of `
    + `${format(stable)}, where those of a draw have ${format(drawn)}.`;
  return [{ severity: 'warning', code: 'low-rank', message, remedy }];
}

function alikeUnits(name: string, { total, duplicate, zero }: NonNullable<WeightStatistics['units']>, remedy: string): readonly Found[] {
  const found: Found[] = [];
  if (duplicate > 0) {
    const message = `${duplicate} of ${total} units of ${name} have the same weights as another: they compute and learn the same (symmetry).`;
    found.push({ severity: duplicate >= total / 2 ? 'error' : 'warning', code: 'duplicate-units', message, remedy });
  }
  if (zero > 0) {
    const message = `${zero} of ${total} units of ${name} have only zero weights: nothing reaches them.`;
    found.push({ severity: zero >= total / 2 ? 'warning' : 'info', code: 'zero-units', message, remedy });
  }
  return found;
}
