/** The cells of recurrent layers. Mirrors tfjs-layers layers/recurrent.ts and layers/convolutional_recurrent.ts. */
import { add, type Dim, multiply, product, type Quantity, type Shape, sum } from '../dims';
import {
  ConfigReader,
  formatValue,
  type InitializerUse,
  isLayerValue,
  known,
  Lost,
  LostSignal,
} from './config';
import type { Call, WeightSpec } from './define';
import { type ConfigValue, type LayerConfig, Unknown } from './rule';
import type { DataFormat, SpatialAxis } from './spatial';

/** What an RNN layer needs of its cell. */
export interface Cell {
  /** One size per state; the first is the size of the output. Mirrors `cell.stateSize`. */
  stateSize: Quantity[] | Lost;
  /** Of the states only the first is known, which is the size of the output. */
  hasUnknownStates?: boolean;
  /** Mirrors `cell.build(stepInputShape)`. */
  weights(stepInputShape: Shape, call: Call): WeightSpec[];
  /** Multiplications with a weight in one step. */
  multiplyAccumulates(stepInputShape: Shape, call: Call): Dim;
}

interface Gates {
  className: string;
  factory: string;
  /** How many kernels stand side by side. */
  count: number;
  states: number;
}

export const simple: Gates = { className: 'SimpleRNNCell', factory: 'simpleRNNCell', count: 1, states: 1 };
export const gru: Gates = { className: 'GRUCell', factory: 'gruCell', count: 3, states: 1 };
export const lstm: Gates = { className: 'LSTMCell', factory: 'lstmCell', count: 4, states: 2 };

/** Mirrors the constructors of SimpleRNNCell, GRUCell and LSTMCell. */
export function readGatedCell(reader: ConfigReader, gates: Gates): Cell {
  if (gates === gru) {
    const resetAfter = reader.value('resetAfter');
    if (!(resetAfter instanceof Unknown) && resetAfter) {
      reader.error(
        'not-implemented',
        'tfjs does not support `resetAfter`: true in GRU layers. Leave it out, or convert the weights.',
      );
    }
  }
  const units = reader.positiveSize('units');
  const common = readCellOptions(reader, gates !== simple);
  const kernels = (stepInputShape: Shape): [Dim[], Quantity[], Quantity] => {
    const size = known(units);
    const width = multiply(size, gates.count);
    return [[stepInputShape.at(-1) as Dim, width], [size, width], width];
  };
  return {
    stateSize: units instanceof Lost ? units : Array<Quantity>(gates.states).fill(units),
    weights(stepInputShape) {
      const [kernel, recurrent, bias] = kernels(stepInputShape);
      return cellWeights(common, kernel, recurrent, bias);
    },
    multiplyAccumulates(stepInputShape) {
      const [kernel, recurrent] = kernels(stepInputShape);
      return add(product(kernel), product(recurrent));
    },
  };
}

interface CellOptions {
  useBias: boolean | Lost;
  initializers: Record<string, InitializerUse>;
}

function readCellOptions(reader: ConfigReader, gated: boolean): CellOptions {
  reader.activation();
  if (gated) reader.activation('recurrentActivation');
  reader.regularizer('kernelRegularizer', 'recurrentRegularizer', 'biasRegularizer');
  reader.constraint('kernelConstraint', 'recurrentConstraint', 'biasConstraint');
  return {
    useBias: reader.flag('useBias', true),
    initializers: reader.initializers({
      kernelInitializer: 'glorotNormal',
      recurrentInitializer: 'orthogonal',
      biasInitializer: 'zeros',
    }),
  };
}

function cellWeights(
  { useBias, initializers }: CellOptions,
  kernel: Shape,
  recurrent: Shape,
  bias: Quantity,
): WeightSpec[] {
  const weight = (name: string, shape: Shape, key: string): WeightSpec => ({
    name,
    shape,
    trainable: true,
    initializer: initializers[key],
  });
  return [
    weight('kernel', kernel, 'kernelInitializer'),
    weight('recurrent_kernel', recurrent, 'recurrentInitializer'),
    ...(known(useBias) ? [weight('bias', [bias], 'biasInitializer')] : []),
  ];
}

