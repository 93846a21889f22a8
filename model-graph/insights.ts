/**
 * What there is to learn from a layer, in sentences: shared weights and sparse connections, overlapping pooling, dropout,
 * small kernels in a row, and where a model's parameters and its work are. Every number is counted from the graph; where
 * one is not known exactly, nothing is said.
 */
import { formatExactCount } from './dims';

/** A layer as this file reads it: of a `ModelGraph`, or as it travels between processes. */
export interface InsightLayer {
  readonly id: string;
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly params: unknown;
  readonly weights: readonly { readonly name: string; readonly shape: readonly unknown[] }[];
  readonly calls: readonly {
    readonly inbound: readonly { readonly layer: string }[];
    readonly inputShapes: readonly (readonly unknown[])[];
    readonly outputShapes: readonly (readonly unknown[])[];
    readonly multiplyAccumulates: unknown;
  }[];
}

export interface InsightModel {
  readonly layers: readonly InsightLayer[];
  readonly totals: { readonly params: unknown; readonly multiplyAccumulates: unknown };
}

/** The sentences for a layer; `model` is the one it belongs to, where it belongs to one. */
export function layerInsights(layer: InsightLayer, model?: InsightModel): string[] {
  // A shared layer has several inputs, perhaps of several sizes.
  if (layer.calls.length !== 1) return [];
  return [
    ...(insightsByClass[layer.className]?.(layer, model) ?? []),
    ...(model ? shareOfModel(layer, model) : []),
  ];
}

type Insight = (layer: InsightLayer, model: InsightModel | undefined) => string[];

const insightsByClass: Record<string, Insight> = {
  Conv1D: convolution,
  Conv2D: (layer, model) => [...convolution(layer), ...(model ? kernelsInARow(layer, model) : [])],
  Conv3D: convolution,
  SeparableConv2D: separableConvolution,
  Dense: dense,
  Dropout: dropout,
  MaxPooling1D: pooling,
  MaxPooling2D: pooling,
  MaxPooling3D: pooling,
  AveragePooling1D: pooling,
  AveragePooling2D: pooling,
  AveragePooling3D: pooling,
  GlobalAveragePooling2D: globalPooling,
  GlobalMaxPooling2D: globalPooling,
};

// --- by class ------------------------------------------------------------------------------------------------------

function convolution(layer: InsightLayer): string[] {
  const [inputs, outputs] = [inputSize(layer), outputSize(layer)];
  const kernel = kernelOf(layer);
  const { multiplyAccumulates } = layer.calls[0]!;
  if (!kernel || inputs === null || outputs === null || typeof multiplyAccumulates !== 'number') return [];
  const weights = product(kernel);
  const filters = kernel.at(-1)!;
  const positions = multiplyAccumulates / weights;
  const seen = weights / filters;
  if (positions === 1 && seen === inputs)
    return ['The kernel covers the whole input, so this is a dense layer in another form.'];
  const reachesOut = (layer.config['padding'] ?? 'valid') !== 'valid';
  if (!Number.isInteger(positions) || positions < 2 || seen >= inputs) return [];
  return [
    `Shared weights: the same ${count(weights)} at all ${count(positions)} positions. A dense layer from ${count(inputs)} inputs to ${count(outputs)} outputs would have ${count(inputs * outputs)}.`,
    `Sparse connections: each output sees ${reachesOut ? 'at most ' : ''}${count(seen)} of the ${count(inputs)} inputs.`,
  ];
}

/** Depthwise, then pointwise, against an ordinary convolution with the same kernel and as many filters. */
function separableConvolution(layer: InsightLayer): string[] {
  const kernels = layer.weights.filter(({ name }) => /kernel/.test(name)).map(({ shape }) => sizes(shape));
  const [depthwise, pointwise] = kernels;
  if (kernels.length !== 2 || !depthwise || !pointwise) return [];
  const [height = 0, width = 0, channels = 0] = depthwise;
  const ordinary = height * width * channels * pointwise.at(-1)!;
  const own = product(depthwise) + product(pointwise);
  if (own >= ordinary) return [];
  return [
    `Channels one by one, then mixed: ${count(own)} weights where an ordinary convolution has ${count(ordinary)}.`,
  ];
}

