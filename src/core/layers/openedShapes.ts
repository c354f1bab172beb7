// Shapes of all values of a graph where the sizes that its file leaves open are given as a simulation gives them.

import type { GraphIndex } from '../graph/order';
import { inferShapes, openShapes } from './shapes';

const known = new WeakMap<GraphIndex, ReadonlyMap<string, readonly number[]>>();
/** Samples, and one length after another until the network takes it. */
const samples = 8;
const lengths = [16, 64, 224];

export function openedShapes(index: GraphIndex): ReadonlyMap<string, readonly number[]> {
  const found = known.get(index);
  if (found) return found;
  const opened = lengths.map((length) => openShapes(index.graph, samples, length));
  // Where only the number of samples is open, one length is as good as another.
  const different = new Map(opened.map((shapes) => [JSON.stringify([...shapes.values()]), shapes]));
  const tried = [...different.values()].map((shapes) => inferShapes(index, shapes));
  const best = tried.reduce((most, shapes) => (shapes.size > most.size ? shapes : most));
  known.set(index, best);
  return best;
}
