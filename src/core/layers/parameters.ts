// What training moves beside the weights that a scheme sets: class tokens, position tables, and whatever else the exporter says is learned.

import { elementCount } from '../graph/dtype';
import type { Graph } from '../graph/graph';
import { graphsIn } from '../graph/graph';
import type { Tensor } from '../graph/tensor';
import { say } from '../../protocol/words';
import { isLearnedNumber } from './gains';
import type { Layer, LayerWeight } from './layer';
import { wholeWeight } from './layer';
import { isMadeUp } from './naming';

const reason = say('it is learned, and no scheme says how it starts');

/** Stored floats that are learned and that no scheme sets: by the exporter's list, or, where it has none, by the names that libraries give them. */
export function otherParameters(graph: Graph, layers: readonly Layer[], listed: ReadonlySet<string> | null): readonly LayerWeight[] {
  const weights = layers.flatMap((layer) => layer.weights);
  const taken = new Set(weights.filter(({ frozen, role, quantization }) => (
    quantization !== undefined || (frozen === null && role !== 'frozen'))).map(({ id }) => id));
  const stored = [...graphsIn(graph)].flatMap(({ initializers }) => [...initializers]);
  const found = stored.flatMap(([name, tensor]): LayerWeight[] => {
    if (taken.has(tensor.id) || !isLearned(name, tensor, listed) || !isStored(tensor)) return [];
    const weight = wholeWeight({ name, tensor, shape: tensor.shape }, 'frozen');
    return weight.frozen === null ? [{ ...weight, frozen: reason }] : [];
  });
  return [...new Map(found.map((weight) => [weight.id, weight])).values()];
}

const isStored = ({ id, problem, fill, shape }: Tensor): boolean => id !== '' && problem === undefined && fill === undefined && !shape.includes(0);

function isLearned(name: string, { shape }: Tensor, listed: ReadonlySet<string> | null): boolean {
  if (elementCount(shape) === 1) return isLearnedNumber(name, listed);
  return listed ? listed.has(name) : isNamedParameter(name);
}

/** Of tables timm and Hugging Face say `pos_embed` and `position_embeddings`; of tokens and queries `cls_token`, `query_embed`, `latents`. */
const isNamedParameter = (name: string): boolean => (
  isNamedTable(name) || (!isMadeUp(name) && /token|quer(y|ies)|latent|prompt|prototype|probe/i.test(ownName(name))));

/** Names of learned tables; of sines they are called encodings. */
export const isNamedTable = (name: string): boolean => !isMadeUp(name) && /^pos|emb|^wpe/i.test(ownName(name)) && !/sin|enc/i.test(ownName(name));

const ownName = (name: string): string => name.replace(/[._/]weight$|:0$/, '').split(/[./]/).at(-1) ?? '';
