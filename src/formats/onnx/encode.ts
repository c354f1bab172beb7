import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

import { bytesPerElement, codeOf, elementCount } from '../../core/graph/dtype';
import type { Attribute, Graph, Node, ValueInfo } from '../../core/graph/graph';
import { graphsIn } from '../../core/graph/graph';
import { renameNode } from '../../core/graph/inline';
import type { Tensor } from '../../core/graph/tensor';

/** The operator set every graph of ours is written in; ONNX Runtime 1.30 has a CPU kernel for all that is emitted. */
export const canonicalOpset = 21;
/** The newest that ONNX Runtime for Node 1.30 loads: what came later is lowered, or stands aside. */
export const newestRun = 26;
/** The IR version that goes with it (ONNX versioning table). */
const canonicalIr = 10;

/** Elements of a tensor that only has a place, as little-endian bytes in its own type. */
export type Payloads = (name: string, tensor: Tensor) => Uint8Array;

/** Writes a graph as an ONNX model. Field numbers are those of onnx.proto. */
export function encodeModel(graph: Graph, payloads: Payloads, opset = canonicalOpset): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.Varint).int64(canonicalIr);
  writer.tag(2, WireType.LengthDelimited).string('Initscope');
  message(writer, 7, () => encodeGraph(writer, graph, payloads));
  message(writer, 8, () => writer.tag(2, WireType.Varint).int64(opset));
  for (const domain of domainsOf(graph)) {
    message(writer, 8, () => {
      text(writer, 1, domain);
      writer.tag(2, WireType.Varint).int64(1);
    });
  }
  return writer.finish();
}

/**
 * The same for ONNX Runtime, with names of our own for the initializers: those of a model that its optimiser has written are the ones that it
 * chooses, and its next optimisation chooses them again (`reorder_token_1`).
 */
export function encodeToRun(graph: Graph, payloads: Payloads, opset = canonicalOpset): Uint8Array {
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const own = new Map([...graph.initializers.keys()].filter((name) => !outputs.has(name)).map((name, i) => [name, `initscope/${i}`] as const));
  const names = new Map<string, string>([...own].map(([name, short]) => [short, name]));
  const renamed = {
    ...graph,
    nodes: graph.nodes.map((node) => renameNode(node, (value) => own.get(value) ?? value)),
    initializers: new Map([...graph.initializers].map(([name, tensor]) => [own.get(name) ?? name, tensor])),
  };
  return encodeModel(renamed, (name, tensor) => payloads(names.get(name) ?? name, tensor), opset);
}

/** Domains of nodes other than ai.onnx's: those of ONNX Runtime have one version each. */
function domainsOf(graph: Graph): ReadonlySet<string> {
  return new Set([...graphsIn(graph)].flatMap(({ nodes }) => nodes.flatMap(({ domain }) => (domain === '' ? [] : [domain]))));
}

function message(writer: BinaryWriter, field: number, body: () => unknown): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  body();
  writer.join();
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.tag(field, WireType.LengthDelimited).string(value);
}

function encodeGraph(writer: BinaryWriter, graph: Graph, payloads: Payloads): void {
  for (const node of graph.nodes) message(writer, 1, () => encodeNode(writer, node, payloads));
  text(writer, 2, graph.name === '' ? 'graph' : graph.name);
  for (const [name, tensor] of graph.initializers) message(writer, 5, () => encodeTensor(writer, name, tensor, payloads));
  for (const input of graph.inputs) message(writer, 11, () => encodeValueInfo(writer, input));
  for (const output of graph.outputs) message(writer, 12, () => encodeValueInfo(writer, output));
}

function encodeNode(writer: BinaryWriter, node: Node, payloads: Payloads): void {
  for (const input of node.inputs) text(writer, 1, input);
  for (const output of node.outputs) text(writer, 2, output);
  text(writer, 3, node.name);
  text(writer, 4, node.op);
  for (const [name, attribute] of Object.entries(node.attributes)) {
    if (attribute.kind !== 'other' && attribute.kind !== 'reference') message(writer, 5, () => encodeAttribute(writer, name, attribute, payloads));
  }
  if (node.domain !== '') text(writer, 7, node.domain);
}

