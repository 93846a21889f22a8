/**
 * Models written as ONNX, run by onnxruntime, against tfjs: the same numbers within 1e-4, and the shapes that Layerwise's
 * own reader finds in the file. Single layers of every kind, then whole random models.
 *
 * LAYERWISE_DIFFERENTIAL_EXPORTS sets the number of layers, LAYERWISE_DIFFERENTIAL_SEED the seed.
 */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { encodeModel } from '../../model-graph/onnx/wire';
import { readOnnx } from '../../model-graph/readers/onnx';
import { writeOnnx } from '../../model-graph/writers/onnx';
import { NotExpressible } from '../../model-graph/writers/onnx/exportedModel';
import { ModelTaker } from '../../sidecar/export/exportedModel';
import { runInTfjs } from '../harness/programsInTfjs';
import {
  type CaseConfig,
  type CaseValue,
  makers,
  type NestedLayer,
  type PlainShape,
  Random,
} from './layerCases';
import { makeProgram } from './programs';

const layerCount = Number(process.env['LAYERWISE_DIFFERENTIAL_EXPORTS'] ?? 2000);
const programCount = Number(process.env['LAYERWISE_DIFFERENTIAL_EXPORT_PROGRAMS'] ?? 150);
const seed = Number(process.env['LAYERWISE_DIFFERENTIAL_SEED'] ?? 20261125);
const tolerance = 1e-4;

type Layer = tf.layers.Layer;
type LayerNamespace = Record<string, (config: unknown) => Layer>;

/** Why a model was not compared; undefined: it was, and agrees. */
type Outcome = { kind: 'equal' } | { kind: 'refused'; why: string } | { kind: 'tfjs'; why: string };

function inTfjs(value: CaseValue): unknown {
  if (Array.isArray(value)) return value.map(inTfjs);
  if (typeof value !== 'object' || value === null) return value;
  if ('$layer' in value) {
    const { $layer, config } = value as NestedLayer;
    return (tf.layers as unknown as LayerNamespace)[$layer]!(inTfjs(config));
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, inTfjs(item)]));
}

/** Weights that no initializer gives, so that each of them matters. Variances stay positive. */
function randomizeWeights(model: tf.LayersModel, random: Random): void {
  model.setWeights(
    model.getWeights().map((weight, i) => {
      const isVariance = /variance/.test(model.weights[i]!.originalName);
      const values = Float32Array.from({ length: weight.size }, () =>
        isVariance ? 0.3 + random.next() : 1.2 * random.next() - 0.6,
      );
      return tf.tensor(values, weight.shape);
    }),
  );
}

/** What a layer's inputs may be: indices for those that look something up. */
function valuesFor(model: tf.LayersModel, index: number, size: number, random: Random): Float32Array {
  const symbol = model.inputs[index]!;
  const readers = allLayers(model).filter((layer) =>
    layer.inboundNodes.some(({ inputTensors }) => inputTensors.includes(symbol)),
  );
  const limits = readers.flatMap((layer) => {
    const { inputDim, numTokens, layer: inner } = layer as unknown as Record<string, unknown>;
    const { inputDim: innerDim } = (inner ?? {}) as Record<string, unknown>;
    return [inputDim, numTokens, innerDim].filter((limit): limit is number => typeof limit === 'number');
  });
  const limit = Math.min(...limits);
  return Float32Array.from({ length: size }, () =>
    Number.isFinite(limit) ? random.int(0, limit - 1) : random.chance(0.15) ? 0 : 3 * random.next() - 1.5,
  );
}

function allLayers(model: tf.LayersModel): Layer[] {
  return model.layers.flatMap((layer) => [
    layer,
    ...(layer instanceof tf.LayersModel ? allLayers(layer) : []),
  ]);
}

const metadata = { producerName: 'test', producerVersion: '0', properties: {} };

