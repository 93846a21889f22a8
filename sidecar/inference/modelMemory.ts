/** What a model takes of memory, from its files' sizes and shapes: nothing is loaded. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { exportMemory, loadingMemory } from '../../model-graph/trainingMemory';
import type { ModelMemory } from '../../protocol/sidecar';
import { messageOf, SidecarError } from '../errors';
import { sizesOfCheckpoint } from '../runs/checkpoint';
import { locateSavedModel } from './openNetwork';

/** @throws SidecarError when there is no such model */
export async function modelMemory(modelPath: string): Promise<ModelMemory> {
  const file = path.resolve(modelPath);
  if (/\.onnx$/i.test(file)) {
    const weights = await stat(file).then(
      ({ size }) => size,
      (error) => {
        throw new SidecarError(`The file cannot be read (${messageOf(error)}).`, { where: file });
      },
    );
    const [loading, exporting] = [loadingMemory(weights), exportMemory(weights, null)];
    return { weights, loading, exporting, activations: null };
  }
  const { modelJson } = locateSavedModel(file);
  const { weights, activations } = await sizesOfCheckpoint(modelJson);
  return {
    weights,
    loading: loadingMemory(weights),
    exporting: exportMemory(weights, activations),
    activations,
  };
}
