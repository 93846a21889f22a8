/** A tfjs layers model as a `Network`. */
import * as tf from '@tensorflow/tfjs';
import type { GuessedPart, InputEncoding } from '../../protocol/sidecar';
import { disposeModel } from '../disposeModel';
import { SidecarError } from '../errors';
import { batchShape } from '../images/inputEncoding';
import { ExecutionPlan, type Values } from './executionPlan';
import type { LayerDescription, LayerOutput, Network, NetworkRun, WantedLayers } from './network';

export interface TfjsNetworkDetails {
  name: string;
  encoding: InputEncoding;
  classNames: readonly string[];
  assumptions: string;
  guessed: readonly GuessedPart[];
}

/** Without the batch. */
export interface TensorValues {
  shape: number[];
  values: Float32Array;
}

export class TfjsNetwork implements Network {
  readonly format = 'tfjs';
  readonly runtime = undefined;
  readonly name: string;
  readonly encoding: InputEncoding;
  readonly classNames: readonly string[];
  readonly assumptions: string;
  readonly guessed: readonly GuessedPart[];
  readonly lastActivation: string;
  readonly weightBytes: number;
  readonly plan: ExecutionPlan;
  readonly layers: readonly LayerDescription[];
  /** Which of the model's outputs are the classes. */
  private readonly classOutput: number;
  private users = 0;

  /** @throws SidecarError when the model has several inputs or no output that is a list of classes. */
  constructor(
    readonly model: tf.LayersModel,
    details: TfjsNetworkDetails,
  ) {
    this.name = details.name;
    this.encoding = details.encoding;
    this.classNames = details.classNames;
    this.guessed = details.guessed;
    this.classOutput = classOutput(model, details.name);
    const output = model.outputs[this.classOutput]!;
    const several =
      model.outputs.length > 1
        ? `of the ${model.outputs.length} outputs, \`${output.sourceLayer.name}\` is taken for the classes`
        : '';
    this.assumptions = [details.assumptions, several].filter(Boolean).join('; ');
    this.weightBytes = model.weights.reduce((sum, { shape }) => sum + 4 * elementCount(shape), 0);
    this.plan = new ExecutionPlan(model);
    this.lastActivation = lastActivation(this.plan, this.outputValue);
    this.layers = this.plan.describe(this.inputShape(1));
  }

  hold(): this {
    this.users++;
    return this;
  }

  release(): void {
    if (--this.users === 0) disposeModel(this.model);
  }

  inputShape(batch: number): number[] {
    return batchShape(this.model.inputs[0]?.shape ?? [], this.encoding, batch);
  }

  /** The value that holds the classes' scores. */
  get outputValue(): number {
    return this.plan.outputs[this.classOutput]!;
  }

  /** Of the layer that people see under this name. */
  layoutOf(name: string): 'channelsFirst' | undefined {
    const { layout } = this.layers[this.plan.named.findIndex((one) => one.name === name)] ?? {};
    return layout === 'channelsFirst' ? layout : undefined;
  }

  /** The values of the plan's places, for one picture. */
  async valuesAt(places: readonly number[], values: Float32Array): Promise<TensorValues[]> {
    const input = tf.tensor(values, this.inputShape(1));
    let results: Values = new Map();
    try {
      tf.tidy(() => {
        results = this.plan.execute(new Map([[this.plan.input, input]]), places);
        for (const tensor of results.values()) tf.keep(tensor);
      });
      const read = places.map(async (place) => {
        const tensor = results.get(place)!;
        return { shape: tensor.shape.slice(1), values: Float32Array.from(await tensor.data()) };
      });
      return await Promise.all(read);
    } finally {
      tf.dispose([input, ...new Set(results.values())]);
    }
  }

