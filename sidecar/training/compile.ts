/** Optimizer, loss and metric for a run: the source's `compile` where there is one, sensible defaults where not. */
import * as tf from '@tensorflow/tfjs';
import type { WireModelGraph } from '../../protocol/modelGraph';
import { SidecarError } from '../errors';

export interface Compiled {
  optimizer: tf.Optimizer;
  /** Labels as class numbers [batch, 1] rather than one-hot [batch, classes]. */
  sparseLabels: boolean;
  /** Plain words about the source's choices that will not train well. */
  warnings: string[];
}

type Numbers = Record<string, number | undefined>;

/** Defaults where the optimizer is named by a word: tfjs-layers optimizers.ts getOptimizer. */
const makeOptimizer: Record<string, (c: Numbers, flags: Record<string, boolean>) => tf.Optimizer> = {
  sgd: (c) => tf.train.sgd(c['learningRate'] ?? 0.01),
  momentum: (c, flags) =>
    tf.train.momentum(c['learningRate'] ?? 0.01, c['momentum'] ?? 0.9, flags['useNesterov']),
  adagrad: (c) => tf.train.adagrad(c['learningRate'] ?? 0.01, c['initialAccumulatorValue']),
  adadelta: (c) => tf.train.adadelta(c['learningRate'] ?? 1, c['rho'], c['epsilon']),
  adam: (c) => tf.train.adam(c['learningRate'] ?? 0.001, c['beta1'], c['beta2'], c['epsilon']),
  adamax: (c) =>
    tf.train.adamax(c['learningRate'] ?? 0.002, c['beta1'], c['beta2'], c['epsilon'], c['decay']),
  rmsprop: (c, flags) =>
    tf.train.rmsprop(c['learningRate'] ?? 0.001, c['decay'], c['momentum'], c['epsilon'], flags['centered']),
};

/** `tf.losses.softmaxCrossEntropy`: the loss for raw scores. */
const softmaxCrossEntropy = 'softmaxCrossEntropy';

/** Mirrors tfjs-layers losses.ts lossesMap. */
const knownLosses = [
  'categoricalCrossentropy',
  'sparseCategoricalCrossentropy',
  'binaryCrossentropy',
  'meanSquaredError',
  'meanAbsoluteError',
  'meanAbsolutePercentageError',
  'meanSquaredLogarithmicError',
  'squaredHinge',
  'hinge',
  'categoricalHinge',
  'logcosh',
  'kullbackLeiblerDivergence',
  'poisson',
  'cosineProximity',
];

/** @throws SidecarError for an optimizer or a loss that is not tfjs's own. */
export function compileModel(
  model: tf.LayersModel,
  compile: WireModelGraph['compile'],
  learningRate: number | undefined,
): Compiled {
  const warnings: string[] = [];
  const optimizer = createOptimizer(compile?.optimizer, learningRate);
  const activation = lastActivation(model);
  const named = lossName(compile?.loss);
  const endsInSoftmax = activation === 'softmax';
  // Without a loss in the source the outputs decide: raw scores go through a softmax within the loss.
  const fromScores = (labels: tf.Tensor, outputs: tf.Tensor) =>
    tf.losses.softmaxCrossEntropy(labels, outputs);
  const loss =
    named === softmaxCrossEntropy || (named === undefined && !endsInSoftmax)
      ? fromScores
      : (named ?? 'categoricalCrossentropy');
  const sparseLabels = named === 'sparseCategoricalCrossentropy';
  if ((named === 'categoricalCrossentropy' || sparseLabels) && activation === 'linear') {
    warnings.push(
      `The loss ${named} expects probabilities, but the last layer has no activation: add \`activation: 'softmax'\` to it.`,
    );
  }
  model.compile({
    optimizer,
    loss,
    metrics: [sparseLabels ? 'accuracy' : 'categoricalAccuracy'],
  });
  return { optimizer, sparseLabels, warnings };
}

/** SGD keeps its rate in a tensor besides and has a setter; the others read the property at each step. */
export function setLearningRate(optimizer: tf.Optimizer, learningRate: number): void {
  // Not by class: tfjs answers `instanceof` by shape, and every optimizer passes for every other.
  const settable = optimizer as unknown as { learningRate: number; setLearningRate?: (rate: number) => void };
  if (settable.setLearningRate) settable.setLearningRate(learningRate);
  else settable.learningRate = learningRate;
}

export function learningRateOf(optimizer: tf.Optimizer): number {
  return (optimizer as unknown as { learningRate: number }).learningRate;
}

/** The activation of the layer that gives the output, `unknown` where it has none of its own. */
export function lastActivation(model: tf.LayersModel): string {
  let last = model.outputs[0]?.sourceLayer as tf.layers.Layer | undefined;
  while (last instanceof tf.LayersModel) last = last.outputs[0]?.sourceLayer as tf.layers.Layer | undefined;
  const config = last?.getConfig();
  if (last?.getClassName() === 'Softmax') return 'softmax';
  return typeof config?.['activation'] === 'string' ? config['activation'] : 'unknown';
}

function createOptimizer(
  given: { className: string; config: Record<string, unknown> } | undefined,
  learningRate: number | undefined,
): tf.Optimizer {
  const name = given?.className ?? 'adam';
  const make = makeOptimizer[name.toLowerCase().replace(/optimizer$/, '')];
  if (!make) {
    throw new SidecarError(`The optimizer \`${name}\` is not one of TensorFlow.js's own.`, {
      next: `It has ${Object.keys(makeOptimizer).join(', ')}.`,
    });
  }
  const numbers: Numbers = {};
  const flags: Record<string, boolean> = {};
  for (const [key, value] of Object.entries(given?.config ?? {})) {
    if (typeof value === 'number') numbers[key] = value;
    else if (typeof value === 'boolean') flags[key] = value;
    else if (typeof value === 'string' && !(key === 'learningRate' && learningRate !== undefined)) {
      throw new SidecarError(`The optimizer's \`${key}\` is known only as \`${value}\`, not as a number.`, {
        next: 'Write it as a number, or set layerwise.training.learningRate.',
      });
    }
  }
  if (learningRate !== undefined) numbers['learningRate'] = learningRate;
  return make(numbers, flags);
}

function lossName(loss: unknown): string | undefined {
  const single = Array.isArray(loss) && loss.length === 1 ? loss[0] : loss;
  if (single === undefined || single === null) return undefined;
  if (typeof single === 'string') {
    // A function of tf.losses passed as such.
    const name = single.replace(/^.*\blosses\./, '');
    if (knownLosses.includes(name) || name === softmaxCrossEntropy) return name;
  }
  throw new SidecarError(
    `The loss ${typeof single === 'string' ? `\`${single}\`` : 'of `compile`'} is not one that TensorFlow.js knows by name.`,
    { next: "Name it by a word, e.g. 'categoricalCrossentropy'." },
  );
}
