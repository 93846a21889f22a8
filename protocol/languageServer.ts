/** What the extension and the language server say to each other beyond LSP itself. */
import { z } from 'zod';
import { wireLocation, wireModelGraph } from './modelGraph';

/** Request, client → server: all models that a document creates, in source order. */
export const modelGraphsMethod = 'layerwise/modelGraphs';
export const modelGraphsParams = z.object({ uri: z.string() });
export const modelGraphsResult = z.object({
  /** The document version the graphs belong to; null when the document is not open. */
  version: z.number().nullable(),
  graphs: z.array(wireModelGraph),
  /** Errors and warnings of the same analysis, so that a drawing can show them in place. */
  problems: z.array(
    z.object({
      severity: z.enum(['error', 'warning', 'information']),
      code: z.string(),
      message: z.string(),
      location: wireLocation.optional(),
    }),
  ),
});
export type ModelGraphsParams = z.infer<typeof modelGraphsParams>;
export type ModelGraphsResult = z.infer<typeof modelGraphsResult>;

/**
 * Request, client → server: the models of a file as it was at a revision. `text` is the file's; what it imports is asked
 * for with the same revision. Answered like `modelGraphs`, with a version of null.
 */
export const revisionGraphsMethod = 'layerwise/revisionGraphs';
export const revisionGraphsParams = z.object({
  uri: z.string(),
  languageId: z.string(),
  text: z.string(),
  revision: z.string(),
});
export type RevisionGraphsParams = z.infer<typeof revisionGraphsParams>;

/**
 * Request, client → server: a model of an open document as it is made with these sizes, by the names that its formulas
 * have: its builder is followed as called with them; what no builder takes is put into the formulas. Null where sizes
 * stay open or the sizes decide which model is made.
 */
export const sizedModelMethod = 'layerwise/sizedModel';
export const sizedModelParams = z.object({
  uri: z.string(),
  modelId: z.string(),
  sizes: z.record(z.string(), z.number()),
});
export const sizedModelResult = z.object({
  graph: wireModelGraph.nullable(),
  /** What in the file gives it: the function at its top that makes it, else what holds it. */
  builder: z.string().optional(),
});
export type SizedModelParams = z.infer<typeof sizedModelParams>;
export type SizedModelResult = z.infer<typeof sizedModelResult>;

/** Notification, server → client: the models of this document may have changed. */
export const modelGraphsChangedMethod = 'layerwise/modelGraphsChanged';
export const modelGraphsChangedParams = z.object({ uri: z.string(), version: z.number() });
export type ModelGraphsChangedParams = z.infer<typeof modelGraphsChangedParams>;

/** Request, client → server: the model in a saved file, an `.onnx` or a `model.json` of tfjs. */
export const modelFileMethod = 'layerwise/modelFile';
export const modelFileParams = z.object({ uri: z.string() });
export const modelFileResult = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), graph: wireModelGraph }),
  /** A full sentence: what is wrong with the file. */
  z.object({ ok: z.literal(false), message: z.string() }),
]);
export type ModelFileResult = z.infer<typeof modelFileResult>;

/** Request, server → client: a file that the server cannot read itself, base64. Null where there is none. */
export const readBytesMethod = 'layerwise/readBytes';
export const readBytesParams = z.object({ uri: z.string() });
export const readBytesResult = z.object({ data: z.string().nullable() });

/** Request, server → client: the text of a file that is not open. Null where there is none; the browser has no file system of its own. */
export const readFileMethod = 'layerwise/readFile';
export const readFileParams = z.object({
  uri: z.string(),
  /** As it was at this revision; absent: as it is now. */
  revision: z.string().optional(),
});
export const readFileResult = z.object({ text: z.string().nullable() });

/** Request, server → client: the URIs of the programs in the workspace, as the client writes them. */
export const listFilesMethod = 'layerwise/listFiles';
export const listFilesResult = z.object({ uris: z.array(z.string()) });

/** Commands that lenses and hovers refer to; the extension registers them under the same names. */
export const commands = {
  showArchitecture: 'layerwise.showArchitecture',
  trainModel: 'layerwise.trainModel',
  classifyImage: 'layerwise.classifyImage',
  compareModels: 'layerwise.compareModels',
  /** Only ever called by a hint: opens the hover card of the layer that the hint belongs to. */
  showLayerCard: 'layerwise.showLayerCard',
} as const;

/** Argument of `showLayerCard`: where the call stands that creates the layer. */
export interface LayerCardArguments {
  uri: string;
  position: { line: number; character: number };
}

/** Arguments of `showArchitecture`, `trainModel` and `compareModels` as a lens passes them. */
export interface ModelCommandArguments {
  uri: string;
  /** `ModelGraph.id`; absent: the only model, else ask. */
  modelId?: string;
}
