/** What training a model holds of memory, from its shapes alone, so that it can be told before anything is allocated. */

/** In bytes. */
export interface TrainingMemory {
  weights: number;
  /** Of the trainable weights. */
  gradients: number;
  /** What the optimizer keeps for each trainable weight: moments, accumulators. */
  optimizer: number;
  /** All layers' outputs for a batch: a training step keeps them until the gradients have been through. */
  activations: number;
  total: number;
}

/** What each of tfjs's optimizers keeps for a weight: tfjs-core optimizers/, one file each. */
const slots: Record<string, number> = {
  sgd: 0,
  momentum: 1,
  adagrad: 1,
  adadelta: 2,
  adam: 2,
  adamax: 2,
  rmsprop: 2,
};

/** Sizes of a model; text where they are known as formulas only. */
export interface ModelSizes {
  params: unknown;
  trainableParams: unknown;
  /** Of all layers' outputs for one example, in bytes. */
  activationBytes: unknown;
}

/**
 * At least so much: copies that a backend makes come on top.
 * @param optimizer Its name in `tf.train`, in whatever case; one that is not known is taken for adam
 * @returns null where a size is not known
 */
export function trainingMemory(
  { params, trainableParams, activationBytes }: ModelSizes,
  batchSize: number,
  optimizer: string,
): TrainingMemory | null {
  if (
    typeof params !== 'number' ||
    typeof trainableParams !== 'number' ||
    typeof activationBytes !== 'number' ||
    !(batchSize > 0)
  )
    return null;
  const name = optimizer.toLowerCase().replace(/optimizer$/, '');
  const weights = 4 * params;
  const gradients = 4 * trainableParams;
  const kept = gradients * (slots[name] ?? 2);
  const activations = activationBytes * batchSize;
  return {
    weights,
    gradients,
    optimizer: kept,
    activations,
    total: weights + gradients + kept + activations,
  };
}

/** `at least 2.2 GB (weights 0.55 GB, …)`. */
export function describeTrainingMemory(memory: TrainingMemory, batchSize: number): string {
  const parts = [
    `weights ${memoryText(memory.weights)}`,
    `gradients ${memoryText(memory.gradients)}`,
    ...(memory.optimizer > 0 ? [`optimizer ${memoryText(memory.optimizer)}`] : []),
    `activations of a batch of ${batchSize.toLocaleString('en-US')} ${memoryText(memory.activations)}`,
  ];
  return `at least ${memoryText(memory.total)} (${parts.join(', ')})`;
}

/**
 * What opening a saved model holds at a time, in bytes. Measured with VGG-16 (553 MB of weights): 2.1 GB with WebAssembly,
 * 2.2 GB with onnxruntime: the file, a copy, the weights that a new model has, and those that it is given.
 */
export function loadingMemory(weightBytes: number): number {
  return 4 * weightBytes + 200e6;
}

/**
 * What writing a saved model as ONNX holds at a time, in bytes, from opening it to the comparison with onnxruntime: there
 * tfjs's weights, the file's, and onnxruntime's own, while it reads the file, and both sides' outputs of two examples.
 * Measured with VGG-16 (553 MB of weights): 2.8 GB with TensorFlow, 3.3 GB with WebAssembly.
 * @param activationBytes of one example; null: not known
 */
export function exportMemory(weightBytes: number, activationBytes: number | null): number {
  return 5 * weightBytes + 4 * (activationBytes ?? 0) + 400e6;
}

/**
 * `up to 2.4 GB (weights 553 MB, all layers’ outputs 61 MB)`.
 * @param memory in bytes: `loading` is the most that opening the model holds at a time; `activations` null: not known before
 */
export function describeOpeningMemory({
  weights,
  loading,
  activations,
}: {
  weights: number;
  loading: number;
  activations: number | null;
}): string {
  const outputs = activations === null ? '' : `, all layers’ outputs ${memoryText(activations)}`;
  return `up to ${memoryText(loading)} (weights ${memoryText(weights)}${outputs})`;
}

/** `5 MB`, `1.9 GB`. */
export function memoryText(bytes: number): string {
  if (bytes < 1e6) return `${(bytes / 1e6).toPrecision(1)} MB`;
  if (bytes < 999.5e6) return `${Math.round(bytes / 1e6)} MB`;
  const gigabytes = bytes / 1e9;
  return `${gigabytes < 100 ? gigabytes.toFixed(1) : Math.round(gigabytes).toLocaleString('en-US')} GB`;
}
