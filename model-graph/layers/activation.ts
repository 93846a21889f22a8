/** Activations as layers. Mirrors tfjs-layers layers/advanced_activations.ts and Activation in layers/core.ts. */
import type { Dim, Shape } from '../dims';
import { formatValue, type InitializerUse, known, Lost } from './config';
import { defineRule, pointwise } from './define';
import { type LayerRule, Unknown } from './rule';

/** The shape does not change; tfjs gives as many outputs as there are inputs. */
function shapeless(className: string, factory: string): LayerRule {
  return defineRule({
    className,
    factories: [factory],
    kind: 'activation',
    inputs: 'any',
    read: () => ({}),
    outputShapes: (_, call) => call.shapes,
    window: () => pointwise,
  });
}

const activation = defineRule({
  className: 'Activation',
  factories: ['activation'],
  kind: 'activation',
  inputs: 'any',
  read(reader) {
    reader.activation();
    return {};
  },
  outputShapes: (_, call) => call.shapes,
  window: () => pointwise,
});

/** Mirrors ELU: only alpha 1 is supported. */
const elu = defineRule({
  className: 'ELU',
  factories: ['elu'],
  kind: 'activation',
  inputs: 'any',
  read(reader) {
    const alpha = reader.value('alpha');
    if (alpha != null && !(alpha instanceof Unknown) && typeof alpha !== 'object' && alpha !== 1) {
      reader.error(
        'not-implemented',
        `tf.layers.elu supports only \`alpha\`: 1, but it is ${formatValue(alpha)}. Leave it out.`,
      );
    }
    return {};
  },
  outputShapes: (_, call) => call.shapes,
  window: () => pointwise,
});

/** Mirrors PReLU: one alpha for every cell but along the shared axes. */
const prelu = defineRule<{ sharedAxes: number[] | Lost; initializer: InitializerUse }>({
  className: 'PReLU',
  factories: ['prelu'],
  kind: 'activation',
  inputs: 'one',
  read(reader) {
    const initializer = reader.initializer('alphaInitializer', 'zeros');
    reader.regularizer('alphaRegularizer');
    reader.constraint('alphaConstraint');
    const value = reader.value('sharedAxes');
    if (value == null) return { sharedAxes: [], initializer };
    if (typeof value === 'number') return { sharedAxes: [value], initializer };
    if (Array.isArray(value)) {
      const axes = value.filter((axis): axis is number => typeof axis === 'number');
      if (axes.length === value.length) return { sharedAxes: axes, initializer };
      return { sharedAxes: new Lost(`\`sharedAxes\` holds ${formatValue(value)}`), initializer };
    }
    if (value instanceof Unknown || typeof value === 'object') {
      const reason = value instanceof Unknown ? value.reason : formatValue(value);
      return { sharedAxes: new Lost(`\`sharedAxes\` is not known: ${reason}`), initializer };
    }
    return {
      sharedAxes: reader.reject(
        'invalid-argument',
        `\`sharedAxes\` of prelu must be a number or a list of numbers, but is ${formatValue(value)}.`,
      ),
      initializer,
    };
  },
  outputShapes: (_, call) => [call.shape],
  weights({ sharedAxes, initializer }, call) {
    const shape: Shape = call.shape.slice(1);
    // tfjs writes paramShape[axis − 1] = 1 unchecked: an axis beyond the shape makes it longer.
    for (const axis of known(sharedAxes)) {
      if (axis < 1) continue;
      while (shape.length < axis - 1) shape.push(null);
      shape[axis - 1] = 1;
    }
    return [{ name: 'alpha', shape, trainable: true, initializer }];
  },
  window: () => pointwise,
  built({ sharedAxes }, shape) {
    if (known(sharedAxes).length === 0) return { rank: shape.length };
    return {
      rank: shape.length,
      axes: new Map(shape.slice(1).map((dim, index): [number, Dim] => [index + 1, dim])),
    };
  },
});

export const activationRules: LayerRule[] = [
  activation,
  shapeless('ReLU', 'reLU'),
  shapeless('LeakyReLU', 'leakyReLU'),
  shapeless('ThresholdedReLU', 'thresholdedReLU'),
  shapeless('Softmax', 'softmax'),
  elu,
  prelu,
];
