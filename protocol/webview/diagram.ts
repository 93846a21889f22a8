/** The diagram panel: the document's models, what is selected, and exports. */
import { z } from 'zod';
import { wireModelGraph } from '../modelGraph';
import { ready } from './ready';

export const exportFormat = z.enum(['svg', 'png', 'tikz', 'mermaid']);
/** `screen`: the colours of the window as it is. */
export const exportTheme = z.enum(['screen', 'light', 'dark', 'print']);
export type ExportFormat = z.infer<typeof exportFormat>;
export type ExportTheme = z.infer<typeof exportTheme>;

export const toDiagram = z.discriminatedUnion('type', [
  /** The document's models as they are now. `modelId` is the one to show; absent: keep the present one, else the first. */
  z.object({
    type: z.literal('graphs'),
    title: z.string(),
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
  /** Answered by `exported` or `exportFailed`. `scale`: pixels of a PNG for each of the drawing's. */
  z.object({ type: z.literal('export'), format: exportFormat, theme: exportTheme, scale: z.number() }),
]);
export const fromDiagram = z.discriminatedUnion('type', [
  ready,
  z.object({ type: z.literal('revealLayer'), modelId: z.string(), layerId: z.string() }),
  z.object({ type: z.literal('showModel'), modelId: z.string() }),
  z.object({ type: z.literal('train'), modelId: z.string() }),
  z.object({
    type: z.literal('exported'),
    format: exportFormat,
    modelName: z.string(),
    /** `base64` for pictures. */
    encoding: z.enum(['text', 'base64']),
    content: z.string(),
  }),
  z.object({ type: z.literal('exportFailed'), message: z.string() }),
  z.object({ type: z.literal('copy'), text: z.string() }),
]);
export type ToDiagram = z.infer<typeof toDiagram>;
export type FromDiagram = z.infer<typeof fromDiagram>;
