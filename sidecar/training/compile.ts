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

type LossFunction = (labels: tf.Tensor, outputs: tf.Tensor) => tf.Tensor;

/** What the source gives `compile`: a word, or a function. */
interface SourceLoss {
  /** Absent: a function of the program's own. */
  name?: string;
  loss: string | LossFunction;
}

/** Their probabilities are made of the outputs within the loss. */
const lossesOfScores = ['softmaxCrossEntropy', 'sigmoidCrossEntropy'];
const lossesOfClasses = ['categoricalCrossentropy', 'sparseCategoricalCrossentropy', 'softmaxCrossEntropy'];

const each = tf.Reduction.NONE;
/** `loss: tf.losses.…`, without the mean over the examples in the end. */
const coreLosses: Record<string, LossFunction> = {
  absoluteDifference: (labels, outputs) => tf.losses.absoluteDifference(labels, outputs, undefined, each),
  hingeLoss: (labels, outputs) => tf.losses.hingeLoss(labels, outputs, undefined, each),
  huberLoss: (labels, outputs) => tf.losses.huberLoss(labels, outputs, undefined, undefined, each),
  logLoss: (labels, outputs) => tf.losses.logLoss(labels, outputs, undefined, undefined, each),
  meanSquaredError: (labels, outputs) => tf.losses.meanSquaredError(labels, outputs, undefined, each),
  sigmoidCrossEntropy: (labels, outputs) =>
    tf.losses.sigmoidCrossEntropy(labels, outputs, undefined, undefined, each),
  softmaxCrossEntropy: (labels, outputs) =>
    tf.losses.softmaxCrossEntropy(labels, outputs, undefined, undefined, each),
};

/** tfjs-layers exports_metrics.ts: the short names of functions that are losses, too. */
const shortNames: Record<string, string> = {
  mse: 'meanSquaredError',
  mae: 'meanAbsoluteError',
  mape: 'meanAbsolutePercentageError',
};

/** The functions that the names stand for, as tfjs keeps them. */
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
  const given = lossOf(compile?.loss);
  const named = given?.name;
  const activation = lastActivation(model);
  const outputs = meaningOf(model, target, given, activation);
  const warnings = warningsAbout(named, activation, target);
  const optimizer = createOptimizer(compile?.optimizer, options);
  const sparseLabels =
    named === 'sparseCategoricalCrossentropy' || outputs === 'probabilityOfSecond' || outputs === 'value';
  model.compile({
    optimizer,
    loss: given?.loss ?? defaultLosses[outputs],
    metrics: [metricOf(outputs, sparseLabels)],
  });
  const lossFunctions = lossFunctionsOf(model);
  const exampleLosses = perExample(lossFunctions[0]);
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
  scores: coreLosses['softmaxCrossEntropy'] as LossFunction,
  probabilities: 'categoricalCrossentropy',
  probabilityOfSecond: 'binaryCrossentropy',
  value: 'meanSquaredError',
} as const;

/** One number per example; one that a function gives for all of them together counts for each alike. */
function perExample(loss: LossFunction): LossFunction {
  return (labels, outputs) =>
    tf.tidy(() => {
      const losses = loss(labels, outputs);
      if (losses.rank === 0) return tf.mul(losses, tf.ones([outputs.shape[0] ?? 1]));
      return losses.rank === 1 ? losses : tf.mean(tf.reshape(losses, [outputs.shape[0] ?? 1, -1]), 1);
    });
}

function meaningOf(
  model: tf.LayersModel,
  target: TargetKind,
  given: SourceLoss | undefined,
  activation: string,
): OutputMeaning {
  const loss = given?.name;
  if (target.kind === 'value') {
    if (loss && lossesOfClasses.includes(loss)) {
      throw new SidecarError(`The loss ${loss} is for classes, but the data has numbers to be predicted.`, {
        next: "Use 'meanSquaredError', or choose a column of classes.",
      });
    }
    return 'value';
  }
  if (model.outputs[0]?.shape.at(-1) === 1 && target.classNames.length === 2) return 'probabilityOfSecond';
  if (loss && lossesOfScores.includes(loss)) return 'scores';
  // Without a loss in the source the outputs decide: raw scores go through a softmax within the loss.
  return given === undefined && activation !== 'softmax' ? 'scores' : 'probabilities';
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

/**
 * @param given As the analysis has it, or as the program itself has given it.
 * @throws SidecarError for a function that only the program has.
 */
function lossOf(given: unknown): SourceLoss | undefined {
  const single = typeof given === 'object' && given !== null ? onlyOneOf(Object.values(given)) : given;
  if (single === undefined || single === null) return undefined;
  if (typeof single === 'function') return { loss: single as LossFunction };
  if (typeof single === 'string') {
    const [, holder, name = ''] = /^tf\.(losses|metrics)\.(\w+)$/.exec(single) ?? [];
    const core = Object.hasOwn(coreLosses, name) ? coreLosses[name] : undefined;
    if (holder === 'losses' && core) return { name, loss: core };
    const word = holder === 'metrics' ? (shortNames[name.toLowerCase()] ?? name) : single;
    if (lossNames.includes(word)) return { name: word, loss: word };
    if (!single.startsWith('‹')) {
      throw new SidecarError(`The loss \`${single}\` is not one that TensorFlow.js knows by name.`, {
        next: "Name it by a word, e.g. 'categoricalCrossentropy'.",
      });
    }
  }
  throw new SidecarError('The loss of `compile` is a function of the program’s own, or not known.', {
    next: "Name it by a word, e.g. 'categoricalCrossentropy', or let the program build the model itself.",
  });
}

/** Of a list or a dictionary with an entry for each output. */
function onlyOneOf(losses: unknown[]): unknown {
  return losses.length === 1 ? losses[0] : '‹several›';
}
