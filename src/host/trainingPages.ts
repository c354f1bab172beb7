// The First Steps page of the panel: a training session for each document, and what the page asks of it.

import { describedWith } from '../core/initializers/schemes';
import type { Conditions, PanelEvents } from '../protocol/panel';
import type { Handlers, Peer } from '../protocol/rpc';
import { describeError } from '../protocol/rpc';
import type { TrainingOptions } from '../protocol/training';
import type { TrainingPageMethods, TrainingView } from '../protocol/trainingView';
import { say } from '../protocol/words';
import type { LearnedWeights } from './learnedWeights';
import type { Log } from './log';
import type { ModelDocument } from './modelDocument';
import { notify } from './notifications';
import { PickedData } from './pickedData';
import type { EditAnnouncer } from './reinitialize';
import type { Trainer } from './trainingSession';
import { TrainingSession } from './trainingSession';

export interface TrainingServices {
  readonly trainer: Trainer;
  readonly learned: LearnedWeights;
  readonly announcer: EditAnnouncer;
  /** Folder for what a training keeps. */
  readonly storage: string;
  readonly log: Log;
}

/** What the panel shows now. */
export interface Shown {
  /** That can be run; null where there is none. */
  document(): ModelDocument | null;
  facts(document: ModelDocument): { readonly dimensions: readonly string[]; readonly conditions: Conditions };
  peer(): Peer<Record<string, never>, PanelEvents> | null;
}

export class TrainingPages {
  readonly #services: TrainingServices;
  readonly #shown: Shown;
  readonly #sessions = new Map<ModelDocument, TrainingSession>();
  readonly #picked = new PickedData();

  constructor(services: TrainingServices, shown: Shown) {
    this.#services = services;
    this.#shown = shown;
  }

  readonly handlers: Handlers<TrainingPageMethods> = {
    train: ({ options }) => {
      if (options.data?.kind === 'file' && !this.#picked.has(options.data.path)) {
        this.#services.log.warn('The panel asked for data that nobody has picked.');
        return;
      }
      void this.#session()?.start(options);
    },
    steerTraining: ({ to }) => this.#session()?.steer(to),
    continueTraining: ({ steps }) => void this.#session()?.continue(steps),
    applyTrained: async (run) => {
      const document = this.#shown.document();
      const session = this.#session();
      if (!document || !session) return;
      try {
        await this.#services.learned.apply(this.#services.announcer, document, session.trained(run));
      } catch (error) {
        this.#services.log.error(error);
        void notify.error(describeError(error).message);
      }
    },
    pickTrainingData: async ({ of }) => ({ path: await this.#picked.pick(of, say('Training Data'), say('Train on It')) }),
  };

  /** Whether the user has chosen these data. */
  isPicked(path: string): boolean { return this.#picked.has(path); }

  /** Runs the active document, where it has not been trained yet, with what is chosen in place of what it has. */
  begin(change: Partial<TrainingOptions>): void {
    const session = this.#session();
    if (session && !session.isRunning) void session.start({ ...session.options, ...change });
  }

  show(): void {
    this.#shown.peer()?.send('showTraining', this.#view());
  }

  #session(): TrainingSession | null {
    const document = this.#shown.document();
    return document && this.sessionOf(document);
  }

  sessionOf(document: ModelDocument): TrainingSession {
    const known = this.#sessions.get(document);
    if (known) return known;
    const { trainer, storage, log } = this.#services;
    const session = new TrainingSession(document, trainer, storage, log, {
      changed: () => this.#shown.document() === document && this.show(),
      grew: (growth) => this.#shown.document() === document && this.#shown.peer()?.send('grew', growth),
    });
    this.#sessions.set(document, session);
    document.onDidDispose(() => {
      session.dispose();
      this.#sessions.delete(document);
    });
    return session;
  }

  #view(): TrainingView {
    const document = this.#shown.document();
    const session = this.#session();
    if (!document || !session) return { kind: 'none' };
    const { options, status, plan, trials, runs, verdict, isPast } = session;
    return {
      kind: 'model', file: document.name, schemes: describedWith(options.parameters), options, ...this.#shown.facts(document), status, plan, trials, runs,
      verdict, isPast,
      readOnly: document.readOnly,
    };
  }
}
