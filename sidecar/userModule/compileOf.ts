/** What a program has given `compile`, in the form in which the analysis reads it from the source. */
import * as tf from '@tensorflow/tfjs';
import type { WireModelGraph } from '../../protocol/modelGraph';

/** Undefined when the program has not compiled the model. A loss may be a function of its own. */
export function compileOf(model: tf.LayersModel): WireModelGraph['compile'] {
  // tfjs-layers models.ts: a Sequential is compiled as the functional model inside it.
  const inner = (model as unknown as { model?: tf.LayersModel }).model ?? model;
  const { optimizer, loss } = inner;
  if (!optimizer) return undefined;
  const config = optimizer.getConfig() as Record<string, unknown>;
  const [name] = Object.entries(tf.losses).find(([, own]) => own === loss) ?? [];
  return {
    optimizer: { className: optimizer.getClassName(), config },
    loss: name === undefined ? loss : `tf.losses.${name}`,
  };
}
