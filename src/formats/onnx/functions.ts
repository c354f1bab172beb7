import type { Attribute, Graph, Model, ModelFunction, Node } from '../../core/graph/graph';
import { graphsOf } from '../../core/graph/graph';
import type { Names } from '../../core/graph/names';
import { shortened } from '../../core/graph/names';
import type { Tensor } from '../../core/graph/tensor';
import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import { constantOf } from './constant';

/** What a call stands for: the nodes of its function, under names of their own, in the operator sets of the function. */
export interface Expansion {
  readonly function: ModelFunction;
  readonly nodes: readonly Node[];
  /** Constants whose values the call gives. */
  readonly initializers: ReadonlyMap<string, Tensor>;
}

/** Attributes of a call. */
type Given = ReadonlyMap<string, Attribute>;
type Rename = (value: string) => string;

/** Functions that call functions more than this many deep are refused. */
const deepestCall = 64;
/**
 * Characters and references that all calls together may take, as many times those of the model, and at least and at most so many: ten functions
 * that call each other ten times would make 10^10 nodes.
 */
const mostTimes = 64;
const [fewestUnits, mostUnits] = [1 << 20, 1 << 26];
const unitsPerName = 32;
const unitsPerReference = 8;

/** Calls of the functions that a model defines. */
export class FunctionCalls {
  readonly #file: string;
  readonly #names: Names;
  readonly #functions: ReadonlyMap<string, ModelFunction>;
  readonly #shared = new Map<string, Tensor>();
  readonly #sharedNames = new Map<Tensor, string>();
  readonly #stack: ModelFunction[] = [];
  readonly #most: number;
  #units = 0;

  constructor(model: Model, names: Names) {
    this.#file = model.file;
    this.#names = names;
    this.#most = Math.min(mostUnits, Math.max(fewestUnits, mostTimes * unitsOf(model)));
    this.#functions = new Map(model.functions.map((each) => [keyOf(each.domain, each.name, each.overload), each]));
  }

