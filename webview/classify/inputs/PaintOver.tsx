/** What if a part of the picture were not there? Painting over it, with the scores following the hand. */
import type { VNode } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { PictureSource } from '../../../protocol/sidecar';
import { Button, Segments } from '../../shared/controls';
import { decodeBase64, encodeBase64, paintPicture } from '../../shared/pixels';
import type { Shown } from '../shown';
import { BrushSize } from './BrushSize';
import { PaintSurface } from './PaintSurface';
import { type Paint, Painting, type Stroke } from './painting';

export interface Painted {
  strokes: readonly Stroke[];
  /** Taken back, the last one at the end. */
  undone: readonly Stroke[];
}
export const unpainted: Painted = { strokes: [], undone: [] };

interface PaintOverProps {
  shown: Shown;
  painted: Painted;
  /** Of the longer side in CSS pixels. */
  size: number;
  onPainted: (painted: Painted) => void;
  /** At every change; null while nothing is painted. */
  onChange: (picture: (() => PictureSource) | null) => void;
  onKeep: (picture: PictureSource) => void;
}

const paints: { value: Paint; text: string; hint: string }[] = [
  { value: 'grey', text: 'Grey', hint: 'Cover with grey' },
  { value: 'black', text: 'Black', hint: 'Cover with black' },
  { value: 'white', text: 'White', hint: 'Cover with white' },
  { value: 'blur', text: 'Blur', hint: 'Blur' },
  { value: 'restore', text: 'Restore', hint: 'Bring the picture back' },
];

export function PaintOver({ shown, painted, size, onPainted, onChange, onKeep }: PaintOverProps): VNode {
  const { pixels, width, height, channels } = shown.result.input;
  const painting = useMemo(
    () => new Painting({ width, height, channels, data: decodeBase64(pixels) }),
    [pixels, width, height, channels],
  );
  const canvas = useRef<HTMLCanvasElement>(null);
  // Digits are white on black: what is not there is black.
  const [paint, setPaint] = useState<Paint>(channels === 1 ? 'black' : 'grey');
  const longer = Math.max(width, height);
  const [brush, setBrush] = useState(Math.max(2, Math.round(longer / 10)));
  const current = useRef(painted);
  current.current = painted;
  const change = (next: Painted) => {
    current.current = next;
    onPainted(next);
  };
  const { strokes, undone } = painted;

  useLayoutEffect(() => {
    painting.show(strokes);
    const element = canvas.current!;
    element.width = width;
    element.height = height;
    element.getContext('2d')!.putImageData(paintPicture(painting.pixels.data, width, height, channels), 0, 0);
  }, [painting, strokes]);
  const picture = (): PictureSource => ({
    kind: 'pixels',
    name: `${shown.imageName}, painted over`,
    width,
    height,
    channels: channels === 1 ? 1 : 3,
    data: encodeBase64(painting.pixels.data),
  });
  useEffect(() => onChange(strokes.length > 0 ? picture : null), [painting, strokes]);

  const scale = size / longer;
  const start = (x: number, y: number) =>
    change({
      strokes: [...current.current.strokes, { paint, diameter: brush, points: [x * width, y * height] }],
      undone: [],
    });
  const move = (x: number, y: number) => {
    const all = current.current.strokes;
    const last = all.at(-1);
    if (!last) return;
    change({
      strokes: [...all.slice(0, -1), { ...last, points: [...last.points, x * width, y * height] }],
      undone: [],
    });
  };
  const takeBack = () => {
    const { strokes: all, undone: taken } = current.current;
    const last = all.at(-1);
    if (last) change({ strokes: all.slice(0, -1), undone: [...taken, last] });
  };
  const bringBack = () => {
    const { strokes: all, undone: taken } = current.current;
    const last = taken.at(-1);
    if (last) change({ strokes: [...all, last], undone: taken.slice(0, -1) });
  };
  return (
    <div class="pad">
      <div class="paint-tools">
        <Segments label="Paint with" value={paint} segments={paints} onChange={setPaint} />
        <BrushSize
          value={brush}
          min={1}
          max={Math.max(3, Math.round(longer / 3))}
          step={1}
          onChange={setBrush}
        />
      </div>
      <PaintSurface
        label={`${shown.imageName} as the network sees it, ${height}×${width} pixels: paint over a part of it`}
        width={width * scale}
        height={height * scale}
        brush={brush * scale}
        step={Math.max(1, Math.round(longer / 32)) / longer}
        onStart={start}
        onMove={move}
        onEnd={() => {}}
        onUndo={takeBack}
        onRedo={bringBack}
      >
        <canvas ref={canvas} class="pixels" />
      </PaintSurface>
      <div class="paint-tools">
        <Button disabled={strokes.length === 0} onClick={takeBack}>
          Undo
        </Button>
        <Button disabled={undone.length === 0} onClick={bringBack}>
          Redo
        </Button>
        <Button disabled={strokes.length === 0} onClick={() => change({ strokes: [], undone: [] })}>
          Start over
        </Button>
        <Button disabled={strokes.length === 0} onClick={() => onKeep(picture())}>
          Look inside
        </Button>
      </div>
    </div>
  );
}
