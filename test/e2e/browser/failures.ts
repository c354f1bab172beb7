/** A browser test that fails explains itself. */
import { afterEach } from 'vitest';
import { saveEvidence } from '../evidence';

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') console.log(`What was there: ${await saveEvidence(task.name)}`);
});
