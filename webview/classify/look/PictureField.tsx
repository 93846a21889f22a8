/** The picture as the network sees it, with the part outlined that a cell can see. */
import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import type { CellWindow, Classification } from '../../../protocol/sidecar';
import { decodeBase64, paintPicture } from '../../shared/pixels';
import { PixelCanvas } from '../PixelCanvas';

interface PictureFieldProps {
  input: Classification['input'];
  field: CellWindow | undefined;
  /** The longer side, in CSS pixels. */
  size: number;
  /** The picture alone. */
  isPlain?: boolean;
}

export function PictureField({ input, field, size, isPlain = false }: PictureFieldProps): VNode {
  const { pixels, width, height, channels } = input;
  const image = useMemo(
    () => paintPicture(decodeBase64(pixels), width, height, channels),
    [pixels, width, height, channels],
  );
  const scale = size / Math.max(width, height);
  const inside = field && clip(field, width, height);
  return (
    <figure class="field">
      <div class="field-frame" style={{ width: `${width * scale}px`, height: `${height * scale}px` }}>
        <PixelCanvas
          image={image}
          width={width * scale}
          height={height * scale}
          label={inside ? `The picture; the cell sees ${describeField(inside)}` : 'The picture'}
        />
        {inside && (
          <svg viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
            <path
              class="field-shade"
              fill-rule="evenodd"
              d={`M0 0H${width}V${height}H0ZM${inside.left} ${inside.top}h${inside.width}v${inside.height}h${-inside.width}Z`}
            />
            <rect
              class="field-outline"
              x={inside.left}
              y={inside.top}
              width={inside.width}
              height={inside.height}
              vector-effect="non-scaling-stroke"
            />
            <rect
              class="field-outline inner"
              x={inside.left}
              y={inside.top}
              width={inside.width}
              height={inside.height}
              vector-effect="non-scaling-stroke"
            />
          </svg>
        )}
      </div>
      <figcaption class="muted number" hidden={isPlain}>
        {!field
          ? 'Which part of the picture it sees is not known.'
          : !inside
            ? 'It sees only padding.'
            : `It sees ${describeField(inside)}${sticksOut(field, width, height) ? ', and padding around the picture' : ''}.`}
      </figcaption>
    </figure>
  );
}

function describeField({ top, left, width, height }: CellWindow): string {
  const span = (from: number, size: number) => (size === 1 ? `${from}` : `${from} – ${from + size - 1}`);
  return `rows ${span(top, height)}, columns ${span(left, width)} (${height}×${width})`;
}

function clip(
  { top, left, width, height }: CellWindow,
  columns: number,
  rows: number,
): CellWindow | undefined {
  const [first, start] = [Math.max(0, top), Math.max(0, left)];
  const [last, end] = [Math.min(rows, top + height), Math.min(columns, left + width)];
  if (last <= first || end <= start) return undefined;
  return { top: first, left: start, width: end - start, height: last - first };
}

function sticksOut({ top, left, width, height }: CellWindow, columns: number, rows: number): boolean {
  return top < 0 || left < 0 || left + width > columns || top + height > rows;
}
