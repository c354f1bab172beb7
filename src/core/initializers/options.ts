import type { FanMode, OptionDescription, SchemeOptions } from '../../protocol/schemes';
import { say } from '../../protocol/words';

type Named<K extends OptionDescription['id']> = Extract<OptionDescription, { readonly id: K }>;

export const modes: readonly FanMode[] = ['fan_in', 'fan_out', 'fan_avg'];

export const modeOption = (otherwise: FanMode): Named<'mode'> => ({ id: 'mode', kind: 'choice', choices: modes, otherwise });
export const gainOption = (otherwise: number | null): Named<'gain'> => ({ id: 'gain', kind: 'number', otherwise });
export const distributionOption = (otherwise: NonNullable<SchemeOptions['distribution']>): Named<'distribution'> => (
  { id: 'distribution', kind: 'choice', choices: ['normal', 'uniform', 'truncated-normal'], otherwise });
export const directionOption: Named<'direction'> = { id: 'direction', kind: 'choice', choices: ['forward', 'backward', 'between'], otherwise: 'forward' };

export function numberOption(id: Extract<OptionDescription, { readonly kind: 'number' }>['id'], otherwise: number | null): OptionDescription {
  return { id, kind: 'number', otherwise };
}

/** What a number of that name has to be, in words; null where any finite one will do. */
const limits: Readonly<Partial<Record<OptionDescription['id'], { readonly holds: (value: number) => boolean; readonly said: string }>>> = {
  gain: { holds: (value) => value > 0, said: say('a positive number') },
  std: { holds: (value) => value >= 0, said: say('a number that is not negative') },
  // Beyond 6 σ nothing is left to cut; below 0.1 the formula of the variance cancels.
  truncation: { holds: (value) => value >= 0.1 && value <= 6, said: say('a number from 0.1 to 6') },
  sparsity: { holds: (value) => value >= 0 && value <= 1, said: say('a number from 0 to 1') },
  omega: { holds: (value) => value > 0, said: say('a positive number') },
  base: { holds: (value) => value > 0, said: say('a positive number') },
};

/** The value a text stands for, or what it should have been. */
export function readOption(option: OptionDescription, text: string): { readonly options: SchemeOptions } | { readonly expected: string } {
  if (option.kind === 'choice') {
    const chosen = option.choices.find((choice) => choice === text);
    return chosen === undefined ? { expected: option.choices.join(', ') } : { options: { [option.id]: chosen } };
  }
  const value = text.trim() === '' ? NaN : Number(text);
  const limit = limits[option.id];
  const isMeant = Number.isFinite(value) && (limit?.holds(value) ?? true);
  return isMeant ? { options: { [option.id]: value } } : { expected: limit?.said ?? say('a number') };
}

/** Options that no compiler has checked, each as the descriptions want it; null where one is not. */
export function readOptions(described: readonly OptionDescription[], value: unknown): SchemeOptions | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  let options: SchemeOptions = {};
  for (const [name, given] of Object.entries(value)) {
    const option = described.find(({ id }) => id === name);
    const isOfKind = typeof given === (option?.kind === 'number' ? 'number' : 'string');
    const read = option && isOfKind ? readOption(option, String(given)) : null;
    if (!read || 'expected' in read) return null;
    options = { ...options, ...read.options };
  }
  return refuseOptions(options) === null ? options : null;
}

/** Why options that are fine one by one do not go together, or null. */
export function refuseOptions({ low, high }: SchemeOptions): string | null {
  return low !== undefined && high !== undefined && low > high ? say('low ({0}) is above high ({1})', low, high) : null;
}
