/** From a model's input shape: which picture it wants. */
import type { InputEncoding } from '../../protocol/sidecar';
import { SidecarError } from '../errors';

/** Size that is used where the model leaves it open (`inputShape: [null, null, 3]`). */
export interface DefaultSize {
  height: number;
  width: number;
}

/**
 * @param shape The model's input shape, batch first: [null, H, W, C], [null, H, W] or flat [null, H·W·C].
 * @throws SidecarError when no picture can have that shape.
 */
export function pictureSize(
  shape: (number | null)[],
  open: DefaultSize,
  modelName: string,
): Pick<InputEncoding, 'height' | 'width' | 'channels'> {
  const sizes = shape.slice(1);
  const refuse = (why: string, next: string) =>
    new SidecarError(`The model \`${modelName}\` takes input of shape ${formatShape(shape)}, ${why}`, {
      next,
    });
  if (sizes.some((size) => size !== null && size <= 0))
    throw refuse('which holds nothing.', 'Give its sizes, from 1 on.');
  if (sizes.length === 1) {
    const [flat] = sizes;
    for (const channels of [1, 3] as const) {
      const side = Math.sqrt((flat ?? 0) / channels);
      if (flat && Number.isInteger(side)) return { height: side, width: side, channels };
    }
    throw refuse(
      'which is no square picture.',
      'Give it [height, width, channels], or a square number such as 784.',
    );
  }
  if (sizes.length === 2)
    return { height: sizes[0] ?? open.height, width: sizes[1] ?? open.width, channels: 1 };
  if (sizes.length !== 3) throw refuse('which is no picture.', 'A picture is [height, width, channels].');
  const [height, width, channels] = sizes;
  if (channels !== 1 && channels !== 3) {
    throw refuse(
      `with ${channels ?? 'an open number of'} channels; a picture has 1 or 3.`,
      'The channels come last: [height, width, channels].',
    );
  }
  return { height: height ?? open.height, width: width ?? open.width, channels };
}

/** `[28, 28, 1]`, without the batch. */
export function formatShape(shape: (number | null)[]): string {
  return `[${shape.slice(1).join(', ')}]`;
}

/** The tensor shape for a batch of pictures: as the model's input has it, sizes filled in. */
export function batchShape(
  shape: (number | null)[],
  size: Pick<InputEncoding, 'height' | 'width' | 'channels'>,
  batch: number,
): number[] {
  const rank = shape.length;
  if (rank === 2) return [batch, size.height * size.width * size.channels];
  if (rank === 3) return [batch, size.height, size.width];
  return [batch, size.height, size.width, size.channels];
}
