import { say } from '../../protocol/words';
import type { Attribute, Graph, Node } from './graph';
import { graphsIn, intAttribute, intsAttribute, withBodies } from './graph';
import type { Replacement } from './inline';
import { bodyOf, copyBody, identity, replaceNode, scopeWithin, stepWithin } from './inline';
import type { Tensor } from './tensor';
import type { Names } from './names';
import { createTensor } from './tensor';

/** Loops with more steps, or more nodes once they are unrolled, are left as they are. */
export const mostSteps = 512;
const mostNodes = 200_000;

const attribute = 'body';

/** Why a loop of so many steps is not unrolled, or null. */
export function refuseUnrolling(node: Node, steps: number): string | null {
  const body = bodyOf(node, attribute);
  const nodes = steps * [...graphsIn(body)].reduce((sum, graph) => sum + graph.nodes.length, 0);
  const many = isScan(node) ? `${steps}` : say('more than {0}', mostSteps);
  if (steps > mostSteps) return say('it runs {0} steps, and loops are followed for up to {1}', many, mostSteps);
  if (nodes > mostNodes) return say('it runs {0} operators in its {1} steps, and loops are followed for up to {2}', nodes, steps, mostNodes);
  const isStacking = node.outputs.slice(carriedCount(node)).some((output) => output !== '');
  return steps === 0 && isStacking ? say('it runs no step, so that what it stacks has no shape') : null;
}

const isScan = (node: Node): boolean => node.op === 'Scan';
const scannedCount = (node: Node): number => intAttribute(node, 'num_scan_inputs', 1);
const carriedCount = (node: Node): number => node.inputs.length - (isScan(node) ? scannedCount(node) : 2);

/** The graph with every step of a Loop or Scan in place of it, each behind a path of its own. */
export function unroll(graph: Graph, node: Node, steps: number): Graph {
  return replaceNode(graph, node, isScan(node) ? unrollScan(node, steps) : unrollLoop(node, steps));
}

/** What goes into a step besides what is carried, and where what is stacked goes. */
interface Steps {
  readonly count: number;
  readonly carried: readonly string[];
  /** Names of the body's inputs that are carried. */
  readonly carriedInputs: readonly string[];
  readonly given: (step: number) => ReadonlyMap<string, string>;
  /** The body's outputs that are not: conditions before what is carried. */
  readonly leading: number;
  readonly stack: (position: number) => { readonly axis: number; readonly reversed: boolean };
}

function runSteps(node: Node, steps: Steps): Replacement {
  const body = bodyOf(node, attribute);
  const scope = scopeWithin(node, attribute);
  const nodes: Node[] = [];
  const initializers = new Map<string, Tensor>();
  const stacked = body.outputs.slice(steps.leading + steps.carried.length).map((): string[] => []);
  let carried = steps.carried;
  for (let step = 0; step < steps.count; step++) {
    const given = new Map([...steps.given(step), ...steps.carriedInputs.map((name, i) => [name, carried[i] ?? ''] as const)]);
    const copy = copyBody(body, stepWithin(scope, step), given);
    nodes.push(...copy.nodes);
    for (const [name, tensor] of copy.initializers) initializers.set(name, tensor);
    carried = copy.outputs.slice(steps.leading, steps.leading + carried.length);
    stacked.forEach((list, i) => list.push(copy.outputs[steps.leading + carried.length + i] ?? ''));
  }
  node.outputs.forEach((output, i) => {
    if (output === '') return;
    const name = `${scope}/output ${i}`;
    const position = i - carried.length;
    if (position < 0) nodes.push(identity(name, carried[i] ?? '', output));
    else nodes.push(...stackedNodes(name, stacked[position] ?? [], output, steps.stack(position), initializers));
  });
  return { nodes, initializers };
}

function stackedNodes(
  name: string, values: readonly string[], output: string, { axis, reversed }: ReturnType<Steps['stack']>, initializers: Map<string, Tensor>,
): readonly Node[] {
  const along = `${name}/axis`;
  initializers.set(along, createTensor('int64', [1], [axis]));
  const rows = values.map((value, i): Node => (
    { name: `${name}/${i}`, domain: '', op: 'Unsqueeze', inputs: [value, along], outputs: [`${name}/row ${i}`], attributes: {} }));
  const inputs = rows.flatMap((row) => row.outputs);
  const concat: Node = {
    name, domain: '', op: 'Concat', inputs: reversed ? inputs.toReversed() : inputs, outputs: [output], attributes: { axis: { kind: 'int', value: axis } },
  };
  return [...rows, concat];
}

