/** One picture through a network, for its classes alone. */
import type { InputEncoding } from '../../protocol/sidecar';
import { encodePicture } from '../images/encode';
import type { Pixels } from '../images/framing';
import type { Network } from './network';

/** A run's input that is no longer needed, for the next of its size: a new one each time keeps the garbage collector busy. */
let spare: Float32Array | undefined;
/** Larger ones would hold memory that others may need. */
const largestSpare = 1024 * 1024;

/** @returns What the network puts out for the picture, [classes]. @throws SidecarError as `Network.run` */
export async function outputOf(
  network: Network,
  pixels: Pixels,
  encoding: InputEncoding,
): Promise<Float32Array> {
  const fits = spare?.length === pixels.data.length;
  const values = encodePicture(pixels, encoding, fits ? spare : undefined);
  spare = undefined;
  const { output } = await network.run(values, 1, 'none');
  if (values.length <= largestSpare) spare = values;
  return output;
}
