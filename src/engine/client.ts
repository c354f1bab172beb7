import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';

import type { EngineEvents, EngineMethods, SimulationRequest } from '../protocol/engine';
import { Failure } from '../protocol/failure';
import type { PretrainingEvents, PretrainingRequest, PretrainingResult } from '../protocol/pretraining';
import type { Cancellation, Peer, Port } from '../protocol/rpc';
import { cancelledError, connect } from '../protocol/rpc';
import type { SimulationResult } from '../protocol/simulation';
import type { TrainingEvents, TrainingRequest, TrainingResult } from '../protocol/training';
import { say } from '../protocol/words';

/** A run that goes on this long after it was cancelled is ended with its process: ONNX Runtime cannot be interrupted. */
const patienceMs = 200;
/** An engine nobody has asked anything for this long gives its memory back. */
const idleMs = 60_000;
/** After so many processes that ended unasked, one after the other, none is started for a while: what asks may ask again by itself. */
const mostCrashes = 3;
const pauseMs = 20_000;

/** Of what is asked for while something else goes on. */
interface Turn {
  /** It has to wait until the work on that file is over. */
  waits(behind: string): void;
  /** It waits no more. */
  begins(): void;
}

export type SimulationProgress = Partial<Pick<EngineEvents, 'planned' | 'ran'>>;
export type TrainingProgress = Partial<TrainingEvents & Turn>;
export type PretrainingProgress = Partial<PretrainingEvents & Turn>;

interface Running {
  readonly child: ChildProcess;
  readonly peer: Peer<EngineMethods, Record<string, never>>;
  /** Says why the process was ended on purpose, if it was. */
  ended: Failure | null;
  /** Last words on stderr. */
  errors: string;
}

/** Starts the engine process when it is needed, and survives whatever happens to it. One simulation or training at a time. */
export class EngineClient {
  readonly #path: string;
  readonly #log: (line: string) => void;
  readonly #learned: { readonly learnedFolder?: string };
  readonly #words: string | undefined;
  #running: Running | null = null;
  #listener: Partial<EngineEvents> = {};
  #queue: Promise<unknown> = Promise.resolve();
  /** Files that are worked on, or wait for that, in their order. */
  #files: readonly string[] = [];
  #idle: NodeJS.Timeout | undefined;
  #crashes = 0;
  #lastCrash = 0;

  /** `path` is the bundled engine script, `learnedFolder` where this process keeps learned values that recipes name, `words` the file of a translation. */
  constructor(path: string, log: (line: string) => void, learnedFolder?: string, words?: string) {
    this.#path = path;
    this.#log = log;
    this.#words = words;
    this.#learned = learnedFolder === undefined ? {} : { learnedFolder };
  }

  /** Process id of the engine while one is running; tests end it. */
  get processId(): number | undefined {
    return this.#running?.child.pid;
  }

  simulate(request: SimulationRequest, progress: SimulationProgress, cancellation: Cancellation): Promise<SimulationResult> {
    return this.#work(request.path, progress, cancellation, ({ peer }) => peer.call('simulate', { ...request, ...this.#learned }, cancellation));
  }

  /** Cancelled, its process ends; `steer` ends it with what has been learned. */
  train(request: TrainingRequest, progress: TrainingProgress, cancellation: Cancellation): Promise<TrainingResult> {
    return this.#work(request.path, progress, cancellation, ({ peer }) => peer.call('train', { ...request, ...this.#learned }, cancellation));
  }

  /** The same. */
  pretrain(request: PretrainingRequest, progress: PretrainingProgress, cancellation: Cancellation): Promise<PretrainingResult> {
    return this.#work(request.path, progress, cancellation, ({ peer }) => peer.call('pretrain', { ...request, ...this.#learned }, cancellation));
  }

  /** Tells the training, or pre-training, that is going on, if one is. */
  async steer(to: 'hold' | 'go' | 'stop'): Promise<void> {
    await this.#running?.peer.call('steer', { to });
  }

  /** Which ONNX Runtime answers. */
  probeRuntime(): Promise<{ readonly version: string }> {
    return this.#next(() => this.#start().peer.call('probeRuntime', {}));
  }

