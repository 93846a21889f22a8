import { z } from 'zod';
import { layerUses, modelInputKey } from '../model-graph/layerUses';
import { type LayerMatch, matchLayers } from '../model-graph/matchLayers';
import type { WireModelGraph } from '../protocol/modelGraph';
import { type Classification, classifyParams } from '../protocol/sidecar';
import type { DiagramPicture, ToDiagram } from '../protocol/webview';
import type { PictureSession } from './panels/pictureSession';

/** A picture that a model has classified, and through which its layers can be asked. */
export interface ClassifiedPicture {
  imageName: string;
  session: PictureSession;
  result: Classification;
}

/** With the model, where its file can be read. */
export interface SeenPicture extends ClassifiedPicture {
  ran: WireModelGraph | undefined;
}

/** What is kept of a picture while the window is reloaded: enough to classify it again. */
export const rememberedPicture = z.object({ imageName: z.string(), params: classifyParams });
export type RememberedPicture = z.infer<typeof rememberedPicture>;

export function remembered({ imageName, session }: ClassifiedPicture): RememberedPicture {
  return { imageName, params: session.params };
}

/** Which drawn layers the picture has values for. */
export function matchOf({ result, ran }: SeenPicture, graph: WireModelGraph): LayerMatch {
  return matchLayers(graph, ran, result.layers);
}

/** What a diagram of this model is told of the picture. */
export function diagramPictureOf(picture: SeenPicture, graph: WireModelGraph): DiagramPicture {
  const { imageName, result } = picture;
  const { names, difference } = matchOf(picture, graph);
  const byName = new Map(result.layers.map((layer) => [layer.name, layer]));
  const { width, height, channels, pixels } = result.input;
  return {
    state: 'seen',
    session: result.session,
    imageName,
    modelName: result.model,
    input: { width, height, channels, pixels },
    classes: result.classes,
    layers: [...names].flatMap(([key, name]) => {
      const layer = byName.get(name);
      return layer ? [{ ...layer, key }] : [];
    }),
    inputKeys: [
      ...(names.size > 0 && graph.kind === 'sequential' ? [modelInputKey] : []),
      ...layerUses(graph).flatMap(({ key, layer }) =>
        layer.kind === 'input' && names.has(key) ? [key] : [],
      ),
    ],
    difference,
  };
}

/** What a layer put out, as the diagram gets it. */
export async function activationOf(
  { session, result }: SeenPicture,
  layer: string,
): Promise<Extract<ToDiagram, { type: 'activation' }>> {
  const { shape, layout, data } = await session.ask('activation', { layer });
  const bytes = Buffer.from(data, 'base64');
  // A buffer of its own: Node's comes from a pool and may lie at any offset.
  const { buffer, byteOffset, byteLength } = bytes;
  const own = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
  return { type: 'activation', session: result.session, layer, shape, layout, data: own };
}
