/**
 * The messages of onnx.proto that the project reads and writes, as tables: field number, type and whether it repeats.
 * Field numbers are those of the ONNX specification (onnx/onnx.proto, IR version 10 and later additions).
 */
/** `bytes` hold text all the same; JSON has them in base64. */
export type FieldType = 'int' | 'float' | 'string' | 'bytes' | 'payload' | (() => Schema<unknown>);

export interface Field {
  readonly name: string;
  readonly number: number;
  readonly type: FieldType;
  readonly repeated: boolean;
}

export interface Schema<T> {
  readonly name: string;
  readonly fields: ReadonlyMap<number, Field>;
  /** Whether it is noted where each such message lies. */
  readonly located: boolean;
  /** Never set: ties the table to the shape of the message. */
  readonly message?: T;
}

type FieldTable<T> = { readonly [K in keyof T as K extends 'extent' ? never : K]-?: readonly [number, FieldType, 'repeated'?] };

function schema<T>(name: string, table: FieldTable<T>, located?: 'located'): Schema<T> {
  const entries: [string, readonly [number, FieldType, 'repeated'?]][] = Object.entries(table);
  return {
    name,
    located: located === 'located',
    fields: new Map(entries.map(([key, [number, type, repeated]]) => [number, { name: key, number, type, repeated: repeated === 'repeated' }])),
  };
}

/** Where the values of a payload field lie: `packed` without tags, `tagged` each behind its own tag, or as the text of a JSON file. */
export type Payload = WirePayload | TextPayload;

interface WirePayload {
  readonly wireType: number;
  readonly form: 'packed' | 'tagged';
  readonly offset: number;
  readonly length: number;
}

export interface TextPayload {
  readonly form: 'decimal' | 'base64';
  readonly offset: number;
  readonly length: number;
  /** How many numbers it is, or bytes if it is nothing but base64. */
  readonly holds: number;
}

export const isWirePayload = (payload: Payload): payload is WirePayload => payload.form === 'packed' || payload.form === 'tagged';

/** Where a message lies in its file, its tag and length included. */
export interface Extent {
  readonly start: number;
  readonly end: number;
  /** Of an object in a JSON text. */
  readonly isText?: true;
}

export interface EntryProto { extent?: Extent; key?: string; value?: string }
export interface TensorProto {
  extent?: Extent;
  dims?: number[];
  dataType?: number;
  floatData?: Payload[];
  int32Data?: Payload[];
  stringData?: Payload[];
  int64Data?: Payload[];
  name?: string;
  rawData?: Payload[];
  doubleData?: Payload[];
  uint64Data?: Payload[];
  externalData?: EntryProto[];
  dataLocation?: number;
}
export interface SparseTensorProto { extent?: Extent; values?: TensorProto; indices?: TensorProto; dims?: number[] }
export interface AttributeProto {
  extent?: Extent;
  name?: string;
  refAttrName?: string;
  type?: number;
  f?: number;
  i?: number;
  s?: string;
  t?: TensorProto;
  g?: GraphProto;
  floats?: number[];
  ints?: number[];
  strings?: string[];
  tensors?: TensorProto[];
  graphs?: GraphProto[];
  sparseTensor?: SparseTensorProto;
  sparseTensors?: SparseTensorProto[];
}
export interface NodeProto {
  extent?: Extent;
  input?: string[];
  output?: string[];
  name?: string;
  opType?: string;
  domain?: string;
  attribute?: AttributeProto[];
  overload?: string;
  metadataProps?: EntryProto[];
}
export interface DimensionProto { dimValue?: number; dimParam?: string }
export interface ShapeProto { dim?: DimensionProto[] }
export interface TensorTypeProto { elemType?: number; shape?: ShapeProto }
export interface TypeProto { tensorType?: TensorTypeProto }
export interface ValueInfoProto { extent?: Extent; name?: string; type?: TypeProto }
export interface GraphProto {
  node?: NodeProto[];
  name?: string;
  initializer?: TensorProto[];
  input?: ValueInfoProto[];
  output?: ValueInfoProto[];
  valueInfo?: ValueInfoProto[];
  sparseInitializer?: SparseTensorProto[];
  metadataProps?: EntryProto[];
}
export interface OperatorSetProto { domain?: string; version?: number }
export interface FunctionProto {
  name?: string;
  input?: string[];
  output?: string[];
  node?: NodeProto[];
  opsetImport?: OperatorSetProto[];
  domain?: string;
  attributeProto?: AttributeProto[];
  overload?: string;
}
export interface TrainingInfoProto { initialization?: GraphProto; algorithm?: GraphProto }
export interface ModelProto {
  irVersion?: number;
  producerName?: string;
  producerVersion?: string;
  graph?: GraphProto;
  opsetImport?: OperatorSetProto[];
  metadataProps?: EntryProto[];
  trainingInfo?: TrainingInfoProto[];
  functions?: FunctionProto[];
}

const entrySchema = schema<EntryProto>('StringStringEntryProto', { key: [1, 'string'], value: [2, 'string'] }, 'located');

