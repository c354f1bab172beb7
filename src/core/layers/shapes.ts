// Shapes of the values of a graph, worked out from those of its inputs, as far as operators and stored numbers tell.

import { elementCount, highestRank } from '../graph/dtype';
import type { Graph, Node } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { integersOf } from './integerRules';
import type { Shape, ShapeContext } from './shapeRules';
import { shapesOf } from './shapeRules';
import { constantValues } from './source';

/** A list of integers longer than this is no shape. */
const mostIntegers = 64;
/** What is larger is a file's mistake, or ours. */
const mostElements = 2 ** 40;

/** By value. Of what follows from a value that is not known nothing is. */
export function inferShapes(index: GraphIndex, inputs: ReadonlyMap<string, Shape>): ReadonlyMap<string, Shape> {
  const shapes = new Map<string, Shape>(inputs);
  const integers = new Map<string, readonly number[]>();
  for (const [name, { shape }] of index.graph.initializers) shapes.set(name, shape);
  for (const node of index.graph.nodes) {
    const context = contextOf(index, node, shapes, integers);
    shapesOf(context).forEach((shape, i) => {
      const name = node.outputs[i] ?? '';
      if (name !== '' && shape && isPossible(shape)) shapes.set(name, shape);
    });
    const [output = ''] = node.outputs;
    const list = integersOf(context);
    if (list && list.length <= mostIntegers && list.every(Number.isSafeInteger)) integers.set(output, list);
  }
  return shapes;
}

function contextOf(
  index: GraphIndex, node: Node, shapes: ReadonlyMap<string, Shape>, integers: ReadonlyMap<string, readonly number[]>,
): ShapeContext {
  const at = (position: number): string => node.inputs[position] ?? '';
  return {
    node,
    shape: (position) => (at(position) === '' ? null : shapes.get(at(position)) ?? null),
    integers: (position) => (at(position) === '' ? null : integers.get(at(position)) ?? constantValues(index, at(position))),
    isGiven: (position) => at(position) !== '',
  };
}

const isPossible = (shape: Shape): boolean => (
  shape.length <= highestRank && shape.every((size) => Number.isSafeInteger(size) && size > 0) && elementCount(shape) <= mostElements);

/** Shapes of the inputs where sizes that the file leaves open are given: the first axis that is open is that of the samples. */
export function openShapes({ inputs }: Graph, samples: number, length: number): ReadonlyMap<string, Shape> {
  const batch = inputs.map(({ shape }) => shape?.[0]).find((size) => typeof size === 'string');
  return new Map(inputs.flatMap(({ name, shape }) => (
    shape ? [[name, shape.map((size, axis) => (typeof size === 'number' && size > 0 ? size : size === batch || axis === 0 ? samples : length))]] : [])));
}

