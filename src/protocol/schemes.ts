/** The identifiers of the schemes, everywhere the same: files, settings, command line, JSON, panel. */
export const schemeIds = [
  'recommended', 'zeros', 'normal', 'xavier-normal', 'xavier-uniform', 'he-normal', 'he-uniform', 'lecun-normal',
] as const;

export type SchemeId = (typeof schemeIds)[number];

/** What a simulation can run: the weights as they are, or a scheme. */
export type SimulatedScheme = 'current' | SchemeId;

export function isSchemeId(id: string): id is SchemeId {
  return (schemeIds as readonly string[]).includes(id);
}

/** A scheme as a menu or a legend shows it. */
export interface SchemeDescription {
  readonly id: SimulatedScheme;
  /** "He normal" */
  readonly title: string;
  /** "σ² = 2 / fan_in" */
  readonly formula: string;
  /** When to use it, in one sentence. */
  readonly when: string;
  /** "He et al. 2015, eq. 10" */
  readonly source: string;
}
