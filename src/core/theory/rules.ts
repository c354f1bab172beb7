// The rule of each operator.

import type { Node } from '../graph/graph';
import { specOf } from '../ops/registry';
import { activationRule, elementRules } from './elementRules';
import { normRules } from './normRules';
import { poolingRules } from './poolingRules';
import { productRules } from './productRules';
import { recurrentRules } from './recurrentRules';
import type { MomentRule } from './rule';

const families = [...elementRules, ...productRules, ...poolingRules, ...normRules, ...recurrentRules];
const rules = new Map(families.flatMap((rule) => rule.ops.map((op) => [op, rule] as const)));

/** Null where none is known. */
export function ruleOf(node: Node): MomentRule | null {
  if (node.domain !== '') return null;
  return rules.get(node.op) ?? (specOf(node)?.activation ? activationRule : null);
}
