/**
 * Random numbers in bulk, in AssemblyScript: compiled to WebAssembly by `npm run kernels`. Integer operations and IEEE 754 + − × ÷ √ alone,
 * never contracted, so the bits are the same everywhere.
 *
 * Philox 4x32-10 is a counter-based generator: any block of any stream without the ones before it (Salmon et al. 2011, "Parallel random
 * numbers: as easy as 1, 2, 3", section 3.3). Eight blocks are computed at a time, one in each lane of two vectors; each gives two uniform numbers.
 */

/** Numbers that one call may write, to the memory after the module's own. */
export const capacity: i32 = 8192;
export function buffer(): usize {
  return __heap_base;
}

/** Writes the words of the eight blocks from (low, high) on: the first words of four blocks, their second ones, and so on; then the other four. */
// @ts-ignore: decorator
@inline
function philox(at: usize, low: u32, high: u32, stream0: u32, stream1: u32, key0: u32, key1: u32): void {
  const first = i32x4.splat(low);
  let x0 = i32x4.add(first, i32x4(0, 1, 2, 3));
  let y0 = i32x4.add(first, i32x4(4, 5, 6, 7));
  // Where the low word wrapped, the comparison is −1.
  let x1 = i32x4.sub(i32x4.splat(high), i32x4.lt_u(x0, first));
  let y1 = i32x4.sub(i32x4.splat(high), i32x4.lt_u(y0, first));
  let x2 = i32x4.splat(stream0);
  let y2 = x2;
  let x3 = i32x4.splat(stream1);
  let y3 = x3;
  const m0 = i32x4.splat(0xd2511f53);
  const m1 = i32x4.splat(0xcd9e8d57);
  // Weyl constants: the golden ratio and √3 − 1 in 32 bits.
  const bump0 = i32x4.splat(0x9e3779b9);
  const bump1 = i32x4.splat(0xbb67ae85);
  let k0 = i32x4.splat(key0);
  let k1 = i32x4.splat(key1);
  for (let round = 0; round < 10; round++) {
    const a = i64x2.extmul_low_i32x4_u(x0, m0);
    const b = i64x2.extmul_high_i32x4_u(x0, m0);
    const c = i64x2.extmul_low_i32x4_u(x2, m1);
    const d = i64x2.extmul_high_i32x4_u(x2, m1);
    const e = i64x2.extmul_low_i32x4_u(y0, m0);
    const f = i64x2.extmul_high_i32x4_u(y0, m0);
    const g = i64x2.extmul_low_i32x4_u(y2, m1);
    const h = i64x2.extmul_high_i32x4_u(y2, m1);
    x0 = v128.xor(v128.xor(v128.shuffle<i32>(c, d, 1, 3, 5, 7), x1), k0);
    y0 = v128.xor(v128.xor(v128.shuffle<i32>(g, h, 1, 3, 5, 7), y1), k0);
    x1 = v128.shuffle<i32>(c, d, 0, 2, 4, 6);
    y1 = v128.shuffle<i32>(g, h, 0, 2, 4, 6);
    x2 = v128.xor(v128.xor(v128.shuffle<i32>(a, b, 1, 3, 5, 7), x3), k1);
    y2 = v128.xor(v128.xor(v128.shuffle<i32>(e, f, 1, 3, 5, 7), y3), k1);
    x3 = v128.shuffle<i32>(a, b, 0, 2, 4, 6);
    y3 = v128.shuffle<i32>(e, f, 0, 2, 4, 6);
    k0 = i32x4.add(k0, bump0);
    k1 = i32x4.add(k1, bump1);
  }
  v128.store(at, x0);
  v128.store(at, x1, 16);
  v128.store(at, x2, 32);
  v128.store(at, x3, 48);
  v128.store(at, y0, 64);
  v128.store(at, y1, 80);
  v128.store(at, y2, 96);
  v128.store(at, y3, 112);
}

/** Writes the words of eight blocks, for the published test vectors. */
export function fillWords(low: u32, high: u32, stream0: u32, stream1: u32, key0: u32, key1: u32): void {
  philox(__heap_base, low, high, stream0, stream1, key0, key1);
}

/** (k + ½) · 2^-52 with k of 52 bits, 26 from each word: exact doubles, never 0 or 1. Of the blocks in the two low lanes. */
// @ts-ignore: decorator
@inline
function uniform(high: v128, low: v128): v128 {
  const a = f64x2.convert_low_i32x4_u(i32x4.shr_u(high, 6));
  const b = f64x2.convert_low_i32x4_u(i32x4.shr_u(low, 6));
  const whole = f64x2.add(f64x2.mul(a, f64x2.splat(67108864)), b);
  return f64x2.mul(f64x2.add(whole, f64x2.splat(0.5)), f64x2.splat(2.220446049250313e-16));
}

// @ts-ignore: decorator
@inline
function upper(a: v128): v128 {
  return v128.shuffle<i64>(a, a, 1, 1);
}

