/** What weights and their parts are called, as users read it: their names in reports stay English. */
import type { WeightRole } from './report';
import { say } from './words';

const roles: Readonly<Record<WeightRole, string>> = {
  'kernel': say('kernel'), 'recurrent': say('recurrent'), 'bias': say('bias'), 'gamma': say('gamma'), 'beta': say('beta'),
  'running mean': say('running mean'), 'running variance': say('running variance'), 'slope': say('slope'), 'peephole': say('peephole'),
  'embedding': say('embedding'), 'magnitude': say('magnitude'), 'update': say('update'), 'gain': say('gain'), 'step': say('step'),
  'decay': say('decay'), 'frozen': say('frozen'),
};

/** Of recurrent layers and of packed projections. */
const parts: Readonly<Record<string, string>> = {
  'input gate': say('input gate'), 'output gate': say('output gate'), 'forget gate': say('forget gate'), 'update gate': say('update gate'),
  'reset gate': say('reset gate'), 'cell': say('cell'), 'candidate': say('candidate'),
  'query': say('query'), 'key': say('key'), 'value': say('value'),
};

export const roleWord = (role: WeightRole): string => roles[role];

export const partWord = (name: string): string => parts[name] ?? name;
