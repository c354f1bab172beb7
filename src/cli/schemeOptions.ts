import type { OptionDescription, SchemeId, SchemeOptions, SimulatedScheme } from '../protocol/schemes';
import type { SchemeParameters } from '../protocol/simulation';
import { isSchemeId, schemeIds } from '../protocol/schemes';
import { Failure } from '../protocol/failure';
import { readOption, refuseOptions } from '../core/initializers/options';
import { describeScheme, schemeDescriptions } from '../core/initializers/schemes';
import type { ChosenScheme } from '../core/initializers/recipes';
import { globPattern } from '../core/layers/globs';
import type { Layer } from '../core/layers/layer';

/** Every parameter that some scheme takes, as options of the command line. */
export const schemeOptionTable = {
  mode: 'text', direction: 'text', distribution: 'text', gain: 'text', mean: 'text', std: 'text', low: 'text', high: 'text', truncation: 'text', value: 'text',
  sparsity: 'text', omega: 'text', base: 'text',
} as const satisfies Readonly<Record<OptionDescription['id'], 'text'>>;

const optionIds = Object.keys(schemeOptionTable) as readonly OptionDescription['id'][];

export function readScheme(option: string, id: string): SchemeId {
  if (!isSchemeId(id)) throw new Failure('wrong-usage', `--${option}: there is no scheme "${id}"; choose from ${schemeIds.join(', ')}.`);
  return id;
}

export interface RunSchemes {
  readonly schemes: readonly SimulatedScheme[];
  readonly parameters: SchemeParameters;
}

/** Of what can be run: the weights as they are, too; a scheme with its parameters as "he-normal:mode=fan_out,gain=2". */
export function readRunSchemes(given: readonly string[], otherwise: readonly SimulatedScheme[]): RunSchemes {
  const read = given.map(readRunScheme);
  const schemes = read.length === 0 ? otherwise : [...new Set(read.map(({ id }) => id))];
  const twice = read.find(({ id, options }) => read.some((other) => other.id === id && JSON.stringify(other.options) !== JSON.stringify(options)));
  if (twice) throw new Failure('wrong-usage', `--scheme: ${twice.id} is given twice, with other parameters. Run it once more for these.`);
  return { schemes, parameters: Object.fromEntries(read.flatMap(({ id, options }) => (Object.keys(options).length > 0 ? [[id, options]] : []))) };
}

function readRunScheme(text: string): { readonly id: SimulatedScheme; readonly options: SchemeOptions } {
  const [id = '', ...rest] = text.split(':');
  if (id !== 'current' && !isSchemeId(id)) {
    throw new Failure('wrong-usage', `--scheme: there is no scheme "${id}"; choose from current, ${schemeIds.join(', ')}.`);
  }
  const said = rest.join(':');
  if (said === '') return { id, options: {} };
  const given = Object.fromEntries(said.split(',').map((each) => {
    const at = each.indexOf('=');
    return [at < 0 ? each : each.slice(0, at), at < 0 ? '' : each.slice(at + 1)];
  }));
  const taken = id === 'current' ? [] : describeScheme(id).options.map((option) => option.id);
  const unknown = Object.keys(given).find((name) => !taken.some((known) => known === name));
  if (unknown !== undefined) {
    const takes = taken.length === 0 ? 'no parameters' : `${taken.join(', ')}, as ${id}:${taken[0] ?? ''}=VALUE`;
    throw new Failure('wrong-usage', `--scheme: ${id} has no parameter "${unknown}"; it takes ${takes}.`);
  }
  return { id, options: readSchemeOptions(given) };
}

const described = (id: OptionDescription['id']): OptionDescription | undefined => (
  schemeDescriptions.flatMap(({ options }) => options).find((option) => option.id === id));

/** Parameters of schemes. */
export function readSchemeOptions(given: Readonly<Partial<Record<OptionDescription['id'], string | undefined>>>): SchemeOptions {
  let options: SchemeOptions = {};
  for (const id of optionIds) {
    const [text, option] = [given[id], described(id)];
    if (text === undefined || !option) continue;
    const read = readOption(option, text);
    if ('expected' in read) throw new Failure('wrong-usage', `--${id} takes ${read.expected}, not "${text}".`);
    options = { ...options, ...read.options };
  }
  const problem = refuseOptions(options);
  if (problem !== null) throw new Failure('wrong-usage', `--low, --high: ${problem}.`);
  return options;
}

/** A parameter that none of the schemes takes is a mistake, and says who would take it. */
export function refuseUnused(options: SchemeOptions, used: ReadonlySet<SchemeId>): void {
  const ids = [...used];
  for (const id of optionIds) {
    const isTaken = ids.some((scheme) => describeScheme(scheme).options.some((option) => option.id === id));
    if (options[id] === undefined || isTaken) continue;
    const takers = schemeDescriptions.flatMap((scheme) => (scheme.options.some((option) => option.id === id) ? scheme.id : []));
    throw new Failure('wrong-usage', `--${id}: ${ids.join(' and ')} ${ids.length > 1 ? 'take' : 'takes'} none; ${takers.join(', ')} do.`);
  }
}

function takenBy(scheme: SchemeId, options: SchemeOptions): SchemeOptions {
  const ids = new Set<string>(describeScheme(scheme).options.map(({ id }) => id));
  return Object.fromEntries(Object.entries(options).filter(([id]) => ids.has(id)));
}

/** Schemes of single layers: the last GLOB=SCHEME that matches. */
export function readOverrides(layers: readonly Layer[], given: readonly string[], options: SchemeOptions): ReadonlyMap<string, ChosenScheme> {
  const overrides = new Map<string, ChosenScheme>();
  for (const override of given) {
    const at = override.lastIndexOf('=');
    if (at < 1) throw new Failure('wrong-usage', `--layer takes GLOB=SCHEME, not "${override}".`);
    const scheme = readScheme('layer', override.slice(at + 1));
    const glob = override.slice(0, at);
    const pattern = globPattern(glob);
    const matching = layers.filter((layer) => pattern.test(layer.name));
    if (matching.length === 0) throw new Failure('wrong-usage', `--layer ${glob}: no layer has such a name. "initscope inspect" lists them.`);
    for (const layer of matching) overrides.set(layer.name, { scheme, options: takenBy(scheme, options) });
  }
  return overrides;
}
