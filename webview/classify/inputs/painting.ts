/** Painting over a picture's pixels as the network sees them: strokes, and the pixels that they leave. Pure. */
import { z } from 'zod';

/** What a brush leaves: a flat colour, the picture blurred, or the picture itself again. */
export const paint = z.enum(['black', 'grey', 'white', 'blur', 'restore']);
export type Paint = z.infer<typeof paint>;

export const stroke = z.object({
  paint,
  /** In pixels of the picture. */
  diameter: z.number(),
  /** x and y by turns, in pixels of the picture from its top left corner. */
  points: z.array(z.number()),
});
export type Stroke = z.infer<typeof stroke>;

export interface Pixels {
  width: number;
  height: number;
  channels: number;
  /** 0 … 255 row by row, channels interleaved. */
  data: Uint8Array;
}

const flat: Record<'black' | 'grey' | 'white', number> = { black: 0, grey: 128, white: 255 };

/** Paints strokes over a picture, one at a time, so that a new one costs only itself. */
export class Painting {
  readonly pixels: Pixels;
  private blurred: Uint8Array | undefined;
  /** The strokes that are in `pixels`, and how many points of the last one. */
  private done: readonly Stroke[] = [];
  private points = 0;

  constructor(private readonly original: Pixels) {
    this.pixels = { ...original, data: original.data.slice() };
  }

  /** Brings the pixels to what these strokes leave. */
  show(strokes: readonly Stroke[]): void {
    const same =
      this.done.length <= strokes.length && this.done.every((each, at) => isStartOf(each, strokes[at]!));
    // Only the last stroke may have grown.
    const grown =
      same && this.done.slice(0, -1).every((each, at) => each.points.length === strokes[at]!.points.length);
    if (!grown) {
      this.pixels.data.set(this.original.data);
      this.done = [];
      this.points = 0;
    }
    const first = Math.max(0, this.done.length - 1);
    for (let at = first; at < strokes.length; at++) {
      const from = at === first && this.done.length > 0 ? this.points : 0;
      this.apply(strokes[at]!, from);
    }
    this.done = [...strokes];
    this.points = strokes.at(-1)?.points.length ?? 0;
  }

  private apply({ paint, diameter, points }: Stroke, from: number): void {
    for (let at = from; at < points.length; at += 2) {
      const [x, y] = [points[at]!, points[at + 1]!];
      const [fromX, fromY] = at >= 2 ? [points[at - 2]!, points[at - 1]!] : [x, y];
      this.cover(paint, diameter / 2, fromX, fromY, x, y);
    }
  }

  /** All pixels whose middle is at most `radius` from the line; the pixel under its end in any case. */
  private cover(paint: Paint, radius: number, fromX: number, fromY: number, toX: number, toY: number): void {
    const { width, height } = this.pixels;
    const left = Math.max(0, Math.floor(Math.min(fromX, toX) - radius));
    const right = Math.min(width - 1, Math.ceil(Math.max(fromX, toX) + radius));
    const top = Math.max(0, Math.floor(Math.min(fromY, toY) - radius));
    const bottom = Math.min(height - 1, Math.ceil(Math.max(fromY, toY) + radius));
    const [alongX, alongY] = [toX - fromX, toY - fromY];
    const length = alongX * alongX + alongY * alongY;
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) {
        const [x, y] = [column + 0.5, row + 0.5];
        const share =
          length === 0 ? 0 : Math.max(0, Math.min(1, ((x - fromX) * alongX + (y - fromY) * alongY) / length));
        const [offX, offY] = [x - fromX - share * alongX, y - fromY - share * alongY];
        const isUnder = column === Math.floor(toX) && row === Math.floor(toY);
        if (isUnder || offX * offX + offY * offY <= radius * radius) this.fill(paint, row * width + column);
      }
    }
  }

  private fill(paint: Paint, pixel: number): void {
    const { channels, data } = this.pixels;
    const start = pixel * channels;
    if (paint === 'blur' || paint === 'restore') {
      const source = paint === 'blur' ? (this.blurred ??= blur(this.original)) : this.original.data;
      data.set(source.subarray(start, start + channels), start);
    } else data.fill(flat[paint], start, start + channels);
  }
}

function isStartOf(before: Stroke, now: Stroke): boolean {
  return (
    before === now ||
    (before.paint === now.paint &&
      before.diameter === now.diameter &&
      before.points.length <= now.points.length &&
      before.points.every((value, at) => value === now.points[at]))
  );
}

/** Three box blurs make nearly a Gaussian one; a box is an eighth of the picture's side. */
export function blur({ width, height, channels, data }: Pixels): Uint8Array {
  const radius = Math.max(1, Math.round(Math.max(width, height) / 16));
  let values: Float32Array = Float32Array.from(data);
  for (let round = 0; round < 3; round++) {
    values = boxBlur(values, height, width * channels, width, channels, channels, radius);
    values = boxBlur(values, width, channels, height, width * channels, channels, radius);
  }
  return Uint8Array.from(values, (value) => Math.round(value));
}

/** Along one axis: `lines` lines that begin `lineStep` apart, of `count` values `step` apart; the edge goes on beyond itself. */
function boxBlur(
  values: Float32Array,
  lines: number,
  lineStep: number,
  count: number,
  step: number,
  channels: number,
  radius: number,
): Float32Array {
  const blurred = new Float32Array(values.length);
  const window = 2 * radius + 1;
  for (let line = 0; line < lines; line++) {
    for (let channel = 0; channel < channels; channel++) {
      const start = line * lineStep + channel;
      const at = (place: number) => values[start + Math.max(0, Math.min(count - 1, place)) * step]!;
      let sum = 0;
      for (let place = -radius; place <= radius; place++) sum += at(place);
      for (let place = 0; place < count; place++) {
        blurred[start + place * step] = sum / window;
        sum += at(place + radius + 1) - at(place - radius);
      }
    }
  }
  return blurred;
}
