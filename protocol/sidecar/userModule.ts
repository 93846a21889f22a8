/** The program that builds a model, where Layerwise cannot build it from the analysis alone. */
import { z } from 'zod';

/** Code of the user's: run in trusted workspaces only, and only when asked to train or to open what was trained. */
export const userModule = z.object({
  /** The file, absolute. */
  file: z.string(),
  /**
   * What in the file gives the model: a function's name, a variable's, or `Class.method`; it need not be exported.
   * Arguments of functions are left to their defaults.
   */
  builder: z.string(),
});
export type UserModule = z.infer<typeof userModule>;
