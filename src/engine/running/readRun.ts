import { poolMoments } from '../../core/statistics/pool';
import type { JoinRun, LayerRun, Moments, SimulationRun, ValueRun } from '../../protocol/simulation';
import { poolChannels } from './poolChannels';
import type { LayerReadout, Plan, Readout } from '../planning/plan';
import type { Channels } from '../planning/channels';
import { zeroMoments } from '../planning/reduce';
import type { Finished } from './runner';
import type { Value } from '../runtime';
import { rootMeanSquare } from '../feeding/weights';

/** What runs of all samples say of loss and layers. */
export type Outcome = Pick<SimulationRun, 'loss' | 'layers' | 'between' | 'joins'>;

/** The same of one run, with each channel by itself: samples that are run one by one have channels in common. */
export interface SampleOutcome extends Omit<Outcome, 'joins'> {
  readonly joins?: readonly { readonly name: string; readonly layer: string; readonly sum: Channels | null; readonly branch: Channels | null }[];
}

export function readRun(plan: Plan, weights: ReadonlyMap<string, Value>, { results, moments, channels }: Finished): SampleOutcome {
  const read = (readout: Readout): Moments | null => {
    if (!readout) return null;
    return 'zeroCount' in readout ? zeroMoments(readout.zeroCount) : moments(readout);
  };
  const likeness = ({ likeness: own, tokens }: LayerReadout, activation: Moments | null): Pick<LayerRun, 'cosine' | 'tokenCosine'> => {
    const [cosine, tokenCosine] = [own, tokens].map((each) => (each && activation ? each.read(results) : null));
    return { ...(cosine == null ? {} : { cosine }), ...(tokenCosine == null ? {} : { tokenCosine }) };
  };
  const terms = plan.loss.terms.map((term) => Number(results.get(term)?.data[0] ?? NaN));
  return {
    loss: terms.length === 0 ? null : terms.reduce((sum, term) => sum + term, 0),
    layers: plan.layers.map((layer) => ({
      name: layer.name,
      preactivation: read(layer.preactivation),
      activation: read(layer.activation), ...likeness(layer, read(layer.activation)),
      gradient: { preactivation: read(layer.gradient.preactivation), activation: read(layer.gradient.activation) },
      ...(layer.cutBy ? { cutBy: layer.cutBy } : {}),
      weights: layer.weights.map(({ name, value, gradient }) => {
        const known = read(gradient);
        const data = weights.get(value)?.data;
        return { name, gradient: known, ratio: ratioOf(known, data instanceof Float32Array ? rootMeanSquare(data) : 0) };
      }),
    })),
    ...(plan.between.length === 0 ? {} : {
      between: plan.between.map(({ value, signal, gradient }): ValueRun => ({ value, signal: read(signal), gradient: read(gradient) })),
    }),
    ...(plan.joins.length === 0 ? {} : {
      joins: plan.joins.map(({ name, layer, sum, branch }) => ({ name, layer, sum: sum && channels(sum), branch: branch && channels(branch) })),
    }),
  };
}

function ratioOf(gradient: Moments | null, weight: number): number | null {
  if (gradient?.variance == null || gradient.mean === null || weight === 0) return null;
  return Math.sqrt(gradient.variance + gradient.mean ** 2) / weight;
}

/** Several samples as one run: elements of all of them together, the mean of their losses. */
export function poolOutcomes(outcomes: readonly SampleOutcome[]): Outcome {
  const [first] = outcomes;
  if (!first) throw new Error('There is no run to pool.');
  const { between, joins, ...only } = first;
  const joined = joins ? { joins: joins.map((own, i): JoinRun => {
    const all = outcomes.map((each) => each.joins?.[i] ?? own);
    return { name: own.name, layer: own.layer, sum: poolChannels(all.map(({ sum }) => sum)), branch: poolChannels(all.map(({ branch }) => branch)) };
  }) } : {};
  if (outcomes.length === 1) return { ...only, ...(between ? { between } : {}), ...joined };
  const losses = outcomes.flatMap(({ loss }) => loss ?? []);
  return {
    loss: losses.length === 0 ? null : losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
    ...(between ? { between: between.map((own, i): ValueRun => {
      const all = outcomes.map((each) => each.between?.[i] ?? own);
      return { value: own.value, signal: pooled(all.map(({ signal }) => signal)), gradient: pooled(all.map(({ gradient }) => gradient)) };
    }) } : {}),
    ...joined,
    layers: first.layers.map((layer, i): LayerRun => {
      const all = outcomes.map(({ layers }) => layers[i] ?? layer);
      const pool = (of: (run: LayerRun) => Moments | null): Moments | null => pooled(all.map(of));
      const tokens = all.flatMap(({ tokenCosine }) => tokenCosine ?? []);
      return {
        ...(tokens.length === 0 ? {} : { tokenCosine: tokens.reduce((sum, each) => sum + each, 0) / tokens.length }),
        name: layer.name, ...(layer.cutBy ? { cutBy: layer.cutBy } : {}),
        preactivation: pool((run) => run.preactivation),
        activation: pool((run) => run.activation),
        gradient: { preactivation: pool((run) => run.gradient.preactivation), activation: pool((run) => run.gradient.activation) },
        weights: layer.weights.map(({ name }, k) => {
          const ratios = all.flatMap((run) => run.weights[k]?.ratio ?? []);
          const meanSquare = ratios.reduce((sum, ratio) => sum + ratio ** 2, 0) / ratios.length;
          return { name, gradient: pool((run) => run.weights[k]?.gradient ?? null), ratio: ratios.length < all.length ? null : Math.sqrt(meanSquare) };
        }),
      };
    }),
  };
}

/** Null where one is not known. */
function pooled(moments: readonly (Moments | null)[]): Moments | null {
  const known = moments.filter((each) => each !== null);
  return known.length === moments.length ? poolMoments(known) : null;
}
