/** Shapes with the batch first: as configurations give them, and as tfjs prints them. */
import { isSymbolic, type Shape } from './dims';
import { type ConfigValue, type LayerConfig, Unknown } from './layers/rule';

/** `[null, 28, 28, 6]`, as tfjs prints shapes. */
export function formatBatchShape(shape: Shape): string {
  return `[${shape.map((dim) => (dim === null ? 'null' : String(dim))).join(', ')}]`;
}

/** Mirrors the constructors of Layer, and of Dense and Embedding, which take their input's size under another name. */
export function readBatchInputShape(className: string, config: LayerConfig): Shape | null {
  if (config.batchInputShape != null) return asShape(config.batchInputShape);
  if (config.inputShape != null) return asShape(prependBatch(config.batchSize ?? null, config.inputShape));
  const batch = config.batchSize ?? null;
  if (className === 'Dense' && config.inputDim != null) return asShape([batch, config.inputDim]);
  if (className === 'Embedding') {
    return asShape(config.inputLength == null ? [batch, null] : prependBatch(batch, config.inputLength));
  }
  return null;
}

export function prependBatch(batch: ConfigValue, shape: ConfigValue): ConfigValue {
  if (shape instanceof Unknown) return shape;
  // `[batchSize].concat(inputShape)`: a bare number is accepted, too.
  return Array.isArray(shape) ? [batch, ...shape] : [batch, shape];
}

function asShape(value: ConfigValue): Shape | null {
  if (!Array.isArray(value)) return null;
  const shape: Shape = [];
  for (const dim of value) {
    if (dim === null || dim === undefined) shape.push(null);
    else if (typeof dim === 'number' || isSymbolic(dim)) shape.push(dim);
    else return null;
  }
  return shape;
}
