/**
 * An ONNX graph in the making. Tensors are as tfjs has them; ONNX's convolutions and poolings want the channels on the
 * second axis, so a tensor may also, or only, be there in that order. A Transpose is written when somebody asks for the
 * order that is not there: neighbours that agree need none.
 */
import type {
  AttributeMessage,
  GraphMessage,
  NodeMessage,
  TensorMessage,
  ValueInfoMessage,
} from '../../onnx/messages';
import { attributeType } from '../../onnx/messages';
import { elementTypes } from '../../onnx/tensors';
import type { ExportedShape, ExportedWeight } from './exportedModel';

export interface Tensor {
  /** As in tfjs, whichever order of axes is there. */
  readonly shape: ExportedShape;
  readonly elementType: number;
  /** The ONNX tensor's name with the axes as in tfjs. */
  plain?: string;
  /** The same with the last axis moved to the second place. */
  moved?: string;
  /** [batch, time], true where a step counts; as tfjs's masks. */
  mask?: Tensor;
}

type Attribute =
  | number
  | string
  | readonly number[]
  | readonly string[]
  | { float: number }
  | { floats: number[] }
  | GraphMessage;

export const toEnd = 2 ** 62;
const { float32, int64, bool, int32 } = elementTypes;

export class GraphBuilder {
  private nodes: NodeMessage[] = [];
  private readonly initializers: TensorMessage[] = [];
  private valueInfo: ValueInfoMessage[] = [];
  private readonly taken = new Set<string>();
  private readonly constants = new Map<string, string>();
  private readonly weights = new Map<ExportedWeight, Map<string, string>>();
  /** The layer whose nodes are being written. */
  private scope = '';
  private mainIsWritten = false;

  /** Nodes written in `work` belong to this layer: the main one has its name, others `name/Operator`. */
  inLayer<T>(name: string, work: () => T): T {
    const outer = [this.scope, this.mainIsWritten] as const;
    [this.scope, this.mainIsWritten] = [name, false];
    try {
      return work();
    } finally {
      [this.scope, this.mainIsWritten] = outer;
    }
  }

  /** The operator that the layer is mostly about. @returns its first output */
  main(opType: string, inputs: string[], attributes: Record<string, Attribute | undefined> = {}): string {
    const name = this.mainIsWritten ? `${this.scope}/${opType}` : this.scope;
    this.mainIsWritten = true;
    return this.write(name, opType, inputs, attributes, 1)[0]!;
  }

  op(opType: string, inputs: string[], attributes: Record<string, Attribute | undefined> = {}): string {
    return this.ops(opType, inputs, 1, attributes)[0]!;
  }

  ops(
    opType: string,
    inputs: string[],
    outputs: number,
    attributes: Record<string, Attribute | undefined> = {},
  ): string[] {
    return this.write(`${this.scope}/${opType}`, opType, inputs, attributes, outputs);
  }

  /** As `main`, with several outputs. */
  mains(
    opType: string,
    inputs: string[],
    outputs: number,
    attributes: Record<string, Attribute | undefined> = {},
  ): string[] {
    const name = this.mainIsWritten ? `${this.scope}/${opType}` : this.scope;
    this.mainIsWritten = true;
    return this.write(name, opType, inputs, attributes, outputs);
  }

  private write(
    wanted: string,
    opType: string,
    inputs: string[],
    attributes: Record<string, Attribute | undefined>,
    outputs: number,
  ): string[] {
    const name = this.unique(wanted);
    const output = Array.from({ length: outputs }, (_, i) => (i === 0 ? name : this.unique(`${name}:${i}`)));
    const attribute = Object.entries(attributes).flatMap(([key, value]) =>
      value === undefined ? [] : [attributeMessage(key, value)],
    );
    this.nodes.push({ name, opType, input: inputs, output, ...(attribute.length > 0 ? { attribute } : {}) });
    return output;
  }

  unique(wanted: string): string {
    let name = wanted || 'node';
    for (let number = 2; this.taken.has(name); number++) name = `${wanted}_${number}`;
    this.taken.add(name);
    return name;
  }

  // --- constants ------------------------------------------------------------------------------------------------------

  integers(values: readonly number[]): string {
    return this.constant(`i:${values}`, int64, [values.length], () => {
      const data = new BigInt64Array(values.map((value) => BigInt(value)));
      return new Uint8Array(data.buffer);
    });
  }

  /** @param shape Absent: a scalar. */
  float(value: number): string {
    return this.constant(`f:${value}`, float32, [], () => bytesOf(Float32Array.of(value)));
  }

  floats(values: readonly number[]): string {
    return this.constant(`fs:${values}`, float32, [values.length], () => bytesOf(Float32Array.from(values)));
  }

