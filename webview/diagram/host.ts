import { z } from 'zod';
import { type FromDiagram, type ToDiagram, toDiagram } from '../../protocol/webview';
import { connectHost, type Host } from '../shared/host';

export type DiagramHost = Host<ToDiagram, FromDiagram>;

const viewName = z.enum(['sheets', 'boxes', 'graph']);
export type ViewName = z.infer<typeof viewName>;

export const savedState = z.object({
  modelId: z.string().nullable(),
  /** Null: whatever suits the model. */
  view: viewName.nullable(),
  selected: z.string().nullable(),
  showTable: z.boolean(),
  views: z.record(
    z.string(),
    z.object({
      transform: z.object({ zoom: z.number(), x: z.number(), y: z.number() }),
      following: z.boolean(),
    }),
  ),
});
export type SavedState = z.infer<typeof savedState>;

export const connectDiagram = (): DiagramHost => connectHost<ToDiagram, FromDiagram>(toDiagram);