function dense(layer: InsightLayer): string[] {
  const kernel = kernelOf(layer);
  // With more axes the kernel is shared along all but the last.
  if (kernel?.length !== 2 || layer.calls[0]!.inputShapes[0]?.length !== 2) return [];
  const [inputs = 0, units = 0] = kernel;
  return [
    `Dense connections: each of ${count(units)} ${units === 1 ? 'output' : 'outputs'} sees ${inputs === 1 ? 'the one input' : `all ${count(inputs)} inputs`}, with ${inputs === 1 ? 'a weight' : 'weights'} of its own.`,
  ];
}

function dropout(layer: InsightLayer): string[] {
  const { rate } = layer.config;
  if (typeof rate !== 'number' || !(rate > 0 && rate < 1)) return [];
  const times = 1 / (1 - rate);
  return [
    `While training, ${Number((100 * rate).toFixed(2))} % of the values, chosen anew each time, become 0 and the rest are multiplied by ${Number(times.toFixed(3))}; when predicting, all pass as they are.`,
  ];
}

function pooling(layer: InsightLayer): string[] {
  const [inputs, outputs] = [inputSize(layer), outputSize(layer)];
  const axes = Number(layer.className.at(-2));
  const window = perAxis(layer.config['poolSize'] ?? 2, axes);
  // Mirrors tfjs-layers layers/pooling.ts: without strides the windows stand side by side.
  const step = perAxis(layer.config['strides'] ?? window, axes);
  if (inputs === null || outputs === null || !window || !step) return [];
  const said: string[] = [];
  if (window.some((size, axis) => size > step[axis]!)) {
    const overlap = window.map((size, axis) => Math.max(0, size - step[axis]!));
    said.push(
      `Overlapping pooling: windows of ${by(window)}, ${by(step)} apart, so neighbours have ${by(overlap)} in common.`,
    );
  }
  if (outputs < inputs) said.push(`${count(inputs)} values become ${count(outputs)}, without any weights.`);
  return said;
}

function globalPooling(layer: InsightLayer): string[] {
  const [inputs, outputs] = [inputSize(layer), outputSize(layer)];
  if (inputs === null || outputs === null || outputs < 1 || inputs <= outputs) return [];
  return [
    `Each of ${count(outputs)} channels becomes one value: a dense layer behind it needs ${count(inputs / outputs)} times fewer weights than behind flatten().`,
  ];
}

/**
 * Convolutions that keep the number of channels, one behind the other: together they see as far as a larger kernel, with
 * fewer weights (Simonyan and Zisserman, "Very deep convolutional networks", 2014, section 2.3).
 */
function kernelsInARow(layer: InsightLayer, model: InsightModel): string[] {
  const own = squareKernel(layer);
  if (!own) return [];
  const byId = new Map(model.layers.map((one) => [one.id, one]));
  let length = 1;
  for (let at = before(layer, byId); at; at = before(at, byId)) {
    const kernel = squareKernel(at);
    if (kernel?.side !== own.side || kernel.channels !== own.channels) break;
    length++;
  }
  if (length < 2) return [];
  const { side, channels } = own;
  const reach = length * (side - 1) + 1;
  const [several, one] = [length * side ** 2 * channels ** 2, reach ** 2 * channels ** 2];
  return [
    `Small kernels: ${length} convolutions of ${side}×${side} in a row see ${reach}×${reach}, with ${count(several)} weights where one of ${reach}×${reach} has ${count(one)}.`,
  ];
}

