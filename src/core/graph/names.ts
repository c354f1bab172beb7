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

/** Every name of a graph and its subgraphs: what is added may not take one of them. */
export function namesOf(graph: Graph): Names {
  const names = new Names();
  for (const { initializers, inputs, outputs, nodes } of graphsIn(graph)) {
    for (const name of [...initializers.keys(), ...[...inputs, ...outputs].map((info) => info.name)]) names.add(name);
    for (const node of nodes) for (const name of [node.name, ...node.outputs]) names.add(name);
  }
  return names;
}
