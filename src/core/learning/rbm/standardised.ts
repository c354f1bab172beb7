// Data brought to the scale that machines learn at, feature by feature, and weights that undo it, so that a network takes the data as they are.

/** What is taken from each feature, and what it is divided by then. */
export interface Standard {
  readonly mean: Float64Array;
  /** 1 of a feature that does not vary. */
  readonly std: Float64Array;
}

/** To mean 0 and variance 1. */
export function standardOf(data: Float32Array, width: number): Standard {
  const rows = data.length / width;
  const [mean, square] = [new Float64Array(width), new Float64Array(width)];
  data.forEach((value, at) => { mean[at % width] = (mean[at % width] ?? 0) + value / rows; });
  data.forEach((value, at) => { square[at % width] = (square[at % width] ?? 0) + (value - (mean[at % width] ?? 0)) ** 2 / rows; });
  return { mean, std: square.map((variance) => (variance > 0 ? Math.sqrt(variance) : 1)) };
}

/** To the range from 0 to 1, the same for all features but for those that do not vary, which are off. */
export function unitRangeOf(data: Float32Array, width: number): Standard {
  const [least, most] = [new Float64Array(width).fill(Infinity), new Float64Array(width).fill(-Infinity)];
  data.forEach((value, at) => {
    least[at % width] = Math.min(least[at % width] ?? 0, value);
    most[at % width] = Math.max(most[at % width] ?? 0, value);
  });
  const varies = (i: number): boolean => least[i] !== most[i];
  const low = least.reduce((lowest, value, i) => (varies(i) ? Math.min(lowest, value) : lowest), Infinity);
  const high = most.reduce((highest, value, i) => (varies(i) ? Math.max(highest, value) : highest), -Infinity);
  return { mean: least.map((value, i) => (varies(i) ? low : value)), std: least.map((_, i) => (varies(i) ? high - low : 1)) };
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
