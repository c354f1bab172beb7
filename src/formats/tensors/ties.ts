import type { Layer, LayerWeight } from '../../core/layers/layer';
import type { Ties } from '../../core/report/ties';
import { tieKey } from '../../core/report/ties';
import type { TiedWeight, WeightStatistics } from '../../protocol/report';
import type { FilePool, TensorContent } from './content';
import type { Stepwise } from './measure';
import { isRepeated, weightChunks } from './weightChunks';

/** Smaller tensors may be equal by chance. */
const fewest = 16;
/** Ties of one weight that are listed: a network of thousands of clones has millions. */
const mostTies = 16;
const tieable = new Set(['kernel', 'recurrent', 'embedding']);

/** Whether it is of a kind that networks share. */
/** What a block begins as that is run once more is drawn by itself. */
export const isTieable = ({ role, tensor }: LayerWeight): boolean => tieable.has(role) && tensor.repeats === undefined;

/** One use of a tensor. */
interface Use {
  readonly layer: string;
  readonly weight: LayerWeight;
}

/** Weights that are the same tensor, which the graph alone tells. */
export function sameTensors(layers: readonly Layer[]): Ties {
  const uses = new Map<string, Use[]>();
  for (const layer of layers) {
    for (const weight of layer.weights) {
      const known = uses.get(weight.id);
      if (known) known.push({ layer: layer.name, weight });
      else uses.set(weight.id, [{ layer: layer.name, weight }]);
    }
  }
  const ties = new Map<string, readonly TiedWeight[]>();
  for (const group of uses.values()) {
    const apart = [...new Map(group.map((use) => [use.layer, use])).values()];
    if (apart.length > 1) for (const use of apart) ties.set(tieKey(use.layer, use.weight.id), tiesTo(use, apart, 'same'));
  }
  return ties;
}

function tiesTo(use: Use, group: readonly Use[], how: TiedWeight['how']): readonly TiedWeight[] {
  const others = group.slice(0, mostTies + 1).filter((other) => other !== use).slice(0, mostTies);
  return others.map((other) => ({ layer: other.layer, weight: other.weight.name, how }));
}

/**
 * Tensors that hold the same numbers, as they are or transposed: exporters that fold constants split what was tied. Only those whose
 * statistics agree are read once more.
 */
export function* equalTensors(
  pool: FilePool, layers: readonly Layer[], statistics: ReadonlyMap<string, WeightStatistics>, contentOf: (id: string) => TensorContent,
): Stepwise<Ties> {
  const ties = new Map<string, readonly TiedWeight[]>();
  for (const group of candidates(layers, statistics)) {
    const plain = new Map<string, Use[]>();
    const transposes = new Map<Use, string>();
    for (const use of group) {
      const found = yield* digest(pool, use.weight, contentOf(use.weight.id));
      const alike = plain.get(found.plain);
      if (alike) alike.push(use);
      else plain.set(found.plain, [use]);
      if (found.transposed !== null) transposes.set(use, found.transposed);
    }
    for (const alike of plain.values()) {
      for (const use of alike) {
        const transposed = plain.get(transposes.get(use) ?? '') ?? [];
        const found = [...tiesTo(use, alike, 'equal'), ...(transposed === alike ? [] : tiesTo(use, transposed, 'transposed'))];
        if (found.length > 0) ties.set(tieKey(use.layer, use.weight.id), found);
      }
    }
  }
  return ties;
}

/** Different tensors of equal count, bounds and moments. */
function candidates(layers: readonly Layer[], statistics: ReadonlyMap<string, WeightStatistics>): readonly (readonly Use[])[] {
  const groups = new Map<string, Map<string, Use>>();
  for (const layer of layers) {
    for (const weight of layer.weights) {
      const found = statistics.get(weight.id);
      if (!found?.std || found.count < fewest || !isTieable(weight) || found.mean === null) continue;
      // Moments are summed in another order where a tensor is transposed.
      const key = [found.count, found.min, found.max, found.zeros, found.std.toPrecision(9)].join();
      const group = groups.get(key) ?? new Map<string, Use>();
      if (!group.has(weight.id)) group.set(weight.id, { layer: layer.name, weight });
      groups.set(key, group);
    }
  }
  return [...groups.values()].filter((group) => group.size > 1).map((group) => [...group.values()]);
}

/** 64 bits of the shape and of every element with its position, in the order of the tensor and, where it is a matrix, of its transpose. */
export function* digest(pool: FilePool, weight: LayerWeight, content: TensorContent): Stepwise<{ readonly plain: string; readonly transposed: string | null }> {
  const { shape } = weight.tensor;
  const isMatrix = shape.length === 2;
  const [rows = 1, columns = 1] = shape;
  const [plain, transposed] = [new PositionalHash(), new PositionalHash()];
  let at = 0;
  for (const chunk of weightChunks(pool, weight, content)) {
    if (isRepeated(chunk)) continue;
    for (let i = 0; i < chunk.length; i++, at++) {
      const value = chunk[i] ?? 0;
      plain.add(value, at);
      if (isMatrix) transposed.add(value, (at % columns) * rows + Math.floor(at / columns));
    }
    yield;
  }
  return { plain: `${shape.join()} ${plain.text}`, transposed: isMatrix ? `${columns},${rows} ${transposed.text}` : null };
}

/** A hash of numbers at positions that does not depend on the order in which they come. */
class PositionalHash {
  readonly #float = new Float32Array(1);
  readonly #bits = new Uint32Array(this.#float.buffer);
  #low = 0;
  #high = 0;

  add(value: number, position: number): void {
    this.#float[0] = value;
    const mixed = mix((this.#bits[0] ?? 0) ^ mix(position + 0x9e3779b9));
    this.#low = (this.#low + mixed) >>> 0;
    this.#high = (this.#high + mix(mixed ^ 0x85ebca6b)) >>> 0;
  }

  get text(): string { return `${this.#low} ${this.#high}`; }
}

/** The finalizer of MurmurHash3: every bit of the result depends on every bit of the input. */
function mix(bits: number): number {
  let h = bits ^ (bits >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The ties of both. */
export function joinTies(a: Ties, b: Ties): Ties {
  return new Map([...new Set([...a.keys(), ...b.keys()])].map((key) => [key, [...a.get(key) ?? [], ...b.get(key) ?? []]]));
}
