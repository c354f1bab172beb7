// What a signal propagation plot draws of the runs (Brock, De & Smith 2021, arXiv 2101.08692, section 3): three numbers of each residual block, by depth.

import type { ChannelMoments, JoinRun, SchemeTheory, SimulationRun } from '../../../src/protocol/simulation';
import { say } from '../../../src/protocol/words';
import { shownSchemes, titleOf, type Shown } from '../chartContents';
import { arrangeSeries, pointsOf, type Series } from '../series';
import type { ChartContent } from '../varianceChart';

export interface BlockPlot {
  readonly id: 'squared-mean' | 'variance' | 'branch';
  readonly title: string;
  /** Where there is little room. */
  readonly short: string;
  /** Its layers are the blocks, by the layer that ends the branch of each. */
  readonly content: ChartContent;
}

export interface BlockContent {
  /** By depth; of each the layer that ends its branch, and the node that adds it. */
  readonly blocks: readonly { readonly layer: string; readonly name: string }[];
  readonly plots: readonly BlockPlot[];
}

type Measure = (join: JoinRun) => number | null;
type Joined = Partial<Pick<SimulationRun, 'joins'>>;

export const plotKinds: readonly (Omit<BlockPlot, 'content'> & { readonly pick: Measure })[] = [
  { id: 'squared-mean', title: say('Average channel squared mean'), short: say('Squared mean'), pick: ({ sum }) => squaredMeanOf(sum) },
  { id: 'variance', title: say('Average channel variance'), short: say('Variance'), pick: ({ sum }) => varianceOf(sum) },
  { id: 'branch', title: say('Average channel variance at the end of the branch'), short: say('Branch’s end'), pick: ({ branch }) => varianceOf(branch) },
];

/** Numbers further apart are drawn on a logarithmic axis. */
const farApart = 1000;

/** Without blocks, where the network has no residual sums, or where nothing has been run. */
export function blocksOf({ state, runs, theory, isLinear }: Shown): BlockContent {
  const { earlier } = state;
  const past = earlier?.runs ?? [];
  const known = [...runs, ...theory, ...past].find(({ joins = [] }) => joins.length > 0)?.joins ?? [];
  const blocks = known.map(({ layer, name }) => ({ layer, name }));
  const shown = shownSchemes(state);
  const valueAt = (pick: Measure) => ({ joins }: Joined, at: number): number | null => {
    const block = blocks[at];
    const join = joins?.[at]?.name === block?.name ? joins?.[at] : joins?.find(({ name }) => name === block?.name);
    return join ? pick(join) : null;
  };
  const seriesOf = (pick: Measure): readonly Series[] => [
    ...theorySeries(theory, shown, blocks.length, valueAt(pick)),
    ...arrangeSeries(runs, past, shown, (of: readonly SimulationRun[]) => pointsOf(of, blocks.length, valueAt(pick))),
  ];
  const all = plotKinds.map(({ pick, ...plot }) => ({ ...plot, series: seriesOf(pick) }));
  const isNear = isLinear || !isFarApart(all.filter(({ id }) => id !== 'squared-mean').flatMap(({ series }) => series));
  const rest = { layers: blocks.map(({ layer }) => layer), unsupported: [], titleOf: (series: Series) => titleOf(state, series), earlier: earlier?.name ?? '' };
  return { blocks, plots: all.map(({ series, ...plot }) => ({ ...plot, content: { ...rest, series, quantity: plot.title, isLinear: isNear } })) };
}

function theorySeries(
  theory: readonly SchemeTheory[], shown: readonly Series['scheme'][], count: number, valueAt: (of: SchemeTheory, at: number) => number | null,
): readonly Series[] {
  return shown.flatMap((scheme): readonly Series[] => {
    const own = theory.find((each) => each.scheme === scheme);
    const points = Array.from({ length: count }, (_, at) => {
      const value = own ? valueAt(own, at) : null;
      return value === null ? null : { median: value, low: value, high: value };
    });
    return points.every((point) => point === null) ? [] : [{ scheme, kind: 'theory', seeds: 0, points }];
  });
}

/** Null where nothing is known, NaN where elements are not finite. */
const varianceOf = (moments: ChannelMoments | null): number | null => moments && (moments.variance ?? NaN);

/** Of a variance, what rounding of float32 makes of a mean that is zero. */
const rounding = 1e-12;

function squaredMeanOf(moments: ChannelMoments | null): number | null {
  if (!moments) return null;
  const { squaredMean, variance } = moments;
  return squaredMean !== null && variance !== null && squaredMean < rounding * variance ? 0 : squaredMean ?? NaN;
}

function isFarApart(all: readonly Series[]): boolean {
  let [low, high] = [Infinity, 0];
  for (const { points } of all) {
    for (const point of points) {
      if (point === null || !(point.median > 0) || point.median === Infinity) continue;
      low = Math.min(low, point.median);
      high = Math.max(high, point.median);
    }
  }
  return high > farApart * low;
}

/** All in one table: a column for each line of each plot. */
export function together({ plots: all }: BlockContent): ChartContent | null {
  const titles = new Map(all.flatMap(({ title, content }) => content.series.map((series) => [series, `${title}: ${content.titleOf(series)}`] as const)));
  const first = all[0]?.content;
  return first ? { ...first, series: all.flatMap(({ content }) => content.series), titleOf: (series) => titles.get(series) ?? '' } : null;
}
