/** A layer's maps side by side. Clicking a pixel, or Enter on a map, takes that cell apart. */
import type { VNode } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import { colorMaps } from '../../shared/colorMaps';
import { formatValue } from '../../shared/format';
import {
  type Activation,
  geometryOf,
  indexOfPlace,
  isDead,
  type MapStatistics,
  type Range,
  valueAt,
} from '../../shared/maps';
import { drawMap } from '../../shared/paint';
import type { MapSettings } from './lookState';
import { useReadout } from './readout';
import { useRoving } from './roving';

interface MapGridProps {
  activation: Activation;
  name: string;
  statistics: readonly MapStatistics[];
  /** Which maps, in which order. */
  order: readonly number[];
  range: Range;
  settings: MapSettings;
  onCell: (index: number[]) => void;
}

export function MapGrid({
  activation,
  name,
  statistics,
  order,
  range,
  settings,
  onCell,
}: MapGridProps): VNode {
  const { rows, columns } = geometryOf(activation);
  const { width, height } = mapSize(rows, columns, settings.size);
  const { say } = useReadout();
  const roving = useRoving(order.length);
  const holder = roving.holder;
  useLayoutEffect(() => {
    const colors = colorMaps[settings.colors];
    const pixels = new ImageData(columns, rows);
    for (const canvas of holder.current?.querySelectorAll('canvas') ?? []) {
      const map = Number(canvas.dataset['map']);
      const own = settings.range === 'channel' ? statistics[map]! : range;
      drawMap(canvas, activation, map, own, colors, pixels);
    }
  }, [activation, order, statistics, range.min, range.max, settings.range, settings.colors]);
  const open = (map: number, event: MouseEvent) => {
    // Enter and Space come as clicks without a place: they mean the cell that says most.
    const at = event.detail === 0 ? strongestCell(activation, map) : cellUnder(event, rows, columns);
    onCell(indexOfPlace(activation, { map, ...at }));
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms.
    <div
      ref={roving.holder}
      class="maps"
      role="group"
      aria-label={`Maps of ${name}`}
      onKeyDown={roving.onKeyDown}
      onPointerLeave={() => say('')}
    >
      {order.map((map, item) => {
        const of = statistics[map]!;
        const dead = isDead(of);
        return (
          <button
            key={map}
            type="button"
            data-item
            class={dead ? 'map dead' : 'map'}
            tabIndex={roving.tabIndexOf(item)}
            aria-label={
              dead
                ? `Channel ${map}, dead: all zeros`
                : `Channel ${map}, from ${formatValue(of.min)} to ${formatValue(of.max)}`
            }
            title={dead ? `channel ${map}: dead, all zeros for this picture` : `channel ${map}`}
            onFocus={() => roving.onFocus(item)}
            onClick={(event) => open(map, event)}
            onPointerMove={(event) => {
              const at = cellUnder(event, rows, columns);
              const value = formatValue(valueAt(activation, { map, ...at }));
              say(`${name} · channel ${map}, row ${at.row}, column ${at.column}: ${value}`);
            }}
          >
            <canvas
              class={width < columns ? 'pixels shrunk' : 'pixels'}
              data-map={map}
              style={{ width: `${width}px`, height: `${height}px` }}
            />
            <span class="map-number" aria-hidden="true">
              {map}
            </span>
            {dead && <span class="dead-mark">dead</span>}
          </button>
        );
      })}
    </div>
  );
}

/** The cell of a map's canvas at the event's place. */
function cellUnder(event: MouseEvent, rows: number, columns: number): { row: number; column: number } {
  const canvas = (event.currentTarget as Element).querySelector('canvas') as HTMLCanvasElement;
  const box = canvas.getBoundingClientRect();
  const within = (value: number, size: number) => Math.max(0, Math.min(size - 1, Math.floor(value * size)));
  return {
    row: within((event.clientY - box.top) / box.height, rows),
    column: within((event.clientX - box.left) / box.width, columns),
  };
}

/** The cell with the largest value; the first of several. */
export function strongestCell(activation: Activation, map: number): { row: number; column: number } {
  const { rows, columns } = geometryOf(activation);
  let [best, most] = [{ row: 0, column: 0 }, Number.NEGATIVE_INFINITY];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = valueAt(activation, { map, row, column });
      if (value > most) [best, most] = [{ row, column }, value];
    }
  }
  return best;
}

const targets = { small: 56, medium: 84, large: 168 } as const;

/** In CSS pixels. Small maps grow in whole steps, so that all their cells are equally large. */
export function mapSize(
  rows: number,
  columns: number,
  size: MapSettings['size'],
): { width: number; height: number } {
  const largest = Math.max(rows, columns);
  const target = targets[size];
  // A map that is larger than its place may take a third more, so that less of it is lost.
  const scale =
    largest >= target ? Math.min(1, (target * 4) / 3 / largest) : Math.max(1, Math.floor(target / largest));
  return { width: Math.max(1, Math.round(columns * scale)), height: Math.max(1, Math.round(rows * scale)) };
}
