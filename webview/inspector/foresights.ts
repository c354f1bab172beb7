// What theory says of the layer that is shown: asked for once, until the weights are others.

import type { InspectorMethods } from '../../src/protocol/inspector';
import type { LayerForesight } from '../../src/protocol/simulation';
import type { Host } from '../messaging/connection';

export interface Foresights {
  /** Null while it is not known. */
  of(layer: string): LayerForesight | null;
  /** The weights are others: what is known of that layer stands until it is answered anew. */
  renew(layer: string | null): void;
}

export function createForesights(host: Pick<Host<InspectorMethods>, 'call'>, onAnswer: (layer: string) => void): Foresights {
  /** Null of those that are asked for. */
  let known = new Map<string, LayerForesight | null>();

  async function ask(layer: string): Promise<void> {
    const asked = known;
    const foresight = await host.call('foresee', { layer });
    const before = known.get(layer) ?? null;
    if (asked !== known || JSON.stringify(foresight) === JSON.stringify(before)) return;
    known.set(layer, foresight);
    onAnswer(layer);
  }

  return {
    of(layer) {
      if (!known.has(layer)) {
        known.set(layer, null);
        void ask(layer);
      }
      return known.get(layer) ?? null;
    },
    renew(layer) {
      known = new Map(layer === null ? [] : [[layer, known.get(layer) ?? null]]);
      if (layer !== null) void ask(layer);
    },
  };
}
