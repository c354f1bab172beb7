import type { Attribute, Attributes, Graph, Model, ModelFunction, Node, ValueInfo } from '../../core/graph/graph';
import { dtypeOf } from '../../core/graph/dtype';
import { Names, shortened } from '../../core/graph/names';
import { orderNodes } from '../../core/graph/order';
import type { Tensor, TensorHome } from '../../core/graph/tensor';
import { Failure } from '../../protocol/failure';
import type { FormatId } from '../../protocol/report';
import { say } from '../../protocol/words';
import type { ByteSource } from '../files/byteSource';
import { constantOf } from './constant';
import { decode } from './decode';
import { externalReferences } from './external';
import type { AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto, OperatorSetProto, SparseTensorProto, ValueInfoProto } from './schema';
import { modelSchema } from './schema';
import { locateSparse } from './sparse';
import { homeAt, locateTensor } from './tensor';
import { weightInputs } from './weightInputs';
import { WireCursor } from './wire';

/** From this IR version on an initializer need not be an input of the graph as well (onnx.proto, GraphProto.initializer). */
export const freeInitializers = 4;

/** Reads the structure of an ONNX file and locates its weights. Throws a Failure that says what is wrong with the file. */
export function readOnnx(source: ByteSource): Model {
  refuseForeign(source);
  return readProto(source, decode(new WireCursor(source), modelSchema, source.size), 'onnx');
}

/** The same of messages that were decoded, whatever they were written in. */
export function readProto(source: ByteSource, proto: ModelProto, format: FormatId): Model {
  if (!proto.graph || (proto.irVersion ?? 0) < 1) {
    throw new Failure('foreign-file', proto.graph ? say('{0} is not an ONNX model: it has no IR version. Name a file exported to ONNX.', source.name)
      : say('{0} is not an ONNX model: it has no graph. Name a file exported to ONNX.', source.name));
  }
  const reader = new GraphReader(source);
  return {
    file: source.name,
    format,
    producer: [proto.producerName ?? '', proto.producerVersion ?? ''].filter((part) => part !== '').join(' '),
    irVersion: proto.irVersion ?? 0,
    opsets: readOpsets(proto.opsetImport),
    metadata: new Map((proto.metadataProps ?? []).map((entry) => [entry.key ?? '', entry.value ?? ''])),
    graph: reader.read(proto.graph, '', (proto.irVersion ?? 0) >= freeInitializers ? 'computed initializer' : 'computed constant'),
    learned: declaredIn(proto.graph, 'PARAMETER'), buffers: declaredIn(proto.graph, 'BUFFER') ?? new Set(),
    functions: (proto.functions ?? []).map((each) => readFunction(reader, each)),
    external: externalReferences(source, proto),
  };
}

function readOpsets(protos: readonly OperatorSetProto[] = []): ReadonlyMap<string, number> {
  return new Map(protos.map((set) => [normalDomain(set.domain), set.version ?? 1]));
}

function readFunction(reader: GraphReader, proto: FunctionProto): ModelFunction {
  const { name = '', overload = '' } = proto;
  const scope = shortened(overload === '' ? `${name}/` : `${name}:${overload}/`);
  const named = (names: readonly string[] = []): ValueInfoProto[] => names.map((each) => ({ name: each }));
  return {
    domain: normalDomain(proto.domain), name, overload,
    defaults: reader.readAttributes(proto.attributeProto, scope, 'computed constant'),
    opsets: readOpsets(proto.opsetImport),
    graph: reader.read({ name, node: proto.node ?? [], input: named(proto.input), output: named(proto.output) }, scope, 'computed constant'),
  };
}

function refuseForeign(source: ByteSource): void {
  if (source.size === 0) throw new Failure('empty-file', say('{0} is empty (0 bytes). Export the model again.', source.name));
  // Byte for byte: a TextDecoder takes latin1 for windows-1252.
  const head = Buffer.from(source.read(0, 64)).toString('latin1');
  const foreign = head.startsWith('version https://git-lfs') ? say('a Git LFS pointer: fetch the model with "git lfs pull"')
    : head.startsWith('PK\x03\x04') ? say('a zip archive (a PyTorch or Keras checkpoint?): export it to ONNX')
      : head.startsWith('\x89HDF') ? say('an HDF5 file: export it to ONNX')
        : isWritten(source) ? writtenAs(head)
          : head.slice(4, 8) === 'TFL3' ? say('a TensorFlow Lite model: export it to ONNX')
            : head.slice(4, 8) === 'ORTM' ? say('an ORT-format model: keep the .onnx it was made from') : null;
  if (foreign !== null) throw new Failure('foreign-file', say('{0} is not an ONNX model but {1}.', source.name, foreign));
}

/** A model of bytes has such below 32 among its first ones: the tag of its IR version is 8. */
const isWritten = (source: ByteSource): boolean => !/[^\t\n\r -~\x80-\xff]/.test(Buffer.from(source.read(0, 4096)).toString('latin1'));

