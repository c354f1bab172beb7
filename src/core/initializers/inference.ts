import type { WeightStatistics } from '../../protocol/report';
import { say } from '../../protocol/words';
import type { DType } from '../graph/dtype';
import { elementCount } from '../graph/dtype';
import type { Declaration } from '../graph/tensor';
import type { Layer, LayerWeight } from '../layers/layer';
import type { Fans } from '../ops/spec';
import type { Candidate } from './candidates';
import { candidatesFor } from './candidates';
import type { Distribution } from './distributions';

/** Fewer values are consistent with nearly anything. */
const fewest = 16;
/** Standard errors a moment may be off, and the chance below which a largest value or a distance is taken for impossible. */
const errors = 4;
const impossible = 1e-4;
/** Kolmogorov's distribution: √n D exceeds this with that probability. */
const farthestDistance = 2.23;
/**
 * Of a normal, the standard deviation is all there is to tell: known less well than the first, it fits one scheme or another; less well than
 * the second, somebody's mistake. The bounds of a uniform are sharp.
 */
const widestGuess = 0.1;
const widestReproach = 0.03;
/** A semi-orthogonal matrix has its Frobenius norm exactly, but for what a QR decomposition in float32 leaves. */
const orthogonalPrecision = 2e-6;
/** Counts that make less of a difference are the same. */
const equal = 1e-9;

/** Which known initialiser a tensor is consistent with. */
export interface Match {
  readonly title: string;
  readonly miscounted: Candidate['miscounted'];
  /** Whether the file says so, and nothing is inferred. */
  readonly declared?: boolean;
}

/** What has been inferred from the same statistics once is remembered with them. */
const inferred = new WeakMap<WeightStatistics, Map<LayerWeight, Match | null>>();

/** What the values of a weight look like, from their moments, bounds and histogram with the sampling error; null for none of the known ones. */
export function inferInitializer(layer: Layer, weight: LayerWeight, statistics: WeightStatistics): Match | null {
  const ofStatistics = inferred.get(statistics) ?? new Map<LayerWeight, Match | null>();
  inferred.set(statistics, ofStatistics);
  const known = ofStatistics.get(weight);
  if (known !== undefined) return known;
  const match = infer(layer, weight, statistics);
  ofStatistics.set(weight, match);
  return match;
}

function infer(layer: Layer, weight: LayerWeight, statistics: WeightStatistics): Match | null {
  const { mean, std, count } = statistics;
  const { declared } = weight.tensor;
  if (declared && statistics.law) return { title: declared.name, miscounted: miscountedBy(declared, weight), declared: true };
  if (mean === null || std === null || weight.role === 'frozen') return null;
  if (std === 0) return { title: mean === 0 ? say('zeros') : mean === 1 ? say('ones') : say('constant {0}', Number(mean.toPrecision(3))), miscounted: null };
  if (count < fewest) return null;
  if (isOrthogonal(weight, statistics)) return { title: say('orthogonal'), miscounted: null };
  const found = candidatesFor(layer, weight).filter((candidate) => (
    isTelling(candidate, count) && isConsistent(candidate.distribution, statistics, weight.tensor.dtype)));
  // What is right without an excuse comes first; where several of those fit, the data cannot tell them apart.
  const plain = found.filter((candidate) => candidate.miscounted === null);
  return plain.length > 0 ? asMatch(plain) : asMatch(found);
}

/** What a library makes of its own count of the fans, where it is not the operator's. */
function miscountedBy({ scaling }: Declaration, { fans }: LayerWeight): Match['miscounted'] {
  if (!scaling || !fans) return null;
  const { library, scale, mode, fans: counted } = scaling;
  const std = ({ fanIn, fanOut }: Fans): number => Math.sqrt(scale / Math.max(1, mode === 'fan_in' ? fanIn : mode === 'fan_out' ? fanOut
    : (fanIn + fanOut) / 2));
  const [drawn, meant] = [std(counted), std(fans)];
  return Math.abs(drawn / meant - 1) < equal ? null : { library, fans: counted, drawn, meant };
}

