/** Optimizer, loss and metric for a run: the source's `compile` where there is one, sensible defaults where not. */

import * as tf from '@tensorflow/tfjs';
import { lossNames } from '../../model-graph/checks/compileNames';
import type { WireModelGraph } from '../../protocol/modelGraph';
import type { TargetKind, TrainingOptions } from '../../protocol/sidecar';
import { SidecarError } from '../errors';
import { createOptimizer } from './optimizers';

/** What is told of a batch besides the loss. */
export type MetricName = 'accuracy' | 'meanAbsoluteError';

/** How the model's outputs mean classes: one of each class (probabilities, or raw scores), or one for the second of two. */
export type OutputMeaning = 'probabilities' | 'scores' | 'probabilityOfSecond' | 'value';

export interface Compiled {
  optimizer: tf.Optimizer;
  /** Labels as class numbers [batch, 1] rather than one-hot [batch, classes]. */
  sparseLabels: boolean;
  metric: MetricName;
  outputs: OutputMeaning;
  /** The loss of each example, [batch], without class weights. */
  exampleLosses: (labels: tf.Tensor, outputs: tf.Tensor) => tf.Tensor;
  /** Plain words about the source's choices that will not train well. */
  warnings: string[];
  dispose(): void;
}

/** `tf.losses.softmaxCrossEntropy`: the loss for raw scores. */
const softmaxCrossEntropy = 'softmaxCrossEntropy';

const lossesOfClasses = ['categoricalCrossentropy', 'sparseCategoricalCrossentropy', softmaxCrossEntropy];

type LossFunction = (labels: tf.Tensor, outputs: tf.Tensor) => tf.Tensor;

/** The functions that the names stand for, as tfjs keeps them; each gives one number per example. */
function lossFunctionsOf(model: tf.LayersModel): [LossFunction] {
  // tfjs-layers models.ts: a Sequential is compiled and trained as the functional model inside it.
  const { model: inner } = model as unknown as { model?: tf.LayersModel };
  return (inner ?? model)['lossFunctions' as keyof tf.LayersModel] as unknown as [LossFunction];
}

/**
 * @param classWeights What an example of each class counts in the loss; absent: 1.
 * @throws SidecarError for an optimizer or a loss that is not tfjs's own, or a loss that does not fit what is predicted.
 */
export function compileModel(
  model: tf.LayersModel,
  compile: WireModelGraph['compile'],
  options: Pick<TrainingOptions, 'optimizer' | 'learningRate'>,
  target: TargetKind,
  classWeights?: number[],
): Compiled {
  const named = lossName(compile?.loss);
  const activation = lastActivation(model);
  const outputs = meaningOf(model, target, named, activation);
  const warnings = warningsAbout(named, activation, target);
  const optimizer = createOptimizer(compile?.optimizer, options);
  const sparseLabels =
    named === 'sparseCategoricalCrossentropy' || outputs === 'probabilityOfSecond' || outputs === 'value';
  model.compile({
    optimizer,
    loss: outputs === 'scores' ? scoresLoss : (named ?? defaultLosses[outputs]),
    metrics: [metricOf(outputs, sparseLabels)],
  });
  const lossFunctions = lossFunctionsOf(model);
  const [exampleLosses] = lossFunctions;
  const weights = classWeights && tf.keep(tf.tensor1d(classWeights));
  if (weights) {
    // As Keras weighs classes, and tfjs-layers training_utils.ts computeWeightedLoss.
    lossFunctions[0] = (labels, values) =>
      tf.mul(exampleLosses(labels, values), weightOfEach(labels, weights, sparseLabels));
  }
  return {
    optimizer,
    sparseLabels,
    metric: outputs === 'value' ? 'meanAbsoluteError' : 'accuracy',
    outputs,
    exampleLosses,
    warnings,
    dispose: () => {
      optimizer.dispose();
      weights?.dispose();
    },
  };
}

