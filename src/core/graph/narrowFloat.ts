/** Floating-point types of 8 bits and less, whose few values are looked up. */
export type NarrowFloat =
  | 'float8e4m3fn' | 'float8e4m3fnuz' | 'float8e5m2' | 'float8e5m2fnuz' | 'float8e8m0' | 'float6e2m3' | 'float6e3m2' | 'float4e2m1';

interface Layout {
  /** Of the exponent and of the fraction below it; one bit of sign is above them. */
  readonly exponent: number;
  readonly fraction: number;
  readonly bias: number;
  /** What the highest codes mean: infinity and NaN, NaN for the highest alone, NaN for −0, or plain numbers. */
  readonly special: 'ieee' | 'highest' | 'negative zero' | 'none';
}

/** Micikevicius et al. 2022 (arXiv 2209.05433), Noune et al. 2022 (arXiv 2206.02915: …fnuz), and the OCP microscaling formats 1.0. */
const layouts: Readonly<Record<Exclude<NarrowFloat, 'float8e8m0'>, Layout>> = {
  float8e4m3fn: { exponent: 4, fraction: 3, bias: 7, special: 'highest' },
  float8e4m3fnuz: { exponent: 4, fraction: 3, bias: 8, special: 'negative zero' },
  float8e5m2: { exponent: 5, fraction: 2, bias: 15, special: 'ieee' },
  float8e5m2fnuz: { exponent: 5, fraction: 2, bias: 16, special: 'negative zero' },
  float6e2m3: { exponent: 2, fraction: 3, bias: 1, special: 'none' },
  float6e3m2: { exponent: 3, fraction: 2, bias: 3, special: 'none' },
  float4e2m1: { exponent: 2, fraction: 1, bias: 1, special: 'none' },
};

const tables = new Map<NarrowFloat, Float32Array>();

/** The number behind every code of a type. */
export function narrowFloats(dtype: NarrowFloat): Float32Array {
  const known = tables.get(dtype);
  if (known) return known;
  const table = dtype === 'float8e8m0'
    ? Float32Array.from({ length: 256 }, (_, code) => (code === 255 ? NaN : 2 ** (code - 127)))
    : tabulate(layouts[dtype]);
  tables.set(dtype, table);
  return table;
}

function tabulate({ exponent, fraction, bias, special }: Layout): Float32Array {
  const half = 1 << (exponent + fraction);
  return Float32Array.from({ length: 2 * half }, (_, code) => {
    const magnitude = code % half;
    const [power, rest] = [magnitude >> fraction, magnitude % (1 << fraction)];
    if (special === 'negative zero' && code === half) return NaN;
    if (special === 'highest' && magnitude === half - 1) return NaN;
    const sign = code < half ? 1 : -1;
    if (special === 'ieee' && power === (1 << exponent) - 1) return rest === 0 ? sign * Infinity : NaN;
    return sign * (power === 0 ? rest * 2 ** (1 - bias - fraction) : (2 ** fraction + rest) * 2 ** (power - bias - fraction));
  });
}
