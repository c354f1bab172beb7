import { setImmediate } from 'node:timers/promises';

import type { SimulationRequest } from '../protocol/engine';
import type { Cancellation } from '../protocol/rpc';
import { Failure } from '../protocol/failure';
import type { Moments, SimulationPlan, SimulationResult, SimulationRun } from '../protocol/simulation';
import { FilePool } from '../formats/content';
import { refuseOpset } from '../formats/onnx/canonicalise';
import { encodeModel } from '../formats/onnx/encode';
import type { NumpyArray } from '../formats/numpy/npy';
import { readNpz, writeNpz } from '../formats/numpy/npz';
import { openModelFile } from '../formats/openModel';
import type { InputPlan } from './inputs';
import { createPayloads } from './payloads';
import type { Plan, Readout } from './plan';
import { planSimulation } from './plan';
import { createOrGiven, prepare } from './prepare';
import { zeroMoments } from './reduce';
import type { Finished } from './runner';
import { Runner } from './runner';
import type { Value } from './runtime';
import { createSession } from './runtime';
import { givenValues, refuseUnknown } from './given';
import { WeightStore, isLearned, rootMeanSquare } from './weights';

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
    const given = { inputs: readGiven(files.input), cotangents: readGiven(files.cotangent), weights: readGiven(files.weights) };
    refuseUnknown('--input', given.inputs, opened.graph.inputs.map((input) => input.name));
    refuseUnknown('--cotangent', given.cotangents, opened.graph.outputs.map((output) => output.name));
    const store = new WeightStore(opened, pool, request, given.weights);
    refuseUnknown('--weights', given.weights, store.weights.map((weight) => weight.name));
    const prepared = await prepare(opened, store, pool, options, given.inputs);
    const { placing } = prepared;
    const learned = new Set(store.weights.filter(isLearned).flatMap((weight) => placing.weights.get(weight.id) ?? []));
    const cotangents = givenValues(given.cotangents);
    const runner = new Runner({
      plan: (isExtreme) => planSimulation({ ...prepared, learned, loss: options.loss, values: files.values !== undefined, cotangents, isExtreme }),
      create: (of) => createSession(encodeModel(of.graph, createPayloads(prepared.graph, pool)), { threads: options.threads, optimise: true }),
    });
    const { plan } = runner;
    if (plan.graph.outputs.length === 0) {
      throw new Failure('unsupported', `${request.path} has no layer with stored weights that can be run, so there is nothing to follow.`);
    }
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
          const finished = await runner.run(feedsOf(plan, prepared.inputs, given.inputs, weights, seed));
          const run = { scheme, seed, ...readRun(runner.plan, weights, finished) };
          runs.push(run);
          if (files.values !== undefined) writeValues(files.values, plan, finished.results);
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

function readGiven(path: string | undefined): ReadonlyMap<string, NumpyArray> {
  return path === undefined ? new Map() : readNpz(path);
}

function feedsOf(
  plan: Plan, inputs: readonly InputPlan[], given: ReadonlyMap<string, NumpyArray>, weights: ReadonlyMap<string, Value>, seed: number,
): ReadonlyMap<string, Value> {
  const feeds = new Map<string, Value>(weights);
  for (const input of inputs) feeds.set(input.name, createOrGiven(input, given, seed));
  for (const { input, create } of plan.loss.feeds) feeds.set(input, create(seed));
  return feeds;
}

function readRun(plan: Plan, weights: ReadonlyMap<string, Value>, { results, moments }: Finished): Pick<SimulationRun, 'loss' | 'layers'> {
  const read = (readout: Readout): Moments | null => {
    if (!readout) return null;
    return 'zeroCount' in readout ? zeroMoments(readout.zeroCount) : moments(readout);
  };
  const terms = plan.loss.terms.map((term) => Number(results.get(term)?.data[0] ?? NaN));
  return {
    loss: terms.length === 0 ? null : terms.reduce((sum, term) => sum + term, 0),
    layers: plan.layers.map((layer) => ({
      name: layer.name,
      preactivation: read(layer.preactivation),
      activation: read(layer.activation),
      gradient: { preactivation: read(layer.gradient.preactivation), activation: read(layer.gradient.activation) },
      weights: layer.weights.map(({ name, value, gradient }) => {
        const known = read(gradient);
        const data = weights.get(value)?.data;
        return { name, gradient: known, ratio: ratioOf(known, data instanceof Float32Array ? rootMeanSquare(data) : 0) };
      }),
    })),
  };
}

function ratioOf(gradient: Moments | null, weight: number): number | null {
  if (gradient?.variance == null || gradient.mean === null || weight === 0) return null;
  return Math.sqrt(gradient.variance + gradient.mean ** 2) / weight;
}

function writeValues(path: string, plan: Plan, results: ReadonlyMap<string, Value>): void {
  writeNpz(path, new Map([...plan.values].flatMap(([name, value]) => {
    const result = results.get(value);
    return result ? [[name, { shape: result.shape, data: result.data }] as const] : [];
  })));
}
