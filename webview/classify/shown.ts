import { z } from 'zod';
import { classification } from '../../protocol/sidecar';

/** What the panel shows: a picture, and what a model says of it. Kept while the webview is hidden. */
export const shown = z.object({ imageName: z.string(), modelName: z.string(), result: classification });
export type Shown = z.infer<typeof shown>;
