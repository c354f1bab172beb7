// New initialisers for a configuration, as changes of its text: each field by which variables are declared is written once.

import type { Tensor } from '../../core/graph/tensor';
import type { Recipe } from '../../protocol/recipe';
import { say } from '../../protocol/words';
import type { Declared } from '../format';
import type { Replacement } from '../files/replacement';
import { putEntry } from '../json/edit';
import { laidOut } from '../json/layout';
import { objectAt } from '../json/path';
import type { JsonDocument } from '../json/scan';
import type { JsonObject } from '../json/value';
import { plainOf } from '../json/plain';
import type { Dialect } from './dialect';
import { isObject } from './fields';
import type { Spelling, Wanted } from './spelling';
import { opensForget, spell } from './spelling';

interface Declaring { readonly tensor: Tensor; readonly recipe: Recipe }

/** What tensors are to start by; `all` are those of the network, of which several may have one field. */
export function declareRecipes(document: JsonDocument, dialect: Dialect, all: readonly Tensor[], recipes: ReadonlyMap<string, Recipe>): Declared {
  const fields = new Map<string, Tensor[]>();
  for (const tensor of all) {
    const at = tensor.declared?.at;
    if (at) fields.set(`${at.path} ${at.field}`, [...fields.get(`${at.path} ${at.field}`) ?? [], tensor]);
  }
  const manner = mannerOf(document, dialect);
  const replacements: Replacement[] = [];
  const left = new Map<string, string>();
  for (const tensor of all) if (recipes.has(tensor.id) && !tensor.declared?.at) left.set(tensor.id, say('its layer has no field for it'));
  for (const tensors of fields.values()) {
    const given = tensors.flatMap((tensor) => {
      const recipe = recipes.get(tensor.id);
      return recipe ? [{ tensor, recipe }] : [];
    });
    if (given.length === 0) continue;
    const others = tensors.filter(({ id }) => !recipes.has(id));
    const problem = others.length > 0 ? say('{0} is declared by the same field, and is to stay', others[0]?.id ?? '') : null;
    const written = problem ?? writeField(manner, given);
    if (typeof written === 'string') for (const { tensor } of given) left.set(tensor.id, written);
    else replacements.push(...written);
  }
  return { replacements, left };
}

/** How a file writes initialisers, looked for once, where a field is written. */
interface Manner {
  readonly document: JsonDocument;
  readonly dialect: Dialect;
  /** Any initialiser of it. */
  readonly sample: () => Readonly<Record<string, unknown>> | null;
  readonly knowsAxes: () => boolean;
}

function mannerOf(document: JsonDocument, dialect: Dialect): Manner {
  return { document, dialect, sample: once(() => sampleIn(plainOf(document))), knowsAxes: once(() => textOf(document).includes('"input_axes"')) };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}

function writeField(manner: Manner, given: readonly Declaring[]): readonly Replacement[] | string {
  const { dialect } = manner;
  const at = given[0]?.tensor.declared?.at;
  const object = at && objectAt(manner.document.root, at.path);
  if (!at || !object) return say('its layer is not where it was read');
  const wanted = given.map(({ tensor: { shape, declared }, recipe: { blocks } }): Wanted =>
    ({ shape, blocks, fans: declared?.fans ?? { fanIn: 1, fanOut: 1 } }));
  const owner = given[0]?.tensor.id ?? '';
  const forgets = given.some(({ tensor }) => tensor.declared?.opensForget !== undefined);
  const isOpen = forgets && wanted.every(opensForget);
  const spelling = isOpen ? { className: 'Zeros', config: {} } : spell(wanted, dialect);
  if (!spelling) {
    const library = dialect.library === 'tfjs' ? 'TensorFlow.js' : `Keras${dialect.version === '' ? '' : ` ${dialect.version}`}`;
    return given.length === 1 ? say('no initialiser of {0} draws it so', library)
      : say('one field declares {0} weights, and no initialiser of {1} draws each of them so', given.length, library);
  }
  const isFlagged = !forgets || given.every(({ tensor }) => tensor.declared?.opensForget === isOpen);
  const change = put(manner, object, at.field, spelling, owner);
  return isFlagged ? change : [...change, putEntry(object, 'unit_forget_bias', JSON.stringify(isOpen), owner)];
}

/** The initialiser as this file writes them: with the fields that others of its version have, and laid out as what was there; nothing where it is that. */
function put({ document, sample: anyOf, knowsAxes }: Manner, object: JsonObject, field: string, { className, config }: Spelling,
  owner: string): readonly Replacement[] {
  const known = object.entries.get(field)?.value;
  const before = known && plainOf(document, known);
  const sample = isObject(before) ? before : anyOf();
  const axes = Object.hasOwn(isObject(sample?.config) ? sample.config : {}, 'input_axes') || knowsAxes();
  const scaled = 'seed' in config && className !== 'Orthogonal' && !className.startsWith('Random') && className !== 'TruncatedNormal';
  const own = axes && scaled ? { ...config, input_axes: null, output_axes: null } : config;
  const value = sample && Object.hasOwn(sample, 'module')
    ? { module: 'keras.initializers', class_name: className, config: own, registered_name: null } : { class_name: className, config: own };
  return JSON.stringify(before) === JSON.stringify(value) ? [] : [putEntry(object, field, laidOut(document, known, value), owner)];
}

function sampleIn(value: unknown): Readonly<Record<string, unknown>> | null {
  const parts = isObject(value) ? Object.values(value) : Array.isArray(value) ? value : [];
  const own = isObject(value) ? Object.entries(value).find(([key, each]) => key.endsWith('_initializer') && isObject(each))?.[1] : undefined;
  if (isObject(own)) return own;
  for (const part of parts) {
    const found = sampleIn(part);
    if (found) return found;
  }
  return null;
}

const textOf = ({ source }: JsonDocument): string => Buffer.from(source.read(0, Math.min(source.size, 1 << 26))).toString('latin1');
