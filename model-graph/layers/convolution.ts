/** Convolutions. Mirrors tfjs-layers layers/convolutional.ts and layers/convolutional_depthwise.ts. */
import { add, type Dim, equalDims, formatDim, multiply, product, type Quantity, type Shape } from '../dims';
import { type ConfigReader, formatValue, type InitializerUse, known, Lost, LostSignal } from './config';
import { type Call, defineRule, type WeightSpec } from './define';
import { type LayerRule, Unknown, type Window } from './rule';
import {
  axesOf,
  axisLines,
  channelAxis,
  convOutputLength,
  type DataFormat,
  deconvLength,
  deriveLengths,
  equation,
  lengthsOf,
  operand,
  type SpatialAxis,
  spatialShape,
  spatialWindow,
  warnOfLargeKernel,
} from './spatial';

interface ConvolutionOptions {
  rank: number;
  filters: Quantity | Lost;
  kernelSize: Quantity[] | Lost;
  strides: Quantity[] | Lost;
  dilationRate: Quantity[] | Lost;
  padding: 'valid' | 'same' | 'causal' | Lost;
  dataFormat: DataFormat | Lost;
  useBias: boolean | Lost;
  depthMultiplier: Quantity | Lost;
  initializers: Record<string, InitializerUse>;
}

/** Mirrors the BaseConv constructor. */
function readBase(reader: ConfigReader, rank: number): ConvolutionOptions {
  reader.activation();
  reader.regularizer('biasRegularizer', 'activityRegularizer');
  reader.constraint('biasConstraint');
  return {
    rank,
    filters: new Lost('there are no filters'),
    kernelSize: reader.tuple('kernelSize', rank),
    strides: reader.tuple('strides', rank, 1),
    dilationRate: reader.tuple('dilationRate', rank, 1),
    padding: reader.padding(),
    dataFormat: reader.dataFormat(),
    useBias: reader.flag('useBias', true),
    depthMultiplier: 1,
    initializers: { bias: reader.initializer('biasInitializer', 'zeros') },
  };
}

/** Mirrors the Conv constructor. */
function readConvolution(reader: ConfigReader, rank: number): ConvolutionOptions {
  const options = readBase(reader, rank);
  options.filters = reader.positiveSize('filters');
  options.initializers['kernel'] = reader.initializer('kernelInitializer', 'glorotNormal');
  reader.regularizer('kernelRegularizer');
  reader.constraint('kernelConstraint');
  return options;
}

function axes(options: ConvolutionOptions): SpatialAxis[] {
  return axesOf(options.kernelSize, options.strides, options.dilationRate);
}

function lengths(options: ConvolutionOptions, call: Call): Dim[] {
  return lengthsOf(call.shape, options.rank, known(options.dataFormat));
}

/** The input's channels; tfjs throws in build when they are open. */
function inputChannels(options: ConvolutionOptions, call: Call): Quantity {
  const axis = channelAxis(options.rank, known(options.dataFormat));
  const channels = call.shape[axis] as Dim;
  if (channels === null && call.builtBefore) {
    throw new LostSignal(new Lost('the number of its channels is open'));
  }
  if (channels === null) {
    call.reject(
      'undefined-size',
      `${call.factory} needs to know how many channels its input has, but axis ${axis} has no fixed size. Give it one where the model's input is declared.`,
    );
  }
  return channels;
}

function kernelWeight({ initializers }: ConvolutionOptions, shape: Shape): WeightSpec {
  return { name: 'kernel', shape, trainable: true, initializer: initializers['kernel'] };
}

/** Every weight of the kernel once at each of these cells: of the output, or of a transposed convolution's input. */
function kernelProducts(options: ConvolutionOptions, call: Call, cells: Dim[]): Dim {
  const { kernelSize, filters } = options;
  return product([...cells, ...known(kernelSize), inputChannels(options, call), known(filters)]);
}

function biasWeight(options: ConvolutionOptions, size: Quantity): WeightSpec[] {
  if (!known(options.useBias)) return [];
  return [{ name: 'bias', shape: [size], trainable: true, initializer: options.initializers['bias'] }];
}