  private constant(key: string, dataType: number, dims: number[], data: () => Uint8Array): string {
    let name = this.constants.get(key);
    if (name === undefined) {
      name = this.unique(`constant_${this.constants.size + 1}`);
      this.constants.set(key, name);
      this.initializers.push({ name, dims, dataType, rawData: data() });
    }
    return name;
  }

  /**
   * A weight, or what is computed from it once and for all; each form of it lies in the file once, however many calls
   * share the layer. @param form Says which form, `''` for the weight as it is.
   */
  weight(
    weight: ExportedWeight,
    form = '',
    make: (weight: ExportedWeight) => { shape: readonly number[]; values: Float32Array } = (same) => same,
  ): string {
    let forms = this.weights.get(weight);
    if (!forms) {
      forms = new Map();
      this.weights.set(weight, forms);
    }
    let name = forms.get(form);
    if (name === undefined) {
      const { shape, values } = make(weight);
      name = this.unique(`${this.scope}/${weight.name}${form && forms.size > 0 ? `_${form}` : ''}`);
      forms.set(form, name);
      this.initializers.push({ name, dims: [...shape], dataType: float32, rawData: bytesOf(values) });
    }
    return name;
  }

  // --- tensors --------------------------------------------------------------------------------------------------------

  plain(tensor: Tensor): string {
    if (tensor.plain !== undefined) return tensor.plain;
    const rank = tensor.shape.length;
    const perm = [0, ...Array.from({ length: rank - 2 }, (_, axis) => axis + 2), 1];
    tensor.plain = this.op('Transpose', [tensor.moved!], { perm });
    return tensor.plain;
  }

  /** Channels on the second axis. */
  moved(tensor: Tensor): string {
    if (tensor.moved !== undefined) return tensor.moved;
    const rank = tensor.shape.length;
    if (rank < 3) return this.plain(tensor);
    const perm = [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, axis) => axis + 1)];
    tensor.moved = this.op('Transpose', [tensor.plain!], { perm });
    return tensor.moved;
  }

  /** A tensor with the axes as in tfjs. */
  tensor(plain: string, shape: ExportedShape, elementType: number = float32): Tensor {
    this.tell(plain, shape, elementType);
    return { plain, shape, elementType };
  }

  /** A tensor with the channels on the second axis. */
  movedTensor(moved: string, shape: ExportedShape, elementType: number = float32): Tensor {
    if (shape.length < 3) return this.tensor(moved, shape, elementType);
    this.tell(moved, movedShape(shape), elementType);
    return { moved, shape, elementType };
  }

  /** Applies what treats every cell alike, in whichever order the tensor is there. */
  each(tensor: Tensor, apply: (name: string) => string, elementType = tensor.elementType): Tensor {
    return tensor.plain === undefined
      ? this.movedTensor(apply(tensor.moved!), tensor.shape, elementType)
      : this.tensor(apply(tensor.plain), tensor.shape, elementType);
  }

  asFloat(tensor: Tensor): Tensor {
    if (tensor.elementType === float32) return tensor;
    const cast = this.each(tensor, (name) => this.op('Cast', [name], { to: float32 }), float32);
    return tensor.mask ? Object.assign(cast, { mask: tensor.mask }) : cast;
  }

  /** Readers that do not know every operator see the shape here. */
  private tell(name: string, shape: ExportedShape, elementType: number): void {
    this.valueInfo.push(valueInfo(name, shape, elementType));
  }

  /** [rank] int64 of a tensor that is there in tfjs's order. */
  shapeOf(tensor: Tensor): string {
    return this.op('Shape', [this.plain(tensor)]);
  }

  // --- graphs ---------------------------------------------------------------------------------------------------------

  /**
   * A graph within the graph, for Scan. Tensors outside may be read within.
   * @param inputs Names are made from these; @param body gives the outputs' names
   */
  subgraph(
    name: string,
    inputs: { name: string; shape: ExportedShape; elementType?: number }[],
    body: (names: string[]) => string[],
  ): GraphMessage {
    const outer = [this.nodes, this.valueInfo] as const;
    this.nodes = [];
    this.valueInfo = [];
    try {
      const names = inputs.map((input) => this.unique(`${this.scope}/${input.name}`));
      // An output of its own name each: one that is an input as well, or given twice, is not allowed.
      const outputs = body(names).map((output) => this.op('Identity', [output]));
      return {
        name,
        node: this.nodes,
        input: inputs.map(({ shape, elementType }, i) => valueInfo(names[i]!, shape, elementType ?? float32)),
        output: outputs.map((output) => ({ name: output, type: { tensorType: { elemType: float32 } } })),
      };
    } finally {
      [this.nodes, this.valueInfo] = outer;
    }
  }

  input(name: string, shape: ExportedShape, elementType: number): { tensor: Tensor; info: ValueInfoMessage } {
    const own = this.unique(name);
    const info = valueInfo(own, shape, elementType, (axis) => (axis === 0 ? 'batch' : `${own}_axis${axis}`));
    return { tensor: { plain: own, shape, elementType }, info };
  }

  /** @param outputs what the model puts out, under these names */
  finish(
    name: string,
    inputs: ValueInfoMessage[],
    outputs: { name: string; tensor: Tensor }[],
  ): GraphMessage {
    const inputNames = new Set(inputs.map((input) => input.name));
    const given = new Set<string>();
    const renamed = new Map<string, string>();
    const output = outputs.map(({ name: wanted, tensor }) => {
      let internal = this.plain(tensor);
      if (inputNames.has(internal) || given.has(internal)) internal = this.op('Identity', [internal]);
      given.add(internal);
      let own = wanted;
      for (let number = 2; [...renamed.values()].includes(own) || inputNames.has(own); number++)
        own = `${wanted}_${number}`;
      renamed.set(internal, own);
      return valueInfo(own, tensor.shape, tensor.elementType);
    });
    // Whoever has an output's name without being that output gets another.
    for (const own of new Set(renamed.values())) {
      if (this.taken.has(own) && !renamed.has(own)) renamed.set(own, this.unique(`${own}/inner`));
    }
    renameTensors(this.nodes, renamed);
    const outputNames = new Set(output.map((info) => info.name));
    const told = new Map<string, ValueInfoMessage>();
    for (const info of this.valueInfo) {
      const own = renamed.get(info.name!) ?? info.name!;
      if (!outputNames.has(own) && !inputNames.has(own)) told.set(own, { ...info, name: own });
    }
    return {
      name,
      node: this.nodes,
      initializer: this.initializers.map((tensor) =>
        renamed.has(tensor.name!) ? { ...tensor, name: renamed.get(tensor.name!)! } : tensor,
      ),
      input: inputs,
      output,
      valueInfo: [...told.values()],
    };
  }
}