/** @throws AssertionError when tfjs and onnxruntime, or tfjs and Layerwise's reader, disagree */
async function compare(model: tf.LayersModel, random: Random): Promise<Outcome> {
  const batch = model.inputs.map(({ shape }) => shape[0]).find((size) => size != null) ?? random.int(1, 3);
  const open = random.int(7, 9);
  const inputs = model.inputs.map(({ shape, dtype }, i) => {
    const sizes = shape.map((dim, axis) => dim ?? (axis === 0 ? batch : open));
    const values = valuesFor(
      model,
      i,
      sizes.reduce((product, size) => product * size, 1),
      random,
    );
    return { sizes, values, dtype };
  });
  if (inputs.some(({ values }) => values.length === 0)) return { kind: 'tfjs', why: 'it is given nothing' };
  let expected: tf.Tensor[];
  try {
    randomizeWeights(model, random);
    const given = inputs.map(({ values, sizes }) => tf.tensor(values, sizes));
    const last = model.layers.at(-1)!;
    // tfjs-layers layers/preprocessing/image_resizing.ts takes a tensor, and within a model is given a list of one.
    const result =
      last.getClassName() === 'Resizing'
        ? (last.apply(given[0]!) as tf.Tensor)
        : model.predict(given.length === 1 ? given[0]! : given, { batchSize: 64 });
    expected = Array.isArray(result) ? result : [result];
  } catch (error) {
    return { kind: 'tfjs', why: String((error as Error).message).split('\n')[0]! };
  }
  if (expected.some(({ size }) => size === 0)) return { kind: 'tfjs', why: 'it puts out nothing' };
  let bytes: Uint8Array;
  try {
    bytes = encodeModel(writeOnnx(await new ModelTaker().take(model), metadata));
  } catch (error) {
    if (error instanceof NotExpressible) return { kind: 'refused', why: error.message };
    throw error;
  }
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
  assert.equal(session.outputNames.length, model.outputs.length);
  const results = await session.run(
    Object.fromEntries(
      inputs.map(({ values, sizes, dtype }, i) => [
        session.inputNames[i]!,
        dtype === 'int32'
          ? new Tensor('int32', Int32Array.from(values), sizes)
          : new Tensor('float32', values, sizes),
      ]),
    ),
  );
  const read = readOnnx(bytes);
  assert.ok(read.ok, 'Layerwise reads the file');
  for (const [i, output] of expected.entries()) {
    const actual = results[session.outputNames[i]!]!;
    assert.deepEqual([...actual.dims], output.shape, `shape of output ${i}`);
    const known: readonly unknown[] | undefined = read.graph.outputShapes[i];
    assert.equal(known?.length, output.shape.length, `Layerwise reads output ${i} as [${known}]`);
    for (const [axis, dim] of known.entries())
      if (typeof dim === 'number')
        assert.equal(dim, output.shape[axis], `Layerwise reads output ${i} as [${known}]`);
    assertClose(actual.data as Float32Array, await output.data(), i);
  }
  await session.release();
  return { kind: 'equal' };
}

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>, output: number): void {
  for (let i = 0; i < expected.length; i++) {
    const [a, b] = [Number(actual[i]), expected[i]!];
    if (a === b || (Number.isNaN(a) && Number.isNaN(b))) continue;
    const difference = Math.abs(a - b);
    assert.ok(
      difference <= tolerance * Math.max(1, Math.abs(b)),
      `output ${output}, cell ${i} of ${expected.length}: onnxruntime ${a}, tfjs ${b}`,
    );
  }
}

/** Runs in a scope of its own; what tfjs rejects is no case. */
async function inScope<T>(work: () => Promise<T>): Promise<T> {
  tf.engine().startScope();
  try {
    return await work();
  } finally {
    tf.engine().endScope();
    tf.disposeVariables();
  }
}

function modelOf(factory: string, config: CaseConfig, inputs: PlainShape[]): tf.LayersModel {
  const layer = (tf.layers as unknown as LayerNamespace)[factory]!(inTfjs(config));
  const tensors = inputs.map((batchShape) => tf.input({ batchShape: [...batchShape] as number[] }));
  const output = layer.apply(tensors.length === 1 ? tensors[0]! : tensors) as tf.SymbolicTensor;
  return tf.model({ inputs: tensors, outputs: output });
}

/** Layers whose arithmetic on tfjs's cpu backend is not what they mean, told apart by hand. */
function isLeftOut(factory: string, config: CaseConfig, inputs: PlainShape[]): boolean {
  // Batches of two sizes at once.
  if (new Set(inputs.flatMap(([batch]) => batch ?? [])).size > 1) return true;
  if (factory === 'batchNormalization') {
    // tfjs-backend-cpu BatchNorm takes the mean's values in turn, as if the axis were the last.
    const axis = Number(config['axis'] ?? -1);
    const rank = inputs[0]?.length ?? 0;
    return axis !== -1 && axis !== rank - 1;
  }
  return false;
}

class Doubling extends tf.layers.Layer {
  static className = 'Doubling';
  override call(inputs: tf.Tensor | tf.Tensor[]) {
    return tf.mul(Array.isArray(inputs) ? inputs[0]! : inputs, 2);
  }
}

function chain(inputShape: (number | null)[], ...layers: (Layer | number)[]): tf.LayersModel {
  const batch = layers.at(-1);
  const input = tf.input({
    batchShape: [typeof batch === 'number' ? batch : null, ...inputShape] as number[],
  });
  const own = layers.filter((layer): layer is Layer => typeof layer !== 'number');
  const output = own.reduce<tf.SymbolicTensor>((x, layer) => layer.apply(x) as tf.SymbolicTensor, input);
  return tf.model({ inputs: input, outputs: output });
}