export const tensorSchema = schema<TensorProto>('TensorProto', {
  dims: [1, 'int', 'repeated'],
  dataType: [2, 'int'],
  floatData: [4, 'payload', 'repeated'],
  int32Data: [5, 'payload', 'repeated'],
  stringData: [6, 'payload', 'repeated'],
  int64Data: [7, 'payload', 'repeated'],
  name: [8, 'string'],
  rawData: [9, 'payload', 'repeated'],
  doubleData: [10, 'payload', 'repeated'],
  uint64Data: [11, 'payload', 'repeated'],
  externalData: [13, () => entrySchema, 'repeated'],
  dataLocation: [14, 'int'],
}, 'located');

const sparseSchema = schema<SparseTensorProto>('SparseTensorProto', {
  values: [1, () => tensorSchema], indices: [2, () => tensorSchema], dims: [3, 'int', 'repeated'],
}, 'located');

const attributeSchema: Schema<AttributeProto> = schema<AttributeProto>('AttributeProto', {
  name: [1, 'string'],
  f: [2, 'float'],
  i: [3, 'int'],
  s: [4, 'bytes'],
  t: [5, () => tensorSchema],
  g: [6, (): Schema<GraphProto> => graphSchema],
  floats: [7, 'float', 'repeated'],
  ints: [8, 'int', 'repeated'],
  strings: [9, 'bytes', 'repeated'],
  tensors: [10, () => tensorSchema, 'repeated'],
  graphs: [11, (): Schema<GraphProto> => graphSchema, 'repeated'],
  type: [20, 'int'],
  refAttrName: [21, 'string'],
  sparseTensor: [22, () => sparseSchema],
  sparseTensors: [23, () => sparseSchema, 'repeated'],
}, 'located');

const nodeSchema = schema<NodeProto>('NodeProto', {
  input: [1, 'string', 'repeated'],
  output: [2, 'string', 'repeated'],
  name: [3, 'string'],
  opType: [4, 'string'],
  attribute: [5, () => attributeSchema, 'repeated'],
  domain: [7, 'string'],
  overload: [8, 'string'],
  metadataProps: [9, () => entrySchema, 'repeated'],
}, 'located');

const dimensionSchema = schema<DimensionProto>('TensorShapeProto.Dimension', { dimValue: [1, 'int'], dimParam: [2, 'string'] });
const shapeSchema = schema<ShapeProto>('TensorShapeProto', { dim: [1, () => dimensionSchema, 'repeated'] });
const tensorTypeSchema = schema<TensorTypeProto>('TypeProto.Tensor', { elemType: [1, 'int'], shape: [2, () => shapeSchema] });
const typeSchema = schema<TypeProto>('TypeProto', { tensorType: [1, () => tensorTypeSchema] });
const valueInfoSchema = schema<ValueInfoProto>('ValueInfoProto', { name: [1, 'string'], type: [2, () => typeSchema] }, 'located');

export const graphSchema: Schema<GraphProto> = schema<GraphProto>('GraphProto', {
  node: [1, () => nodeSchema, 'repeated'],
  name: [2, 'string'],
  initializer: [5, () => tensorSchema, 'repeated'],
  input: [11, () => valueInfoSchema, 'repeated'],
  output: [12, () => valueInfoSchema, 'repeated'],
  valueInfo: [13, () => valueInfoSchema, 'repeated'],
  sparseInitializer: [15, () => sparseSchema, 'repeated'],
  metadataProps: [16, () => entrySchema, 'repeated'],
});

const operatorSetSchema = schema<OperatorSetProto>('OperatorSetIdProto', { domain: [1, 'string'], version: [2, 'int'] });
const functionSchema = schema<FunctionProto>('FunctionProto', {
  name: [1, 'string'],
  input: [4, 'string', 'repeated'],
  output: [5, 'string', 'repeated'],
  node: [7, () => nodeSchema, 'repeated'],
  opsetImport: [9, () => operatorSetSchema, 'repeated'],
  domain: [10, 'string'],
  attributeProto: [11, () => attributeSchema, 'repeated'],
  overload: [13, 'string'],
});

const trainingSchema = schema<TrainingInfoProto>('TrainingInfoProto', { initialization: [1, () => graphSchema], algorithm: [2, () => graphSchema] });
export const modelSchema = schema<ModelProto>('ModelProto', {
  irVersion: [1, 'int'],
  producerName: [2, 'string'],
  producerVersion: [3, 'string'],
  graph: [7, () => graphSchema],
  opsetImport: [8, () => operatorSetSchema, 'repeated'],
  metadataProps: [14, () => entrySchema, 'repeated'],
  trainingInfo: [20, () => trainingSchema, 'repeated'],
  functions: [25, () => functionSchema, 'repeated'],
});

/** TensorProto.DataLocation.EXTERNAL */
export const externalLocation = 1;
/** Field number of ModelProto.metadata_props, where the record of a recipe is appended. */
export const metadataField = 14;
