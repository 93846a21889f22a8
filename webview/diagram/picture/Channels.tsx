/** What a layer saw: its channels, the strongest first. */
import type { VNode } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Button } from '../../shared/controls';
import { formatValue } from '../../shared/format';
import { Icon } from '../../shared/icons';
import { flatIndexOf, geometryOf, isDead } from '../../shared/maps';
import { hasMaps, type LayerValues } from './drawnMaps';
import type { PictureStore } from './store';
import { mapUrl } from './thumbnails';

/** Shown at once, and more with each press of the button. */
const page = 24;
const largest = 96;

export function Channels({
  pictures,
  outputKey,
}: {
  pictures: PictureStore;
  outputKey: string;
}): VNode | null {
  const layer = pictures.layer(outputKey);
  const name = layer?.name;
  const values = name === undefined ? undefined : pictures.valuesOf(name);
  useEffect(() => {
    if (name !== undefined) pictures.wantValues(name);
  }, [pictures, name, values === undefined]);
  if (!layer) {
    if (pictures.isInput(outputKey)) return null;
    return <p class="muted">The picture did not pass through this layer: it is not the one that ran.</p>;
  }
  const failure = pictures.failureOf(layer.name);
  return (
    <section aria-label="What it saw">
      <h3>What it saw</h3>
      {failure !== undefined && (
        <p class="notice error">
          <Icon name="error" />
          <span>{failure}</span>
        </p>
      )}
      {!values && failure === undefined && <p class="muted">…</p>}
      {values && (
        <>
          <p class="muted number">
            {formatValue(layer.min)} … {formatValue(layer.max)}, mean {formatValue(layer.mean)},{' '}
            {Math.round(layer.zeros * 100)} % zeros
          </p>
          {hasMaps(values.activation) ? <Maps key={layer.name} values={values} /> : <Strip values={values} />}
        </>
      )}
    </section>
  );
}

function Maps({ values }: { values: LayerValues }): VNode {
  const [count, setCount] = useState(page);
  const { activation, maps, range } = values;
  const isCoarse = geometryOf(activation).columns < largest;
  const shown = useMemo(
    () =>
      maps.slice(0, count).map(({ map, statistics }) => ({
        map,
        statistics,
        url: mapUrl(activation, map, range, largest),
      })),
    [values, count],
  );
  const dead = maps.filter(({ statistics }) => isDead(statistics)).length;
  return (
    <>
      <ul class="channels" aria-label="Channels, the strongest first">
        {shown.map(({ map, statistics, url }) => {
          const { min, max, strength } = statistics;
          const facts = isDead(statistics)
            ? `Channel ${map}: dead, zero everywhere`
            : `Channel ${map}: ${formatValue(min)} … ${formatValue(max)}, mean size ${formatValue(strength)}`;
          return (
            <li key={map} class={isDead(statistics) ? 'dead' : ''} title={facts}>
              <img src={url} alt={facts} class={isCoarse ? 'coarse' : ''} />
              <span aria-hidden>{map}</span>
            </li>
          );
        })}
      </ul>
      <p class="muted number">
        {maps.length} channels{dead > 0 ? `, ${dead} of them dead` : ''}
      </p>
      {count < maps.length && (
        <Button onClick={() => setCount(count + 2 * page)}>
          {`Show ${Math.min(2 * page, maps.length - count)} more`}
        </Button>
      )}
    </>
  );
}

/** A vector or a sequence: its largest values by their index, for whoever cannot see the strip. */
function Strip({ values: { activation, range } }: { values: LayerValues }): VNode {
  const geometry = geometryOf(activation);
  const { columns } = geometry;
  const isVector = columns === 1;
  const indexOf = (at: number) =>
    flatIndexOf(geometry, { map: 0, row: Math.floor(at / columns), column: at % columns });
  const url = useMemo(() => {
    // A vector stands upright in the drawing; here it lies.
    const shown = isVector ? { ...activation, shape: [activation.planes.length] } : activation;
    return mapUrl(shown, 0, range, 256);
  }, [activation, range]);
  const strongest = useMemo(
    () =>
      [...activation.planes.keys()]
        .sort((a, b) => Math.abs(activation.planes[b]!) - Math.abs(activation.planes[a]!))
        .slice(0, 5),
    [activation],
  );
  const listed = strongest.map((at) => `${indexOf(at)}: ${formatValue(activation.planes[at]!)}`).join(', ');
  return (
    <>
      <img
        src={url}
        alt={`${activation.planes.length} values; the largest: ${listed}`}
        class={isVector ? 'strip coarse' : 'sequence coarse'}
      />
      <p class="muted number">Largest: {listed}</p>
    </>
  );
}
