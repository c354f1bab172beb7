import type { Attribute, Graph, Model, Node, ValueInfo } from '../../core/graph/graph';
import { dtypeOf } from '../../core/graph/dtype';
import { orderNodes } from '../../core/graph/order';
import type { Tensor } from '../../core/graph/tensor';
import { createTensor } from '../../core/graph/tensor';
import { Failure } from '../../protocol/failure';
import type { ByteSource } from '../byteSource';
import { decode } from './decode';
import type { AttributeProto, GraphProto, NodeProto, ValueInfoProto } from './schema';
import { modelSchema } from './schema';
import { locateTensor } from './tensor';
import { WireCursor } from './wire';

/** Reads the structure of an ONNX file and locates its weights. Throws a Failure that says what is wrong with the file. */
export function readOnnx(source: ByteSource): Model {
  refuseForeign(source);
  const proto = decode(new WireCursor(source), modelSchema, source.size);
  if (!proto.graph || (proto.irVersion ?? 0) < 1) {
    throw new Failure('foreign-file', `${source.name} is not an ONNX model: it has no ${proto.graph ? 'IR version' : 'graph'}. Name a file exported to ONNX.`);
  }
  return {
    file: source.name,
    producer: [proto.producerName ?? '', proto.producerVersion ?? ''].filter((part) => part !== '').join(' '),
    irVersion: proto.irVersion ?? 0,
    opsets: new Map((proto.opsetImport ?? []).map((set) => [normalDomain(set.domain), set.version ?? 1])),
    metadata: new Map((proto.metadataProps ?? []).map((entry) => [entry.key ?? '', entry.value ?? ''])),
    graph: new GraphReader(source).read(proto.graph, ''),
  };
}

