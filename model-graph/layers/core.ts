/** Basic layers. Mirrors tfjs-layers layers/core.ts and engine/input_layer.ts. */
import {
  type Dim,
  equalDims,
  floorDivide,
  formatDim,
  formatShape,
  isSymbolic,
  product,
  type Quantity,
  type Shape,
} from '../dims';
import { type ConfigReader, formatValue, known, Lost, unknownSize } from './config';
import { type Call, defineRule, globalWindow, pointwise } from './define';
import { type ConfigValue, type LayerRule, Unknown } from './rule';
import { equation, operand } from './spatial';

/** A shape as it stands in a configuration: numbers, null for an open size, names. */
function readShape(reader: ConfigReader, key: string): Shape | Lost {
  const value = reader.value(key);
  if (value instanceof Unknown) return new Lost(`\`${key}\` is not known: ${value.reason}`, value.at);
  // tfjs writes [batch].concat(value): a bare number stands for a list of one.
  const list: ConfigValue[] = Array.isArray(value) ? value : [value];
  const shape: Shape = [];
  for (const element of list) {
    const dim = element instanceof Unknown ? unknownSize(element) : element;
    if (dim instanceof Lost) return dim;
    if (dim == null) shape.push(null);
    else if (typeof dim === 'number' || isSymbolic(dim)) shape.push(dim);
    else return new Lost(`\`${key}\` holds ${formatValue(element)}, which is not a size`);
  }
  return shape;
}

/** Mirrors the InputLayer constructor. */
const inputLayer = defineRule<{ shape: Shape | Lost }>({
  className: 'InputLayer',
  factories: ['inputLayer', 'input'],
  kind: 'input',
  inputs: 'none',
  ignoresTrainable: true,
  read(reader) {
    const batchKey = reader.has('batchShape') ? 'batchShape' : 'batchInputShape';
    const shapeKey = reader.has('shape') ? 'shape' : 'inputShape';
    // What is not known may be absent: a layer that is given both ways would not come to be.
    const open = [batchKey, shapeKey].map((key) => reader.config[key] instanceof Unknown);
    if (open[0] && open[1]) return { shape: readShape(reader, shapeKey) };
    const hasBatchShape = reader.has(batchKey) && !(open[0] && reader.has(shapeKey));
    const hasShape = reader.has(shapeKey) && !(open[1] && hasBatchShape);
    if (hasBatchShape && hasShape) {
      return {
        shape: reader.reject(
          'invalid-argument',
          `Give an input layer either \`${shapeKey}\` or \`${batchKey}\`, not both.`,
        ),
      };
    }
    if (hasBatchShape) {
      if (reader.has('batchSize') && batchKey === 'batchInputShape') {
        return {
          shape: reader.reject(
            'invalid-argument',
            'An input layer takes no `batchSize` beside `batchInputShape`: the batch size is its first entry.',
          ),
        };
      }
      return { shape: readShape(reader, batchKey) };
    }
    if (!hasShape) {
      return {
        shape: reader.reject(
          'missing-input-shape',
          'An input layer needs `inputShape` (without the batch) or `batchInputShape` (with it).',
        ),
      };
    }
    const shape = readShape(reader, shapeKey);
    if (shape instanceof Lost) return { shape };
    const batch = reader.size('batchSize', new Lost('open'));
    return { shape: [batch instanceof Lost ? null : batch, ...shape] };
  },
  outputShapes: ({ shape }) => [known(shape)],
  window: () => pointwise,
});

/** Mirrors Dense. */
const dense = defineRule({
  className: 'Dense',
  factories: ['dense'],
  kind: 'dense',
  inputs: 'one',
  rank: { atLeast: 2 },
  read(reader) {
    const units = reader.positiveSize('units');
    reader.activation();
    reader.regularizer('kernelRegularizer', 'biasRegularizer', 'activityRegularizer');
    reader.constraint('kernelConstraint', 'biasConstraint');
    return {
      units,
      useBias: reader.flag('useBias', true),
      ...reader.initializers({ kernelInitializer: 'glorotNormal', biasInitializer: 'zeros' }),
    } as {
      units: Quantity | Lost;
      useBias: boolean | Lost;
      kernelInitializer: { className: string | null };
      biasInitializer: { className: string | null };
    };
  },
  outputShapes: ({ units }, call) => [[...call.shape.slice(0, -1), known(units)]],
  weights(options, call) {
    const units = known(options.units);
    const kernel = {
      name: 'kernel',
      shape: [call.shape.at(-1) as Dim, units],
      trainable: true,
      initializer: options.kernelInitializer,
    };
    if (!known(options.useBias)) return [kernel];
    return [kernel, { name: 'bias', shape: [units], trainable: true, initializer: options.biasInitializer }];
  },
  multiplyAccumulates: ({ units }, call) => product([...call.shape.slice(1), known(units)]),
  // On a flat input it sees everything; on more axes it is applied at every position, like a 1×1 convolution.
  window: (_, call) => (call.shape.length === 2 ? globalWindow : pointwise),
  built: (_, shape) => ({ axes: new Map([[-1, shape.at(-1) as Dim]]) }),
});

