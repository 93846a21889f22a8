/** A layer's output in a few numbers. */
import type { LayerActivationSummary } from '../../protocol/sidecar';
import type { LayerOutput } from './network';

/** Of the first example. Minimum, maximum and mean leave out what is no number. */
export function summarize({ values, ...description }: LayerOutput): LayerActivationSummary {
  let [min, max, sum, zeros, nan, infinite] = [
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    0,
    0,
    0,
    0,
  ];
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    if (!Number.isFinite(value)) {
      if (Number.isNaN(value)) nan++;
      else infinite++;
      continue;
    }
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
    if (value === 0) zeros++;
  }
  const finite = values.length - nan - infinite;
  return {
    ...description,
    min: finite > 0 ? min : 0,
    max: finite > 0 ? max : 0,
    mean: finite > 0 ? sum / finite : 0,
    zeros: values.length > 0 ? zeros / values.length : 0,
    nan,
    infinite,
  };
}
