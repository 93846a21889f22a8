/** A pad to draw a digit on. Its scores follow the hand; once it rests, the drawing is a picture like any other. */
import type { VNode } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Button, Segments } from '../../shared/controls';
import { BrushSize } from './BrushSize';
import { PaintSurface } from './PaintSurface';
import {
  drawMarks,
  isBlank,
  redo,
  type Sketch,
  type Tool,
  undo,
  visibleMarks,
  withMark,
  withPoint,
} from './sketch';

/** Of the picture that the model gets, before it is framed. */
const side = 280;
const restMilliseconds = 350;

interface DrawingPadProps {
  sketch: Sketch;
  /** In CSS pixels. */
  size: number;
  onSketch: (sketch: Sketch) => void;
  /** At every change; null while nothing is drawn. `png` is base64. */
  onChange: (png: (() => string) | null) => void;
  /** When the hand rests. */
  onRest: (png: string) => void;
  onNew: () => void;
}

export function DrawingPad({ sketch, size, onSketch, onChange, onRest, onNew }: DrawingPadProps): VNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [tool, setTool] = useState<Tool>('brush');
  const [brush, setBrush] = useState(0.085);
  const current = useRef(sketch);
  current.current = sketch;
  const isFirst = useRef(true);
  const resting = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const change = (next: Sketch) => {
    current.current = next;
    onSketch(next);
  };

  useLayoutEffect(() => {
    const context = canvas.current!.getContext('2d')!;
    drawMarks(context, visibleMarks(sketch), side);
  }, [sketch]);
  useEffect(() => {
    // A drawing that comes back from before is scored already.
    const comesBack = isFirst.current;
    isFirst.current = false;
    clearTimeout(resting.current);
    const png = () => canvas.current?.toDataURL('image/png').replace(/^.*,/, '') ?? '';
    if (isBlank(sketch)) return onChange(null);
    onChange(png);
    if (comesBack) return;
    resting.current = setTimeout(() => onRest(png()), restMilliseconds);
    return () => clearTimeout(resting.current);
  }, [sketch]);

  const diameter = tool === 'brush' ? brush : 2 * brush;
  const blank = isBlank(sketch);
  return (
    <div class="pad">
      <div class="paint-tools">
        <Segments
          label="Tool"
          value={tool}
          segments={[
            { value: 'brush', text: 'Brush', hint: 'Draw' },
            { value: 'eraser', text: 'Eraser', hint: 'Erase' },
          ]}
          onChange={setTool}
        />
        <BrushSize value={brush} min={0.03} max={0.16} step={0.005} onChange={setBrush} />
      </div>
      <PaintSurface
        label="Drawing pad: draw a digit, white on black"
        width={size}
        height={size}
        brush={diameter * size}
        step={1 / 28}
        onStart={(x, y) => change(withMark(current.current, { kind: tool, size: diameter, points: [x, y] }))}
        onMove={(x, y) => change(withPoint(current.current, x, y))}
        onEnd={() => {}}
        onUndo={() => change(undo(current.current))}
        onRedo={() => change(redo(current.current))}
      >
        <canvas ref={canvas} width={side} height={side} class="pad-canvas" />
        {blank && (
          <span class="pad-hint" aria-hidden="true">
            Draw a digit
          </span>
        )}
      </PaintSurface>
      <div class="paint-tools">
        <Button disabled={sketch.marks.length === 0} onClick={() => change(undo(sketch))}>
          Undo
        </Button>
        <Button disabled={sketch.undone.length === 0} onClick={() => change(redo(sketch))}>
          Redo
        </Button>
        <Button disabled={blank} onClick={() => change(withMark(sketch, { kind: 'clear' }))}>
          Clear
        </Button>
        <Button disabled={blank} onClick={onNew}>
          New drawing
        </Button>
      </div>
    </div>
  );
}