  /** @throws SidecarError for a layer that is no convolution of two dimensions. */
  async filters(name: string): Promise<{ shape: number[]; values: Float32Array; bias?: Float32Array }> {
    const layer = this.plan.find(name)?.layer;
    const kernel = layer?.weights.find(
      ({ shape, originalName }) => /kernel$/i.test(originalName) && shape.length === 4,
    );
    const className = layer?.getClassName();
    if (!layer || !kernel) {
      throw new SidecarError(`\`${name}\` has no filters that could be drawn.`, {
        next: 'Choose a convolution of two dimensions.',
      });
    }
    // A separable convolution's biases belong to the pointwise filters that follow these.
    const bias = className === 'SeparableConv2D' ? undefined : (await weightsOf(layer)).get('bias');
    // A transposed convolution keeps its kernel as [height, width, filters, channels in].
    const drawn =
      className === 'Conv2DTranspose' ? tf.transpose(kernel.read(), [0, 1, 3, 2]) : tf.clone(kernel.read());
    try {
      return {
        shape: drawn.shape,
        values: Float32Array.from(await drawn.data()),
        ...(bias ? { bias: Float32Array.from(bias) } : {}),
      };
    } finally {
      drawn.dispose();
    }
  }

  async run(values: Float32Array, batch: number, wanted: WantedLayers): Promise<NetworkRun> {
    const named = this.plan.named.filter(
      ({ name }) => wanted === 'all' || (wanted !== 'none' && wanted.includes(name)),
    );
    const input = tf.tensor(values, this.inputShape(batch));
    let results: Values = new Map();
    try {
      tf.tidy(() => {
        const targets = [this.outputValue, ...named.map(({ value }) => value)];
        results = this.plan.execute(new Map([[this.plan.input, input]]), targets);
        for (const tensor of results.values()) tf.keep(tensor);
      });
      const read = async (value: number) => Float32Array.from(await results.get(value)!.data());
      const layers: LayerOutput[] = [];
      for (const { name, className, value } of named) {
        const layout = this.layoutOf(name);
        layers.push({
          name,
          className,
          shape: results.get(value)!.shape.slice(1),
          ...(layout ? { layout } : {}),
          values: await read(value),
        });
      }
      return { output: await read(this.outputValue), layers };
    } finally {
      tf.dispose([input, ...new Set(results.values())]);
    }
  }
}

/** The weights of a layer by their short names (`kernel`, `bias`, …), read. */
export async function weightsOf(layer: tf.layers.Layer): Promise<Map<string, tf.TypedArray>> {
  const read = layer.weights.map(
    async (weight) => [shortName(weight.originalName), await weight.read().data()] as const,
  );
  return new Map(await Promise.all(read));
}

/** `conv1/kernel` → `kernel`. */
function shortName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** The one output that is a list of classes, else the first that is. */
function classOutput(model: tf.LayersModel, name: string): number {
  if (model.inputs.length !== 1) {
    throw new SidecarError(
      `The model \`${name}\` has ${model.inputs.length} inputs; classifying a picture needs one.`,
    );
  }
  const found = model.outputs.findIndex(
    ({ shape }) => shape.length >= 2 && shape.slice(1).filter((size) => size !== 1).length <= 1,
  );
  if (found >= 0) return found;
  const shapes = model.outputs.map(({ shape }) => `[${shape.slice(1).join(', ')}]`).join(' and ');
  throw new SidecarError(
    `The model \`${name}\` is no classifier: it puts out ${shapes} instead of one list of classes.`,
  );
}

/** The activation of the layer that gives this value, `unknown` where it has none of its own. */
function lastActivation(plan: ExecutionPlan, value: number): string {
  const layer = plan.sourceOf(value)?.step.layer;
  const className = layer?.getClassName() ?? '';
  if (className === 'Softmax') return 'softmax';
  // What these put out is made of their activation's values, and is none of them.
  if (['LSTM', 'GRU'].includes(className)) return 'unknown';
  const activation = layer?.getConfig()['activation'];
  return typeof activation === 'string' ? activation : 'unknown';
}

function elementCount(shape: readonly (number | null)[]): number {
  return shape.reduce<number>((product, size) => product * (size ?? 1), 1);
}
