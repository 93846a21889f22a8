/** Normalizations. Mirrors tfjs-layers layers/normalization.ts. */
import { type Dim, formatShape, type Shape } from '../dims';
import { formatValue, type InitializerUse, known, Lost } from './config';
import { type Call, defineRule, pointwise, type WeightSpec } from './define';
import { type ConfigValue, type LayerRule, Unknown } from './rule';

interface BatchNormalizationOptions {
  axis: number | Lost;
  center: boolean | Lost;
  scale: boolean | Lost;
  initializers: Record<string, InitializerUse>;
}

/** tfjs calls batchNorm2d to batchNorm4d, whatever the axis. */
function checkRank(call: Call): void {
  if (call.shape.length <= 4) return;
  call.failsAtPredict(
    'not-implemented',
    `${call.factory} works on at most 3 axes besides the batch in tfjs, but its input is ${formatShape(call.shape, { batch: false })}; tfjs throws when data comes.`,
  );
}

/** Mirrors BatchNormalization. */
const batchNormalization = defineRule<BatchNormalizationOptions>({
  className: 'BatchNormalization',
  factories: ['batchNormalization'],
  kind: 'normalization',
  inputs: 'one',
  read(reader) {
    const value = reader.value('axis');
    const axis =
      value == null ? -1 : typeof value === 'number' ? value : new Lost(`\`axis\` is ${formatValue(value)}`);
    reader.constraint('betaConstraint', 'gammaConstraint');
    reader.regularizer('betaRegularizer', 'gammaRegularizer');
    const options = {
      axis,
      center: reader.flag('center', true),
      scale: reader.flag('scale', true),
      initializers: reader.initializers({
        betaInitializer: 'zeros',
        gammaInitializer: 'ones',
        movingMeanInitializer: 'zeros',
        movingVarianceInitializer: 'ones',
      }),
    };
    // tfjs reads gamma and beta in training without looking whether they exist.
    for (const key of ['center', 'scale'] as const) {
      if (options[key] !== false) continue;
      reader.error(
        'not-implemented',
        `batchNormalization with \`${key}\`: false cannot be trained in tfjs: \`fit\` throws. Predicting works.`,
        'fit',
      );
    }
    return options;
  },
  check(_, call) {
    checkRank(call);
  },
  outputShapes(options, call) {
    // Only the first application looks at the axis.
    if (!call.builtBefore) normalizedSize(options, call);
    return [call.shape];
  },
  weights(options, call) {
    const shape = [normalizedSize(options, call)];
    const weight = (name: string, key: string, trainable: boolean): WeightSpec => ({
      name,
      shape,
      trainable,
      initializer: options.initializers[key],
    });
    return [
      ...(known(options.scale) ? [weight('gamma', 'gammaInitializer', true)] : []),
      ...(known(options.center) ? [weight('beta', 'betaInitializer', true)] : []),
      weight('moving_mean', 'movingMeanInitializer', false),
      weight('moving_variance', 'movingVarianceInitializer', false),
    ];
  },
  window: () => pointwise,
  built(options, shape) {
    const axis = known(options.axis);
    const at = axis >= 0 ? axis : axis + shape.length;
    return { rank: shape.length, axes: new Map([[at, shape[at] as Dim]]) };
  },
});

function normalizedSize({ axis }: BatchNormalizationOptions, call: Call): Dim {
  const shape = call.shape;
  const at = known(axis) >= 0 ? known(axis) : known(axis) + shape.length;
  const size = shape[at];
  if (size == null) {
    call.reject(
      'undefined-size',
      size === undefined
        ? `batchNormalization has \`axis\` ${known(axis)}, but its input ${formatShape(shape, { batch: false })} has only the axes 0 (the batch) to ${shape.length - 1}.`
        : `batchNormalization needs a fixed size along axis ${at} of its input, but it is open. Give it one where the model's input is declared.`,
    );
  }
  return size;
}

interface LayerNormalizationOptions {
  axis: number[] | Lost;
  center: boolean | Lost;
  scale: boolean | Lost;
  initializers: Record<string, InitializerUse>;
}

/** Mirrors LayerNormalization. */
const layerNormalization = defineRule<LayerNormalizationOptions>({
  className: 'LayerNormalization',
  factories: ['layerNormalization'],
  kind: 'normalization',
  inputs: 'one',
  read(reader) {
    const value = reader.value('axis') ?? -1;
    reader.regularizer('betaRegularizer', 'gammaRegularizer');
    const list: ConfigValue[] = Array.isArray(value) ? value : [value];
    const uncertain = list.find(
      (axis) => axis instanceof Unknown || (typeof axis === 'object' && axis !== null),
    );
    const axis =
      uncertain !== undefined
        ? new Lost(`\`axis\` is ${formatValue(value)}`)
        : list.every(Number.isInteger)
          ? (list as number[])
          : reader.reject(
              'invalid-argument',
              `\`axis\` of layerNormalization must be a whole number or a list of them, but is ${formatValue(value)}.`,
            );
    return {
      axis,
      center: reader.flag('center', true),
      scale: reader.flag('scale', true),
      initializers: reader.initializers({ betaInitializer: 'zeros', gammaInitializer: 'ones' }),
    };
  },
  check(options, call) {
    if (!call.builtBefore) normalizedShape(options, call);
    checkRank(call);
  },
  outputShapes: (_, call) => [call.shape],
  weights(options, call) {
    const shape = normalizedShape(options, call);
    const weight = (name: string, key: string): WeightSpec => ({
      name,
      shape,
      trainable: true,
      initializer: options.initializers[key],
    });
    return [
      ...(known(options.scale) ? [weight('gamma', 'gammaInitializer')] : []),
      ...(known(options.center) ? [weight('beta', 'betaInitializer')] : []),
    ];
  },
  window: () => pointwise,
});

/** Mirrors LayerNormalization.build: the axes resolved and checked. */
function normalizedShape({ axis }: LayerNormalizationOptions, call: Call): Shape {
  const shape = call.shape;
  const rank = shape.length;
  const axes = known(axis).map((at) => (at < 0 ? at + rank : at));
  const outside = axes.findIndex((at) => at < 0 || at >= rank);
  if (outside >= 0) {
    call.reject(
      'invalid-argument',
      `layerNormalization has \`axis\` ${known(axis)[outside]}, but its input ${formatShape(shape, { batch: false })} has only the axes 0 (the batch) to ${rank - 1}.`,
    );
  }
  if (new Set(axes).size !== axes.length) {
    call.reject(
      'invalid-argument',
      `\`axis\` of layerNormalization names an axis twice: ${formatValue(known(axis))}.`,
    );
  }
  return axes.map((at) => shape[at] as Dim);
}

export const normalizationRules: LayerRule[] = [batchNormalization, layerNormalization];
