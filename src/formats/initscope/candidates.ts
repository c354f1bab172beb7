// Schemes that may be what a weight is drawn by: those that one would write down first come first, and whoever asks looks which draw it so.

import { recipeBlocks } from '../../core/initializers/advice';
import type { Place } from '../../core/initializers/scheme';
import { cutNormal } from '../../core/initializers/distributions';
import { recommend } from '../../core/initializers/recommendation';
import { isSameLaw } from '../../core/initializers/sameLaw';
import { schemeOf } from '../../core/initializers/schemes';
import { normalQuantile } from '../../core/kernels/random';
import type { Recipe, RecipeBlock, Sampler } from '../../protocol/recipe';
import type { OptionDescription, SchemeOptions, ValueOrigin } from '../../protocol/schemes';
import { drawnBy } from './declare';
import type { NamedId, NamedScheme, Role } from './initializers';
import { namedId, namedScheme } from './initializers';

/** A weight, and what it is to start by. */
export interface Asked {
  readonly role: Role;
  readonly place: Place;
  readonly blocks: readonly RecipeBlock[];
  /** Where that comes from; null for what it starts by already. */
  readonly origin: Recipe['origin'] | null;
  /** The scheme that draws it now, if it is one. */
  readonly by: NamedScheme | null;
  /** What draws it and others as they are to be drawn. */
  readonly shared?: readonly NamedScheme[];
}

/** What lectures name, in the order in which they do. */
const usual: readonly NamedId[] = [
  'xavier-normal', 'xavier-uniform', 'he-normal', 'he-uniform', 'lecun-normal', 'lecun-uniform', 'orthogonal', 'identity', 'delta-orthogonal', 'moments',
  'zeros', 'ones',
];

export function* candidatesFor(asked: Asked): Generator<NamedScheme> {
  const { place, origin, by } = asked;
  if (by && !origin) yield namedScheme(by.id, by.options);
  yield* asked.shared ?? [];
  const own = origin && wordOf(origin.scheme);
  const advice = recommend(place.layer, place.weight)?.recommendation;
  const advised = advice ? wordOf(advice.scheme) : null;
  for (const id of [own, advised, ...usual]) if (id !== null) yield namedScheme(id);
  if (advice && advised !== null) yield namedScheme(advised, known(advised, { ...(advice.gain === null ? {} : { gain: tidy(advice.gain) }) }));
  if (own !== null) yield* variants(asked, own);
  const numbers = byNumbers(asked.blocks[0]?.sampler);
  if (numbers) yield numbers;
}

/** The word for a scheme: of LSUV, which a run decides, that of what it starts from; none of what is decided layer by layer. */
function wordOf(scheme: ValueOrigin): NamedId | null {
  if (scheme === 'learned') return null;
  return scheme === 'lsuv' ? 'orthogonal' : namedId(scheme);
}

/** The scheme that kernels come from, with the options by which it draws all of them: one layer alone could be drawn by others, too. */
export function sharedSchemes(asked: readonly Asked[]): readonly NamedScheme[] {
  const kernels = asked.filter(({ role, origin }) => role === 'kernel' && origin !== null && origin.scheme !== 'recommended');
  const [first] = kernels;
  const id = first?.origin && wordOf(first.origin.scheme);
  if (!first || !id || kernels.some(({ origin }) => origin?.scheme !== first.origin?.scheme)) return [];
  const draws = ({ role, place, blocks }: Asked, scheme: NamedScheme): boolean => {
    const drawn = drawnBy(role, place, scheme);
    return drawn !== null && isSameLaw(recipeBlocks(drawn.blocks), blocks, place.weight.tensor.shape);
  };
  return [namedScheme(id), ...variants(first, id)].filter((scheme) => kernels.every((each) => draws(each, scheme))).slice(0, 1);
}

/** A scheme with every choice it has, then with a factor that makes its spread the one that is asked for. */
function* variants(asked: Asked, id: NamedId): Generator<NamedScheme> {
  const { options } = schemeOf(id);
  const scale = options.find((option) => option.kind === 'number' && (option.id === 'gain' || option.id === 'std'))?.id;
  const choices = choicesOf(options);
  for (const chosen of choices) yield namedScheme(id, chosen);
  if (scale === undefined) return;
  for (const chosen of choices) {
    const one = drawnBy(asked.role, asked.place, { id, options: { ...chosen, [scale]: 1 } })?.blocks[0]?.resolved.sampler;
    const [unit, wanted] = [one && spreadOf(one), spreadOf(asked.blocks[0]?.sampler)];
    if (unit && wanted) yield namedScheme(id, { ...chosen, [scale]: tidy(wanted / unit) });
  }
}

function choicesOf(options: readonly OptionDescription[]): readonly SchemeOptions[] {
  return options.reduce<readonly SchemeOptions[]>((all, option) => (
    option.kind === 'choice' ? option.choices.flatMap((choice) => all.map((each) => ({ ...each, [option.id]: choice }))) : all), [{}]);
}

/** Those of the options that the scheme takes. */
function known(id: NamedId, options: SchemeOptions): SchemeOptions {
  const names: readonly string[] = schemeOf(id).options.map((option) => option.id);
  return Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name)));
}

/** What a factor multiplies. */
function spreadOf(sampler: Sampler | undefined): number | null {
  switch (sampler?.kind) {
    case 'normal': case 'truncated-normal': return sampler.std;
    case 'uniform': return sampler.high - sampler.low;
    case 'orthogonal': case 'identity': return sampler.gain;
    default: return null;
  }
}

/** The numbers themselves. */
function byNumbers(sampler: Sampler | undefined): NamedScheme | null {
  switch (sampler?.kind) {
    case 'constant': return namedScheme('constant', { value: sampler.value });
    case 'normal': return namedScheme('normal', { std: sampler.std, mean: sampler.mean });
    case 'uniform': return namedScheme('uniform', { low: sampler.low, high: sampler.high });
    case 'truncated-normal': {
      const { mean, std, tail } = sampler;
      if (tail === 0) return null;
      const truncation = tidy(-normalQuantile(tail));
      return namedScheme('truncated-normal', { std: tidy(std * cutNormal(truncation).std), mean, truncation });
    }
    default: return null;
  }
}

/** Without the digits that rounding has left of a short number. */
function tidy(value: number): number {
  for (let digits = 1; digits <= shortDigits; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.abs(short - value) <= roundingError * Math.abs(value)) return short;
  }
  return value;
}

const shortDigits = 9;
const roundingError = 1e-12;
