/** Every way to lay a picture out, against its definition. */
import assert from 'node:assert/strict';
import type { InputEncoding } from '../../protocol/sidecar';
import { decodePicture, encodePicture } from '../../sidecar/images/encode';
import { pixelEncoder } from '../../sidecar/images/framing';
import { Random } from '../differential/layerCases';

function example(random: Random): { encoding: InputEncoding; data: Uint8Array } {
  const [width, height] = [random.int(1, 6), random.int(1, 6)];
  const channels = random.pick([1, 3] as const);
  const number = () => 0.01 + 2 * random.next();
  const perChannel = () => (random.chance(0.5) ? number() : Array.from({ length: channels }, number));
  return {
    encoding: {
      width,
      height,
      channels,
      scale: perChannel(),
      offset: perChannel(),
      framing: 'fit',
      ...(random.chance(0.5) ? { layout: 'channelsFirst' } : {}),
      ...(random.chance(0.5) ? { channelOrder: 'bgr' } : {}),
    },
    data: Uint8Array.from({ length: width * height * channels }, () => random.int(0, 255)),
  };
}

function expected(data: Uint8Array, { width, height, channels, ...encoding }: InputEncoding): Float32Array {
  const values = new Float32Array(data.length);
  const of = (value: number | readonly number[], channel: number) =>
    typeof value === 'number' ? value : value[channel]!;
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let channel = 0; channel < channels; channel++) {
      const place = encoding.channelOrder === 'bgr' ? channels - 1 - channel : channel;
      const index =
        encoding.layout === 'channelsFirst' ? place * width * height + pixel : pixel * channels + place;
      values[index] =
        data[pixel * channels + channel]! * of(encoding.scale, channel) + of(encoding.offset, channel);
    }
  }
  return values;
}

describe('encoded pictures', () => {
  it('are v · scale + offset, each at its place, also over another picture’s', () => {
    const used = new Map<number, Float32Array>();
    const random = new Random(3);
    for (let round = 0; round < 1000; round++) {
      const { encoding, data } = example(random);
      const { width, height, channels } = encoding;
      const values = encodePicture({ width, height, channels, data }, encoding);
      assert.deepEqual(values, expected(data, encoding));
      const over = used.get(data.length) ?? new Float32Array(data.length).fill(Number.NaN);
      used.set(data.length, over);
      assert.equal(encodePicture({ width, height, channels, data }, encoding, over), over);
      assert.deepEqual(over, values);
      assert.deepEqual(decodePicture(values, { width, height, channels }, encoding).data, data);
    }
  });

  it('are written from any place of a larger array, and nowhere else', () => {
    for (const start of [0, 3]) {
      const target = new Float32Array(9).fill(-1);
      pixelEncoder(2, 1)(new Uint8Array([1, 2, 3]), target, start);
      assert.deepEqual(
        [...target],
        Array.from({ length: 9 }, (_, i) => (i < start || i > start + 2 ? -1 : (i - start + 1) * 2 + 1)),
      );
    }
  });
});