function refuseForeign(source: ByteSource): void {
  if (source.size === 0) throw new Failure('empty-file', `${source.name} is empty (0 bytes). Export the model again.`);
  // Byte for byte: a TextDecoder takes latin1 for windows-1252.
  const head = Buffer.from(source.read(0, 64)).toString('latin1');
  const foreign = head.startsWith('version https://git-lfs') ? 'a Git LFS pointer: fetch the model with "git lfs pull"'
    : head.startsWith('PK\x03\x04') ? 'a zip archive (a PyTorch or Keras checkpoint?): export it to ONNX'
      : head.startsWith('\x89HDF') ? 'an HDF5 file: export it to ONNX'
        : /^\s*[{[<]/.test(head) && /^[\x09\x0a\x0d\x20-\x7e]+$/.test(head) ? 'text: name a file exported to ONNX'
          : head.slice(4, 8) === 'TFL3' ? 'a TensorFlow Lite model: export it to ONNX'
            : head.slice(4, 8) === 'ORTM' ? 'an ORT-format model: keep the .onnx it was made from' : null;
  if (foreign !== null) throw new Failure('foreign-file', `${source.name} is not an ONNX model but ${foreign}.`);
}

function normalDomain(domain: string | undefined): string {
  return domain === undefined || domain === 'ai.onnx' ? '' : domain;
}

class GraphReader {
  readonly #source: ByteSource;
  readonly #ids = new Set<string>();

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** `scope` is the path of the subgraph, with a separator at its end. */
  read(proto: GraphProto, scope: string): Graph {
    const initializers = new Map<string, Tensor>();
    for (const tensor of proto.initializer ?? []) {
      if (tensor.name !== undefined) initializers.set(tensor.name, { ...locateTensor(this.#source, tensor, 'initializer'), id: this.#id(scope, tensor.name) });
    }
    for (const sparse of proto.sparseInitializer ?? []) {
      const dtype = dtypeOf(sparse.values?.dataType ?? 0);
      const problem = 'its values are sparse';
      if (sparse.values?.name !== undefined) {
        const name = sparse.values.name;
        initializers.set(name, { id: this.#id(scope, name), dtype, shape: sparse.dims ?? [], storage: 'sparse', place: null, values: null, problem });
      }
    }
    const nodes = this.#readNodes(proto.node ?? [], initializers, scope);
    const { ordered, cyclic } = orderNodes(nodes);
    if (cyclic.length > 0) {
      const some = cyclic.slice(0, 3).join(', ');
      throw new Failure('broken-file', `${this.#source.name} is not a valid model: the nodes ${some} depend on each other in a circle.`);
    }
    return {
      name: proto.name ?? '',
      inputs: (proto.input ?? []).map(readValueInfo).filter((input) => !initializers.has(input.name)),
      outputs: (proto.output ?? []).map(readValueInfo),
      initializers,
      nodes: ordered,
    };
  }

  /** Unique in the model, whatever names a file chooses. */
  #id(scope: string, name: string): string {
    let id = scope + name;
    for (let copy = 2; this.#ids.has(id); copy++) id = `${scope}${name}#${copy}`;
    this.#ids.add(id);
    return id;
  }

  #readNodes(protos: readonly NodeProto[], initializers: Map<string, Tensor>, scope: string): readonly Node[] {
    const nodes: Node[] = [];
    const names = new Set<string>();
    const produced = new Set<string>(initializers.keys());
    protos.forEach((proto, i) => {
      const node = this.#readNode(proto, i, names, scope);
      for (const output of node.outputs) {
        if (output !== '' && produced.has(output)) {
          throw new Failure('broken-file', `${this.#source.name} is not a valid model: the value "${output}" is made twice, the second time by ${node.name}.`);
        }
        produced.add(output);
      }
      const constant = node.op === 'Constant' && node.domain === '' ? constantOf(node, proto, this.#source) : null;
      const output = node.outputs[0];
      if (constant && output !== undefined) initializers.set(output, { ...constant, id: this.#id(scope, output) });
      else nodes.push(node);
    });
    return nodes;
  }

  #readNode(proto: NodeProto, position: number, names: Set<string>, scope: string): Node {
    const op = proto.opType ?? '';
    const given = proto.name === undefined || proto.name === '' ? `${op}_${position}` : proto.name;
    let name = given;
    for (let copy = 2; names.has(name); copy++) name = `${given}#${copy}`;
    names.add(name);
    const attributes = (proto.attribute ?? []).map(({ name: key = '', ...attribute }) => (
      [key, this.#readAttribute(attribute, `${scope}${name}.${key}/`)] as const));
    return { name, op, domain: normalDomain(proto.domain), inputs: proto.input ?? [], outputs: proto.output ?? [], attributes: Object.fromEntries(attributes) };
  }

  /** AttributeProto.AttributeType, with files of IR version 1, which leave it out. */
  #readAttribute(proto: AttributeProto, scope: string): Attribute {
    switch (proto.type ?? guessType(proto)) {
      case 1: return { kind: 'float', value: proto.f ?? 0 };
      case 2: return { kind: 'int', value: proto.i ?? 0 };
      case 3: return { kind: 'string', value: proto.s ?? '' };
      case 4: return { kind: 'tensor', value: locateTensor(this.#source, proto.t ?? {}, 'constant') };
      case 5: return { kind: 'graph', value: this.read(proto.g ?? {}, scope) };
      case 6: return { kind: 'floats', value: proto.floats ?? [] };
      case 7: return { kind: 'ints', value: proto.ints ?? [] };
      case 8: return { kind: 'strings', value: proto.strings ?? [] };
      default: return { kind: 'other', value: proto.refAttrName ?? '' };
    }
  }
}

function guessType(proto: AttributeProto): number {
  if (proto.t) return 4;
  if (proto.g) return 5;
  if (proto.ints) return 7;
  if (proto.floats) return 6;
  if (proto.strings) return 8;
  if (proto.s !== undefined) return 3;
  if (proto.f !== undefined) return 1;
  return proto.i === undefined ? 0 : 2;
}

/** The tensor a `Constant` node stands for, in any of its forms but strings and sparse ones. */
function constantOf(node: Node, proto: NodeProto, source: ByteSource): Tensor | null {
  const name = proto.attribute?.[0]?.name ?? '';
  const attribute = node.attributes[name];
  switch (attribute?.kind) {
    case 'tensor': return attribute.value;
    case 'float': return { ...createTensor('float32', [], [attribute.value]), storage: 'constant' };
    case 'floats': return { ...createTensor('float32', [attribute.value.length], attribute.value), storage: 'constant' };
    case 'int': return { ...createTensor('int64', [], [attribute.value]), storage: 'constant' };
    case 'ints': return { ...createTensor('int64', [attribute.value.length], attribute.value), storage: 'constant' };
    case 'string': case 'strings': case 'graph': case 'other': case undefined: return null;
    default: throw new Failure('broken-file', `${source.name}: the Constant node ${node.name} has no value.`);
  }
}

function readValueInfo(proto: ValueInfoProto): ValueInfo {
  const tensor = proto.type?.tensorType;
  const shape = tensor?.shape ? (tensor.shape.dim ?? []).map((dim) => dim.dimValue ?? (dim.dimParam === '' ? '?' : dim.dimParam ?? '?')) : null;
  return { name: proto.name ?? '', dtype: dtypeOf(tensor?.elemType ?? 0), shape };
}
