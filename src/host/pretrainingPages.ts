// The Pre-training page of the panel: a session for each document, and what the page asks of it.

import { describeError } from '../protocol/rpc';
import type { Handlers } from '../protocol/rpc';
import { defaultTraining } from '../protocol/training';
import type { PretrainingOptions } from '../protocol/pretraining';
import type { PretrainingPageMethods, PretrainingView } from '../protocol/pretrainingView';
import type { ModelDocument } from './modelDocument';
import { notify } from './notifications';
import type { Pretrainer } from './pretrainingSession';
import { PretrainingSession } from './pretrainingSession';
import type { Shown, TrainingPages, TrainingServices } from './trainingPages';

export type PretrainingServices = Pick<TrainingServices, 'learned' | 'announcer' | 'log'> & { readonly trainer: Pretrainer };

export class PretrainingPages {
  readonly #services: PretrainingServices;
  readonly #shown: Shown;
  readonly #training: TrainingPages;
  /** Brings first steps to the front. */
  readonly #turn: () => void;
  readonly #sessions = new Map<ModelDocument, PretrainingSession>();

  constructor(services: PretrainingServices, shown: Shown, training: TrainingPages, turn: () => void) {
    this.#services = services;
    this.#shown = shown;
    this.#training = training;
    this.#turn = turn;
  }

  readonly handlers: Handlers<PretrainingPageMethods> = {
    pretrain: ({ options }) => {
      if (options.data.kind === 'file' && !this.#training.isPicked(options.data.path)) {
        this.#services.log.warn('The panel asked for data that nobody has picked.');
        return;
      }
      void this.#session()?.start(options);
    },
    steerPretraining: ({ to }) => this.#session()?.steer(to),
    applyPretrained: async () => {
      const document = this.#shown.document();
      const session = this.#session();
      if (!document || !session) return;
      try {
        await this.#services.learned.apply(this.#services.announcer, document, session.pretrained());
      } catch (error) {
        this.#services.log.error(error);
        void notify.error(describeError(error).message);
      }
    },
    fineTune: () => {
      const session = this.#session();
      if (!session) return;
      this.#turn();
      this.#training.begin({ schemes: ['current', 'recommended', 'xavier-normal', 'he-normal'], steps: defaultTraining.steps, data: session.options.data });
    },
  };

  /** Pre-trains the active document with what is chosen in place of what it has. */
  begin(change: Partial<PretrainingOptions>): void {
    const session = this.#session();
    if (session && !session.isRunning) void session.start({ ...session.options, ...change });
  }

  show(): void {
    this.#shown.peer()?.send('showPretraining', this.#view());
  }

  #session(): PretrainingSession | null {
    const document = this.#shown.document();
    if (!document) return null;
    const known = this.#sessions.get(document);
    if (known) return known;
    const { trainer, log } = this.#services;
    const session = new PretrainingSession(document, trainer, log, () => {
      if (this.#shown.document() === document) this.show();
    });
    this.#sessions.set(document, session);
    document.onDidDispose(() => {
      session.dispose();
      this.#sessions.delete(document);
    });
    return session;
  }

  #view(): PretrainingView {
    const document = this.#shown.document();
    const session = this.#session();
    if (!document || !session) return { kind: 'none' };
    const { options, status, plan, machines, ended, learned } = session;
    return { kind: 'model', file: document.name, options, status, plan, machines, ended, learned, readOnly: document.readOnly };
  }
}
