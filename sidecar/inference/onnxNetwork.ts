/** An ONNX model as a `Network`, run by onnxruntime. */
import type { InferenceSession, OnnxValue, Tensor } from 'onnxruntime-node';
import { isSymbolic, substitute } from '../../model-graph/dims';
import type { ReceptiveField } from '../../model-graph/graph';
import { layoutsOf } from '../../model-graph/onnx/layouts';
import { nodeNames } from '../../model-graph/onnx/names';
import type { OperatorCall } from '../../model-graph/onnx/operators/operator';
import { type NodeField, receptiveFields } from '../../model-graph/onnx/receptiveFields';
import { elementTypeName } from '../../model-graph/onnx/tensors';
import type { GuessedPart, InputEncoding } from '../../protocol/sidecar';
import { SidecarError } from '../errors';
import type { LayerDescription, LayerOutput, Network, NetworkRun, WantedLayers } from './network';
import { type OnnxFile, readOnnxFile } from './onnxFile';
import {
  activationBefore,
  classNamesIn,
  classOutput,
  guessEncoding,
  inputShape,
  type OnnxInput,
  onnxInput,
  openSizes,
} from './onnxInput';
import { createSession, loadRuntime, runtimeDescription, runtimeMessage } from './onnxSession';
import { fromTensorData, toTensor } from './onnxTensors';
import { type WeightTensor, weightIn } from './onnxWeights';

/** Beyond that many bytes of weights, one session serves both for the classes and for the layers. */
const weightsHeldTwice = 256 * 1024 * 1024;

/** @throws SidecarError for what is no ONNX model, or none that takes a picture and puts out classes. */
export async function openOnnx(path: string): Promise<OnnxNetwork> {
  const file = await readOnnxFile(path);
  const network = new OnnxNetwork(file);
  await network.prepare();
  return network;
}

/** A tensor inside the model that depends on the picture. */
interface Inside extends LayerDescription {
  tensor: string;
  /** The node that puts it out, and as which of its outputs. */
  place: number;
  output: number;
}

/** A node as whoever takes it apart needs it. */
export interface OnnxNode {
  className: string;
  call: OperatorCall;
  /** Tensors, `''` where one is left out. */
  inputs: readonly string[];
  place: number;
  /** Which of its outputs is meant. */
  output: number;
}

export class OnnxNetwork implements Network {
  readonly format = 'onnx';
  readonly runtime = runtimeDescription;
  readonly name: string;
  readonly encoding: InputEncoding;
  readonly classNames: readonly string[];
  readonly assumptions: string;
  readonly guessed: readonly GuessedPart[];
  readonly lastActivation: string;
  readonly weightBytes: number;
  readonly layers: readonly LayerDescription[];
  private readonly input: OnnxInput;
  private readonly output: string;
  private readonly inside: Inside[];
  private sessions: { plain?: Promise<InferenceSession>; withLayers?: Promise<InferenceSession> } = {};
  private users = 0;
  private fields: NodeField[] | undefined;

  /** @throws SidecarError */
  constructor(private readonly file: OnnxFile) {
    const { graph, model } = file;
    this.name = graph.name || model.producerName || 'model';
    this.input = onnxInput(file, this.name);
    this.output = classOutput(file, this.name);
    const { values, assumptions, guessed } = guessEncoding(file, this.input, this.name);
    this.encoding = { ...this.input.size, framing: 'fit', ...values };
    this.guessed = guessed;
    this.assumptions = [
      assumptions,
      (graph.output ?? []).length > 1
        ? `of the ${graph.output!.length} outputs, \`${this.output}\` is taken for the classes`
        : '',
    ]
      .filter(Boolean)
      .join('; ');
    this.classNames = classNamesIn(file);
    this.lastActivation = activationBefore(file, this.output);
    this.weightBytes = file.weightBytes;
    this.inside = tensorsInside(file, this.input);
    this.layers = this.inside.map(descriptionOf);
  }

  hold(): this {
    this.users++;
    return this;
  }

  release(): void {
    if (--this.users > 0) return;
    for (const session of Object.values(this.sessions)) {
      session.then(
        (open) => open.release(),
        () => {},
      );
    }
    this.sessions = {};
  }

  /** The node that puts out what is shown as this layer. */
  node(layer: string): OnnxNode | undefined {
    const inside = this.inside.find(({ name }) => name === layer);
    const found = inside && this.file.inferred.nodes[inside.place];
    if (!found) return undefined;
    const { message, call } = found;
    const { place, output } = inside;
    return { className: message.opType ?? '', call, inputs: message.input ?? [], place, output };
  }

  /** The layer that puts out a tensor, `''` for the picture; undefined for what does not depend on it. */
  layerOf(tensor: string): string | undefined {
    return tensor === this.input.name ? '' : this.inside.find((one) => one.tensor === tensor)?.name;
  }

  layoutOf(tensor: string): 'channelsFirst' | undefined {
    if (tensor === this.input.name) {
      return this.encoding.layout === 'channelsFirst' ? 'channelsFirst' : undefined;
    }
    return this.inside.find((one) => one.tensor === tensor)?.layout === 'channelsFirst'
      ? 'channelsFirst'
      : undefined;
  }

  weight(tensor: string): WeightTensor | undefined {
    return weightIn(this.file, tensor);
  }

  /** Of one picture, the batch first. */
  inputShape(): number[] {
    return inputShape(this.input, 1);
  }

  /** What a node's cells see of the picture; null where that is not known. */
  receptiveField({ place }: OnnxNode): ReceptiveField | null {
    this.fields ??= receptiveFields(this.file.inferred, [this.input.name], nodeNames(this.file.graph));
    return this.fields[place]?.field ?? null;
  }

