/** Poolings. Mirrors tfjs-layers layers/pooling.ts. */
import type { Dim, Quantity } from '../dims';
import { type ConfigReader, formatValue, known, Lost, plural } from './config';
import { defineRule } from './define';
import type { LayerRule } from './rule';
import {
  axesOf,
  channelAxis,
  convOutputLength,
  type DataFormat,
  deriveLengths,
  lengthsOf,
  type SpatialAxis,
  spatialShape,
  spatialWindow,
  warnOfLargeKernel,
} from './spatial';

interface PoolingOptions {
  rank: number;
  poolSize: Quantity[] | Lost;
  strides: Quantity[] | Lost;
  padding: 'valid' | 'same' | 'causal' | Lost;
  dataFormat: DataFormat | Lost;
}

/** A positive number or a list of them; `assertPositiveInteger` of every element. */
function readSizes(
  reader: ConfigReader,
  key: string,
  rank: number,
  strictLength: boolean,
): Quantity[] | Lost {
  const value = reader.value(key);
  if (!Array.isArray(value)) {
    const sizes = reader.tuple(key, rank);
    if (sizes instanceof Lost) return sizes;
    return reader.integers(key, sizes, true);
  }
  if (value.length === 0) {
    return reader.reject('invalid-argument', `\`${key}\` of ${reader.factory} must not be empty.`);
  }
  const sizes = reader.integers(key, value, true);
  if (value.length === rank || sizes instanceof Lost) return sizes;
  const message = `\`${key}\` of ${reader.factory} must be a number or a list of ${plural(rank, 'number')}, but is ${formatValue(value)}.`;
  if (strictLength) return reader.reject('invalid-argument', message);
  // Pooling2D and Pooling3D do not look at the length of poolSize: what is too much is ignored, what is missing gives NaN.
  if (value.length > rank) return sizes.slice(0, rank);
  reader.error('invalid-argument', `${message} tfjs throws when data comes.`, 'predict');
  return new Lost(message);
}

function readPooling(reader: ConfigReader, rank: number): PoolingOptions {
  const poolSize = reader.has('poolSize')
    ? readSizes(reader, 'poolSize', rank, rank === 1)
    : Array<Quantity>(rank).fill(2);
  return {
    rank,
    poolSize,
    strides: reader.has('strides') ? readSizes(reader, 'strides', rank, true) : poolSize,
    padding: reader.padding(),
    dataFormat: rank === 1 ? 'channelsLast' : reader.dataFormat(),
  };
}

function poolingRule(rank: number, className: string, factories: string[]): LayerRule {
  const axes = (options: PoolingOptions): SpatialAxis[] =>
    axesOf(options.poolSize, options.strides, Array<Quantity>(rank).fill(1));
  return defineRule<PoolingOptions>({
    className,
    factories,
    readsBlindly: 'poolSize',
    kind: 'pooling',
    inputs: 'one',
    rank: { exactly: rank + 2 },
    read: (reader) => readPooling(reader, rank),
    check(options, call) {
      const lengths = lengthsOf(call.shape, rank, known(options.dataFormat));
      warnOfLargeKernel(call, 'pool', lengths, axes(options), known(options.padding));
    },
    outputShapes(options, call) {
      const dataFormat = known(options.dataFormat);
      const padding = known(options.padding);
      const lengths = lengthsOf(call.shape, rank, dataFormat);
      const channels = call.shape[channelAxis(rank, dataFormat)] as Dim;
      const strides = known(options.strides);
      const spans: SpatialAxis[] =
        padding === 'same' ? strides.map((stride) => ({ size: 1, stride, dilation: 1 })) : axes(options);
      const outputs = spans.map((axis, index) => convOutputLength(lengths[index] as Dim, axis, padding));
      return [spatialShape(call.shape[0] as Dim, outputs, channels, dataFormat)];
    },
    window: (options, call) =>
      spatialWindow(
        options.dataFormat,
        lengthsOf(call.shape, rank, known(options.dataFormat)),
        axes(options),
        known(options.padding),
      ),
    derivation: (options, call) =>
      deriveLengths(
        lengthsOf(call.shape, rank, known(options.dataFormat)),
        axes(options),
        known(options.padding),
      ),
  });
}

/** Mirrors GlobalPooling1D and GlobalPooling2D. */
function globalPoolingRule(rank: number, className: string, factories: string[]): LayerRule {
  return defineRule<{ dataFormat: DataFormat | Lost }>({
    className,
    factories,
    ...(rank === 2 ? { readsBlindly: 'dataFormat' } : {}),
    kind: 'pooling',
    inputs: 'one',
    rank: { exactly: rank + 2 },
    read: (reader) => ({ dataFormat: rank === 1 ? 'channelsLast' : reader.dataFormat() }),
    outputShapes({ dataFormat }, call) {
      return [[call.shape[0] as Dim, call.shape[channelAxis(rank, known(dataFormat))] as Dim]];
    },
    window: ({ dataFormat }) => ({ kind: 'global', channelsFirst: known(dataFormat) === 'channelsFirst' }),
  });
}

export const poolingRules: LayerRule[] = [
  poolingRule(1, 'MaxPooling1D', ['maxPooling1d', 'maxPool1d']),
  poolingRule(2, 'MaxPooling2D', ['maxPooling2d', 'maxPool2d']),
  poolingRule(3, 'MaxPooling3D', ['maxPooling3d']),
  poolingRule(1, 'AveragePooling1D', ['averagePooling1d', 'avgPool1d', 'avgPooling1d']),
  poolingRule(2, 'AveragePooling2D', ['averagePooling2d', 'avgPool2d', 'avgPooling2d']),
  poolingRule(3, 'AveragePooling3D', ['averagePooling3d', 'avgPool3d', 'avgPooling3d']),
  globalPoolingRule(1, 'GlobalMaxPooling1D', ['globalMaxPooling1d', 'globalMaxPool1d']),
  globalPoolingRule(2, 'GlobalMaxPooling2D', ['globalMaxPooling2d', 'globalMaxPool2d']),
  globalPoolingRule(1, 'GlobalAveragePooling1D', ['globalAveragePooling1d']),
  globalPoolingRule(2, 'GlobalAveragePooling2D', ['globalAveragePooling2d']),
];
