/** IEEE 754 binary16 and bfloat16, from and to double, rounding to nearest, ties to even. */

const scratch = new DataView(new ArrayBuffer(8));

export function fromFloat16(bits: number): number {
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

export function toFloat16(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  // 65520 is halfway between the largest finite half, 65504, and the next power of two.
  if (magnitude >= 65520) return sign | 0x7c00;
  // Subnormal and smallest normal numbers share the quantum 2^-24.
  if (magnitude < 2 ** -14) return sign | roundToEven(magnitude * 2 ** 24);
  const exponent = exponentOf(magnitude);
  const fraction = roundToEven((magnitude / 2 ** exponent) * 1024);
  return sign | (((exponent + 15) << 10) + (fraction - 1024));
}

/** Largest e with 2^e <= magnitude, for magnitudes that are normal doubles: the exponent field of IEEE 754 binary64, whose bias is 1023. */
function exponentOf(magnitude: number): number {
  scratch.setFloat64(0, magnitude);
  return (scratch.getUint16(0) >>> 4) - 1023;
}

function roundToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

export function fromBfloat16(bits: number): number {
  scratch.setUint32(0, (bits & 0xffff) * 65536);
  return scratch.getFloat32(0);
}

export function toBfloat16(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0;
  // Rounding first to float32 and then to bfloat16 would round twice: the sticky bit of the first step keeps it right.
  const single = Math.fround(value);
  scratch.setFloat32(0, single);
  let bits = scratch.getUint32(0);
  if (single !== value && Number.isFinite(single)) {
    if (Math.abs(single) > Math.abs(value)) bits -= 1;
    bits |= 1;
  }
  const lower = bits & 0xffff;
  let upper = bits >>> 16;
  if (lower > 0x8000 || (lower === 0x8000 && (upper & 1) === 1)) upper++;
  return upper & 0xffff;
}
