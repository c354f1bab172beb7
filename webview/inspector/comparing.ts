// The comparison that an inspector is one side of: its line, what differs in the layer that is shown, and the difference that is looked at.

import type { InspectorMethods } from '../../src/protocol/inspector';
import type { LayerComparison, ShownComparison } from '../../src/protocol/comparison';
import type { Host } from '../messaging/connection';
import { createComparisonBar } from './comparisonBar';

export interface ComparingOptions {
  readonly host: Pick<Host<InspectorMethods>, 'call'>;
  /** Selects a layer of this side, or none. */
  readonly onShow: (layer: string | null) => void;
  /** More is known of a layer. */
  readonly onAnswer: (layer: string) => void;
}

export interface Comparing {
  readonly root: HTMLElement;
  readonly shown: ShownComparison | null;
  show(comparison: ShownComparison | null, selected: string | null): void;
  /** What differs in a layer of this side; null where nothing does, and until it is known. */
  of(layer: string): LayerComparison | null;
  /** Another layer is selected. */
  select(layer: string | null): void;
  step(by: 1 | -1): void;
}

export function createComparing({ host, onShow, onAnswer }: ComparingOptions): Comparing {
  let comparison: ShownComparison | null = null;
  /** Of the differences, the one that is looked at, or the last that was. */
  let at = -1;
  let known = new Map<string, LayerComparison | null>();
  const bar = createComparisonBar({ onStep: step, onCompareGradients: () => void host.call('compareGradients', {}) });

  async function ask(layer: string): Promise<void> {
    const asked = known;
    const found = await host.call('compare', { layer });
    if (asked !== known || JSON.stringify(found) === JSON.stringify(known.get(layer) ?? null)) return;
    known.set(layer, found);
    onAnswer(layer);
  }

  function step(by: 1 | -1): void {
    const marks = comparison?.marks ?? [];
    if (marks.length === 0) return;
    at = at < 0 ? (by === 1 ? 0 : marks.length - 1) : (at + by + marks.length) % marks.length;
    const { layer = null, partner = null } = marks[at] ?? {};
    const here = at;
    onShow(layer);
    if (layer === null && partner !== null) void host.call('showPartner', { layer: partner });
    at = here;
    bar.showPlace(at);
  }

  return {
    root: bar.root,
    get shown() {
      return comparison;
    },
    show(next, selected) {
      comparison = next;
      // What is known of the layer that is shown stands until it is answered anew.
      known = new Map(selected === null ? [] : [[selected, known.get(selected) ?? null]]);
      if (selected !== null && next) void ask(selected);
      if (!next) known = new Map();
      bar.show(next);
      bar.showPlace(at);
    },
    of(layer) {
      if (!comparison) return null;
      if (!known.has(layer)) {
        known.set(layer, null);
        void ask(layer);
      }
      return known.get(layer) ?? null;
    },
    select(layer) {
      const found = layer === null ? -1 : (comparison?.marks ?? []).findIndex((mark) => mark.layer === layer);
      if (found >= 0) at = found;
      bar.showPlace(found);
    },
    step,
  };
}