/** Mirrors Flatten. */
const flatten = defineRule({
  className: 'Flatten',
  factories: ['flatten'],
  kind: 'reshaping',
  inputs: 'one',
  rank: { atLeast: 3 },
  read: () => ({}),
  check(_, call) {
    const open = call.shape.slice(1).includes(null);
    if (!open) return;
    call.reject(
      'undefined-size',
      `flatten needs an input of fixed sizes, but this one is ${formatShape(call.shape, { batch: false })}. Give the open sizes where the model's input is declared, or use a global pooling instead.`,
    );
  },
  outputShapes: (_, call) => [[call.shape[0] as Dim, product(call.shape.slice(1))]],
  window: () => pointwise,
  derivation(_, call) {
    const factors = call.shape.slice(1);
    return [equation(factors.map(operand).join('·'), product(factors))];
  },
});

/** Mirrors RepeatVector. */
const repeatVector = defineRule<{ n: Quantity | Lost }>({
  className: 'RepeatVector',
  readsBlindly: 'n',
  factories: ['repeatVector'],
  kind: 'reshaping',
  inputs: 'one',
  rank: { exactly: 2 },
  read(reader) {
    if (reader.has('n')) return { n: reader.size('n', 0) };
    reader.error(
      'missing-argument',
      'repeatVector needs `n`, how often to repeat; tfjs throws when data comes.',
      'predict',
    );
    return { n: new Lost('`n` is missing') };
  },
  outputShapes({ n }, call) {
    return [[call.shape[0] as Dim, known(n), call.shape[1] as Dim]];
  },
  window: () => pointwise,
});

/** Mirrors Reshape. */
const reshape = defineRule<{ target: Shape | Lost }>({
  className: 'Reshape',
  factories: ['reshape'],
  kind: 'reshaping',
  inputs: 'one',
  read(reader) {
    const value = reader.value('targetShape');
    if (value == null) {
      return {
        target: reader.reject(
          'missing-argument',
          'reshape needs `targetShape`, a list of sizes without the batch.',
        ),
      };
    }
    if (value instanceof Unknown) {
      return { target: new Lost(`\`targetShape\` is not known: ${value.reason}`, value.at) };
    }
    if (!Array.isArray(value)) {
      return {
        target: reader.reject(
          'invalid-argument',
          `\`targetShape\` of reshape must be a list of sizes, but is ${formatValue(value)}.`,
        ),
      };
    }
    const target: Shape = [];
    for (const element of value) {
      const dim = element instanceof Unknown ? unknownSize(element) : element;
      if (dim instanceof Lost) return { target: dim };
      if (dim == null || (typeof dim === 'number' && dim < 0)) target.push(null);
      else if (typeof dim === 'number' || isSymbolic(dim)) target.push(dim);
      else {
        return {
          target: reader.reject(
            'invalid-argument',
            `\`targetShape\` of reshape must hold sizes, but holds ${formatValue(element)}.`,
          ),
        };
      }
    }
    return { target };
  },
  outputShapes({ target }, call) {
    return [[call.shape[0] as Dim, ...fixUnknownDimension(call, known(target))]];
  },
  window: () => null,
  derivation({ target }, call) {
    const sizes = call.shape.slice(1);
    const result = fixUnknownDimension(call, known(target));
    if (sizes.includes(null) || result.includes(null)) return [];
    return [`${times(sizes)} = ${formatDim(product(sizes))} = ${times(result)}`];
  },
});

function times(sizes: readonly Dim[]): string {
  return sizes.length === 0 ? '1' : sizes.map(operand).join('·');
}

