/** Recurrent layers. Mirrors tfjs-layers layers/recurrent.ts and layers/convolutional_recurrent.ts. */
import {
  type Dim,
  equalDims,
  formatDim,
  formatShape,
  multiply,
  product,
  type Quantity,
  type Shape,
} from '../dims';
import { ConfigReader, known, Lost, LostSignal } from './config';
import { type Call, defineRule, globalWindow, type RuleDefinition } from './define';
import {
  type Cell,
  type ConvCell,
  cellFromList,
  cellFromValue,
  cellReaders,
  gru,
  lostCell,
  lstm,
  readConvCell,
  readGatedCell,
  simple,
} from './recurrentCells';
import { type LayerRule, Unknown } from './rule';
import { convOutputLength, type SpatialAxis } from './spatial';

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
