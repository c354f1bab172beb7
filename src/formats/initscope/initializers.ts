// How a network says that its weights start: schemes by their names, for all weights, for a role, or for a layer.

import { readOption, refuseOptions } from '../../core/initializers/options';
import { schemeOf } from '../../core/initializers/schemes';
import type { SchemeId, SchemeOptions } from '../../protocol/schemes';
import { schemeIds } from '../../protocol/schemes';
import type { JsonView } from '../json/view';
import { meant } from './suggest';
import { Written, refusal, shown } from './written';

/** What a weight is to its layer. */
export const roles = ['kernel', 'recurrent', 'output', 'bias', 'embedding', 'position', 'gamma', 'beta', 'slope'] as const;
export type Role = (typeof roles)[number];

/** What a text can name: neither what is advised nor what a run measures is a law. */
export type NamedId = Exclude<SchemeId, 'recommended' | 'lsuv'>;

export interface NamedScheme {
  readonly id: NamedId;
  readonly options: SchemeOptions;
  /** "normal, std 1" */
  readonly called: string;
  /** Where it stands; nowhere if it is a default. */
  readonly view: JsonView | null;
}

export interface Initializers {
  /** Of all weights that it has something to say of. */
  readonly all: NamedScheme | null;
  readonly own: ReadonlyMap<Role, NamedScheme>;
}

export const noInitializers: Initializers = { all: null, own: new Map() };

/** Schemes that look at no fans, and so draw anything. */
export const fixedNumbers = ['zeros', 'ones', 'constant', 'normal', 'uniform', 'truncated-normal'] as const satisfies readonly NamedId[];

export const namedIds: readonly NamedId[] = schemeIds.flatMap((id) => namedId(id) ?? []);

export function namedId(id: SchemeId): NamedId | null {
  return id === 'recommended' || id === 'lsuv' ? null : id;
}

/** Whether weights of that role multiply a signal, so that schemes that count fans draw them. */
export const isKernel = (role: string): boolean => role === 'kernel' || role === 'recurrent' || role === 'output';

/** Those that a role can be given. */
export const allowedFor = (role: Role): readonly NamedId[] => (isKernel(role) ? namedIds : fixedNumbers);

/** What a role is given where it stands among others: what puts heads together is a kernel like others, unless it has a scheme of its own. */
export const ownOf = ({ own }: Pick<Initializers, 'own'>, role: Role): NamedScheme | null => (
  own.get(role) ?? (role === 'output' ? own.get('kernel') : null) ?? null);

/** One word for what is asked for most; a normal is meant where nothing else is said, as in the papers' own experiments. */
const shortWords: Readonly<Record<string, { readonly id: NamedId; readonly options: SchemeOptions }>> = {
  'xavier': { id: 'xavier-normal', options: {} }, 'he': { id: 'he-normal', options: {} }, 'lecun': { id: 'lecun-normal', options: {} },
  'standard-normal': { id: 'normal', options: { std: 1 } },
};

/** Everything that may stand for a scheme. */
export const schemeWords: readonly string[] = [...Object.keys(shortWords), ...namedIds];

export function readInitializers(view: JsonView | null, allowed: readonly Role[] = roles): Initializers {
  if (!view) return noInitializers;
  if (view.value.kind !== 'object' || view.find('scheme')) return { all: readScheme(view, namedIds), own: new Map() };
  const written = new Written(view, [...allowed, 'comment'], 'an initializer here');
  const own = allowed.flatMap((role): [Role, NamedScheme][] => {
    const found = written.find(role);
    return found ? [[role, readScheme(found, allowedFor(role))]] : [];
  });
  if (own.length === 0) throw refusal(view, 'names no scheme', `Write one of ${allowed.join(', ')} in it, or "scheme".`);
  return { all: null, own: new Map(own) };
}

function readScheme(view: JsonView, allowed: readonly NamedId[]): NamedScheme {
  if (view.value.kind !== 'object') return schemeNamed(view, view, allowed);
  const word = view.get('scheme');
  const { id, options, called } = schemeNamed(word, view, allowed);
  const described = schemeOf(id).options;
  const written = new Written(view, ['scheme', 'comment', ...described.map((option) => option.id)], `the scheme ${called}`);
  let read = options;
  for (const option of described) {
    const given = written.find(option.id);
    if (!given) continue;
    const result = readOption(option, option.kind === 'number' ? String(given.number()) : given.text());
    if ('expected' in result) throw given.wrong(result.expected);
    read = { ...read, ...result.options };
  }
  const refused = refuseOptions(read);
  if (refused !== null) throw refusal(view, `is impossible: ${refused}`, 'Swap them.');
  return { id, options: read, called: calledBy(id, read), view };
}

function schemeNamed(word: JsonView, view: JsonView, allowed: readonly NamedId[]): NamedScheme {
  const name = word.text();
  if (name === 'recommended') {
    throw refusal(word, 'is "recommended", which depends on what Initscope recommends', 'Write the scheme itself: the inspector says which it is.');
  }
  const short = Object.hasOwn(shortWords, name) ? shortWords[name] : undefined;
  const id = short?.id ?? namedIds.find((each) => each === name);
  if (id === undefined) throw refusal(word, `is ${shown(name)}, which is no scheme`, meant(name, schemeWords));
  if (!allowed.includes(id)) {
    throw refusal(word, `is ${shown(name)}, which is drawn by the fans of a kernel, and there is none here`, `Choose from ${allowed.join(', ')}.`);
  }
  const own = short?.options ?? {};
  return { id, options: own, called: calledBy(id, own), view };
}

/** "normal, std 1" */
function calledBy(id: NamedId, options: SchemeOptions): string {
  return [id, ...Object.entries(options).map(([name, value]) => `${name} ${value}`)].join(', ');
}

/** One that stands nowhere. */
export const namedScheme = (id: NamedId, options: SchemeOptions = {}): NamedScheme => ({ id, options, called: calledBy(id, options), view: null });

/** As one would write it: a word, where its parameters are those that it has anyhow. */
export function spelled({ id, options }: Pick<NamedScheme, 'id' | 'options'>): string | Readonly<Record<string, string | number>> {
  const usual = new Map(schemeOf(id).options.map((option) => [option.id, option.otherwise] as const));
  const own = Object.entries(options).filter(([name, value]) => !isUsual(usual, name, value));
  if (own.length === 0) return id;
  const isShort = id === 'normal' && own.length === 1 && options.std === 1;
  return isShort ? 'standard-normal' : { scheme: id, ...Object.fromEntries(own) };
}

const isUsual = (usual: ReadonlyMap<string, unknown>, name: string, value: unknown): boolean => usual.get(name) === value;