/**
 * Mirrors Reshape.computeOutputShape and fixUnknownDimension. With any open size in the input, the batch included, tfjs
 * gives the target as it is written, −1 as an open size, and checks the product only when data comes.
 */
function fixUnknownDimension(call: Call, target: Shape): Shape {
  const sizes = call.shape.slice(1);
  const open = target.filter((dim) => dim === null).length;
  const deferred = call.shape.some((dim) => dim === null || (typeof dim === 'number' && dim < 0));
  const total = product(sizes);
  const wanted = product(target.filter((dim): dim is Quantity => dim !== null));
  const mismatch = (text: string): void => {
    if (!deferred) call.reject('reshape-product', text);
    if (!call.problems.some((problem) => problem.code === 'reshape-product')) {
      call.failsAtPredict('reshape-product', `${text} tfjs throws when data comes.`);
    }
  };
  const shown = target.map((dim) => (dim === null ? '−1' : formatDim(dim))).join(', ');
  if (open > 1) {
    mismatch(`reshape can work out only one open size, but [${shown}] has ${open}.`);
  } else if (total !== null) {
    const text = `reshape cannot make [${shown}] of ${formatShape(call.shape, { batch: false })}`;
    const count = `${formatDim(total)} values`;
    if (open === 0) {
      if (equalDims(total, wanted) === false) {
        mismatch(
          `${text}: the input has ${count}, the target ${formatDim(wanted)}. Both products must be equal.`,
        );
      }
    } else if (wanted === 0 || (isNumber(total) && isNumber(wanted) && total % wanted !== 0)) {
      mismatch(`${text}: ${count} are not divisible by ${formatDim(wanted)}.`);
    }
  }
  const fixed = product(sizes.filter((dim): dim is Quantity => dim !== null));
  if (total === null && open === 0 && isNumber(fixed) && isNumber(wanted) && wanted % fixed !== 0) {
    mismatch(
      `reshape cannot make [${shown}], ${formatDim(wanted)} values, of ${formatShape(call.shape, { batch: false })}: whatever the open size is, the count is a multiple of ${formatDim(fixed)}.`,
    );
  }
  if (deferred) return target;
  return target.map((dim) => (dim === null ? quotient(total as Quantity, wanted) : dim));
}

function isNumber(value: Dim): value is number {
  return typeof value === 'number';
}

/** total/known, which tfjs has checked to be whole. */
function quotient(total: Quantity, known: Quantity): Quantity {
  return floorDivide(total, known);
}

/** Mirrors Permute. */
const permute = defineRule<{ dims: number[] | Lost }>({
  className: 'Permute',
  factories: ['permute'],
  kind: 'reshaping',
  inputs: 'one',
  rank: ({ dims }) => (dims instanceof Lost ? {} : { exactly: dims.length + 1 }),
  read(reader) {
    const value = reader.value('dims');
    if (value == null) {
      return {
        dims: reader.reject(
          'missing-argument',
          'permute needs `dims`, the order of the axes without the batch: [2, 1], say.',
        ),
      };
    }
    if (value instanceof Unknown)
      return { dims: new Lost(`\`dims\` is not known: ${value.reason}`, value.at) };
    if (!Array.isArray(value)) {
      return {
        dims: reader.reject(
          'invalid-argument',
          `\`dims\` of permute must be a list, but is ${formatValue(value)}.`,
        ),
      };
    }
    const uncertain = value.find((dim) => dim instanceof Unknown || isSymbolic(dim));
    if (uncertain !== undefined) return { dims: new Lost(`\`dims\` holds ${formatValue(uncertain)}`) };
    // tfjs sorts as text, so ten axes or more never pass; nobody has ten axes.
    const sorted = [...value].sort();
    if (sorted.some((dim, index) => dim !== index + 1)) {
      return {
        dims: reader.reject(
          'invalid-argument',
          `\`dims\` of permute must be the numbers 1 to ${value.length} in some order, but is ${formatValue(value)}. Axis 0, the batch, stays where it is.`,
        ),
      };
    }
    return { dims: value as number[] };
  },
  outputShapes({ dims }, call) {
    return [[call.shape[0] as Dim, ...known(dims).map((dim) => call.shape[dim] as Dim)]];
  },
  window: () => null,
});

export const coreRules: LayerRule[] = [inputLayer, dense, flatten, repeatVector, reshape, permute];
