/** What one layer put out for the picture: every channel's map, or a vector's units. */
import type { VNode } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { LayerActivationSummary } from '../../../protocol/sidecar';
import { Button } from '../../shared/controls';
import { formatCount, formatPercent, formatSizes, formatValue } from '../../shared/format';
import { Icon } from '../../shared/icons';
import { geometryOf, isDead, isVector, rangeOf, statisticsOf } from '../../shared/maps';
import { ChannelTable } from './ChannelTable';
import { ColorBar } from './ColorBar';
import { type FetchFilters, Filters } from './Filters';
import type { CellAddress, MapSettings } from './lookState';
import { MapGrid } from './MapGrid';
import type { FetchedMaps } from './mapStore';
import { VectorUnits } from './VectorUnits';

export interface LayerMapsProps {
  layer: LayerActivationSummary;
  maps: FetchedMaps | undefined;
  settings: MapSettings;
  isSelected: boolean;
  isWhole: boolean;
  fetchMaps: (layer: string) => void;
  /** Undefined where the runtime does not tell the weights. */
  fetchFilters: FetchFilters | undefined;
  readsColors: 'rgb' | 'bgr' | undefined;
  onWhole: (layer: string, whole: boolean) => void;
  onSelect: (layer: string) => void;
  onCell: (cell: CellAddress) => void;
}

/** VGG's 512 maps of a layer are more than anyone looks at by default. */
const firstMaps = 64;

type Shows = 'maps' | 'filters' | 'table';

export function LayerMaps(props: LayerMapsProps): VNode {
  const { layer, maps, settings, isSelected, isWhole, fetchMaps, fetchFilters, onSelect, onCell } = props;
  const { activation, failure } = maps ?? {};
  const section = useRef<HTMLElement>(null);
  const { isNear, height } = useNearness(section);
  const [shows, setShows] = useState<Shows>('maps');
  // Asked again when it is near and the maps had to make room for others meanwhile.
  const isMissing = isNear && !maps;
  useEffect(() => {
    if (isMissing) fetchMaps(layer.name);
  }, [isMissing, fetchMaps, layer.name]);
  useEffect(() => {
    if (isSelected) section.current?.scrollIntoView({ block: 'nearest' });
  }, [isSelected]);

  const statistics = useMemo(() => (activation ? statisticsOf(activation) : []), [activation]);
  const vector = isVector(layer);
  const { maps: count } = geometryOf(layer);
  const deadCount = vector ? 0 : statistics.filter(isDead).length;
  const order = useMemo(() => {
    const numbers = statistics.map((_, map) => map);
    if (settings.sort === 'strength') {
      numbers.sort((a, b) => statistics[b]!.strength - statistics[a]!.strength || a - b);
    }
    return isWhole ? numbers : numbers.slice(0, firstMaps);
  }, [statistics, settings.sort, isWhole]);
  const ofLayer = useMemo(
    () => (activation ? rangeOf(statistics) : { min: layer.min, max: layer.max }),
    [activation, statistics, layer],
  );
  const range = settings.range === 'fixed' ? settings.fixed : ofLayer;
  const hasFilters = fetchFilters && /Conv2D$/.test(layer.className);
  return (
    <section
      ref={section}
      class={isSelected ? 'layer-maps selected' : 'layer-maps'}
      aria-label={`${layer.name}, ${formatSizes(layer.shape)}${isSelected ? ', selected' : ''}`}
      data-layer={layer.name}
    >
      <header>
        <h3>
          <button
            type="button"
            class="layer-name"
            title="Show this layer in the diagram and the source"
            onClick={() => onSelect(layer.name)}
          >
            {layer.name}
          </button>
        </h3>
        <span class="muted">{layer.className}</span>
        <span class="number shape">{formatSizes(layer.shape)}</span>
        <span class="layer-tools">
          {hasFilters && (
            <Button
              pressed={shows === 'filters'}
              onClick={() => setShows(shows === 'filters' ? 'maps' : 'filters')}
            >
              Filters
            </Button>
          )}
          {!vector && (
            <Button
              pressed={shows === 'table'}
              onClick={() => setShows(shows === 'table' ? 'maps' : 'table')}
            >
              Table
            </Button>
          )}
        </span>
        {shows === 'maps' && (settings.range !== 'channel' || vector) && (
          <ColorBar range={range} colors={settings.colors} />
        )}
      </header>
      <p class="statistics number muted">
        {formatValue(layer.min)} … {formatValue(layer.max)} · mean {formatValue(layer.mean)} ·{' '}
        {formatPercent(layer.zeros)} zeros
        {deadCount > 0 && ` · ${deadCount} of ${count} channels dead for this picture`}
      </p>
      {layer.nan + layer.infinite > 0 && (
        <p class="notice error">
          <Icon name="error" />
          <span>
            {formatCount(layer.nan)} values are not numbers, {formatCount(layer.infinite)} are infinite (drawn
            in magenta): what follows from them means nothing.
          </span>
        </p>
      )}
      {failure !== undefined ? (
        <p class="notice error">
          <Icon name="error" />
          <span>{failure}</span>
          <Button onClick={() => fetchMaps(layer.name)}>Try again</Button>
        </p>
      ) : !activation || !isNear ? (
        <div
          class="waiting"
          style={{ minHeight: `${height || (vector ? 40 : 120)}px` }}
          aria-busy={!activation}
        />
      ) : (
        <div class="layer-body">
          {shows === 'filters' && fetchFilters ? (
            <Filters
              layer={layer}
              settings={settings}
              fetchFilters={fetchFilters}
              readsColors={props.readsColors}
            />
          ) : shows === 'table' ? (
            <ChannelTable layer={layer} statistics={statistics} order={order} />
          ) : vector ? (
            <VectorUnits
              activation={activation}
              name={layer.name}
              range={range}
              colors={settings.colors}
              onUnit={(index) => onCell({ layer: layer.name, index })}
            />
          ) : (
            <MapGrid
              activation={activation}
              name={layer.name}
              statistics={statistics}
              order={order}
              range={range}
              settings={settings}
              onCell={(index) => onCell({ layer: layer.name, index })}
            />
          )}
          {count > firstMaps && shows !== 'filters' && (
            <Button onClick={() => props.onWhole(layer.name, !isWhole)}>
              {isWhole ? `Show the first ${firstMaps}` : `Show all ${formatCount(count)} channels`}
            </Button>
          )}
        </div>
      )}
    </section>
  );
}

/**
 * Whether an element is within a screen or so of what is seen. What is far away is not drawn: the maps of all layers
 * together would hold hundreds of megabytes of canvases. `height` is what its body took when it was last near.
 */
function useNearness(element: { current: HTMLElement | null }): { isNear: boolean; height: number } {
  const [isNear, setNear] = useState(false);
  const height = useRef(0);
  useEffect(() => {
    if (!element.current) return;
    const observer = new IntersectionObserver(
      (entries) => {
        const near = entries.at(-1)?.isIntersecting ?? false;
        if (!near) {
          height.current = element.current?.querySelector<HTMLElement>('.layer-body')?.offsetHeight ?? 0;
        }
        setNear(near);
      },
      // Ahead, so that scrolling meets finished pictures.
      { rootMargin: '800px 0px' },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return { isNear, height: height.current };
}