/** What tfjs-core throws when data comes. Mirrors the asserts of tfjs-core ops/conv2d.ts and the causal check of conv2dWithBiasActivation. */
function checkPredict(options: ConvolutionOptions, call: Call): void {
  if (options.padding === 'causal') {
    call.failsAtPredict(
      'not-implemented',
      `tfjs has no 'causal' padding for ${call.factory} yet: the model builds, but throws when data comes. Pad the input yourself and use 'valid'.`,
    );
  }
  checkStrides(options, call);
}

function checkStrides(options: ConvolutionOptions, call: Call): void {
  const { strides, dilationRate } = options;
  if (!checkPositive('strides', strides, call) || !checkPositive('dilationRate', dilationRate, call)) return;
  if (strides instanceof Lost || dilationRate instanceof Lost) return;
  const above = (values: Quantity[]) => values.some((value) => typeof value === 'number' && value !== 1);
  if (above(strides) && above(dilationRate)) {
    call.failsAtPredict(
      'strides-and-dilation',
      `${call.factory} cannot have both strides (${strides.map(formatDim).join(', ')}) and a dilation rate (${dilationRate.map(formatDim).join(', ')}) other than 1: tfjs throws when data comes.`,
    );
  }
}

function positiveProblem(key: string, values: Quantity[] | Lost, call: Call): string | null {
  const bad =
    values instanceof Lost ? undefined : values.find((value) => typeof value === 'number' && !(value > 0));
  return bad === undefined
    ? null
    : `\`${key}\` of ${call.factory} must be above 0, but is ${formatDim(bad)}.`;
}

function checkPositive(key: string, values: Quantity[] | Lost, call: Call): boolean {
  const problem = positiveProblem(key, values, call);
  if (problem) call.failsAtPredict('invalid-argument', `${problem} tfjs throws when data comes.`);
  return problem === null;
}

/** Some convolutions read `dilationRate` and never use it. */
function warnOfIgnoredDilation({ dilationRate }: ConvolutionOptions, call: Call): void {
  if (dilationRate instanceof Lost) return;
  if (!dilationRate.some((rate) => typeof rate === 'number' && rate !== 1)) return;
  call.warn(
    'ignored-argument',
    `tfjs ignores \`dilationRate\` of ${call.factory}: it computes with a dilation rate of 1.`,
  );
}

function outputLengths(options: ConvolutionOptions, call: Call): Dim[] {
  const padding = known(options.padding);
  const input = lengths(options, call);
  if (padding === 'same') {
    // The kernel does not matter to the size then.
    const strides = known(options.strides);
    return input.map((length, index) =>
      convOutputLength(length, { size: 1, stride: strides[index] as Quantity, dilation: 1 }, padding),
    );
  }
  return axes(options).map((axis, index) => convOutputLength(input[index] as Dim, axis, padding));
}

function convolutionRule(rank: number, className: string, factory: string): LayerRule {
  return defineRule<ConvolutionOptions>({
    className,
    factories: [factory],
    kind: 'convolution',
    inputs: 'one',
    rank: { exactly: rank + 2 },
    read: (reader) => readConvolution(reader, rank),
    check(options, call) {
      checkPredict(options, call);
      inputChannels(options, call);
      if (rank === 1 && options.dataFormat === 'channelsFirst') {
        // Mirrors conv1dWithBias, which turns the input but never the output back.
        call.warn(
          'reported-shape',
          "tfjs reports the output of conv1d with dataFormat 'channelsFirst' channels first, but computes it channels last. Use 'channelsLast' and permute.",
        );
      }
      warnOfLargeKernel(call, 'kernel', lengths(options, call), axes(options), known(options.padding));
    },
    outputShapes(options, call) {
      const spatial = outputLengths(options, call);
      return [spatialShape(call.shape[0] as Dim, spatial, known(options.filters), known(options.dataFormat))];
    },
    weights(options, call) {
      const filters = known(options.filters);
      const kernel: Shape = [...known(options.kernelSize), inputChannels(options, call), filters];
      return [kernelWeight(options, kernel), ...biasWeight(options, filters)];
    },
    multiplyAccumulates: (options, call) => kernelProducts(options, call, outputLengths(options, call)),
    window: (options, call) =>
      spatialWindow(options.dataFormat, lengths(options, call), axes(options), known(options.padding)),
    derivation: (options, call) =>
      deriveLengths(lengths(options, call), axes(options), known(options.padding)),
    built: builtOnChannels,
  });
}

