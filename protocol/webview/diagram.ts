/** The diagram panel: the document's models, what is selected, and exports. */
import { z } from 'zod';
import { wireModelGraph } from '../modelGraph';
import { classification, layerActivationSummary } from '../sidecar';
import { exportMessages, exportRequest } from './export';
import { ready } from './ready';

/** A picture that fills the drawing with what each layer saw of it. */
export const diagramPicture = z.discriminatedUnion('state', [
  z.object({ state: z.literal('working'), message: z.string() }),
  /** What happened and what to do next. */
  z.object({ state: z.literal('failed'), message: z.string() }),
  z.object({
    state: z.literal('seen'),
    /** Names this picture in `fetchActivation`. */
    session: z.string(),
    imageName: z.string(),
    /** What classified it. */
    modelName: z.string(),
    input: classification.shape.input.pick({ width: true, height: true, channels: true, pixels: true }),
    /** The most probable ones. */
    classes: classification.shape.classes,
    /** The layers of the drawn model that ran; those that are not the same there are missing. `key` as in the drawing. */
    layers: z.array(
      layerActivationSummary
        .pick({ name: true, shape: true, layout: true, min: true, max: true, mean: true, zeros: true })
        .extend({ key: z.string() }),
    ),
    /** Drawn layers that hold the picture itself. */
    inputKeys: z.array(z.string()),
    /** In what the drawn model is not the one that classified, in plain words; absent: it is the same. */
    difference: z.string().optional(),
  }),
]);
export type DiagramPicture = z.infer<typeof diagramPicture>;

export const toDiagram = z.discriminatedUnion('type', [
  /** The document's models as they are now. `modelId` is the one to show; absent: keep the present one, else the first. */
  z.object({
    type: z.literal('graphs'),
    title: z.string(),
    /** `file`: a saved model, which has no source to show, to edit or to train. */
    origin: z.enum(['program', 'file']),
    /** Why the file holds no model that can be drawn. */
    failure: z.string().optional(),
    /** Pictures can be classified here: there is a process to compute. */
    canClassify: z.boolean(),
    graphs: z.array(wireModelGraph),
    modelId: z.string().optional(),
    problems: z.array(
      z.object({
        severity: z.enum(['error', 'warning', 'information']),
        message: z.string(),
        layerId: z.string().optional(),
      }),
    ),
  }),
  /** The cursor stands in the call that creates these layers (one; several for a loop; none). */
  z.object({ type: z.literal('highlight'), modelId: z.string().optional(), layerIds: z.array(z.string()) }),
  /** This layer was chosen elsewhere: it is shown as selected. `key` as in the drawing; null: none is. */
  z.object({ type: z.literal('selectLayer'), modelId: z.string(), key: z.string().nullable() }),
  /** What fills the drawing of this model; null: nothing. */
  z.object({ type: z.literal('picture'), modelId: z.string(), picture: diagramPicture.nullable() }),
  /** Answers `fetchActivation`: float32, `shape` without the batch. */
  z.object({
    type: z.literal('activation'),
    session: z.string(),
    layer: z.string(),
    shape: z.array(z.number()),
    layout: layerActivationSummary.shape.layout,
    data: z.instanceof(ArrayBuffer),
  }),
  z.object({
    type: z.literal('activationFailed'),
    session: z.string(),
    layer: z.string(),
    message: z.string(),
  }),
  exportRequest,
]);
export const fromDiagram = z.discriminatedUnion('type', [
  ready,
  /** Shows where the program creates the layer. `key` as in the drawing. */
  z.object({ type: z.literal('revealLayer'), modelId: z.string(), key: z.string() }),
  /** People turned to this layer in the drawing. */
  z.object({ type: z.literal('layerSelected'), modelId: z.string(), key: z.string().nullable() }),
  z.object({ type: z.literal('choosePicture'), modelId: z.string() }),
  z.object({ type: z.literal('forgetPicture') }),
  /** `layer` as in the picture's `layers[].name`. */
  z.object({ type: z.literal('fetchActivation'), session: z.string(), layer: z.string() }),
  z.object({ type: z.literal('showModel'), modelId: z.string() }),
  z.object({ type: z.literal('train'), modelId: z.string() }),
  z.object({ type: z.literal('compare'), modelId: z.string() }),
  ...exportMessages,
]);
export type ToDiagram = z.infer<typeof toDiagram>;
export type FromDiagram = z.infer<typeof fromDiagram>;
