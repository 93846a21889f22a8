/**
 * The messages of an ONNX file, as far as Layerwise reads and writes them. Field names and numbers are those of
 * onnx/onnx.proto3 of the ONNX project (https://github.com/onnx/onnx, Apache-2.0), in camel case. `wire.ts` reads and
 * writes them by the table below; fields that are not in it are passed over.
 */

export interface ModelMessage {
  irVersion?: number;
  opsetImport?: OperatorSetMessage[];
  producerName?: string;
  producerVersion?: string;
  graph?: GraphMessage;
  metadataProps?: EntryMessage[];
  functions?: FunctionMessage[];
}

export interface OperatorSetMessage {
  domain?: string;
  version?: number;
}

export interface FunctionMessage {
  name?: string;
  node?: NodeMessage[];
  domain?: string;
}

export interface EntryMessage {
  key?: string;
  value?: string;
}

export interface GraphMessage {
  node?: NodeMessage[];
  name?: string;
  initializer?: TensorMessage[];
  docString?: string;
  input?: ValueInfoMessage[];
  output?: ValueInfoMessage[];
  valueInfo?: ValueInfoMessage[];
  sparseInitializer?: SparseTensorMessage[];
}

export interface NodeMessage {
  input?: string[];
  output?: string[];
  name?: string;
  opType?: string;
  attribute?: AttributeMessage[];
  docString?: string;
  domain?: string;
}

export interface AttributeMessage {
  name?: string;
  f?: number;
  i?: number;
  s?: Uint8Array;
  t?: TensorMessage;
  g?: GraphMessage;
  floats?: number[];
  ints?: number[];
  strings?: Uint8Array[];
  tensors?: TensorMessage[];
  graphs?: GraphMessage[];
  sparseTensor?: SparseTensorMessage;
  sparseTensors?: SparseTensorMessage[];
  type?: number;
}

export interface TensorMessage {
  dims?: number[];
  dataType?: number;
  /** Numbers as they lie in the file, little-endian (a view of it): reading a file decodes no weights. */
  rawData?: Uint8Array;
  floatData?: Uint8Array[];
  int32Data?: Uint8Array[];
  int64Data?: Uint8Array[];
  doubleData?: Uint8Array[];
  uint64Data?: Uint8Array[];
  stringData?: Uint8Array[];
  name?: string;
  externalData?: EntryMessage[];
  /** 1: the numbers are in another file, which `externalData` names. */
  dataLocation?: number;
}

export interface SparseTensorMessage {
  values?: TensorMessage;
  indices?: TensorMessage;
  dims?: number[];
}

export interface ValueInfoMessage {
  name?: string;
  type?: TypeMessage;
}

export interface TypeMessage {
  tensorType?: { elemType?: number; shape?: TensorShapeMessage };
  /** A type that is no tensor; what it holds is not looked at. */
  sequenceType?: object;
  mapType?: object;
  optionalType?: object;
  sparseTensorType?: object;
}

export interface TensorShapeMessage {
  dim?: DimensionMessage[];
}

export interface DimensionMessage {
  dimValue?: number;
  dimParam?: string;
}

/**
 * How a field is written. `chunks` are repeated numbers, kept as the bytes they lie in: one chunk for a packed field,
 * else one for each number; `width` is their size in bytes, 0 for variable-length integers.
 */
export type FieldType =
  | 'int64'
  | 'int32'
  | 'float'
  | 'string'
  | 'bytes'
  | { message: MessageName }
  | { chunks: 0 | 4 | 8 };

export interface Field {
  name: string;
  type: FieldType;
  repeated?: true;
}

type Fields = Record<number, Field>;

const one = (name: string, type: FieldType): Field => ({ name, type });
const many = (name: string, type: FieldType): Field => ({ name, type, repeated: true });
const message = (name: MessageName): FieldType => ({ message: name });

export type MessageName =
  | 'Model'
  | 'OperatorSet'
  | 'Function'
  | 'Entry'
  | 'Graph'
  | 'Node'
  | 'Attribute'
  | 'Tensor'
  | 'SparseTensor'
  | 'ValueInfo'
  | 'Type'
  | 'TensorType'
  | 'TensorShape'
  | 'Dimension'
  | 'Opaque';

/** Field number → field, for each message. */
export const messageFields: Record<MessageName, Fields> = {
  Model: {
    1: one('irVersion', 'int64'),
    2: one('producerName', 'string'),
    3: one('producerVersion', 'string'),
    7: one('graph', message('Graph')),
    8: many('opsetImport', message('OperatorSet')),
    14: many('metadataProps', message('Entry')),
    25: many('functions', message('Function')),
  },
  OperatorSet: { 1: one('domain', 'string'), 2: one('version', 'int64') },
  Function: { 1: one('name', 'string'), 7: many('node', message('Node')), 10: one('domain', 'string') },
  Entry: { 1: one('key', 'string'), 2: one('value', 'string') },
  Graph: {
    1: many('node', message('Node')),
    2: one('name', 'string'),
    5: many('initializer', message('Tensor')),
    10: one('docString', 'string'),
    11: many('input', message('ValueInfo')),
    12: many('output', message('ValueInfo')),
    13: many('valueInfo', message('ValueInfo')),
    15: many('sparseInitializer', message('SparseTensor')),
  },
  Node: {
    1: many('input', 'string'),
    2: many('output', 'string'),
    3: one('name', 'string'),
    4: one('opType', 'string'),
    5: many('attribute', message('Attribute')),
    6: one('docString', 'string'),
    7: one('domain', 'string'),
  },
  Attribute: {
    1: one('name', 'string'),
    2: one('f', 'float'),
    3: one('i', 'int64'),
    4: one('s', 'bytes'),
    5: one('t', message('Tensor')),
    6: one('g', message('Graph')),
    7: many('floats', 'float'),
    8: many('ints', 'int64'),
    9: many('strings', 'bytes'),
    10: many('tensors', message('Tensor')),
    11: many('graphs', message('Graph')),
    20: one('type', 'int32'),
    22: one('sparseTensor', message('SparseTensor')),
    23: many('sparseTensors', message('SparseTensor')),
  },
  Tensor: {
    1: many('dims', 'int64'),
    2: one('dataType', 'int32'),
    4: one('floatData', { chunks: 4 }),
    5: one('int32Data', { chunks: 0 }),
    6: many('stringData', 'bytes'),
    7: one('int64Data', { chunks: 0 }),
    8: one('name', 'string'),
    9: one('rawData', 'bytes'),
    10: one('doubleData', { chunks: 8 }),
    11: one('uint64Data', { chunks: 0 }),
    13: many('externalData', message('Entry')),
    14: one('dataLocation', 'int32'),
  },
  SparseTensor: {
    1: one('values', message('Tensor')),
    2: one('indices', message('Tensor')),
    3: many('dims', 'int64'),
  },
  ValueInfo: { 1: one('name', 'string'), 2: one('type', message('Type')) },
  Type: {
    1: one('tensorType', message('TensorType')),
    4: one('sequenceType', message('Opaque')),
    5: one('mapType', message('Opaque')),
    8: one('sparseTensorType', message('Opaque')),
    9: one('optionalType', message('Opaque')),
  },
  TensorType: { 1: one('elemType', 'int32'), 2: one('shape', message('TensorShape')) },
  TensorShape: { 1: many('dim', message('Dimension')) },
  Dimension: { 1: one('dimValue', 'int64'), 2: one('dimParam', 'string') },
  Opaque: {},
};

/** `AttributeProto.AttributeType`. */
export const attributeType = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
} as const;
