/** What one layer put out for the picture: every channel's map, or a vector's units. */
import type { VNode } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Classification } from '../../../protocol/sidecar';
import { Button } from '../../shared/controls';
import { formatCount, formatPercent, formatSizes, formatValue, plural } from '../../shared/format';
import { Icon } from '../../shared/icons';
import { PixelCanvas } from '../PixelCanvas';
import {
  type Activation,
  cssColor,
  isDead,
  isVector,
  mapCount,
  paint,
  planeOf,
  type Range,
  rangeOf,
} from './maps';

export type LayerSummary = Classification['layers'][number];

export interface EnlargedMap {
  layer: LayerSummary;
  activation: Activation;
  range: Range;
  map: number;
}

interface LayerMapsProps {
  layer: LayerSummary;
  isSelected: boolean;
  activation: Activation | undefined;
  /** Called once, when the layer comes into sight. */
  onVisible: () => void;
  onSelect: () => void;
  onEnlarge: (map: EnlargedMap) => void;
}

/** VGG's 512 maps of a layer are more than anyone looks at by default. */
const firstMaps = 64;

export function LayerMaps(props: LayerMapsProps): VNode {
  const { layer, isSelected, activation, onVisible, onSelect, onEnlarge } = props;
  const section = useRef<HTMLElement>(null);
  const [all, setAll] = useState(false);
  const [pointed, setPointed] = useState('');
  const asked = useRef(false);

  useEffect(() => {
    const element = section.current;
    if (!element || activation || asked.current) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting) || asked.current) return;
        asked.current = true;
        observer.disconnect();
        onVisible();
      },
      // A screen ahead, so that scrolling meets finished pictures.
      { rootMargin: '400px 0px' },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [activation, onVisible]);

  useEffect(() => {
    if (isSelected) section.current?.scrollIntoView({ block: 'nearest' });
  }, [isSelected]);

  const range = useMemo(
    () => (activation ? rangeOf(activation.values) : { min: layer.min, max: layer.max }),
    [activation, layer],
  );
  const vector = isVector(layer.shape);
  const count = vector ? 1 : mapCount(layer.shape);
  const dead = useMemo(
    () => (activation && !vector ? Array.from({ length: count }, (_, map) => isDead(activation, map)) : []),
    [activation, count, vector],
  );
  const deadCount = dead.filter(Boolean).length;
  return (
    <section
      ref={section}
      class={isSelected ? 'layer-maps selected' : 'layer-maps'}
      aria-label={`${layer.name}, ${formatSizes(layer.shape)}${isSelected ? ', selected' : ''}`}
    >
      <header>
        <h3>
          <button
            type="button"
            class="layer-name"
            title="Show this layer in the diagram and the source"
            onClick={onSelect}
          >
            {layer.name}
          </button>
        </h3>
        <span class="muted">{layer.className}</span>
        <span class="number shape">{formatSizes(layer.shape)}</span>
        <ColorBar range={range} />
      </header>
      <p class="statistics number muted">
        mean {formatValue(layer.mean)} · {formatPercent(layer.zeros)} zeros
        {deadCount > 0 && ` · ${deadCount} of ${count} channels dead for this picture`}
        <span class="pointed" aria-hidden="true">
          {pointed}
        </span>
      </p>
      {layer.nan + layer.infinite > 0 && (
        <p class="notice error">
          <Icon name="error" />
          <span>
            Some values are not numbers or infinite (drawn in magenta): what follows from them means nothing.
          </span>
        </p>
      )}
      {!activation ? (
        <div class="waiting" style={{ minHeight: `${vector ? 40 : 120}px` }} aria-busy="true" />
      ) : vector ? (
        <Vector activation={activation} layer={layer} range={range} onPoint={setPointed} />
      ) : (
        <Grid
          activation={activation}
          layer={layer}
          range={range}
          dead={dead}
          shown={all ? count : Math.min(count, firstMaps)}
          onPoint={setPointed}
          onEnlarge={(map) => onEnlarge({ layer, activation, range, map })}
        />
      )}
      {activation && count > firstMaps && (
        <Button onClick={() => setAll(!all)}>
          {all ? `Show the first ${firstMaps}` : `Show all ${formatCount(count)} channels`}
        </Button>
      )}
    </section>
  );
}

function ColorBar({ range }: { range: Range }): VNode {
  const image = useMemo(() => {
    const ramp = { shape: [1, 128, 1], values: Float32Array.from({ length: 128 }, (_, index) => index) };
    return paint(ramp, 0, { min: 0, max: 127 });
  }, []);
  const zero = range.min < 0 && range.max > 0 ? -range.min / (range.max - range.min) : null;
  return (
    <span class="color-bar number">
      {formatValue(range.min)}
      <span class="ramp">
        <PixelCanvas
          image={image}
          width={112}
          height={10}
          label={`Colours from ${formatValue(range.min)} to ${formatValue(range.max)}`}
        />
        {zero !== null && <span class="zero" style={{ left: `${zero * 100}%` }} title="0" />}
      </span>
      {formatValue(range.max)}
    </span>
  );
}

interface GridProps {
  activation: Activation;
  layer: LayerSummary;
  range: Range;
  dead: boolean[];
  shown: number;
  onPoint: (text: string) => void;
  onEnlarge: (map: number) => void;
}

