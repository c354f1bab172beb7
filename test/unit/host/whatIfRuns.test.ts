/** While kernels are wider by hand, nobody is told that a scheme does what only its wider kernels do. */
import { describe, expect, it } from 'vitest';
import type { SimulatedScheme } from '../../../src/protocol/schemes';
import type { SimulationRun } from '../../../src/protocol/simulation';
import { judgedRuns } from '../../../src/host/whatIfRuns';

const run = (scheme: SimulatedScheme, seed: number): SimulationRun => ({ scheme, seed, loss: null, layers: [] });
const wider = (scheme: SimulatedScheme) => ({ scheme, all: 100, layers: {} });
const [current, recommended, drawn] = [run('current', 0), run('recommended', 0), run('recommended', 1)];

describe('runs that are judged', () => {
  it('are those that there are, where nothing is asked', () => {
    expect(judgedRuns([current, recommended], null, [], true)).toEqual({ runs: [current, recommended], isWhatIf: false });
  });
  it('are the asked ones where the answer is about them', () => {
    expect(judgedRuns([current, recommended], wider('current'), [run('current', 1)], true)).toEqual({ runs: [current, recommended], isWhatIf: true });
    expect(judgedRuns([recommended], wider('recommended'), [drawn], false)).toEqual({ runs: [recommended], isWhatIf: true });
  });
  it('have a scheme that is compared as it is drawn', () => {
    expect(judgedRuns([recommended, current], wider('recommended'), [drawn], true)).toEqual({ runs: [current, drawn], isWhatIf: false });
  });
});