function renameTensors(nodes: NodeMessage[], renamed: ReadonlyMap<string, string>): void {
  const rename = (names: string[] | undefined) => names?.map((name) => renamed.get(name) ?? name) ?? [];
  for (const node of nodes) {
    node.input = rename(node.input);
    node.output = rename(node.output);
    for (const { g } of node.attribute ?? []) if (g) renameTensors(g.node ?? [], renamed);
  }
}

export function movedShape(shape: ExportedShape): (number | null)[] {
  return [shape[0]!, shape.at(-1)!, ...shape.slice(1, -1)];
}

function valueInfo(
  name: string,
  shape: ExportedShape,
  elemType: number,
  openName: (axis: number) => string | undefined = (axis) => (axis === 0 ? 'batch' : undefined),
): ValueInfoMessage {
  const dim = shape.map((size, axis) => {
    const open = size === null ? openName(axis) : undefined;
    return size !== null ? { dimValue: size } : open === undefined ? {} : { dimParam: open };
  });
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}

function attributeMessage(name: string, value: Attribute): AttributeMessage {
  const text = new TextEncoder();
  if (typeof value === 'number') return { name, i: value, type: attributeType.int };
  if (typeof value === 'string') return { name, s: text.encode(value), type: attributeType.string };
  if ('float' in value) return { name, f: value.float, type: attributeType.float };
  if ('floats' in value) return { name, floats: value.floats, type: attributeType.floats };
  if (!Array.isArray(value)) return { name, g: value as GraphMessage, type: attributeType.graph };
  if (typeof value[0] === 'string')
    return { name, strings: (value as string[]).map((one) => text.encode(one)), type: attributeType.strings };
  return { name, ints: [...(value as number[])], type: attributeType.ints };
}

export function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}

/** tfjs's type → ONNX's; undefined where a model cannot take it. */
export function elementTypeOf(dtype: string): number | undefined {
  return { float32, int32, bool }[dtype];
}

/** Axes in another order, as `Transpose` has it. */
export function transposed(
  { shape, values }: { shape: readonly number[]; values: Float32Array },
  perm: readonly number[],
): { shape: number[]; values: Float32Array } {
  const target = perm.map((axis) => shape[axis]!);
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const steps = perm.map((axis) => strides[axis]!);
  const result = new Float32Array(values.length);
  const index = target.map(() => 0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = values[from]!;
    for (let axis = target.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      from += steps[axis]!;
      if (index[axis]! < target[axis]!) break;
      from -= steps[axis]! * target[axis]!;
      index[axis] = 0;
    }
  }
  return { shape: target, values: result };
}
