/** A drawing on the pad as the marks that made it, so that each can be taken back. Pure but for `drawMarks`. */
import { z } from 'zod';

export const mark = z.discriminatedUnion('kind', [
  z.object({
    kind: z.enum(['brush', 'eraser']),
    /** Diameter as a share of the pad's side. */
    size: z.number(),
    /** x and y by turns, 0 … 1 from the top left corner. */
    points: z.array(z.number()),
  }),
  z.object({ kind: z.literal('clear') }),
]);
export type Mark = z.infer<typeof mark>;
export type Tool = 'brush' | 'eraser';

export const sketch = z.object({
  marks: z.array(mark),
  /** Taken back, the last one at the end. */
  undone: z.array(mark),
});
export type Sketch = z.infer<typeof sketch>;

export const emptySketch: Sketch = { marks: [], undone: [] };

export function withMark({ marks }: Sketch, added: Mark): Sketch {
  return { marks: [...marks, added], undone: [] };
}

/** The last mark goes on to another point. */
export function withPoint({ marks, undone }: Sketch, x: number, y: number): Sketch {
  const last = marks.at(-1);
  if (!last || last.kind === 'clear') return { marks, undone };
  return { marks: [...marks.slice(0, -1), { ...last, points: [...last.points, x, y] }], undone };
}

export function undo({ marks, undone }: Sketch): Sketch {
  const last = marks.at(-1);
  return last ? { marks: marks.slice(0, -1), undone: [...undone, last] } : { marks, undone };
}

export function redo({ marks, undone }: Sketch): Sketch {
  const last = undone.at(-1);
  return last ? { marks: [...marks, last], undone: undone.slice(0, -1) } : { marks, undone };
}

/** What can be seen: after the last clearing. */
export function visibleMarks({ marks }: Sketch): Mark[] {
  return marks.slice(marks.findLastIndex(({ kind }) => kind === 'clear') + 1);
}

/** Nothing was drawn, or all of it was cleared. */
export function isBlank(shown: Sketch): boolean {
  return !visibleMarks(shown).some(({ kind }) => kind === 'brush');
}

/** White strokes on black, as MNIST has its digits. */
export function drawMarks(context: CanvasRenderingContext2D, marks: readonly Mark[], side: number): void {
  context.fillStyle = '#000000';
  context.fillRect(0, 0, side, side);
  context.lineCap = 'round';
  context.lineJoin = 'round';
  for (const each of marks) {
    if (each.kind === 'clear') continue;
    const { points } = each;
    const colour = each.kind === 'brush' ? '#ffffff' : '#000000';
    context.beginPath();
    if (points.length === 2) {
      // A line without length is not drawn.
      context.fillStyle = colour;
      context.arc(points[0]! * side, points[1]! * side, (each.size * side) / 2, 0, 2 * Math.PI);
      context.fill();
      continue;
    }
    context.strokeStyle = colour;
    context.lineWidth = each.size * side;
    context.moveTo(points[0]! * side, points[1]! * side);
    for (let at = 2; at < points.length; at += 2) context.lineTo(points[at]! * side, points[at + 1]! * side);
    context.stroke();
  }
}
