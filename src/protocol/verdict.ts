// The one judgement of a network that inspector, panel, command line, check and report share.

import type { SchemeId } from './schemes';

/**
 * `alike`: samples become one direction; `…-through-time`: from step to step of a recurrent layer; `unknown`: nothing is known of the gradient. The others
 * say what they are.
 */
export type VerdictKind =
  | 'fine' | 'vanishing' | 'exploding' | 'signal-vanishing' | 'signal-exploding' | 'one-layer' | 'dead' | 'saturated' | 'alike' | 'slow-kernel'
  | 'vanishing-through-time' | 'exploding-through-time' | 'not-finite' | 'signal-lost' | 'gradient-lost' | 'zero-head' | 'unknown';

/** An edit that would help, by what theory expects of it. */
export interface Remedy {
  readonly scheme: SchemeId;
  /** Names of the layers to be drawn; null for all. */
  readonly layers: readonly string[] | null;
  /** "Recommended, fc3 alone" */
  readonly title: string;
  /** "keeps the gradient within 1.4×" */
  readonly effect: string;
}

/** A scheme other than what is recommended that served a network better than all others that were run. */
export interface MeasuredBest {
  readonly scheme: SchemeId;
  /** "keeps the gradient within 1.4×" */
  readonly says: string;
}

export interface Verdict {
  readonly text: string;
  readonly severity: 'ok' | 'info' | 'warning' | 'error';
  readonly kind: VerdictKind;
  /** The layer that it is about, where that is one. */
  readonly at: string | null;
  readonly basis: 'measured' | 'predicted';
  /** A remedy that `apply` can carry out, if there is one. */
  readonly remedy: SchemeId | null;
  /** Offered before it; absent where there is none. */
  readonly best?: MeasuredBest;
}
