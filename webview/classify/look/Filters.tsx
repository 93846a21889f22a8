/** The kernels of a convolution as pictures: in colour where they read red, green and blue, else one slice at a time. */
import type { VNode } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { LayerActivationSummary } from '../../../protocol/sidecar';
import { colorMaps } from '../../shared/colorMaps';
import { Button, ProgressRing } from '../../shared/controls';
import { formatSizes, formatValue, plural } from '../../shared/format';
import { Icon } from '../../shared/icons';
import { activationOf, type Range, rangeOf, statisticsOf, valueAt } from '../../shared/maps';
import { imageOfMap } from '../../shared/paint';
import { PixelCanvas } from '../PixelCanvas';
import { ColorBar } from './ColorBar';
import type { MapSettings } from './lookState';
import { mapSize } from './MapGrid';
import { useReadout } from './readout';

export interface FetchedFilters {
  /** [height, width, channels in, filters]; for depthwise convolutions the last is the multiplier. */
  shape: number[];
  values: Float32Array;
}
/** @throws Refusal */
export type FetchFilters = (layer: string) => Promise<FetchedFilters>;

interface FiltersProps {
  layer: LayerActivationSummary;
  settings: MapSettings;
  fetchFilters: FetchFilters;
  /** In which order the layer reads the picture's colours; undefined where it reads another layer's channels. */
  readsColors: 'rgb' | 'bgr' | undefined;
}

export function Filters({ layer, settings, fetchFilters, readsColors }: FiltersProps): VNode {
  const [filters, setFilters] = useState<FetchedFilters>();
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    fetchFilters(layer.name).then(setFilters, (error: Error) => setFailure(error.message));
  }, [fetchFilters, layer.name]);
  if (failure !== undefined) {
    return (
      <p class="notice information">
        <Icon name="information" />
        <span>{failure}</span>
      </p>
    );
  }
  if (!filters) return <ProgressRing label="Fetching the filters" />;
  return <Kernels layer={layer} settings={settings} filters={filters} readsColors={readsColors} />;
}

/** So many slices are drawn at most: of 512 filters that read 512 channels, nobody looks at all. */
const atMost = 512;

type KernelsProps = Omit<FiltersProps, 'fetchFilters'> & { filters: FetchedFilters };

function Kernels({ layer, settings, filters, readsColors }: KernelsProps): VNode {
  const [rows = 1, columns = 1, channelsIn = 1, count = 1] = filters.shape;
  const { say } = useReadout();
  const [slice, setSlice] = useState(0);
  const isDepthwise = layer.className === 'DepthwiseConv2D';
  const isColor = readsColors !== undefined && channelsIn === 3 && !isDepthwise;
  const { width, height } = mapSize(rows, columns, settings.size);
  // As a layer's maps: every pair of a channel that is read and a filter is one.
  const slices = useMemo(
    () => activationOf({ shape: [rows, columns, channelsIn * count] }, filters.values),
    [rows, columns, channelsIn, count, filters],
  );
  const range = useMemo(() => rangeOf(statisticsOf(slices)), [slices]);
  const shown = useMemo(() => {
    const all = isDepthwise
      ? Array.from({ length: channelsIn * count }, (_, i) => i)
      : Array.from({ length: count }, (_, filter) => slice * count + filter);
    return all.slice(0, atMost);
  }, [isDepthwise, channelsIn, count, slice]);
  const images = useMemo(
    () =>
      isColor
        ? colored(filters, range, readsColors)
        : shown.map((map) => imageOfMap(slices, map, range, colorMaps.diverging)),
    [isColor, filters, slices, shown, range, readsColors],
  );
  return (
    <div class="filters">
      <p class="muted">
        {plural(isDepthwise ? channelsIn * count : count, 'filter')} of {formatSizes([rows, columns])}
        {isColor
          ? ', in the colours that they read (grey is zero)'
          : isDepthwise
            ? ', one channel each'
            : `; what they read of channel ${slice} of ${channelsIn}`}
        {!isColor && channelsIn > 1 && (
          <span class="slice-buttons">
            <Button
              appearance="icon"
              label="Previous channel that is read"
              onClick={() => setSlice((slice - 1 + channelsIn) % channelsIn)}
            >
              <Icon name="previous" />
            </Button>
            <Button
              appearance="icon"
              label="Next channel that is read"
              onClick={() => setSlice((slice + 1) % channelsIn)}
            >
              <Icon name="next" />
            </Button>
          </span>
        )}
        {!isColor && <ColorBar range={range} colors="diverging" />}
      </p>
      <div class="maps" role="img" aria-label={`Filters of ${layer.name}`} onPointerLeave={() => say('')}>
        {images.map((image, filter) => (
          <span key={filter} class="map still">
            <PixelCanvas
              image={image}
              width={width}
              height={height}
              onPoint={(at) => {
                if (!at) return say('');
                const value = (channel: number) =>
                  filters.values[((at.row * columns + at.column) * channelsIn + channel) * count + filter];
                const text = isColor
                  ? [0, 1, 2].map((channel) => formatValue(value(channel) ?? Number.NaN)).join(', ')
                  : formatValue(valueAt(slices, { map: shown[filter]!, ...at }));
                return say(`${layer.name} · filter ${filter}, row ${at.row}, column ${at.column}: ${text}`);
              }}
            />
            <span class="map-number">{filter}</span>
          </span>
        ))}
      </div>
      {!isDepthwise && count > atMost && <p class="muted">The first {atMost} are shown.</p>}
    </div>
  );
}

/** Weights around zero become colours around grey, all filters by the same scale. */
function colored({ shape, values }: FetchedFilters, range: Range, order: 'rgb' | 'bgr'): ImageData[] {
  const [rows = 1, columns = 1, , count = 1] = shape;
  const most = Math.max(Math.abs(range.min), Math.abs(range.max)) || 1;
  return Array.from({ length: Math.min(count, atMost) }, (_, filter) => {
    const image = new ImageData(columns, rows);
    for (let cell = 0; cell < rows * columns; cell++) {
      for (let channel = 0; channel < 3; channel++) {
        const color = order === 'bgr' ? 2 - channel : channel;
        image.data[cell * 4 + color] =
          127.5 + (127.5 * values[(cell * 3 + channel) * count + filter]!) / most;
      }
      image.data[cell * 4 + 3] = 255;
    }
    return image;
  });
}
