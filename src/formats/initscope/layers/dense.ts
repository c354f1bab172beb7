// Layers whose kernel is a matrix: dense ones, those of a belief net, tables of words and of positions.

import { createTensor } from '../../../core/graph/tensor';
import type { LayerScope } from '../scope';
import type { Signal } from '../signal';
import { described, signalOf } from '../signal';
import { wholeOf } from '../written';
import { activate } from './activations';
import type { LayerTable } from './table';

const flat = 'Put "flatten" before it, or take a "conv" with "kernel": 1.';

/** x W + b along the last axis. */
function dense(layer: LayerScope, signal: Signal, otherwise = layer.activation): Signal {
  layer.needs(signal, [1, 2], 'a vector or a sequence', flat);
  const units = mainSize(layer);
  const kernel = layer.weight('kernel', [signal.shape.at(-1) ?? 1, units]);
  const product = layer.add('MatMul', [layer.plain(signal), kernel]);
  const hasBias = layer.written?.flag('bias', true) ?? true;
  const value = hasBias ? layer.add('Add', [product, layer.weight('bias', [units])]) : product;
  return activate(layer, signalOf(value, [...signal.shape.slice(0, -1), units]), otherwise);
}

/** A size that a layer is nothing without. */
export function mainSize(layer: LayerScope): number {
  if (layer.main) return wholeOf(layer.main);
  throw new Error(`A layer ${layer.type} is built without its size.`);
}

function embedding(layer: LayerScope, signal: Signal): Signal {
  const { tokens, shape } = signal;
  if (tokens === null) {
    throw layer.refuse(`looks tokens up, and is given ${described(signal)}`, 'Give the network an input {"tokens": 256, "length": 64}, say.');
  }
  const width = mainSize(layer);
  const table = layer.weight('embedding', [tokens, width]);
  layer.building.tables.set(layer.path, { value: table, tokens, width });
  return signalOf(layer.add('Gather', [table, layer.plain(signal)], { axis: 0 }), [...shape, width]);
}

/** The product with a table of words turned round: one number for each word (Press & Wolf 2017, arXiv 1608.05859). */
function unembed(layer: LayerScope, signal: Signal): Signal {
  if (!layer.main) throw new Error('A layer unembed is built without a name.');
  const { value, tokens, width } = layer.findTable(layer.main);
  layer.needs(signal, [1, 2], 'a vector or a sequence', flat);
  if (signal.shape.at(-1) !== width) {
    throw layer.refuse(`is given ${described(signal)}, where the table has ${width} numbers for each word`,
      `Bring it to ${width} features by a "dense" before.`);
  }
  const product = layer.add('MatMul', [layer.plain(signal), layer.transpose(value, [1, 0])]);
  return signalOf(product, [...signal.shape.slice(0, -1), tokens]);
}

/** A learned vector for every position, added (Gehring et al. 2017, arXiv 1705.03122, section 3.1). */
function positionTable(layer: LayerScope, signal: Signal): Signal {
  layer.needs(signal, [2], 'a sequence', 'Put it behind an "embedding".');
  return signalOf(layer.add('Add', [layer.plain(signal), layer.weight('position', signal.shape)]), signal.shape);
}

/** Numbers that sines may take in a file's stead; a table of more costs memory before anything is run. */
const mostSines = 2 ** 22;

/** Sines and cosines of each position (Vaswani et al. 2017, arXiv 1706.03762, section 3.5): PE(p, 2i) = sin(p / 10000^(2i/d)), PE(p, 2i + 1) = cos. */
function sinePositions(layer: LayerScope, signal: Signal): Signal {
  layer.needs(signal, [2], 'a sequence', 'Put it behind an "embedding".');
  const [length = 1, width = 1] = signal.shape;
  if (length * width > mostSines) throw layer.refuse(`is given ${described(signal)}, which is more than ${mostSines} sines`, 'Take a "position-table".');
  const values = Array.from({ length: length * width }, (_, k) => {
    const [position, i] = [Math.floor(k / width), k % width];
    const angle = position / 10000 ** ((i - (i % 2)) / width);
    return i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
  const name = layer.building.builder.fresh(`${layer.path}/sines`);
  layer.building.builder.initializer(name, createTensor('float32', signal.shape, values));
  return signalOf(layer.add('Add', [layer.plain(signal), name]), signal.shape);
}

export const denseLayers: LayerTable = {
  'dense': {
    what: 'a dense layer', example: '128', isComplete: false, options: ['activation', 'bias'], roles: ['kernel', 'bias'],
    build: (layer, input) => dense(layer, input),
  },
  // The units of a restricted Boltzmann machine are logistic (Hinton, Osindero & Teh 2006): what is trained greedily is run as a sigmoid layer.
  'rbm': {
    what: 'a layer of a belief net', example: '500', isComplete: false, options: [], roles: ['kernel', 'bias'],
    build: (layer, input) => dense(layer, input, 'sigmoid'),
  },
  'embedding': { what: 'an embedding', example: '64', isComplete: false, options: [], roles: ['embedding'], build: embedding },
  'unembed': { what: 'an unembedding', example: '"embedding1"', isComplete: false, options: [], roles: [], build: unembed },
  'position-table': { what: 'a table of positions', example: 'true', isComplete: true, options: [], roles: ['position'], build: positionTable },
  'sine-positions': { what: 'a layer of sines', example: 'true', isComplete: true, options: [], roles: [], build: sinePositions },
};
