/**
 * Inverse of the standard normal distribution function, relative error below 1e-15: Wichura 1988, algorithm AS 241, PPND16. It uses
 * + − × ÷ √ and a logarithm built of them, so its bits are the same on every platform.
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(centre.numerator, r)) / polynomial(centre.denominator, r);
  }
  const r = Math.sqrt(-naturalLogarithm(q < 0 ? p : 1 - p));
  const { numerator, denominator, shift } = r <= 5 ? shoulder : tail;
  const magnitude = polynomial(numerator, r - shift) / polynomial(denominator, r - shift);
  return q < 0 ? -magnitude : magnitude;
}

interface Rational {
  readonly shift: number;
  readonly numerator: Float64Array;
  readonly denominator: Float64Array;
}

/** Coefficients from the highest power down, as Horner's rule takes them. */
const centre: Rational = {
  shift: 0,
  numerator: Float64Array.of(
    2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4, 1.3731693765509461125e4,
    1.9715909503065514427e3, 1.3314166789178437745e2, 3.387132872796366608,
  ),
  denominator: Float64Array.of(
    5.226495278852545925e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4, 5.3941960214247511077e3,
    6.8718700749205790830e2, 4.2313330701600911252e1, 1,
  ),
};
const shoulder: Rational = {
  shift: 1.6,
  numerator: Float64Array.of(
    7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258, 3.64784832476320460504,
    5.76949722146069140550, 4.63033784615654529590, 1.42343711074968357734,
  ),
  denominator: Float64Array.of(
    1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1, 6.89767334985100004550e-1,
    1.67638483018380384940, 2.05319162663775882187, 1,
  ),
};
const tail: Rational = {
  shift: 5,
  numerator: Float64Array.of(
    2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2, 2.96560571828504891230e-1,
    1.78482653991729133580, 5.46378491116411436990, 6.65790464350110377720,
  ),
  denominator: Float64Array.of(
    2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4, 1.48753612908506148525e-2,
    1.36929880922735805310e-1, 5.99832206555887937690e-1, 1,
  ),
};

function polynomial(coefficients: Float64Array, x: number): number {
  let value = 0;
  // By index: iterating a typed array costs several times the arithmetic.
  for (let i = 0; i < coefficients.length; i++) value = value * x + (coefficients[i] ?? 0);
  return value;
}

const bits = new DataView(new ArrayBuffer(8));
/** ln 2 in two parts, the first with trailing zero bits, so that the exponent's multiple of it is exact (Cody & Waite 1980). */
const ln2High = 6.93147180369123816490e-1;
const ln2Low = 1.90821492927058770002e-10;

/** ln x for positive normal x: x = 2^e m, ln m = 2 artanh((m − 1) / (m + 1)) (Abramowitz & Stegun 4.1.27). */
export function naturalLogarithm(x: number): number {
  bits.setFloat64(0, x);
  let exponent = ((bits.getUint32(0) >>> 20) & 0x7ff) - 1023;
  bits.setUint32(0, (bits.getUint32(0) & 0x000fffff) | 0x3ff00000);
  let mantissa = bits.getFloat64(0);
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent++;
  }
  const s = (mantissa - 1) / (mantissa + 1);
  const z = s * s;
  let series = 0;
  for (let n = 25; n >= 1; n -= 2) series = series * z + 1 / n;
  return exponent * ln2High + (2 * s * series + exponent * ln2Low);
}
