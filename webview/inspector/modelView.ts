import type { InspectorChange, LayerAssessment, WeightMeasured } from '../../src/protocol/inspector';
import type { Diagnostic, LayerReport, ModelReport, WeightReport } from '../../src/protocol/report';
import { principalWeight, type LayerView, type Measurements } from './health';

interface Followed extends LayerView {
  layer: LayerReport;
  weight: WeightReport | null;
  diagnostics: readonly Diagnostic[];
}

/** The layers of the shown model, brought up to date by what the host tells. */
export interface ModelView {
  readonly views: readonly LayerView[];
  readonly measurements: Measurements;
  find(layer: string): LayerView | undefined;
  /** Both return the views that are another now. */
  measure(weights: readonly WeightMeasured[], assessments: readonly LayerAssessment[]): ReadonlySet<LayerView>;
  change(change: Pick<InspectorChange, 'layers' | 'assessments' | 'forgotten'>): ReadonlySet<LayerView>;
}

export function createModelView(report: Pick<ModelReport, 'layers' | 'diagnostics'>): ModelView {
  const diagnostics = new Map<string, Diagnostic[]>();
  for (const diagnostic of report.diagnostics) {
    if (diagnostic.layer === null) continue;
    const known = diagnostics.get(diagnostic.layer);
    if (known) known.push(diagnostic);
    else diagnostics.set(diagnostic.layer, [diagnostic]);
  }
  const views = report.layers.map((layer, index): Followed => ({
    layer, index, weight: principalWeight(layer), diagnostics: diagnostics.get(layer.name) ?? [],
  }));
  const byName = new Map(views.map((view) => [view.layer.name, view]));
  const measurements = new Map<string, WeightMeasured>();
  /** A tied weight belongs to several layers. */
  const byWeight = new Map<string, Followed[]>();
  for (const view of views) {
    for (const { id } of view.layer.weights) {
      const known = byWeight.get(id);
      if (known) known.push(view);
      else byWeight.set(id, [view]);
    }
  }

  function assess(assessments: readonly LayerAssessment[], touched: Set<LayerView>): void {
    for (const { layer, diagnostics: found } of assessments) {
      const view = byName.get(layer);
      if (!view || (view.diagnostics.length === 0 && found.length === 0)) continue;
      view.diagnostics = found;
      touched.add(view);
    }
  }

  return {
    views,
    measurements,
    find: (layer) => byName.get(layer),
    measure(weights, assessments) {
      const touched = new Set<LayerView>();
      for (const measured of weights) {
        measurements.set(measured.id, measured);
        for (const view of byWeight.get(measured.id) ?? []) touched.add(view);
      }
      assess(assessments, touched);
      return touched;
    },
    change({ layers, assessments, forgotten }) {
      const touched = new Set<LayerView>();
      for (const id of forgotten) {
        measurements.delete(id);
        for (const view of byWeight.get(id) ?? []) touched.add(view);
      }
      for (const layer of layers) {
        const view = byName.get(layer.name);
        if (!view) continue;
        view.layer = layer;
        view.weight = principalWeight(layer);
        touched.add(view);
      }
      assess(assessments, touched);
      return touched;
    },
  };
}
