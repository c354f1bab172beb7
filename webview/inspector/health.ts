import type { Diagnostic, LayerReport, ModelReport, WeightReport, WeightStatistics } from '../../src/protocol/report';

export type Health = 'error' | 'warning' | 'info' | 'ok' | 'frozen' | 'unmeasured';

/** A standard deviation this many times too wide or too narrow deserves a look: training alone moves it less. */
const conspicuousRatio = 4;

/** Statistics by weight id: they arrive after the report and replace what it says. */
export type Measurements = ReadonlyMap<string, WeightStatistics>;

export interface LayerView {
  readonly layer: LayerReport;
  /** Order in the model. */
  readonly index: number;
  /** The weight a row of the table speaks of. */
  readonly weight: WeightReport | null;
  readonly diagnostics: readonly Diagnostic[];
}

export function viewLayers(report: ModelReport): readonly LayerView[] {
  const diagnostics = new Map<string, Diagnostic[]>();
  for (const diagnostic of report.diagnostics) {
    if (diagnostic.layer === null) continue;
    const known = diagnostics.get(diagnostic.layer);
    if (known) known.push(diagnostic);
    else diagnostics.set(diagnostic.layer, [diagnostic]);
  }
  return report.layers.map((layer, index) => ({
    layer, index, weight: principalWeight(layer), diagnostics: diagnostics.get(layer.name) ?? [],
  }));
}

function principalWeight(layer: LayerReport): WeightReport | null {
  for (const role of ['kernel', 'embedding'] as const) {
    const found = layer.weights.find((weight) => weight.role === role);
    if (found) return found;
  }
  return layer.weights[0] ?? null;
}

export function statisticsOf(weight: WeightReport, measurements: Measurements): WeightStatistics | null {
  return measurements.get(weight.id) ?? weight.statistics;
}

/** Present standard deviation over the recommended one; null where the two cannot be compared. */
export function spreadRatio(weight: WeightReport, measurements: Measurements): number | null {
  const std = statisticsOf(weight, measurements)?.std ?? null;
  const recommended = weight.recommendation?.std ?? 0;
  return std === null || recommended <= 0 ? null : std / recommended;
}

export function isConspicuous(ratio: number | null): boolean {
  return ratio !== null && (ratio > conspicuousRatio || ratio < 1 / conspicuousRatio);
}

export function isFrozen(view: LayerView): boolean {
  return view.layer.weights.some((weight) => weight.role === 'frozen' || weight.frozen !== undefined);
}

export function healthOf(view: LayerView, measurements: Measurements): Health {
  for (const severity of ['error', 'warning'] as const) {
    if (view.diagnostics.some((diagnostic) => diagnostic.severity === severity)) return severity;
  }
  const { weight } = view;
  if (!weight || weight.role === 'frozen' || weight.frozen !== undefined) return 'frozen';
  const statistics = statisticsOf(weight, measurements);
  if (statistics && statistics.nonFinite > 0) return 'error';
  if (isConspicuous(spreadRatio(weight, measurements))) return 'warning';
  if (view.diagnostics.length > 0) return 'info';
  return statistics ? 'ok' : 'unmeasured';
}

export function needsAttention(health: Health): boolean {
  return health === 'error' || health === 'warning';
}

const pictures = {
  error: { icon: 'error', tone: 'severity-error', title: 'Will not carry a signal' },
  warning: { icon: 'warning', tone: 'severity-warning', title: 'Needs attention' },
  info: { icon: 'info', tone: 'severity-info', title: 'Worth knowing' },
  ok: { icon: 'check', tone: 'severity-quiet', title: 'As recommended, or close to it' },
  frozen: { icon: 'lock', tone: 'severity-quiet', title: 'Left alone' },
  unmeasured: { icon: 'circle-small', tone: 'severity-quiet', title: 'Not measured yet' },
} as const satisfies Record<Health, object>;

export function healthPicture(health: Health): { readonly icon: string; readonly tone: string; readonly title: string } {
  return pictures[health];
}

/** Why the mark is what it is, for its tooltip. */
export function healthReason(view: LayerView, health: Health): string {
  const said = view.diagnostics.map((diagnostic) => diagnostic.message);
  if (said.length > 0) return said.join('\n');
  if (health === 'frozen') return view.weight?.frozen ?? 'Left alone';
  if (health === 'warning') return 'The present spread is far from the recommended one';
  if (health === 'error') return 'The weight holds NaN or infinity';
  return pictures[health].title;
}
