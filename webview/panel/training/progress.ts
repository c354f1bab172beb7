// How far a training is, in words and as a share.

import type { TrainingStatus } from '../../../src/protocol/trainingView';
import { duration, grouped, plural, shortened } from '../../format';
import type { Progress } from '../progressBar';

/** How much stands behind the sentence. */
export function trainingNote(status: TrainingStatus): string {
  switch (status.kind) {
    case 'idle': return '';
    case 'planning': return status.behind === null ? 'Preparing the graph…' : waitingFor(status.behind);
    case 'running': return `${grouped(status.done)} of ${plural(status.total, 'step')}`;
    case 'held': return `Paused at ${grouped(status.done)} of ${plural(status.total, 'step')}`;
    case 'stopped': return `Stopped after ${grouped(status.done)} of ${plural(status.total, 'step')}`;
    case 'finished': return duration(status.elapsedMs);
    case 'failed': return '';
  }
}

/** One network is trained at a time, also where it is paused. */
export const waitingFor = (file: string): string => `Waiting until the training of ${shortened(file, 40)} ends or is stopped…`;

/** Of what is read aloud: that it goes on, and not how far it is. */
export function spokenOf(status: TrainingStatus): string {
  return status.kind === 'running' ? 'Training' : status.kind === 'finished' ? 'Trained' : trainingNote(status);
}

export function progressOf(status: TrainingStatus): Progress | null {
  const text = trainingNote(status);
  if (status.kind === 'planning') return { share: 0, isPlanning: true, text };
  if (status.kind !== 'running' && status.kind !== 'held') return null;
  return { share: status.total === 0 ? 0 : status.done / status.total, isPlanning: false, text };
}