/** AttributeProto, with its type in field 20. */
function encodeAttribute(writer: BinaryWriter, name: string, attribute: Attribute, payloads: Payloads): void {
  text(writer, 1, name);
  const type = (code: number): unknown => writer.tag(20, WireType.Varint).int32(code);
  switch (attribute.kind) {
    case 'float':
      writer.tag(2, WireType.Bit32).float(attribute.value);
      return void type(1);
    case 'int':
      writer.tag(3, WireType.Varint).int64(int64(attribute.value));
      return void type(2);
    case 'string':
      text(writer, 4, attribute.value);
      return void type(3);
    case 'tensor':
      message(writer, 5, () => encodeTensor(writer, '', attribute.value, payloads));
      return void type(4);
    case 'graph':
      message(writer, 6, () => encodeGraph(writer, attribute.value, payloads));
      return void type(5);
    case 'floats':
      for (const value of attribute.value) writer.tag(7, WireType.Bit32).float(value);
      return void type(6);
    case 'ints':
      for (const value of attribute.value) writer.tag(8, WireType.Varint).int64(int64(value));
      return void type(7);
    case 'strings':
      for (const value of attribute.value) text(writer, 9, value);
      return void type(8);
    case 'other': case 'reference':
      return;
  }
}

/** Doubles that stand for the ends of int64 (Slice to the end) are one too large: they are clamped. */
function int64(value: number): bigint {
  const whole = BigInt(Math.trunc(value));
  return whole > 0x7fffffffffffffffn ? 0x7fffffffffffffffn : whole < -0x8000000000000000n ? -0x8000000000000000n : whole;
}

function encodeTensor(writer: BinaryWriter, name: string, tensor: Tensor, payloads: Payloads): void {
  for (const size of tensor.shape) writer.tag(1, WireType.Varint).int64(size);
  writer.tag(2, WireType.Varint).int32(codeOf(tensor.dtype));
  if (name !== '') text(writer, 8, name);
  writer.tag(9, WireType.LengthDelimited).bytes(tensor.values ? packValues(tensor, tensor.values) : payloads(name, tensor));
}

/** Little-endian bytes of values held in memory. */
export function packValues(tensor: Tensor, values: readonly number[]): Uint8Array {
  const count = elementCount(tensor.shape);
  const view = new DataView(new ArrayBuffer(Math.ceil(count * bytesPerElement(tensor.dtype))));
  for (let i = 0; i < count; i++) {
    const value = values[i] ?? 0;
    switch (tensor.dtype) {
      case 'float32': view.setFloat32(i * 4, value, true); break;
      case 'float64': view.setFloat64(i * 8, value, true); break;
      case 'int64': view.setBigInt64(i * 8, int64(value), true); break;
      case 'uint64': view.setBigUint64(i * 8, BigInt(value), true); break;
      case 'int32': view.setInt32(i * 4, value, true); break;
      case 'uint32': view.setUint32(i * 4, value, true); break;
      case 'int16': view.setInt16(i * 2, value, true); break;
      case 'uint16': view.setUint16(i * 2, value, true); break;
      case 'int8': view.setInt8(i, value); break;
      case 'uint8': case 'bool': view.setUint8(i, value); break;
      default: throw new Error(`Constants of type ${tensor.dtype} are not written.`);
    }
  }
  return new Uint8Array(view.buffer);
}

/** An output whose type is not known is left for the runtime to infer. */
function encodeValueInfo(writer: BinaryWriter, info: ValueInfo): void {
  text(writer, 1, info.name);
  if (info.dtype === 'undefined') return;
  message(writer, 2, () => message(writer, 1, () => {
    writer.tag(1, WireType.Varint).int32(codeOf(info.dtype));
    if (info.shape) message(writer, 2, () => info.shape?.forEach((size) => message(writer, 1, () => encodeDimension(writer, size))));
  }));
}

function encodeDimension(writer: BinaryWriter, size: number | string): void {
  if (typeof size === 'number') writer.tag(1, WireType.Varint).int64(size);
  else if (size !== '?') text(writer, 2, size);
}
