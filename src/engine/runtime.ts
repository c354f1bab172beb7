import type * as Runtime from 'onnxruntime-node';
import type { InferenceSession, Tensor } from 'onnxruntime-node';

import { Failure } from '../protocol/failure';
import { say } from '../protocol/words';

/** A tensor as it is fed to and fetched from ONNX Runtime. */
export interface Value {
  readonly dtype: 'float32' | 'float64' | 'int32' | 'int64' | 'bool' | 'uint8';
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;
}

/** The one place that knows ONNX Runtime. `create` and `run` block their thread: this lives in a process of its own. */
export interface Session {
  run(feeds: ReadonlyMap<string, Value>, fetches: readonly string[]): Promise<ReadonlyMap<string, Value>>;
  release(): Promise<void>;
}

let loaded: Promise<typeof Runtime> | undefined;

/** Loads the native library at first use, so that everything but running works where it cannot be loaded. */
function load(): Promise<typeof Runtime> {
  loaded ??= import('onnxruntime-node').catch((error: unknown) => {
    const detail = error instanceof Error ? error.message : String(error);
    throw new Failure('engine-unavailable', say('ONNX Runtime could not be loaded on {0}; networks can be inspected and reinitialized, but not run. {1}',
      `${process.platform}-${process.arch}`, adviceFor(process.platform)), detail);
  });
  return loaded;
}

function adviceFor(platform: NodeJS.Platform): string {
  if (platform === 'win32') return say('Install the current Microsoft Visual C++ Redistributable.');
  if (platform === 'darwin') return say('ONNX Runtime has no build for Intel Macs.');
  return say('It needs glibc 2.28 or newer.');
}

export async function runtimeVersion(): Promise<string> {
  const runtime = await load();
  return runtime.env.versions.node ?? runtime.env.versions.common;
}

export interface SessionOptions {
  readonly threads: number | null;
  /** How many nodes are worth optimising; null for a probe, whose single run is not worth any. */
  readonly nodes: number | null;
}

/**
 * Creating a session takes time that grows faster than its nodes, by the level: 0.5, 1.3 and 2.3 s for 6,400 nodes, 2, 12 and 35 s for
 * 18,000. A run gains a tenth by the highest one.
 */
function levelFor(nodes: number | null): 'disabled' | 'basic' | 'extended' {
  if (nodes === null || nodes > 10_000) return 'disabled';
  return nodes > 4000 ? 'basic' : 'extended';
}

export async function createSession(model: Uint8Array, options: SessionOptions): Promise<Session> {
  const runtime = await load();
  // Memory patterns cost half as much memory again and no time; errors alone are logged, and they come as exceptions.
  const settings: InferenceSession.SessionOptions = {
    executionProviders: ['cpu'], enableMemPattern: false, graphOptimizationLevel: levelFor(options.nodes), logSeverityLevel: 4,
    // Quantisers are run where they stand: moved about what is read of a run, they get types that do not fit (ONNX Runtime 1.30).
    extra: { session: { disable_quant_qdq: '1' } },
    ...(options.threads === null ? {} : { intraOpNumThreads: options.threads }),
  };
  const session = await explained(runtime.InferenceSession.create(model, settings));
  return {
    async run(feeds, fetches) {
      const given = Object.fromEntries([...feeds].map(([name, value]) => [name, toTensor(runtime, value)]));
      const results = await explained(session.run(given, [...fetches]));
      return new Map(Object.entries(results).map(([name, tensor]) => [name, fromTensor(tensor)]));
    },
    release: () => session.release(),
  };
}

/** ONNX Runtime's own errors, in one sentence; its first line says which node, the rest goes to the log. */
async function explained<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const isMemory = /bad_alloc|Failed to allocate|out of memory/i.test(message);
    if (isMemory) throw new Failure('out-of-memory', say('There is not enough memory to run this network. Use a smaller batch or fewer samples.'), message);
    const [first = ''] = message.split('\n');
    throw new Failure('run-failed', say('ONNX Runtime cannot run this network: {0}',
      first.replace(/^Non-zero status code returned while running /, '')), message);
  }
}

function toTensor(runtime: typeof Runtime, { dtype, shape, data }: Value): Tensor {
  if (data instanceof Float32Array) return new runtime.Tensor('float32', data, shape);
  if (data instanceof Float64Array) return new runtime.Tensor('float64', data, shape);
  if (data instanceof Int32Array) return new runtime.Tensor('int32', data, shape);
  if (data instanceof BigInt64Array) return new runtime.Tensor('int64', data, shape);
  return new runtime.Tensor(dtype === 'bool' ? 'bool' : 'uint8', data, shape);
}

function isReadable(data: Tensor['data']): data is Value['data'] {
  return [Float32Array, Float64Array, Int32Array, BigInt64Array, Uint8Array].some((array) => data instanceof array);
}

function fromTensor(tensor: Tensor): Value {
  const { data, dims: shape, type } = tensor;
  switch (type) {
    case 'float32': case 'float64': case 'int32': case 'int64': case 'bool': case 'uint8':
      if (isReadable(data)) return { dtype: type, shape, data };
      break;
    default:
  }
  throw new Failure('run-failed', say('ONNX Runtime returned a tensor of type {0}, which was not asked for.', type));
}
