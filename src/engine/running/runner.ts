import type { Moments } from '../../protocol/simulation';
import type { Channels } from '../planning/channels';
import type { ChannelReadout, Plan } from '../planning/plan';
import type { Reduction } from '../planning/reduce';
import type { Session, Value } from '../runtime';

type Results = ReadonlyMap<string, Value>;

export interface RunnerOptions {
  /** Plans with exact moments of the values that are extreme. */
  readonly plan: (isExtreme: (value: string) => boolean) => Plan;
  readonly create: (plan: Plan) => Promise<Session>;
}

/** What one run said. */
export interface Finished {
  readonly results: Results;
  readonly moments: (reduction: Reduction) => Moments;
  readonly channels: (readout: ChannelReadout) => Channels;
}

/**
 * Runs a plan, and where its quick statistics turn out too coarse, the same run again with exact ones for the values in question; the
 * second time for all values, so that there are never more than three sessions.
 */
export class Runner {
  readonly #options: RunnerOptions;
  #plan: Plan;
  #session: Session | null = null;
  /** Values that are reduced exactly; null is all. */
  #extreme: ReadonlySet<string> | null = new Set();
  #createMs = 0;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#plan = options.plan(() => false);
  }

  get plan(): Plan { return this.#plan; }
  /** Time spent on creating sessions so far. */
  get createMs(): number { return this.#createMs; }

  async open(): Promise<Session> {
    const started = performance.now();
    this.#session ??= await this.#options.create(this.#plan);
    this.#createMs += performance.now() - started;
    return this.#session;
  }

  async run(feeds: ReadonlyMap<string, Value>): Promise<Finished> {
    for (;;) {
      const session = await this.open();
      const results = await session.run(feeds, this.#plan.graph.outputs.map((output) => output.name));
      const moments = new Map(this.#plan.reductions.map((reduction) => [reduction.value, reduction.read(results)]));
      const channels = new Map(channelReadouts(this.#plan).map(({ whole, channels: reduction }) => {
        const of = moments.get(whole.value);
        return [reduction.value, of ? reduction.read(results, of) : null];
      }));
      const coarse = [...moments, ...channels].filter(([, read]) => read === null).map(([value]) => value);
      if (coarse.length > 0) {
        await this.#refine(coarse);
        continue;
      }
      return {
        results,
        moments({ value }) {
          const read = moments.get(value);
          if (!read) throw new Error(`The moments of ${value} were not computed.`);
          return read;
        },
        channels({ channels: { value } }) {
          const read = channels.get(value);
          if (!read) throw new Error(`The channels of ${value} were not measured.`);
          return read;
        },
      };
    }
  }

  async #refine(coarse: readonly string[]): Promise<void> {
    await this.release();
    const extreme = this.#extreme?.size === 0 ? new Set(coarse) : null;
    this.#extreme = extreme;
    this.#plan = this.#options.plan((value) => extreme?.has(value) ?? true);
  }

  async release(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.release();
  }
}

function channelReadouts({ joins }: Plan): readonly ChannelReadout[] {
  return joins.flatMap(({ sum, branch }) => [sum, branch].filter((each) => each !== null));
}
