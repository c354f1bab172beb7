import type { Recommendation } from '../../protocol/report';
import type { Sampler } from '../../protocol/recipe';
import type { SchemeDescription, SchemeId } from '../../protocol/schemes';
import type { Fans } from '../ops/spec';

/** How a weight is to be drawn: the distribution with its numbers, and what to say about it. */
export interface Resolved {
  readonly sampler: Sampler;
  readonly mode: Recommendation['mode'];
  readonly gain: number | null;
  readonly std: number;
  readonly bound: number | null;
  /** "He normal" */
  readonly title: string;
}

/** A way to draw a kernel from its fans. Biases, norms and embeddings follow the policy of their role. */
export interface Scheme extends SchemeDescription {
  readonly id: Exclude<SchemeId, 'recommended'>;
  /** `gain` overrides the scheme's own. */
  readonly resolve: (fans: Fans, gain?: number) => Resolved;
}

/** Normal or uniform with that standard deviation: a uniform's bound is √3 σ. */
function distribute(distribution: 'normal' | 'uniform', std: number): Pick<Resolved, 'sampler' | 'std' | 'bound'> {
  const bound = std * Math.sqrt(3);
  return distribution === 'normal'
    ? { sampler: { kind: 'normal', mean: 0, std }, std, bound: null }
    : { sampler: { kind: 'uniform', low: -bound, high: bound }, std, bound };
}

/** σ² = g² · 2 / (fan_in + fan_out) */
const xavier = (distribution: 'normal' | 'uniform'): Scheme['resolve'] => ({ fanIn, fanOut }, gain = 1) => ({
  ...distribute(distribution, gain * Math.sqrt(2 / (fanIn + fanOut))), mode: 'fan_avg', gain, title: `Xavier ${distribution}`,
});

/** σ² = g² / fan_in, g = √2 for ReLU */
const he = (distribution: 'normal' | 'uniform'): Scheme['resolve'] => ({ fanIn }, gain = Math.SQRT2) => ({
  ...distribute(distribution, gain / Math.sqrt(fanIn)), mode: 'fan_in', gain, title: `He ${distribution}`,
});

/** Standard deviation of `normal`: small random numbers, as networks were started before fans were counted. */
const smallStd = 0.01;

export const schemes: readonly Scheme[] = [
  {
    id: 'zeros', title: 'Zeros', formula: 'w = 0',
    when: 'To see the gradient die: all units stay equal, and below the top layer nothing arrives.',
    source: 'LeCun et al. 1998, Efficient BackProp, section 4.6 (why weights must differ)',
    resolve: () => ({ sampler: { kind: 'constant', value: 0 }, mode: null, gain: null, std: 0, bound: 0, title: 'Zeros' }),
  },
  {
    id: 'normal', title: 'Small normal', formula: 'σ = 0.01',
    when: 'To see what ignoring the fans does: the same width for every layer, another cost on every seed.',
    source: 'Krizhevsky et al. 2012, section 5',
    resolve: () => ({ ...distribute('normal', smallStd), mode: null, gain: null, title: 'Normal' }),
  },
  {
    id: 'xavier-normal', title: 'Xavier normal', formula: 'σ² = 2 / (fan_in + fan_out)',
    when: 'Before tanh, sigmoid and softmax, and for attention projections.',
    source: 'Glorot & Bengio 2010, eq. 12', resolve: xavier('normal'),
  },
  {
    id: 'xavier-uniform', title: 'Xavier uniform', formula: '|w| ≤ √(6 / (fan_in + fan_out))',
    when: 'As Xavier normal, with bounded weights.',
    source: 'Glorot & Bengio 2010, eq. 16', resolve: xavier('uniform'),
  },
  {
    id: 'he-normal', title: 'He normal', formula: 'σ² = 2 / fan_in',
    when: 'Before ReLU and its family.',
    source: 'He et al. 2015, eq. 10', resolve: he('normal'),
  },
  {
    id: 'he-uniform', title: 'He uniform', formula: '|w| ≤ √(6 / fan_in)',
    when: 'As He normal, with bounded weights.',
    source: 'He et al. 2015, eq. 10', resolve: he('uniform'),
  },
  {
    id: 'lecun-normal', title: 'LeCun normal', formula: 'σ² = 1 / fan_in',
    when: 'Before SELU, and where no activation follows.',
    source: 'LeCun et al. 1998, eq. 16',
    resolve: ({ fanIn }, gain = 1) => ({ ...distribute('normal', gain / Math.sqrt(fanIn)), mode: 'fan_in', gain, title: 'LeCun normal' }),
  },
];

const byId: ReadonlyMap<string, Scheme> = new Map(schemes.map((scheme) => [scheme.id, scheme]));

export function schemeOf(id: Exclude<SchemeId, 'recommended'>): Scheme {
  const scheme = byId.get(id);
  if (!scheme) throw new Error(`There is no scheme ${id}.`);
  return scheme;
}

/** Every scheme as menus and legends show it. */
export const schemeDescriptions: readonly SchemeDescription[] = [
  {
    id: 'current', title: 'Current', formula: 'as stored', when: 'The weights as they are in the document.', source: '',
  },
  {
    id: 'recommended', title: 'Recommended', formula: 'layer by layer', when: 'What each layer should start from, by its fans and the activation that follows.',
    source: 'Glorot & Bengio 2010; He et al. 2015; LeCun et al. 1998',
  },
  ...schemes.map(({ id, title, formula, when, source }) => ({ id, title, formula, when, source })),
];
