import type { GraphBuilder } from '../graph/builder';
import type { Node } from '../graph/graph';
import { floatAttribute, intAttribute, intsAttribute, stringAttribute } from '../graph/graph';
import type { Algebra } from '../ops/algebra';
import type { OperatorSpec, RuleContext } from '../ops/spec';
import type { ValueFacts } from './valueFacts';

interface Setting {
  readonly node: Node;
  readonly spec: OperatorSpec;
  readonly algebra: Algebra;
  readonly builder: GraphBuilder;
  readonly facts: ValueFacts;
  readonly cotangentOf: (value: string) => string | undefined;
}

/** Binds a rule to its node; the result makes the context for the input at a position, sharing what `once` built. */
export function createRuleContext(setting: Setting): (position: number) => RuleContext {
  const { node, spec, algebra, builder, facts, cotangentOf } = setting;
  const shared = new Map<string, Readonly<Record<string, string>>>();

  const shapeOf = (value: string): readonly number[] => {
    const shape = facts.shapes.get(value);
    if (!shape) throw new Error(`${node.op} ${node.name}: the shape of ${value} is not known.`);
    return shape;
  };
  const input = (formal: string): string => {
    const value = node.inputs[spec.inputs.indexOf(formal)];
    if (value === undefined || value === '') throw new Error(`${node.op} ${node.name} has no input ${formal}.`);
    return value;
  };
  const cotangent = (output: string): string => cotangentOf(output) ?? algebra.zeros(shapeOf(output));
  const outputNamed = (formal: string): string => node.outputs[spec.outputs.indexOf(formal)] ?? '';
  const onceAll = <K extends string>(key: string, build: () => Readonly<Record<K, string>>): Readonly<Record<K, string>> => {
    const known: Readonly<Record<K, string>> = shared.get(key) ?? build();
    shared.set(key, known);
    return known;
  };

  return (position) => ({
    node,
    position,
    m: algebra,
    x: input,
    y: (formal) => builder.requireOutput(node.name, spec.outputs.indexOf(formal)),
    dy: (formal) => cotangent(outputNamed(formal)),
    dys: () => node.outputs.map(cotangent),
    reached: (formal) => cotangentOf(outputNamed(formal)) !== undefined,
    has: (formal) => (node.inputs[spec.inputs.indexOf(formal)] ?? '') !== '',
    shapeOf,
    constant: (formal) => {
      const values = facts.constants.get(input(formal));
      if (!values) throw new Error(`${node.op} ${node.name}: the values of its input ${formal} are not known.`);
      return values;
    },
    int: (attribute, otherwise) => intAttribute(node, attribute, otherwise),
    float: (attribute, otherwise) => floatAttribute(node, attribute, otherwise),
    ints: (attribute) => intsAttribute(node, attribute),
    string: (attribute, otherwise) => stringAttribute(node, attribute, otherwise),
    once: (key, build) => onceAll(key, () => ({ value: build() })).value,
    onceAll,
  });
}
