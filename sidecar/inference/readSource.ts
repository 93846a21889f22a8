/** Any picture that can be classified → the pixels that the network sees. */
import type { InputEncoding, PictureSource } from '../../protocol/sidecar';
import { readExample } from '../datasets/dataExample';
import { readDescribedPicture } from '../images/decode';
import type { Pixels } from '../images/framing';

/** @throws SidecarError as `readDescribedPicture` and `readExample`. */
export function readSource(
  source: PictureSource,
  encoding: InputEncoding,
): Promise<{ pixels: Pixels; preprocessing: string }> {
  return source.kind === 'example' ? readExample(source, encoding) : readDescribedPicture(source, encoding);
}