  /** Opens the model, so that one that onnxruntime refuses is refused at once. @throws SidecarError */
  async prepare(): Promise<void> {
    await this.plainSession();
  }

  async run(values: Float32Array, batch: number, wanted: WantedLayers): Promise<NetworkRun> {
    const inside =
      wanted === 'none' ? [] : this.inside.filter(({ name }) => wanted === 'all' || wanted.includes(name));
    const session = await (inside.length > 0 ? this.layerSession() : this.plainSession());
    const [fixed] = this.input.shape;
    const perRun = fixed === undefined || isSymbolic(fixed) ? batch : fixed;
    const parts: NetworkRun[] = [];
    const examples = values.length / batch;
    for (let start = 0; start < batch; start += perRun) {
      const part = values.subarray(start * examples, Math.min(start + perRun, batch) * examples);
      parts.push(await this.runOnce(session, part, part.length / examples, perRun, inside));
    }
    return parts.length === 1 ? parts[0]! : joined(parts);
  }

  /** `perRun` is what the model takes at once; where there are fewer pictures, the rest is zeros. */
  private async runOnce(
    session: InferenceSession,
    values: Float32Array,
    count: number,
    perRun: number,
    inside: Inside[],
  ): Promise<NetworkRun> {
    const shape = inputShape(this.input, perRun);
    const full = count === perRun ? values : padded(values, shape);
    const fetches = [
      this.output,
      ...new Set(inside.map(({ tensor }) => tensor).filter((name) => name !== this.output)),
    ];
    const { Tensor: RuntimeTensor } = await loadRuntime();
    let results: Record<string, OnnxValue>;
    try {
      results = await session.run(
        { [this.input.name]: toTensor(RuntimeTensor, this.input.elementType, full, shape) },
        fetches,
      );
    } catch (error) {
      throw new SidecarError(`onnxruntime could not run the model: ${runtimeMessage(error)}.`, {
        where: this.file.path,
        next: 'Export or download the model again.',
      });
    }
    const read = (name: string): { data: Float32Array; dims: readonly number[] } => {
      const { data, dims, type } = results[name] as Tensor;
      return { data: fromTensorData(data, type), dims };
    };
    const layers = inside.map((one): LayerOutput => {
      const { data, dims } = read(one.tensor);
      const hasBatch = dims[0] === perRun;
      const shown = hasBatch ? dims.slice(1) : [...dims];
      const each = data.length / (hasBatch ? perRun : 1);
      return {
        ...descriptionOf(one),
        shape: shown,
        values: hasBatch ? data.subarray(0, each * count) : data,
      };
    });
    const { data, dims } = read(this.output);
    if (data.length % perRun !== 0) {
      throw new SidecarError(
        `The model \`${this.name}\` puts out [${dims.join(', ')}] for ${perRun} pictures, which are no classes of each.`,
        { where: this.file.path },
      );
    }
    return { output: data.subarray(0, (data.length / perRun) * count), layers };
  }

  private plainSession(): Promise<InferenceSession> {
    if (this.weightBytes > weightsHeldTwice) return this.layerSession();
    this.sessions.plain ??= createSession(this.file, []);
    return this.sessions.plain;
  }

  private layerSession(): Promise<InferenceSession> {
    this.sessions.withLayers ??= createSession(this.file, [
      ...new Set(this.inside.map(({ tensor }) => tensor)),
    ]);
    return this.sessions.withLayers;
  }
}

function descriptionOf({ tensor: _, place: __, output: ___, ...description }: Inside): LayerDescription {
  return description;
}

/** Every node's outputs but those that are the same for every picture, and those that are no numbers. */
function tensorsInside(file: OnnxFile, input: OnnxInput): Inside[] {
  const names = nodeNames(file.graph);
  const sizes = openSizes(input, 1);
  const layouts = layoutsOf(file.graph, file.inferred);
  const dependent = new Set([input.name]);
  const inside: Inside[] = [];
  file.inferred.nodes.forEach(({ message, outputs }, index) => {
    // The shape of a picture-dependent tensor depends on its size alone.
    if (message.opType === 'Shape' || message.opType === 'Size') return;
    if (!message.input?.some((name) => dependent.has(name))) return;
    (message.output ?? []).forEach((tensor, number) => {
      const value = outputs[number];
      if (!tensor) return;
      dependent.add(tensor);
      if (!value || !isReadable(value.elementType)) return;
      const shape = value.shape?.map((size) => substitute(size, sizes));
      inside.push({
        tensor,
        place: index,
        output: number,
        name: number === 0 ? names[index]! : `${names[index]}:${number}`,
        className: message.opType ?? '',
        shape: !shape || shape.some(isSymbolic) ? [] : (shape.slice(1) as number[]),
        ...(layouts.get(tensor) === 'channelsFirst' ? { layout: 'channelsFirst' } : {}),
      });
    });
  });
  return inside;
}

const readable = new Set([
  'float32',
  'float16',
  'float64',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'uint32',
  'bool',
]);

/** Types that become float32; where the type is not known, onnxruntime is not asked. */
function isReadable(elementType: number): boolean {
  return readable.has(elementTypeName(elementType) ?? '');
}

function padded(values: Float32Array, shape: number[]): Float32Array {
  const full = new Float32Array(shape.reduce((product, size) => product * size, 1));
  full.set(values);
  return full;
}

function joined(parts: NetworkRun[]): NetworkRun {
  const join = (arrays: Float32Array[]) => {
    const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const array of arrays) {
      all.set(array, at);
      at += array.length;
    }
    return all;
  };
  return {
    output: join(parts.map(({ output }) => output)),
    layers: parts[0]!.layers.map((layer, index) => ({
      ...layer,
      values: join(parts.map(({ layers }) => layers[index]!.values)),
    })),
  };
}
