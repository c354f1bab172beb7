/** Protobuf messages by hand, one field at a time, so that what the readers meet is not only what our own encoder writes. */

export type Bytes = readonly number[] | Uint8Array;

export const concat = (...parts: readonly Bytes[]): Uint8Array => joined(parts);

/** As many parts as one likes. */
export function joined(parts: readonly Bytes[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

export function varint(value: number | bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return bytes;
}

const tag = (field: number, wireType: number): number[] => varint(field * 8 + wireType);

export const int = (field: number, value: number | bigint): Uint8Array => concat(tag(field, 0), varint(value));
export const message = (field: number, ...parts: readonly Bytes[]): Uint8Array => {
  const body = concat(...parts);
  return concat(tag(field, 2), varint(body.length), body);
};
export const text = (field: number, value: string): Uint8Array => message(field, new TextEncoder().encode(value));
export const packedInts = (field: number, values: readonly (number | bigint)[]): Uint8Array => message(field, joined(values.map(varint)));
export const floatBytes = (values: readonly number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
export const doubleBytes = (values: readonly number[]): Uint8Array => new Uint8Array(Float64Array.from(values).buffer);
export const packedFloats = (field: number, values: readonly number[]): Uint8Array => message(field, floatBytes(values));
/** Each element behind its own tag, as a proto2 writer leaves a repeated field. */
export const loneFloats = (field: number, values: readonly number[]): Uint8Array => (
  concat(...values.map((value) => concat(tag(field, 5), floatBytes([value])))));
export const loneDoubles = (field: number, values: readonly number[]): Uint8Array => (
  concat(...values.map((value) => concat(tag(field, 1), doubleBytes([value])))));
export const loneInts = (field: number, values: readonly (number | bigint)[]): Uint8Array => concat(...values.map((value) => int(field, value)));

/** TensorProto.DataType */
export const types = {
  float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, string: 8, bool: 9, float16: 10, float64: 11, bfloat16: 16, float8e4m3fn: 17, uint4: 21, int4: 22,
  float4e2m1: 23,
} as const;

/** A TensorProto without the tag around it; `values` are the fields that hold its elements. */
export function tensor(name: string, type: number, shape: readonly number[], ...values: readonly Bytes[]): Uint8Array {
  return concat(...shape.map((size) => int(1, size)), int(2, type), ...values, text(8, name));
}

export const raw = (bytes: Bytes): Uint8Array => message(9, bytes);

/** A SparseTensorProto without the tag around it: `values` and `indices` are TensorProtos. */
export const sparse = (values: Bytes, indices: Bytes, shape: readonly number[]): Uint8Array => (
  concat(message(1, values), message(2, indices), ...shape.map((size) => int(3, size))));

/** The fields of a tensor whose values are in another file. */
export function external(entries: Readonly<Record<string, string>>): Uint8Array {
  return concat(...Object.entries(entries).map(([key, value]) => message(13, text(1, key), text(2, value))), int(14, 1));
}

/** AttributeProto: name, type (field 20), and the field that carries the value. */
export const attribute = (name: string, type: number, value: Bytes): Uint8Array => message(5, text(1, name), int(20, type), value);

export function node(op: string, inputs: readonly string[], outputs: readonly string[], attributes: readonly Bytes[] = [], name = ''): Uint8Array {
  const values = [...inputs.map((input) => text(1, input)), ...outputs.map((output) => text(2, output))];
  return joined([...values, name === '' ? [] : text(3, name), text(4, op), ...attributes]);
}

/** An attribute of a node inside a function that takes its value from the attribute `of` of the call. */
export const reference = (name: string, type: number, of: string): Uint8Array => message(5, text(1, name), int(20, type), text(21, of));

export interface FunctionParts {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly Uint8Array[];
  readonly opset?: number;
  readonly domain?: string;
  /** Attributes that every call has to give. */
  readonly attributes?: readonly string[];
  /** Bodies of AttributeProto, as `attribute` makes them for a node. */
  readonly defaults?: readonly Uint8Array[];
  readonly overload?: string;
}

/** A FunctionProto as a field of a model, by default of the domain "local". */
export function localFunction(
  { name, inputs, outputs, nodes, opset = 17, domain = 'local', attributes = [], defaults = [], overload = '' }: FunctionParts,
): Uint8Array {
  const names = [...inputs.map((each) => text(4, each)), ...outputs.map((each) => text(5, each)), ...attributes.map((each) => text(6, each))];
  return message(
    25, text(1, name), ...names, ...nodes.map((each) => message(7, each)),
    message(9, text(1, ''), int(2, opset)), message(9, text(1, 'local'), int(2, 1)), text(10, domain), ...defaults.map((each) => message(11, each)),
    overload === '' ? [] : text(13, overload),
  );
}

/** A node that calls such a function. */
export function call(
  name: string, inputs: readonly string[], outputs: readonly string[], attributes: readonly Bytes[] = [], as = name, overload = '',
): Uint8Array {
  return concat(node(name, inputs, outputs, attributes, as), text(7, 'local'), overload === '' ? [] : text(8, overload));
}

/** An AttributeProto without the tag that makes it a field of a node. */
export const bareAttribute = (name: string, type: number, value: Bytes): Uint8Array => concat(text(1, name), int(20, type), value);

/** A ValueInfoProto of a tensor type. */
export function valueInfo(name: string, shape: readonly (number | string)[], type: number = types.float32): Uint8Array {
  const dimensions = shape.map((size) => message(1, typeof size === 'number' ? int(1, size) : text(2, size)));
  return concat(text(1, name), message(2, message(1, int(1, type), message(2, ...dimensions))));
}

export interface GraphParts {
  readonly nodes?: readonly Uint8Array[];
  readonly initializers?: readonly Uint8Array[];
  readonly sparse?: readonly Uint8Array[];
  readonly inputs?: readonly Uint8Array[];
  readonly outputs?: readonly Uint8Array[];
}

export function graph({ nodes = [], initializers = [], sparse: sparseInitializers = [], inputs = [], outputs = [] }: GraphParts): Uint8Array {
  return joined([
    ...nodes.map((each) => message(1, each)), text(2, 'main'), ...initializers.map((each) => message(5, each)),
    ...inputs.map((each) => message(11, each)), ...outputs.map((each) => message(12, each)), ...sparseInitializers.map((each) => message(15, each)),
  ]);
}

/** A ModelProto. `opset` null: it imports none, as files of IR version 1 and 2. */
export function model(parts: GraphParts, opset: number | null = 17, ...more: readonly Bytes[]): Uint8Array {
  return concat(int(1, 8), text(2, 'by hand'), message(7, graph(parts)), opset === null ? [] : message(8, text(1, ''), int(2, opset)), ...more);
}

export const metadata = (key: string, value: string): Uint8Array => message(14, text(1, key), text(2, value));
