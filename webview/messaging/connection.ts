import { connect, type Listeners, type Peer, type Port } from '../../src/protocol/rpc';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

// VS Code hands the API out once per page.
const api = acquireVsCodeApi();

const port: Port = {
  post: (message) => api.postMessage(message),
  listen(listener) {
    const receive = (event: MessageEvent<unknown>): void => listener(event.data);
    window.addEventListener('message', receive);
    return () => window.removeEventListener('message', receive);
  },
};

/** The host neither calls the view nor hears events from it. */
type Nothing = Readonly<Record<string, never>>;

export type Host<Methods> = Peer<Methods, Nothing>;

export function connectHost<Methods, Events>(listeners: Listeners<Events>): Host<Methods> {
  return connect<Nothing, Events, Methods, Nothing>(port, {}, listeners);
}

/** What the view remembered before VS Code discarded it; fields of the wrong kind fall back to `initial`. */
export function recall<S extends object>(initial: S): S {
  const stored = api.getState();
  if (typeof stored !== 'object' || stored === null) return initial;
  const known = Object.entries(stored).filter(([key, value]) => isSameKind(Reflect.get(initial, key), value));
  return { ...initial, ...Object.fromEntries(known) };
}

/** Beside what other parts of the page remember. */
export function remember(state: object): void {
  const stored = api.getState();
  api.setState({ ...(typeof stored === 'object' ? stored : null), ...state });
}

function isSameKind(initial: unknown, value: unknown): boolean {
  return initial !== undefined && (initial === null || typeof value === typeof initial) && Array.isArray(value) === Array.isArray(initial);
}
