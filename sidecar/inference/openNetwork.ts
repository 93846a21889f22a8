/** Opens a run, a bare model.json or an .onnx file for inference; keeps the last few, until their files change. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { SidecarError, systemErrorCode } from '../errors';
import { checkpointFingerprint } from '../runs/checkpoint';
import type { Network } from './network';
import { openOnnx } from './onnxNetwork';
import { openBareModel, openRun, openUntrainedRun } from './openTfjs';

const networksKept = 3;
const cache = new Map<string, Network>();

/**
 * @param modelPath A run's folder, its run.json or checkpoint/model.json; any model.json with its weights; an .onnx file.
 * @param untrained A run's model as it was before its training.
 * @throws SidecarError
 */
export async function openNetwork(modelPath: string, untrained = false): Promise<Network> {
  const { main, files, open } = untrained ? locateUntrained(modelPath) : locate(modelPath);
  const fingerprints = files.map(checkpointFingerprint);
  const key = [main, ...fingerprints].join('|');
  const cached = cache.get(key);
  if (cached) {
    cache.delete(key);
    cache.set(key, cached);
    return cached;
  }
  const network = await open();
  cache.set(key, network.hold());
  for (const [oldKey, old] of cache) {
    // Older states of the same file, and the least recently used of the rest.
    if (oldKey !== key && (oldKey.startsWith(`${main}|`) || cache.size > networksKept)) {
      cache.delete(oldKey);
      old.release();
    }
  }
  return network;
}

interface Located {
  /** The file that the model is known by. */
  main: string;
  /** The files that make it another model when they change. */
  files: string[];
  open: () => Promise<Network>;
}

function locate(modelPath: string): Located {
  const given = path.resolve(modelPath);
  const isFolder = isDirectory(given);
  if (!isFolder && given.toLowerCase().endsWith('.onnx')) {
    return { main: given, files: [given], open: () => openOnnx(given) };
  }
  const { modelJson, runJson } = locateTfjs(given, isFolder);
  return {
    main: modelJson,
    files: runJson ? [modelJson, runJson] : [modelJson],
    open: () => (runJson ? openRun(modelJson, runJson) : openBareModel(modelJson)),
  };
}

function locateUntrained(modelPath: string): Located {
  const given = path.resolve(modelPath);
  const { runJson } = locateTfjs(given, isDirectory(given));
  if (!runJson) {
    throw new SidecarError('How this model began is not known: it is no run of Layerwise.', { where: given });
  }
  return { main: `${runJson}#untrained`, files: [runJson], open: () => openUntrainedRun(runJson) };
}

/** The model.json that is meant, and the run that it belongs to. @throws SidecarError when there is none */
export function locateSavedModel(modelPath: string): { modelJson: string; runJson?: string } {
  const given = path.resolve(modelPath);
  return locateTfjs(given, isDirectory(given));
}

function locateTfjs(given: string, isFolder: boolean): { modelJson: string; runJson?: string } {
  const folder = isFolder ? given : path.dirname(given);
  const inRun = path.join(folder, 'run.json');
  if ((isFolder || path.basename(given) === 'run.json') && isFile(inRun)) {
    const modelJson = path.join(folder, 'checkpoint', 'model.json');
    if (!isFile(modelJson)) {
      throw new SidecarError('This run has no checkpoint: it ended before its first epoch did.', {
        where: folder,
      });
    }
    return { modelJson, runJson: inRun };
  }
  const modelJson = isFolder ? path.join(given, 'model.json') : given;
  if (isFolder && !isFile(modelJson)) {
    throw new SidecarError('This folder holds neither a run.json nor a model.json.', { where: given });
  }
  const ofRun = path.join(path.dirname(modelJson), '..', 'run.json');
  const inCheckpoint = path.basename(path.dirname(modelJson)) === 'checkpoint';
  return inCheckpoint && isFile(ofRun) ? { modelJson, runJson: path.resolve(ofRun) } : { modelJson };
}

function isDirectory(given: string): boolean {
  try {
    // A tenth of the time of asking in another thread, which a small network's answer would wait for.
    return statSync(given).isDirectory();
  } catch (error) {
    throw new SidecarError(
      systemErrorCode(error) === 'ENOENT'
        ? 'There is no such run or model.'
        : 'This run or model cannot be read.',
      { where: given },
    );
  }
}

function isFile(file: string): boolean {
  try {
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
