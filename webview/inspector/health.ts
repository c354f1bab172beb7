import type { LayerMark } from '../../src/protocol/comparison';
import type { WeightMeasured } from '../../src/protocol/inspector';
import type { Diagnostic, LayerReport, WeightReport, WeightStatistics } from '../../src/protocol/report';
import { say } from '../../src/protocol/words';

export type Health = 'error' | 'warning' | 'info' | 'ok' | 'frozen' | 'unmeasured';

/** What has been measured, by weight id: it arrives after the report. */
export type Measurements = ReadonlyMap<string, WeightMeasured>;

/** A layer as the table shows it; its fields follow the host. */
export interface LayerView {
  readonly layer: LayerReport;
  /** Order in the model. */
  readonly index: number;
  /** The weight a row of the table speaks of. */
  readonly weight: WeightReport | null;
  readonly diagnostics: readonly Diagnostic[];
  /** How it differs from the other side of a diff: null where it does not, undefined where there is none. */
  readonly mark?: LayerMark | null;
}

/** What a layer computes with says more of it than what it adds or scales by. */
const principalRoles = ['kernel', 'recurrent', 'embedding'] as const satisfies readonly WeightReport['role'][];

export function principalWeight(layer: LayerReport): WeightReport | null {
  for (const role of principalRoles) {
    const found = layer.weights.find((weight) => weight.role === role);
    if (found) return found;
  }
  return layer.weights[0] ?? null;
}

export function statisticsOf(weight: WeightReport, measurements: Measurements): WeightStatistics | null {
  return measurements.get(weight.id)?.statistics ?? weight.statistics;
}

export function looksLikeOf(weight: WeightReport, measurements: Measurements): string | null {
  return measurements.get(weight.id)?.looksLike ?? weight.looksLike;
}

/** Present standard deviation over the recommended one; null where the two cannot be compared. */
export function spreadRatio(weight: WeightReport, measurements: Measurements): number | null {
  const std = statisticsOf(weight, measurements)?.std ?? null;
  const recommended = weight.recommendation?.std ?? 0;
  return std === null || recommended <= 0 ? null : std / recommended;
}

export function isFrozen(weight: WeightReport): boolean {
  return weight.role === 'frozen' || weight.frozen !== undefined;
}

/** What the diagnostics say, and nothing else: the command line and the headline say the same. */
export function healthOf(view: LayerView, measurements: Measurements): Health {
  for (const severity of ['error', 'warning'] as const) {
    if (view.diagnostics.some((diagnostic) => diagnostic.severity === severity)) return severity;
  }
  const { weight } = view;
  if (!weight || isFrozen(weight)) return 'frozen';
  if (!statisticsOf(weight, measurements)) return 'unmeasured';
  return view.diagnostics.length > 0 ? 'info' : 'ok';
}

export function needsAttention(health: Health): boolean {
  return health === 'error' || health === 'warning';
}

const pictures = {
  error: { icon: 'error', tone: 'severity-error', title: say('Will not carry a signal') },
  warning: { icon: 'warning', tone: 'severity-warning', title: say('Needs attention') },
  info: { icon: 'info', tone: 'severity-info', title: say('Worth knowing') },
  ok: { icon: 'check', tone: 'severity-quiet', title: say('As recommended, or close to it') },
  frozen: { icon: 'lock', tone: 'severity-quiet', title: say('Left alone') },
  unmeasured: { icon: 'circle-small', tone: 'severity-quiet', title: say('Not measured') },
} as const satisfies Record<Health, object>;

export function healthPicture(health: Health): { readonly icon: string; readonly tone: string; readonly title: string } {
  return pictures[health];
}

/** Why the mark is what it is, for its tooltip. */
export function healthReason(view: LayerView, health: Health): string {
  const said = view.diagnostics.map((diagnostic) => diagnostic.message);
  if (said.length > 0) return said.join('\n');
  return health === 'frozen' ? view.weight?.frozen ?? pictures.frozen.title : pictures[health].title;
}