/** At most two names of what fits, with the spread they have, and whose fans they take. */
function asMatch(found: readonly Candidate[]): Match | null {
  const [first] = found;
  if (!first) return null;
  const alike = found.filter((candidate) => spreadOf(candidate) === spreadOf(first));
  const titles = [...new Set(alike.map(({ title }) => title))].slice(0, 2);
  const library = eitherOf([...new Set(alike.flatMap(({ miscounted }) => miscounted?.library ?? []))]);
  const either = eitherOf(titles);
  const title = first.miscounted ? say('{0}, by the fans of {1} ({2})', either, library, spreadOf(first)) : `${either} (${spreadOf(first)})`;
  return { title, miscounted: first.miscounted && { ...first.miscounted, library } };
}

const eitherOf = ([one = '', another]: readonly string[]): string => (another === undefined ? one : say('{0} or {1}', one, another));

function spreadOf({ distribution: { bound, std } }: Candidate): string {
  const rounded = (value: number): number => Number(value.toPrecision(3));
  return Number.isFinite(bound) ? say('bound {0}', rounded(bound)) : `σ ${rounded(std)}`;
}

/** Relative spacing of the values a type can hold. */
const precisions: Readonly<Partial<Record<DType, number>>> = { bfloat16: 2 ** -8, float16: 2 ** -11 };

/** Var(s²) = (κ − 1) σ⁴ / n, and s is off by half of that. */
const spreadError = ({ kurtosis }: Distribution, count: number): number => Math.sqrt((kurtosis - 1) / (4 * count));
const uniformKurtosis = 1.8;

function isTelling({ distribution, miscounted }: Candidate, count: number): boolean {
  const widest = miscounted ? widestReproach : widestGuess;
  return distribution.kurtosis <= uniformKurtosis || errors * spreadError(distribution, count) <= widest;
}

function isConsistent(distribution: Distribution, statistics: WeightStatistics, dtype: DType): boolean {
  const { count, mean, std, min, max } = statistics;
  if (mean === null || std === null || min === null || max === null) return false;
  const precision = precisions[dtype] ?? 2 ** -24;
  const spread = spreadError(distribution, count);
  if (Math.abs(mean) > errors * (distribution.std / Math.sqrt(count))) return false;
  if (Math.abs(std / distribution.std - 1) > errors * spread + precision) return false;
  const largest = Math.max(-min, max);
  if (largest > distribution.bound * (1 + precision)) return false;
  // The largest of n draws is below x with probability (P(|w| < x))ⁿ.
  const inside = (x: number): number => distribution.below(x) - distribution.below(-x);
  const isTooSmall = count * Math.log(Math.max(inside(largest * (1 + precision)), 1e-300)) < Math.log(impossible);
  const isTooLarge = count * (1 - inside(largest)) < impossible;
  return !isTooSmall && !isTooLarge && isClose(distribution, statistics, precision);
}

/** Kolmogorov–Smirnov at the edges of the histogram, which can only make the distance smaller. */
function isClose({ below }: Distribution, { histogram, count }: WeightStatistics, precision: number): boolean {
  if (!histogram) return true;
  const { min, max, counts, outside } = histogram;
  const allowed = farthestDistance / Math.sqrt(count) + precision;
  let sum = outside?.below ?? 0;
  return counts.every((each, i) => {
    sum += each;
    const edge = min + ((max - min) * (i + 1)) / counts.length;
    return i === counts.length - 1 || Math.abs(sum / count - below(edge)) <= allowed;
  });
}

/** The sum of squares of a semi-orthogonal r × c matrix is min(r, c): for a tensor or each of its gates alike. */
function isOrthogonal(weight: LayerWeight, { mean, std, count }: WeightStatistics): boolean {
  const { role, parts, tensor, seenShape } = weight;
  if ((role !== 'kernel' && role !== 'recurrent') || mean === null || std === null) return false;
  const rows = seenShape.find((size) => size > 1) ?? 1;
  const columns = elementCount(seenShape) / rows;
  const whole = Math.min(rows, columns);
  const pieces = parts.reduce((sum, part) => sum + Math.min(part.rows, part.columns), 0);
  const squares = (std ** 2 + mean ** 2) * count;
  // Rounding of the elements adds its own square, and by chance something of either sign.
  const rounding = precisions[tensor.dtype] ?? 2 ** -24;
  const allowed = orthogonalPrecision + rounding ** 2 + (errors * rounding) / Math.sqrt(count);
  const isNearly = (expected: number): boolean => expected > 1 && Math.abs(squares / expected - 1) < allowed;
  return isNearly(whole) || (pieces > 0 && isNearly(pieces));
}
