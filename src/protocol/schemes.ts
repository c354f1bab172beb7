/** The identifiers of the schemes, everywhere the same: files, settings, command line, JSON, panel. */
export const schemeIds = [
  'recommended',
  'xavier-normal', 'xavier-uniform', 'he-normal', 'he-uniform', 'lecun-normal', 'lecun-uniform', 'moments', 'variance-scaling', 'spectral',
  'randn-fan-in', 'randn-half-fan-in',
  'orthogonal', 'lsuv', 'delta-orthogonal', 'identity', 'dirac', 'sparse', 'bilinear', 'icnr',
  'siren', 'centred-sigmoid',
  'pytorch', 'keras', 'tfjs',
  'zero-gamma', 'gpt2', 'small-init', 'fixup', 't-fixup', 'deepnet',
  'mup', 'depth-mup', 'complete-p',
  'zeros', 'ones', 'constant', 'normal', 'uniform', 'truncated-normal',
] as const;

export type SchemeId = (typeof schemeIds)[number];

/** Where new values come from: a scheme that draws them, or what has been learned. */
export type ValueOrigin = SchemeId | 'learned';

/** What a simulation can run: the weights as they are, or a scheme. */
export type SimulatedScheme = 'current' | SchemeId;

export function isSchemeId(id: string): id is SchemeId {
  return (schemeIds as readonly string[]).includes(id);
}

export type FanMode = 'fan_in' | 'fan_out' | 'fan_avg';

/** Parameters that a user may set; a scheme takes those it names, and has a default for each. */
export interface SchemeOptions {
  /** Which fan the variance is divided by. */
  readonly mode?: FanMode;
  /** What is kept in scale: the signal, its gradient, or a compromise of both. */
  readonly direction?: 'forward' | 'backward' | 'between';
  readonly distribution?: 'normal' | 'uniform' | 'truncated-normal';
  /** Factor on the standard deviation, in place of the scheme's own. */
  readonly gain?: number;
  readonly mean?: number;
  /** Standard deviation of what is drawn, also where it is truncated. */
  readonly std?: number;
  readonly low?: number;
  readonly high?: number;
  /** Where a normal is cut, in its own standard deviations before the cut. */
  readonly truncation?: number;
  /** Every element. */
  readonly value?: number;
  /** Share of the weights that are zero. */
  readonly sparsity?: number;
  /** ω₀ of sin(ω₀ x). */
  readonly omega?: number;
  /** Width, or depth, of the network that the numbers were found for. */
  readonly base?: number;
}

/** A parameter with few values. */
export interface Choice<T> {
  readonly choices: readonly T[];
  readonly otherwise: T;
}

/** A parameter of a scheme as a menu asks for it. */
export type OptionDescription = {
  readonly [K in keyof SchemeOptions]-?: NonNullable<SchemeOptions[K]> extends number
    /** Null where the default depends on the layer. */
    ? { readonly id: K; readonly kind: 'number'; readonly otherwise: number | null }
    : { readonly id: K; readonly kind: 'choice' } & Choice<NonNullable<SchemeOptions[K]>>;
}[keyof SchemeOptions];

/** Headings under which menus list the schemes. */
export type SchemeGroup =
  | 'Current' | 'Recommended' | 'By the fans' | 'Lecture notes' | 'By structure' | 'For one activation' | 'Library defaults'
  | 'Residual networks' | 'Scaling with size' | 'Fixed numbers';

/** A scheme as a menu or a legend shows it. */
export interface SchemeDescription {
  readonly id: SimulatedScheme;
  /** "He normal" */
  readonly title: string;
  readonly group: SchemeGroup;
  /** "σ² = 2 / fan_in" */
  readonly formula: string;
  /** When to use it, in one sentence. */
  readonly when: string;
  /** "He et al. 2015, eq. 10" */
  readonly source: string;
  /** Parameters it takes. */
  readonly options: readonly OptionDescription[];
}
