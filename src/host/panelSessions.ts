// The simulations of all models that the panel has shown, which are run one after the other.

import type { EngineClient } from '../engine/client';
import type { SimulationRun } from '../protocol/simulation';
import type { Log } from './log';
import type { ModelDocument } from './modelDocument';
import type { SessionMemory } from './simulationSession';
import { SimulationSession } from './simulationSession';

/** Who shows the active one. */
interface Shown {
  active(): ModelDocument | null;
  changed(): void;
  ran(session: SimulationSession, run: SimulationRun): void;
}

export class PanelSessions {
  readonly #engine: EngineClient;
  readonly #memory: SessionMemory;
  readonly #log: Log;
  readonly #shown: Shown;
  readonly #sessions = new Map<ModelDocument, SimulationSession>();

  constructor(engine: EngineClient, memory: SessionMemory, log: Log, shown: Shown) {
    this.#engine = engine;
    this.#memory = memory;
    this.#log = log;
    this.#shown = shown;
  }

  of(document: ModelDocument): SimulationSession {
    const known = this.#sessions.get(document);
    if (known) return known;
    const isActive = (): boolean => this.#shown.active() === document;
    const session = new SimulationSession(document, this.#engine, this.#memory, this.#log, {
      // What waits for this run is told of its end, too.
      changed: () => (isActive() || this.#isWaiting()) && this.#shown.changed(),
      ran: (run) => isActive() && this.#shown.ran(session, run),
    });
    this.#sessions.set(document, session);
    document.onDidDispose(() => {
      session.dispose();
      this.#sessions.delete(document);
    });
    return session;
  }

  /** The file whose run is made before this one's; null where none is. */
  before({ status, startedAt }: SimulationSession): string | null {
    if (status.kind !== 'running' || status.stage !== 'planning') return null;
    const found = [...this.#sessions].find(([, other]) => other.status.kind === 'running' && other.startedAt < startedAt);
    return found?.[0].name ?? null;
  }

  #isWaiting(): boolean {
    const active = this.#shown.active();
    const session = active && this.#sessions.get(active);
    return session?.status.kind === 'running' && session.status.stage === 'planning';
  }
}
