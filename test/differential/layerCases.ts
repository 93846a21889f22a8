/** Seeded random layers: a factory, a configuration and the shapes it is applied to, sensible ones and broken ones. */

export class Random {
  constructor(private state: number) {}

  /** mulberry32. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.next() * values.length)] as T;
  }
}

export type PlainShape = (number | null)[];

/** A layer inside a configuration. */
export interface NestedLayer {
  $layer: string;
  config: CaseConfig;
}

export type CaseValue =
  | number
  | string
  | boolean
  | null
  | undefined
  | NestedLayer
  | CaseValue[]
  | { [key: string]: CaseValue };

export type CaseConfig = Record<string, CaseValue>;

export interface LayerCase {
  factory: string;
  config: CaseConfig;
  inputs: PlainShape[];
  /** What the same layer is applied to a second time. */
  again: PlainShape[] | null;
}

type Maker = (random: Random) => { config: CaseConfig; inputs: PlainShape[] };

const activations = [
  'relu',
  'relu6',
  'elu',
  'selu',
  'linear',
  'sigmoid',
  'hardSigmoid',
  'softplus',
  'softsign',
  'tanh',
  'softmax',
  'logSoftmax',
  'swish',
  'mish',
  'gelu',
  'gelu_new',
];
const wrongActivations = ['Relu', 'leakyRelu', 'none', 'sofmax', '', 5, true, { className: 'relu' }];
const initializers = [
  'zeros',
  'ones',
  'glorotNormal',
  'glorotUniform',
  'heNormal',
  'heUniform',
  'leCunNormal',
  'leCunUniform',
  'randomNormal',
  'randomUniform',
  'truncatedNormal',
  'varianceScaling',
  'Zeros',
];

function put(config: CaseConfig, random: Random, key: string, chance: number, value: () => CaseValue): void {
  if (random.chance(chance)) config[key] = value();
}

function activation(random: Random): CaseValue {
  if (random.chance(0.06)) return random.pick(wrongActivations);
  if (random.chance(0.05)) return random.pick(['ReLU', 'Softmax', 'Flatten', null, undefined]);
  return random.pick(activations);
}

function initializer(random: Random): CaseValue {
  if (random.chance(0.04)) return random.pick(['glorot_normal', 'normal', 'constant', 7, {}]);
  if (random.chance(0.08)) return random.pick(['identity', 'orthogonal']);
  if (random.chance(0.05)) return { className: 'Constant', config: { value: 1 } };
  return random.pick(initializers);
}

function regularizer(random: Random): CaseValue {
  if (random.chance(0.1)) return random.pick(['l2', 'l1', 'L2', 3]);
  return random.pick(['l1l2', 'L1L2', null, { className: 'L1L2', config: { l1: 0.1, l2: 0 } }]);
}

function constraint(random: Random): CaseValue {
  if (random.chance(0.1)) return random.pick(['max_norm', 'unit', true]);
  return random.pick(['maxNorm', 'MaxNorm', 'minMaxNorm', 'nonNeg', 'unitNorm', null]);
}

function weightOptions(config: CaseConfig, random: Random, names: string[]): void {
  for (const name of names) {
    put(config, random, `${name}Initializer`, 0.1, () => initializer(random));
    put(config, random, `${name}Regularizer`, 0.06, () => regularizer(random));
    put(config, random, `${name}Constraint`, 0.06, () => constraint(random));
  }
}

/** A count, now and then one tfjs refuses. */
function count(random: Random, high: number): CaseValue {
  if (random.chance(0.04)) return random.pick([0, -1, 2.5, '3', null, undefined, true]);
  return random.int(1, high);
}

/** A number or a tuple of `length`, now and then broken. */
function tuple(random: Random, length: number, low: number, high: number): CaseValue {
  if (random.chance(0.05)) {
    return random.pick<CaseValue>([
      [],
      [1, 2, 3, 4],
      Array(length + 1).fill(2),
      Array(length).fill(1.5),
      '2',
      true,
      [null],
      0,
      -2,
      Array(length).fill(0),
    ]);
  }
  if (random.chance(0.5)) return random.int(low, high);
  return Array.from({ length }, () => random.int(low, high));
}

function padding(random: Random): CaseValue {
  if (random.chance(0.03)) return random.pick(['SAME', 'full', 3]);
  return random.pick(['valid', 'same', 'same', 'valid', 'causal', null]);
}

function dataFormat(random: Random): CaseValue {
  if (random.chance(0.03)) return random.pick(['channels_last', 'NHWC']);
  return random.pick(['channelsLast', 'channelsFirst', 'channelsLast', null]);
}

/** A shape with `axes` axes besides the batch. */
function shape(random: Random, axes: number, high = 9): PlainShape {
  const rank = random.chance(0.03) ? random.int(0, 5) : axes;
  const sizes = Array.from({ length: rank }, (): number | null => random.int(1, high));
  for (const [axis] of sizes.entries()) if (random.chance(0.05)) sizes[axis] = null;
  if (rank > 0 && random.chance(0.02)) sizes[random.int(0, rank - 1)] = random.pick([0, -3]);
  return [random.chance(0.8) ? null : random.int(1, 3), ...sizes];
}

function one(random: Random, axes: number, high?: number): PlainShape[] {
  if (random.chance(0.02)) return [shape(random, axes, high), shape(random, axes, high)];
  return [shape(random, axes, high)];
}

function convolution(rank: number, extra?: (config: CaseConfig, random: Random) => void): Maker {
  return (random) => {
    const config: CaseConfig = {};
    put(config, random, 'filters', 0.97, () => count(random, 5));
    put(config, random, 'kernelSize', 0.97, () => tuple(random, rank, 1, rank === 3 ? 3 : 5));
    put(config, random, 'strides', 0.5, () => tuple(random, rank, 1, 3));
    put(config, random, 'dilationRate', 0.2, () => tuple(random, rank, 1, 3));
    put(config, random, 'padding', 0.6, () => padding(random));
    put(config, random, 'dataFormat', 0.3, () => dataFormat(random));
    put(config, random, 'useBias', 0.3, () => random.chance(0.5));
    put(config, random, 'activation', 0.3, () => activation(random));
    put(config, random, 'activityRegularizer', 0.01, () => regularizer(random));
    weightOptions(config, random, ['bias']);
    if (extra) extra(config, random);
    else weightOptions(config, random, ['kernel']);
    return { config, inputs: one(random, rank + 1, rank === 3 ? 6 : 12) };
  };
}

function depthwise(config: CaseConfig, random: Random): void {
  put(config, random, 'depthMultiplier', 0.4, () => random.pick([1, 2, 3, 0, -1, 1.5]));
  weightOptions(config, random, ['depthwise', 'pointwise']);
  put(config, random, 'kernelInitializer', 0.02, () => initializer(random));
}

function pooling(rank: number): Maker {
  return (random) => {
    const config: CaseConfig = {};
    put(config, random, 'poolSize', 0.7, () => tuple(random, rank, 1, 3));
    put(config, random, 'strides', 0.5, () => tuple(random, rank, 1, 3));
    put(config, random, 'padding', 0.5, () => padding(random));
    put(config, random, 'dataFormat', 0.3, () => dataFormat(random));
    return { config, inputs: one(random, rank + 1, rank === 3 ? 6 : 12) };
  };
}

function globalPooling(rank: number): Maker {
  return (random) => {
    const config: CaseConfig = {};
    put(config, random, 'dataFormat', 0.4, () => dataFormat(random));
    return { config, inputs: one(random, rank + 1) };
  };
}

function anyShape(random: Random): PlainShape[] {
  return one(random, random.int(1, 4), 6);
}

function shapeless(options: (random: Random) => CaseConfig = () => ({})): Maker {
  return (random) => ({ config: options(random), inputs: anyShape(random) });
}

const merge: Maker = (random) => {
  const first = shape(random, random.int(1, 3), 5);
  const inputs = [first];
  const total = random.chance(0.05) ? 1 : random.int(2, 4);
  while (inputs.length < total) {
    const next = first.map((dim, axis) => {
      if (axis === 0) return random.chance(0.95) ? dim : random.pick([null, 2]);
      return random.chance(0.85) ? dim : random.pick([1, 1, null, 5]);
    });
    if (random.chance(0.1) && next.length > 1) next.splice(1, 1);
    inputs.push(next);
  }
  return { config: {}, inputs };
};

const concatenate: Maker = (random) => {
  const config: CaseConfig = {};
  put(config, random, 'axis', 0.6, () => random.pick([-1, 1, 2, 3, -2, 0, -3, 4]));
  const first = shape(random, random.int(1, 3), 5);
  const axis = config['axis'] === undefined ? -1 : (config['axis'] as number);
  const at = axis < 0 ? first.length + axis : axis;
  const total = random.chance(0.05) ? 1 : random.int(2, 4);
  const inputs = Array.from({ length: total }, () =>
    first.map((dim, index) => {
      if (index === at) return random.chance(0.9) ? random.int(1, 4) : null;
      return random.chance(0.97) ? dim : random.pick([null, 4]);
    }),
  );
  return { config, inputs };
};

const dot: Maker = (random) => {
  const axes: CaseValue = random.pick<CaseValue>([1, -1, 1, 2, [1, 1], [2, 1], [2, 2], [-1, -1], [1, 2], 0]);
  const size = () => random.pick([2, 3, 2, 3, null]);
  const input = (): PlainShape => {
    const dims: PlainShape = [random.pick([null, null, 2])];
    const rank = random.chance(0.05) ? 3 : random.int(1, 2);
    while (dims.length <= rank) dims.push(size());
    return dims;
  };
  const total = random.chance(0.05) ? random.pick([1, 3]) : 2;
  return { config: { axes }, inputs: Array.from({ length: total }, input) };
};

function cellOptions(config: CaseConfig, random: Random, gated: boolean): void {
  put(config, random, 'activation', 0.2, () => activation(random));
  if (gated) put(config, random, 'recurrentActivation', 0.2, () => activation(random));
  put(config, random, 'useBias', 0.3, () => random.chance(0.5));
  put(config, random, 'dropout', 0.1, () => 0.2);
  put(config, random, 'unitForgetBias', 0.1, () => random.chance(0.5));
  put(config, random, 'resetAfter', 0.05, () => random.chance(0.5));
  weightOptions(config, random, ['kernel', 'recurrent', 'bias']);
}

function recurrentOptions(config: CaseConfig, random: Random): void {
  put(config, random, 'returnSequences', 0.5, () => random.chance(0.6));
  put(config, random, 'returnState', 0.3, () => random.chance(0.5));
  put(config, random, 'stateful', 0.1, () => random.chance(0.5));
  put(config, random, 'goBackwards', 0.1, () => random.chance(0.5));
}

function initialState(random: Random, config: CaseConfig, states: number): PlainShape[] {
  if (!random.chance(0.08)) return [];
  const units = typeof config['units'] === 'number' ? config['units'] : 2;
  return Array.from({ length: random.chance(0.8) ? states : states + 1 }, () => [
    null,
    random.chance(0.9) ? units : units + 1,
  ]);
}

function recurrent(states: number, gated = true): Maker {
  return (random) => {
    const config: CaseConfig = {};
    put(config, random, 'units', 0.98, () => count(random, 4));
    cellOptions(config, random, gated);
    recurrentOptions(config, random);
    const inputs = [shape(random, 2, 5), ...initialState(random, config, states)];
    return { config, inputs };
  };
}

const cellFactories = ['simpleRNNCell', 'gruCell', 'lstmCell'];

function cell(random: Random): NestedLayer {
  const factory = random.pick(cellFactories);
  const config: CaseConfig = { units: random.int(1, 4) };
  put(config, random, 'useBias', 0.3, () => random.chance(0.5));
  put(config, random, 'trainable', 0.1, () => false);
  return { $layer: factory, config };
}

function stackedCells(random: Random): CaseValue {
  return Array.from({ length: random.int(1, 3) }, () => cell(random));
}

const rnn: Maker = (random) => {
  const config: CaseConfig = {};
  config['cell'] = random.chance(0.04)
    ? random.pick<CaseValue>([null, undefined, { $layer: 'dense', config: { units: 2 } }])
    : random.chance(0.4)
      ? stackedCells(random)
      : random.chance(0.15)
        ? { $layer: 'stackedRNNCells', config: { cells: stackedCells(random) } }
        : cell(random);
  recurrentOptions(config, random);
  return { config, inputs: [shape(random, 2, 5)] };
};

function convLstm(random: Random): CaseConfig {
  const config: CaseConfig = {};
  put(config, random, 'filters', 0.98, () => count(random, 3));
  put(config, random, 'kernelSize', 0.98, () => tuple(random, 2, 1, 3));
  put(config, random, 'strides', 0.3, () => tuple(random, 2, 1, 2));
  put(config, random, 'dilationRate', 0.2, () => tuple(random, 2, 1, 2));
  put(config, random, 'padding', 0.5, () => padding(random));
  put(config, random, 'dataFormat', 0.3, () => dataFormat(random));
  put(config, random, 'unroll', 0.02, () => true);
  cellOptions(config, random, true);
  return config;
}

/** An inner layer for bidirectional and timeDistributed, always one tfjs can make. */
function innerRecurrent(random: Random): NestedLayer {
  const factory = random.pick(['simpleRNN', 'gru', 'lstm', 'rnn', 'convLstm2d']);
  const config: CaseConfig = {};
  if (factory === 'convLstm2d') {
    Object.assign(config, { filters: random.int(1, 2), kernelSize: random.int(1, 3) });
    put(config, random, 'padding', 0.5, () => random.pick(['valid', 'same']));
  } else if (factory === 'rnn') config['cell'] = random.chance(0.5) ? cell(random) : stackedCells(random);
  else config['units'] = random.int(1, 4);
  recurrentOptions(config, random);
  put(config, random, 'trainable', 0.1, () => false);
  return { $layer: factory, config };
}

const bidirectional: Maker = (random) => {
  const layer = random.chance(0.03) ? null : innerRecurrent(random);
  const config: CaseConfig = { layer };
  put(config, random, 'mergeMode', 0.6, () => random.pick(['sum', 'mul', 'concat', 'ave', null, 'add']));
  const axes = layer?.$layer === 'convLstm2d' ? 4 : 2;
  const inputs = [shape(random, axes, 5)];
  const units = layer?.config['units'];
  if (typeof units === 'number' && random.chance(0.08)) {
    const states = (layer?.$layer === 'lstm' ? 4 : 2) + (random.chance(0.2) ? 1 : 0);
    for (let i = 0; i < states; i++) inputs.push([null, random.chance(0.95) ? units : units + 1]);
  }
  return { config, inputs };
};

const timeDistributed: Maker = (random) => {
  const inner = random.pick<[NestedLayer, number]>([
    [{ $layer: 'dense', config: { units: random.int(1, 5) } }, random.int(1, 2)],
    [{ $layer: 'flatten', config: {} }, random.int(1, 3)],
    [{ $layer: 'conv2d', config: { filters: random.int(1, 3), kernelSize: random.int(1, 3) } }, 3],
    [{ $layer: 'maxPooling2d', config: { poolSize: random.int(1, 3) } }, 3],
    [{ $layer: 'globalAveragePooling2d', config: {} }, 3],
    [{ $layer: 'activation', config: { activation: 'relu' } }, random.int(1, 3)],
    [{ $layer: 'batchNormalization', config: {} }, random.int(1, 3)],
    [{ $layer: 'lstm', config: { units: 2, returnSequences: random.chance(0.5) } }, 2],
    [{ $layer: 'embedding', config: { inputDim: 5, outputDim: 3 } }, 1],
    [{ $layer: 'dropout', config: { rate: 0.5, trainable: false } }, 1],
    [{ $layer: 'dense', config: { units: 2, trainable: false } }, 1],
    [{ $layer: 'reshape', config: { targetShape: [-1, 2] } }, 2],
  ]);
  const [layer, axes] = inner;
  const sizes = Array.from({ length: axes }, () => (random.chance(0.04) ? null : random.int(1, 6)));
  const time = random.chance(0.2) ? null : random.int(1, 4);
  const input: PlainShape = [random.chance(0.8) ? null : 2, ...(random.chance(0.97) ? [time] : []), ...sizes];
  return { config: { layer: random.chance(0.02) ? null : layer }, inputs: [input] };
};

function margins(random: Random, high: number): CaseValue {
  const pair = (): CaseValue => [random.int(0, high), random.int(0, high)];
  if (random.chance(0.03)) return random.pick<CaseValue>(['same', [1], [1, 2, 3], [[1, 2], [3]]]);
  return random.pick<CaseValue>([random.int(0, high), pair(), [pair(), pair()]]);
}

const images = (random: Random) => one(random, 3, 9);

/** One maker for every factory of tf.layers; aliases share theirs. */
export const makers: Record<string, Maker> = {
  inputLayer(random) {
    const config: CaseConfig = {};
    put(config, random, 'inputShape', 0.7, () =>
      random.pick<CaseValue>([[3], [28, 28, 1], [null, 4], [], 5]),
    );
    put(config, random, 'batchInputShape', 0.3, () =>
      random.pick<CaseValue>([
        [null, 3],
        [4, 2, 2],
      ]),
    );
    put(config, random, 'batchSize', 0.3, () => random.pick([null, 2]));
    return { config, inputs: [] };
  },
  elu: shapeless((random) => (random.chance(0.3) ? { alpha: random.pick([1, 0.5, null]) } : {})),
  reLU: shapeless((random) => (random.chance(0.3) ? { maxValue: 6 } : {})),
  leakyReLU: shapeless((random) => (random.chance(0.3) ? { alpha: 0.1 } : {})),
  thresholdedReLU: shapeless((random) => (random.chance(0.3) ? { theta: 0.5 } : {})),
  softmax: shapeless((random) => (random.chance(0.3) ? { axis: -1 } : {})),
  prelu(random) {
    const config: CaseConfig = {};
    put(config, random, 'sharedAxes', 0.5, () =>
      random.pick<CaseValue>([1, [1], [1, 2], [2], [], 'x', [3], null]),
    );
    weightOptions(config, random, ['alpha']);
    return { config, inputs: anyShape(random) };
  },
  activation: shapeless((random) => (random.chance(0.9) ? { activation: activation(random) } : {})),
  conv1d: convolution(1),
  conv2d: convolution(2),
  conv3d: convolution(3),
  conv2dTranspose: convolution(2),
  conv3dTranspose: convolution(3),
  separableConv2d: convolution(2, depthwise),
  depthwiseConv2d: convolution(2, depthwise),
  cropping2D(random) {
    const config: CaseConfig = {};
    put(config, random, 'cropping', 0.97, () => margins(random, 3));
    put(config, random, 'dataFormat', 0.3, () => random.pick(['channelsFirst', 'channelsLast', 'x']));
    return { config, inputs: images(random) };
  },
  upSampling2d(random) {
    const config: CaseConfig = {};
    put(config, random, 'size', 0.6, () =>
      random.chance(0.1) ? random.pick<CaseValue>([2, [2]]) : [random.int(1, 3), random.int(1, 3)],
    );
    put(config, random, 'dataFormat', 0.3, () => dataFormat(random));
    put(config, random, 'interpolation', 0.3, () => random.pick(['nearest', 'bilinear', 'bicubic']));
    return { config, inputs: images(random) };
  },
  zeroPadding2d(random) {
    const config: CaseConfig = {};
    put(config, random, 'padding', 0.8, () => margins(random, 3));
    put(config, random, 'dataFormat', 0.3, () => random.pick(['channelsFirst', 'channelsLast', 'x', null]));
    return { config, inputs: images(random) };
  },
  dense(random) {
    const config: CaseConfig = {};
    put(config, random, 'units', 0.98, () => count(random, 6));
    put(config, random, 'useBias', 0.3, () => random.chance(0.5));
    put(config, random, 'activation', 0.4, () => activation(random));
    put(config, random, 'activityRegularizer', 0.01, () => regularizer(random));
    put(config, random, 'name', 0.05, () => random.pick(['my layer', '_x', 'é']));
    weightOptions(config, random, ['kernel', 'bias']);
    return { config, inputs: anyShape(random) };
  },
  dropout: shapeless(() => ({ rate: 0.3 })),
  spatialDropout1d: (random) => ({ config: { rate: 0.2 }, inputs: one(random, 2) }),
  flatten(random) {
    const config: CaseConfig = {};
    put(config, random, 'dataFormat', 0.3, () => dataFormat(random));
    return { config, inputs: one(random, random.int(1, 4), 6) };
  },
  repeatVector: (random) => ({
    config: random.chance(0.97) ? { n: random.int(1, 5) } : {},
    inputs: one(random, 1),
  }),
  reshape(random) {
    const input = shape(random, random.int(1, 3), 6);
    const size = input.slice(1).reduce<number>((product, dim) => product * (dim ?? 1), 1);
    const divisor = random.pick([1, 2, 3, 4].filter((value) => size % value === 0));
    const target = random.pick<CaseValue>([
      [size],
      [divisor, size / divisor],
      [divisor, -1],
      [-1, divisor],
      [-1],
      [null],
      [-1, -1],
      [size, 1, 1],
      [7, -1],
      [size + 1],
      [],
      [0, -1],
    ]);
    return { config: { targetShape: random.chance(0.03) ? undefined : target }, inputs: [input] };
  },
  permute(random) {
    const dims = random.pick<CaseValue>([
      [1],
      [2, 1],
      [1, 2],
      [3, 1, 2],
      [2, 3, 1],
      [0, 1],
      [1, 1],
      [2],
      null,
      3,
    ]);
    const rank = Array.isArray(dims) ? dims.length : 2;
    return { config: { dims }, inputs: one(random, rank) };
  },
  embedding(random) {
    const config: CaseConfig = {};
    put(config, random, 'inputDim', 0.98, () => count(random, 9));
    put(config, random, 'outputDim', 0.98, () => count(random, 5));
    put(config, random, 'maskZero', 0.1, () => true);
    const input = shape(random, random.int(1, 2), 5);
    put(config, random, 'inputLength', 0.3, () =>
      random.pick<CaseValue>([input.slice(1), input[1] ?? 4, [3], [null, 2], null]),
    );
    weightOptions(config, random, ['embeddings']);
    return { config, inputs: [input] };
  },
  add: merge,
  average: merge,
  maximum: merge,
  minimum: merge,
  multiply: merge,
  concatenate,
  dot,
  batchNormalization(random) {
    const config: CaseConfig = {};
    put(config, random, 'axis', 0.4, () => random.pick([-1, 1, 2, 3, -2, 0, 9]));
    put(config, random, 'center', 0.3, () => random.chance(0.5));
    put(config, random, 'scale', 0.3, () => random.chance(0.5));
    weightOptions(config, random, ['beta', 'gamma']);
    put(config, random, 'movingMeanInitializer', 0.05, () => initializer(random));
    return { config, inputs: anyShape(random) };
  },
  layerNormalization(random) {
    const config: CaseConfig = {};
    put(config, random, 'axis', 0.5, () =>
      random.pick<CaseValue>([-1, 1, [1, 2], [-1, -2], [1, 1], 9, 1.5, 'x', [1, 'y'], []]),
    );
    put(config, random, 'center', 0.3, () => random.chance(0.5));
    put(config, random, 'scale', 0.3, () => random.chance(0.5));
    put(config, random, 'gammaInitializer', 0.1, () => initializer(random));
    return { config, inputs: anyShape(random) };
  },
  averagePooling1d: pooling(1),
  avgPool1d: pooling(1),
  avgPooling1d: pooling(1),
  averagePooling2d: pooling(2),
  avgPool2d: pooling(2),
  avgPooling2d: pooling(2),
  averagePooling3d: pooling(3),
  avgPool3d: pooling(3),
  avgPooling3d: pooling(3),
  maxPooling1d: pooling(1),
  maxPool1d: pooling(1),
  maxPooling2d: pooling(2),
  maxPool2d: pooling(2),
  maxPooling3d: pooling(3),
  globalAveragePooling1d: globalPooling(1),
  globalAveragePooling2d: globalPooling(2),
  globalMaxPooling1d: globalPooling(1),
  globalMaxPool1d: globalPooling(1),
  globalMaxPooling2d: globalPooling(2),
  globalMaxPool2d: globalPooling(2),
  simpleRNN: recurrent(1, false),
  gru: recurrent(1),
  lstm: recurrent(2),
  simpleRNNCell: (random) => ({ ...recurrent(1, false)(random), inputs: one(random, 1, 5) }),
  gruCell: (random) => ({ ...recurrent(1)(random), inputs: one(random, 1, 5) }),
  lstmCell: (random) => ({ ...recurrent(2)(random), inputs: one(random, 1, 5) }),
  convLstm2d(random) {
    const config = convLstm(random);
    recurrentOptions(config, random);
    return { config, inputs: one(random, 4, 6) };
  },
  convLstm2dCell: (random) => ({ config: convLstm(random), inputs: one(random, 3, 6) }),
  rnn,
  stackedRNNCells: (random) => ({
    config: random.chance(0.97) ? { cells: stackedCells(random) } : {},
    inputs: one(random, 1, 5),
  }),
  bidirectional,
  timeDistributed,
  gaussianNoise: shapeless(() => ({ stddev: 0.1 })),
  gaussianDropout: shapeless(() => ({ rate: 0.3 })),
  alphaDropout: shapeless(() => ({ rate: 0.3 })),
  masking: shapeless((random) => (random.chance(0.3) ? { maskValue: -1 } : {})),
  rescaling: shapeless((random) => ({ scale: 2, ...(random.chance(0.3) ? { offset: 1 } : {}) })),
  centerCrop: (random) => ({
    config: random.chance(0.97) ? { height: random.int(1, 8), width: random.int(1, 8) } : { height: 3 },
    inputs: images(random),
  }),
  resizing(random) {
    const config: CaseConfig = { height: random.int(1, 8), width: random.int(1, 8) };
    put(config, random, 'interpolation', 0.3, () => random.pick(['nearest', 'bilinear', 'area', '']));
    return { config, inputs: images(random) };
  },
  categoryEncoding(random) {
    const config: CaseConfig = { numTokens: random.int(1, 6) };
    put(config, random, 'outputMode', 0.7, () => random.pick(['oneHot', 'multiHot', 'count', 'int', '']));
    return { config, inputs: one(random, random.int(1, 2), 4) };
  },
  randomWidth(random) {
    const config: CaseConfig = {};
    put(config, random, 'factor', 0.95, () =>
      random.pick<CaseValue>([0.2, [0.1, 0.3], [0.3, 0.1], -1, [0.5], 0, [-2, 0], 1.5]),
    );
    put(config, random, 'interpolation', 0.3, () => random.pick(['nearest', 'bilinear', 'area', '']));
    return { config, inputs: images(random) };
  },
};

export function makeCase(random: Random): LayerCase {
  const factory = random.pick(Object.keys(makers));
  const { config, inputs } = (makers[factory] as Maker)(random);
  put(config, random, 'trainable', 0.06, () => false);
  const again = inputs.length > 0 && random.chance(0.15) ? secondInputs(random, inputs) : null;
  return { factory, config, inputs, again };
}

function secondInputs(random: Random, inputs: PlainShape[]): PlainShape[] {
  return inputs.map((input) => {
    const changed = input.map((dim, axis) =>
      axis > 0 && random.chance(0.3) ? random.pick([1, 2, 3, 4, 5, 6, null]) : dim,
    );
    if (random.chance(0.1)) changed.push(2);
    return changed;
  });
}

/** The configuration as a person would write it. */
export function showConfig(value: CaseValue): string {
  if (value === undefined) return 'undefined';
  if (Array.isArray(value)) return `[${value.map(showConfig).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    if ('$layer' in value) {
      const nested = value as NestedLayer;
      return `tf.layers.${nested.$layer}(${showConfig(nested.config)})`;
    }
    return `{${Object.entries(value)
      .map(([key, item]) => `${key}: ${showConfig(item)}`)
      .join(', ')}}`;
  }
  return typeof value === 'string' ? `'${value}'` : `${value}`;
}
