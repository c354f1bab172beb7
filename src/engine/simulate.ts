import { setImmediate } from 'node:timers/promises';

import type { SimulationRequest } from '../protocol/engine';
import type { Cancellation } from '../protocol/rpc';
import { Failure } from '../protocol/failure';
import type { SimulationPlan, SimulationResult, SimulationRun } from '../protocol/simulation';
import { FilePool } from '../formats/content';
import { refuseOpset } from '../formats/onnx/canonicalise';
import { encodeModel } from '../formats/onnx/encode';
import { writeNpz } from '../formats/numpy/npz';
import { openModelFile } from '../formats/openModel';
import type { Draw } from './dropout';
import { cutSamples, readGiven, refuseUnknown } from './given';
import { estimateMemory, refuseTooLarge } from './memory';
import { createPayloads } from './payloads';
import type { Plan } from './plan';
import { planSimulation } from './plan';
import type { Prepared } from './prepare';
import { createOrGiven, prepare } from './prepare';
import type { Outcome } from './readRun';
import { poolOutcomes, readRun } from './readRun';
import { Runner } from './runner';
import type { Value } from './runtime';
import { createSession } from './runtime';
import { WeightStore, isLearned } from './weights';

export interface SimulationListener {
  planned(plan: SimulationPlan): void;
  ran(progress: { readonly done: number; readonly total: number; readonly run: SimulationRun }): void;
}

/** Reads, plans, creates one session, and runs every scheme with every seed. */
export async function simulate(request: SimulationRequest, listener: SimulationListener, cancellation: Cancellation): Promise<SimulationResult> {
  const { options, files } = request;
  const started = performance.now();
  const opened = openModelFile(request.path);
  const refused = refuseOpset(opened.model);
  if (refused !== null) throw new Failure('unsupported', `${refused}. Convert it with onnx.version_converter, or export it again.`);
  const pool = new FilePool();
  try {
    const given = readGiven(files, opened.graph);
    const store = new WeightStore(opened, pool, request, given.weights);
    refuseUnknown('--weights', given.weights, store.weights.map((weight) => weight.name));
    const prepared = await prepare(opened, store, pool, options, given.inputs);
    const { placing } = prepared;
    const learned = new Set(store.weights.filter(isLearned).flatMap((weight) => placing.weights.get(weight.id) ?? []));
    if (files.values !== undefined && prepared.samples > 1) {
      throw new Failure('wrong-usage', `--values writes one run, but this model takes ${prepared.samples} for so many samples. Leave out --batch.`);
    }
    const loss = {
      cotangents: cutSamples(given.cotangents, opened.graph.outputs, prepared.samples),
      targets: cutSamples(given.targets, opened.graph.outputs, prepared.samples),
    };
    const runner = new Runner({
      plan: (isExtreme) => planSimulation({ ...prepared, learned, loss: options.loss, values: files.values !== undefined, given: loss, isExtreme }),
      create: (of) => createSession(encodeModel(of.graph, createPayloads(prepared.graph, pool)), { threads: options.threads, optimise: true }),
    });
    const { plan } = runner;
    if (plan.graph.outputs.length === 0) {
      throw new Failure('unsupported', `${request.path} has no layer with stored weights that can be run, so there is nothing to follow.`);
    }
    refuseTooLarge(estimateMemory(prepared.facts, new Set(placing.weights.values())), prepared.inputs[0]?.shape[0] ?? null);
    const total = options.schemes.length * options.seeds;
    listener.planned({
      layers: opened.layers.map((layer) => layer.name), unsupported: plan.unsupported, runs: total, notes: prepared.notes,
      inputs: prepared.inputs.map((input) => (given.inputs.has(input.name) ? `${input.name} [${input.shape.join(', ')}] given` : input.description)),
    });
    const planned = performance.now();
    const runs: SimulationRun[] = [];
    try {
      await runner.open();
      for (const scheme of options.schemes) {
        for (let seed = options.seed; seed < options.seed + options.seeds; seed++) {
          await setImmediate();
          if (cancellation.cancelled) throw new Failure('cancelled', 'Cancelled.');
          const weights = store.feeds(scheme, seed, placing.weights);
          const outcomes: Outcome[] = [];
          for (let sample = 0; sample < prepared.samples; sample++) {
            const finished = await runner.run(feedsOf(plan, prepared, weights, { seed, sample }));
            outcomes.push(readRun(runner.plan, weights, finished));
            if (files.values !== undefined) writeValues(files.values, plan, finished.results);
          }
          const run = { scheme, seed, ...poolOutcomes(outcomes) };
          runs.push(run);
          listener.ran({ done: runs.length, total, run });
        }
      }
    } finally {
      await runner.release();
    }
    const timing = { planMs: planned - started, createMs: runner.createMs, runMs: performance.now() - planned - runner.createMs };
    return { runs, unsupported: plan.unsupported, notes: prepared.notes, timing, memoryBytes: process.resourceUsage().maxRSS * 1024 };
  } finally {
    pool.close();
  }
}

function feedsOf(plan: Plan, { inputs, given, masks }: Prepared, weights: ReadonlyMap<string, Value>, draw: Draw): ReadonlyMap<string, Value> {
  const feeds = new Map<string, Value>(weights);
  for (const input of inputs) feeds.set(input.name, createOrGiven(input, given, draw));
  for (const { input, create } of [...plan.loss.feeds, ...masks]) feeds.set(input, create(draw));
  return feeds;
}

function writeValues(path: string, plan: Plan, results: ReadonlyMap<string, Value>): void {
  writeNpz(path, new Map([...plan.values].flatMap(([name, value]) => {
    const result = results.get(value);
    return result ? [[name, { shape: result.shape, data: result.data }] as const] : [];
  })));
}
