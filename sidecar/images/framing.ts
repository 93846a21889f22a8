/**
 * How pixels become a network's input. The same code serves training and classification, so that a digit the network
 * is asked about looks like the digits it learned from. Pixels are bytes, row by row, channels interleaved.
 */
import type { InputEncoding, PerChannel } from '../../protocol/sidecar';

export interface Pixels {
  width: number;
  height: number;
  channels: number;
  /** Length width · height · channels. */
  data: Uint8Array;
}

/**
 * Grey pixels of a data set's example, in the size and channels of the model's input.
 * @param target Zeros, as many as there will be pixels, to hold them; absent: new ones, or the example's own.
 */
export function fitExample(
  grey: Pixels,
  encoding: Pick<InputEncoding, 'height' | 'width' | 'channels' | 'framing'>,
  target?: Uint8Array,
): Pixels {
  const { height, width, channels, framing } = encoding;
  const isOfSize = grey.width === width && grey.height === height;
  // LeCun et al. 1998, section II.A: the 28×28 digits stand in the middle of a 32×32 field, so that the strokes' ends
  // can appear in the centre of the highest feature detectors' fields.
  const isPadded = framing === 'mnist' && grey.width + 4 === width && grey.height + 4 === height;
  if (isPadded && channels === 1) return padTo(grey, width, height, target);
  const sized = isOfSize ? grey : isPadded ? padTo(grey, width, height) : resample(grey, width, height);
  const fitted = channels === 1 ? sized : repeatChannel(sized, channels);
  if (!target) return fitted;
  target.set(fitted.data);
  return { ...fitted, data: target };
}

/**
 * Writes network input values v · scale + offset into `target` from `start`. Where scale or offset has a number for each
 * channel, as many channels are taken to be interleaved.
 */
export type PixelEncoder = (pixels: Uint8Array, target: Float32Array, start: number) => void;

export function pixelEncoder(scale: PerChannel, offset: PerChannel): PixelEncoder {
  if (typeof scale === 'number' && typeof offset === 'number') {
    return (pixels, target, start) => {
      // Through a view both have the same index, and names of its own the loop keeps at hand: half the time. A view is
      // dearer than none.
      const values = start === 0 ? target : target.subarray(start);
      const count = pixels.length;
      const factor = scale;
      const summand = offset;
      for (let i = 0; i < count; i++) values[i] = pixels[i]! * factor + summand;
    };
  }
  const scales = [scale].flat();
  const offsets = [offset].flat();
  const channels = Math.max(scales.length, offsets.length);
  return (pixels, target, start) => {
    const values = target.subarray(start, start + pixels.length);
    for (let i = 0; i < pixels.length; i++) {
      const channel = i % channels;
      values[i] = pixels[i]! * scales[channel % scales.length]! + offsets[channel % offsets.length]!;
    }
  };
}

/** In the middle of a larger black field. */
export function padTo(
  source: Pixels,
  width: number,
  height: number,
  data: Uint8Array = new Uint8Array(width * height * source.channels),
): Pixels {
  const left = Math.floor((width - source.width) / 2);
  const top = Math.floor((height - source.height) / 2);
  const row = source.width * source.channels;
  for (let y = 0; y < source.height; y++) {
    const to = ((top + y) * width + left) * source.channels;
    // Rows are short: a loop is faster than a view of each.
    for (let i = 0; i < row; i++) data[to + i] = source.data[y * row + i]!;
  }
  return { width, height, channels: source.channels, data };
}

function repeatChannel(source: Pixels, channels: number): Pixels {
  const data = new Uint8Array(source.data.length * channels);
  for (let i = 0; i < source.data.length; i++)
    data.fill(source.data[i] ?? 0, i * channels, (i + 1) * channels);
  return { ...source, channels, data };
}

/** Area average when shrinking, bilinear when enlarging; per axis. Grey pixels only. */
export function resample(source: Pixels, width: number, height: number): Pixels {
  const columns = axisWeights(source.width, width);
  const rows = axisWeights(source.height, height);
  const narrow = new Float32Array(width * source.height);
  for (let y = 0; y < source.height; y++) {
    for (const [x, { first, weights }] of columns.entries()) {
      let sum = 0;
      for (let i = 0; i < weights.length; i++)
        sum += (source.data[y * source.width + first + i] ?? 0) * (weights[i] ?? 0);
      narrow[y * width + x] = sum;
    }
  }
  const data = new Uint8Array(width * height);
  for (const [y, { first, weights }] of rows.entries()) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let i = 0; i < weights.length; i++)
        sum += (narrow[(first + i) * width + x] ?? 0) * (weights[i] ?? 0);
      data[y * width + x] = Math.min(255, Math.max(0, Math.round(sum)));
    }
  }
  return { width, height, channels: 1, data };
}

/** For every target cell, the source cells it averages and with which weights (summing to 1). */
function axisWeights(from: number, to: number): { first: number; weights: number[] }[] {
  const ratio = from / to;
  const reach = Math.max(1, ratio) / 2;
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * ratio;
    if (ratio <= 1) {
      // Bilinear: the two cells whose centres lie around this one.
      const position = Math.min(Math.max(centre - 0.5, 0), from - 1);
      const first = Math.min(Math.floor(position), Math.max(0, from - 2));
      const share = position - first;
      return from === 1 ? { first: 0, weights: [1] } : { first, weights: [1 - share, share] };
    }
    const start = centre - reach;
    const end = centre + reach;
    const first = Math.max(0, Math.floor(start));
    const last = Math.min(from, Math.ceil(end));
    const weights = Array.from(
      { length: last - first },
      (_, k) => (Math.min(end, first + k + 1) - Math.max(start, first + k)) / ratio,
    );
    return { first, weights };
  });
}
