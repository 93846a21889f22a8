/**
 * Fetches a published model: into a folder beside, checked, and only then moved into place, so that what is in place is
 * whole. Nothing is left of a download that failed or was cancelled; the next one starts anew.
 */
import { existsSync, rmSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import {
  type DownloadModelParams,
  type DownloadModelResult,
  type DownloadProgress,
  type LocateModelParams,
  type LocateModelResult,
  publishedModel,
  publishedModelPath,
  publishedModels,
} from '../../protocol/sidecar';
import { messageOf, SidecarError } from '../errors';
import { isAlive } from '../lifetime';
import { userModelsFolder } from '../userFolder';
import { fetchFile } from './fetchFile';
import { checkContent } from './knownContent';

/** At once; each is small. */
const connections = 6;
const mostModelJsonBytes = 4 * 1024 * 1024;

/** Names another place than the published one: a mirror within a company, say. The model.json lies below it as in the original. */
const mirrorVariable = 'LAYERWISE_MODELS_URL';

export async function locateModel({ id, folder }: LocateModelParams): Promise<LocateModelResult> {
  const kept = path.resolve(folder ?? userModelsFolder());
  const modelPath = path.join(kept, ...publishedModelPath(id));
  return { folder: kept, ...(publishedModel(id) && existsSync(modelPath) ? { modelPath } : {}) };
}

/** @throws SidecarError with what went wrong and what to do. */
export async function downloadModel(
  params: DownloadModelParams,
  signal: AbortSignal,
  report: (progress: DownloadProgress) => void,
): Promise<DownloadModelResult> {
  const { id } = params;
  const model = publishedModel(id);
  if (!model)
    throw new SidecarError(`There is no published model \`${id}\`.`, {
      next: `There is ${publishedModels.map((each) => each.id).join(', ')}.`,
    });
  const folder = path.resolve(params.folder ?? userModelsFolder());
  const modelPath = path.join(folder, ...publishedModelPath(id));
  if (existsSync(modelPath)) return { cancelled: false, modelPath };
  const target = path.dirname(modelPath);
  const partial = `${target}.partial-${process.pid}`;
  const removeAtExit = () => rmSync(partial, { recursive: true, force: true });
  process.on('exit', removeAtExit);
  try {
    await mkdir(folder, { recursive: true });
    await removeLeftOvers(target);
    await mkdir(partial, { recursive: true });
    let bytes = 0;
    const fetchOne = (url: string, mostBytes: number) =>
      fetchFile(url, {
        signal,
        mostBytes,
        ...(params.proxy ? { proxy: params.proxy } : {}),
        onBytes: (count) => {
          bytes += count;
          report({ id, bytes, total: Math.max(model.bytes, bytes) });
        },
      });
    const url = placeOf(model.url);
    const text = new TextDecoder().decode(await fetchOne(url, mostModelJsonBytes));
    const files = weightFilesOf(text, url);
    await writeFile(path.join(partial, 'model.json'), text);
    await inParallel(files, async (name) => {
      const content = await fetchOne(new URL(name, url).href, 2 * model.bytes);
      await writeFile(path.join(partial, name), content);
    });
    await checkContent(id, path.join(partial, 'model.json'), text, url);
    signal.throwIfAborted();
    await moveIntoPlace(partial, target, modelPath);
    return { cancelled: false, modelPath };
  } catch (error) {
    if (signal.aborted) return { cancelled: true };
    if (error instanceof SidecarError) throw error;
    throw new SidecarError(`The model cannot be kept: ${messageOf(error)}.`, { where: target });
  } finally {
    await rm(partial, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
    process.off('exit', removeAtExit);
  }
}

/** The published place, or the mirror's. @throws SidecarError */
function placeOf(published: string): string {
  const mirror = process.env[mirrorVariable];
  if (!mirror) return published;
  const { pathname } = new URL(published);
  try {
    return new URL(`${mirror.replace(/\/+$/, '')}${pathname}`).href;
  } catch {
    throw new SidecarError(`${mirrorVariable} is no address: \`${mirror}\`.`);
  }
}

const manifest = z.object({ weightsManifest: z.array(z.object({ paths: z.array(z.string()) })).min(1) });

/** Names of files beside the model.json, and nothing else. @throws SidecarError */
function weightFilesOf(text: string, url: string): string[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    content = undefined;
  }
  const parsed = manifest.safeParse(content);
  const names = parsed.success ? parsed.data.weightsManifest.flatMap(({ paths }) => paths) : [];
  if (names.length === 0 || names.length > 1000 || !names.every((name) => /^\w[\w.-]*$/.test(name)))
    throw new SidecarError('The server answers with something else than a model.json.', {
      where: url,
      next: 'A network that asks for a sign-in first may be the reason.',
    });
  return [...new Set(names)];
}

/** The first failure ends it. */
async function inParallel(names: string[], work: (name: string) => Promise<void>): Promise<void> {
  const waiting = [...names];
  let failed = false;
  const worker = async () => {
    for (let name = waiting.shift(); name !== undefined && !failed; name = waiting.shift()) {
      try {
        await work(name);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const all = await Promise.allSettled(Array.from({ length: connections }, worker));
  const failure = all.find((outcome) => outcome.status === 'rejected');
  if (failure) throw failure.reason;
}

async function moveIntoPlace(partial: string, target: string, modelPath: string): Promise<void> {
  try {
    // What lies there without a model.json is none.
    if (!existsSync(modelPath)) await rm(target, { recursive: true, force: true });
    await rename(partial, target);
  } catch (error) {
    // Another process was faster: its copy is the same, and whole.
    if (!existsSync(modelPath)) throw error;
  }
}

/** Of processes that were killed. Downloads under way in other processes stay. */
async function removeLeftOvers(target: string): Promise<void> {
  const parent = path.dirname(target);
  const prefix = `${path.basename(target)}.partial-`;
  for (const name of await readdir(parent)) {
    if (name.startsWith(prefix) && !isAlive(Number(name.slice(prefix.length))))
      await rm(path.join(parent, name), { recursive: true, force: true }).catch(() => {});
  }
}
