// What an agent gives a tool: the editor has held it to the schema of package.json where it does so, and nothing is taken on trust.

import { Failure } from '../../protocol/failure';
import type { SchemeId, SimulatedScheme } from '../../protocol/schemes';
import { isSchemeId, schemeIds } from '../../protocol/schemes';
import { isName, isOneOf, isSimulated, isWhole, readNames } from '../fields';

export class ToolInput {
  readonly #fields: ReadonlyMap<string, unknown>;

  constructor(given: unknown) {
    this.#fields = new Map(typeof given === 'object' && given !== null ? Object.entries(given) : []);
  }

  get path(): string {
    const path = this.#fields.get('path');
    if (!isName(path) || path === '') throw refused('path', path, 'the path of a model file');
    return path;
  }

  get layers(): readonly string[] | null {
    const given = this.#fields.get('layers');
    if (given === undefined || given === null) return null;
    const names = readNames(given);
    if (!names || names.length === 0) throw refused('layers', given, 'names of layers; leave it out for all');
    return names;
  }

  get scheme(): SchemeId {
    const given = this.#fields.get('scheme');
    if (typeof given !== 'string' || !isSchemeId(given)) throw refused('scheme', given, `one of ${schemeIds.join(', ')}`);
    return given;
  }

  get schemes(): readonly SimulatedScheme[] {
    const given = this.#fields.get('schemes');
    if (given === undefined) return ['current', 'recommended'];
    if (!Array.isArray(given) || given.length === 0 || !given.every(isSimulated)) throw refused('schemes', given, `some of current, ${schemeIds.join(', ')}`);
    return [...new Set(given)];
  }

  /** Null where nothing is given. */
  whole(name: string, least: number, most = Number.MAX_SAFE_INTEGER): number | null {
    const given = this.#fields.get(name);
    if (given === undefined) return null;
    if (!isWhole(given, least, most)) throw refused(name, given, `a whole number from ${least} to ${most}`);
    return given;
  }

  oneOf<T extends string>(name: string, known: readonly T[], otherwise: T): T {
    const given = this.#fields.get(name);
    if (given === undefined) return otherwise;
    if (!isOneOf(known, given)) throw refused(name, given, `one of ${known.join(', ')}`);
    return given;
  }
}

const refused = (name: string, found: unknown, wanted: string): Failure => (
  new Failure('wrong-usage', `${name} is ${found === undefined ? 'missing' : JSON.stringify(found).slice(0, 100)}, and is to be ${wanted}.`));
