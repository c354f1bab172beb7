// Where an arrow key leads in a drawn graph: down and up along the edges, left and right among what lies beside.

import type { Drawn } from './folding';
import type { Layout } from './layout';

export function stepFrom(at: number, key: string, { items, edges }: Drawn, { boxes }: Layout): number | null {
  const own = boxes[at];
  if (!own) return items.length > 0 ? 0 : null;
  const nearest = (candidates: readonly number[]): number | null => {
    const distance = (other: number): number => Math.hypot((boxes[other]?.x ?? 0) - own.x, (boxes[other]?.y ?? 0) - own.y);
    return candidates.reduce<number | null>((best, other) => (best === null || distance(other) < distance(best) ? other : best), null);
  };
  /** What overlaps it in height. */
  const beside = (isWanted: (x: number) => boolean): readonly number[] => boxes.flatMap((box, other) => (
    other !== at && isWanted(box.x) && Math.abs(box.y - own.y) < (box.height + own.height) / 2 ? [other] : []));
  switch (key) {
    case 'ArrowDown': return nearest(edges.filter(({ from }) => from === at).map(({ to }) => to));
    case 'ArrowUp': return nearest(edges.filter(({ to }) => to === at).map(({ from }) => from));
    case 'ArrowLeft': return nearest(beside((x) => x < own.x));
    case 'ArrowRight': return nearest(beside((x) => x > own.x));
    case 'Home': return 0;
    case 'End': return items.length - 1;
    default: return null;
  }
}
