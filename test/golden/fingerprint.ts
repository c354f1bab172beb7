import { createHash } from 'node:crypto';

import type { Sample } from '../ops/samples/sample';

/** Says whether golden values belong to a sample as it is now. */
export function fingerprintOf(sample: Sample): string {
  return digest(JSON.stringify({ ...sample, inputs: [...sample.inputs] }));
}

export function digest(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 12);
}
