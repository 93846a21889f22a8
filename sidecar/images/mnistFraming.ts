/**
 * Frames a picture of one digit as MNIST's makers did: the strokes bright on black, scaled into 20×20 with their
 * proportions kept, and placed by their centre of mass in the middle of 28×28
 * (http://yann.lecun.com/exdb/mnist/: "The original black and white images … were size normalized to fit in a 20x20
 * pixel box while preserving their aspect ratio").
 */
import { type Pixels, resample } from './framing';

const side = 28;
const box = 20;
/** Share of the strongest stroke below which a pixel counts as background: paper's texture, JPEG's ringing. */
const strokeThreshold = 0.2;

/** Grey pixels in, 28×28 grey pixels out; `steps` says in plain words what was done. */
export function frameDigit(grey: Pixels): { digit: Pixels; steps: string[] } {
  const steps: string[] = [];
  const background = borderMedian(grey);
  let bright: Pixels = grey;
  if (background > 127) {
    bright = { ...grey, data: grey.data.map((value) => 255 - value) };
    steps.push('inverted, since the background is bright');
  }
  if (grey.width === side && grey.height === side) return { digit: bright, steps };

  const level = borderMedian(bright);
  const strongest = bright.data.reduce((most, value) => Math.max(most, value), 0);
  const contrast = strongest - level;
  if (contrast < 16) {
    steps.push('no strokes found: the picture is one flat colour');
    return { digit: resample(bright, side, side), steps };
  }
  // The background becomes 0 and the strongest stroke 255, as in MNIST.
  const floor = level + (level > 0 ? contrast * strokeThreshold : 0);
  if (level > 0 || strongest < 255) steps.push('contrast stretched');
  const stretched = bright.data.map((value) =>
    value <= floor ? 0 : Math.min(255, Math.round(((value - level) / contrast) * 255)),
  );
  const clean: Pixels = { ...bright, data: stretched };

  const strokes = cropToStrokes(clean);
  const scale = box / Math.max(strokes.width, strokes.height);
  const width = Math.max(1, Math.round(strokes.width * scale));
  const height = Math.max(1, Math.round(strokes.height * scale));
  const scaled = resample(strokes, width, height);
  steps.push('cropped to the strokes', `scaled into ${box}×${box}`, `centred by mass in ${side}×${side}`);
  return { digit: centreByMass(scaled), steps };
}

/** The grey level of the picture's edge, where no stroke is expected. */
function borderMedian({ width, height, data }: Pixels): number {
  const border: number[] = [];
  for (let x = 0; x < width; x++) border.push(data[x] ?? 0, data[(height - 1) * width + x] ?? 0);
  for (let y = 0; y < height; y++) border.push(data[y * width] ?? 0, data[y * width + width - 1] ?? 0);
  border.sort((a, b) => a - b);
  return border[border.length >> 1] ?? 0;
}

function cropToStrokes(grey: Pixels): Pixels {
  const { width, height, data } = grey;
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if ((data[y * width + x] ?? 0) <= 255 * strokeThreshold) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  }
  const cropped = new Uint8Array((right - left + 1) * (bottom - top + 1));
  for (let y = top; y <= bottom; y++) {
    cropped.set(data.subarray(y * width + left, y * width + right + 1), (y - top) * (right - left + 1));
  }
  return { width: right - left + 1, height: bottom - top + 1, channels: 1, data: cropped };
}

function centreByMass(source: Pixels): Pixels {
  let [mass, massX, massY] = [0, 0, 0];
  for (let y = 0; y < source.height; y++) {
    for (let x = 0; x < source.width; x++) {
      const value = source.data[y * source.width + x] ?? 0;
      mass += value;
      massX += value * (x + 0.5);
      massY += value * (y + 0.5);
    }
  }
  const place = (centre: number, size: number) =>
    Math.min(Math.max(Math.round(side / 2 - centre), 0), side - size);
  const left = place(massX / mass, source.width);
  const top = place(massY / mass, source.height);
  const data = new Uint8Array(side * side);
  for (let y = 0; y < source.height; y++) {
    data.set(source.data.subarray(y * source.width, (y + 1) * source.width), (top + y) * side + left);
  }
  return { width: side, height: side, channels: 1, data };
}