/** Writes low + (high − low) u for `count` uniform numbers u, from the first of a block on. */
export function fillUniforms(
  count: i32, block: u32, blockHigh: u32, stream0: u32, stream1: u32, key0: u32, key1: u32, low: f64, width: f64,
): void {
  const offset = f64x2.splat(low);
  const scale = f64x2.splat(width);
  let at = __heap_base;
  for (let done = 0; done < count; done += 16) {
    // The words of eight blocks take as much room as the sixteen numbers that replace them.
    philox(at, block, blockHigh, stream0, stream1, key0, key1);
    spread(at, offset, scale);
    spread(at + 64, offset, scale);
    block += 8;
    if (block < 8) blockHigh++;
    at += 128;
  }
}

/** Turns the words of four blocks into eight numbers, in their order. */
// @ts-ignore: decorator
@inline
function spread(at: usize, offset: v128, scale: v128): void {
  const c0 = v128.load(at);
  const c1 = v128.load(at, 16);
  const c2 = v128.load(at, 32);
  const c3 = v128.load(at, 48);
  const a = f64x2.add(offset, f64x2.mul(scale, uniform(c0, c1)));
  const b = f64x2.add(offset, f64x2.mul(scale, uniform(c2, c3)));
  const c = f64x2.add(offset, f64x2.mul(scale, uniform(upper(c0), upper(c1))));
  const d = f64x2.add(offset, f64x2.mul(scale, uniform(upper(c2), upper(c3))));
  v128.store(at, v128.shuffle<f64>(a, b, 0, 2));
  v128.store(at, v128.shuffle<f64>(a, b, 1, 3), 16);
  v128.store(at, v128.shuffle<f64>(c, d, 0, 2), 32);
  v128.store(at, v128.shuffle<f64>(c, d, 1, 3), 48);
}

/** Writes mean + std · z for `count` standard normal numbers z, from the first of a block on. */
export function fillNormals(
  count: i32, block: u32, blockHigh: u32, stream0: u32, stream1: u32, key0: u32, key1: u32, mean: f64, std: f64,
): void {
  fillTruncated(count, block, blockHigh, stream0, stream1, key0, key1, mean, std, 0);
}

/** The same with the probability `tail` cut off at either side: z is the quantile of a uniform number in (tail, 1 − tail). */
export function fillTruncated(
  count: i32, block: u32, blockHigh: u32, stream0: u32, stream1: u32, key0: u32, key1: u32, mean: f64, std: f64, tail: f64,
): void {
  fillUniforms(count, block, blockHigh, stream0, stream1, key0, key1, tail, 1 - 2 * tail);
  const offset = f64x2.splat(mean);
  const scale = f64x2.splat(std);
  let outer: usize = 0;
  for (let i: usize = 0; i < <usize>count; i += 2) {
    const p = v128.load(__heap_base + (i << 3));
    const q = f64x2.sub(p, f64x2.splat(0.5));
    v128.store(__heap_base + (i << 3), f64x2.add(offset, f64x2.mul(scale, centre(q))));
    // Without a branch, which would be guessed wrong again and again: what is not outside is written over by the next.
    const isOuter = f64x2.gt(f64x2.abs(q), f64x2.splat(0.425));
    note(outer, i, f64x2.extract_lane(p, 0));
    outer -= <usize>i64x2.extract_lane(isOuter, 0);
    note(outer, i + 1, f64x2.extract_lane(p, 1));
    outer -= <usize>i64x2.extract_lane(isOuter, 1);
  }
  // One more, where their number is odd, is computed for nothing.
  note(outer, capacity, 0.01);
  for (let k: usize = 0; k < outer; k += 2) {
    const z = f64x2.add(offset, f64x2.mul(scale, outside(v128.load(probabilities() + (k << 3)))));
    store<f64>(__heap_base + (<usize>load<u32>(places() + (k << 2)) << 3), f64x2.extract_lane(z, 0));
    store<f64>(__heap_base + (<usize>load<u32>(places() + (k << 2), 4) << 3), f64x2.extract_lane(z, 1));
  }
}

// After the numbers: probabilities outside the centre, and where they belong.
// @ts-ignore: decorator
@inline
function probabilities(): usize {
  return __heap_base + ((capacity + 2) << 3);
}

// @ts-ignore: decorator
@inline
function places(): usize {
  return probabilities() + ((capacity + 2) << 3);
}

// @ts-ignore: decorator
@inline
function note(at: usize, place: usize, p: f64): void {
  store<f64>(probabilities() + (at << 3), p);
  store<u32>(places() + (at << 2), <u32>place);
}

// Coefficients of AS 241 from the highest power down, numerator and denominator: loading one costs less than naming it.
const centreRational = memory.data<f64>([
  2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4, 1.3731693765509461125e4,
  1.9715909503065514427e3, 1.3314166789178437745e2, 3.387132872796366608,
  5.226495278852545925e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4, 5.3941960214247511077e3,
  6.8718700749205790830e2, 4.2313330701600911252e1, 1,
]);
const shoulderRational = memory.data<f64>([
  7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258, 3.64784832476320460504,
  5.76949722146069140550, 4.63033784615654529590, 1.42343711074968357734,
  1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
  6.89767334985100004550e-1, 1.67638483018380384940, 2.05319162663775882187, 1,
]);
const tailRational = memory.data<f64>([
  2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
  2.96560571828504891230e-1, 1.78482653991729133580, 5.46378491116411436990, 6.65790464350110377720,
  2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
  1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1,
]);
/** 1/25, 1/23, …, 1. */
const oddReciprocals = memory.data<f64>([
  1.0 / 25, 1.0 / 23, 1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3, 1,
]);

