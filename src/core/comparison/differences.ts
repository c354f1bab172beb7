/** Facts of which two sides say something else. */

import type { Difference } from '../../protocol/comparison';

type Said = string | number | null;

export function differences<Fact extends string>(...facts: readonly (readonly [fact: Fact, was: Said, is: Said])[]): readonly Difference<Fact>[] {
  return facts.flatMap(([fact, was, is]) => (was === is ? [] : [{ fact, was, is }]));
}
