import { say } from '../protocol/words';

/** What looks done and is not has to be said. */
export function partlySet(name: string, leftOut: number, all: number): string {
  return say('{0}: {1} of {2} tensors stay as they are, since they cannot be written. The inspector says why. The others are set.', name, leftOut, all);
}