/** Texts by how they begin, as what they are and what to do, behind "is not an ONNX model but". */
function writtenAs(head: string): string {
  // onnx.printer, and google.protobuf.text_format of a ModelProto and of TensorFlow's GraphDef.
  if (/^\s*<\s*(ir_version|opset_import)/.test(head)) {
    return say('one in ONNX’ own text: turn it into bytes, onnx.save(onnx.parser.parse_model(text), "model.onnx")');
  }
  if (/^\s*(ir_version|producer_name|opset_import|graph)\s*[:{]/.test(head)) {
    return say('one in the text of protocol buffers: turn it into bytes, onnx.save(onnx.load(file, format="textproto"), "model.onnx")');
  }
  if (/^\s*(node|versions|library)\s*\{/.test(head)) return say('a graph of TensorFlow as text: convert the model to ONNX (tf2onnx)');
  return /^\s*\/[/*]/.test(head) ? say('text that begins with a comment, which JSON does not have: take the comments out')
    : say('text: name a file exported to ONNX');
}

function normalDomain(domain: string | undefined): string {
  return domain === undefined || domain === 'ai.onnx' ? '' : domain;
}

class GraphReader {
  readonly #source: ByteSource;
  /** Unique in the model, whatever names a file chooses. */
  readonly #ids = new Names('#', 2);

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** `scope` is the path of the subgraph, with a separator at its end; `computed` what a node that computes a tensor becomes in it. */
  read(proto: GraphProto, scope: string, computed: TensorHome['kind']): Graph {
    const initializers = new Map<string, Tensor>();
    for (const tensor of proto.initializer ?? []) {
      if (tensor.name !== undefined) initializers.set(tensor.name, { ...locateTensor(this.#source, tensor), id: this.#idOf(scope + tensor.name) });
    }
    for (const sparse of proto.sparseInitializer ?? []) {
      const name = sparse.values?.name;
      const home = homeAt(this.#source, sparse.extent, 'sparse initializer');
      if (name !== undefined) initializers.set(name, this.#locateSparse(sparse, scope + name, home));
    }
    const nodes = this.#readNodes(proto.node ?? [], initializers, scope, computed);
    const { ordered, cyclic } = orderNodes(nodes);
    if (cyclic.length > 0) {
      const some = cyclic.slice(0, 3).join(', ');
      throw new Failure('broken-file', say('{0} is not a valid model: the nodes {1} depend on each other in a circle.', this.#source.name, some));
    }
    const given = (proto.input ?? []).map(readValueInfo).filter((input) => !initializers.has(input.name));
    if (scope === '') for (const input of weightInputs(given, ordered)) initializers.set(input.name, this.#stripped(input, proto));
    return {
      name: proto.name ?? '',
      inputs: given.filter((input) => !initializers.has(input.name)),
      outputs: (proto.output ?? []).map(readValueInfo),
      initializers,
      nodes: ordered,
    };
  }

  /** A weight that the file only names. */
  #stripped({ name, dtype, shape }: ValueInfo, { input = [] }: GraphProto): Tensor {
    const home = homeAt(this.#source, input.find((each) => each.name === name)?.extent, 'graph input');
    return {
      id: this.#idOf(name), dtype, shape: (shape ?? []).map(Number), storage: 'input', place: null, values: null, stripped: true,
      problem: say('it is an input of the network, and the file has no values for it'), ...(home ? { home } : {}),
    };
  }

  #idOf(path: string): string {
    return this.#ids.fresh(shortened(path));
  }

  #locateSparse(proto: SparseTensorProto, path: string, home?: TensorHome): Tensor {
    const tensor = locateSparse(this.#source, proto, home);
    const id = this.#idOf(path);
    return { ...tensor, id, ...(tensor.indices ? { indices: { ...tensor.indices, id: `${id}.indices` } } : {}) };
  }

  #readNodes(protos: readonly NodeProto[], initializers: Map<string, Tensor>, scope: string, computed: TensorHome['kind']): readonly Node[] {
    const nodes: Node[] = [];
    const names = new Names('#', 2);
    const produced = new Set<string>(initializers.keys());
    protos.forEach((proto, i) => {
      const node = this.#readNode(proto, i, names, scope, computed);
      for (const output of node.outputs) {
        if (output !== '' && produced.has(output)) {
          throw new Failure('broken-file',
            say('{0} is not a valid model: the value "{1}" is made twice, the second time by {2}.', this.#source.name, output, node.name));
        }
        produced.add(output);
      }
      const constant = constantOf(node);
      const output = node.outputs[0];
      if (constant && output !== undefined) initializers.set(output, { ...constant, ...this.#homeOf(proto, constant), id: this.#idOf(scope + output) });
      else nodes.push(this.#withPlace(node, proto, scope, computed, initializers));
    });
    return nodes;
  }

  #homeOf(proto: NodeProto, constant: Tensor): { readonly home?: TensorHome } {
    const attribute = (proto.attribute ?? []).find(({ name }) => name?.startsWith('value') === true || name === 'sparse_value')?.extent;
    // Only here: a sparse argument of a call cannot be made a dense one, since the function says what it is.
    const kind = constant.stored !== undefined ? 'sparse constant' : constant.dtype === 'float32' ? 'float constant' : null;
    const home = constant.home ?? (kind === null ? undefined : homeAt(this.#source, attribute, kind));
    return home ? { home: { ...home, ...(attribute ? { attribute } : {}), ...(proto.extent ? { node: proto.extent } : {}) } } : {};
  }

  /** Of a node whose tensor may be stored instead: not where each call of a function gives another shape. */
  #withPlace(node: Node, { extent }: NodeProto, scope: string, computed: TensorHome['kind'], own: ReadonlyMap<string, Tensor>): Node {
    if (node.op !== 'ConstantOfShape' || node.domain !== '') return node;
    const home = computed === 'computed initializer' || own.has(node.inputs[0] ?? '') ? homeAt(this.#source, extent, computed) : undefined;
    return home ? { ...node, computes: { id: this.#idOf(scope + (node.outputs[0] ?? '')), home } } : node;
  }

  #readNode(proto: NodeProto, position: number, names: Names, scope: string, computed: TensorHome['kind']): Node {
    const op = proto.opType ?? '';
    const name = names.fresh(proto.name === undefined || proto.name === '' ? `${op}_${position}` : proto.name);
    const module = moduleOf(proto);
    return {
      name, op, domain: normalDomain(proto.domain), inputs: proto.input ?? [], outputs: proto.output ?? [],
      attributes: this.readAttributes(proto.attribute, shortened(`${scope}${name}.`), computed),
      ...(proto.extent ? { source: proto.extent } : {}), ...(module === null ? {} : { module }),
      ...(proto.overload === undefined || proto.overload === '' ? {} : { overload: proto.overload }),
    };
  }

  readAttributes(protos: readonly AttributeProto[] = [], scope: string, computed: TensorHome['kind']): Attributes {
    return Object.fromEntries(protos.map((proto) => [proto.name ?? '', this.#readAttribute(proto, `${scope}${proto.name ?? ''}`, computed)]));
  }

  /** AttributeProto.AttributeType, with files of IR version 1, which leave it out. */
  #readAttribute(proto: AttributeProto, path: string, computed: TensorHome['kind']): Attribute {
    if (proto.refAttrName !== undefined && proto.refAttrName !== '') return { kind: 'reference', value: proto.refAttrName };
    switch (proto.type ?? guessType(proto)) {
      case 1: return { kind: 'float', value: proto.f ?? 0 };
      case 2: return { kind: 'int', value: proto.i ?? 0 };
      case 3: return { kind: 'string', value: proto.s ?? '' };
      case 4: return { kind: 'tensor', value: { ...locateTensor(this.#source, proto.t ?? {}), id: this.#idOf(path) } };
      case 5: return { kind: 'graph', value: this.read(proto.g ?? {}, shortened(`${path}/`), computed) };
      case 6: return { kind: 'floats', value: proto.floats ?? [] };
      case 7: return { kind: 'ints', value: proto.ints ?? [] };
      case 8: return { kind: 'strings', value: proto.strings ?? [] };
      case 11: return { kind: 'tensor', value: this.#locateSparse(proto.sparseTensor ?? {}, path) };
      default: return { kind: 'other', value: '' };
    }
  }
}

/** As PyTorch's exporter notes it: a line for each input of the program, with what it is and what it is called. */
const signatureKey = 'pkg.torch.export.ExportedProgram.graph_signature';

function declaredIn({ metadataProps = [] }: GraphProto, kind: 'PARAMETER' | 'BUFFER'): ReadonlySet<string> | null {
  const signature = metadataProps.find(({ key }) => key === signatureKey)?.value;
  if (signature === undefined) return null;
  const declared = [...signature.matchAll(/^\w+: (PARAMETER|BUFFER) target='([^']*)'/gm)];
  return new Set(declared.flatMap(([, each, name = '']) => (each === kind ? [name] : [])));
}

/** As PyTorch's exporter notes it: a list of the modules around an operation, as Python prints it, and the operation behind them. */
const scopesKey = 'pkg.torch.onnx.name_scopes';

function moduleOf({ metadataProps = [] }: NodeProto): string | null {
  const listed = metadataProps.find(({ key }) => key === scopesKey)?.value ?? '';
  const module = [...listed.matchAll(/'([^']*)'/g)].at(-2)?.[1] ?? '';
  return module === '' ? null : module;
}

function guessType(proto: AttributeProto): number {
  if (proto.t) return 4;
  if (proto.g) return 5;
  if (proto.sparseTensor) return 11;
  if (proto.ints) return 7;
  if (proto.floats) return 6;
  if (proto.strings) return 8;
  if (proto.s !== undefined) return 3;
  if (proto.f !== undefined) return 1;
  return proto.i === undefined ? 0 : 2;
}

function readValueInfo(proto: ValueInfoProto): ValueInfo {
  const tensor = proto.type?.tensorType;
  const shape = tensor?.shape ? (tensor.shape.dim ?? []).map((dim) => dim.dimValue ?? (dim.dimParam === '' ? '?' : dim.dimParam ?? '?')) : null;
  return { name: proto.name ?? '', dtype: dtypeOf(tensor?.elemType ?? 0), shape };
}
