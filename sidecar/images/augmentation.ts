/**
 * Changes pictures at random, so that the network learns what does not matter. How a picture is changed depends on the
 * seed and on which picture it is alone: not on the order in which pictures are read.
 */
import type { Augmentation } from '../../protocol/sidecar';
import { mulberry32 } from '../training/seededRandom';

export interface Augmenter {
  options: Augmentation;
  /** Another one for each epoch. */
  seed: number;
}

interface Size {
  width: number;
  height: number;
  channels: number;
}

/**
 * Changes one picture where it stands.
 * @param pixels Bytes [height, width, channel]; overwritten.
 * @param index The picture's number within its part.
 */
export function augmentPicture(
  pixels: Uint8Array,
  size: Size,
  { options, seed }: Augmenter,
  index: number,
): void {
  const random = mulberry32(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
  const within = (reach: number) => (2 * random() - 1) * reach;
  const { shift = 0, rotation = 0, zoom = 0, brightness = 0, horizontalFlip = false } = options;
  const right = wholePixels(shift * size.width, random);
  const down = wholePixels(shift * size.height, random);
  const angle = (within(rotation) * Math.PI) / 180;
  // Enlarging and shrinking by the same factor are equally likely.
  const factor = (1 + zoom) ** within(1);
  const mirrored = horizontalFlip && random() < 0.5;
  if (right !== 0 || down !== 0 || angle !== 0 || factor !== 1 || mirrored)
    transform(pixels, size, { right, down, angle, factor, mirrored });
  if (brightness > 0) brighten(pixels, 1 + within(brightness));
}

/** A whole number from −⌊reach⌋ to ⌊reach⌋. */
function wholePixels(reach: number, random: () => number): number {
  const most = Math.floor(reach);
  return Math.floor(random() * (2 * most + 1)) - most;
}

/** Turned and scaled about the middle, mirrored, then moved; bilinear; beyond its edge the picture goes on as its edge. */
function transform(
  pixels: Uint8Array,
  { width, height, channels }: Size,
  {
    right,
    down,
    angle,
    factor,
    mirrored,
  }: { right: number; down: number; angle: number; factor: number; mirrored: boolean },
): void {
  const source = pixels.slice();
  const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
  const [cosine, sine] = [Math.cos(angle) / factor, Math.sin(angle) / factor];
  const clampX = (x: number) => Math.min(Math.max(x, 0), width - 1);
  const clampY = (y: number) => Math.min(Math.max(y, 0), height - 1);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      // Where this pixel comes from.
      const fromMiddleX = (mirrored ? -1 : 1) * (x - right - middleX);
      const fromMiddleY = y - down - middleY;
      const sourceX = clampX(cosine * fromMiddleX + sine * fromMiddleY + middleX);
      const sourceY = clampY(cosine * fromMiddleY - sine * fromMiddleX + middleY);
      const [left, top] = [Math.floor(sourceX), Math.floor(sourceY)];
      const [shareX, shareY] = [sourceX - left, sourceY - top];
      const nextX = left + 1 < width ? channels : 0;
      const nextY = top + 1 < height ? width * channels : 0;
      for (let c = 0; c < channels; c++) {
        const at = (top * width + left) * channels + c;
        const upper = (source[at] ?? 0) * (1 - shareX) + (source[at + nextX] ?? 0) * shareX;
        const lower = (source[at + nextY] ?? 0) * (1 - shareX) + (source[at + nextY + nextX] ?? 0) * shareX;
        pixels[(y * width + x) * channels + c] = Math.round(upper * (1 - shareY) + lower * shareY);
      }
    }
  }
}

function brighten(pixels: Uint8Array, factor: number): void {
  for (let i = 0; i < pixels.length; i++) pixels[i] = Math.min(255, Math.round((pixels[i] ?? 0) * factor));
}
