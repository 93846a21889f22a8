/**
 * Occlusion (Zeiler and Fergus, 2014, https://arxiv.org/abs/1311.2901): how much of the class's probability is lost when a
 * square of the picture is covered. Needs no gradients, so it works for every network.
 */
import type { AttributionParams } from '../../protocol/sidecar';
import { SidecarError } from '../errors';
import { encodePicture } from '../images/encode';
import type { AttributionMap } from './gradCam';
import { breathe, type LongWork } from './longWork';
import type { Session } from './sessions';

const batchSize = 16;
/** Places per side at most; each is a run of the network. */
const maximumPlaces = 64;

export async function occlusion(
  session: Session,
  params: AttributionParams,
  work: LongWork,
): Promise<AttributionMap> {
  const { network, pixels, encoding, output } = session;
  const { width, height, channels, data } = pixels;
  const patch = Math.min(params.patch ?? Math.ceil(Math.max(width, height) / 8), width, height);
  const stride = Math.max(1, Math.floor(patch / 2), Math.ceil(Math.max(width, height) / maximumPlaces));
  const rows = placesAlong(height, patch, stride);
  const columns = placesAlong(width, patch, stride);
  const cover = meanColor(data, channels);
  const before = output[params.classIndex] ?? Number.NaN;
  const values = new Float32Array(rows.length * columns.length);
  for (let done = 0; done < values.length; done += batchSize) {
    await breathe(work, done / values.length, `Occlusion: place ${done} of ${values.length}`);
    const count = Math.min(batchSize, values.length - done);
    const batch = new Float32Array(count * data.length);
    for (let i = 0; i < count; i++) {
      const [top, left] = [
        rows[Math.floor((done + i) / columns.length)]!,
        columns[(done + i) % columns.length]!,
      ];
      const covered = Uint8Array.from(data);
      for (let y = top; y < top + patch; y++) {
        for (let x = left; x < left + patch; x++) covered.set(cover, (y * width + x) * channels);
      }
      const place = batch.subarray(i * data.length, (i + 1) * data.length);
      encodePicture({ ...pixels, data: covered }, encoding, place);
    }
    const run = await network.run(batch, count, 'none');
    if (run.output.length !== count * output.length)
      throw new SidecarError('The model puts out a batch of another size.');
    for (let i = 0; i < count; i++)
      values[done + i] = before - (run.output[i * output.length + params.classIndex] ?? 0);
  }
  return {
    height: rows.length,
    width: columns.length,
    values,
    score: before,
    note: `Occlusion: how much the class's output falls when a ${patch}×${patch} square of the picture's mean colour covers the place (${values.length} places).`,
  };
}

/** Where the square begins: evenly from the first to the last place where it fits. */
function placesAlong(size: number, patch: number, stride: number): number[] {
  const last = size - patch;
  const count = Math.ceil(last / stride) + 1;
  return Array.from({ length: count }, (_, i) => (count === 1 ? 0 : Math.round((i * last) / (count - 1))));
}

function meanColor(data: Uint8Array, channels: number): Uint8Array {
  const sums = new Float64Array(channels);
  for (const [i, value] of data.entries()) sums[i % channels]! += value;
  return Uint8Array.from(sums, (sum) => Math.round((sum * channels) / data.length));
}
