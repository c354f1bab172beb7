// How each model was last run, as long as the workspace remembers.

import type * as vscode from 'vscode';

import type { ValueInfo } from '../core/graph/graph';
import type { SimulationOptions } from '../protocol/simulation';
import { readSimulationOptions } from './messages';

const key = 'initscope.simulationOptions';
/** Models that are remembered: those that were run last. */
const most = 100;

export interface Remembered {
  readonly uri: { toString(): string };
  readonly opened: { readonly graph: { readonly inputs: readonly Pick<ValueInfo, 'shape'>[] } } | null;
}

export class RememberedOptions {
  readonly #memory: vscode.Memento;

  constructor(memory: vscode.Memento) {
    this.#memory = memory;
  }

  /** Null where the model was not run here, or by a version that took other options. Of dimensions those that it has now. */
  of({ uri, opened }: Remembered): SimulationOptions | null {
    const options = readSimulationOptions(this.#all().find(([known]) => known === uri.toString())?.[1]);
    const named = new Set(opened?.graph.inputs.flatMap(({ shape }) => shape ?? []));
    return options && { ...options, whatIf: null, deepen: 0, dims: Object.fromEntries(Object.entries(options.dims).filter(([name]) => named.has(name))) };
  }

  keep({ uri }: Remembered, options: SimulationOptions): void {
    const others = this.#all().filter(([known]) => known !== uri.toString());
    void this.#memory.update(key, [...others, [uri.toString(), options]].slice(-most));
  }

  #all(): readonly (readonly [string, unknown])[] {
    const stored: unknown = this.#memory.get(key);
    return Array.isArray(stored) ? stored.filter((entry): entry is [string, unknown] => Array.isArray(entry) && typeof entry[0] === 'string') : [];
  }
}
