import type { WeightRole } from '../../protocol/report';
import type { DType } from '../graph/dtype';
import type { Node } from '../graph/graph';
import type { Algebra } from './algebra';

/** What a rule may use. Value names are those of the graph being differentiated; shapes are concrete (DESIGN, decision 5). */
export interface RuleContext {
  readonly node: Node;
  readonly m: Algebra;
  /** Name of the value of a formal input; throws if absent. */
  readonly x: (formal: string) => string;
  /** Name of the value of a formal output, which is added to the node if it is optional and absent. */
  readonly y: (formal: string) => string;
  /** Cotangent of a formal output. */
  readonly dy: (formal: string) => string;
  /** Cotangents of all outputs of a node with variadic outputs; zeros where nothing used one. */
  readonly dys: () => readonly string[];
  /** Whether a cotangent has come to a formal output; the output may be absent. */
  readonly reached: (formal: string) => boolean;
  readonly has: (formal: string) => boolean;
  readonly shapeOf: (value: string) => readonly number[];
  /** Elements of a formal input that decides shapes (axes, starts, indices). */
  readonly constant: (formal: string) => readonly number[];
  readonly int: (attribute: string, otherwise: number) => number;
  readonly float: (attribute: string, otherwise: number) => number;
  readonly ints: (attribute: string) => readonly number[] | null;
  readonly string: (attribute: string, otherwise: string) => string;
  /** Builds a value that several rules of one node share, once. */
  readonly once: (key: string, build: () => string) => string;
  readonly onceAll: <K extends string>(key: string, build: () => Readonly<Record<K, string>>) => Readonly<Record<K, string>>;
  /** Position of the input a variadic rule is asked for. */
  readonly position: number;
}

/** The gradient with respect to an input: its value, and its shape where that is not the input's (the driver sums it there). */
export type RuleResult = string | { readonly value: string; readonly shape: readonly number[] };
export type Rule = (context: RuleContext) => RuleResult;

/** A weight a node reads, by formal input. Shapes are those the operator sees. */
export interface ParameterUse {
  readonly role: WeightRole;
  /** Of the weight, true per output element; null where the node's attributes do not tell. */
  readonly fans?: (shape: readonly number[], node: Node, position: number) => Fans | null;
  /** Gates and other pieces that are drawn one by one: `count` elements from `start` on, row-major. */
  readonly parts?: (shape: readonly number[], node: Node) => readonly ParameterPart[];
  /** Which elements belong to the same unit, those of `(i / inner) mod count` alike; absent where that has no meaning. */
  readonly units?: (shape: readonly number[], node: Node) => { readonly inner: number; readonly count: number };
  /** Why the weight keeps its values whatever it holds, as a clause. */
  readonly keeps?: (node: Node) => string;
  /** How the numbers are stored, where the operator takes them as blocks of integers; null where that is not known. */
  readonly packedAs?: (shape: readonly number[], node: Node) => PackedBlocks | null;
}

/** Integers of few bits, one behind the other, each row of the shape a block with a scale of its own. */
export interface PackedBlocks {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Elements of a row, all blocks together, before the last block is filled up. */
  readonly used: number;
  /** The formal inputs with the scales, and with zero points of the same type. */
  readonly scale: string;
  readonly zeroPoint: string;
  /** The zero point where none is given. */
  readonly zero: number;
}

export interface ParameterPart {
  /** "forget gate" */
  readonly name: string;
  readonly start: number;
  readonly count: number;
  /** The matrix that the elements are, row-major: its rows and columns. */
  readonly rows: number;
}

export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/** A scalar function, its derivative, and where either is not smooth. */
export interface Activation {
  readonly f: (x: number) => number;
  readonly df: (x: number) => number;
  readonly kinks: readonly number[];
}

/** What reading layers needs to know of an operator. */
export interface WeightOperator {
  readonly op: string;
  /** '' or absent is ai.onnx. */
  readonly domain?: string;
  readonly inputs: readonly string[];
  /** The last formal input (or output) stands for any number of values. */
  readonly variadic?: 'inputs' | 'outputs';
  readonly parameters?: Readonly<Record<string, ParameterUse>>;
}

/**
 * What is true of an operator by its specification. Policy, formats, tests and display live elsewhere.
 * `gradient` is keyed by formal input: a rule, or an explicit no. An operator without entry here is unsupported.
 */
export interface OperatorSpec extends WeightOperator {
  readonly outputs: readonly string[];
  /** Inputs are broadcast against each other: gradients have the output's shape until the driver sums them. */
  readonly broadcasts?: true;
  readonly gradient: Readonly<Record<string, Rule | 'non-differentiable'>>;
  /** Formal input whose element type the outputs have; the first if absent. */
  readonly typedBy?: string;
  /** Element type of the outputs, or of an output by its position, where it is no input's; undefined where it is. */
  readonly outputType?: DType | ((node: Node, output: number) => DType | undefined);
  /** `scalarInput` gives the value of an input that is a known scalar (the bounds of Clip), else null. */
  readonly activation?: (node: Node, scalarInput: (formal: string) => number | null) => Activation | null;
}