function builtOnChannels(options: ConvolutionOptions, shape: Shape) {
  const axis = channelAxis(options.rank, known(options.dataFormat));
  return { rank: options.rank + 2, axes: new Map([[axis, shape[axis] as Dim]]) };
}

/**
 * Output cell `j` sees the input cells `i` with `0 ≤ j + before − i·stride < kernel`: everywhere as many where the stride
 * goes into the kernel, otherwise now one more, now one less. Mirrors tfjs-core ops/conv2d_transpose.ts, which is
 * conv2dDerInput, with the padding that the convolution from output to input has.
 */
function transposedWindow(options: ConvolutionOptions): Window | null {
  const size: number[] = [];
  const factor: number[] = [];
  const padding: number[] = [];
  const kernels = known(options.kernelSize);
  for (const [index, stride] of known(options.strides).entries()) {
    const kernel = kernels[index];
    if (typeof kernel !== 'number' || typeof stride !== 'number' || stride < 1 || kernel % stride !== 0)
      return null;
    size.push(kernel / stride);
    factor.push(stride);
    padding.push(known(options.padding) === 'same' ? Math.floor((kernel - stride) / 2) : 0);
  }
  return {
    kind: 'stretch',
    size,
    factor,
    padding,
    channelsFirst: known(options.dataFormat) === 'channelsFirst',
  };
}

/** Mirrors Conv2DTranspose and Conv3DTranspose. */
function transposedRule(rank: number, className: string, factory: string): LayerRule {
  const outputs = (options: ConvolutionOptions, call: Call) => {
    const strides = known(options.strides);
    const padding = known(options.padding);
    const sizes = padding === 'same' ? strides : known(options.kernelSize);
    return lengths(options, call).map((length, index) =>
      deconvLength(length, strides[index] as Quantity, sizes[index] as Quantity, padding),
    );
  };
  return defineRule<ConvolutionOptions>({
    className,
    factories: [factory],
    kind: 'convolution',
    inputs: 'one',
    rank: { exactly: rank + 2 },
    read(reader) {
      const options = readConvolution(reader, rank);
      if (options.padding === 'causal') {
        reader.error(
          'unknown-padding',
          `\`padding\` of ${factory} must be 'valid' or 'same', but is 'causal'.`,
        );
      }
      return options;
    },
    check(options, call) {
      warnOfIgnoredDilation(options, call);
      const strides = positiveProblem('strides', options.strides, call);
      if (strides)
        call.failsAtPredict('invalid-argument', `${strides} tfjs computes nonsense, or never ends.`);
      inputChannels(options, call);
    },
    outputShapes: (options, call) => [
      spatialShape(
        call.shape[0] as Dim,
        outputs(options, call),
        known(options.filters),
        known(options.dataFormat),
      ),
    ],
    weights(options, call) {
      const filters = known(options.filters);
      const kernel: Shape = [...known(options.kernelSize), filters, inputChannels(options, call)];
      return [kernelWeight(options, kernel), ...biasWeight(options, filters)];
    },
    multiplyAccumulates: (options, call) => kernelProducts(options, call, lengths(options, call)),
    window: (options) => transposedWindow(options),
    derivation(options, call) {
      const padding = known(options.padding);
      const results = outputs(options, call);
      return axisLines(
        lengths(options, call).map((length, index) => {
          if (length === null) return null;
          const stride = known(options.strides)[index] as Quantity;
          const stretched = `${operand(length)}·${operand(stride)}`;
          const result = results[index] as Dim;
          if (padding === 'same') return equation(stretched, result);
          const size = known(options.kernelSize)[index] as Quantity;
          return equation(`${stretched} + max(${formatDim(size)} − ${operand(stride)}, 0)`, result);
        }),
      );
    },
    built: builtOnChannels,
  });
}

