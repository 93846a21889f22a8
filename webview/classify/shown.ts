import { z } from 'zod';
import { classification } from '../../protocol/sidecar';
import { lookState } from './look/lookState';

/** What the panel shows: a picture, and what a model says of it. */
export const shown = z.object({ imageName: z.string(), modelName: z.string(), result: classification });
export type Shown = z.infer<typeof shown>;

/** What is kept while the webview is hidden. */
export const saved = z.object({ shown, look: lookState });
export type Saved = z.infer<typeof saved>;
