import { setImmediate } from 'node:timers/promises';

import { joinsOf } from '../../core/layers/joins';
import { valuesBetween } from '../../core/layers/layerGraph';
import type { Layer } from '../../core/layers/layer';
import { FilePool } from '../../formats/tensors/content';
import { refuseOpset } from '../../formats/onnx/canonicalise';
import { openModelFile } from '../../formats/openModel';
import { kernelFactors, unchanged } from '../../core/theory/whatIf';
import type { Needed } from '../../formats/files/outputs';
import { neededBy, refuseExisting, refuseOutput } from '../../formats/files/outputs';
import type { Recipe } from '../../protocol/recipe';
import type { SimulationRequest } from '../../protocol/engine';
import { Failure } from '../../protocol/failure';
import type { Cancellation } from '../../protocol/rpc';
import type { SimulationPlan, SimulationResult, SimulationRun } from '../../protocol/simulation';
import { say } from '../../protocol/words';
import type { GivenData } from '../feeding/data';
import { readGivenData } from '../feeding/data';
import type { GivenArrays } from '../feeding/given';
import { readGiven, refuseUnknown } from '../feeding/given';
import { estimateMemory, refuseTooLarge } from '../planning/memory';
import { Network } from './network';
import { rescaledWords } from '../../core/initializers/rescaledWords';
import { settle } from './settle';
import { predictSchemes } from './theory';
import type { Outcome, SampleOutcome } from './readRun';
import { poolOutcomes } from './readRun';
import { WeightStore } from '../feeding/weights';

export interface SimulationListener {
  planned(plan: SimulationPlan): void;
  ran(progress: { readonly done: number; readonly total: number; readonly run: SimulationRun }): void;
}