/** ONNX Loop: the body's inputs are the step, the condition and what is carried, its outputs the condition, what is carried and what is stacked. */
function unrollLoop(node: Node, count: number): Replacement {
  const body = bodyOf(node, attribute);
  const [step = '', condition = '', ...carriedInputs] = body.inputs.map((input) => input.name);
  const scope = scopeWithin(node, attribute);
  const initializers = new Map<string, Tensor>();
  const constant = (name: string, tensor: Tensor): string => {
    initializers.set(name, tensor);
    return name;
  };
  const { nodes, initializers: copied } = runSteps(node, {
    count, carriedInputs, carried: node.inputs.slice(2), leading: 1, stack: () => ({ axis: 0, reversed: false }),
    given: (i) => new Map([
      [step, constant(`${stepWithin(scope, i)}/${step}`, createTensor('int64', [], [i]))],
      [condition, constant(`${scope}/${condition}`, createTensor('bool', [], [1]))],
    ]),
  });
  return { nodes, initializers: new Map([...initializers, ...copied]) };
}

/** ONNX Scan: what is scanned is split along its axis, in the order that its direction says. */
function unrollScan(node: Node, count: number): Replacement {
  const body = bodyOf(node, attribute);
  const carried = node.inputs.slice(0, carriedCount(node));
  const scanned = node.inputs.slice(carried.length);
  const inputs = body.inputs.map((input) => input.name);
  const scope = scopeWithin(node, attribute);
  const option = (name: string, position: number): number => intsAttribute(node, name)?.[position] ?? 0;
  const [sizes, first] = [`${scope}/sizes`, `${scope}/axis `];
  const initializers = new Map([[sizes, createTensor('int64', [count], Array.from({ length: count }, () => 1))]]);
  const part = (position: number, i: number): string => `${stepWithin(scope, i)}/input ${position}`;
  const split = count === 0 ? [] : scanned.flatMap((value, position): readonly Node[] => {
    const axis = option('scan_input_axes', position);
    const parts = Array.from({ length: count }, (_, i) => `${part(position, i)} unsqueezed`);
    const along = `${first}${position}`;
    initializers.set(along, createTensor('int64', [1], [axis]));
    const attributes: Readonly<Record<string, Attribute>> = { axis: { kind: 'int', value: axis } };
    return [
      { name: `${scope}/split ${position}`, domain: '', op: 'Split', inputs: [value, sizes], outputs: parts, attributes },
      ...parts.map((each, i): Node => (
        { name: part(position, i), domain: '', op: 'Squeeze', inputs: [each, along], outputs: [part(position, i)], attributes: {} })),
    ];
  });
  const { nodes, initializers: copied } = runSteps(node, {
    count, carried, carriedInputs: inputs.slice(0, carried.length), leading: 0,
    given: (i) => new Map(scanned.map((_, position) => (
      [inputs[carried.length + position] ?? '', part(position, option('scan_input_directions', position) === 1 ? count - 1 - i : i)]))),
    stack: (position) => ({ axis: option('scan_output_axes', position), reversed: option('scan_output_directions', position) === 1 }),
  });
  return { nodes: [...split, ...nodes], initializers: new Map([...initializers, ...copied]) };
}

/** The graph with no loop in it that runs more steps than `limit` says, a value that all of it sees. */
export function withBoundedLoops(graph: Graph, limit: string, names: Names): Graph {
  const nodes = graph.nodes.flatMap((node): readonly Node[] => {
    const inside = withBodies(node, (body) => withBoundedLoops(body, limit, names));
    if (node.op !== 'Loop' || node.domain !== '') return [inside];
    const [given = '', ...others] = node.inputs;
    if (given === '') return [{ ...inside, inputs: [limit, ...others] }];
    const bounded = names.fresh(`${given}/at most`);
    const least: Node = { name: bounded, domain: '', op: 'Min', inputs: [given, limit], outputs: [bounded], attributes: {} };
    return [least, { ...inside, inputs: [bounded, ...others] }];
  });
  return { ...graph, nodes };
}

/** The node and a value whose shape tells how many steps it runs, along that axis; a Loop is given one more output for that. */
export interface Counted {
  readonly node: Node;
  readonly value: string;
  readonly axis: number;
}

export function countSteps(node: Node): Counted {
  if (isScan(node)) return { node, value: node.inputs[carriedCount(node)] ?? '', axis: intsAttribute(node, 'scan_input_axes')?.[0] ?? 0 };
  const body = bodyOf(node, attribute);
  const [step = { name: '' }] = body.inputs;
  const value = `${scopeWithin(node, attribute)}/steps`;
  const counting: Graph = {
    ...body, nodes: [...body.nodes, identity(`${value} counted`, step.name, value)], outputs: [...body.outputs, { name: value, dtype: 'int64', shape: [] }],
  };
  // Outputs that nobody wants may be left out at the end, but not before one that is wanted.
  const others = Array.from({ length: body.outputs.length - 1 }, (_, i) => node.outputs[i] ?? '');
  return {
    axis: 0, value,
    node: { ...node, outputs: [...others, value], attributes: { ...node.attributes, [attribute]: { kind: 'graph', value: counting } } },
  };
}