  dispose(): void {
    clearTimeout(this.#idle);
    if (this.#running) this.#end(this.#running, new Failure('cancelled', 'The engine was shut down.'));
  }

  /** Something that tells of its progress, and is ended with its process where it does not hear that it is cancelled. What waits is cancelled at once. */
  #work<T>(
    file: string, progress: Partial<EngineEvents & Turn>, cancellation: Cancellation, call: (running: Running) => Promise<T>,
  ): Promise<T> {
    const [behind] = this.#files;
    if (behind !== undefined) progress.waits?.(behind);
    this.#files = [...this.#files, file];
    let forgetWaiting = (): void => undefined;
    const turn = this.#next(async () => {
      if (cancellation.cancelled) throw new Failure('cancelled', cancelledError.message);
      forgetWaiting();
      if (behind !== undefined) progress.begins?.();
      this.#listener = progress;
      const running = this.#start();
      let timer: NodeJS.Timeout | undefined;
      const forget = cancellation.onCancel(() => {
        timer = setTimeout(() => this.#end(running, new Failure('cancelled', cancelledError.message)), patienceMs);
      });
      try {
        const result = await call(running);
        this.#crashes = 0;
        return result;
      } finally {
        clearTimeout(timer);
        forget();
        this.#listener = {};
      }
    }).finally(() => { this.#files = this.#files.toSpliced(this.#files.indexOf(file), 1); });
    return new Promise<T>((resolve, reject) => {
      turn.then(resolve, reject);
      forgetWaiting = cancellation.onCancel(() => reject(new Failure('cancelled', cancelledError.message)));
    });
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(() => {
      clearTimeout(this.#idle);
      return work();
    }).finally(() => {
      clearTimeout(this.#idle);
      this.#idle = setTimeout(() => this.dispose(), idleMs);
      this.#idle.unref();
    });
    this.#queue = result.catch(() => undefined);
    return result;
  }

  #start(): Running {
    if (this.#running) return this.#running;
    this.#refuseCrashing();
    // In VS Code the executable is Electron: the variable makes it a plain Node. Debugger flags of the host are not inherited. ONNX Runtime sends
    // telemetry from some of its builds, unless it is told not to before it is loaded.
    const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1', ELECTRON_NO_ASAR: '1', ORT_DISABLE_TELEMETRY: '1', INITSCOPE_WORDS: this.#words };
    const child = fork(this.#path, [], { env, execArgv: [], serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    const peer = connect<Record<string, never>, EngineEvents, EngineMethods, Record<string, never>>(portOf(child), {}, {
      planned: (plan) => this.#listener.planned?.(plan),
      ran: (progress) => this.#listener.ran?.(progress),
      trainingPlanned: (plan) => this.#listener.trainingPlanned?.(plan),
      rateFound: (trial) => this.#listener.rateFound?.(trial),
      stepped: (steps) => this.#listener.stepped?.(steps),
      observed: (seen) => this.#listener.observed?.(seen),
      trained: (run) => this.#listener.trained?.(run),
      pretrainingPlanned: (plan) => this.#listener.pretrainingPlanned?.(plan),
      epochDone: (epoch) => this.#listener.epochDone?.(epoch),
      machineDone: (machine) => this.#listener.machineDone?.(machine),
    });
    const running: Running = { child, peer, ended: null, errors: '' };
    child.stderr?.on('data', (data: Buffer) => {
      running.errors = (running.errors + data.toString()).slice(-4000);
      this.#log(data.toString().trimEnd());
    });
    child.on('error', (error) => { running.errors += error.message; });
    child.on('exit', (code, signal) => {
      if (this.#running === running) this.#running = null;
      if (!running.ended) {
        this.#crashes++;
        this.#lastCrash = performance.now();
      }
      const failure = running.ended ?? crashed(code, signal, running.errors);
      this.#log(`engine process ${child.pid ?? '?'} ended: ${signal ?? code ?? 'unknown'}`);
      peer.close({ code: failure.code, message: failure.message, detail: failure.detail });
    });
    this.#running = running;
    return running;
  }

  #refuseCrashing(): void {
    if (this.#crashes < mostCrashes) return;
    const left = pauseMs - (performance.now() - this.#lastCrash);
    if (left <= 0) return;
    throw new Failure('engine-crashed', say('The engine process ended unexpectedly {0} times in a row, so it is not started again for {1} s. '
      + 'The log says how it ended; a smaller batch needs less memory.', this.#crashes, Math.ceil(left / 1000)));
  }

  #end(running: Running, why: Failure): void {
    running.ended = why;
    if (this.#running === running) this.#running = null;
    running.child.kill('SIGKILL');
  }
}

function crashed(code: number | null, signal: NodeJS.Signals | null, errors: string): Failure {
  if (signal === 'SIGKILL') {
    return new Failure('engine-crashed', say('The engine process was killed, most likely because memory ran out. Use a smaller batch, then run again.'),
      errors);
  }
  const how = signal ?? say('exit code {0}', code ?? '?');
  return new Failure('engine-crashed',
    say('The engine process ended unexpectedly ({0}). The model is unharmed; run again, and see the log if it happens again.', how),
    errors);
}

function portOf(child: ChildProcess): Port {
  return {
    post: (message) => {
      if (child.connected) child.send(message);
    },
    listen: (listener) => {
      child.on('message', listener);
      return () => child.off('message', listener);
    },
  };
}
