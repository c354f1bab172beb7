/** What the status bar says of a network. */
import { describe, expect, it } from 'vitest';

import { statusWords } from '../../../../src/core/report/statusWords';
import type { Verdict } from '../../../../src/protocol/verdict';

const verdict = (kind: Verdict['kind'], severity: Verdict['severity'], text: string): Verdict => (
  { text, severity, kind, at: null, basis: 'predicted', remedy: null });

describe('a network in two or three words', () => {
  it.each([
    { said: 'error', kind: 'vanishing', text: 'The gradient vanishes at fc3.', is: 'Gradient vanishes' },
    { said: 'warning', kind: 'exploding-through-time', text: 'It grows.', is: 'Gradient explodes through time' },
    { said: 'ok', kind: 'fine', text: 'It gets through.', is: 'Can learn' },
  ] as const)('is $is where the verdict is $kind', ({ said, kind, text, is }) => {
    expect(statusWords({ severity: said, text: `${text} Reinitialize it.` }, verdict(kind, said, text), false)).toBe(is);
  });

  it('is what its weights show where the sentence is not of the verdict', () => {
    const other = verdict('fine', 'ok', 'It gets through.');
    expect(statusWords({ severity: 'error', text: 'fc1 is all zeros.' }, other, false)).toBe('Cannot learn');
    expect(statusWords({ severity: 'warning', text: 'fc1 is too narrow.' }, null, false)).toBe('Weights to mend');
    expect(statusWords({ severity: 'info', text: 'These weights are trained.' }, other, true)).toBe('Trained');
    expect(statusWords({ severity: 'info', text: 'There is nothing to initialise.' }, null, false)).toBe('Inspected');
  });
});
