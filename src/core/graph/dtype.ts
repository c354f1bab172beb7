/** Element types of ONNX tensors (onnx.proto, TensorProto.DataType), by the names NumPy gives them. */
export const dtypes = [
  'undefined', 'float32', 'uint8', 'int8', 'uint16', 'int16', 'int32', 'int64', 'string', 'bool', 'float16', 'float64', 'uint32', 'uint64',
  'complex64', 'complex128', 'bfloat16', 'float8e4m3fn', 'float8e4m3fnuz', 'float8e5m2', 'float8e5m2fnuz', 'uint4', 'int4', 'float4e2m1',
  'float8e8m0', 'uint2', 'int2', 'float6e2m3', 'float6e3m2',
] as const;

export type DType = (typeof dtypes)[number];

const bits: Readonly<Record<DType, number>> = {
  undefined: 0, string: 0, float32: 32, uint8: 8, int8: 8, uint16: 16, int16: 16, int32: 32, int64: 64, bool: 8, float16: 16, float64: 64,
  uint32: 32, uint64: 64, complex64: 64, complex128: 128, bfloat16: 16, float8e4m3fn: 8, float8e4m3fnuz: 8, float8e5m2: 8,
  float8e5m2fnuz: 8, uint4: 4, int4: 4, float4e2m1: 4, float8e8m0: 8, uint2: 2, int2: 2, float6e2m3: 6, float6e3m2: 6,
};

/** Floating-point types whose values can be drawn and whose gradients mean something. */
export type FloatDType = 'float32' | 'float64' | 'float16' | 'bfloat16';

export function isFloat(dtype: DType): dtype is FloatDType {
  return dtype === 'float32' || dtype === 'float64' || dtype === 'float16' || dtype === 'bfloat16';
}

/** The type with that number in TensorProto.DataType; 'undefined' for numbers no version of the specification knows. */
export function dtypeOf(code: number): DType {
  return dtypes[code] ?? 'undefined';
}

export function codeOf(dtype: DType): number {
  return dtypes.indexOf(dtype);
}

/** Bytes of one element; 0 for strings, less than 1 for types several of which are packed into a byte. */
export function bytesPerElement(dtype: DType): number {
  return bits[dtype] / 8;
}

/** Ranks above this occur in no model. */
export const highestRank = 64;

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Where a bound of a Slice is on an axis of that size: counted from its end if negative, and within it (ONNX Slice-13). */
export const boundOn = (size: number, bound: number): number => Math.min(size, Math.max(0, bound < 0 ? bound + size : bound));
