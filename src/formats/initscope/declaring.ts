// New initialisers for a network, as changes of its text: for each layer as it is written, what gives all its weights, of all its copies, their laws.

import type { Place } from '../../core/initializers/scheme';
import { isSameLaw } from '../../core/initializers/sameLaw';
import type { Recipe, RecipeBlock } from '../../protocol/recipe';
import type { Declared } from '../format';
import type { JsonDocument } from '../json/scan';
import { JsonView } from '../json/view';
import type { Asked } from './candidates';
import { candidatesFor, sharedSchemes } from './candidates';
import type { WrittenWeight } from './declare';
import { lawOf } from './declare';
import type { Initializers, NamedScheme, Role } from './initializers';
import { allowedFor, noInitializers, spelled } from './initializers';
import { whyLeft } from './left';
import { writeInitializers } from './writing';

/** A text, and the network that it is. */
export interface ReadText {
  readonly document: JsonDocument;
  readonly weights: readonly WrittenWeight[];
  readonly places: ReadonlyMap<string, Place>;
}

/** A weight of a layer, and what it is to start by. */
export interface Wish extends Asked {
  readonly weight: WrittenWeight;
  readonly now: readonly RecipeBlock[];
  readonly isGiven: boolean;
}

export function declareRecipes({ document, weights, places }: ReadText, recipes: ReadonlyMap<string, Recipe>): Declared {
  const left = new Map<string, string>();
  const read = new Set(weights.map(({ value }) => value));
  for (const id of recipes.keys()) if (!read.has(id)) left.set(id, 'the text has no such weight any more');
  const asked = weights.flatMap((weight): readonly Wish[] => {
    const { value, role, shape } = weight;
    const place = places.get(value);
    const law = place && lawOf(weight, place, weight.initializers);
    if (!place || !law?.blocks) return [];
    const { blocks: now, scheme: by } = law;
    const recipe = recipes.get(value);
    if (role === 'mean' || role === 'variance') {
      if (recipe && !isSameLaw(recipe.blocks, now, shape)) left.set(value, 'it is a running statistic, which every network starts at the same');
      return [];
    }
    return [{ weight, role, place, now, blocks: recipe?.blocks ?? now, origin: recipe?.origin ?? null, by, isGiven: recipe !== undefined }];
  });
  const shared = sharedSchemes(asked);
  const wishes = shared.length === 0 ? asked : asked.map((wish) => ({ ...wish, shared }));
  const statements = statementsFor(wishes);
  const shorter = underDefault(JsonView.of(document), wishes, statements) ?? statements;
  for (const statement of shorter) for (const [id, reason] of statement.left) left.set(id, reason);
  return { replacements: shorter.flatMap(({ layer, said }) => (said ? writeInitializers(document, layer, said) : [])), left };
}

/** What the text is to say at a place, if anything, and what cannot be said there. */
interface Statement {
  readonly layer: WrittenWeight['layer'];
  readonly said: Initializers | null;
  readonly left: ReadonlyMap<string, string>;
}

/** For each layer that does not start as it is to: for all its weights, and those of its copies. */
function statementsFor(wishes: readonly Wish[]): readonly Statement[] {
  const layers = new Map<string, Wish[]>();
  for (const wish of wishes) {
    const { path } = wish.weight.layer.view;
    const known = layers.get(path);
    if (known) known.push(wish);
    else layers.set(path, [wish]);
  }
  return [...layers.values()].flatMap((own) => (own.every((wish) => isSameLaw(wish.blocks, wish.now, wish.weight.shape)) ? [] : statementOf(own)));
}

function statementOf(wishes: readonly Wish[]): readonly Statement[] {
  const [first] = wishes;
  if (!first) return [];
  const left = new Map<string, string>();
  const { layer, initializers: [own = noInitializers] } = first.weight;
  const isPossible = (alike: readonly Wish[]): boolean => (
    alike.every((wish) => isSameLaw(wish.blocks, wish.now, wish.weight.shape)) || statementFor(alike, own) !== null);
  const groups = rolesOf(wishes).map((role) => wishes.filter((wish) => wish.role === role));
  // What no role can say by itself, as biases that go with their kernel, a scheme for all may.
  const able = new Set(groups.filter(isPossible));
  const isOne = able.size < groups.length && forAll(wishes) !== null;
  // A role that cannot have what it is to have stays as it is.
  const sayable = groups.flatMap((alike) => {
    if (isOne || able.has(alike)) return alike;
    for (const [id, reason] of whyLeft(alike, (few) => statementFor(few, own) !== null)) left.set(id, reason);
    return alike.map((wish): Wish => ({ ...wish, blocks: wish.now, origin: null }));
  });
  const possible = withoutPartners(sayable, left);
  if (holds(possible, own)) return [{ layer, said: null, left }];
  const said = shortest(possible, own);
  if (said) return [{ layer, said, left }];
  for (const { isGiven, weight: { value } } of wishes) if (isGiven && !left.has(value)) left.set(value, 'its layer cannot say so beside what else it says');
  return [{ layer, said: null, left }];
}

