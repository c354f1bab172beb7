// What tools answer: as long as a conversation bears, and what is left out is said.

import { toJson } from '../../core/report/exports';
import type { ModelReport } from '../../protocol/report';
import type { LayerRun, SimulationRun } from '../../protocol/simulation';
import { summarise } from '../../protocol/spread';
import type { Headline } from '../../protocol/inspector';
import type { Verdict } from '../../protocol/verdict';

/** Layers that are told of; of more, those that something is wrong with come first. */
export const mostLayers = 150;

/** Layers, what their weights are and should be, and what was found. */
export function inspectionAnswer(report: ModelReport, said: Headline, trained: boolean, wanted: readonly string[] | null): string {
  const chosen = wanted === null ? report.layers : report.layers.filter(({ name }) => wanted.includes(name));
  const accused = new Set(report.diagnostics.flatMap(({ layer }) => layer ?? []));
  const isAccused = (name: string): number => Number(accused.has(name));
  const first = chosen.length <= mostLayers ? chosen : [...chosen].sort((a, b) => isAccused(b.name) - isAccused(a.name)).slice(0, mostLayers);
  const names = new Set(first.map(({ name }) => name));
  return toJson({
    file: report.file, canLearn: said.severity !== 'error', severity: said.severity, says: said.text, trained,
    wouldHelp: (said.remedies ?? []).map(({ title, effect, scheme, layers }) => ({ title, effect, scheme, layers })),
    layers: first.map(({ name, op, activation, normalization, weights }) => ({
      name, op, activation, normalization,
      weights: weights.map(({ name: weight, role, shape, fanIn, fanOut, statistics, recommendation, frozen, looksLike }) => ({
        name: weight, role, shape, fanIn, fanOut, std: statistics?.std ?? null, mean: statistics?.mean ?? null, looksLike,
        recommended: recommendation ? { scheme: recommendation.title, std: recommendation.std, reason: recommendation.reason } : null,
        leftAlone: frozen ?? null,
      })),
    })),
    found: report.diagnostics.filter(({ layer }) => layer === null || names.has(layer))
      .map(({ severity, layer, message, remedy }) => ({ severity, layer, message, remedy })),
    ...left(chosen.length),
  });
}

/** Of every scheme the median over seeds of each layer's variances. */
export function simulationAnswer(file: string, runs: readonly SimulationRun[], verdict: Verdict | null, notes: readonly string[]): string {
  const schemes = [...new Set(runs.map(({ scheme }) => scheme))];
  return toJson({
    file, says: verdict?.text ?? null, severity: verdict?.severity ?? null, at: verdict?.at ?? null, notes,
    schemes: schemes.map((scheme) => {
      const own = runs.filter((run) => run.scheme === scheme);
      return {
        scheme, seeds: own.map(({ seed }) => seed), loss: middle(own.map(({ loss }) => loss)),
        layers: (own[0]?.layers ?? []).slice(0, mostLayers).map(({ name }, at) => ({
          name, activationVariance: middle(own.map((run) => run.layers[at]?.activation?.variance)),
          gradientVariance: middle(own.map((run) => run.layers[at]?.gradient.activation?.variance)),
          weightGradientVariance: middle(own.map((run) => weightGradient(run.layers[at]))),
        })),
      };
    }),
    ...left(runs[0]?.layers.length ?? 0),
  });
}

const weightGradient = (layer: LayerRun | undefined): number | null | undefined => layer?.weights[0]?.gradient?.variance;

function middle(values: readonly (number | null | undefined)[]): number | null {
  const known = values.filter((value) => value !== null && value !== undefined);
  return summarise(known)?.median ?? null;
}

const left = (count: number): { readonly leftOut?: string } => (
  count <= mostLayers ? {} : { leftOut: `${count - mostLayers} of ${count} layers are not listed: name those you want.` });
