/** The names that `model.compile` understands, and the ones people write for them. */
import { closestName } from '../closestName';

/** Mirrors tfjs-layers losses.ts lossesMap: the names of losses have no short forms. */
export const lossNames: readonly string[] = [
  'meanSquaredError',
  'meanAbsoluteError',
  'meanAbsolutePercentageError',
  'meanSquaredLogarithmicError',
  'squaredHinge',
  'hinge',
  'categoricalHinge',
  'logcosh',
  'categoricalCrossentropy',
  'sparseCategoricalCrossentropy',
  'binaryCrossentropy',
  'kullbackLeiblerDivergence',
  'poisson',
  'cosineProximity',
];

/** Mirrors tfjs-layers metrics.ts metricsMap, and the names that engine/training.ts compile takes besides. */
export const metricNames: readonly string[] = [
  'accuracy',
  'acc',
  'crossentropy',
  'ce',
  'binaryAccuracy',
  'categoricalAccuracy',
  'precision',
  'categoricalCrossentropy',
  'sparseCategoricalCrossentropy',
  'mse',
  'MSE',
  'mae',
  'MAE',
  'mape',
  'MAPE',
  'cosine',
];

/** Mirrors tfjs-layers optimizers.ts getOptimizer. */
export const optimizerNames: readonly string[] = [
  'adam',
  'adamax',
  'adagrad',
  'adadelta',
  'rmsprop',
  'sgd',
  'Adam',
  'Adamax',
  'Adagrad',
  'Adadelta',
  'RMSProp',
  'SGD',
];

/** Keras' short names, and the names of the functions under `tf.losses`, for losses. */
const lossAliases: Readonly<Record<string, string>> = {
  mse: 'meanSquaredError',
  mae: 'meanAbsoluteError',
  mape: 'meanAbsolutePercentageError',
  msle: 'meanSquaredLogarithmicError',
  kld: 'kullbackLeiblerDivergence',
  cosine: 'cosineProximity',
  softmaxcrossentropy: 'categoricalCrossentropy',
  sigmoidcrossentropy: 'binaryCrossentropy',
};

/** tfjs knows these metrics by their short names only. */
const metricAliases: Readonly<Record<string, string>> = {
  meansquarederror: 'mse',
  meanabsoluteerror: 'mae',
  meanabsolutepercentageerror: 'mape',
  cosineproximity: 'cosine',
};

export interface NameKind {
  code: string;
  /** As a message calls it. */
  what: string;
  names: readonly string[];
  aliases: Readonly<Record<string, string>>;
}

export const compileNameKinds = {
  loss: { code: 'unknown-loss', what: 'loss', names: lossNames, aliases: lossAliases },
  metric: { code: 'unknown-metric', what: 'metric', names: metricNames, aliases: metricAliases },
  optimizer: { code: 'unknown-optimizer', what: 'optimizer', names: optimizerNames, aliases: {} },
} as const satisfies Record<string, NameKind>;

/** The name that was probably meant; null where there is no telling. */
export function meantName(kind: NameKind, written: string): string | null {
  return kind.aliases[written.toLowerCase().replace(/[^a-z]/g, '')] ?? closestName(written, kind.names);
}
