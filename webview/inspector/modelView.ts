import type { LayerMark } from '../../src/protocol/comparison';
import type { InspectorChange, LayerAssessment, WeightMeasured } from '../../src/protocol/inspector';
import type { Diagnostic, LayerReport, ModelReport, WeightReport } from '../../src/protocol/report';
import { principalWeight, type LayerView, type Measurements } from './health';

interface Followed extends LayerView {
  layer: LayerReport;
  weight: WeightReport | null;
  diagnostics: readonly Diagnostic[];
  mark?: LayerMark | null;
}

type Layers = Pick<ModelReport, 'layers' | 'diagnostics'>;

/** The layers of the shown model, brought up to date by what the host tells. */
export interface ModelView {
  readonly views: readonly LayerView[];
  readonly measurements: Measurements;
  find(layer: string): LayerView | undefined;
  /** Layers that come after those that are known. */
  append(report: Layers): void;
  /** These return the views that are another now. */
  measure(weights: readonly WeightMeasured[], assessments: readonly LayerAssessment[]): ReadonlySet<LayerView>;
  /** Null where nothing is compared any more. */
  mark(marks: readonly LayerMark[] | null): ReadonlySet<LayerView>;
  change(change: Pick<InspectorChange, 'layers' | 'assessments' | 'forgotten'>): ReadonlySet<LayerView>;
}

export function createModelView(report: Layers): ModelView {
  const views: Followed[] = [];
  const byName = new Map<string, Followed>();
  const measurements = new Map<string, WeightMeasured>();
  /** A tied weight belongs to several layers. */
  const byWeight = new Map<string, Followed[]>();
  /** By the names of this side; null where there is no other. */
  let marked: ReadonlyMap<string, LayerMark> | null = null;

  function append({ layers, diagnostics }: Layers): void {
    const found = new Map<string, Diagnostic[]>();
    for (const diagnostic of diagnostics) if (diagnostic.layer !== null) gather(found, diagnostic.layer, diagnostic);
    for (const layer of layers) {
      const view: Followed = { layer, index: views.length, weight: principalWeight(layer), diagnostics: found.get(layer.name) ?? [] };
      if (marked) view.mark = marked.get(layer.name) ?? null;
      views.push(view);
      byName.set(layer.name, view);
      for (const { id } of layer.weights) gather(byWeight, id, view);
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

  append(report);
  return {
    views,
    measurements,
    find: (layer) => byName.get(layer),
    append,
    measure(weights, assessments) {
      const touched = new Set<LayerView>();
      for (const measured of weights) {
        measurements.set(measured.id, measured);
        for (const view of byWeight.get(measured.id) ?? []) touched.add(view);
      }
      assess(assessments, touched);
      return touched;
    },
    mark(marks) {
      const next = marks && new Map(marks.flatMap((mark) => (mark.layer === null ? [] : [[mark.layer, mark] as const])));
      const touched = new Set<LayerView>();
      for (const view of views) {
        const mark = next ? next.get(view.layer.name) ?? null : undefined;
        if (JSON.stringify(view.mark) === JSON.stringify(mark)) continue;
        if (mark === undefined) delete view.mark;
        else view.mark = mark;
        touched.add(view);
      }
      marked = next;
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

function gather<K, V>(groups: Map<K, V[]>, key: K, value: V): void {
  const known = groups.get(key);
  if (known) known.push(value);
  else groups.set(key, [value]);
}
