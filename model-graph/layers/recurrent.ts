/**
 * Recurrent layers and their cells. Mirrors tfjs-layers layers/recurrent.ts and layers/convolutional_recurrent.ts.
 */
import {
  add,
  type Dim,
  equalDims,
  formatDim,
  formatShape,
  multiply,
  product,
  type Quantity,
  type Shape,
  sum,
} from '../dims';
import {
  ConfigReader,
  formatValue,
  type InitializerUse,
  isLayerValue,
  known,
  Lost,
  LostSignal,
} from './config';
import { type Call, defineRule, globalWindow, type RuleDefinition, type WeightSpec } from './define';
import { type ConfigValue, type LayerConfig, type LayerRule, Unknown } from './rule';
import { convOutputLength, type DataFormat, type SpatialAxis } from './spatial';

/** What an RNN layer needs of its cell. */
interface Cell {
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

const simple: Gates = { className: 'SimpleRNNCell', factory: 'simpleRNNCell', count: 1, states: 1 };
const gru: Gates = { className: 'GRUCell', factory: 'gruCell', count: 3, states: 1 };
const lstm: Gates = { className: 'LSTMCell', factory: 'lstmCell', count: 4, states: 2 };

/** Mirrors the constructors of SimpleRNNCell, GRUCell and LSTMCell. */
function readGatedCell(reader: ConfigReader, gates: Gates): Cell {
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

interface ConvCell extends Cell {
  filters: Quantity | Lost;
  dataFormat: DataFormat | Lost;
  padding: 'valid' | 'same' | 'causal' | Lost;
  axes: SpatialAxis[] | Lost;
}

/** Mirrors the ConvLSTM2DCell constructor, which defaults with `||`. */
function readConvCell(reader: ConfigReader): ConvCell {
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

const cellReaders = new Map<string, (reader: ConfigReader) => Cell>([
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

function cellFromList(reader: ConfigReader, values: readonly ConfigValue[]): Cell {
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

function lostCell(lost: Lost): Cell {
  const fail = (): never => {
    throw new LostSignal(lost);
  };
  return { stateSize: lost, weights: fail, multiplyAccumulates: fail };
}

function cellFromValue(reader: ConfigReader, value: ConfigValue): Cell {
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

interface RecurrentOptions {
  cell: Cell;
  returnSequences: boolean | Lost;
  returnState: boolean | Lost;
  stateful: boolean | Lost;
}

/** Mirrors the RNN constructor. */
function readRecurrent(reader: ConfigReader, cell: Cell): RecurrentOptions {
  return {
    cell,
    returnSequences: reader.flag('returnSequences', false),
    returnState: reader.flag('returnState', false),
    stateful: reader.flag('stateful', false),
  };
}

/** One step's input: the sequence's shape without the time. */
function stepShape(call: Call): Shape {
  return [call.shape[0] as Dim, ...call.shape.slice(2)];
}

/** Mirrors RNN.build and resetStates: a stateful layer must know its batch size. */
function checkStateful({ stateful }: RecurrentOptions, call: Call): void {
  if (stateful !== true || call.shape[0] !== null) return;
  call.reject(
    'stateful-batch-size',
    `A stateful ${call.factory} must know its batch size. Give the model's input \`batchInputShape\` (or tf.input a \`batchShape\`) with a number first.`,
  );
}

/** Mirrors RNN.apply and build for an initial state passed along with the input. */
function checkInitialState(cell: Cell, states: readonly (Shape | null)[], call: Call): void {
  if (states.length === 0 || cell.stateSize instanceof Lost || cell.hasUnknownStates) return;
  const sizes = cell.stateSize;
  if (states.length !== sizes.length) {
    call.reject(
      'input-count',
      `${call.factory} keeps ${sizes.length === 1 ? '1 state' : `${sizes.length} states`}, but is given ${states.length} to start with.`,
    );
  }
  for (const [index, state] of states.entries()) {
    const size = sizes[index] as Quantity;
    const actual = state?.at(-1);
    if (!state || (actual != null && equalDims(size, actual) !== false)) continue;
    call.reject(
      'shape-mismatch',
      `The initial state ${index} of ${call.factory} must have the size ${formatDim(size)}, but is ${formatShape(state, { batch: false })}.`,
    );
  }
}

function recurrentDefinition(
  className: string,
  factory: string,
  readCell: (reader: ConfigReader) => Cell,
): RuleDefinition<RecurrentOptions> {
  return {
    className,
    factories: [factory],
    kind: 'recurrent',
    inputs: 'rnn',
    rank: { exactly: 3 },
    read: (reader) => readRecurrent(reader, readCell(reader)),
    check(options, call) {
      if (!call.builtBefore) checkInitialState(options.cell, call.inputs.slice(1), call);
      checkStateful(options, call);
    },
    outputShapes({ cell, returnSequences, returnState }, call) {
      const [batch, time] = call.shape as [Dim, Dim];
      const sizes = known(cell.stateSize);
      const size = sizes[0] as Quantity;
      const output: Shape = known(returnSequences) ? [batch, time, size] : [batch, size];
      if (!known(returnState)) return [output];
      if (cell.hasUnknownStates) throw new LostSignal(new Lost('how many states it returns is not known'));
      return [output, ...sizes.map((state): Shape => [batch, state])];
    },
    weights: ({ cell }, call) => cell.weights(stepShape(call), call),
    multiplyAccumulates: ({ cell }, call) =>
      multiply(call.shape[1] as Dim, cell.multiplyAccumulates(stepShape(call), call)),
    // The last output has seen the whole sequence; of a sequence each has seen another part.
    window: ({ returnSequences }) => (known(returnSequences) ? null : globalWindow),
    built: (options, shape) => ({
      rank: shape.length,
      axes: new Map([
        ...(known(options.stateful) ? [[0, shape[0] as Dim] as [number, Dim]] : []),
        ...shape.slice(2).map((dim, index): [number, Dim] => [index + 2, dim]),
      ]),
    }),
  };
}

/** Mirrors the generic RNN layer. */
const rnn = defineRule(
  recurrentDefinition('RNN', 'rnn', (reader) => {
    const value = reader.value('cell');
    if (value == null) {
      return lostCell(
        reader.reject('missing-argument', 'rnn needs `cell`: a cell or a list of cells to stack.'),
      );
    }
    return Array.isArray(value) ? cellFromList(reader, value) : cellFromValue(reader, value);
  }),
);

interface ConvRecurrentOptions extends RecurrentOptions {
  cell: ConvCell;
}

/** Mirrors ConvRNN2D and ConvLSTM2D. */
const convLstm2d = defineRule<ConvRecurrentOptions>({
  className: 'ConvLSTM2D',
  factories: ['convLstm2d'],
  kind: 'recurrent',
  inputs: 'rnn',
  rank: { exactly: 5 },
  read(reader) {
    const unroll = reader.value('unroll');
    if (unroll && !(unroll instanceof Unknown)) {
      reader.error('not-implemented', 'tfjs cannot unroll convLstm2d. Leave `unroll` out.');
    }
    const cell = readConvCell(reader);
    return { ...readRecurrent(reader, cell), cell };
  },
  check(options, call) {
    if (!call.builtBefore) checkInitialState(options.cell, call.inputs.slice(1), call);
    checkStateful(options, call);
    if (options.stateful === true) {
      const open = stepOutput(options.cell, call).some(
        (dim) => dim === null || (typeof dim === 'number' && dim < 0),
      );
      if (open) {
        call.reject(
          'undefined-size',
          `A stateful convLstm2d must know the size of its state, but its input is ${formatShape(call.shape, { batch: false })}. Give the sizes where the model's input is declared.`,
        );
      }
    }
    const axes = options.cell.axes instanceof Lost ? [] : options.cell.axes;
    const strides = axes.some(({ stride }) => typeof stride === 'number' && stride > 1);
    if (strides && axes.some(({ dilation }) => typeof dilation === 'number' && dilation > 1)) {
      call.failsAtPredict(
        'strides-and-dilation',
        'convLstm2d cannot have both strides and a dilation rate above 1: tfjs throws when data comes.',
      );
    }
    if (options.cell.padding === 'causal') {
      call.failsAtPredict(
        'unknown-padding',
        "`padding` of convLstm2d must be 'valid' or 'same', but is 'causal'; tfjs throws when data comes.",
      );
    }
    if (call.inputs.length > 1) {
      call.failsAtPredict(
        'not-implemented',
        'tfjs works out a wrong shape for convLstm2d with an initial state. Apply it to the sequence alone.',
      );
    }
  },
  outputShapes({ cell, returnSequences, returnState }, call) {
    if (call.inputs.length > 1)
      throw new LostSignal(new Lost('tfjs cannot give convLstm2d an initial state'));
    const [batch, time] = call.shape as [Dim, Dim];
    const spatial = stepOutput(cell, call);
    const output: Shape = known(returnSequences) ? [batch, time, ...spatial] : [batch, ...spatial];
    const state: Shape = [batch, ...spatial];
    return known(returnState) ? [output, state, [...state]] : [output];
  },
  weights: ({ cell }, call) => cell.weights(stepShape(call), call),
  multiplyAccumulates({ cell }, call) {
    const spatial = stepOutput(cell, call).filter((_, index) =>
      known(cell.dataFormat) === 'channelsFirst' ? index > 0 : index < 2,
    );
    return product([call.shape[1] as Dim, ...spatial, cell.multiplyAccumulates(stepShape(call), call)]);
  },
  built: (options, shape) => ({
    rank: 5,
    axes: new Map([
      ...(known(options.stateful) ? [[0, shape[0] as Dim] as [number, Dim]] : []),
      ...shape.slice(2).map((dim, index): [number, Dim] => [index + 2, dim]),
    ]),
  }),
});

/** Mirrors ConvRNN2D.computeSingleOutputShape, without batch and time. */
function stepOutput(cell: ConvCell, call: Call): Shape {
  const first = known(cell.dataFormat) === 'channelsFirst';
  const axes = known(cell.axes);
  const padding = known(cell.padding);
  const lengths = (first ? [3, 4] : [2, 3]).map((axis, index) =>
    convOutputLength(call.shape[axis] as Dim, axes[index] as SpatialAxis, padding),
  );
  return first ? [known(cell.filters), ...lengths] : [...lengths, known(cell.filters)];
}

/** A cell applied on its own: tfjs builds it and leaves the shape as it is, but cannot compute. */
function cellRule(className: string, factory: string): LayerRule {
  const read = cellReaders.get(className) as (reader: ConfigReader) => Cell;
  const alone = defineRule<Cell>({
    className,
    factories: [factory],
    ...(className === 'StackedRNNCells' ? { readsBlindly: 'cells' } : {}),
    kind: 'recurrent',
    // StackedRNNCells.build reads the first of several shapes; the others want exactly one.
    inputs: className === 'StackedRNNCells' ? 'any' : 'one',
    read,
    check(_, call) {
      call.failsAtPredict(
        'cell-without-rnn',
        `${factory} is one step of a recurrent layer and cannot be applied on its own. Wrap it: tf.layers.rnn({cell: …}).`,
      );
    },
    outputShapes: (_, call) => call.shapes,
    weights: (cell, call) => cell.weights(call.shape, call),
    multiplyAccumulates: (cell, call) => cell.multiplyAccumulates(call.shape, call),
  });
  return {
    ...alone,
    step(config, input) {
      const facts = alone.apply(config, [input]);
      const { stateSize } = read(new ConfigReader(config, factory));
      const isPlain = className !== 'ConvLSTM2DCell' && input.length === 2;
      const size = stateSize instanceof Lost ? undefined : stateSize[0];
      return { ...facts, outputShapes: isPlain && size ? [[input[0] as Dim, size]] : null, problems: [] };
    },
  };
}

export const recurrentRules: LayerRule[] = [
  defineRule(recurrentDefinition('SimpleRNN', 'simpleRNN', (reader) => readGatedCell(reader, simple))),
  defineRule(recurrentDefinition('GRU', 'gru', (reader) => readGatedCell(reader, gru))),
  defineRule(recurrentDefinition('LSTM', 'lstm', (reader) => readGatedCell(reader, lstm))),
  rnn,
  convLstm2d,
  cellRule('SimpleRNNCell', 'simpleRNNCell'),
  cellRule('GRUCell', 'gruCell'),
  cellRule('LSTMCell', 'lstmCell'),
  cellRule('ConvLSTM2DCell', 'convLstm2dCell'),
  cellRule('StackedRNNCells', 'stackedRNNCells'),
];