export interface ConvCell extends Cell {
  filters: Quantity | Lost;
  dataFormat: DataFormat | Lost;
  padding: 'valid' | 'same' | 'causal' | Lost;
  axes: SpatialAxis[] | Lost;
}

/** Mirrors the ConvLSTM2DCell constructor, which defaults with `||`. */
export function readConvCell(reader: ConfigReader): ConvCell {
  const filters = reader.positiveSize('filters');
  const common = readCellOptions(reader, true);
  const positive = (key: string, fallback?: number): Quantity[] | Lost => {
    const falsy = fallback !== undefined && !reader.value(key);
    const sizes = falsy ? [fallback, fallback] : reader.tuple(key, 2);
    return sizes instanceof Lost ? sizes : reader.integers(key, sizes, true);
  };
  const kernelSize = positive('kernelSize');
  const strides = positive('strides', 1);
  const padding = reader.value('padding') === '' ? ('valid' as const) : reader.padding();
  const dataFormat = reader.value('dataFormat') === '' ? ('channelsLast' as const) : reader.dataFormat();
  const dilationRate = positive('dilationRate', 1);
  const kernels = (stepInputShape: Shape, call: Call): [Shape, Shape, Quantity] => {
    const axis = known(dataFormat) === 'channelsFirst' ? 1 : stepInputShape.length - 1;
    const channels = stepInputShape[axis] as Dim;
    if (channels == null && call.builtBefore) {
      throw new LostSignal(new Lost('the number of its channels is open'));
    }
    if (channels == null) {
      call.reject(
        'undefined-size',
        `${call.factory} needs to know how many channels its input has, but they are open. Give them a fixed size where the model's input is declared.`,
      );
    }
    const size = known(filters);
    const width = multiply(size, 4);
    return [[...known(kernelSize), channels, width], [...known(kernelSize), size, width], width];
  };
  const lost = [kernelSize, strides, dilationRate].find((value) => value instanceof Lost);
  return {
    filters,
    dataFormat,
    padding,
    axes:
      lost instanceof Lost
        ? lost
        : known(kernelSize).map((size, index) => ({
            size,
            stride: known(strides)[index] as Quantity,
            dilation: known(dilationRate)[index] as Quantity,
          })),
    stateSize: filters instanceof Lost ? filters : [filters, filters],
    weights(stepInputShape, call) {
      const [kernel, recurrent, bias] = kernels(stepInputShape, call);
      return cellWeights(common, kernel, recurrent, bias);
    },
    multiplyAccumulates(stepInputShape, call) {
      const [kernel, recurrent] = kernels(stepInputShape, call);
      return add(product(kernel as Quantity[]), product(recurrent as Quantity[]));
    },
  };
}

/** Mirrors StackedRNNCells: each cell reads what the one before puts out; states in reverse order. */
function stackedCell(cells: (Cell & { trainable?: boolean })[]): Cell {
  const sizes = cells.map((cell) => cell.stateSize);
  const lost = sizes.find((size) => size instanceof Lost);
  const steps = (stepInputShape: Shape): Shape[] =>
    cells.map((_, index) => {
      const before = sizes[index - 1];
      return before === undefined ? stepInputShape : [stepInputShape[0] as Dim, known(before)[0] as Quantity];
    });
  return {
    stateSize: lost instanceof Lost ? lost : sizes.slice().reverse().flatMap(known),
    weights(stepInputShape, call) {
      const inputs = steps(stepInputShape);
      return trainableFirst(
        cells.flatMap((cell, index) =>
          cell
            .weights(inputs[index] as Shape, call)
            .map((weight) => ({ ...weight, name: `RNNCell_${index}/${weight.name}` })),
        ),
      );
    },
    multiplyAccumulates(stepInputShape, call) {
      const inputs = steps(stepInputShape);
      return sum(cells.map((cell, index) => cell.multiplyAccumulates(inputs[index] as Shape, call)));
    },
  };
}

/** Mirrors Layer.weights: the trainable ones, then the others. */
export function trainableFirst<T extends { trainable: boolean }>(weights: readonly T[]): T[] {
  return [...weights.filter((weight) => weight.trainable), ...weights.filter((weight) => !weight.trainable)];
}