  /** Tensors of the functions called so far, by the one name that all calls know them by: they belong into the outermost graph. */
  get shared(): ReadonlyMap<string, Tensor> { return this.#shared; }

  /** What the node stands for, handed to `use` with its own calls still in it; false where it calls no function. */
  expand(node: Node, use: (expansion: Expansion) => void): boolean {
    const called = this.#functions.get(keyOf(node.domain, node.op, node.overload ?? ''));
    if (!called) return false;
    this.#refuseEndless(called);
    this.#stack.push(called);
    use(this.#instantiate(node, called));
    this.#stack.pop();
    return true;
  }

  #refuseEndless(called: ModelFunction): void {
    const start = this.#stack.indexOf(called);
    if (start >= 0) {
      const circle = [...this.#stack.slice(start), called].map((each) => each.name).join(' → ');
      throw new Failure('broken-file', say('{0} is not a valid model: a function calls itself ({1}). Export it again.', this.#file, circle));
    }
    if (this.#stack.length >= deepestCall) {
      throw new Failure('unsupported',
        say('{0}: functions call each other more than {1} deep (at {2}). Export it without functions.', this.#file, deepestCall, called.name));
    }
  }

  #instantiate(call: Node, called: ModelFunction): Expansion {
    const { inputs, outputs, initializers: stored } = called.graph;
    this.#spend(unitsPerReference * (inputs.length + outputs.length + stored.size));
    const names = new Map<string, string>(inputs.map((input, i) => [input.name, call.inputs[i] ?? '']));
    for (const [name, tensor] of stored) names.set(name, this.#share(tensor));
    const attributes: Given = new Map([...Object.entries(called.defaults), ...Object.entries(call.attributes)]);
    const produced = new Set(called.graph.nodes.flatMap((node) => node.outputs));
    const passed: Node[] = [];
    outputs.forEach(({ name }, i) => {
      const actual = call.outputs[i] ?? '';
      if (actual === '') return;
      if (produced.has(name) && !names.has(name)) names.set(name, actual);
      else passed.push({ name: `output ${i}`, domain: '', op: 'Identity', inputs: [name], outputs: [actual], attributes: {} });
    });
    const prefix = shortened(call.name);
    const rename = this.#renaming(names, prefix);
    const initializers = new Map<string, Tensor>();
    const nodes = this.#copyNodes(called.graph.nodes, rename, attributes, initializers, prefix);
    const ends = passed.map((node) => ({ ...node, name: this.#fresh(`${prefix}/${node.name}`), inputs: node.inputs.map(rename) }));
    return { function: called, nodes: [...nodes, ...ends], initializers };
  }

  /** Known names as given, all others behind that of the call. */
  #renaming(known: Map<string, string>, prefix: string): Rename {
    return (value) => {
      const name = value === '' ? '' : known.get(value);
      if (name !== undefined) return name;
      const fresh = this.#fresh(`${prefix}/${value}`);
      known.set(value, fresh);
      return fresh;
    };
  }

  #fresh(stem: string): string {
    this.#spend(unitsPerName + stem.length);
    return this.#names.fresh(stem);
  }

  #spend(units: number): void {
    this.#units += units;
    if (this.#units <= this.#most) return;
    const last = this.#stack.at(-1)?.name ?? '';
    throw new Failure('unsupported',
      say('{0}: its calls of functions stand for more nodes than can be shown (at {1}). Export it without functions.', this.#file, last));
  }

  #share(tensor: Tensor): string {
    const known = this.#sharedNames.get(tensor);
    if (known !== undefined) return known;
    const name = this.#names.fresh(tensor.id);
    this.#sharedNames.set(tensor, name);
    this.#shared.set(name, tensor);
    return name;
  }

  #copyNodes(nodes: readonly Node[], rename: Rename, attributes: Given, initializers: Map<string, Tensor>, prefix: string): readonly Node[] {
    const copies: Node[] = [];
    for (const { source, ...node } of nodes) {
      this.#spend(unitsPerReference * (1 + node.inputs.length + node.outputs.length));
      const entries = Object.entries(node.attributes).flatMap(([name, attribute]): [string, Attribute][] => {
        const resolved = attribute.kind === 'reference' ? attributes.get(attribute.value)
          : attribute.kind === 'graph' ? { ...attribute, value: this.#copyGraph(attribute.value, rename, attributes, prefix) } : attribute;
        return resolved ? [[name, resolved]] : [];
      });
      const copy: Node = {
        ...node, name: this.#fresh(`${prefix}/${node.name}`),
        inputs: node.inputs.map(rename), outputs: node.outputs.map(rename), attributes: Object.fromEntries(entries),
      };
      const constant = constantOf(copy);
      const [output = ''] = copy.outputs;
      if (constant) initializers.set(output, constant.id === '' ? { ...constant, id: output } : constant);
      else copies.push(copy);
    }
    return copies;
  }

  /** A graph inside a function: its own values are renamed too, so that none is taken for one of the caller's. */
  #copyGraph(graph: Graph, outer: Rename, attributes: Given, prefix: string): Graph {
    const own = new Set([
      ...graph.inputs.map((input) => input.name), ...graph.initializers.keys(), ...graph.nodes.flatMap((node) => node.outputs),
    ]);
    const inner = this.#renaming(new Map(), prefix);
    const rename: Rename = (value) => (own.has(value) ? inner(value) : outer(value));
    const initializers = new Map([...graph.initializers].map(([name, tensor]) => [rename(name), tensor]));
    const nodes = this.#copyNodes(graph.nodes, rename, attributes, initializers, prefix);
    return {
      name: graph.name, initializers, nodes,
      inputs: graph.inputs.map((input) => ({ ...input, name: rename(input.name) })),
      outputs: graph.outputs.map((output) => ({ ...output, name: rename(output.name) })),
    };
  }
}

/** What a model stands for without its calls. */
function unitsOf(model: Model): number {
  let units = 0;
  for (const { nodes } of graphsOf(model)) {
    for (const { name, inputs, outputs } of nodes) units += unitsPerName + name.length + unitsPerReference * (1 + inputs.length + outputs.length);
  }
  return units;
}

function keyOf(domain: string, name: string, overload: string): string {
  return JSON.stringify([domain, name, overload]);
}
