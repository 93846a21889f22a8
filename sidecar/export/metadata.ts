/** What an ONNX file of Layerwise's says beside the model: how its pictures are prepared, what its classes are called. */
import { z } from 'zod';
import { framingName, type InputEncoding } from '../../protocol/sidecar';

type Encoding = Pick<InputEncoding, 'scale' | 'offset'> &
  Partial<Pick<InputEncoding, 'channelOrder' | 'framing'>>;

/** Key → value, as text; Netron shows them as they are. */
export function metadataOf(
  encoding: Encoding | undefined,
  classNames: readonly string[],
): Record<string, string> {
  const properties: Record<string, string> = {};
  if (encoding) {
    properties['layerwise.scale'] = JSON.stringify(encoding.scale);
    properties['layerwise.offset'] = JSON.stringify(encoding.offset);
    if (encoding.channelOrder) properties['layerwise.channelOrder'] = encoding.channelOrder;
    if (encoding.framing) properties['layerwise.framing'] = encoding.framing;
  }
  if (classNames.length > 0) properties['layerwise.classNames'] = JSON.stringify(classNames);
  return properties;
}

const perChannel = z.union([z.number(), z.array(z.number()).min(1).max(3)]);

/** What `metadataOf` wrote; undefined where it is not there, or not as it should be. */
export function encodingOf(properties: Record<string, string>): Encoding | undefined {
  const scale = perChannel.safeParse(json(properties['layerwise.scale']));
  const offset = perChannel.safeParse(json(properties['layerwise.offset']));
  if (!scale.success || !offset.success) return undefined;
  const framing = framingName.safeParse(properties['layerwise.framing']);
  const isBgr = properties['layerwise.channelOrder'] === 'bgr';
  return {
    scale: scale.data,
    offset: offset.data,
    ...(isBgr ? { channelOrder: 'bgr' } : {}),
    ...(framing.success ? { framing: framing.data } : {}),
  };
}

export function classNamesOf(properties: Record<string, string>): string[] | undefined {
  const names = z.array(z.string()).min(1).safeParse(json(properties['layerwise.classNames']));
  return names.success ? names.data : undefined;
}

function json(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
