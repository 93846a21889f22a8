/** The last classified pictures, so that their layers' maps can be asked for one by one. */
import type { ActivationResult } from '../../protocol/sidecar';
import { SidecarError } from '../errors';
import type { LayerOutput } from './activations';
import type { LoadedModel } from './loadModel';

const sessionsKept = 8;
/** Beyond it the oldest pictures' maps are dropped, and computed again when asked for. */
const bytesKept = 256 * 1024 * 1024;

interface Session {
  loaded: LoadedModel;
  layers: LayerOutput[] | undefined;
  /** Computes the same layers' outputs again. */
  recompute: () => LayerOutput[];
}

const sessions = new Map<string, Session>();
let lastNumber = 0;

export function openSession(
  loaded: LoadedModel,
  layers: LayerOutput[],
  recompute: () => LayerOutput[],
): string {
  const name = String(++lastNumber);
  sessions.set(name, { loaded: loaded.hold(), layers, recompute });
  for (const [old, session] of sessions) {
    if (sessions.size <= sessionsKept) break;
    sessions.delete(old);
    session.loaded.release();
  }
  dropMaps(name);
  return name;
}

/** @throws SidecarError when the session has ended or the layer is none of its model's. */
export function activationOf(sessionName: string, layerName: string): ActivationResult {
  const session = sessions.get(sessionName);
  if (!session) {
    throw new SidecarError('The activations of this picture are no longer kept.', {
      next: 'Classify the picture again.',
    });
  }
  session.layers ??= session.recompute();
  dropMaps(sessionName);
  const layer = session.layers.find(({ name }) => name === layerName);
  if (!layer) throw new SidecarError(`The model \`${session.loaded.name}\` has no layer \`${layerName}\`.`);
  const { buffer, byteOffset, byteLength } = layer.values;
  return { shape: layer.shape, data: Buffer.from(buffer, byteOffset, byteLength).toString('base64') };
}

/** Frees the oldest sessions' maps until all together fit; those of `current` stay. */
function dropMaps(current: string): void {
  const bytes = ({ layers }: Session) => layers?.reduce((sum, { values }) => sum + values.byteLength, 0) ?? 0;
  let total = [...sessions.values()].reduce((sum, session) => sum + bytes(session), 0);
  for (const [name, session] of sessions) {
    if (total <= bytesKept) return;
    if (name === current) continue;
    total -= bytes(session);
    session.layers = undefined;
  }
}
