// Which inspectors are the two sides of one diff, and what is told from one to the other.

import * as vscode from 'vscode';

import type { LayerComparison } from '../../protocol/comparison';
import type { InspectorEvents } from '../../protocol/inspector';
import type { Peer } from '../../protocol/rpc';
import type { ModelDocument } from '../modelDocument';
import { LiveComparison } from './liveComparison';
import type { Candidate } from './sides';
import { isLeft } from './sides';

/** An inspector of a document. */
export interface ComparedView {
  readonly document: ModelDocument;
  readonly panel: vscode.WebviewPanel;
  readonly peer: Peer<Record<string, never>, InspectorEvents>;
}

/**
 * One group of editors shows one editor at a time: two inspectors that are seen in the same group are the sides of a diff, whoever opened it. Two that
 * `Compare Models` has opened beside each other are a pair as long as both are there.
 */
export class Comparisons implements vscode.Disposable {
  readonly #views = new Map<ComparedView, number>();
  readonly #live = new Map<ComparedView, LiveComparison>();
  /** Pairs that are opened beside each other. */
  #beside: readonly (readonly [left: string, right: string])[] = [];
  #opened = 0;
  readonly #tabs = vscode.window.tabGroups.onDidChangeTabs(() => this.settle());

  add(view: ComparedView): void {
    this.#views.set(view, this.#opened++);
    const subscription = view.panel.onDidChangeViewState(() => this.settle());
    view.panel.onDidDispose(() => {
      subscription.dispose();
      this.#views.delete(view);
      this.#part(view);
      // An editor that a diff has taken the place of was a third in its group.
      this.settle();
    });
  }

  /** The page of an inspector listens, and knows nothing yet. */
  tell(view: ComparedView): void {
    this.settle();
    const live = this.#live.get(view);
    if (live) live.tell(view);
    else view.peer.send('compared', { comparison: null });
  }

  /** Two models that are to be shown beside each other, rather than by a diff of VS Code's. */
  pairBeside(left: vscode.Uri, right: vscode.Uri): void {
    const pair = [left.toString(), right.toString()] as const;
    this.#beside = [...this.#beside.filter((known) => known.join() !== pair.join()), pair];
    this.settle();
  }

  /** Finds pairs among the inspectors that have none. */
  settle(): void {
    const free = [...this.#views.keys()].filter((view) => !this.#live.has(view) && view.panel.visible);
    for (const view of free) {
      const others = free.filter((other) => other !== view && !this.#live.has(other));
      if (this.#live.has(view)) continue;
      const [other, ...more] = others.filter(({ panel }) => panel.viewColumn === view.panel.viewColumn);
      const label = other && more.length === 0 ? diffLabel(view.panel.viewColumn) : null;
      if (other && label !== null) this.#pair(isLeft(label, this.#candidate(view), this.#candidate(other)) ? [view, other] : [other, view]);
      else {
        const beside = others.find(({ document }) => this.#isBeside(view, document));
        if (beside) this.#pair([view, beside]);
      }
    }
  }

  #isBeside({ document: { uri } }: ComparedView, right: ModelDocument): boolean {
    return this.#beside.some(([a, b]) => a === uri.toString() && b === right.uri.toString());
  }

  #candidate(view: ComparedView): Candidate {
    const { scheme, path, query } = view.document.uri;
    return { scheme, path, query, order: this.#views.get(view) ?? 0 };
  }

  #pair([left, right]: readonly [ComparedView, ComparedView]): void {
    const live = new LiveComparison(left, right);
    this.#live.set(left, live).set(right, live);
  }

  #part(view: ComparedView): void {
    const live = this.#live.get(view);
    if (!live) return;
    live.dispose();
    for (const side of [live.left, live.right]) {
      this.#live.delete(side);
      if (side !== view) side.peer.send('compared', { comparison: null });
    }
    const pair = [live.left, live.right].map(({ document }) => document.uri.toString()).join();
    this.#beside = this.#beside.filter((known) => known.join() !== pair);
  }

  /** What differs in a layer of one side. */
  layer(view: ComparedView, name: string): LayerComparison | null {
    return this.#live.get(view)?.layer(view, name) ?? null;
  }

  /** The other side selects the same layer, where it has it. */
  selected(view: ComparedView, layers: readonly string[]): void {
    const [name, ...more] = layers;
    const live = this.#live.get(view);
    const partner = name === undefined || more.length > 0 ? null : live?.partner(view, name) ?? null;
    if (partner !== null) this.show(view, partner);
  }

  /** Selects a layer of the other side, by its name there. */
  show(view: ComparedView, layer: string): void {
    const other = this.#live.get(view)?.other(view);
    if (!other) return;
    other.document.selected = [layer];
    other.peer.send('follow', { layer });
  }

  /** Both sides of a view's diff. */
  pairOf(view: ComparedView): { readonly left: ModelDocument; readonly right: ModelDocument } | null {
    const live = this.#live.get(view);
    return live ? { left: live.left.document, right: live.right.document } : null;
  }

  dispose(): void {
    this.#tabs.dispose();
    for (const live of this.#live.values()) live.dispose();
  }
}

/** What the diff that a group shows is called; null where it shows none: of anything else VS Code says what it is. */
function diffLabel(column: vscode.ViewColumn | undefined): string | null {
  const tab = vscode.window.tabGroups.all.find(({ viewColumn }) => viewColumn === column)?.activeTab;
  return tab && tab.input === undefined ? tab.label : null;
}
