/** Pixels → the very numbers that a network takes. */
import type { EncodingChoice, InputEncoding, PerChannel } from '../../protocol/sidecar';
import { type Pixels, pixelEncoder } from './framing';

/** The model's own encoding with what people chose differently. */
export function withChoice(encoding: InputEncoding, choice: EncodingChoice = {}): InputEncoding {
  const chosen = Object.entries(choice).filter(([, value]) => value !== undefined);
  return { ...encoding, ...(Object.fromEntries(chosen) as EncodingChoice) };
}

/**
 * Network input values v · scale + offset, in the channel order and layout of `encoding`.
 * @param values Where to write them; absent: a new array.
 */
export function encodePicture(
  { width, height, channels, data }: Pixels,
  encoding: InputEncoding,
  values: Float32Array = new Float32Array(width * height * channels),
): Float32Array {
  const { layout, channelOrder, scale, offset } = encoding;
  const isComplete = [scale, offset].every((value) => typeof value === 'number' || value.length === channels);
  if (channels === 1) pixelEncoder(ofChannel(scale, 0), ofChannel(offset, 0))(data, values, 0);
  // Most networks take the pixels in their own order.
  else if (layout !== 'channelsFirst' && channelOrder !== 'bgr' && isComplete)
    pixelEncoder(scale, offset)(data, values, 0);
  else encodeColours(data, values, width * height, encoding);
  return values;
}

/** Red, green and blue of a pixel at once: in a loop of its own each, they take twice the time. */
function encodeColours(
  data: Uint8Array,
  values: Float32Array,
  pixels: number,
  encoding: InputEncoding,
): void {
  const { scale, offset } = encoding;
  const [red, step] = laneOf(0, 3, pixels, encoding);
  const [green] = laneOf(1, 3, pixels, encoding);
  const [blue] = laneOf(2, 3, pixels, encoding);
  const [redScale, greenScale, blueScale] = [ofChannel(scale, 0), ofChannel(scale, 1), ofChannel(scale, 2)];
  const [redOffset, greenOffset, blueOffset] = [
    ofChannel(offset, 0),
    ofChannel(offset, 1),
    ofChannel(offset, 2),
  ];
  for (let from = 0, to = 0; from < 3 * pixels; from += 3, to += step) {
    values[red + to] = data[from]! * redScale + redOffset;
    values[green + to] = data[from + 1]! * greenScale + greenOffset;
    values[blue + to] = data[from + 2]! * blueScale + blueOffset;
  }
}

/** The way back, for pictures that were found by computing: values → pixels 0 … 255, rounded and clipped. */
export function decodePicture(
  values: Float32Array,
  { width, height, channels }: Omit<Pixels, 'data'>,
  encoding: InputEncoding,
): Pixels {
  const pixels = width * height;
  const data = new Uint8Array(pixels * channels);
  for (let channel = 0; channel < channels; channel++) {
    const scale = ofChannel(encoding.scale, channel);
    const offset = ofChannel(encoding.offset, channel);
    const [first, step] = laneOf(channel, channels, pixels, encoding);
    for (let pixel = 0; pixel < pixels; pixel++) {
      const value = ((values[first + pixel * step] ?? 0) - offset) / scale;
      data[pixel * channels + channel] = Math.min(255, Math.max(0, Math.round(value)));
    }
  }
  return { width, height, channels, data };
}

/** Of red, green or blue (0, 1, 2). */
export function ofChannel(value: PerChannel, channel: number): number {
  return typeof value === 'number' ? value : (value[channel] ?? value[0] ?? 0);
}

/** Where among a network's values the channel's first one is, and how far its next one is from it. */
function laneOf(
  channel: number,
  channels: number,
  pixels: number,
  { channelOrder, layout }: InputEncoding,
): [first: number, step: number] {
  const place = channelOrder === 'bgr' ? channels - 1 - channel : channel;
  return layout === 'channelsFirst' ? [place * pixels, 1] : [place, channels];
}

/** E.g. `values v become v/127.5 − 1, channels in the order blue, green, red`. */
export function describeEncoding(encoding: InputEncoding): string {
  const { scale, offset, channels, channelOrder } = encoding;
  const same = typeof scale === 'number' && typeof offset === 'number';
  const formulas = same
    ? formula(scale, offset)
    : Array.from({ length: channels }, (_, channel) => {
        const name = channels === 1 ? '' : `${['red', 'green', 'blue'][channel]} `;
        return `${name}${formula(ofChannel(scale, channel), ofChannel(offset, channel))}`;
      }).join(', ');
  const order = channels === 3 && channelOrder === 'bgr' ? ', channels in the order blue, green, red' : '';
  return `values v become ${formulas}${order}`;
}

function formula(scale: number, offset: number): string {
  const divisor = Math.round((1 / scale) * 10) / 10;
  const factor =
    scale === 1 ? 'v' : Math.abs(1 / scale - divisor) < 1e-9 ? `v/${divisor}` : `v·${short(scale)}`;
  return `${factor}${offset === 0 ? '' : offset < 0 ? ` − ${short(-offset)}` : ` + ${short(offset)}`}`;
}

function short(value: number): string {
  return `${Number(value.toPrecision(4))}`;
}
