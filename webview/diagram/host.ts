import { z } from 'zod';
import { type FromDiagram, type ToDiagram, toDiagram } from '../../protocol/webview';
import { connectHost, type Host } from '../shared/host';

export type DiagramHost = Host<ToDiagram, FromDiagram>;

const viewName = z.enum(['sheets', 'boxes', 'graph']);
export type ViewName = z.infer<typeof viewName>;

const coloring = z.enum(['kind', 'params', 'multiplyAccumulates', 'activationBytes']);
export type Coloring = z.infer<typeof coloring>;

export const savedState = z.object({
  modelId: z.string().nullable(),
  /** Null: whatever suits the model. */
  view: viewName.nullable(),
  selected: z.string().nullable(),
  showTable: z.boolean(),
  coloring,
  /** Per model: folded or not (null: by size), and the groups that are otherwise. */
  folding: z.record(
    z.string(),
    z.object({ folded: z.boolean().nullable(), exceptions: z.array(z.string()) }),
  ),
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
