// Networks of lwtnn as a graph of nodes, which name their sources and layers by their positions (Graph.tcc).

import type { JsonView } from '../json/view';
import type { TextNetwork } from '../lowering/textNetwork';
import type { Signal } from './layers';
import { stackLayers } from './layers';
import { lastStep, lowerLayer } from './stack';
import { sequenceLayers } from './sequences';
import { readVariables } from './variables';

export function lowerGraph(network: TextNetwork, root: JsonView): void {
  const nodes = new Nodes(network, root);
  for (const [name, output] of root.get('outputs').entries()) {
    const index = output.get('node_index');
    const { value, width } = nodes.single(nodes.at(index));
    const labels = output.get('labels').items();
    if (labels.length > width) throw output.get('labels').wrong(`a list of at most ${width} labels`);
    network.output(name, value);
  }
}

class Nodes {
  readonly #network: TextNetwork;
  readonly #root: JsonView;
  readonly #nodes: readonly JsonView[];
  readonly #layers: readonly JsonView[];
  readonly #made = new Map<number, Signal>();
  readonly #inputs = new Map<string, Signal>();

  constructor(network: TextNetwork, root: JsonView) {
    this.#network = network;
    this.#root = root;
    this.#nodes = root.get('nodes').items();
    this.#layers = root.get('layers').items();
    for (const i of this.#order()) this.#made.set(i, this.#make(this.#nodes[i] ?? root));
  }

  at(position: JsonView): Signal {
    const found = this.#made.get(position.whole());
    if (!found) throw position.wrong(`the index of one of ${this.#nodes.length} nodes`);
    return found;
  }

  /** Of a sequence the last step. */
  single(made: Signal): Signal {
    return made.isSequence ? lastStep(this.#network, made) : made;
  }

  /** Sources before what takes them, wherever they stand. */
  #order(): readonly number[] {
    const order: number[] = [];
    const state = new Map<number, 'open' | 'done'>();
    const open = this.#nodes.map((_, i) => i).reverse();
    for (let i = open.at(-1); i !== undefined; i = open.at(-1)) {
      const node = this.#nodes[i];
      const isNew = !state.has(i);
      const sources = isNew && node && !isInput(node) ? node.get('sources').items() : [];
      if (isNew) state.set(i, 'open');
      for (const source of sources) {
        const from = source.whole();
        if (from >= this.#nodes.length) throw source.wrong(`the index of one of ${this.#nodes.length} nodes`);
        if (state.get(from) === 'open') throw source.wrong('a node that does not depend on this one', `node ${from}`);
        if (!state.has(from)) open.push(from);
      }
      if (isNew && sources.length > 0) continue;
      open.pop();
      if (state.get(i) === 'open') order.push(i);
      state.set(i, 'done');
    }
    return order;
  }

  #make(node: JsonView): Signal {
    const type = node.get('type');
    const sources = node.get('sources').items();
    const [first] = sources;
    switch (type.text()) {
      case 'input': return this.#input(node, 'inputs');
      case 'input_sequence': return this.#input(node, 'input_sequences');
      case 'feed_forward': return this.#lower(node, this.single(this.#only(node)), stackLayers);
      case 'time_distributed': return this.#lower(node, this.#steps(node), stackLayers);
      case 'sequence': return this.#lower(node, this.#steps(node), sequenceLayers);
      case 'sum': return {
        ...this.#steps(node), isSequence: false,
        value: this.#network.add('ReduceSum', [this.#steps(node).value, this.#network.ints([1])], { keepdims: 0 }),
      };
      case 'concatenate': case 'add': break;
      default: throw type.wrong('one of input, input_sequence, feed_forward, time_distributed, sequence, sum, concatenate, add');
    }
    if (!first) throw node.get('sources').wrong('a list with at least one node');
    const all = sources.map((source) => this.single(this.at(source)));
    const [{ width, value } = { width: 0, value: '' }, ...others] = all;
    if (type.text() === 'concatenate') {
      const joined = this.#network.add('Concat', all.map((each) => each.value), { axis: 1 });
      return { value: joined, width: all.reduce((sum, each) => sum + each.width, 0), isSequence: false };
    }
    if (others.some((each) => each.width !== width)) throw node.get('sources').wrong('a list of nodes of one width', 'a list of others');
    return { value: others.reduce((sum, each) => this.#network.add('Add', [sum, each.value]), value), width, isSequence: false };
  }

  #only(node: JsonView): Signal {
    const list = node.get('sources');
    const [source, second] = list.items();
    if (!source || second) throw list.wrong('a list of one node');
    return this.at(source);
  }

  #steps(node: JsonView): Signal {
    const found = this.#only(node);
    if (!found.isSequence) throw this.#network.refuse(node, 'takes a sequence, and is given a single vector');
    return found;
  }

  #lower(node: JsonView, signal: Signal, table: typeof stackLayers): Signal {
    const index = node.get('layer_index');
    const at = index.whole();
    const layer = this.#layers[at];
    if (!layer) throw index.wrong(`the index of one of ${this.#layers.length} layers`);
    return lowerLayer(this.#network, layer, at, signal, table);
  }

  /** Several nodes may read one input. */
  #input(node: JsonView, key: 'inputs' | 'input_sequences'): Signal {
    const list = this.#root.get(key);
    const [source] = node.get('sources').items();
    const [at, size] = [source?.whole() ?? 0, node.get('size')];
    const input = list.items()[at];
    if (!input) throw (source ?? node).wrong(`the index of one of ${list.items().length} ${key}`);
    const known = this.#inputs.get(`${key} ${at}`);
    const read = known ?? readVariables(this.#network, input.get('name').text(), input.get('variables'), key === 'input_sequences');
    this.#inputs.set(`${key} ${at}`, read);
    if (size.whole(1) !== read.width) throw size.wrong(`${read.width}, the number of its variables,`);
    return read;
  }
}

const isInput = (node: JsonView): boolean => ['input', 'input_sequence'].includes(node.get('type').text());
