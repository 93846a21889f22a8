/** An attribution over the picture: coarse values made as fine as the picture, and their colours. Pure. */
import type { AttributionMethod } from '../../../../protocol/sidecar';
import type { ColorMap } from '../../../shared/colorMaps';

export interface AttributionMap {
  method: AttributionMethod;
  height: number;
  width: number;
  /** Row by row; positive: speaks for the class. */
  values: Float32Array;
  /** Occlusion: side of the square that covers, in pixels of the picture. */
  patch?: number;
}

/** Where on the picture the values lie: the centres of the first and last row or column, in pixels. */
function centres(count: number, size: number, patch: number | undefined): { first: number; step: number } {
  // The square of an occlusion goes from edge to edge; other maps divide the picture into equal cells.
  const margin = patch === undefined ? size / count / 2 : patch / 2;
  return { first: margin, step: count > 1 ? (size - 2 * margin) / (count - 1) : 0 };
}

/** At every pixel of a picture of that size, straight lines between the values; beyond the outer ones, these. */
export function resample(map: AttributionMap, height: number, width: number): Float32Array {
  const fine = new Float32Array(height * width);
  const rows = places(height, map.height, centres(map.height, height, map.patch));
  const columns = places(width, map.width, centres(map.width, width, map.patch));
  for (let y = 0; y < height; y++) {
    const [top, downwards] = rows[y]!;
    const bottom = Math.min(map.height - 1, top + 1);
    for (let x = 0; x < width; x++) {
      const [left, rightwards] = columns[x]!;
      const right = Math.min(map.width - 1, left + 1);
      const at = (row: number, column: number) => map.values[row * map.width + column]!;
      const above = at(top, left) * (1 - rightwards) + at(top, right) * rightwards;
      const below = at(bottom, left) * (1 - rightwards) + at(bottom, right) * rightwards;
      fine[y * width + x] = above * (1 - downwards) + below * downwards;
    }
  }
  return fine;
}

/** For each pixel the value before it, and how far it is to the next, 0 … 1. */
function places(
  size: number,
  count: number,
  { first, step }: { first: number; step: number },
): [number, number][] {
  return Array.from({ length: size }, (_, pixel) => {
    const place = step > 0 ? (pixel + 0.5 - first) / step : 0;
    const clamped = Math.max(0, Math.min(count - 1, place));
    const whole = Math.min(count - 1, Math.floor(clamped));
    return [whole, clamped - whole];
  });
}

/** Where speaking for and against both occur. Grad-CAM leaves out what speaks against. */
export function isSigned(method: AttributionMethod): boolean {
  return method !== 'gradCam';
}

/**
 * What the strongest colour stands for. Single pixels of integrated gradients may be many times as strong as all
 * others, so theirs is the size that one in a hundred exceeds.
 */
export function strongest({ method, values }: AttributionMap): number {
  const sizes = Float32Array.from(values, Math.abs).sort();
  const share = method === 'integratedGradients' ? 0.99 : 1;
  return sizes[Math.max(0, Math.ceil(sizes.length * share) - 1)] ?? 0;
}

/**
 * @param most What the ends of the colours stand for.
 * @param opacity Of the strongest values; weaker ones are fainter, so that the picture is seen where nothing speaks.
 *   Undefined: all opaque.
 */
export function paintOverlay(
  values: Float32Array,
  width: number,
  most: number,
  colors: ColorMap,
  opacity?: number,
): ImageData {
  const image = new ImageData(width, values.length / width);
  for (let i = 0; i < values.length; i++) {
    const share = most > 0 ? Math.max(-1, Math.min(1, values[i]! / most)) : 0;
    const index = Math.round((colors.isDiverging ? (share + 1) / 2 : Math.max(0, share)) * 255) * 4;
    for (let channel = 0; channel < 3; channel++)
      image.data[i * 4 + channel] = colors.bytes[index + channel]!;
    image.data[i * 4 + 3] =
      opacity === undefined ? 255 : Math.round(255 * opacity * Math.sqrt(Math.abs(share)));
  }
  return image;
}

/** How much of what speaks for the class lies in each ninth of the picture, row by row, 0 … 1. */
export function ninths(fine: Float32Array, width: number): number[] {
  const height = fine.length / width;
  const sums = new Array<number>(9).fill(0);
  let total = 0;
  for (const [i, value] of fine.entries()) {
    if (!(value > 0)) continue;
    const row = Math.floor((Math.floor(i / width) / height) * 3);
    sums[row * 3 + Math.floor(((i % width) / width) * 3)]! += value;
    total += value;
  }
  return sums.map((sum) => (total > 0 ? sum / total : 0));
}
