/** What a program has given `compile`, in the form in which the analysis reads it from the source. */
import type * as tf from '@tensorflow/tfjs';
import type { WireModelGraph } from '../../protocol/modelGraph';

/** Undefined when the program has not compiled the model, or with a loss of its own, which has no name. */
export function compileOf(model: tf.LayersModel): WireModelGraph['compile'] {
  // tfjs-layers models.ts: a Sequential is compiled as the functional model inside it.
  const inner = (model as unknown as { model?: tf.LayersModel }).model ?? model;
  const { optimizer, loss } = inner;
  if (!optimizer) return undefined;
  const config = optimizer.getConfig() as Record<string, unknown>;
  return {
    optimizer: { className: optimizer.getClassName(), config },
    ...(typeof loss === 'string' ? { loss } : {}),
  };
}
