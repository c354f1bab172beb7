// How far a training is, in words and as a share.

import type { TrainingStatus } from '../../../src/protocol/trainingView';
import { say, sayOf } from '../../../src/protocol/words';
import { duration, grouped, shortened } from '../../format';
import type { Progress } from '../progressBar';

/** How much stands behind the sentence. */
export function trainingNote(status: TrainingStatus): string {
  switch (status.kind) {
    case 'idle': return '';
    case 'planning': return status.behind === null ? say('Preparing the graph…') : waitingFor(status.behind);
    case 'running': return sayOf(status.total, '{1} of {0} step', '{1} of {0} steps', grouped(status.done));
    case 'held': return sayOf(status.total, 'Paused at {1} of {0} step', 'Paused at {1} of {0} steps', grouped(status.done));
    case 'stopped': return sayOf(status.total, 'Stopped after {1} of {0} step', 'Stopped after {1} of {0} steps', grouped(status.done));
    case 'finished': return duration(status.elapsedMs);
    case 'failed': return '';
  }
}

/** One network is trained at a time, also where it is paused. */
export const waitingFor = (file: string): string => say('Waiting until the training of {0} ends or is stopped…', shortened(file, 40));

/** Of what is read aloud: that it goes on, and not how far it is. */
export function spokenOf(status: TrainingStatus): string {
  return status.kind === 'running' ? say('Training') : status.kind === 'finished' ? say('Trained') : trainingNote(status);
}

export function progressOf(status: TrainingStatus): Progress | null {
  const text = trainingNote(status);
  if (status.kind === 'planning') return { share: 0, isPlanning: true, text };
  if (status.kind !== 'running' && status.kind !== 'held') return null;
  return { share: status.total === 0 ? 0 : status.done / status.total, isPlanning: false, text };
}