function Grid({ activation, layer, range, dead, shown, onPoint, onEnlarge }: GridProps): VNode {
  const plane = planeOf(activation.shape, 0);
  const { width, height } = mapSize(plane.rows, plane.columns);
  const [focusable, setFocusable] = useState(0);
  const holder = useRef<HTMLDivElement>(null);
  const images = useMemo(
    () => Array.from({ length: shown }, (_, map) => paint(activation, map, range)),
    [activation, shown, range],
  );
  const onKeyDown = (event: KeyboardEvent) => {
    const buttons = holder.current?.children;
    if (!buttons) return;
    const perRow = Math.max(1, countPerRow(buttons));
    const step: Record<string, number> = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: perRow,
      ArrowUp: -perRow,
    };
    const move = step[event.key];
    if (move === undefined) return;
    event.preventDefault();
    const target = Math.max(0, Math.min(shown - 1, focusable + move));
    setFocusable(target);
    (buttons[target] as HTMLElement).focus();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms.
    <div ref={holder} class="maps" role="group" aria-label={`Maps of ${layer.name}`} onKeyDown={onKeyDown}>
      {images.map((image, map) => (
        <button
          key={map}
          type="button"
          class={dead[map] ? 'map dead' : 'map'}
          tabIndex={map === focusable ? 0 : -1}
          aria-label={`Channel ${map}${dead[map] ? ', dead: all zeros' : ''}; enlarge`}
          title={dead[map] ? `channel ${map}: dead, all zeros for this picture` : `channel ${map}`}
          onClick={() => {
            setFocusable(map);
            onEnlarge(map);
          }}
        >
          <PixelCanvas
            image={image}
            width={width}
            height={height}
            onPoint={(at) => onPoint(at ? describe(activation, map, at) : '')}
          />
          {dead[map] && <span class="dead-mark">dead</span>}
        </button>
      ))}
    </div>
  );
}

function countPerRow(buttons: HTMLCollection): number {
  const top = (buttons[0] as HTMLElement | undefined)?.offsetTop;
  return Array.from(buttons).filter((button) => (button as HTMLElement).offsetTop === top).length;
}

interface VectorProps {
  activation: Activation;
  layer: LayerSummary;
  range: Range;
  onPoint: (text: string) => void;
}

/** Few units as bars from zero, many as a strip of cells. */
function Vector({ activation, layer, range, onPoint }: VectorProps): VNode {
  const { values } = activation;
  const strip = useMemo(() => {
    const columns = Math.min(values.length, 128);
    const rows = Math.ceil(values.length / columns);
    // The last row may be longer than the vector; what is missing is left transparent.
    const image = paint(
      {
        shape: [rows, columns, 1],
        values: Float32Array.from({ length: rows * columns }, (_, i) => values[i] ?? 0),
      },
      0,
      range,
    );
    for (let index = values.length; index < rows * columns; index++) image.data[index * 4 + 3] = 0;
    return { columns, rows, image };
  }, [values, range]);
  if (values.length <= 32) {
    const low = Math.min(0, range.min);
    const span = Math.max(0, range.max) - low || 1;
    return (
      <div
        class="unit-bars"
        role="img"
        aria-label={`${plural(values.length, 'unit')} of ${layer.name}: ${[...values].map(formatValue).join(', ')}`}
      >
        {[...values].map((value, unit) => (
          <span
            key={unit}
            class="unit"
            title={`unit ${unit}: ${formatValue(value)}`}
            onPointerEnter={() => onPoint(`unit ${unit}: ${formatValue(value)}`)}
            onPointerLeave={() => onPoint('')}
          >
            <span class="unit-track">
              <span
                class="unit-bar"
                style={{
                  bottom: `${((Math.min(0, value) - low) / span) * 100}%`,
                  height: `${Math.max(1, (Math.abs(value) / span) * 100)}%`,
                  background: cssColor(value, range),
                }}
              />
            </span>
            <span class="unit-name">{unit}</span>
          </span>
        ))}
      </div>
    );
  }
  const cell = Math.max(5, Math.min(12, Math.floor(900 / strip.columns)));
  return (
    <div class="strip">
      <PixelCanvas
        image={strip.image}
        width={strip.columns * cell}
        height={strip.rows * Math.max(cell, strip.rows === 1 ? 22 : cell)}
        label={`${plural(values.length, 'unit')} of ${layer.name}, from ${formatValue(range.min)} to ${formatValue(range.max)}`}
        onPoint={(at) => {
          const unit = at ? at.row * strip.columns + at.column : -1;
          onPoint(unit >= 0 && unit < values.length ? `unit ${unit}: ${formatValue(values[unit]!)}` : '');
        }}
      />
    </div>
  );
}

/** Small maps grow in whole steps, so that all pixels are equally large. */
function mapSize(rows: number, columns: number): { width: number; height: number } {
  const largest = Math.max(rows, columns);
  const scale = largest >= 84 ? 112 / largest : Math.max(1, Math.floor(84 / largest));
  return { width: columns * scale, height: rows * scale };
}

export function describe(activation: Activation, map: number, at: { row: number; column: number }): string {
  const plane = planeOf(activation.shape, map);
  const value = activation.values[plane.indexOf(at.row, at.column)] ?? Number.NaN;
  return `channel ${map}, row ${at.row}, column ${at.column}: ${formatValue(value)}`;
}
