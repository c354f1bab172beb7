import type { Node } from '../graph/graph';
import type { Gate } from './gates';
import { gateFunctions, isSigmoid } from './gates';
import type { Layer } from './layer';

/**
 * What each gate of a cell is, by what is done with it, keyed by kernel and first output; empty where that is not plain.
 *   LSTM (Gers et al. 2000):  c = f ⊙ c′ + i ⊙ g,  h = o ⊙ tanh c
 *   GRU (Cho et al. 2014, eq. 5–8):  h = z ⊙ h′ + (1 − z) ⊙ g,  where g reads r ⊙ h′
 */
export function gateNames(gates: readonly Gate[], kind: NonNullable<Layer['cell']>): ReadonlyMap<string, string> {
  const nameOf = kind === 'LSTM' ? lstmName : kind === 'GRU' ? gruName : () => null;
  const own = new Set(gates.map(({ node }) => node));
  const factors = new Set(gates.filter(({ node }) => !isSigmoid(node)).flatMap((gate) => gate.factors));
  const names = new Map<string, string>();
  for (const gate of gates) {
    const name = nameOf(gate, own, factors);
    if (name === null) return new Map();
    for (const { product, start } of gate.chunks) {
      const key = `${product.key}:${start}`;
      if ((names.get(key) ?? name) !== name) return new Map();
      names.set(key, name);
    }
  }
  return new Set(names.values()).size === (kind === 'LSTM' ? 4 : 3) ? names : new Map();
}

function lstmName({ index, node }: Gate, own: ReadonlySet<Node>): string | null {
  if (!isSigmoid(node)) return 'cell';
  const [output = ''] = node.outputs;
  const product = index.consumers.get(output)?.find(({ op }) => op === 'Mul');
  if (!product) return null;
  const other = index.producer.get(product.inputs.find((input) => input !== output) ?? '');
  if (!other || !gateFunctions.has(other.op)) return 'forget gate';
  return own.has(other) ? 'input gate' : 'output gate';
}

function gruName({ node }: Gate, _: ReadonlySet<Node>, factors: ReadonlySet<Node>): string {
  return !isSigmoid(node) ? 'candidate' : factors.has(node) ? 'reset gate' : 'update gate';
}
