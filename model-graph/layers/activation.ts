/** Activations as layers. Mirrors tfjs-layers layers/advanced_activations.ts and Activation in layers/core.ts. */
import { type Dim, formatShape, isSymbolic, type Shape } from '../dims';
import { type ConfigReader, formatValue, type InitializerUse, known, Lost, LostSignal } from './config';
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
  readsBlindly: 'activation',
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

/** Mirrors Softmax: its axis defaults to 1, but tfjs can compute only along the last one. */
const softmax = defineRule<{ axis: number | null }>({
  className: 'Softmax',
  factories: ['softmax'],
  kind: 'activation',
  inputs: 'any',
  read(reader) {
    const value = reader.value('axis') ?? 1;
    const single = Array.isArray(value) && value.length === 1 ? value[0] : value;
    return { axis: typeof single === 'number' ? single : null };
  },
  check({ axis }, call) {
    const last = call.shape.length - 1;
    if (axis === null || axis === -1 || axis === last) return;
    call.failsAtPredict(
      'softmax-axis',
      `tf.layers.softmax works along axis ${axis}${axis === 1 ? ' unless told otherwise' : ''}, but tfjs can compute it only along the last axis of ${formatShape(call.shape, { batch: false })}. Write axis: -1.`,
    );
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
const prelu = defineRule<{ sharedAxes: number[] | Lost; shared: boolean; initializer: InitializerUse }>({
  className: 'PReLU',
  factories: ['prelu'],
  kind: 'activation',
  inputs: 'one',
  read(reader) {
    const initializer = reader.initializer('alphaInitializer', 'zeros');
    reader.regularizer('alphaRegularizer');
    reader.constraint('alphaConstraint');
    return { sharedAxes: readSharedAxes(reader), shared: reader.has('sharedAxes'), initializer };
  },
  check({ sharedAxes }, call) {
    const beyond = known(sharedAxes).find((axis) => axis >= call.shape.length);
    if (beyond === undefined) return;
    call.failsAtPredict(
      'invalid-argument',
      `\`sharedAxes\` of prelu names axis ${beyond}, but its input ${formatShape(call.shape, { batch: false })} has only the axes 1 to ${call.shape.length - 1}.`,
    );
  },
  outputShapes: (_, call) => [call.shape],
  weights({ sharedAxes, initializer }, call) {
    const shape: Shape = call.shape.slice(1);
    // tfjs writes paramShape[axis − 1] = 1 unchecked: an axis beyond the shape makes it longer, or full of holes.
    let hole: number | null = null;
    for (const axis of known(sharedAxes)) {
      if (axis - 1 > shape.length) hole = axis;
      else if (axis >= 1) shape[axis - 1] = 1;
    }
    // An open size is refused before the hole matters.
    if (hole !== null && !shape.includes(null))
      throw new LostSignal(new Lost(`its input has no axis ${hole}`));
    return [{ name: 'alpha', shape, trainable: true, initializer }];
  },
  window: () => pointwise,
  built({ shared }, shape) {
    if (!shared) return { rank: shape.length };
    return {
      rank: shape.length,
      axes: new Map(shape.slice(1).map((dim, index): [number, Dim] => [index + 1, dim])),
    };
  },
});

function readSharedAxes(reader: ConfigReader): number[] | Lost {
  const value = reader.value('sharedAxes');
  if (value == null) return [];
  if (typeof value === 'number') return [value];
  if (Array.isArray(value)) {
    const axes = value.filter((axis): axis is number => typeof axis === 'number');
    return axes.length === value.length ? axes : new Lost(`\`sharedAxes\` holds ${formatValue(value)}`);
  }
  if (value instanceof Unknown) return new Lost(`\`sharedAxes\` is not known: ${value.reason}`, value.at);
  if (isSymbolic(value)) return new Lost(`\`sharedAxes\` is ${value}`);
  return reader.reject(
    'invalid-argument',
    `\`sharedAxes\` of prelu must be a number or a list of numbers, but is ${formatValue(value)}.`,
  );
}

export const activationRules: LayerRule[] = [
  activation,
  shapeless('ReLU', 'reLU'),
  shapeless('LeakyReLU', 'leakyReLU'),
  shapeless('ThresholdedReLU', 'thresholdedReLU'),
  softmax,
  elu,
  prelu,
];
