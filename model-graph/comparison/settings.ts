/**
 * Configurations as tfjs understands them, so that what means the same is no difference: `kernelSize: 3` and `[3, 3]`, a
 * default that one program writes out and the other leaves away, `glorotNormal` and what it is saved as. Pure.
 */
import type { WireLayerNode } from '../../protocol/modelGraph';

export interface Change {
  /** A property of the configuration; `class`, `name` and `inputs` for what else makes a layer. */
  property: string;
  /** As text; `default` where it is not written and the default is not known here. */
  from: string;
  to: string;
}

/** Names are compared on their own; of the others, shapes have their own place. */
const apart = new Set(['name', 'batchSize', 'inputDType', 'autoCastDtype', 'ragged', 'sparse', 'weights']);

/** Defaults that hold wherever the property exists. tfjs-layers layers/*.ts constructors. */
const commonDefaults: Record<string, unknown> = {
  padding: 'valid',
  dilationRate: 1,
  dataFormat: 'channelsLast',
  activation: 'linear',
  useBias: true,
  trainable: true,
  dtype: 'float32',
  depthMultiplier: 1,
  returnSequences: false,
  returnState: false,
  goBackwards: false,
  stateful: false,
  unroll: false,
  unitForgetBias: true,
  recurrentActivation: 'hardSigmoid',
  implementation: 1,
  dropout: 0,
  recurrentDropout: 0,
  maskZero: false,
  center: true,
  scale: true,
  supportsMasking: false,
  mergeMode: 'concat',
  interpolation: 'nearest',
};

const classDefaults: Record<string, Record<string, unknown>> = {
  BatchNormalization: { axis: -1, momentum: 0.99, epsilon: 0.001 },
  LayerNormalization: { axis: -1, epsilon: 0.001 },
  Concatenate: { axis: -1 },
  Softmax: { axis: -1 },
  LeakyReLU: { alpha: 0.3 },
  ELU: { alpha: 1 },
  ThresholdedReLU: { theta: 1 },
};

/** Names of initializers as tfjs saves them. tfjs-layers initializers.ts. */
const initializers: Record<string, unknown> = {
  zeros: { className: 'Zeros' },
  ones: { className: 'Ones' },
  identity: { className: 'Identity' },
  orthogonal: { className: 'Orthogonal', config: { gain: 1 } },
  glorotNormal: variance(1, 'fanAvg', 'normal'),
  glorotUniform: variance(1, 'fanAvg', 'uniform'),
  heNormal: variance(2, 'fanIn', 'normal'),
  heUniform: variance(2, 'fanIn', 'uniform'),
  leCunNormal: variance(1, 'fanIn', 'normal'),
  leCunUniform: variance(1, 'fanIn', 'uniform'),
};

function variance(scale: number, mode: string, distribution: string): unknown {
  return { className: 'VarianceScaling', config: { scale, mode, distribution } };
}

const initializerDefaults: Record<string, string> = {
  kernelInitializer: 'glorotNormal',
  depthwiseInitializer: 'glorotNormal',
  pointwiseInitializer: 'glorotNormal',
  recurrentInitializer: 'orthogonal',
  biasInitializer: 'zeros',
  betaInitializer: 'zeros',
  gammaInitializer: 'ones',
  movingMeanInitializer: 'zeros',
  movingVarianceInitializer: 'ones',
  alphaInitializer: 'zeros',
};

/** What a layer is configured with, defaults left out. */
export type Settings = ReadonlyMap<string, string>;

export function settingsOf(layer: WireLayerNode): Settings {
  const settings = new Map<string, string>();
  for (const [name, value] of Object.entries(layer.config)) {
    const [property, plain] = renamed(name, value);
    if (apart.has(property) || plain === undefined || plain === null) continue;
    // Of any other layer it says what the model's input is, which has a line of its own.
    if (property === 'inputShape' && layer.kind !== 'input') continue;
    const text = textOf(canonical(plain, property));
    if (text !== defaultOf(layer, property)) settings.set(property, text);
  }
  return settings;
}

/** What two layers of one class are configured with differently, in the order of the properties as written. */
export function differingSettings(from: WireLayerNode, to: WireLayerNode): Change[] {
  const [before, after] = [settingsOf(from), settingsOf(to)];
  const written = (settings: Settings, layer: WireLayerNode, property: string): string =>
    settings.get(property) ?? defaultOf(layer, property) ?? 'default';
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((property) => before.get(property) !== after.get(property))
    .map((property) => ({
      property,
      from: written(before, from, property),
      to: written(after, to, property),
    }))
    .filter((change) => change.from !== change.to);
}

/** A saved model has `batchInputShape` where programs mostly write `inputShape`. */
function renamed(name: string, value: unknown): [string, unknown] {
  if ((name === 'batchInputShape' || name === 'batchShape') && Array.isArray(value))
    return ['inputShape', value.slice(1)];
  if (name === 'shape' && Array.isArray(value)) return ['inputShape', value];
  return [name, value];
}

function defaultOf({ className, config }: WireLayerNode, property: string): string | undefined {
  if (property === 'poolSize' && className.includes('Pooling')) return '2';
  // tfjs-layers layers/pooling.ts: strides default to the window's size.
  if (property === 'strides')
    return className.includes('Pooling') ? textOf(canonical(config['poolSize'] ?? 2, property)) : '1';
  const initializer = initializerDefaults[property];
  if (initializer !== undefined) return textOf(initializers[initializer]);
  const own = classDefaults[className]?.[property] ?? commonDefaults[property];
  return own === undefined ? undefined : textOf(own);
}

/** Properties with one size for each axis, which may be given as one number for all. */
const perAxis = new Set(['kernelSize', 'strides', 'poolSize', 'dilationRate', 'size', 'padding', 'cropping']);

function canonical(value: unknown, property: string): unknown {
  if (typeof value === 'string') {
    if (property.endsWith('Initializer')) return initializers[value] ?? value;
    return value;
  }
  if (Array.isArray(value)) {
    if (perAxis.has(property) && value.length > 0) {
      const sizes = value.map((one) => JSON.stringify(one));
      if (sizes.every((one) => one === sizes[0])) return canonical(value[0], property);
    }
    return value.map((one) => canonical(one, ''));
  }
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value)
      // Seeds decide nothing of the architecture, and are written only when saved.
      .filter(([name, inner]) => inner !== null && inner !== undefined && name !== 'seed')
      .map(([name, inner]): [string, unknown] => [name, canonical(inner, name)])
      .filter(([name, inner]) => name !== 'config' || Object.keys(inner as object).length > 0);
    return Object.fromEntries(entries);
  }
  return value;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map((one) => (one === null ? '?' : textOf(one))).join(', ')}]`;
  if (value !== null && typeof value === 'object') {
    const { className, config = {} } = value as { className?: unknown; config?: object };
    const inner = Object.entries(typeof className === 'string' ? config : value);
    const text = inner.map(([name, one]) => `${name}: ${textOf(one)}`).join(', ');
    return typeof className === 'string' ? `${className}${text ? ` {${text}}` : ''}` : `{${text}}`;
  }
  return String(value);
}
