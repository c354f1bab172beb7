// Biases that follow the sums of their units' weights, as those do that take the mean of what is read away.

/** Adds up the elements of each unit as they come; elements (i / inner) mod count alike belong to one. */
export class UnitSums {
  readonly #inner: number;
  readonly sums: Float64Array;
  #at = 0;

  constructor({ inner, count }: { readonly inner: number; readonly count: number }) {
    this.#inner = inner;
    this.sums = new Float64Array(count);
  }

  add(values: ArrayLike<number>): void {
    const { sums } = this;
    for (let i = 0; i < values.length; i++) {
      const unit = Math.floor(this.#at++ / this.#inner) % sums.length;
      sums[unit] = (sums[unit] ?? 0) + (values[i] ?? 0);
    }
  }
}

/** Fewer units may agree by chance. */
const fewest = 8;
/** Share of the biases' second moment that has to be told by the sums. */
const told = 0.9;

/** How many times the sum of its unit's weights each bias is (regression through 0); null where they do not follow it. */
export function leaningOf(sums: ArrayLike<number>, biases: ArrayLike<number>): number | null {
  if (biases.length !== sums.length || biases.length < fewest) return null;
  let [both, ofSums, ofBiases] = [0, 0, 0];
  for (let i = 0; i < biases.length; i++) {
    const [sum, bias] = [sums[i] ?? 0, biases[i] ?? 0];
    both += sum * bias;
    ofSums += sum ** 2;
    ofBiases += bias ** 2;
  }
  return ofSums > 0 && ofBiases > 0 && both ** 2 >= told * ofSums * ofBiases ? both / ofSums : null;
}
