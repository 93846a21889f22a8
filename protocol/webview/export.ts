/** Drawings as files: what panels that draw are asked for, and what they say of it. */
import { z } from 'zod';

export const exportFormat = z.enum(['svg', 'png', 'tikz', 'mermaid']);
/** `screen`: the colours of the window as it is. */
export const exportTheme = z.enum(['screen', 'light', 'dark', 'print']);
export type ExportFormat = z.infer<typeof exportFormat>;
export type ExportTheme = z.infer<typeof exportTheme>;

/** Answered by `exported` or `exportFailed`. */
export const exportRequest = z.object({
  type: z.literal('export'),
  format: exportFormat,
  theme: exportTheme,
  /** Pixels of a PNG for each of the drawing's. */
  scale: z.number(),
});
export type ExportOptions = Omit<z.infer<typeof exportRequest>, 'type'>;

/** What the panel sends, asked from outside or by people in it. */
export const exportMessages = [
  z.object({
    type: z.literal('exported'),
    format: exportFormat,
    modelName: z.string(),
    /** `base64` for pictures. */
    encoding: z.enum(['text', 'base64']),
    content: z.string(),
  }),
  z.object({ type: z.literal('exportFailed'), message: z.string() }),
  /** Text for the clipboard; pictures the panel puts there itself. */
  z.object({ type: z.literal('copy'), text: z.string() }),
] as const;
export type ExportMessage = z.infer<(typeof exportMessages)[number]>;
