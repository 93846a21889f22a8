import { z } from 'zod';
import { classification } from '../../protocol/sidecar';
import { stroke } from './inputs/painting';
import { sketch } from './inputs/sketch';
import { lookState } from './look/lookState';

/** What the panel shows: a picture, and what a model says of it. */
export const shown = z.object({
  /** The picture's id among the inputs. */
  picture: z.string(),
  imageName: z.string(),
  modelName: z.string(),
  result: classification,
});
export type Shown = z.infer<typeof shown>;

/** What is done with the picture: it is looked at, painted over, or another is drawn. */
export const inputMode = z.enum(['picture', 'paint', 'draw']);
export type InputMode = z.infer<typeof inputMode>;

/** What people drew and painted: the extension knows only the pictures that came of it. */
export const handwork = z.object({
  mode: inputMode,
  /** The drawing on the pad. */
  drawing: z.string(),
  /** Drawings by their pictures' ids. */
  sketches: z.record(z.string(), sketch),
  /** What the shown picture is painted over with. */
  painted: z.object({ picture: z.string(), strokes: z.array(stroke), undone: z.array(stroke) }).nullable(),
});
export type Handwork = z.infer<typeof handwork>;

/** Kept while the webview is hidden, and across a reload of the window. */
export const savedState = z.object({ shown: shown.nullable(), handwork, look: lookState });
export type SavedState = z.infer<typeof savedState>;
