/** The program that builds a model, where Layerwise cannot build it from the analysis alone. */
import { z } from 'zod';

/** Code of the user's: run in trusted workspaces only, and only when asked to train or to open what was trained. */
export const userModule = z.object({
  /** The file, absolute. */
  file: z.string(),
  /**
   * What in the file gives the model; it need not be exported. A function's name, a variable's, `object.property`,
   * `Class.method`, or `default`. Empty: the file itself builds the model as it runs, up to where it would train it.
   */
  builder: z.string(),
  /** Values for parameters of the builder, by their names; the others are left to their defaults. */
  parameters: z.record(z.string(), z.unknown()).optional(),
});
export type UserModule = z.infer<typeof userModule>;
