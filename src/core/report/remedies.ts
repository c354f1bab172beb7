// What would help a network most that cannot learn from where it starts: edits, the one of the best expected effect first.

import type { SchemeId } from '../../protocol/schemes';
import type { LayerTheory } from '../../protocol/simulation';
import type { Remedy } from '../../protocol/verdict';
import { say } from '../../protocol/words';
import { describeScheme } from '../initializers/schemes';
import { predictedCourse } from '../verdict/course';
import type { Effect } from '../verdict/effect';
import { effectOf, isBetter } from '../verdict/effect';
import { worthAWord } from './diagnose';
import type { Prospect } from './outlook';

/** Beside what is recommended: what users know by name. */
const compared: readonly SchemeId[] = ['he-normal', 'xavier-normal', 'orthogonal'];
const mostShown = 4;
/** Each remedy is a theory of the whole network: of a large one only what is recommended is looked at. */
const large = 1000;

interface Candidate {
  readonly scheme: SchemeId;
  readonly layers: readonly string[] | null;
}

/** None where theory finds nothing wrong, or nothing that helps. */
export function remediesOf({ current, under, recommended }: Prospect): readonly Remedy[] {
  const before = effectOf(predictedCourse(current));
  if (!before || before.severity === 'ok' || before.severity === 'info') return [];
  const candidates = candidatesFor(current.layers, before.at, current.layers.length > large);
  const judged = candidates.flatMap((candidate) => {
    const { scheme, layers } = candidate;
    const effect = effectOf(predictedCourse(scheme === 'recommended' && !layers ? recommended() : under(scheme, layers && new Set(layers))));
    return effect && isBetter(effect, before) ? [{ candidate, effect }] : [];
  });
  // What only makes it less bad is worth a word where nothing does more.
  const curing = judged.filter(({ effect }) => isCured(effect));
  return (curing.length > 0 ? curing : judged).toSorted((a, b) => compare(a.effect, b.effect) || size(a.candidate) - size(b.candidate)).slice(0, mostShown)
    .map(({ candidate: { scheme, layers }, effect: { says } }) => ({ scheme, layers, title: titleOf(scheme, layers), effect: says }));
}

/** The fewer layers the better, where that serves; then what is recommended for all, and what else is known. */
function candidatesFor(theory: readonly LayerTheory[], at: string | null, isLarge: boolean): readonly Candidate[] {
  const isOff = ({ scale }: LayerTheory): boolean => scale !== null && (scale === 0 || Math.max(scale, 1 / scale) > worthAWord);
  const off = theory.filter(isOff).map(({ name }) => name);
  const single = at !== null && !(off.length === 1 && off[0] === at) ? [[at]] : [];
  const some = [...single, ...(off.length > 0 && off.length < theory.length ? [off] : [])];
  return [
    ...isLarge ? [] : some.map((layers) => ({ scheme: 'recommended', layers } as const)),
    ...['recommended' as const, ...(isLarge ? [] : compared)].map((scheme) => ({ scheme, layers: null })),
  ];
}

/** Of two that do the same, the one that changes less, and what is recommended. */
const size = ({ layers, scheme }: Candidate): number => (layers ? layers.length : scheme === 'recommended' ? 1e9 : 2e9);

function compare(a: Effect, b: Effect): number {
  return isBetter(a, b) ? -1 : isBetter(b, a) ? 1 : 0;
}

const isCured = ({ severity }: Effect): boolean => severity === 'ok' || severity === 'info';

function titleOf(scheme: SchemeId, layers: readonly string[] | null): string {
  const { title } = describeScheme(scheme);
  if (!layers) return say('{0}, all layers', title);
  return layers.length === 1 ? say('{0}, {1} alone', title, layers[0] ?? '') : say('{0}, the {1} layers out of scale', title, layers.length);
}
