/** tfjs models on disk, as any program would save them, and as plain tfjs loads them. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';

/** model.json and one weights file; returns the path of the first. */
export async function saveModel(model: tf.LayersModel, folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      const weightsManifest = [{ paths: ['weights.bin'], weights: artifacts.weightSpecs }];
      writeFileSync(
        path.join(folder, 'model.json'),
        JSON.stringify({ modelTopology: artifacts.modelTopology, weightsManifest }),
      );
      writeFileSync(path.join(folder, 'weights.bin'), Buffer.from(artifacts.weightData as ArrayBuffer));
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    }),
  );
  return path.join(folder, 'model.json');
}

export async function loadPlain(file: string): Promise<tf.LayersModel> {
  const json = JSON.parse(readFileSync(file, 'utf8'));
  const [{ paths, weights }] = json.weightsManifest;
  const weightData = new Uint8Array(readFileSync(path.join(path.dirname(file), paths[0]))).buffer;
  return tf.loadLayersModel(
    tf.io.fromMemory({ modelTopology: json.modelTopology, weightSpecs: weights, weightData }),
  );
}

export function floats(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64');
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}
