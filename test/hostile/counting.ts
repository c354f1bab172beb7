/** Counts what a program does in a way that is the same on every machine: entries looked up, and elements gone through. */

let work = 0;

/** Lets a method count, by one or by the elements it may go through. */
function count(owner: object, name: string, by: (self: unknown, result: unknown) => number): void {
  const original: unknown = Reflect.get(owner, name);
  if (typeof original !== 'function') throw new Error(`There is no ${name}.`);
  const counted = function (this: unknown, ...given: unknown[]): unknown {
    const result: unknown = Reflect.apply(original, this, given);
    work += by(this, result);
    return result;
  };
  Object.defineProperty(owner, name, { value: counted, configurable: true, writable: true });
}

const lengthOf = (self: unknown): number => (Array.isArray(self) ? self.length : 1);

export function startCounting(): void {
  for (const name of ['get', 'has', 'set']) count(Map.prototype, name, () => 1);
  for (const name of ['has', 'add']) count(Set.prototype, name, () => 1);
  const walks = ['map', 'filter', 'flatMap', 'some', 'every', 'find', 'findIndex', 'findLast', 'includes', 'indexOf', 'reduce', 'sort', 'toSorted',
    'toReversed', 'join'];
  for (const name of walks) count(Array.prototype, name, lengthOf);
  count(Array.prototype, 'slice', (_, result) => lengthOf(result));
}

/** What was done since the last question. */
export function workDone(): number {
  const done = work;
  work = 0;
  return done;
}
