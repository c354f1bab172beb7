// What theory says of the layer that is shown: asked for once, until the weights are others.

import type { InspectorMethods } from '../../src/protocol/inspector';
import type { LayerResponse } from '../../src/protocol/simulation';
import type { Host } from '../messaging/connection';

export interface Responses {
  /** Null while it is not known. */
  of(layer: string): LayerResponse | null;
  /** The weights are others: what is known of that layer stands until it is answered anew. */
  renew(layer: string | null): void;
}

export function createResponses(host: Pick<Host<InspectorMethods>, 'call'>, onAnswer: (layer: string) => void): Responses {
  /** Null of those that are asked for. */
  let known = new Map<string, LayerResponse | null>();

  async function ask(layer: string): Promise<void> {
    const asked = known;
    const response = await host.call('respond', { layer });
    const before = known.get(layer) ?? null;
    if (asked !== known || JSON.stringify(response) === JSON.stringify(before)) return;
    known.set(layer, response);
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
