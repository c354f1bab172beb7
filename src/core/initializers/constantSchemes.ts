import type { SchemeOptions } from '../../protocol/schemes';
import { say } from '../../protocol/words';
import { numberOption } from './options';
import type { Resolved } from './resolved';
import { constant, distribute, truncated, usualTruncation } from './resolved';
import { cutNormal } from './distributions';
import type { Place, Scheme } from './scheme';
import { drawWhole } from './scheme';

/** Standard deviation of `normal`: small random numbers, as networks were started before fans were counted. */
const smallStd = 0.01;
/** Of `truncated-normal`, as BERT. */
const bertStd = 0.02;
/** Bound of `uniform`, as Keras' RandomUniform. */
const kerasBound = 0.05;
const defaultConstant = 0.1;

/** For all that carries a signal, within a step and from one to the next: no fans enter. */
function alike(resolve: (options: SchemeOptions) => Resolved): Scheme['draw'] {
  return ({ weight: { role, computed } }: Place, options) => {
    const resolved = resolve(options);
    const isNumber = resolved.sampler.kind === 'constant';
    // A kernel that the graph normalises has no direction where all are one number: its length takes that.
    if (computed?.power === 0 && isNumber) return null;
    const isMeant = role === 'kernel' || role === 'recurrent' || role === 'embedding' || (role === 'magnitude' && isNumber);
    return isMeant ? drawWhole(resolved) : null;
  };
}

const fixed = (title: string): Pick<Resolved, 'mode' | 'gain' | 'title'> => ({ mode: null, gain: null, title });
const group = 'Fixed numbers';

export const constantSchemes: readonly Scheme[] = [
  {
    id: 'zeros', title: 'Zeros', group, formula: 'w = 0', options: [],
    when: say('To see the gradient die: all units stay equal, and below the top layer nothing arrives.'),
    source: 'LeCun et al. 1998, Efficient BackProp, section 4.6 (why weights must differ)', draw: alike(() => constant(0)),
  },
  {
    id: 'ones', title: 'Ones', group, formula: 'w = 1', options: [],
    when: say('To see symmetry with a signal: all units compute the same and learn the same.'),
    source: 'LeCun et al. 1998, section 4.6 (why weights must differ)', draw: alike(() => constant(1)),
  },
  {
    id: 'constant', title: 'Constant', group, formula: 'w = value', options: [numberOption('value', defaultConstant)],
    when: say('As ones, with a scale of your choice.'),
    source: 'LeCun et al. 1998, section 4.6 (why weights must differ)', draw: alike(({ value = defaultConstant }) => constant(value)),
  },
  {
    id: 'normal', title: 'Small normal', group, formula: 'σ = 0.01', options: [numberOption('std', smallStd), numberOption('mean', 0)],
    when: say('To see what ignoring the fans does: the same width for every layer, another cost on every seed.'),
    source: 'Krizhevsky et al. 2012, section 5',
    draw: alike(({ std = smallStd, mean = 0 }) => ({ sampler: { kind: 'normal', mean, std }, std, bound: null, ...fixed(named('Normal', std, smallStd)) })),
  },
  {
    id: 'uniform', title: 'Uniform', group, formula: 'low ≤ w ≤ high', options: [numberOption('low', -kerasBound), numberOption('high', kerasBound)],
    when: say('As small normal, with bounds.'),
    source: 'Keras’ RandomUniform, 2015',
    draw: alike(({ low = -kerasBound, high = kerasBound }) => ({
      sampler: { kind: 'uniform', low, high }, std: (high - low) / Math.sqrt(12), bound: low === -high ? high : null, ...fixed(`Uniform ${low} to ${high}`),
    })),
  },
  {
    id: 'truncated-normal', title: 'Truncated normal', group, formula: say('σ = 0.02, nothing beyond 2 of the uncut σ'),
    options: [numberOption('std', bertStd), numberOption('mean', 0), numberOption('truncation', usualTruncation)],
    when: say('As Transformers are started; drawn wider by as much as the cut takes away, so that σ is the one asked for.'),
    source: 'Devlin et al. 2018 (BERT’s code); the correction after Johnson, Kotz & Balakrishnan 1994, section 13.10.1',
    draw: alike(({ std = bertStd, mean = 0, truncation = usualTruncation }) => (
      { ...truncated(std / cutNormal(truncation).std, truncation, mean), ...fixed(named('Truncated normal', std, bertStd)) })),
  },
];

function named(title: string, std: number, own: number): string {
  return std === own ? title : `${title}, σ ${std}`;
}

/** Elements of N(0, σ²) that no fans decide. */
export function plainNormal(std: number, title = 'Normal'): Resolved {
  return { ...distribute('normal', std), ...fixed(`${title}, σ ${Number(std.toPrecision(3))}`) };
}
