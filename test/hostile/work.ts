/** One process that examines every hostile shape, or every giant in two sizes, and prints what each took: KIND FOLDER [SIZE]. */
import { openBytes } from '../../src/formats/files/byteSource';
import { isFailure } from '../../src/protocol/failure';
import { startCounting, workDone } from './counting';
import { examine } from './examine';
import { regularGiants } from './giants';
import { hostileShapes } from './shapes';

export interface Done {
  readonly name: string;
  readonly bytes: number;
  readonly layers: number;
  readonly work: number;
  /** Why it was not opened. */
  readonly refused?: string;
  /** Thrown, but not in words of ours. */
  readonly raw?: string;
}

function done(name: string, bytes: Uint8Array, folder: string): Done {
  workDone();
  try {
    const { layers } = examine({ ...openBytes('mutant.onnx', bytes), folder });
    return { name, bytes: bytes.length, layers, work: workDone() };
  } catch (error) {
    const own = { name, bytes: bytes.length, layers: 0, work: workDone() };
    return isFailure(error) ? { ...own, refused: error.message } : { ...own, raw: error instanceof Error ? error.stack ?? error.message : String(error) };
  }
}

const [, , kind = '', folder = '', size = ''] = process.argv;
const makers = kind === 'shapes' ? hostileShapes : regularGiants(Number(size));
const made = Object.entries(makers).map(([name, make]) => ({ name, bytes: make() }));
startCounting();
for (const { name, bytes } of made) console.log(JSON.stringify(done(name, bytes, folder)));
