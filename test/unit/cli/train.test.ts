// `initscope train`, as a user types it.

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { at, initscope, initscopeWithEngine } from '../support/command';
import { deepTanh } from '../support/models';
import { createFolder } from '../support/temporary';

const folder = createFolder();
const file = (name: string): string => path.join(folder, name);
const short = ['--seeds', '1', '--samples', '64', '--snapshots', '2', '--lr', '0.003', '--scheme', 'recommended'];

describe('train', () => {
  it('says what every scheme comes to, and keeps weights that it can begin with', async () => {
    const kept = file('kept');
    const first = await initscope('train', deepTanh, ...short, '--steps', '120', '--keep', kept);
    expect({ code: first.code, err: first.err }).toEqual({ code: 0, err: '' });
    expect(first.out).toMatch(/^Recommended reaches a cost of \S+ after \d+ steps\.\n/);
    expect(first.out).toMatch(/64 digits of 8 × 8; cross-entropy, where knowing nothing costs 2\.3; Adam, batches of 32, 120 steps\./);
    const next = ['--scheme', 'current', '--steps', '2', '--weights', path.join(kept, 'recommended-0.weights.npz'), '--json'];
    const { out } = await initscope('train', deepTanh, ...short.slice(0, -2), ...next);
    expect(Number(at(out, 'runs', 0, 'losses', 0))).toBeLessThan(1);
  });

  it.each<readonly [string, readonly string[], number, string]>([
    ['data that are neither a name nor a file', ['--data', 'digit'], 2,
      '--data takes teacher, spirals, bars-and-stripes, digits, next-token, a file or a folder, and "digit" is none of these.'],
    ['a file that is not there', ['--data', file('none.npz')], 1, 'none.npz cannot be read: there is no such file.'],
    ['a rate that is 0 in float32', ['--lr', '1e-300'], 2, 'A learning rate of 1e-300 is none that float32 can make steps with. Take one from 1e-30 to 1e+30.'],
    ['a rate of nothing', ['--lr', '0'], 2, '--lr takes a learning rate above 0, or "find".'],
    ['weights of another network', ['--weights', file('other.npz')], 1, 'other.npz cannot be read: there is no such file.'],
    ['a dimension without a size', ['--dim', 'batch'], 2, '--dim takes NAME=N, not "batch".'],
  ])('refuses %s in a sentence', async (_, options, expected, said) => {
    const { code, out, err } = await initscope('train', deepTanh, '--steps', '2', '--seeds', '1', ...options);
    expect({ code, out }).toEqual({ code: expected, out: '' });
    expect(err.split('\n')[0]).toContain(said);
  });

  it('keeps nothing where there is a file in the place of the folder, which stays', async () => {
    writeFileSync(file('taken'), 'mine');
    const { code, err } = await initscope('train', deepTanh, ...short, '--steps', '2', '--keep', file('taken'));
    expect(code).toBe(1);
    expect(err).toContain('taken cannot be made: something of that name is there. Name another to keep weights in.');
    expect(readFileSync(file('taken'), 'utf8')).toBe('mine');
  });

  it('says where there is what was kept, if the engine dies', async () => {
    const kept = path.join(folder, 'dead');
    const engine = `process.on('message', ({ params }) => {
      require('node:fs').mkdirSync(params.keep, { recursive: true });
      require('node:fs').writeFileSync(params.keep + '/recommended-0.weights.npz', '');
      process.exit(7);
    });`;
    const { code, err } = await initscopeWithEngine(createFolder(), engine)('train', deepTanh, ...short, '--keep', kept);
    expect(code).toBe(1);
    expect(err).toMatch(/ended unexpectedly \(exit code 7\)\. .* What was learned up to there is in .*recommended-0\.weights\.npz\.\n$/);
  });
});