/** Mirrors SeparableConv. The shape is Conv's own computeOutputShape. */
const separableConv2d = defineRule<ConvolutionOptions>({
  className: 'SeparableConv2D',
  factories: ['separableConv2d'],
  kind: 'convolution',
  inputs: 'one',
  rank: { exactly: 4 },
  read(reader) {
    const options = readConvolution(reader, 2);
    for (const key of ['kernelInitializer', 'kernelRegularizer', 'kernelConstraint']) {
      if (!reader.has(key) || reader.value(key) instanceof Unknown) continue;
      const part = key.slice('kernel'.length);
      reader.error(
        'invalid-argument',
        `separableConv2d takes no \`${key}\`: use \`depthwise${part}\` and \`pointwise${part}\`.`,
      );
    }
    if (options.padding === 'causal') {
      reader.error(
        'unknown-padding',
        "`padding` of separableConv2d must be 'valid' or 'same', but is 'causal'.",
      );
    }
    options.depthMultiplier = reader.size('depthMultiplier', 1);
    // tfjs reads depthwiseInitializer for both kernels.
    options.initializers['depthwise'] = reader.initializer('depthwiseInitializer', 'glorotUniform');
    reader.regularizer('depthwiseRegularizer', 'pointwiseRegularizer');
    reader.constraint('depthwiseConstraint', 'pointwiseConstraint');
    return options;
  },
  check(options, call) {
    checkStrides(options, call);
    inputChannels(options, call);
    warnOfLargeKernel(call, 'kernel', lengths(options, call), axes(options), known(options.padding));
    checkBiasAxis(options, call);
  },
  outputShapes(options, call) {
    const spatial = outputLengths(options, call);
    return [spatialShape(call.shape[0] as Dim, spatial, known(options.filters), known(options.dataFormat))];
  },
  weights(options, call) {
    const filters = known(options.filters);
    const channels = inputChannels(options, call);
    const multiplier = known(options.depthMultiplier);
    const initializer = options.initializers['depthwise'];
    return [
      {
        name: 'depthwise_kernel',
        shape: [...known(options.kernelSize), channels, multiplier],
        trainable: true,
        initializer,
      },
      {
        name: 'pointwise_kernel',
        shape: [1, 1, multiply(channels, multiplier), filters],
        trainable: true,
        initializer,
      },
      ...biasWeight(options, filters),
    ];
  },
  multiplyAccumulates(options, call) {
    const cells = product(outputLengths(options, call));
    const depthwise = multiply(inputChannels(options, call), known(options.depthMultiplier));
    const perCell = product([...known(options.kernelSize), depthwise]);
    return multiply(cells, multiplyAdd(perCell, depthwise, known(options.filters)));
  },
  window: (options, call) =>
    spatialWindow(options.dataFormat, lengths(options, call), axes(options), known(options.padding)),
  derivation: (options, call) => deriveLengths(lengths(options, call), axes(options), known(options.padding)),
  built: builtOnChannels,
});

/** Mirrors SeparableConv.call, which adds the bias along axis 1 while the channels still come last. */
function checkBiasAxis(options: ConvolutionOptions, call: Call): void {
  if (options.dataFormat !== 'channelsFirst' || options.useBias !== true) return;
  const [height] = outputLengths(options, call);
  const fits =
    [height, options.filters].includes(1) ||
    height === null ||
    equalDims(height as Dim, known(options.filters)) !== false;
  if (fits) {
    call.warn(
      'wrong-bias-axis',
      "tfjs adds the bias of separableConv2d with dataFormat 'channelsFirst' along the wrong axis. Use 'channelsLast', or useBias: false.",
    );
    return;
  }
  call.failsAtPredict(
    'wrong-bias-axis',
    "tfjs cannot add a bias in separableConv2d with dataFormat 'channelsFirst': it throws when data comes. Use 'channelsLast', or useBias: false.",
  );
}

function multiplyAdd(first: Quantity, left: Quantity, right: Quantity): Quantity {
  return add(first, multiply(left, right));
}

