/** One map, large, with the cell that is taken apart. Arrow keys move the cell, Page Up and Down change the channel. */
import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import { colorMaps } from '../../shared/colorMaps';
import { Button } from '../../shared/controls';
import { formatValue } from '../../shared/format';
import { Icon } from '../../shared/icons';
import { type Activation, geometryOf, type Place, rangeOf, statisticsOf, valueAt } from '../../shared/maps';
import { imageOfMap } from '../../shared/paint';
import { PixelCanvas } from '../PixelCanvas';
import { ColorBar } from './ColorBar';
import type { MapSettings } from './lookState';

interface CellMapProps {
  activation: Activation;
  name: string;
  place: Place;
  settings: MapSettings;
  onPlace: (place: Place) => void;
}

/** In CSS pixels. */
const side = 280;

export function CellMap({ activation, name, place, settings, onPlace }: CellMapProps): VNode {
  const { maps, rows, columns } = geometryOf(activation);
  const statistics = useMemo(() => statisticsOf(activation), [activation]);
  const range =
    settings.range === 'fixed'
      ? settings.fixed
      : settings.range === 'channel'
        ? statistics[place.map]!
        : rangeOf(statistics);
  const image = useMemo(
    () => imageOfMap(activation, place.map, range, colorMaps[settings.colors]),
    [activation, place.map, range.min, range.max, settings.colors],
  );
  const scale = side / Math.max(rows, columns);
  const value = formatValue(valueAt(activation, place));
  const within = (value: number, count: number) => Math.max(0, Math.min(count - 1, value));
  const move = (by: Partial<Place>) =>
    onPlace({
      map: (place.map + (by.map ?? 0) + maps) % maps,
      row: within(place.row + (by.row ?? 0), rows),
      column: within(place.column + (by.column ?? 0), columns),
    });
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, Partial<Place>> = {
      ArrowRight: { column: 1 },
      ArrowLeft: { column: -1 },
      ArrowDown: { row: 1 },
      ArrowUp: { row: -1 },
      PageDown: { map: 1 },
      PageUp: { map: -1 },
    };
    const by = steps[event.key];
    if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    move(by);
  };
  const choose = (event: MouseEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    onPlace({
      map: place.map,
      row: within(Math.floor(((event.clientY - box.top) / box.height) * rows), rows),
      column: within(Math.floor(((event.clientX - box.left) / box.width) * columns), columns),
    });
  };
  return (
    <figure class="cell-map">
      <div
        class="cell-map-frame"
        role="application"
        aria-roledescription="map"
        aria-label={`Channel ${place.map} of ${name}, row ${place.row}, column ${place.column}: ${value}. Arrow keys move the cell, Page Up and Page Down change the channel.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application takes keys.
        tabIndex={0}
        style={{ width: `${columns * scale}px`, height: `${rows * scale}px` }}
        onKeyDown={onKeyDown}
        onClick={choose}
      >
        <PixelCanvas image={image} width={columns * scale} height={rows * scale} />
        <span
          class="cell-cursor"
          style={{
            left: `${place.column * scale}px`,
            top: `${place.row * scale}px`,
            width: `${scale}px`,
            height: `${scale}px`,
          }}
        />
      </div>
      <figcaption>
        <span class="channel-steps">
          <Button
            appearance="icon"
            label="Previous channel"
            disabled={maps === 1}
            onClick={() => move({ map: -1 })}
          >
            <Icon name="previous" />
          </Button>
          <span class="number">
            channel {place.map} of 0 … {maps - 1}
          </span>
          <Button
            appearance="icon"
            label="Next channel"
            disabled={maps === 1}
            onClick={() => move({ map: 1 })}
          >
            <Icon name="next" />
          </Button>
        </span>
        <ColorBar range={range} colors={settings.colors} />
      </figcaption>
    </figure>
  );
}
