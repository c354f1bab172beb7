import type { Graph } from './graph';
import { graphsIn } from './graph';

/** The names of nodes and values that are taken, and new ones that are not. */
export class Names {
  readonly #taken = new Set<string>();
  readonly #counters = new Map<string, number>();
  readonly #separator: string;
  readonly #second: number;

  /** A name asked for again gets `second` behind the separator, then the numbers after it. */
  constructor(separator = '_', second = 1) {
    this.#separator = separator;
    this.#second = second;
  }

  has(name: string): boolean {
    return this.#taken.has(name);
  }

  add(name: string): void {
    this.#taken.add(name);
  }

  /** The stem itself if it is free, else with a number behind it. */
  fresh(stem: string): string {
    let candidate = stem;
    let count = this.#counters.get(stem) ?? this.#second;
    while (this.#taken.has(candidate)) candidate = `${stem}${this.#separator}${count++}`;
    this.#counters.set(stem, count);
    this.#taken.add(candidate);
    return candidate;
  }
}

/** Characters of a name that is put together from others, or repeated: in the file each stands once. */
const longest = 512;
const [head, tail] = [400, 64];

/** A long name cut in the middle, and told from others by its digest: copies of it are not to be many times the file. */
export function shortened(name: string): string {
  if (name.length <= longest) return name;
  if (name !== last.name) last = { name, short: cut(name) };
  return last.short;
}

/** Many ask for the same. */
let last = { name: '', short: '' };

function cut(name: string): string {
  // FNV-1a (draft-eastlake-fnv), 32 bits.
  let digest = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) digest = Math.imul(digest ^ name.charCodeAt(i), 0x01000193);
  return `${name.slice(0, head)}…${name.slice(-tail)}~${(digest >>> 0).toString(16)}`;
}

/** Every name of a graph and its subgraphs: what is added may not take one of them. */
export function namesOf(graph: Graph): Names {
  const names = new Names();
  for (const { initializers, inputs, outputs, nodes } of graphsIn(graph)) {
    for (const name of [...initializers.keys(), ...[...inputs, ...outputs].map((info) => info.name)]) names.add(name);
    for (const node of nodes) for (const name of [node.name, ...node.outputs]) names.add(name);
  }
  return names;
}
