// New initialisers for a network, as changes of its text: for each layer as it is written, what gives all its weights, of all its copies, their laws.

import type { Place } from '../../core/initializers/scheme';
import { isSameLaw } from '../../core/initializers/sameLaw';
import type { Recipe, RecipeBlock } from '../../protocol/recipe';
import type { Replacement } from '../files/replacement';
import type { Declared } from '../format';
import type { JsonDocument } from '../json/scan';
import type { Asked } from './candidates';
import { candidatesFor } from './candidates';
import type { WrittenWeight } from './declare';
import { lawOf } from './declare';
import type { Initializers, NamedScheme, Role } from './initializers';
import { allowedFor, noInitializers } from './initializers';
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
  const replacements: Replacement[] = [];
  const left = new Map<string, string>();
  const read = new Set(weights.map(({ value }) => value));
  for (const id of recipes.keys()) if (!read.has(id)) left.set(id, 'the text has no such weight any more');
  const layers = new Map<string, Wish[]>();
  for (const weight of weights) {
    const { value, role, shape, layer: { view: { path } } } = weight;
    const place = places.get(value);
    const law = place && lawOf(weight, place, weight.initializers);
    if (!place || !law?.blocks) continue;
    const { blocks: now, scheme: by } = law;
    const recipe = recipes.get(value);
    if (role === 'mean' || role === 'variance') {
      if (recipe && !isSameLaw(recipe.blocks, now, shape)) left.set(value, 'it is a running statistic, which every network starts at the same');
      continue;
    }
    const wish: Wish = { weight, role, place, now, blocks: recipe?.blocks ?? now, origin: recipe?.origin ?? null, by, isGiven: recipe !== undefined };
    const known = layers.get(path);
    if (known) known.push(wish);
    else layers.set(path, [wish]);
  }
  for (const wishes of layers.values()) {
    if (wishes.every((wish) => isSameLaw(wish.blocks, wish.now, wish.weight.shape))) continue;
    const change = declareLayer(document, wishes);
    for (const [id, reason] of change.left) left.set(id, reason);
    replacements.push(...change.replacements);
  }
  return { replacements, left };
}

/** Of the weights that one object of the text declares: all of a layer, and of its copies. */
function declareLayer(document: JsonDocument, wishes: readonly Wish[]): Declared {
  const [first] = wishes;
  const left = new Map<string, string>();
  if (!first) return { replacements: [], left };
  const [own = noInitializers] = first.weight.initializers;
  // A role that cannot have what it is to have stays as it is.
  const possible = rolesOf(wishes).flatMap((role) => {
    const alike = wishes.filter((wish) => wish.role === role);
    if (alike.every((wish) => isSameLaw(wish.blocks, wish.now, wish.weight.shape)) || statementFor(alike, own) !== null) return alike;
    for (const [id, reason] of whyLeft(alike, (few) => statementFor(few, own) !== null)) left.set(id, reason);
    return alike.map((wish): Wish => ({ ...wish, blocks: wish.now, origin: null }));
  });
  if (holds(possible, own)) return { replacements: [], left };
  const found = shortest(possible, own);
  if (found) return { replacements: writeInitializers(document, first.weight.layer, found), left };
  for (const { isGiven, weight: { value } } of wishes) if (isGiven && !left.has(value)) left.set(value, 'its layer cannot say so beside what else it says');
  return { replacements: [], left };
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