/**
 * Inverse of the standard normal distribution function, relative error below 1e-15: Wichura 1988, algorithm AS 241, PPND16. The centre's
 * formula of q = p − ½ holds for |q| ≤ 0.425, which are 85 of 100.
 */
// @ts-ignore: decorator
@inline
function centre(q: v128): v128 {
  const r = f64x2.sub(f64x2.splat(0.180625), f64x2.mul(q, q));
  return f64x2.div(f64x2.mul(q, horner(r, centreRational)), horner(r, centreRational + 64));
}

/** The same for |q| > 0.425: of r = √−ln min(p, 1 − p), a formula for the shoulders r ≤ 5, one for the tails. */
function outside(p: v128): v128 {
  const half = f64x2.splat(0.5);
  const smaller = f64x2.min(p, f64x2.sub(f64x2.splat(1), p));
  const r = f64x2.sqrt(f64x2.neg(logarithms(smaller)));
  const s = f64x2.sub(r, f64x2.splat(1.6));
  let magnitude = f64x2.div(horner(s, shoulderRational), horner(s, shoulderRational + 64));
  const isTail = f64x2.gt(r, f64x2.splat(5));
  if (v128.any_true(isTail)) {
    const t = f64x2.sub(r, f64x2.splat(5));
    magnitude = v128.bitselect(f64x2.div(horner(t, tailRational), horner(t, tailRational + 64)), magnitude, isTail);
  }
  return v128.bitselect(f64x2.neg(magnitude), magnitude, f64x2.lt(p, half));
}

/** The quantile of one probability. */
export function quantile(p: f64): f64 {
  const q = f64x2.splat(p - 0.5);
  return f64x2.extract_lane(Math.abs(p - 0.5) <= 0.425 ? centre(q) : outside(f64x2.splat(p)), 0);
}

/** The next coefficient's step of Horner's rule. */
// @ts-ignore: decorator
@inline
function step(value: v128, x: v128, coefficient: usize): v128 {
  return f64x2.add(f64x2.mul(value, x), v128.load64_splat(coefficient));
}

/** Of eight coefficients. */
// @ts-ignore: decorator
@inline
function horner(x: v128, table: usize): v128 {
  const high = step(step(step(v128.load64_splat(table), x, table + 8), x, table + 16), x, table + 24);
  return step(step(step(step(high, x, table + 32), x, table + 40), x, table + 48), x, table + 56);
}

/** ln x for positive normal x: x = 2^e m, ln m = 2 artanh((m − 1) / (m + 1)) (Abramowitz & Stegun 4.1.27). */
function logarithms(x: v128): v128 {
  const one = f64x2.splat(1);
  const biased = i64x2.shr_u(x, 52);
  const power = i64x2.sub(biased, i64x2.splat(1023));
  const mantissa = v128.or(v128.and(x, i64x2.splat(0x000fffffffffffff)), i64x2.splat(0x3ff0000000000000));
  const isLarge = f64x2.gt(mantissa, f64x2.splat(1.4142135623730951));
  const m = v128.bitselect(f64x2.mul(mantissa, f64x2.splat(0.5)), mantissa, isLarge);
  // The comparison is −1 where it holds.
  const whole = i64x2.sub(power, isLarge);
  const exponent = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(whole, whole, 0, 2, 0, 2));
  const s = f64x2.div(f64x2.sub(m, one), f64x2.add(m, one));
  const z = f64x2.mul(s, s);
  let series = v128.load64_splat(oddReciprocals);
  for (let at = oddReciprocals + 8; at < oddReciprocals + 13 * 8; at += 8) series = step(series, z, at);
  // ln 2 in two parts, the first with trailing zero bits, so that the exponent's multiple of it is exact (Cody & Waite 1980).
  const low = f64x2.mul(exponent, f64x2.splat(1.90821492927058770002e-10));
  const rest = f64x2.add(f64x2.mul(f64x2.mul(f64x2.splat(2), s), series), low);
  return f64x2.add(f64x2.mul(exponent, f64x2.splat(6.93147180369123816490e-1)), rest);
}

export function naturalLogarithm(x: f64): f64 {
  return f64x2.extract_lane(logarithms(f64x2.splat(x)), 0);
}

/** Rounds `count` numbers to float32, to nearest even, in place: each takes half of the room it had. */
export function roundToFloat32(count: i32): void {
  for (let i: usize = 0; i < <usize>count; i += 2) {
    v128.store64_lane(__heap_base + (i << 2), f32x4.demote_f64x2_zero(v128.load(__heap_base + (i << 3))), 0);
  }
}