/**
 * Mirrors DepthwiseConv2D. tfjs ignores its dilationRate: computeOutputShape does not pass it on, and call hands null
 * to the operation.
 */
const depthwiseConv2d = defineRule<ConvolutionOptions>({
  className: 'DepthwiseConv2D',
  factories: ['depthwiseConv2d'],
  kind: 'convolution',
  inputs: 'one',
  rank: { atLeast: 4 },
  read(reader) {
    const options = readBase(reader, 2);
    options.depthMultiplier = reader.size('depthMultiplier', 1);
    options.initializers['depthwise'] = reader.initializer('depthwiseInitializer', 'glorotNormal');
    reader.regularizer('depthwiseRegularizer');
    reader.constraint('depthwiseConstraint');
    return options;
  },
  check(options, call) {
    warnOfIgnoredDilation(options, call);
    checkPositive('strides', options.strides, call);
    if (call.shape.length > 4) {
      call.failsAtPredict(
        'rank-mismatch',
        `depthwiseConv2d takes an input of 3 axes besides the batch, but this one has ${call.shape.length - 1}; tfjs throws when data comes.`,
      );
    }
    depthwiseChannels(options, call);
    warnOfLargeKernel(call, 'kernel', lengths(options, call), depthwiseAxes(options), known(options.padding));
  },
  outputShapes(options, call) {
    const spatial = depthwiseLengths(options, call);
    const channels = multiply(depthwiseChannels(options, call), known(options.depthMultiplier));
    return [spatialShape(call.shape[0] as Dim, spatial, channels, known(options.dataFormat))];
  },
  weights(options, call) {
    const channels = depthwiseChannels(options, call);
    const multiplier = known(options.depthMultiplier);
    return [
      {
        name: 'depthwise_kernel',
        shape: [...known(options.kernelSize), channels, multiplier],
        trainable: true,
        initializer: options.initializers['depthwise'],
      },
      ...biasWeight(options, multiply(channels, multiplier)),
    ];
  },
  multiplyAccumulates(options, call) {
    const channels = multiply(depthwiseChannels(options, call), known(options.depthMultiplier));
    return product([...depthwiseLengths(options, call), ...known(options.kernelSize), channels]);
  },
  window: (options, call) =>
    spatialWindow(options.dataFormat, lengths(options, call), depthwiseAxes(options), known(options.padding)),
  derivation: (options, call) =>
    deriveLengths(lengths(options, call), depthwiseAxes(options), known(options.padding)),
});

function depthwiseAxes(options: ConvolutionOptions): SpatialAxis[] {
  return axesOf(options.kernelSize, options.strides, [1, 1]);
}

function depthwiseLengths(options: ConvolutionOptions, call: Call): Dim[] {
  return outputLengths({ ...options, dilationRate: [1, 1] }, call);
}

function depthwiseChannels(options: ConvolutionOptions, call: Call): Quantity {
  const axis = known(options.dataFormat) === 'channelsFirst' ? 1 : 3;
  const channels = call.shape[axis] as Dim;
  if (channels === null && call.builtBefore) {
    call.warn(
      'undefined-size',
      'depthwiseConv2d is applied again to an input of an open number of channels.',
    );
    throw new LostSignal(new Lost('the number of its channels is open'));
  }
  if (channels === null || (typeof channels === 'number' && channels < 0)) {
    call.reject(
      'undefined-size',
      `depthwiseConv2d needs to know how many channels its input has, but axis ${axis} is ${formatValue(channels)}. Give it a fixed size where the model's input is declared.`,
    );
  }
  return channels;
}

export const convolutionRules: LayerRule[] = [
  convolutionRule(1, 'Conv1D', 'conv1d'),
  convolutionRule(2, 'Conv2D', 'conv2d'),
  convolutionRule(3, 'Conv3D', 'conv3d'),
  transposedRule(2, 'Conv2DTranspose', 'conv2dTranspose'),
  transposedRule(3, 'Conv3DTranspose', 'conv3dTranspose'),
  separableConv2d,
  depthwiseConv2d,
];
