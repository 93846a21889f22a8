/**
 * A model's scale and offset as people know them: (v/255 − mean) / deviation, perhaps of the inverted picture. Pure.
 */
import {
  type EncodingPreset,
  encodingPresets,
  type InputEncoding,
  type PerChannel,
} from '../../../protocol/sidecar';

export interface Normalization {
  /** What pixel values are divided by first. */
  divisor: 1 | 255;
  /** One for all channels, or one each for red, green and blue. */
  mean: number[];
  deviation: number[];
  /** 255 − v is taken instead of v. */
  inverted: boolean;
}

type Scaling = Pick<InputEncoding, 'scale' | 'offset'>;

/** An inverted picture's values fall as the pixel's rise. */
export function normalizationOf(scaling: Scaling): Normalization {
  const count = Math.max([scaling.scale].flat().length, [scaling.offset].flat().length);
  let scales = Array.from({ length: count }, (_, channel) => ofChannel(scaling.scale, channel));
  let offsets = Array.from({ length: count }, (_, channel) => ofChannel(scaling.offset, channel));
  const inverted = scales.every((scale) => scale < 0);
  if (inverted) {
    offsets = offsets.map((offset, channel) => offset + 255 * scales[channel]!);
    scales = scales.map((scale) => -scale);
  }
  const divisor = scales.every((scale) => scale >= 0.5) ? 1 : 255;
  const deviation = scales.map((scale) => rounded(1 / (scale * divisor)));
  const mean = offsets.map((offset, channel) => rounded(-offset / (scales[channel]! * divisor)));
  return { divisor, mean: single(mean), deviation: single(deviation), inverted };
}

export function scalingOf({ divisor, mean, deviation, inverted }: Normalization): Scaling {
  const count = Math.max(mean.length, deviation.length);
  const pairs = Array.from({ length: count }, (_, channel) => {
    const spread = deviation[channel] ?? deviation[0]!;
    const scale = 1 / (divisor * spread);
    const offset = -(mean[channel] ?? mean[0]!) / spread;
    return inverted ? [-scale, 255 * scale + offset] : [scale, offset];
  });
  return {
    scale: perChannel(pairs.map(([scale]) => scale!)),
    offset: perChannel(pairs.map(([, offset]) => offset!)),
  };
}

/** The published way that this is, inverted or not; undefined for one of its own. */
export function presetOf(
  encoding: Pick<InputEncoding, 'scale' | 'offset' | 'channelOrder' | 'channels'>,
): EncodingPreset | undefined {
  const { inverted, ...normalization } = normalizationOf(encoding);
  const upright = inverted ? scalingOf({ ...normalization, inverted: false }) : encoding;
  const channels = encoding.channels;
  return presetsFor(channels).find((name) => {
    const preset: {
      scale: number | readonly number[];
      offset: number | readonly number[];
      channelOrder?: 'bgr';
    } = encodingPresets[name];
    return (
      (preset.channelOrder ?? 'rgb') === (name === 'caffe' ? (encoding.channelOrder ?? 'rgb') : 'rgb') &&
      Array.from({ length: channels }, (_, channel) => channel).every(
        (channel) =>
          isClose(ofChannel(upright.scale, channel), ofChannel(preset.scale, channel)) &&
          isClose(ofChannel(upright.offset, channel), ofChannel(preset.offset, channel)),
      )
    );
  });
}

/** Those with a number for each colour mean nothing for a grey picture. */
export function presetsFor(channels: number): EncodingPreset[] {
  return channels === 1 ? ['unit', 'signed', 'raw'] : ['unit', 'signed', 'imagenet', 'caffe', 'raw'];
}

/** `0.485, 0.456, 0.406`. */
export function formatNumbers(numbers: readonly number[]): string {
  return numbers.map((value) => `${rounded(value)}`).join(', ');
}

/** One number, or as many as there are channels; a sentence where it is neither. */
export function parseNumbers(text: string, channels: number, isDivisor: boolean): number[] | string {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== '');
  const numbers = parts.map((part) => Number(part.replace('−', '-')));
  if (numbers.length === 0 || numbers.some((value) => !Number.isFinite(value))) return 'Numbers, please.';
  if (numbers.length !== 1 && numbers.length !== channels) {
    return channels === 1
      ? 'One number, since the picture is grey.'
      : `One number, or ${channels}: red, green, blue.`;
  }
  if (isDivisor && numbers.some((value) => value <= 0)) return 'Greater than 0.';
  return numbers;
}

/** The least and the largest value that the model gets from black and white. */
export function valueRange({ scale, offset }: Scaling, channels: number): [number, number] {
  const ends = Array.from({ length: channels }, (_, channel) => {
    const [factor, start] = [ofChannel(scale, channel), ofChannel(offset, channel)];
    return [start, 255 * factor + start];
  }).flat();
  return [Math.min(...ends), Math.max(...ends)];
}

function ofChannel(value: PerChannel | readonly number[], channel: number): number {
  return typeof value === 'number' ? value : (value[channel] ?? value[0] ?? 0);
}

/** Six digits: what is left of 0.229 after it was divided by and multiplied again. */
function rounded(value: number): number {
  return value === 0 ? 0 : Number(value.toPrecision(6));
}

function single(values: number[]): number[] {
  return values.every((value) => value === values[0]) ? values.slice(0, 1) : values;
}

function perChannel(values: number[]): PerChannel {
  return values.length === 1 ? values[0]! : values;
}

function isClose(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-5 * Math.max(1e-3, Math.abs(a), Math.abs(b));
}
