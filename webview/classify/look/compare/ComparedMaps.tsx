/** A layer's maps of both answers, and the second minus the first, channel by channel. */
import type { VNode } from 'preact';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { colorMaps } from '../../../shared/colorMaps';
import { formatPercent, formatValue } from '../../../shared/format';
import { type Activation, geometryOf, isVector, rangeOf, statisticsOf } from '../../../shared/maps';
import { drawMap } from '../../../shared/paint';
import { ColorBar } from '../ColorBar';
import type { MapSettings } from '../lookState';
import { mapSize } from '../MapGrid';
import { VectorUnits } from '../VectorUnits';
import { difference } from './counterparts';

interface ComparedMapsProps {
  name: string;
  a: Activation;
  b: Activation;
  settings: MapSettings;
}

/** Channels beside one another: more than these, nobody compares by eye. */
const shownAtMost = 32;

export function ComparedMaps({ name, a, b, settings }: ComparedMapsProps): VNode {
  const apart = useMemo(() => difference(a, b), [a, b]);
  const [ofA, ofB, ofBoth] = useMemo(
    () => [statisticsOf(a), statisticsOf(b), statisticsOf(apart)] as const,
    [a, b, apart],
  );
  const range = settings.range === 'fixed' ? settings.fixed : rangeOf([...ofA, ...ofB]);
  const ofDifference = rangeOf(ofBoth);
  const mean = ofBoth.reduce((sum, { strength }) => sum + strength, 0) / ofBoth.length;
  const same = apart.planes.reduce((count, value) => count + (value === 0 ? 1 : 0), 0) / apart.planes.length;
  const vector = isVector(a);
  return (
    <div class="compared-maps">
      <p class="statistics number muted">
        mean |B − A| {formatValue(mean)} · {formatPercent(same)} of the cells are equal
      </p>
      <p class="legends">
        <span class="muted">A and B</span> <ColorBar range={range} colors={settings.colors} />
        <span class="muted">B − A</span> <ColorBar range={ofDifference} colors="diverging" />
      </p>
      {vector ? (
        (
          [
            ['A', a, range, settings.colors],
            ['B', b, range, settings.colors],
            ['B − A', apart, ofDifference, 'diverging'],
          ] as const
        ).map(([title, activation, ofTitle, colors]) => (
          <div key={title} class="compared-vector">
            <span class="muted">{title}</span>
            <VectorUnits
              activation={activation}
              name={`${name}, ${title}`}
              range={ofTitle}
              colors={colors}
              onUnit={() => {}}
            />
          </div>
        ))
      ) : (
        <Triples
          a={a}
          b={b}
          apart={apart}
          settings={settings}
          ranges={{ both: range, apart: ofDifference }}
          strengths={ofBoth.map(({ strength }) => strength)}
        />
      )}
    </div>
  );
}

interface TriplesProps {
  a: Activation;
  b: Activation;
  apart: Activation;
  settings: MapSettings;
  ranges: { both: { min: number; max: number }; apart: { min: number; max: number } };
  /** How far each channel is apart. */
  strengths: number[];
}

function Triples({ a, b, apart, settings, ranges, strengths }: TriplesProps): VNode {
  const holder = useRef<HTMLDivElement>(null);
  const { rows, columns } = geometryOf(a);
  const { width, height } = mapSize(rows, columns, settings.size);
  const order = useMemo(() => {
    const numbers = strengths.map((_, map) => map);
    if (settings.sort === 'strength') numbers.sort((x, y) => strengths[y]! - strengths[x]! || x - y);
    return numbers.slice(0, shownAtMost);
  }, [strengths, settings.sort]);
  useLayoutEffect(() => {
    const pixels = new ImageData(columns, rows);
    for (const canvas of holder.current?.querySelectorAll('canvas') ?? []) {
      const map = Number(canvas.dataset['map']);
      const of = canvas.dataset['of'];
      if (of === 'apart') drawMap(canvas, apart, map, ranges.apart, colorMaps.diverging, pixels);
      else drawMap(canvas, of === 'a' ? a : b, map, ranges.both, colorMaps[settings.colors], pixels);
    }
  }, [a, b, apart, order, settings.colors, ranges.both.min, ranges.both.max]);
  return (
    <div ref={holder} class="triples">
      {order.map((map) => (
        <figure
          key={map}
          class="triple"
          aria-label={`Channel ${map}: A, B, and B − A; mean difference ${formatValue(strengths[map]!)}`}
        >
          {(['a', 'b', 'apart'] as const).map((of) => (
            <canvas
              key={of}
              class={width < columns ? 'pixels shrunk' : 'pixels'}
              data-map={map}
              data-of={of}
              style={{ width: `${width}px`, height: `${height}px` }}
            />
          ))}
          <figcaption class="number muted">
            {map}: A, B, B − A · {formatValue(strengths[map]!)}
          </figcaption>
        </figure>
      ))}
      {strengths.length > shownAtMost && (
        <p class="muted">
          {shownAtMost} of {strengths.length} channels are shown;{' '}
          {settings.sort === 'strength'
            ? 'those that differ most'
            : 'sort by strength for those that differ most'}
          .
        </p>
      )}
    </div>
  );
}
