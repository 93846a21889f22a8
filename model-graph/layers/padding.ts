/** Padding, cropping and upsampling. Mirrors tfjs-layers layers/padding.ts and the end of layers/convolutional.ts. */
import { add, type Dim, multiply, type Quantity, type Shape, subtract } from '../dims';
import { type ConfigReader, formatValue, known, Lost, unknownSize } from './config';
import { type Call, defineRule } from './define';
import { type ConfigValue, type LayerRule, Unknown } from './rule';
import { axisLines, type DataFormat, equation, lengthsOf, operand, spatialShape } from './spatial';

/** Before and after, for height and width. */
type Margins = [[Quantity, Quantity], [Quantity, Quantity]];

interface MarginOptions {
  margins: Margins | Lost;
  dataFormat: DataFormat | Lost;
}

function sizeOf(value: ConfigValue): Quantity | Lost | undefined {
  if (value instanceof Unknown) {
    return value.type === 'number' ? unknownSize(value) : new Lost(value.reason, value.at);
  }
  return typeof value === 'number' || isQuantity(value) ? (value as Quantity) : undefined;
}

function isQuantity(value: ConfigValue): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && 'terms' in value;
}

/** A number, [height, width], or [[top, bottom], [left, right]]. */
function readMargins(reader: ConfigReader, key: string, value: ConfigValue): Margins | Lost {
  const all = sizeOf(value);
  if (all instanceof Lost) return all;
  if (all !== undefined) {
    return [
      [all, all],
      [all, all],
    ];
  }
  const wrong = `\`${key}\` of ${reader.factory} must be a number, [height, width] or [[top, bottom], [left, right]], but is ${formatValue(value)}.`;
  if (!Array.isArray(value) || value.length !== 2) return reader.reject('invalid-argument', wrong);
  const [height, width] = value;
  const [one, other] = [sizeOf(height), sizeOf(width)];
  if (one instanceof Lost) return one;
  if (other instanceof Lost) return other;
  if (one !== undefined && other !== undefined) {
    return [
      [one, one],
      [other, other],
    ];
  }
  if (!Array.isArray(height) || !Array.isArray(width) || height.length !== 2 || width.length !== 2) {
    return reader.reject('invalid-argument', wrong);
  }
  const sizes = [...height, ...width].map(sizeOf);
  const lost = sizes.find((size) => size instanceof Lost);
  if (lost instanceof Lost) return lost;
  if (sizes.includes(undefined)) {
    reader.error('invalid-argument', `${wrong} tfjs throws when data comes.`, 'predict');
    return new Lost(wrong);
  }
  const [top, bottom, left, right] = sizes as Quantity[] as [Quantity, Quantity, Quantity, Quantity];
  return [
    [top, bottom],
    [left, right],
  ];
}

/** tfjs looks at the data format only when data comes; in the shape anything but 'channelsFirst' puts channels last. */
function readDataFormat(reader: ConfigReader, nullIsDefault: boolean): DataFormat | Lost {
  const value = reader.value('dataFormat');
  if (value === undefined || (value === null && nullIsDefault)) return 'channelsLast';
  if (value instanceof Unknown) return new Lost(`\`dataFormat\` is not known: ${value.reason}`, value.at);
  if (value === 'channelsFirst' || value === 'channelsLast') return value;
  const message = `\`dataFormat\` of ${reader.factory} must be 'channelsFirst' or 'channelsLast', but is ${formatValue(value)}`;
  if (nullIsDefault) {
    reader.error('unknown-data-format', `${message}; tfjs throws when data comes.`, 'predict');
  } else {
    reader.problems.push({
      code: 'unknown-data-format',
      severity: 'warning',
      message: `${message}: tfjs reports the shape as for 'channelsLast', but computes as for 'channelsFirst'.`,
      stage: 'predict',
    });
  }
  return 'channelsLast';
}

function marginRule(
  className: string,
  factory: string,
  read: (reader: ConfigReader) => MarginOptions,
  sign: 1 | -1,
): LayerRule {
  const change = (length: Dim, [before, after]: [Quantity, Quantity]): Dim => {
    if (sign === 1) {
      // Mirrors ZeroPadding2D.computeOutputShape: an open or negative size becomes open.
      if (length === null || (typeof length === 'number' && length < 0)) return null;
      return add(add(length, before), after);
    }
    // Mirrors Cropping2D.computeOutputShape, which subtracts from null as from 0.
    return subtract(subtract(length ?? 0, before), after);
  };
  const outputs = ({ margins, dataFormat }: MarginOptions, call: Call): Dim[] => {
    const lengths = lengthsOf(call.shape, 2, known(dataFormat));
    return lengths.map((length, index) => change(length, known(margins)[index] as [Quantity, Quantity]));
  };
  return defineRule<MarginOptions>({
    className,
    factories: [factory],
    kind: 'reshaping',
    inputs: 'one',
    rank: { exactly: 4 },
    read,
    outputShapes(options, call) {
      const channels = call.shape[known(options.dataFormat) === 'channelsFirst' ? 1 : 3] as Dim;
      return [
        spatialShape(call.shape[0] as Dim, outputs(options, call), channels, known(options.dataFormat)),
      ];
    },
    window({ margins, dataFormat }) {
      return {
        kind: 'window',
        channelsFirst: known(dataFormat) === 'channelsFirst',
        size: [1, 1],
        stride: [1, 1],
        dilation: [1, 1],
        padding: known(margins).map(([before]) => multiply(before, sign)),
      };
    },
    derivation(options, call) {
      const results = outputs(options, call);
      const symbolText = sign === 1 ? '+' : '−';
      return axisLines(
        lengthsOf(call.shape, 2, known(options.dataFormat)).map((length, index) => {
          if (length === null) return null;
          const [before, after] = known(options.margins)[index] as [Quantity, Quantity];
          const left = [length, before, after].map(operand).join(` ${symbolText} `);
          return equation(left, results[index] as Dim);
        }),
      );
    },
  });
}