/** Side and channels of a square kernel that keeps the number of channels and moves by one; else undefined. */
function squareKernel(layer: InsightLayer): { side: number; channels: number } | undefined {
  if (layer.className !== 'Conv2D' || layer.calls.length !== 1) return undefined;
  const kernel = kernelOf(layer);
  const [height = 0, width = 0, channels = 0, filters = 0] = kernel ?? [];
  const isPlain = ['strides', 'dilationRate'].every((key) =>
    perAxis(layer.config[key] ?? 1, 2)?.every((size) => size === 1),
  );
  return isPlain && height > 1 && height === width && channels === filters
    ? { side: height, channels }
    : undefined;
}

/** The one layer whose output this one reads; layers that change nothing of where a value stands are passed over. */
function before(layer: InsightLayer, byId: ReadonlyMap<string, InsightLayer>): InsightLayer | undefined {
  const { inbound } = layer.calls[0]!;
  const previous = inbound.length === 1 ? byId.get(inbound[0]!.layer) : undefined;
  if (!previous || previous.calls.length !== 1) return undefined;
  return pointwiseClasses.has(previous.className) ? before(previous, byId) : previous;
}

const pointwiseClasses = new Set([
  'Activation',
  'ReLU',
  'LeakyReLU',
  'ELU',
  'PReLU',
  'BatchNormalization',
  'Dropout',
]);

// --- in the model --------------------------------------------------------------------------------------------------

/** Shares below this say nothing that the numbers do not. */
const worthTelling = 0.1;

function shareOfModel(layer: InsightLayer, { layers, totals }: InsightModel): string[] {
  if (layers.length < 3) return [];
  const share = (part: unknown, whole: unknown) =>
    typeof part === 'number' && typeof whole === 'number' && whole > 0 ? part / whole : null;
  const params = share(layer.params, totals.params);
  const work = share(layer.calls[0]!.multiplyAccumulates, totals.multiplyAccumulates);
  if (params === null || work === null || Math.max(params, work) < worthTelling) return [];
  return [
    `${percent(params)} of the model's parameters and ${percent(work)} of its multiply-accumulates are here.`,
  ];
}

// --- numbers -------------------------------------------------------------------------------------------------------

/** All sizes as numbers, or undefined. */
function sizes(shape: readonly unknown[]): number[] | undefined {
  return shape.every((size): size is number => typeof size === 'number') ? [...shape] : undefined;
}

function product(values: readonly number[]): number {
  return values.reduce((all, one) => all * one, 1);
}

function kernelOf(layer: InsightLayer): number[] | undefined {
  const kernel = layer.weights.find(({ name }) => name === 'kernel');
  const shape = kernel && sizes(kernel.shape);
  return shape && product(shape) > 0 ? shape : undefined;
}

/** How many values the layer reads for one example; null when that is not one number. */
function inputSize(layer: InsightLayer): number | null {
  const { inputShapes } = layer.calls[0]!;
  return inputShapes.length === 1 ? valuesOf(inputShapes[0]!) : null;
}

function outputSize(layer: InsightLayer): number | null {
  const { outputShapes } = layer.calls[0]!;
  return outputShapes.length === 1 ? valuesOf(outputShapes[0]!) : null;
}

function valuesOf([, ...shape]: readonly unknown[]): number | null {
  const known = sizes(shape);
  return known ? product(known) : null;
}

/** An option that is one number, or one for each axis. */
function perAxis(value: unknown, axes: number): number[] | undefined {
  if (typeof value === 'number') return Array(axes).fill(value);
  if (!Array.isArray(value)) return undefined;
  const known = sizes(value);
  if (known?.length === 1) return Array(axes).fill(known[0]);
  return known?.length === axes ? known : undefined;
}

const count = formatExactCount;
const by = (values: readonly number[]) => values.join('×');

function percent(share: number): string {
  const value = 100 * share;
  return `${value >= 99.95 || value === 0 ? value.toFixed(0) : value >= 0.1 ? value.toFixed(1) : '< 0.1'} %`;
}
