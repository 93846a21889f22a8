/** The last classified pictures, so that their layers can be looked into one by one. */
import type { ActivationResult, ClassScoresResult, InputEncoding } from '../../protocol/sidecar';
import { SidecarError } from '../errors';
import type { Pixels } from '../images/framing';
import type { LayerOutput, Network } from './network';

const sessionsKept = 8;
/** Beyond it the maps that were asked for longest ago are dropped, and computed again when asked for. */
const bytesKept = 256 * 1024 * 1024;

/** A classified picture. */
export interface Session {
  network: Network;
  /** As classified, with what people chose. */
  encoding: InputEncoding;
  /** As the network sees them, before encoding. */
  pixels: Pixels;
  /** The network's input; made of the pixels whenever it is asked for, as it takes four times their memory. */
  readonly values: Float32Array;
  /** [classes], as the network put them out. */
  output: Float32Array;
  readonly scores: ClassScoresResult;
  /** Layers whose outputs are kept, the one that was asked for last at the end. */
  layers: Map<string, LayerOutput>;
}

const sessions = new Map<string, Session>();
let lastNumber = 0;

export function openSession(session: Session): string {
  const name = String(++lastNumber);
  session.network.hold();
  sessions.set(name, session);
  for (const [old, { network }] of sessions) {
    if (sessions.size <= sessionsKept) break;
    sessions.delete(old);
    network.release();
  }
  dropMaps();
  return name;
}

/** @throws SidecarError when the session has ended. */
export function sessionOf(name: string): Session {
  const session = sessions.get(name);
  if (session) return session;
  throw new SidecarError('The activations of this picture are no longer kept.', {
    next: 'Classify the picture again.',
  });
}

/** What a layer put out for the session's picture: kept, else computed again. @throws SidecarError */
export async function layerOutput(session: Session, layerName: string): Promise<LayerOutput> {
  const { network, layers } = session;
  const kept = layers.get(layerName);
  if (kept) {
    layers.delete(layerName);
    layers.set(layerName, kept);
    return kept;
  }
  if (!network.layers.some(({ name }) => name === layerName)) {
    throw new SidecarError(`The model \`${network.name}\` has no layer \`${layerName}\`.`);
  }
  // Held, since newer pictures may end the session meanwhile.
  network.hold();
  try {
    const { layers: computed } = await network.run(session.values, 1, [layerName]);
    const [output] = computed;
    if (!output) throw new SidecarError(`The layer \`${layerName}\` put nothing out.`);
    layers.set(layerName, output);
    dropMaps();
    return output;
  } finally {
    network.release();
  }
}

export async function activationOf(sessionName: string, layerName: string): Promise<ActivationResult> {
  const { shape, layout, values } = await layerOutput(sessionOf(sessionName), layerName);
  return { shape, ...(layout ? { layout } : {}), data: toBase64(values) };
}

/** Little-endian float32. */
export function toBase64({ buffer, byteOffset, byteLength }: Float32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}

/** How many bytes of maps a new session may keep. */
export function mapsThatMayBeKept(): number {
  return bytesKept / 2;
}

/** Frees the oldest sessions' maps, and of a session the first, until all together fit. One layer always stays. */
function dropMaps(): void {
  const bytes = ({ values }: LayerOutput) => values.byteLength;
  let total = 0;
  for (const { layers } of sessions.values()) for (const layer of layers.values()) total += bytes(layer);
  let left = [...sessions.values()].reduce((count, { layers }) => count + layers.size, 0);
  for (const { layers } of sessions.values()) {
    for (const [name, layer] of layers) {
      if (total <= bytesKept || left <= 1) return;
      layers.delete(name);
      total -= bytes(layer);
      left--;
    }
  }
}
