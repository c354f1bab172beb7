// What a network would do with its weights, before anything is run: theory over the whole graph, from what has been measured of them.

import type { WeightStatistics } from '../../protocol/report';
import type { SchemeTheory } from '../../protocol/simulation';
import type { Verdict } from '../../protocol/verdict';
import type { Graph } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { indexGraph } from '../graph/order';
import { drawnLeaning } from '../initializers/drawnSums';
import { lawMoments } from '../initializers/law';
import { createRecipes } from '../initializers/recipes';
import type { Layer } from '../layers/layer';
import { inferShapes, openShapes } from '../layers/shapes';
import { lawOf } from '../theory/law';
import { schemeTheory } from '../theory/schemeTheory';
import type { TensorMoments } from '../theory/signal';
import { expectedVerdict } from '../verdict/verdict';

export interface OutlookSource {
  readonly graph: Graph;
  readonly layers: readonly Layer[];
  readonly statistics: ReadonlyMap<string, WeightStatistics>;
}

/** Null where theory does not follow the gradient, as far as that is known without sizes that only a run has. */
export function outlook(source: OutlookSource): Verdict | null {
  const current = theoryOf(source, 'current', momentsFrom(source.statistics));
  const expected = expectedVerdict(current, null);
  if (!expected || expected.severity === 'ok') return expected;
  return expectedVerdict(current, theoryOf(source, 'recommended', drawnMoments(source)));
}

function theoryOf(source: OutlookSource, scheme: 'current' | 'recommended', momentsOf: (id: string) => TensorMoments | null): SchemeTheory {
  const { graph, layers } = source;
  const index = indexGraph(graph);
  const shapes = shapesIn(index);
  return schemeTheory({
    index, layers, scheme, momentsOf, recommendedOf: scheme === 'current' ? drawnMoments(source) : momentsOf,
    shapeOf: (value) => shapes.get(value) ?? null, isPredictable: true,
  });
}

const known = new WeakMap<GraphIndex, ReadonlyMap<string, readonly number[]>>();
/** Sizes that a file leaves open, as a simulation gives them: samples, and one length after another until the network takes it. */
const samples = 8;
const lengths = [16, 64, 224];

function shapesIn(index: GraphIndex): ReadonlyMap<string, readonly number[]> {
  const found = known.get(index);
  if (found) return found;
  const tried = lengths.map((length) => inferShapes(index, openShapes(index.graph, samples, length)));
  const best = tried.reduce((most, shapes) => (shapes.size > most.size ? shapes : most));
  known.set(index, best);
  return best;
}

const momentsFrom = (statistics: ReadonlyMap<string, WeightStatistics>) => (id: string): TensorMoments | null => {
  const { mean = null, std = null, histogram, leans } = statistics.get(id) ?? {};
  return mean === null || std === null ? null : { mean, second: mean ** 2 + std ** 2, ...(histogram ? { law: lawOf(histogram) } : {}),
    ...leaningAs(leans ?? null) };
};

const leaningAs = (leans: number | null): Pick<TensorMoments, 'leans'> => (leans === null ? {} : { leans });

/** Of what is recommended; of what that leaves alone, as it is. */
function drawnMoments({ layers, statistics }: OutlookSource): (id: string) => TensorMoments | null {
  const recipes = new Map(createRecipes(layers, { scheme: 'recommended', seed: 0, twins: new Map() }).map((recipe) => [recipe.tensorId, recipe]));
  const shapes = new Map(layers.flatMap(({ weights }) => weights.map(({ id, tensor }) => [id, tensor.shape] as const)));
  const stored = momentsFrom(statistics);
  return (id) => {
    const recipe = recipes.get(id);
    if (!recipe) return stored(id);
    const { mean, std } = lawMoments(recipe.blocks, shapes.get(id) ?? []);
    return { mean, second: mean ** 2 + std ** 2, ...leaningAs(drawnLeaning(recipe.blocks)) };
  };
}
