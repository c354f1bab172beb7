// What a network would do with its weights, before anything is run: theory over the whole graph, from what has been measured of them.

import type { WeightStatistics } from '../../protocol/report';
import type { SchemeId, SchemeOptions, SimulatedScheme } from '../../protocol/schemes';
import type { LayerForesight, SchemeParameters, SchemeTheory, WhatIf } from '../../protocol/simulation';
import type { Verdict } from '../../protocol/verdict';
import type { Graph } from '../graph/graph';
import { indexGraph } from '../graph/order';
import { momentsDrawn } from '../initializers/drawnParts';
import { createRecipes } from '../initializers/recipes';
import type { Layer } from '../layers/layer';
import { openedShapes } from '../layers/openedShapes';
import { lawOf } from '../theory/law';
import { foretell, remembered, schemeTheory } from '../theory/schemeTheory';
import type { TensorMoments } from '../theory/signal';
import { kernelFactors, momentsTimes } from '../theory/whatIf';
import { expectedVerdict } from '../verdict/verdict';

export interface OutlookSource {
  readonly graph: Graph;
  readonly layers: readonly Layer[];
  readonly statistics: ReadonlyMap<string, WeightStatistics>;
}

/** What theory says of the weights as they are, and as an edit would make them. */
export interface Prospect {
  readonly current: SchemeTheory;
  readonly under: (scheme: SchemeId, drawn: ReadonlySet<string> | null) => SchemeTheory;
  /** Under what is recommended for all of them. */
  readonly recommended: () => SchemeTheory;
  /** With kernels wider or narrower than they are, or are drawn. */
  readonly whatIf: (asked: WhatIf, parameters: SchemeParameters) => SchemeTheory;
  /** With the weights as they are. */
  readonly foresightOf: (layer: string) => LayerForesight;
}

export function prospectOf({ graph, layers, statistics }: OutlookSource): Prospect {
  const index = indexGraph(graph);
  const shapes = openedShapes(index);
  const recommendedOf = remembered(drawnOr(layers, statistics, 'recommended', null));
  const asked = { index, layers, recommendedOf, shapeOf: (value: string) => shapes.get(value) ?? null, isPredictable: true };
  const theoryOf = (scheme: SimulatedScheme, momentsOf: MomentsOf): SchemeTheory => schemeTheory({ ...asked, scheme, momentsOf });
  const { theory: current, responseOf } = foretell({ ...asked, scheme: 'current', momentsOf: storedMoments(statistics) });
  let recommended: SchemeTheory | null = null;
  return {
    current,
    under: (scheme, drawn) => theoryOf(scheme, drawnOr(layers, statistics, scheme, drawn)),
    whatIf: (wanted, parameters) => schemeTheory({
      ...asked, scheme: wanted.scheme, withResponses: () => true, withWeights: true, momentsOf: momentsTimes(
        wanted.scheme === 'current' ? storedMoments(statistics) : drawnOr(layers, statistics, wanted.scheme, null, parameters[wanted.scheme]),
        kernelFactors(layers, wanted)),
    }),
    recommended: () => (recommended ??= theoryOf('recommended', recommendedOf)),
    foresightOf: (name) => {
      const at = layers.findIndex((layer) => layer.name === name);
      return { response: (layers[at] && responseOf(layers[at])) ?? null, throughTime: current.layers[at]?.throughTime ?? null };
    },
  };
}

/** Null where theory does not follow the gradient, as far as that is known without sizes that only a run has. */
export function outlook({ current, recommended }: Prospect): Verdict | null {
  const expected = expectedVerdict(current, null);
  return !expected || expected.severity === 'ok' ? expected : expectedVerdict(current, recommended());
}

type MomentsOf = (id: string) => TensorMoments | null;

const storedMoments = (statistics: OutlookSource['statistics']): MomentsOf => (id) => {
  const { mean = null, std = null, histogram, leans, gates } = statistics.get(id) ?? {};
  if (mean === null || std === null) return null;
  const parts = gates ? { parts: gates.map((gate) => ({ mean: gate.mean, second: gate.mean ** 2 + gate.std ** 2 })) } : {};
  return { mean, second: mean ** 2 + std ** 2, ...(histogram ? { law: lawOf(histogram) } : {}), ...(leans === undefined ? {} : { leans }), ...parts };
};

/** Of what a scheme draws in those layers, or in all; of what it leaves alone, as it is. */
function drawnOr(
  layers: readonly Layer[], statistics: OutlookSource['statistics'], scheme: SchemeId, drawn: ReadonlySet<string> | null, options: SchemeOptions = {},
): MomentsOf {
  const request = { scheme, options, seed: 0, twins: new Map(), ...(drawn ? { layers: drawn } : {}) };
  const recipes = new Map(createRecipes(layers, request).map((recipe) => [recipe.tensorId, recipe]));
  const weights = new Map(layers.flatMap((layer) => layer.weights.map((weight) => [weight.id, weight] as const)));
  const stored = storedMoments(statistics);
  return (id) => {
    const [recipe, weight] = [recipes.get(id), weights.get(id)];
    return recipe && weight ? momentsDrawn(weight, recipe.blocks) : stored(id);
  };
}
