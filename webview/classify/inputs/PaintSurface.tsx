/**
 * A picture that can be drawn on with mouse, pen, finger or keyboard. With the keyboard, arrow keys move a pen over the
 * picture, and the space bar puts it down and lifts it.
 */
import type { ComponentChildren, VNode } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';

interface PaintSurfaceProps {
  label: string;
  /** In CSS pixels. */
  width: number;
  height: number;
  /** The brush's diameter in CSS pixels. */
  brush: number;
  /** How far one press of an arrow key goes, as a share of the width. */
  step: number;
  /** Where a stroke begins; x and y are 0 … 1 from the top left corner. */
  onStart: (x: number, y: number) => void;
  onMove: (x: number, y: number) => void;
  onEnd: () => void;
  onUndo: () => void;
  onRedo: () => void;
  /** What is drawn on. */
  children: ComponentChildren;
}

interface Pen {
  x: number;
  y: number;
}

const directions: Record<string, [x: number, y: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function PaintSurface(props: PaintSurfaceProps): VNode {
  const { label, width, height, brush, step, onStart, onMove, onEnd } = props;
  const surface = useRef<HTMLDivElement>(null);
  const drawing = useRef<number | null>(null);
  const [pointer, setPointer] = useState<Pen | null>(null);
  const [pen, setPen] = useState<Pen>({ x: 0.5, y: 0.5 });
  const [penDown, setPenDown] = useState(false);
  /** The pen is seen as long as the keyboard moves it. */
  const [byKeyboard, setByKeyboard] = useState(false);
  const help = useId();

  const place = ({ clientX, clientY }: { clientX: number; clientY: number }): Pen => {
    const box = surface.current!.getBoundingClientRect();
    return { x: (clientX - box.left) / box.width, y: (clientY - box.top) / box.height };
  };
  const liftPen = () => {
    if (penDown) onEnd();
    setPenDown(false);
  };

  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0 || drawing.current !== null) return;
    liftPen();
    setByKeyboard(false);
    drawing.current = event.pointerId;
    surface.current!.setPointerCapture(event.pointerId);
    const { x, y } = place(event);
    onStart(x, y);
  };
  const onPointerMove = (event: PointerEvent) => {
    setPointer(event.pointerType === 'touch' ? null : place(event));
    if (event.pointerId !== drawing.current) return;
    const all = event.getCoalescedEvents();
    for (const each of all.length > 0 ? all : [event]) {
      const { x, y } = place(each);
      onMove(x, y);
    }
  };
  const onPointerEnd = (event: PointerEvent) => {
    if (event.pointerId !== drawing.current) return;
    drawing.current = null;
    onEnd();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const { key } = event;
    if ((event.ctrlKey || event.metaKey) && !event.altKey) {
      const isRedo = key.toLowerCase() === 'y' || (key.toLowerCase() === 'z' && event.shiftKey);
      if (isRedo) props.onRedo();
      else if (key.toLowerCase() === 'z') props.onUndo();
      else return;
      event.preventDefault();
      return;
    }
    const direction = directions[key];
    if (direction) {
      const far = event.shiftKey ? 4 * step : step;
      const clamp = (value: number) => Math.max(0, Math.min(1, value));
      const moved = {
        x: clamp(pen.x + direction[0] * far),
        y: clamp(pen.y + (direction[1] * far * width) / height),
      };
      setPen(moved);
      if (penDown) onMove(moved.x, moved.y);
    } else if (key === ' ' || key === 'Enter') {
      if (event.repeat) return;
      if (penDown) liftPen();
      else {
        onStart(pen.x, pen.y);
        if (key === 'Enter') onEnd();
        else setPenDown(true);
      }
    } else if (key === 'Escape' && penDown) liftPen();
    else return;
    setByKeyboard(true);
    event.preventDefault();
    event.stopPropagation();
  };

  const shown = byKeyboard ? pen : pointer;
  return (
    <div
      class="paint-surface"
      ref={surface}
      role="application"
      aria-roledescription="drawing area"
      aria-label={label}
      aria-describedby={help}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: an application is interactive.
      tabIndex={0}
      style={{ width: `${width}px`, height: `${height}px` }}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerEnd}
      onPointerCancel={onPointerEnd}
      onPointerLeave={() => setPointer(null)}
      onKeyDown={onKeyDown}
      onBlur={liftPen}
    >
      {props.children}
      {shown && (
        <span
          class={penDown ? 'brush-mark down' : 'brush-mark'}
          aria-hidden="true"
          style={{
            left: `${shown.x * width}px`,
            top: `${shown.y * height}px`,
            width: `${Math.max(5, brush)}px`,
            height: `${Math.max(5, brush)}px`,
          }}
        />
      )}
      <span class="visually-hidden" id={help}>
        Arrow keys move the pen, with Shift further; Space puts it down and lifts it, Enter makes a dot,
        Control Z takes the last stroke back.
      </span>
      <span class="visually-hidden" aria-live="polite">
        {byKeyboard &&
          `Pen ${penDown ? 'down' : 'up'}, ${Math.round(pen.x * 100)} % from the left, ${Math.round(pen.y * 100)} % from the top`}
      </span>
    </div>
  );
}