/** What single layers and random programs do not reach. */
const chosenModels: Record<string, () => tf.LayersModel> = {
  'masks of an embedding, through layers that hand them on': () =>
    chain(
      [6],
      tf.layers.embedding({ inputDim: 4, outputDim: 3, maskZero: true }),
      tf.layers.dropout({ rate: 0.5 }),
      tf.layers.lstm({ units: 3, returnSequences: true }),
      tf.layers.gru({ units: 2, returnSequences: true, goBackwards: true }),
      tf.layers.simpleRNN({ units: 2 }),
    ),
  'masked steps, both ways': () =>
    chain(
      [5, 2],
      tf.layers.masking({ maskValue: 0 }),
      tf.layers.bidirectional({ layer: tf.layers.lstm({ units: 2 }) as tf.RNN, mergeMode: 'concat' }),
      tf.layers.dense({ units: 2 }),
    ),
  'stacked cells that see a mask': () =>
    chain(
      [5, 2],
      tf.layers.masking({ maskValue: 0 }),
      tf.layers.rnn({
        cell: [tf.layers.lstmCell({ units: 3 }), tf.layers.gruCell({ units: 3 })],
        returnSequences: true,
      }),
    ),
  'an encoder that gives its states to a decoder': () => {
    const source = tf.input({ shape: [null as unknown as number, 3] });
    const target = tf.input({ shape: [null as unknown as number, 2] });
    const [, h, c] = tf.layers.lstm({ units: 4, returnState: true }).apply(source) as tf.SymbolicTensor[];
    const decoded = tf.layers
      .lstm({ units: 4, returnSequences: true })
      .apply(target, { initialState: [h!, c!] } as never) as tf.SymbolicTensor;
    const words = tf.layers
      .timeDistributed({ layer: tf.layers.dense({ units: 5, activation: 'softmax' }) })
      .apply(decoded) as tf.SymbolicTensor;
    return tf.model({ inputs: [source, target], outputs: words });
  },
  'a whole model at every step': () => {
    const inner = tf.sequential({
      layers: [
        tf.layers.conv2d({
          inputShape: [8, 8, 1],
          filters: 3,
          kernelSize: 3,
          strides: 2,
          padding: 'same',
          activation: 'relu',
        }),
        tf.layers.batchNormalization(),
        tf.layers.flatten(),
        tf.layers.dense({ units: 4 }),
      ],
    });
    return chain([3, 8, 8, 1], tf.layers.timeDistributed({ layer: inner }), tf.layers.gru({ units: 2 }));
  },
  'a shared model, called twice, and an output that is an input': () => {
    const shared = tf.sequential({
      layers: [
        tf.layers.dense({ inputShape: [3], units: 4, activation: 'selu' }),
        tf.layers.dense({ units: 2 }),
      ],
    });
    const a = tf.input({ shape: [3] });
    const b = tf.input({ shape: [3] });
    const joined = tf.layers
      .concatenate()
      .apply([
        shared.apply(a) as tf.SymbolicTensor,
        shared.apply(b) as tf.SymbolicTensor,
      ]) as tf.SymbolicTensor;
    return tf.model({ inputs: [a, b], outputs: [joined, a] });
  },
  'a U of convolutions with any size of picture': () => {
    const input = tf.input({ shape: [null, null, 3] as unknown as number[] });
    const conv = (x: tf.SymbolicTensor, filters: number) =>
      tf.layers
        .conv2d({ filters, kernelSize: 3, padding: 'same', activation: 'relu' })
        .apply(x) as tf.SymbolicTensor;
    const down = conv(input, 4);
    const half = tf.layers.maxPooling2d({ poolSize: 2, padding: 'same' }).apply(down) as tf.SymbolicTensor;
    const up = tf.layers.upSampling2d({ size: [2, 2] }).apply(conv(half, 4)) as tf.SymbolicTensor;
    const cropped = tf.layers
      .cropping2D({
        cropping: [
          [0, 1],
          [0, 1],
        ],
      })
      .apply(up) as tf.SymbolicTensor;
    const whole = tf.layers
      .cropping2D({
        cropping: [
          [0, 0],
          [0, 0],
        ],
      })
      .apply(conv(cropped, 2)) as tf.SymbolicTensor;
    return tf.model({ inputs: input, outputs: whole });
  },
  'outputs that bear each other’s names': () => {
    const input = tf.input({ shape: [4] });
    const first = tf.layers
      .dense({ units: 3, name: 'a', activation: 'tanh' })
      .apply(input) as tf.SymbolicTensor;
    const second = tf.layers.dense({ units: 3, name: 'a/Tanh' }).apply(first) as tf.SymbolicTensor;
    return tf.model({ inputs: input, outputs: [second, first] });
  },
};

