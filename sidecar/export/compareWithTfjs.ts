/** The exported file, tried before it is put in place: the same random inputs through tfjs and through onnxruntime. */
import * as tf from '@tensorflow/tfjs';
import type { Tensor as OnnxTensor } from 'onnxruntime-node';
import type { ExportModelResult, InitializeResult } from '../../protocol/sidecar';
import { messageOf, SidecarError } from '../errors';
import { loadRuntime, runtimeMessage } from '../inference/onnxSession';

/** Of the value, or absolutely for values up to 1. */
const tolerance = 1e-4;
/** Sizes that the model leaves open. */
const openSize = { batch: 2, picture: 64, other: 16 };
/** Plain JavaScript would take minutes. */
const mostBytesOfWeightsInJavaScript = 20e6;

type Check = ExportModelResult['check'];

/** @throws SidecarError when the file computes something else. */
export async function compareWithTfjs(
  model: tf.LayersModel,
  file: string,
  backend: InitializeResult,
): Promise<Check> {
  const weightBytes = 4 * model.countParams();
  if (backend.backend === 'cpu' && weightBytes > mostBytesOfWeightsInJavaScript)
    return { skipped: 'it would take minutes in plain JavaScript' };
  let runtime: Awaited<ReturnType<typeof loadRuntime>>;
  try {
    runtime = await loadRuntime();
  } catch (error) {
    return { skipped: messageOf(error) };
  }
  const inputs = model.inputs.map((symbol) => randomInput(model, symbol));
  const given = inputs.map(({ values, shape, dtype }) => tf.tensor(values, shape, dtype));
  let expected: tf.Tensor[] = [];
  try {
    const result = model.predict(given.length === 1 ? given[0]! : given);
    expected = Array.isArray(result) ? result : [result];
  } catch (error) {
    tf.dispose(given);
    return { skipped: `TensorFlow.js itself does not run it (${messageOf(error).split('\n')[0]})` };
  }
  const refuse = (what: string) =>
    new SidecarError(`The exported model ${what}, so it was not kept.`, {
      next: 'This is a fault of Layerwise or of TensorFlow.js on this backend: please report it with the model.',
    });
  let session: Awaited<ReturnType<typeof runtime.InferenceSession.create>>;
  try {
    session = await runtime.InferenceSession.create(file, { logSeverityLevel: 3 });
  } catch (error) {
    tf.dispose([given, expected]);
    throw refuse(`is not accepted by onnxruntime (${runtimeMessage(error)})`);
  }
  try {
    const feeds = Object.fromEntries(
      inputs.map(({ values, shape, dtype }, i) => [
        session.inputNames[i]!,
        dtype === 'int32'
          ? new runtime.Tensor('int32', Int32Array.from(values), shape)
          : new runtime.Tensor('float32', values, shape),
      ]),
    );
    const results = await session.run(feeds).catch((error: unknown) => {
      throw refuse(`cannot be run by onnxruntime (${runtimeMessage(error)})`);
    });
    let largest = 0;
    let cells = 0;
    for (const [i, output] of expected.entries()) {
      const name = session.outputNames[i]!;
      const { dims, data } = results[name] as OnnxTensor;
      if (dims.join() !== output.shape.join())
        throw refuse(`puts out [${dims}] at \`${name}\`, where TensorFlow.js puts out [${output.shape}]`);
      const values = await output.data();
      const theirs = data as Float32Array;
      for (const [cell, value] of values.entries()) {
        const other = Number(theirs[cell]);
        if (other === value || (Number.isNaN(other) && Number.isNaN(value))) continue;
        const difference = Math.abs(other - value) / Math.max(1, Math.abs(value));
        if (!(difference <= tolerance))
          throw refuse(`computes ${other} at \`${name}\`, where TensorFlow.js computes ${value}`);
        largest = Math.max(largest, difference);
      }
      cells += values.length;
    }
    return { largestDifference: largest, cells };
  } finally {
    tf.dispose([given, expected]);
    await session.release();
  }
}

function randomInput(model: tf.LayersModel, symbol: tf.SymbolicTensor) {
  const { length } = symbol.shape;
  const shape = symbol.shape.map(
    (size, axis) => size ?? (axis === 0 ? openSize.batch : length === 4 ? openSize.picture : openSize.other),
  );
  const dtype = symbol.dtype === 'int32' ? ('int32' as const) : ('float32' as const);
  const most = mostOf(model, symbol);
  const values = Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () =>
    most !== undefined || dtype === 'int32' ? Math.floor(Math.random() * (most ?? 2)) : 2 * Math.random() - 1,
  );
  return { shape, dtype, values };
}

/** How many there are of what an input numbers, where its values look something up. */
function mostOf(model: tf.LayersModel, symbol: tf.SymbolicTensor): number | undefined {
  const limits: number[] = [];
  const visit = (container: tf.LayersModel, inputs: ReadonlySet<tf.SymbolicTensor>) => {
    for (const layer of container.layers) {
      const reads = layer.inboundNodes.some(({ inputTensors }) =>
        inputTensors.some((one) => inputs.has(one)),
      );
      if (!reads) continue;
      if (layer instanceof tf.LayersModel) visit(layer, new Set(layer.inputs));
      const { layer: wrapped } = layer as unknown as { layer?: object };
      for (const one of [layer, wrapped ?? {}]) {
        const { inputDim, numTokens } = one as { inputDim?: unknown; numTokens?: unknown };
        for (const limit of [inputDim, numTokens]) if (typeof limit === 'number') limits.push(limit);
      }
    }
  };
  visit(model, new Set([symbol]));
  return limits.length > 0 ? Math.min(...limits) : undefined;
}