/** Mirrors ZeroPadding2D. */
const zeroPadding2d = marginRule(
  'ZeroPadding2D',
  'zeroPadding2d',
  (reader) => ({
    margins: readMargins(reader, 'padding', reader.value('padding') ?? 1),
    dataFormat: readDataFormat(reader, true),
  }),
  1,
);

/** Mirrors Cropping2D. */
const cropping2D = marginRule(
  'Cropping2D',
  'cropping2D',
  (reader) => {
    const dataFormat = readDataFormat(reader, false);
    if (!reader.has('cropping')) {
      return {
        margins: reader.reject(
          'missing-argument',
          'cropping2D needs `cropping`: a number, [height, width] or [[top, bottom], [left, right]].',
        ),
        dataFormat,
      };
    }
    return { margins: readCropping(reader), dataFormat };
  },
  -1,
);

/** Cropping2D looks at nothing but the type of the first element. */
function readCropping(reader: ConfigReader): Margins | Lost {
  const value = reader.value('cropping');
  const usable =
    value instanceof Unknown ||
    sizeOf(value) !== undefined ||
    (Array.isArray(value) &&
      value.length >= 2 &&
      value.slice(0, 2).every((item) => !Array.isArray(item) || item.length >= 2));
  const trimmed =
    Array.isArray(value) && usable
      ? value.slice(0, 2).map((item) => (Array.isArray(item) ? item.slice(0, 2) : item))
      : value;
  if (usable) return readMargins(reader, 'cropping', trimmed);
  const message = `\`cropping\` of cropping2D must be a number, [height, width] or [[top, bottom], [left, right]], but is ${formatValue(value)}.`;
  // What tfjs can reach into becomes NaN, anything else throws as the shape is worked out.
  const reachable =
    (typeof value === 'string' && value.length >= 2) ||
    (Array.isArray(value) && (typeof value[0] === 'number' || (value[0] != null && value[1] != null)));
  reader.error('invalid-argument', message, reachable ? 'predict' : 'apply');
  return new Lost(message);
}

interface UpSamplingOptions {
  size: Quantity[] | Lost;
  dataFormat: DataFormat | Lost;
  interpolation: string | Lost;
}

/** Mirrors UpSampling2D. */
const upSampling2d = defineRule<UpSamplingOptions>({
  className: 'UpSampling2D',
  readsBlindly: 'size',
  factories: ['upSampling2d'],
  kind: 'reshaping',
  inputs: 'one',
  rank: { exactly: 4 },
  read(reader) {
    const dataFormat = reader.dataFormat();
    const interpolation = reader.choice(
      'interpolation',
      ['nearest', 'bilinear'],
      'nearest',
      'unknown-interpolation',
    );
    return { size: readUpSampling(reader), dataFormat, interpolation };
  },
  outputShapes({ size, dataFormat }, call) {
    const lengths = lengthsOf(call.shape, 2, known(dataFormat));
    const outputs = lengths.map((length, index) => multiply(length, known(size)[index] as Quantity));
    const channels = call.shape[known(dataFormat) === 'channelsFirst' ? 1 : 3] as Dim;
    return [spatialShape(call.shape[0] as Dim, outputs, channels, known(dataFormat))] as Shape[];
  },
  window({ size, dataFormat, interpolation }) {
    const factor = known(size).filter((one): one is number => typeof one === 'number' && one >= 1);
    // Between cells, a bilinear one sees two of them; on one, that one alone.
    if (factor.length < 2 || known(interpolation) !== 'nearest') return null;
    const channelsFirst = known(dataFormat) === 'channelsFirst';
    return { kind: 'stretch', size: [1, 1], factor, padding: [0, 0], channelsFirst };
  },
  derivation({ size, dataFormat }, call) {
    return axisLines(
      lengthsOf(call.shape, 2, known(dataFormat)).map((length, index) => {
        if (length === null) return null;
        const factor = known(size)[index] as Quantity;
        return equation(`${operand(length)}·${operand(factor)}`, multiply(length, factor));
      }),
    );
  },
});

function readUpSampling(reader: ConfigReader): Quantity[] | Lost {
  const value = reader.value('size');
  if (value == null) return [2, 2];
  if (value instanceof Unknown) return new Lost(value.reason, value.at);
  if (Array.isArray(value) && value.length >= 2) {
    const sizes = value.slice(0, 2).map(sizeOf);
    const lost = sizes.find((size) => size instanceof Lost);
    if (lost instanceof Lost) return lost;
    if (!sizes.includes(undefined)) return sizes as Quantity[];
  }
  // tfjs reads size[0] and size[1] of whatever it gets: a plain number makes the output NaN×NaN.
  const hint = typeof value === 'number' ? ` Write [${value}, ${value}].` : '';
  const message = `\`size\` of upSampling2d must be a list of 2 numbers, but is ${formatValue(value)}: tfjs makes the output size NaN of it.${hint}`;
  reader.error('invalid-argument', message, 'predict');
  return new Lost(message);
}

export const paddingRules: LayerRule[] = [zeroPadding2d, cropping2D, upSampling2d];
