import { GraphBuilder } from '../../graph/builder';
import type { DType } from '../../graph/dtype';
import type { Graph, Node } from '../../graph/graph';
import { floatAttribute, intAttribute, intsAttribute, stringAttribute, withBodies } from '../../graph/graph';
import type { Names } from '../../graph/names';
import { namesOf } from '../../graph/names';
import { Algebra } from '../algebra';
import type { WeightOperator } from '../spec';
import { say } from '../../../protocol/words';

/** What a lowering may use of the node it stands for. */
export interface Call {
  readonly node: Node;
  readonly m: Algebra;
  /** Name of the value of a formal input; throws if absent. */
  readonly x: (formal: string) => string;
  readonly has: (formal: string) => boolean;
  /** Whether the node has a formal output. */
  readonly gives: (formal: string) => boolean;
  /** Concrete shape of a formal input; only for lowerings that are not `shapeless`. */
  readonly shape: (formal: string) => readonly number[];
  readonly isBoolean: (formal: string) => boolean;
  readonly int: (attribute: string, otherwise: number) => number;
  readonly float: (attribute: string, otherwise: number) => number;
  readonly ints: (attribute: string) => readonly number[] | null;
  readonly string: (attribute: string, otherwise: string) => string;
}

/** An operator that is put together from others which have rules: it is gone before a network is differentiated. */
export interface LoweredOperator extends WeightOperator {
  readonly outputs: readonly string[];
  /** Whether a node can be lowered before any shape is known; never, if absent. */
  readonly shapeless?: (node: Node) => boolean;
  /** Whether the CPU build of ONNX Runtime can run a node, so that shapes behind it can be measured; it can, if absent. */
  readonly kernel?: (node: Node) => boolean;
  /** Formal inputs with which a node is beyond what is lowered. */
  readonly unknown?: readonly string[];
  /** Other reasons why a node is beyond what is lowered, or null. */
  readonly refuses?: (call: Call) => string | null;
  /** Values of the formal outputs that the node has. */
  readonly lower: (call: Call) => Readonly<Record<string, string>>;
  /** Formal input whose element type the outputs have; the first if absent. */
  readonly typedBy?: string;
  /** Element type of an output by its position, where it is no input's; undefined where it is. */
  readonly outputType?: (node: Node, output: number) => DType | undefined;
}

/** What a run has found out about the values of a graph, as far as lowerings ask. */
export interface KnownValues {
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  readonly types: ReadonlyMap<string, DType>;
}

export interface Lowered {
  readonly graph: Graph;
  /** Why nodes are still there, by their names. */
  readonly refused: ReadonlyMap<string, string>;
}

type Find = (node: Node) => LoweredOperator | undefined;
const nothing: KnownValues = { shapes: new Map(), types: new Map() };

/** The graph, and the graphs inside it, without the operators that can be lowered as they are. */
export function lowerShapeless(graph: Graph, find: Find): Graph {
  const names = namesOf(graph);
  const isReady = (operator: LoweredOperator, node: Node): boolean => operator.shapeless?.(node) ?? false;
  return new Lowering(find, isReady, nothing, names).of(graph);
}

/** The graph without the operators that can be lowered where shapes are known. */
export function lowerShaped(graph: Graph, known: KnownValues, find: Find): Lowered {
  const isReady = (_: LoweredOperator, node: Node): boolean => node.inputs.every((input) => input === '' || known.shapes.has(input));
  const lowering = new Lowering(find, isReady, known, namesOf(graph));
  return { graph: lowering.of(graph), refused: lowering.refused };
}

class Lowering {
  readonly refused = new Map<string, string>();

  readonly #find: Find;
  readonly #isReady: (operator: LoweredOperator, node: Node) => boolean;
  readonly #known: KnownValues;
  readonly #names: Names;

  constructor(find: Find, isReady: (operator: LoweredOperator, node: Node) => boolean, known: KnownValues, names: Names) {
    this.#find = find;
    this.#isReady = isReady;
    this.#known = known;
    this.#names = names;
  }

  of(graph: Graph): Graph {
    const builder = new GraphBuilder({ ...graph, nodes: [] }, this.#names);
    for (const node of graph.nodes) {
      const operator = this.#find(node);
      if (operator && this.#isReady(operator, node)) this.#lower(operator, node, builder);
      else builder.append(withBodies(node, (body) => this.of(body)));
    }
    return builder.build();
  }

  #lower(operator: LoweredOperator, node: Node, builder: GraphBuilder): void {
    builder.scope = node.name;
    const call = createCall(operator, node, builder, this.#known);
    const unknown = operator.unknown?.filter(call.has) ?? [];
    const reason = unknown.length > 0 ? say('what it does with {0} is not known', unknown.join(', ')) : operator.refuses?.(call) ?? null;
    const values = reason === null ? operator.lower(call) : {};
    builder.scope = '';
    if (reason !== null) {
      this.refused.set(node.name, reason);
      builder.append(node);
      return;
    }
    operator.outputs.forEach((formal, i) => {
      const output = node.outputs[i] ?? '';
      const value = values[formal];
      if (output === '' || value === undefined) return;
      builder.append({ name: i === 0 ? node.name : `${node.name}/${formal}`, domain: '', op: 'Identity', inputs: [value], outputs: [output], attributes: {} });
    });
  }
}

function createCall(operator: LoweredOperator, node: Node, builder: GraphBuilder, known: KnownValues): Call {
  const at = (formal: string): string => node.inputs[operator.inputs.indexOf(formal)] ?? '';
  const x = (formal: string): string => {
    const value = at(formal);
    if (value === '') throw new Error(`${node.op} ${node.name} has no input ${formal}.`);
    return value;
  };
  return {
    node, x,
    m: new Algebra(builder),
    has: (formal) => at(formal) !== '',
    gives: (formal) => (node.outputs[operator.outputs.indexOf(formal)] ?? '') !== '',
    shape: (formal) => {
      const shape = known.shapes.get(x(formal));
      if (!shape) throw new Error(`${node.op} ${node.name}: the shape of ${formal} is not known.`);
      return shape;
    },
    isBoolean: (formal) => known.types.get(x(formal)) === 'bool',
    int: (attribute, otherwise) => intAttribute(node, attribute, otherwise),
    float: (attribute, otherwise) => floatAttribute(node, attribute, otherwise),
    ints: (attribute) => intsAttribute(node, attribute),
    string: (attribute, otherwise) => stringAttribute(node, attribute, otherwise),
  };
}
