/** How people look inside: kept while the webview is hidden, and from one picture to the next. */
import { z } from 'zod';
import { attributionMethod } from '../../../protocol/sidecar';

export const mapSettings = z.object({
  sort: z.enum(['number', 'strength']),
  colors: z.enum(['viridis', 'cividis', 'magma', 'grey', 'diverging']),
  /** What the colour map's ends stand for: the least and most of the layer, of each channel, or what is chosen. */
  range: z.enum(['layer', 'channel', 'fixed']),
  fixed: z.object({ min: z.number(), max: z.number() }),
  size: z.enum(['small', 'medium', 'large']),
});
export type MapSettings = z.infer<typeof mapSettings>;

/** A cell of a layer's output; `''` is the picture itself. The index is without the batch. */
export const cellAddress = z.object({ layer: z.string(), index: z.array(z.number()) });
export type CellAddress = z.infer<typeof cellAddress>;

export const attributionSettings = z.object({
  method: attributionMethod,
  /** Null: the class that the network finds most likely. */
  classIndex: z.number().nullable(),
  /** Grad-CAM: null: the last maps. */
  layer: z.string().nullable(),
  /** Of the overlay, 0 … 1. */
  opacity: z.number(),
  /** What was started by hand last, to be shown again after the webview was hidden. */
  started: z.string().nullable(),
});
export type AttributionSettings = z.infer<typeof attributionSettings>;

export const lookState = z.object({
  view: z.enum(['maps', 'attribution', 'compare']),
  maps: mapSettings,
  /** Layers that show all their channels, not only the first. */
  whole: z.array(z.string()),
  /** The cell that is taken apart, last, and those from which people came to it. */
  trail: z.array(cellAddress),
  attribution: attributionSettings,
  /** Compared layer; null: the first that both have. */
  compared: z.string().nullable(),
});
export type LookState = z.infer<typeof lookState>;

export const initialLook: LookState = {
  view: 'maps',
  maps: { sort: 'number', colors: 'viridis', range: 'layer', fixed: { min: 0, max: 1 }, size: 'medium' },
  whole: [],
  trail: [],
  attribution: { method: 'gradCam', classIndex: null, layer: null, opacity: 0.6, started: null },
  compared: null,
};

/** Changes a part of it. */
export type ChangeLook = (change: Partial<LookState>) => void;
