// A graph with more of one of its blocks: copies behind it, each with tensors of its own that begin as those they are copies of.

import type { Graph, Node } from './graph';
import { Names } from './names';
import type { Tensor } from './tensor';

export interface Block {
  readonly nodes: readonly Node[];
  readonly input: string;
  readonly output: string;
}

/** Before the last part of a path: "fc" of "fc.weight" and of "/fc/Gemm" is what is another one. */
const marked = (name: string, mark: string): string => name.replace(/([./][^./]*)?$/, (end) => `${mark}${end}`);

export function deepened(graph: Graph, block: Block, copies: number): Graph {
  const names = new Names();
  const taken = [...graph.initializers.keys(), ...graph.inputs.map((input) => input.name), ...graph.nodes.flatMap((node) => node.outputs)];
  for (const name of taken) names.add(name);
  const initializers = new Map(graph.initializers);
  const added: Node[] = [];
  const made = new Set(block.nodes.flatMap((node) => node.outputs));
  // What reads the block's output reads that of the last copy, under the same name.
  const own = names.fresh(`${block.output}+0`);
  let input = own;
  for (let k = 1; k <= copies; k++) {
    const called = new Map([[block.input, input], ['', '']]);
    input = k === copies ? block.output : names.fresh(`${block.output}+${k}`);
    called.set(block.output, input);
    const rename = (value: string): string => {
      const known = called.get(value);
      if (known !== undefined) return known;
      const tensor = graph.initializers.get(value);
      if (!tensor && !made.has(value)) return value;
      const name = names.fresh(marked(value, `+${k}`));
      called.set(value, name);
      if (tensor) initializers.set(name, copyOf(tensor, k));
      return name;
    };
    for (const node of block.nodes) {
      const { source: _source, computes, ...rest } = node;
      added.push({
        ...rest, name: marked(node.name, `+${k}`), inputs: node.inputs.map(rename), outputs: node.outputs.map(rename),
        ...(computes ? { computes: { ...computes, id: marked(computes.id, `+${k}`) } } : {}),
      });
    }
  }
  const inBlock = new Set(block.nodes);
  const last = graph.nodes.findLastIndex((node) => inBlock.has(node));
  const renamed = graph.nodes.map((node) => (inBlock.has(node) ? withOutput(node, block.output, own) : node));
  return { ...graph, initializers, nodes: [...renamed.slice(0, last + 1), ...added, ...renamed.slice(last + 1)] };
}

function withOutput(node: Node, from: string, to: string): Node {
  const put = (value: string): string => (value === from ? to : value);
  return { ...node, inputs: node.inputs.map(put), outputs: node.outputs.map(put) };
}

function copyOf(tensor: Tensor, k: number): Tensor {
  return { ...tensor, id: tensor.id === '' ? '' : marked(tensor.id, `+${k}`), repeats: tensor.id };
}
