// Names of layers in blocks, and what they stand for where they are read.

import type { Failure } from '../../protocol/failure';
import type { JsonView } from '../json/view';
import { nearest } from './suggest';
import { refusal, shown } from './written';

/** Longer names are none. */
const longestName = 100;
/** Names are parts of paths, and stand in lines. */
const unwanted = /[/\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

export const pathOf = (scope: string, name: string): string => (scope === '' ? name : `${scope}/${name}`);

export function readName(view: JsonView, name = view.text()): string {
  if (name.trim() !== '' && name.length <= longestName && !unwanted.test(name)) return name;
  throw refusal(view, `is ${shown(name)}, which is no name`, `Take 1 to ${longestName} characters, and no "/", which stands between a block and its layer.`);
}

/** Paths that are taken, and those that are given to layers nobody has named. */
export class Paths {
  readonly #taken = new Set<string>();
  readonly #counts = new Map<string, number>();

  /** "conv2" of the second convolution of a block. */
  numbered(scope: string, type: string): string {
    const stem = pathOf(scope, type);
    let count = this.#counts.get(stem) ?? 0;
    do count++; while (this.#taken.has(`${stem}${count}`));
    this.#counts.set(stem, count);
    this.#taken.add(`${stem}${count}`);
    return `${stem}${count}`;
  }

  named(scope: string, name: string, view: JsonView): string {
    const path = pathOf(scope, name);
    if (this.#taken.has(path)) throw refusal(view, `is ${shown(name)}, as something before is called`, 'Choose another name.');
    this.#taken.add(path);
    return path;
  }
}

/** What stands under a name: in the block itself, or in one around it. */
export function lookUp<T>(made: ReadonlyMap<string, T>, scope: string, view: JsonView, root: JsonView): T {
  const name = view.text();
  for (let around = scope; ; around = around.slice(0, Math.max(0, around.lastIndexOf('/')))) {
    const found = made.get(pathOf(around, name));
    if (found !== undefined) return found;
    if (around === '') throw missing([...made.keys()], name, view, root);
  }
}

function missing(known: readonly string[], name: string, view: JsonView, root: JsonView): Failure {
  if (isNamedIn(root, name)) {
    return refusal(view, `reads ${shown(name)} before it is made, or from outside of its block`,
      'A layer reads what stands before it, so that nothing goes round in a circle; a layer in a block is read as "block/layer".');
  }
  const inside = known.find((path) => path.endsWith(`/${name}`));
  const near = inside ?? nearest(name, known.slice(-mostCompared));
  const remedy = near === null ? 'Give the layer that is meant a "name".' : `Did you mean "${near}"?`;
  return refusal(view, `reads ${shown(name)}, and no layer is called that`, remedy);
}

/** Names that a misspelt one is compared with. */
const mostCompared = 1000;

/** Whether somebody bears that name somewhere in the text. */
function isNamedIn({ value }: JsonView, name: string): boolean {
  const waiting = [value];
  for (let each = waiting.pop(); each; each = waiting.pop()) {
    if (each.kind === 'array') waiting.push(...each.items);
    if (each.kind !== 'object') continue;
    for (const [key, entry] of each.entries) {
      if (key === 'name' && entry.value.kind === 'string' && entry.value.text === name) return true;
      waiting.push(entry.value);
    }
  }
  return false;
}
