// A network as it is drawn: its layers, and how they hang together.

/** In an order in which each node is behind those it reads. */
export interface LayerGraph {
  readonly nodes: readonly LayerGraphNode[];
  /** Places of nodes, from and to; each once. */
  readonly edges: readonly (readonly [number, number])[];
  /** What can be folded, each behind those around it. */
  readonly blocks: readonly LayerBlock[];
}

export interface LayerGraphNode {
  /** `join`: where the signals of several branches meet. */
  readonly kind: 'input' | 'layer' | 'join' | 'output';
  /** Of a layer its own; of a join that of the node. */
  readonly name: string;
  /** Operator; of inputs and outputs none. */
  readonly op: string;
  /** What of a run is the signal that leaves it; null where nothing is. */
  readonly signal: LayerSignal | null;
}

/** A tensor of a layer, or what a join or an input of the network says, by the name of the value. */
export type LayerSignal =
  | { readonly layer: string; readonly place: 'activation' | 'preactivation' }
  | { readonly value: string };

/** Nodes that follow one another, from `first` to before `end`. */
export interface LayerBlock {
  readonly name: string;
  readonly first: number;
  readonly end: number;
  /** Place of the block around it; null at the top. */
  readonly parent: number | null;
}
