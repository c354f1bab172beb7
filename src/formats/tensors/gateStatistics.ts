// Means and spreads of the gates of a recurrent layer's biases, which lie in one tensor: a forget gate that starts open is one of eight.

import { createRegion } from '../../core/initializers/region';
import type { LayerWeight } from '../../core/layers/layer';
import { StatisticsAccumulator } from '../../core/statistics/accumulator';

export class GateStatistics {
  readonly #regions: readonly { readonly region: ReturnType<typeof createRegion>; readonly accumulator: StatisticsAccumulator }[];
  #at = 0;

  private constructor({ parts, tensor }: LayerWeight) {
    this.#regions = parts.map(({ slices }) => ({ region: createRegion(slices, tensor.shape), accumulator: new StatisticsAccumulator() }));
  }

  /** Null of whatever is no biases of gates. */
  static create(weight: LayerWeight): GateStatistics | null {
    return weight.role === 'bias' && weight.parts.length > 1 ? new GateStatistics(weight) : null;
  }

  /** The next elements of the tensor. */
  add(chunk: ArrayLike<number>): void {
    for (const { region, accumulator } of this.#regions) {
      for (const { at, length } of region.runs(this.#at, chunk.length)) {
        accumulator.add(Array.from({ length }, (_, i) => chunk[at - this.#at + i] ?? NaN));
      }
    }
    this.#at += chunk.length;
  }

  /** Null where one of them has no finite moments. */
  finish(): readonly { readonly mean: number; readonly std: number }[] | null {
    const found = this.#regions.flatMap(({ accumulator }) => {
      const { mean, std } = accumulator.finish(null);
      return mean === null || std === null ? [] : [{ mean, std }];
    });
    return found.length === this.#regions.length ? found : null;
  }
}
