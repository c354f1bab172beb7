import type { UnsupportedNode } from '../../src/protocol/simulation';
import type { Series } from './series';

/** Neighbouring layers of which nothing is known, and the operators that hide them. */
export interface Gap {
  readonly first: number;
  readonly last: number;
  readonly label: string;
}

export function findGaps(all: readonly Series[], layers: readonly string[], unsupported: readonly UnsupportedNode[]): readonly Gap[] {
  if (all.length === 0) return [];
  const gaps: Gap[] = [];
  const hiders = new Map<string, string[]>();
  for (const node of unsupported) {
    for (const layer of node.hides) hiders.set(layer, [...hiders.get(layer) ?? [], node.op]);
  }
  layers.forEach((layer, index) => {
    const ops = hiders.get(layer);
    if (!ops || all.some((series) => series.kind !== 'theory' && series.points[index])) return;
    const label = [...new Set(ops)].join(', ');
    const previous = gaps[gaps.length - 1];
    if (previous?.last === index - 1 && previous.label === label) gaps[gaps.length - 1] = { ...previous, last: index };
    else gaps.push({ first: index, last: index, label });
  });
  return gaps;
}