/** Reads, plans, creates one session, and runs every scheme with every seed. */
export async function simulate(request: SimulationRequest, listener: SimulationListener, cancellation: Cancellation): Promise<SimulationResult> {
  const { options } = request;
  const started = performance.now();
  const opened = openModelFile(request.path, { separated: new Set(request.separated), deepen: options.deepen });
  const refused = refuseOpset(opened.model);
  if (refused !== null) throw new Failure('unsupported', say('{0}. Convert it with onnx.version_converter, or export it again.', refused));
  refuseValues(request, neededBy(opened.model));
  const pool = new FilePool();
  try {
    const data = readGivenData(opened.graph, options);
    const given = withData(readGiven(request.files, opened.graph), data);
    const store = new WeightStore(opened, pool, request, given.weights);
    refuseUnknown('--weights', given.weights, store.weights.flatMap(({ name, tensor: { merged } }) => [name, ...(merged ? [merged.name] : [])]));
    const joins = request.joins ? joinsOf(opened.layers) : [];
    const network = await Network.prepare({
      opened, store, pool, request, given, between: request.between ? valuesBetween(opened.graph, opened.layers) : [], joins,
    });
    const { plan, prepared: { inputs, notes, facts, placing, samples } } = network;
    if (plan.graph.outputs.length === 0) {
      const why = [...new Set(plan.unsupported.map(({ reason }) => reason))].slice(0, 3);
      throw new Failure('unsupported', why.length === 0
        ? say('{0} has no layer with stored weights that can be run, so there is nothing to follow.', request.path)
        : say('{0} has no layer with stored weights that can be run ({1}).', request.path, why.join('; ')));
    }
    refuseTooLarge(estimateMemory(facts, new Set(placing.weights.values())), inputs[0]?.shape[0] ?? null);
    const unknown = Object.keys(options.whatIf?.layers ?? {}).find((name) => !opened.layers.some((layer) => layer.name === name));
    if (unknown !== undefined) {
      const known = opened.layers.slice(0, 12).map(({ name }) => name).join(', ');
      throw new Failure('wrong-usage', say('{0} has no layer {1}, whose kernel should be wider or narrower; it has {2}.', request.path, unknown, known));
    }
    const deeper = options.deepen === 0 ? [] : [depthNote(opened.layers, options.deepen)];
    const total = options.schemes.length * options.seeds;
    const theory = predictSchemes(opened, store, options.schemes, facts.shapes, request, joins);
    listener.planned({
      theory, layers: opened.layers.map((layer) => layer.name), unsupported: plan.unsupported, runs: total,
      notes: [...deeper, ...notes, ...data?.notes ?? [], ...plan.notes],
      inputs: inputs.map(({ name, shape, description }) => (
        given.inputs.has(name) ? `${name} [${shape.join(', ')}] ${data?.description ?? 'given'}` : description)),
    });
    const planned = performance.now();
    const runs: SimulationRun[] = [];
    try {
      await network.open();
      for (const scheme of options.schemes) {
        const factors = options.whatIf?.scheme === scheme ? kernelFactors(opened.layers, options.whatIf) : unchanged;
        for (let seed = options.seed; seed < options.seed + options.seeds; seed++) {
          const recipes = request.proposed?.scheme === scheme ? request.proposed.recipes : store.recipesOf(scheme, seed);
          const runOf = (of: Network) => async (drawn: readonly Recipe[]): Promise<Outcome> => {
            const outcomes: SampleOutcome[] = [];
            for (let sample = 0; sample < samples; sample++) {
              await setImmediate();
              if (cancellation.cancelled) throw new Failure('cancelled', 'Cancelled.');
              outcomes.push(await of.run(drawn, { seed, sample }, factors));
            }
            return poolOutcomes(outcomes);
          };
          // What is asked of kernels as they are drawn is not made right again.
          const settled = factors.size > 0 ? await runOf(network)(recipes) : await settle(opened, recipes, runOf(network), () => runOf(network.forward()));
          const run = { scheme, seed, ...settled };
          runs.push(run);
          listener.ran({ done: runs.length, total, run });
        }
      }
    } finally {
      await network.release();
    }
    const timing = { planMs: planned - started, createMs: network.createMs, runMs: performance.now() - planned - network.createMs };
    const again = network.replanned === 0 ? []
      : [say('What is fed decides on shapes or branches of this network: it was planned anew for {0} of its runs.', network.replanned)];
    return {
      runs, theory, unsupported: plan.unsupported, timing,
      notes: [...deeper, ...notes, ...data?.notes ?? [], ...plan.notes, ...again, ...runs.flatMap(rescaledWords)],
      memoryBytes: process.resourceUsage().maxRSS * 1024,
    };
  } finally {
    pool.close();
  }
}

/** Which layers the block has that is repeated. */
function depthNote(layers: readonly Layer[], copies: number): string {
  const repeated = new Set(layers.flatMap(({ weights }) => weights.flatMap(({ tensor }) => tensor.repeats ?? [])));
  const names = layers.filter(({ weights }) => weights.some(({ id }) => repeated.has(id))).map(({ name }) => name);
  return say('Run with {0} more of the block of {1}.', copies, names.length > 3 ? `${names.slice(0, 3).join(', ')}, …` : names.join(', '));
}

/** Data have no gradient of their own, and what they are compared with may be given apart. */
function withData(given: GivenArrays, data: GivenData | null): GivenArrays {
  if (!data) return given;
  if (given.inputs.size > 0) throw new Failure('wrong-usage', 'Both --input and --data say what is fed. Give one of them.');
  return { ...given, inputs: data.inputs, targets: given.targets.size > 0 ? given.targets : data.targets };
}

/** What is written may be nothing that is read. */
function refuseValues({ files: { values, ...read }, keepsValues = false }: SimulationRequest, model: readonly Needed[]): void {
  if (values === undefined) return;
  const given = Object.entries(read).map(([name, file]): Needed => ({ file, as: `what --${name} reads` }));
  refuseOutput(values, [...model, ...given]);
  refuseExisting('values', values, !keepsValues);
}
