/** What a layer saw: its channels, the strongest first. */
import type { VNode } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Button } from '../../shared/controls';
import { formatValue } from '../../shared/format';
import { Icon } from '../../shared/icons';
import { hasMaps, rasterOf } from './planes';
import type { LayerValues, PictureStore } from './store';
import { dataUrl } from './thumbnails';

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
          {hasMaps(values.activation.shape) ? (
            <Maps key={layer.name} values={values} />
          ) : (
            <Strip values={values} />
          )}
        </>
      )}
    </section>
  );
}

function Maps({ values }: { values: LayerValues }): VNode {
  const [count, setCount] = useState(page);
  const { activation, planes, range } = values;
  const shown = useMemo(
    () =>
      planes.slice(0, count).map(({ plane, strength }) => ({
        channel: plane.channel,
        strength,
        isCoarse: plane.columns < largest,
        url: dataUrl(rasterOf(activation.values, plane, range, largest)),
      })),
    [values, count],
  );
  const dead = planes.filter(({ strength }) => strength.isDead).length;
  return (
    <>
      <ul class="channels" aria-label="Channels, the strongest first">
        {shown.map(({ channel, strength, url, isCoarse }) => {
          const facts = strength.isDead
            ? `Channel ${channel}: dead, zero everywhere`
            : `Channel ${channel}: ${formatValue(strength.min)} … ${formatValue(strength.max)}, mean size ${formatValue(strength.mean)}`;
          return (
            <li key={channel} class={strength.isDead ? 'dead' : ''} title={facts}>
              <img src={url} alt={facts} class={isCoarse ? 'coarse' : ''} />
              <span aria-hidden>{channel}</span>
            </li>
          );
        })}
      </ul>
      <p class="muted number">
        {planes.length} channels{dead > 0 ? `, ${dead} of them dead` : ''}
      </p>
      {count < planes.length && (
        <Button onClick={() => setCount(count + 2 * page)}>
          {`Show ${Math.min(2 * page, planes.length - count)} more`}
        </Button>
      )}
    </>
  );
}

/** A vector: its largest values by name, for whoever cannot see the strip. */
function Strip({ values: { activation, planes, range } }: { values: LayerValues }): VNode {
  const url = useMemo(() => {
    const plane = planes[0]!.plane;
    // A vector stands upright in the drawing; here it lies.
    const lying = {
      ...plane,
      rows: plane.columns,
      columns: plane.rows,
      rowStep: plane.columnStep,
      columnStep: plane.rowStep,
    };
    return dataUrl(rasterOf(activation.values, plane.columns === 1 ? lying : plane, range, 256));
  }, [activation, planes, range]);
  const strongest = useMemo(
    () =>
      [...activation.values.keys()]
        .sort((a, b) => Math.abs(activation.values[b]!) - Math.abs(activation.values[a]!))
        .slice(0, 5),
    [activation],
  );
  const listed = strongest.map((index) => `${index}: ${formatValue(activation.values[index]!)}`).join(', ');
  return (
    <>
      <img
        src={url}
        alt={`${activation.values.length} values; the largest: ${listed}`}
        class={planes[0]!.plane.columns === 1 ? 'strip coarse' : 'sequence coarse'}
      />
      <p class="muted number">Largest: {listed}</p>
    </>
  );
}