/** Biases that are recommended with their kernels are worth nothing without them: they stay where those do. */
function withoutPartners(wishes: readonly Wish[], left: Map<string, string>): readonly Wish[] {
  if (!wishes.some(({ role, weight }) => role === 'kernel' && left.has(weight.value))) return wishes;
  return wishes.map((wish): Wish => {
    const { role, origin, blocks, now, isGiven, weight } = wish;
    if (role !== 'bias' || origin?.scheme !== 'recommended' || isSameLaw(blocks, now, weight.shape)) return wish;
    if (isGiven) left.set(weight.value, 'it goes with the kernel of its layer, which stays');
    return { ...wish, blocks: now, origin: null };
  });
}

/**
 * One statement for the whole network, that of most layers, and those of the others; null where that is no less to write, or hardly less in a text that
 * says nothing of the whole.
 */
function underDefault(network: JsonView, wishes: readonly Wish[], statements: readonly Statement[]): readonly Statement[] | null {
  const all = mostFrequent(statements.flatMap(({ said }) => (said?.all && said.own.size === 0 ? [said.all] : [])));
  if (!all) return null;
  const said = { all, own: noInitializers.own };
  const under = wishes.flatMap((wish): readonly Wish[] => {
    const { initializers } = wish.weight;
    if ((initializers.at(-1)?.own.size ?? 0) > 0) return [];
    const weight = { ...wish.weight, initializers: [...initializers.slice(0, -1), said] };
    const { blocks: now, scheme: by } = lawOf(weight, wish.place, weight.initializers);
    return now ? [{ ...wish, weight, now, by }] : [];
  });
  if (under.length < wishes.length) return null;
  const others = statementsFor(under);
  const countLeft = (each: readonly Statement[]): number => each.reduce((sum, { left }) => sum + left.size, 0);
  const least = wishes[0]?.weight.initializers.at(-1)?.all ? 1 : 2;
  if (statements.length - others.length - 1 < least || countLeft(others) > countLeft(statements)) return null;
  return [{ layer: { path: network.path, type: '', view: network }, said, left: new Map() }, ...others];
}

function mostFrequent(schemes: readonly NamedScheme[]): NamedScheme | null {
  const counts = new Map<string, { readonly scheme: NamedScheme; count: number }>();
  for (const scheme of schemes) {
    const key = JSON.stringify(spelled(scheme));
    const known = counts.get(key);
    if (known) known.count++;
    else counts.set(key, { scheme, count: 1 });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count)[0]?.scheme ?? null;
}

const rolesOf = (wishes: readonly Wish[]): readonly Role[] => [...new Set(wishes.map(({ role }) => role))];

/** Whether a layer that says so itself draws these weights as they are to be drawn. */
function holds(wishes: readonly Wish[], own: Initializers): boolean {
  return wishes.every(({ weight, place, blocks }) => {
    const [, ...around] = weight.initializers;
    const { blocks: found } = lawOf(weight, place, [own, ...around]);
    return found !== null && isSameLaw(found, blocks, weight.shape);
  });
}

/**
 * What a layer has to say of a role: a scheme, or nothing ("silent"); null where there is nothing that gives these weights their laws. `beside`: what it
 * says of other roles.
 */
function statementFor(alike: readonly Wish[], own: Initializers, beside: Initializers['own'] = noInitializers.own): NamedScheme | 'silent' | null {
  const [first] = alike;
  if (!first) return 'silent';
  const allowed = allowedFor(first.role);
  const fits = (scheme: NamedScheme): boolean => allowed.includes(scheme.id) && holds(alike, { all: null, own: new Map([...beside, [first.role, scheme]]) });
  const known = own.own.get(first.role);
  if (known && fits(known)) return known;
  const isSilent = holds(alike, { all: null, own: beside });
  if (isSilent && !known) return 'silent';
  if (own.all && fits(own.all)) return own.all;
  for (const candidate of candidatesFor(first)) if (fits(candidate)) return candidate;
  return isSilent ? 'silent' : null;
}

/** What a layer can say of all its weights: a scheme for all, or one for each role that needs it, as it does already. */
function shortest(wishes: readonly Wish[], own: Initializers): Initializers | null {
  const isByRole = own.own.size > 0;
  return isByRole ? byRoles(wishes, own) ?? forAll(wishes) : forAll(wishes) ?? byRoles(wishes, own);
}

function forAll(wishes: readonly Wish[]): Initializers | null {
  const main = wishes.find(({ role }) => role === 'kernel') ?? wishes[0];
  if (!main) return null;
  for (const all of candidatesFor(main)) {
    const said = { all, own: new Map<Role, NamedScheme>() };
    if (holds(wishes, said)) return said;
  }
  return null;
}

function byRoles(wishes: readonly Wish[], own: Initializers): Initializers | null {
  const said = new Map<Role, NamedScheme>();
  for (const role of rolesOf(wishes)) {
    const statement = statementFor(wishes.filter((wish) => wish.role === role), own, said);
    if (statement === null) return null;
    if (statement !== 'silent') said.set(role, statement);
  }
  const found = { all: null, own: said };
  return holds(wishes, found) ? found : null;
}
