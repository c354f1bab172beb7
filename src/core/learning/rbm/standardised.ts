// Data of real numbers made to have mean 0 and variance 1 feature by feature, and weights that undo it, so that a network takes the data as they are.

/** What is taken from each feature, and what it is divided by then. */
export interface Standard {
  readonly mean: Float64Array;
  /** 1 of a feature that does not vary. */
  readonly std: Float64Array;
}

export function standardOf(data: Float32Array, width: number): Standard {
  const rows = data.length / width;
  const [mean, square] = [new Float64Array(width), new Float64Array(width)];
  data.forEach((value, at) => { mean[at % width] = (mean[at % width] ?? 0) + value / rows; });
  data.forEach((value, at) => { square[at % width] = (square[at % width] ?? 0) + (value - (mean[at % width] ?? 0)) ** 2 / rows; });
  return { mean, std: square.map((variance) => (variance > 0 ? Math.sqrt(variance) : 1)) };
}

export const standardised = (data: Float32Array, { mean, std }: Standard): Float32Array => (
  data.map((value, at) => (value - (mean[at % mean.length] ?? 0)) / (std[at % std.length] ?? 1)));

interface Affine { readonly weights: Float32Array; readonly bias: Float32Array }

/** ((x − μ) / s) W + c as x W′ + c′ */
export function encoderFor(weights: Float32Array, hiddenBias: Float32Array, { mean, std }: Standard): Affine {
  const hidden = hiddenBias.length;
  const [scaled, bias] = [new Float32Array(weights.length), Float64Array.from(hiddenBias)];
  for (let at = 0; at < weights.length; at++) {
    const [i, j] = [Math.floor(at / hidden), at % hidden];
    const weight = (weights[at] ?? 0) / (std[i] ?? 1);
    scaled[at] = weight;
    bias[j] = (bias[j] ?? 0) - (mean[i] ?? 0) * weight;
  }
  return { weights: scaled, bias: Float32Array.from(bias) };
}

/** s (h Wᵀ + b) + μ as h W′ᵀ + b′ */
export function decoderFor(weights: Float32Array, visibleBias: Float32Array, { mean, std }: Standard): Affine {
  const hidden = weights.length / visibleBias.length;
  return {
    weights: weights.map((weight, at) => weight * (std[Math.floor(at / hidden)] ?? 1)),
    bias: visibleBias.map((bias, i) => bias * (std[i] ?? 1) + (mean[i] ?? 0)),
  };
}