/** A cell with its own `trainable: false` taken into account. */
function frozen(cell: Cell, config: LayerConfig): Cell {
  const trainable = config['trainable'];
  if (trainable == null || trainable === true) return cell;
  return {
    ...cell,
    weights(stepInputShape, call) {
      if (trainable instanceof Unknown) {
        throw new LostSignal(new Lost(`\`trainable\` of its cell is not known: ${trainable.reason}`));
      }
      return cell.weights(stepInputShape, call).map((weight) => ({ ...weight, trainable: false }));
    },
  };
}

export const cellReaders = new Map<string, (reader: ConfigReader) => Cell>([
  ['SimpleRNNCell', (reader) => readGatedCell(reader, simple)],
  ['GRUCell', (reader) => readGatedCell(reader, gru)],
  ['LSTMCell', (reader) => readGatedCell(reader, lstm)],
  ['ConvLSTM2DCell', readConvCell],
  ['StackedRNNCells', readStackedCells],
]);

function readStackedCells(reader: ConfigReader): Cell {
  const value = reader.value('cells');
  if (!Array.isArray(value)) {
    const reason =
      value instanceof Unknown ? new Lost(`\`cells\` is not known: ${value.reason}`, value.at) : null;
    if (!reason) {
      reader.error(
        'missing-argument',
        'stackedRNNCells needs `cells`, a list of cells; tfjs throws as soon as they are used.',
        'apply',
      );
    }
    return lostCell(reason ?? new Lost('`cells` is missing'));
  }
  return cellFromList(reader, value);
}

export function cellFromList(reader: ConfigReader, values: readonly ConfigValue[]): Cell {
  return stackedCell(values.map((value) => cellFromValue(reader, value)));
}

/** Cells stacked in a loop of unknown rounds: where they are alike, the last puts out what any of them does. */
function cellsOfUnknownNumber(reader: ConfigReader, list: Unknown, samples: readonly ConfigValue[]): Cell {
  const lost = new Lost(`how many cells it has is not known: ${list.reason}`, list.at);
  const sizes = samples.map((sample) => {
    const { stateSize } = cellFromValue(reader, sample);
    return stateSize instanceof Lost ? undefined : stateSize[0];
  });
  // A size that has a name may be another one in each round.
  const [size] = sizes;
  return typeof size === 'number' && sizes.every((other) => other === size)
    ? { ...lostCell(lost), stateSize: [size], hasUnknownStates: true }
    : lostCell(lost);
}

export function lostCell(lost: Lost): Cell {
  const fail = (): never => {
    throw new LostSignal(lost);
  };
  return { stateSize: lost, weights: fail, multiplyAccumulates: fail };
}

export function cellFromValue(reader: ConfigReader, value: ConfigValue): Cell {
  if (value instanceof Unknown && value.samples) return cellsOfUnknownNumber(reader, value, value.samples);
  if (value instanceof Unknown) return lostCell(new Lost(`its cell is not known: ${value.reason}`, value.at));
  if (!isLayerValue(value)) {
    return lostCell(
      reader.reject(
        'invalid-argument',
        `\`cell\` of ${reader.factory} must be a cell such as tf.layers.lstmCell({units: 8}), but is ${formatValue(value)}.`,
      ),
    );
  }
  const { className, config } = value.layer;
  const read = cellReaders.get(className);
  if (read) {
    // What is wrong with the cell is reported where the cell is made.
    const inner = new ConfigReader(config, className);
    const cell = read(inner);
    const failed = inner.problems.find((problem) => problem.severity === 'error');
    return failed ? lostCell(new Lost(failed.message)) : frozen(cell, config);
  }
  if (value.layer.rule) {
    return lostCell(
      reader.reject(
        'invalid-argument',
        `\`cell\` of ${reader.factory} must be a cell such as tf.layers.lstmCell({units: 8}), but is ${formatValue(value)}: it has no \`stateSize\`.`,
      ),
    );
  }
  return lostCell(new Lost(`the cell ${className} is the program's own`));
}
