/** A few values as a grid of coloured cells with their numbers. Cells may be picked, to go on from there. */
import type { VNode } from 'preact';
import { type ColorMapName, colorMaps } from '../../../shared/colorMaps';
import { formatValue } from '../../../shared/format';
import type { Range } from '../../../shared/maps';
import { cssColor, isLight } from '../../../shared/paint';
import { useRoving } from '../roving';

export interface MatrixProps {
  title: string;
  columns: number;
  /** Row by row. */
  values: readonly number[];
  range: Range;
  colors: ColorMapName;
  /** Not there yet in the present step. */
  isHidden?: ((cell: number) => boolean) | undefined;
  /** Outside of the layer's input: padding. */
  isOutside?: ((cell: number) => boolean) | undefined;
  marked?: number | undefined;
  onPick?: ((cell: number) => void) | undefined;
}

export function Matrix(props: MatrixProps): VNode {
  const { title, columns, values, range, colors, isHidden, isOutside, marked, onPick } = props;
  const rows = Math.ceil(values.length / columns);
  // Patch, kernel and products of 5×5 stand side by side in half a window.
  const size = Math.max(12, Math.min(42, Math.floor(172 / columns), Math.floor(300 / rows)));
  const isRoomy = size >= 34;
  const map = colorMaps[colors];
  const roving = useRoving(values.length);
  const content = (cell: number): VNode => {
    const value = values[cell]!;
    const hidden = isHidden?.(cell) ?? false;
    const outside = isOutside?.(cell) ?? false;
    const text = hidden ? '' : formatShort(value);
    const className = [
      'matrix-cell',
      outside && 'outside',
      hidden && 'pending',
      marked === cell && 'marked',
      !hidden && !outside && (isLight(value, range, map) ? 'on-light' : 'on-dark'),
    ]
      .filter(Boolean)
      .join(' ');
    const style = {
      width: `${size}px`,
      height: `${size}px`,
      ...(hidden || outside ? {} : { background: cssColor(value, range, map) }),
    };
    const place = `row ${Math.floor(cell / columns)}, column ${cell % columns}`;
    const label = outside ? `${place}: padding, 0` : `${place}: ${formatValue(value)}`;
    const shown = isRoomy ? text : '';
    if (!onPick || outside) {
      return (
        <span class={className} style={style} title={label}>
          {shown || <span class="visually-hidden">{text || label}</span>}
        </span>
      );
    }
    return (
      <button
        type="button"
        data-item
        class={className}
        style={style}
        title={`${label}: take apart`}
        // Beginning with the text that is seen.
        aria-label={`${text} at ${place}: take apart`}
        tabIndex={roving.tabIndexOf(cell)}
        onFocus={() => roving.onFocus(cell)}
        onClick={() => onPick(cell)}
      >
        {shown}
      </button>
    );
  };
  return (
    <figure class="matrix">
      <figcaption>{title}</figcaption>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys are for the buttons within. */}
      <div ref={roving.holder} onKeyDown={onPick && roving.onKeyDown}>
        <table aria-label={title}>
          <tbody>
            {Array.from({ length: rows }, (_, row) => (
              <tr key={row}>
                {Array.from({ length: Math.min(columns, values.length - row * columns) }, (_, column) => (
                  <td key={column}>{content(row * columns + column)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}

/** For a cell of a matrix: few characters. */
export function formatShort(value: number): string {
  if (!Number.isFinite(value) || value === 0) return formatValue(value);
  const size = Math.abs(value);
  const text =
    size >= 1000 || size < 0.005 ? size.toExponential(0) : size.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
  return `${value < 0 ? '−' : ''}${text.replace('e+', 'e').replace('e-', 'e−')}`;
}
