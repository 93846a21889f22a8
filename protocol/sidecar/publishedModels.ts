/** Models that others publish and Layerwise fetches on first use, when it is allowed to. */
import { z } from 'zod';

export interface PublishedModel {
  /** What `--model` takes, and the folder's name. */
  id: string;
  name: string;
  /** What it does, in a few words. */
  description: string;
  /** The model.json; its weights lie beside it. */
  url: string;
  license: string;
  /** Of all files together, about. */
  bytes: number;
}

/** Fixed values, so that people can be asked before anything is started or fetched. */
export const publishedModels: readonly PublishedModel[] = [
  {
    id: 'mobilenet',
    name: 'MobileNet (ImageNet)',
    description: 'knows 1,000 kinds of things in photographs',
    url: 'https://storage.googleapis.com/tfjs-models/tfjs/mobilenet_v1_0.25_224/model.json',
    license: 'Apache 2.0',
    bytes: 1_956_000,
  },
];

export function publishedModel(id: string): PublishedModel | undefined {
  return publishedModels.find((model) => model.id === id);
}

/** Where a model lies below the folder that models are kept in. What is there is whole: it was checked before. */
export function publishedModelPath(id: string): string[] {
  return [id, 'model.json'];
}

export const locateModelParams = z.object({ id: z.string(), folder: z.string().optional() });
/** `folder`: where models are kept; `modelPath`: absent when this one is not there. */
export const locateModelResult = z.object({ folder: z.string(), modelPath: z.string().optional() });

export const downloadModelParams = z.object({
  id: z.string(),
  /** Where models are kept. Absent: a folder of the user's. */
  folder: z.string().optional(),
  /** `http://host:port` to go through; absent: as the environment says (HTTPS_PROXY, NO_PROXY). */
  proxy: z.string().optional(),
});
export const downloadModelResult = z.object({
  cancelled: z.boolean(),
  /** Absent when cancelled. */
  modelPath: z.string().optional(),
});
export const downloadProgress = z.object({ id: z.string(), bytes: z.number(), total: z.number() });
export type LocateModelParams = z.infer<typeof locateModelParams>;
export type LocateModelResult = z.infer<typeof locateModelResult>;
export type DownloadModelParams = z.infer<typeof downloadModelParams>;
export type DownloadModelResult = z.infer<typeof downloadModelResult>;
export type DownloadProgress = z.infer<typeof downloadProgress>;

/** Notification, sidecar → client, while a `downloadModel` request is under way. */
export const downloadProgressMethod = 'downloadProgress';
