/**
 * Chooses what computes: the fastest that works here. No rung is taken on trust: each must do a training step and agree
 * with plain JavaScript, native code first in a process of its own.
 */
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import {
  type BackendName,
  type BackendTried,
  backendName,
  type InitializeParams,
  type InitializeResult,
} from '../../protocol/sidecar';
import { messageOf, SidecarError } from '../errors';
import { userBackendFolder } from '../userFolder';
import { type Candidate, type Loaded, NotUsable } from './candidate';
import { load } from './load';
import { memoryUsage } from './memory';
import { probe } from './probe';
import { findTensorflow, notInstalled, packageFolder, type TensorflowName } from './tensorflow';

/** From the fastest to the slowest. */
const ladder: BackendName[] = backendName.options;
const native: ReadonlySet<BackendName> = new Set(['tensorflow-gpu', 'tensorflow', 'webgpu']);

/**
 * Takes the first backend that works, or the one asked for.
 * @throws SidecarError when the one asked for does not work.
 */
export async function chooseBackend(params: InitializeParams): Promise<InitializeResult> {
  const tried: BackendTried[] = [];
  for (const backend of ladder) {
    if (params.backend !== 'auto' && params.backend !== backend) continue;
    const found = candidates(backend, params);
    // Only packages that people install may be missing.
    if (found.length === 0)
      tried.push({ backend, taken: false, ...explain(notInstalled(backend as TensorflowName)) });
    for (const candidate of found) {
      const folder = candidate.entry ? { folder: packageFolder(candidate.entry) } : {};
      try {
        const loaded = await take(candidate, params.probeSeconds);
        tried.push({ backend, ...folder, taken: true, reason: praise(loaded) });
        return describe(backend, loaded, tried);
      } catch (error) {
        tried.push({ backend, ...folder, taken: false, ...explain(error) });
      }
    }
  }
  const why = tried.map(({ folder, reason }) => (folder ? `${folder}: ${reason}` : reason)).join('; ');
  throw new SidecarError(`The compute backend \`${params.backend}\` does not work here: ${why}.`, {
    next: [
      ...new Set(tried.flatMap(({ next }) => next ?? [])),
      'Or choose another one, or `auto`, in the setting layerwise.sidecar.backend.',
    ].join(' '),
  });
}

function candidates(backend: BackendName, { searchFolders }: InitializeParams): Candidate[] {
  return backend === 'tensorflow-gpu' || backend === 'tensorflow'
    ? findTensorflow(backend, [...searchFolders, userBackendFolder(), path.dirname(process.argv[1] ?? '')])
    : [{ backend }];
}

async function take(candidate: Candidate, probeSeconds: number | undefined): Promise<Loaded> {
  if (native.has(candidate.backend)) await probe(candidate, { seconds: probeSeconds });
  return await load(candidate);
}

function praise({ difference }: Loaded): string {
  return difference === undefined
    ? 'always works, but is slow'
    : `works, within ${difference.toExponential(0)} of plain JavaScript`;
}

function explain(error: unknown): { reason: string; next?: string } {
  const reason = messageOf(error).replace(/\.$/, '');
  return error instanceof NotUsable && error.next ? { reason, next: error.next } : { reason };
}

function describe(backend: BackendName, loaded: Loaded, tried: BackendTried[]): InitializeResult {
  return {
    backend,
    description: loaded.description,
    device: loaded.device,
    versions: { node: process.versions.node, tfjs: tf.version.tfjs },
    tried,
    memory: memoryUsage(),
    ...(loaded.warning ? { warning: loaded.warning } : {}),
  };
}
