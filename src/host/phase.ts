// Order and chaos of the activation that most of the named layers of a document have.

import { phasePlane } from '../core/theory/phaseDiagram';
import type { Layer } from '../core/layers/layer';
import type { PhaseDiagram, PhaseRequest } from '../protocol/phase';

export function phaseDiagramOf(all: readonly Layer[], { layers, reach }: PhaseRequest): PhaseDiagram | null {
  const asked = new Set(layers);
  const byActivation = new Map<string, Layer[]>();
  for (const layer of all) {
    const name = layer.activation?.scalar ? layer.activation.name : null;
    if (name !== null && asked.has(layer.name)) byActivation.set(name, [...byActivation.get(name) ?? [], layer]);
  }
  const [found] = [...byActivation].toSorted(([, a], [, b]) => b.length - a.length);
  if (!found) return null;
  const [activation, own] = found;
  const scalar = own[0]?.activation?.scalar;
  return scalar ? { activation, layers: own.map(({ name }) => name), ...phasePlane(scalar, reach) } : null;
}
