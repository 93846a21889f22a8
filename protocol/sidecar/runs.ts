/** A training run on disk: `<runsFolder>/<time>-<model>/run.json`. */
import { z } from 'zod';
import { dataSource } from './data';
import { inputEncoding } from './inputEncoding';
import { epochMetrics, trainingOptions } from './training';

export const runFile = z.object({
  version: z.literal(1),
  model: z.string(),
  createdAt: z.string(),
  status: z.enum(['running', 'finished', 'cancelled', 'failed']),
  backend: z.string(),
  data: z.object({ source: dataSource, description: z.string() }),
  options: trainingOptions,
  /** How a picture becomes the model's input. */
  input: inputEncoding,
  classNames: z.array(z.string()),
  epochs: z.array(epochMetrics),
  test: z.object({ loss: z.number(), accuracy: z.number().optional() }).optional(),
  /** Why it failed, for `failed`. */
  error: z.string().optional(),
});
export type RunFile = z.infer<typeof runFile>;