/** The activation of the layer that gives the output, `unknown` where it has none of its own. */
export function lastActivation(model: tf.LayersModel): string {
  let last = model.outputs[0]?.sourceLayer as tf.layers.Layer | undefined;
  while (last instanceof tf.LayersModel) last = last.outputs[0]?.sourceLayer as tf.layers.Layer | undefined;
  const config = last?.getConfig();
  if (last?.getClassName() === 'Softmax') return 'softmax';
  return typeof config?.['activation'] === 'string' ? config['activation'] : 'unknown';
}

const defaultLosses = {
  probabilities: 'categoricalCrossentropy',
  probabilityOfSecond: 'binaryCrossentropy',
  value: 'meanSquaredError',
} as const;

/** One number per example, as tfjs's other losses give it, so that classes can be weighted. */
function scoresLoss(labels: tf.Tensor, outputs: tf.Tensor): tf.Tensor {
  return tf.losses.softmaxCrossEntropy(labels, outputs, undefined, undefined, tf.Reduction.NONE);
}

function meaningOf(
  model: tf.LayersModel,
  target: TargetKind,
  loss: string | undefined,
  activation: string,
): OutputMeaning {
  if (target.kind === 'value') {
    if (loss && lossesOfClasses.includes(loss)) {
      throw new SidecarError(`The loss ${loss} is for classes, but the data has numbers to be predicted.`, {
        next: "Use 'meanSquaredError', or choose a column of classes.",
      });
    }
    return 'value';
  }
  if (model.outputs[0]?.shape.at(-1) === 1 && target.classNames.length === 2) return 'probabilityOfSecond';
  if (loss === softmaxCrossEntropy) return 'scores';
  // Without a loss in the source the outputs decide: raw scores go through a softmax within the loss.
  return loss === undefined && activation !== 'softmax' ? 'scores' : 'probabilities';
}

function metricOf(outputs: OutputMeaning, sparseLabels: boolean): string {
  if (outputs === 'value') return 'mae';
  if (outputs === 'probabilityOfSecond') return 'binaryAccuracy';
  return sparseLabels ? 'accuracy' : 'categoricalAccuracy';
}

function warningsAbout(loss: string | undefined, activation: string, target: TargetKind): string[] {
  if (activation === 'linear' && loss && /Crossentropy$/.test(loss)) {
    const needed = loss === 'binaryCrossentropy' ? 'sigmoid' : 'softmax';
    return [
      `The loss ${loss} expects probabilities, but the last layer has no activation: add \`activation: '${needed}'\` to it.`,
    ];
  }
  if (target.kind === 'value' && ['softmax', 'sigmoid', 'tanh'].includes(activation)) {
    return [
      `The last layer's activation ${activation} puts out ${activation === 'tanh' ? 'at most ±1' : 'only 0 … 1'}; the numbers to be predicted may lie outside of that.`,
    ];
  }
  return [];
}

function weightOfEach(labels: tf.Tensor, weights: tf.Tensor1D, sparseLabels: boolean): tf.Tensor {
  return sparseLabels
    ? tf.gather(weights, tf.cast(labels.flatten(), 'int32'))
    : tf.sum(tf.mul(labels, weights), -1);
}

function lossName(loss: unknown): string | undefined {
  const single = Array.isArray(loss) && loss.length === 1 ? loss[0] : loss;
  if (single === undefined || single === null) return undefined;
  if (typeof single === 'string') {
    // A function of tf.losses passed as such.
    const name = single.replace(/^.*\blosses\./, '');
    if (lossNames.includes(name) || name === softmaxCrossEntropy) return name;
  }
  throw new SidecarError(
    `The loss ${typeof single === 'string' ? `\`${single}\`` : 'of `compile`'} is not one that TensorFlow.js knows by name.`,
    { next: "Name it by a word, e.g. 'categoricalCrossentropy'." },
  );
}
