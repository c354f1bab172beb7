// One run of training: steps in pieces that are short enough to be seen, layers looked at now and then, and an end that says why.

import { elementCount } from '../../core/graph/dtype';
import type { LearningLayer, RunId, TrainingEnd, TrainingRun, TrainingSnapshot, TrainingSteps } from '../../protocol/training';
import { say } from '../../protocol/words';
import type { Value } from '../runtime';
import type { PreparedCourse } from './course';
import { feedsOf } from './feeds';
import type { Kept, Keeping } from './keeping';
import { learningLayers } from './observer';
import type { Trainer } from './trainer';

export interface RunRequest {
  readonly id: RunId;
  readonly course: PreparedCourse;
  readonly trainer: Trainer;
  readonly rate: number;
  /** To be made in all, those before included. */
  readonly steps: number;
  readonly snapshots: number;
  /** What was before, of a run that is gone on with. */
  readonly before: Pick<Kept, 'losses' | 'accuracies'>;
  readonly keeping: Keeping;
  readonly isGoing: () => Promise<boolean>;
}

export interface RunListener {
  stepped(steps: TrainingSteps): void;
  observed(seen: RunId & { readonly snapshot: TrainingSnapshot }): void;
}

/**
 * What is made at once takes about that long, so that curves move and a stop is heard; longer where much is carried out of the runtime behind it. Carried
 * is at about a megabyte in a millisecond (copied by the Loop, and again for JavaScript into pages that are new), which is to cost a twentieth of the steps.
 */
const pieceMs = 120;
const longestPieceMs = 5000;
const pieceMsPerByte = 20 / 1e6;
/** State of so many bytes is written at every look. */
const lightBytes = 16e6;
/** A cost that has grown so many times over what a network that knows nothing costs has left for good. */
const farAbove = 1000;
/** Weights are written where layers were looked at, and large ones no more often than that. */
const keepMs = 3000;

export async function runTraining(request: RunRequest, listener: RunListener): Promise<TrainingRun> {
  const { id, course, trainer, rate, keeping, before } = request;
  const losses: number[] = [...before.losses];
  const accuracies: number[] = [...before.accuracies];
  const snapshots: TrainingSnapshot[] = [];
  const looks = lookedAt(trainer.step, request.steps, request.snapshots);
  const bytes = course.steps.state.reduce((sum, { shape }) => sum + 4 * elementCount(shape), 0);
  const wanted = Math.min(Math.max(pieceMs, bytes * pieceMsPerByte), longestPieceMs);
  let piece = 1;
  let lastKept = performance.now();
  let end: TrainingEnd | null = null;
  while (!end && trainer.step < request.steps) {
    if (!await request.isGoing()) {
      end = { kind: 'cancelled', step: trainer.step, message: say('Stopped after {0} of {1} steps.', trainer.step, request.steps) };
      break;
    }
    const from = trainer.step;
    const before = trainer.state;
    const isLooked = looks.has(from);
    const seen = isLooked ? await look(course, trainer) : null;
    const next = [...looks].find((step) => step > from) ?? request.steps;
    const count = isLooked ? 1 : Math.min(piece, next - from, trainer.most);
    const began = performance.now();
    const made = await trainer.advance(Array.from({ length: count }, () => rate));
    const elapsed = performance.now() - began;
    if (!isLooked) piece = Math.max(1, Math.min(4 * piece, Math.round((count * wanted) / Math.max(0.1, elapsed))));
    const limit = farAbove * Math.max(course.plan.chance, losses[0] ?? made.losses[0] ?? 0, 1e-6);
    const broken = made.losses.findIndex((loss) => !Number.isFinite(loss) || loss > limit);
    const told = broken < 0 ? made.losses : made.losses.slice(0, broken + 1);
    losses.push(...told);
    accuracies.push(...made.accuracies.slice(0, told.length));
    if (seen) {
      const snapshot = { step: from, layers: seen(trainer) };
      snapshots.push(snapshot);
      listener.observed({ ...id, snapshot });
    }
    listener.stepped({ ...id, from, losses: told.map(finite), accuracies: made.accuracies.slice(0, told.length) });
    if (broken >= 0) {
      end = { kind: 'diverged', step: from + broken + 1, message: diverged(from + broken + 1, told.at(-1) ?? NaN, rate) };
      trainer.restore(before, from);
    } else if ((isLooked && bytes <= lightBytes) || performance.now() - lastKept > keepMs) {
      await keeping.keep(id, { state: trainer.state, step: trainer.step, rate, losses, accuracies });
      lastKept = performance.now();
    }
  }
  end ??= { kind: 'finished', step: trainer.step, message: null };
  const kept = await keeping.keep(id, { state: trainer.state, step: trainer.step, rate, losses, accuracies });
  return { ...id, rate, losses: losses.map(finite), accuracies, snapshots, end, kept };
}

const finite = (loss: number): number | null => (Number.isFinite(loss) ? loss : null);

function diverged(step: number, loss: number, rate: number): string {
  return Number.isFinite(loss)
    ? say('The cost grew to {2} at step {0}: a learning rate of {1} is too large from here. Take a tenth of it, or have one found.',
      step, rate, Number(loss.toPrecision(3)))
    : say('The cost is not finite at step {0}: a learning rate of {1} is too large from here. Take a tenth of it, or have one found.', step, rate);
}

/** Steps at which the layers are looked at: evenly, the first and the last among them. */
function lookedAt(first: number, steps: number, snapshots: number): ReadonlySet<number> {
  const last = steps - 1;
  const count = Math.min(snapshots, last - first + 1);
  return new Set(Array.from({ length: count }, (_, i) => (count === 1 ? first : first + Math.round((i * (last - first)) / (count - 1)))));
}

/** The layers before a step; what comes of the weights is read after it. */
async function look(course: PreparedCourse, trainer: Trainer): Promise<(after: Trainer) => readonly LearningLayer[]> {
  const data = feedsOf(course, trainer.rowsAt(trainer.step), { seed: trainer.seed, sample: trainer.step });
  const { observer, prepared } = course;
  const before = trainer.values();
  const outcome = await observer.observe(before, data);
  return (after) => {
    const values = after.values();
    return learningLayers(outcome, (at, name) => {
      const weight = prepared.placing.layers[at]?.weights.find((each) => each.name === name);
      const value = weight ? prepared.placing.weights.get(weight.id) : undefined;
      return value === undefined ? null : updateRatio(before.get(value), values.get(value));
    });
  };
}

/** ‖ΔW‖ / ‖W‖ (Hinton 2010, section 7, has it near 1e-3). */
function updateRatio(before: Value | undefined, after: Value | undefined): number | null {
  if (!(before?.data instanceof Float32Array) || !(after?.data instanceof Float32Array)) return null;
  const [old, now] = [before.data, after.data];
  let [moved, size] = [0, 0];
  for (let i = 0; i < old.length; i++) {
    const was = old[i] ?? 0;
    moved += ((now[i] ?? 0) - was) ** 2;
    size += was ** 2;
  }
  return size === 0 ? null : Math.sqrt(moved / size);
}
