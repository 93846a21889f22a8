/**
 * Preprocessing layers. Mirrors tfjs-layers layers/preprocessing/*. Several report a shape that is not the one they
 * compute; Layerwise shows what tfjs reports, since later layers are built on it, and warns.
 */
import { type Dim, equalDims, formatDim, formatShape, type Quantity, type Shape } from '../dims';
import { type ConfigReader, formatValue, known, Lost, LostSignal } from './config';
import { type Call, defineRule, pointwise } from './define';
import { type ConfigValue, type LayerRule, Unknown } from './rule';

/** Mirrors Rescaling. */
const rescaling = defineRule({
  className: 'Rescaling',
  readsBlindly: 'scale',
  factories: ['rescaling'],
  kind: 'preprocessing',
  inputs: 'any',
  read: () => ({}),
  outputShapes: (_, call) => call.shapes,
  window: () => pointwise,
});

interface SizeOptions {
  height: Quantity | Lost;
  width: Quantity | Lost;
}

function readSize(reader: ConfigReader): SizeOptions {
  const read = (key: string) => {
    if (reader.has(key)) return reader.size(key, 0);
    const message = `${reader.factory} needs \`${key}\`, a number of pixels; without it tfjs computes nothing useful.`;
    reader.error('missing-argument', message, 'predict');
    return new Lost(message);
  };
  return { height: read('height'), width: read('width') };
}

/** Mirrors CenterCrop. */
const centerCrop = defineRule<SizeOptions>({
  className: 'CenterCrop',
  readsBlindly: 'height',
  factories: ['centerCrop'],
  kind: 'preprocessing',
  inputs: 'one',
  read: readSize,
  check(_, call) {
    if (call.shape.length < 3) {
      call.failsAtPredict(
        'rank-mismatch',
        `centerCrop takes images, height×width×channels, but its input is ${formatShape(call.shape, { batch: false })}.`,
      );
      return;
    }
    warnOfChangedInput(call);
  },
  outputShapes({ height, width }, call) {
    const shape = [...call.shape];
    if (shape.length < 3) throw new LostSignal(new Lost('its input is not an image'));
    shape[shape.length - 3] = known(height);
    shape[shape.length - 2] = known(width);
    return [shape];
  },
});

/** CenterCrop and CategoryEncoding write into the input tensor's own shape. */
function warnOfChangedInput(call: Call): void {
  call.warn(
    'input-shape-changed',
    `tfjs overwrites the shape of the tensor ${call.factory} is applied to with the output's: other layers applied to the same tensor, and the model's own input, then report the wrong shape.`,
  );
}

/** Mirrors Resizing, whose computeOutputShape forgets the batch. */
const resizing = defineRule<SizeOptions>({
  className: 'Resizing',
  readsBlindly: 'height',
  factories: ['resizing'],
  kind: 'preprocessing',
  inputs: 'one',
  read(reader) {
    readInterpolation(reader);
    return readSize(reader);
  },
  check: (_, call) => checkImage(call),
  outputShapes({ height, width }, call) {
    return [[known(height), known(width), thirdSize(call)]];
  },
});

function checkImage(call: Call): void {
  if (call.shape.length < 3) {
    call.failsAtPredict(
      'rank-mismatch',
      `${call.factory} takes images, height×width×channels, but its input is ${formatShape(call.shape, { batch: false })}.`,
    );
    return;
  }
  call.warn(
    'reported-shape',
    `tfjs reports the shape of ${call.factory} without the batch, so what follows is built for the wrong sizes. Prepare the images before the model instead.`,
  );
}

function thirdSize(call: Call): Dim {
  const size = call.shape[2];
  if (size === undefined) throw new LostSignal(new Lost('its input is not an image'));
  return size;
}

function readInterpolation(reader: ConfigReader): void {
  const value = reader.value('interpolation');
  if (!value || value instanceof Unknown || value === 'bilinear' || value === 'nearest') return;
  reader.error(
    'unknown-interpolation',
    `\`interpolation\` of ${reader.factory} must be 'bilinear' or 'nearest', but is ${formatValue(value)}.`,
  );
}

/** Mirrors RandomWidth and RandomHeight: neither size is known before data comes. */
function randomSizeRule(className: string, factories: string[], shape: (channels: Dim) => Shape): LayerRule {
  return defineRule({
    className,
    factories,
    kind: 'preprocessing',
    inputs: 'one',
    read(reader) {
      readFactor(reader);
      readInterpolation(reader);
      return {};
    },
    check: (_, call) => checkImage(call),
    outputShapes: (_, call) => [shape(thirdSize(call))],
  });
}

function readFactor(reader: ConfigReader): void {
  const value = reader.value('factor');
  if (value instanceof Unknown || (Array.isArray(value) && value.some((item) => item instanceof Unknown)))
    return;
  const wanted = factorDemand(value);
  if (!wanted) return;
  reader.error(
    'invalid-argument',
    `\`factor\` of ${reader.factory} must ${wanted}, but is ${formatValue(value)}.`,
  );
}

/** What the factor ought to be; null when it is. Mirrors the RandomWidth constructor. */
function factorDemand(value: ConfigValue): string | null {
  const bounds =
    Array.isArray(value) && value.length === 2
      ? (value as number[])
      : typeof value === 'number' && value > 0
        ? [-value, value]
        : null;
  if (!bounds) return 'be a number above 0 or a list of two numbers';
  const [lower, upper] = bounds as [number, number];
  if (lower < -1 || upper < -1) return 'not go below −1';
  return upper < lower ? 'have its lower bound first' : null;
}

interface CategoryOptions {
  numTokens: Quantity | Lost;
  outputMode: string | Lost;
}

/** Mirrors CategoryEncoding. */
const categoryEncoding = defineRule<CategoryOptions>({
  className: 'CategoryEncoding',
  readsBlindly: 'numTokens',
  factories: ['categoryEncoding'],
  kind: 'preprocessing',
  inputs: 'one',
  read(reader) {
    const mode = reader.value('outputMode');
    const message = 'categoryEncoding needs `numTokens`, the number of categories.';
    if (!reader.has('numTokens')) {
      reader.error('missing-argument', `${message} tfjs throws when data comes.`, 'predict');
    }
    return {
      numTokens: reader.size('numTokens', new Lost(message)),
      outputMode:
        mode instanceof Unknown
          ? new Lost(`\`outputMode\` is not known: ${mode.reason}`, mode.at)
          : typeof mode === 'string' && mode !== ''
            ? mode
            : 'multiHot',
    };
  },
  check(_, call) {
    warnOfChangedInput(call);
  },
  outputShapes({ numTokens, outputMode }, call) {
    const shape = [...call.shape];
    const size = known(numTokens);
    if (known(outputMode) === 'oneHot') {
      const last = shape.at(-1) as Dim;
      const one = last === null ? false : equalDims(last, 1);
      if (one === 'unknown') {
        throw new LostSignal(new Lost(`it is not known whether ${formatDim(last)} is 1`));
      }
      if (!one) return [[...shape, size]];
    }
    shape[shape.length - 1] = size;
    return [shape];
  },
});

export const preprocessingRules: LayerRule[] = [
  rescaling,
  centerCrop,
  resizing,
  categoryEncoding,
  randomSizeRule('RandomWidth', ['randomWidth'], (channels) => [null, -1, channels]),
  randomSizeRule('RandomHeight', [], (channels) => [-1, null, channels]),
];
