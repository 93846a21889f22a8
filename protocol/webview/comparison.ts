/** The comparison panel: several models side by side. */
import { z } from 'zod';
import { wireModelGraph } from '../modelGraph';
import { exportMessages, exportRequest } from './export';
import { ready } from './ready';

export const comparedModel = z.object({
  /** Of the source: stable while the model changes, and across a reload. */
  key: z.string(),
  name: z.string(),
  /** Where it comes from: a file, a file at a revision, a run. */
  origin: z.string(),
  /** More of that: a path, the message of a commit. */
  detail: z.string(),
  /** A file that Git may know earlier states of. */
  hasRevisions: z.boolean(),
  content: z.discriminatedUnion('state', [
    z.object({ state: z.literal('known'), graph: wireModelGraph }),
    z.object({ state: z.literal('reading') }),
    z.object({ state: z.literal('failed'), message: z.string() }),
  ]),
});
export type ComparedModel = z.infer<typeof comparedModel>;

export const toComparison = z.discriminatedUnion('type', [
  /** All of them, in their order, as they are now. */
  z.object({ type: z.literal('models'), models: z.array(comparedModel) }),
  exportRequest,
]);
export type ToComparison = z.infer<typeof toComparison>;

export const fromComparison = z.discriminatedUnion('type', [
  ready,
  z.object({ type: z.literal('addModels') }),
  z.object({ type: z.literal('addRevision'), key: z.string() }),
  z.object({ type: z.literal('removeModel'), key: z.string() }),
  z.object({ type: z.literal('moveModel'), key: z.string(), to: z.number() }),
  /** `path`: ids of layers, from the model's own inwards. */
  z.object({ type: z.literal('revealLayer'), key: z.string(), path: z.array(z.string()) }),
  ...exportMessages,
]);
export type FromComparison = z.infer<typeof fromComparison>;
