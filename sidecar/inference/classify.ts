/** One picture through one model: the classes, and a summary of what every layer put out. */
import * as tf from '@tensorflow/tfjs';
import type { Classification, ClassifyParams, InitializeResult } from '../../protocol/sidecar';
import { SidecarError } from '../errors';
import { readPicture } from '../images/decode';
import { encodePixels } from '../images/framing';
import { batchShape } from '../images/inputEncoding';
import { lastActivation } from '../training/compile';
import { runLayers, summarize } from './activations';
import { type LoadedModel, openModel } from './loadModel';
import { openSession } from './sessions';

/** @throws SidecarError for what is no picture or no model, or when the outputs are not numbers. */
export async function classify(params: ClassifyParams, backend: InitializeResult): Promise<Classification> {
  // Held, since a newer classification may push it out of the cache meanwhile.
  const loaded = (await openModel(params.modelPath)).hold();
  try {
    const { pixels, preprocessing } = await readPicture(params.imagePath, loaded.encoding);
    const values = new Float32Array(pixels.data.length);
    encodePixels(pixels.data, loaded.encoding.scale, loaded.encoding.offset, values);
    const run = () => runOnInput(loaded, values);
    const { layers, output } = run();
    const { probabilities, note } = toProbabilities(output, lastActivation(loaded.model), loaded.name);
    const classes = probabilities
      .map((probability, index) => ({
        label: loaded.classNames[index] ?? `class ${index}`,
        index,
        probability,
      }))
      .sort((a, b) => b.probability - a.probability || a.index - b.index)
      .slice(0, params.top);
    return {
      session: openSession(loaded, layers, () => run().layers),
      model: loaded.name,
      backend: backend.description,
      input: {
        width: pixels.width,
        height: pixels.height,
        channels: pixels.channels,
        pixels: Buffer.from(pixels.data).toString('base64'),
        preprocessing: loaded.assumptions ? `${preprocessing} (${loaded.assumptions})` : preprocessing,
      },
      classes,
      outputNote: note,
      layers: layers.map(summarize),
    };
  } finally {
    loaded.release();
  }
}

function runOnInput(loaded: LoadedModel, values: Float32Array): ReturnType<typeof runLayers> {
  const input = tf.tensor(values, batchShape(loaded.model.inputs[0]?.shape ?? [], loaded.encoding, 1));
  try {
    return runLayers(loaded.model, input);
  } finally {
    input.dispose();
  }
}

/** Outputs of a softmax or sigmoid are probabilities as they are; other scores go through a softmax, and that is said. */
function toProbabilities(
  output: Float32Array,
  activation: string,
  modelName: string,
): { probabilities: number[]; note?: string } {
  const scores = Array.from(output);
  if (!scores.every(Number.isFinite)) {
    throw new SidecarError(
      `The model \`${modelName}\` puts out NaN or infinite values: its weights are broken.`,
      {
        next: 'Train it again with a lower learning rate.',
      },
    );
  }
  const sum = scores.reduce((total, score) => total + score, 0);
  const within = scores.every((score) => score >= 0 && score <= 1 + 1e-5);
  if (activation === 'softmax' || activation === 'sigmoid' || (within && Math.abs(sum - 1) < 1e-3)) {
    return { probabilities: scores };
  }
  const largest = scores.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY);
  const exponentials = scores.map((score) => Math.exp(score - largest));
  const total = exponentials.reduce((subtotal, value) => subtotal + value, 0);
  return {
    probabilities: exponentials.map((value) => value / total),
    note: 'The model has no softmax at its end; one was applied to its outputs.',
  };
}