describe('ONNX export against tfjs', function () {
  this.timeout(600_000);
  before(async () => {
    await tf.setBackend('cpu');
  });

  it('single layers of every kind', async () => {
    const random = new Random(seed);
    const factories = Object.keys(makers).filter((factory) => factory !== 'inputLayer');
    const tally = new Map<string, Record<string, number>>();
    const problems: string[] = [];
    const refusals = new Map<string, number>();
    for (let i = 0; i < layerCount; i++) {
      const factory = factories[i % factories.length]!;
      const { config, inputs } = makers[factory]!(random);
      if (isLeftOut(factory, config, inputs)) continue;
      await inScope(async () => {
        let model: tf.LayersModel;
        try {
          model = modelOf(factory, config, inputs);
        } catch {
          return;
        }
        const counts = tally.get(factory) ?? { equal: 0, refused: 0, tfjs: 0 };
        tally.set(factory, counts);
        try {
          const outcome = await compare(model, random);
          counts[outcome.kind]!++;
          if (outcome.kind === 'tfjs' && process.env['LAYERWISE_DIFFERENTIAL_SHOW'])
            console.log(factory, JSON.stringify(config), JSON.stringify(inputs), outcome.why);
          if (outcome.kind === 'refused') refusals.set(outcome.why, (refusals.get(outcome.why) ?? 0) + 1);
        } catch (error) {
          problems.push(
            `${factory} ${JSON.stringify(config)} on ${JSON.stringify(inputs)}: ${(error as Error).message.split('\n')[0]}`,
          );
        }
      });
    }
    if (process.env['LAYERWISE_DIFFERENTIAL_SHOW']) {
      console.log(tally);
      console.log(refusals);
    }
    assert.deepEqual(problems, []);
    // Each kind that can be written was compared, not merely refused.
    const never = factories.filter((factory) => (tally.get(factory)?.['equal'] ?? 0) === 0);
    assert.deepEqual(never, [
      'simpleRNNCell',
      'gruCell',
      'lstmCell',
      'convLstm2dCell',
      'stackedRNNCells',
      'randomWidth',
    ]);
  });

  for (const [name, make] of Object.entries(chosenModels)) {
    it(name, () =>
      inScope(async () => {
        assert.deepEqual(await compare(make(), new Random(seed)), { kind: 'equal' });
      }),
    );
  }

  const refused: [name: string, make: () => tf.LayersModel, message: RegExp][] = [
    [
      'a layer of the program',
      () => chain([4], new Doubling()),
      /^The layer `doubling\S*` \(Doubling\) cannot be written as ONNX: it is not one of TensorFlow\.js's own layers\.$/,
    ],
    [
      'a state that outlives its batch, within a nested model',
      () => {
        const inner = tf.sequential({
          name: 'inner',
          layers: [tf.layers.lstm({ name: 'memory', units: 2, stateful: true, batchInputShape: [2, 3, 4] })],
        });
        return chain([3, 4], inner, 2);
      },
      /^The layer `inner\/memory` \(LSTM\) cannot be written as ONNX: it keeps its state/,
    ],
  ];
  for (const [name, make, message] of refused) {
    it(`says what cannot be written: ${name}`, () =>
      inScope(async () => {
        const model = await new ModelTaker().take(make());
        assert.throws(
          () => writeOnnx(model, metadata),
          (error: Error) => {
            assert.match(error.message, message);
            return error instanceof NotExpressible;
          },
        );
      }));
  }

  it('whole random models', async () => {
    const random = new Random(seed + 1);
    const problems: string[] = [];
    let equal = 0;
    for (let i = 0; i < programCount; i++) {
      const lines = makeProgram(random);
      await inScope(async () => {
        for (const model of modelsOf(lines)) {
          try {
            if ((await compare(model, random)).kind === 'equal') equal++;
          } catch (error) {
            problems.push(`${(error as Error).message.split('\n')[0]}\n${lines.join('\n')}`);
          }
        }
      });
    }
    if (process.env['LAYERWISE_DIFFERENTIAL_SHOW']) console.log(`${equal} models`);
    assert.deepEqual(problems, []);
    assert.ok(equal >= programCount / 4, `only ${equal} models were compared`);
  });
});

function modelsOf(lines: string[]): tf.LayersModel[] {
  return Object.values(runInTfjs(lines).scope).filter(
    (value): value is tf.LayersModel => value instanceof tf.LayersModel && value.inputs?.length > 0,
  );
}
