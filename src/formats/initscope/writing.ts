// Puts what a layer says of its initializers into the text: no more of it changes than has to, and in the layout that it has.

import type { Replacement } from '../files/replacement';
import { replaceBy } from '../files/replacement';
import { putEntry, removeEntry } from '../json/edit';
import { isWide, laidOut, spaceIn } from '../json/layout';
import { plainOf } from '../json/plain';
import type { JsonDocument } from '../json/scan';
import type { JsonObject } from '../json/value';
import type { WrittenWeight } from './declare';
import type { Initializers, NamedScheme } from './initializers';
import { spelled } from './initializers';

const field = 'initializer';

export function writeInitializers(document: JsonDocument, { path, type, view: { value } }: WrittenWeight['layer'], said: Initializers): readonly Replacement[] {
  if (value.kind !== 'object') {
    const text = laidOut(document, undefined, { [type]: true, [field]: plainly(document, said) }, true);
    return [replaceBy(value.start, value.end, new TextEncoder().encode(text), path)];
  }
  if (!said.all && said.own.size === 0) return removeEntry(value, field, path);
  const known = value.entries.get(field)?.value;
  const edits = known?.kind === 'object' && !said.all && !known.entries.has('scheme') ? editRoles(document, known, said.own, path) : null;
  if (edits) return edits;
  const comment = known?.kind === 'object' ? known.entries.get('comment')?.value : undefined;
  const own = plainly(document, said);
  const json = !comment ? own : { ...(typeof own === 'string' ? { scheme: own } : own), comment: plainOf(document, comment) };
  return [putEntry(value, field, laidOut(document, known, json, isWide(document, value)), path, spaceIn(document, value), 'layers')];
}

/** Changes of single roles; null where that is no simple one. */
function editRoles(document: JsonDocument, known: JsonObject, own: Initializers['own'], owner: string): readonly Replacement[] | null {
  const before = [...known.entries.keys()].filter((key) => key !== 'comment');
  const removed = before.filter((role) => ![...own.keys()].some((each) => each === role));
  const changed = [...own].filter(([role, { view }]) => view === null || !before.includes(role));
  if (removed.length + changed.filter(([role]) => !before.includes(role)).length > 1) return null;
  const put = changed.map(([role, scheme]) => {
    const value = known.entries.get(role)?.value;
    const json = laidOut(document, value, schemeJson(document, scheme), isWide(document, known));
    return putEntry(known, role, json, owner, spaceIn(document, known));
  });
  return [...removed.flatMap((role) => removeEntry(known, role, owner)), ...put];
}

type Json = string | Readonly<Record<string, unknown>>;

function plainly(document: JsonDocument, { all, own }: Initializers): Json {
  return all ? schemeJson(document, all) : Object.fromEntries([...own].map(([role, scheme]) => [role, schemeJson(document, scheme)]));
}

/** As it stands in the text, if it does. */
function schemeJson(document: JsonDocument, scheme: NamedScheme): Json {
  const known = scheme.view && plainOf(document, scheme.view.value);
  if (typeof known === 'string') return known;
  return typeof known === 'object' && known !== null ? { ...known } : spelled(scheme);
}
