/** tfjs's optimizers by name, and what they have in common beyond `tf.Optimizer`. */
import * as tf from '@tensorflow/tfjs';
import type { OptimizerName } from '../../protocol/sidecar';
import { SidecarError } from '../errors';

type Numbers = Record<string, number | undefined>;

/** Defaults where the optimizer is named by a word: tfjs-layers optimizers.ts getOptimizer. */
const makeOptimizer: Record<OptimizerName, (c: Numbers, flags: Record<string, boolean>) => tf.Optimizer> = {
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

/**
 * @param source The optimizer of the source's `compile`; adam where it has none.
 * @param chosen Takes the place of what the source has. Another optimizer than the source's begins with its own defaults.
 * @throws SidecarError for one that is not tfjs's own, or whose numbers are not known.
 */
export function createOptimizer(
  source: { className: string; config: Record<string, unknown> } | undefined,
  chosen: { optimizer?: OptimizerName | undefined; learningRate?: number | undefined },
): tf.Optimizer {
  const sourceName = source?.className.toLowerCase().replace(/optimizer$/, '');
  const name = chosen.optimizer ?? sourceName ?? 'adam';
  if (!isOptimizerName(name)) {
    throw new SidecarError(`The optimizer \`${source?.className}\` is not one of TensorFlow.js's own.`, {
      next: `It has ${Object.keys(makeOptimizer).join(', ')}.`,
    });
  }
  const numbers: Numbers = {};
  const flags: Record<string, boolean> = {};
  for (const [key, value] of Object.entries(name === sourceName ? (source?.config ?? {}) : {})) {
    if (typeof value === 'number') numbers[key] = value;
    else if (typeof value === 'boolean') flags[key] = value;
    else if (typeof value === 'string' && !(key === 'learningRate' && chosen.learningRate !== undefined)) {
      throw new SidecarError(`The optimizer's \`${key}\` is known only as \`${value}\`, not as a number.`, {
        next: 'Write it as a number, or choose a learning rate for the training.',
      });
    }
  }
  if (chosen.learningRate !== undefined) numbers['learningRate'] = chosen.learningRate;
  return makeOptimizer[name](numbers, flags);
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

function isOptimizerName(name: string): name is OptimizerName {
  return Object.hasOwn(makeOptimizer, name);
}
