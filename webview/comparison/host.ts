import { z } from 'zod';
import { type FromComparison, type ToComparison, toComparison } from '../../protocol/webview';
import { connectHost, type Host } from '../shared/host';

export type ComparisonHost = Host<ToComparison, FromComparison>;

/**
 * How the columns are put beside each other: layer by layer, or stage by stage, those of one size or those of one number.
 */
const alignment = z.enum(['layer', 'size', 'number']);
export type Alignment = z.infer<typeof alignment>;

/** What the length of a stage's bar is: its part of its model, or the value, on a linear or a logarithmic scale. */
const barScale = z.enum(['share', 'linear', 'log']);
export type BarScale = z.infer<typeof barScale>;

export const savedState = z.object({
  /** Null: whatever suits the models. */
  alignment: alignment.nullable(),
  barScale,
  /** The model that the others are compared with; null: each with the one to its left. */
  reference: z.string().nullable(),
  /** A layer: `<model> <key>`. */
  selected: z.string().nullable(),
  showTable: z.boolean(),
  /** Folded rows that were opened. */
  opened: z.array(z.string()),
});
export type SavedState = z.infer<typeof savedState>;

export const connectComparison = (): ComparisonHost =>
  connectHost<ToComparison, FromComparison>(toComparison);
