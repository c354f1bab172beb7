/**
 * One remote-procedure protocol for every boundary (extension host to engine process, extension host to webview).
 * A boundary is an interface of methods with one parameter; calls, results and handlers are derived from it.
 */

/** A request the other side no longer wants. Pure stand-in for AbortSignal, which `core` and `protocol` do not know. */
export interface Cancellation {
  readonly cancelled: boolean;
  /** Calls `listener` once, at once if already cancelled; returns a function that forgets it. */
  onCancel(listener: () => void): () => void;
}

export interface ErrorData {
  /** One sentence: what happened, where, what to do. */
  readonly message: string;
  /** Stable identifier of the kind of failure, such as `unsupported-file`. */
  readonly code: string;
  /** Technical detail for the log, never for the headline. */
  readonly detail?: string;
}

export type Message =
  | { readonly kind: 'call'; readonly id: number; readonly method: string; readonly params: unknown }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: ErrorData }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'event'; readonly method: string; readonly params: unknown };

const longestMethod = 100;

/** Whether something that arrived is a message, whatever it says. */
export function isMessage(message: unknown): message is Message {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return false;
  const hasId = 'id' in message && Number.isSafeInteger(message.id);
  const hasMethod = 'method' in message && typeof message.method === 'string' && message.method.length <= longestMethod;
  switch (message.kind) {
    case 'call': return hasId && hasMethod;
    case 'event': return hasMethod;
    case 'failure': return hasId && 'error' in message && isErrorData(message.error);
    case 'result': case 'cancel': return hasId;
    default: return false;
  }
}

function isErrorData(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string' && 'code' in value
    && typeof value.code === 'string' && (!('detail' in value) || value.detail === undefined || typeof value.detail === 'string');
}

/** Where messages travel: a webview's `postMessage`, a child process's IPC channel. */
export interface Port {
  post(message: Message): void;
  /** Returns a function that stops listening. */
  listen(listener: (message: unknown) => void): () => void;
}

type Parameter<F> = F extends (params: infer P, ...rest: never[]) => unknown ? P : never;
type Result<F> = F extends (...args: never[]) => infer R ? Awaited<R> : never;
type Names<T> = Extract<keyof T, string>;

/** What the serving side implements. */
export type Handlers<T> = { readonly [K in Names<T>]: (params: Parameter<T[K]>, cancellation: Cancellation) => Result<T[K]> | Promise<Result<T[K]>> };
/** What makes a parameter of whatever the other side has sent; null of what is none. */
export type Readers<T> = { readonly [K in Names<T>]: (params: unknown) => Parameter<T[K]> | null };

/** How a side receives what it does not trust. */
export interface Guard<T> {
  readonly readers: Readers<T>;
  /** Told of every message that is refused, in a line for the log. */
  refused(line: string): void;
}

/** What one side tells the other without waiting for an answer. */
export type Listeners<E> = { readonly [K in Names<E>]: (params: Parameter<E[K]>) => void };

export interface Peer<Remote, RemoteEvents> {
  call<K extends Names<Remote>>(method: K, params: Parameter<Remote[K]>, cancellation?: Cancellation): Promise<Result<Remote[K]>>;
  send<K extends Names<RemoteEvents>>(event: K, params: Parameter<RemoteEvents[K]>): void;
  /** Rejects every pending call with `error`, cancels every running handler, and stops listening. */
  close(error: ErrorData): void;
}

export class RemoteError extends Error {
  override readonly name = 'RemoteError';
  readonly code: string;
  readonly detail: string | undefined;
  constructor(data: ErrorData) {
    super(data.message);
    this.code = data.code;
    this.detail = data.detail;
  }
}

export class CancellationSource implements Cancellation {
  readonly #listeners = new Set<() => void>();
  #cancelled = false;

  get cancelled(): boolean {
    return this.#cancelled;
  }

  onCancel(listener: () => void): () => void {
    if (this.#cancelled) listener();
    else this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }
}

export const cancelledError: ErrorData = { code: 'cancelled', message: 'Cancelled.' };

export function isCancelled(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === cancelledError.code;
}

/** Turns anything thrown into data that survives a boundary. */
export function describeError(error: unknown): ErrorData {
  if (!(error instanceof Error)) return { code: 'unexpected', message: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'unexpected';
  const detail = 'detail' in error && typeof error.detail === 'string' ? error.detail : error.stack;
  return { code, message: error.message, ...(detail === undefined ? {} : { detail }) };
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
  forget(): void;
}

type Serve = (params: unknown, cancellation: Cancellation) => unknown;

/** Connects both directions of a boundary over `port`. */
export function connect<Local, LocalEvents, Remote, RemoteEvents>(
  port: Port,
  handlers: Handlers<Local>,
  listeners: Listeners<LocalEvents>,
  guard?: Guard<Local>,
): Peer<Remote, RemoteEvents> {
  const serving = new Map<string, Serve>(Object.entries(handlers));
  const hearing = new Map<string, Serve>(Object.entries(listeners));
  const reading = guard && new Map<string, (params: unknown) => unknown>(Object.entries(guard.readers));
  const pending = new Map<number, Pending>();
  const running = new Map<number, CancellationSource>();
  let nextId = 1;

  function refuse(message: string): RemoteError {
    guard?.refused(message);
    return new RemoteError({ code: 'malformed', message });
  }

  function unknown(method: string): RemoteError {
    const message = `The other side has no method "${method}".`;
    guard?.refused(message);
    return new RemoteError({ code: 'unknown-method', message });
  }

  async function serve(id: number, method: string, params: unknown): Promise<void> {
    const source = new CancellationSource();
    running.set(id, source);
    try {
      const handler = serving.get(method);
      if (!handler) throw unknown(method);
      const read = reading ? reading.get(method)?.(params) ?? null : params;
      if (reading && read === null) throw refuse(`A message "${method}" was not of its form.`);
      const value: unknown = await handler(read, source);
      port.post({ kind: 'result', id, value });
    } catch (error) {
      port.post({ kind: 'failure', id, error: describeError(error) });
    } finally {
      running.delete(id);
    }
  }

  function settle(id: number, action: (call: Pending) => void): void {
    const call = pending.get(id);
    if (!call) return;
    pending.delete(id);
    call.forget();
    action(call);
  }

  const stopListening = port.listen((message) => {
    if (!isMessage(message)) {
      guard?.refused('A message was of no known form.');
      return;
    }
    switch (message.kind) {
      case 'call': return void serve(message.id, message.method, message.params);
      case 'result': { settle(message.id, (call) => call.resolve(message.value)); return; }
      case 'failure': { settle(message.id, (call) => call.reject(new RemoteError(message.error))); return; }
      case 'cancel': return running.get(message.id)?.cancel();
      case 'event': return void hearing.get(message.method)?.(message.params, new CancellationSource());
    }
  });

  return {
    call<K extends Names<Remote>>(method: K, params: Parameter<Remote[K]>, cancellation?: Cancellation) {
      const id = nextId++;
      return new Promise<Result<Remote[K]>>((resolve, reject) => {
        const entry: Pending = { resolve: (value) => resolve(value as Result<Remote[K]>), reject, forget: () => undefined };
        pending.set(id, entry);
        port.post({ kind: 'call', id, method, params });
        if (cancellation) entry.forget = cancellation.onCancel(() => port.post({ kind: 'cancel', id }));
      });
    },
    send(event, params) {
      port.post({ kind: 'event', method: event, params });
    },
    close(error) {
      stopListening();
      for (const source of running.values()) source.cancel();
      for (const id of [...pending.keys()]) settle(id, (call) => call.reject(new RemoteError(error)));
    },
  };
}
