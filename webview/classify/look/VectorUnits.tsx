/** A vector: few units as bars from zero, many as a strip of cells. Units can be taken apart. */
import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import { type ColorMapName, colorMaps } from '../../shared/colorMaps';
import { formatValue, plural } from '../../shared/format';
import { type Activation, indexOfPlace, type Range } from '../../shared/maps';
import { cssColor, imageOfMap } from '../../shared/paint';
import { PixelCanvas } from '../PixelCanvas';
import { useReadout } from './readout';
import { useRoving } from './roving';

interface VectorUnitsProps {
  activation: Activation;
  name: string;
  range: Range;
  colors: ColorMapName;
  onUnit: (index: number[]) => void;
  /** The unit that is taken apart. */
  selected?: number;
}

const barsAtMost = 32;
const stripColumns = 128;

export function VectorUnits(props: VectorUnitsProps): VNode {
  return props.activation.planes.length <= barsAtMost ? <Bars {...props} /> : <Strip {...props} />;
}

function Bars({ activation, name, range, colors, onUnit, selected }: VectorUnitsProps): VNode {
  const { say } = useReadout();
  const values = [...activation.planes];
  const roving = useRoving(values.length);
  const low = Math.min(0, range.min);
  const span = Math.max(0, range.max) - low || 1;
  const share = (value: number) => Math.max(0, Math.min(1, (value - low) / span));
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms.
    <div
      ref={roving.holder}
      class="unit-bars"
      role="group"
      aria-label={`${plural(values.length, 'unit')} of ${name}`}
      onKeyDown={roving.onKeyDown}
      onPointerLeave={() => say('')}
    >
      {values.map((value, unit) => (
        <button
          key={unit}
          type="button"
          data-item
          class={unit === selected ? 'unit selected' : 'unit'}
          tabIndex={roving.tabIndexOf(unit)}
          aria-label={`Unit ${unit}: ${formatValue(value)}`}
          title={`unit ${unit}: ${formatValue(value)}`}
          onFocus={() => roving.onFocus(unit)}
          onClick={() => onUnit(indexOfPlace(activation, { map: 0, row: 0, column: unit }))}
          onPointerEnter={() => say(`${name} · unit ${unit}: ${formatValue(value)}`)}
        >
          <span class="unit-track">
            <span
              class="unit-bar"
              style={{
                bottom: `${share(Math.min(0, value)) * 100}%`,
                height: `${Math.max(0.01, share(Math.max(0, value)) - share(Math.min(0, value))) * 100}%`,
                background: cssColor(value, range, colorMaps[colors]),
              }}
            />
          </span>
          <span class="unit-name">{unit}</span>
        </button>
      ))}
    </div>
  );
}

function Strip({ activation, name, range, colors, onUnit, selected }: VectorUnitsProps): VNode {
  const { planes: values } = activation;
  const { say } = useReadout();
  const columns = Math.min(values.length, stripColumns);
  const rows = Math.ceil(values.length / columns);
  const image = useMemo(() => {
    const padded = new Float32Array(rows * columns);
    padded.set(values);
    const shape = [rows, columns, 1];
    const painted = imageOfMap({ shape, planes: padded }, 0, range, colorMaps[colors]);
    // The last row may be longer than the vector; what is missing is left transparent.
    for (let unit = values.length; unit < rows * columns; unit++) painted.data[unit * 4 + 3] = 0;
    return painted;
  }, [values, rows, columns, range, colors]);
  const cell = Math.max(5, Math.min(12, Math.floor(900 / columns)));
  const height = rows === 1 ? 22 : rows * cell;
  const unitAt = (event: MouseEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const within = (value: number, size: number) => Math.max(0, Math.min(size - 1, Math.floor(value * size)));
    const row = within((event.clientY - box.top) / box.height, rows);
    return Math.min(
      values.length - 1,
      row * columns + within((event.clientX - box.left) / box.width, columns),
    );
  };
  const strongest = () => values.reduce((best, value, unit) => (value > values[best]! ? unit : best), 0);
  return (
    <button
      type="button"
      class="strip"
      aria-label={`${plural(values.length, 'unit')} of ${name}, from ${formatValue(range.min)} to ${formatValue(range.max)}; take the strongest apart`}
      onClick={(event) => {
        const unit = event.detail === 0 ? strongest() : unitAt(event);
        onUnit(indexOfPlace(activation, { map: 0, row: 0, column: unit }));
      }}
      onPointerMove={(event) => {
        const unit = unitAt(event);
        say(`${name} · unit ${unit}: ${formatValue(values[unit]!)}`);
      }}
      onPointerLeave={() => say('')}
    >
      <PixelCanvas image={image} width={columns * cell} height={height} />
      {selected !== undefined && (
        <span
          class="strip-cursor"
          style={{
            left: `${((selected % columns) / columns) * 100}%`,
            top: `${(Math.floor(selected / columns) / rows) * 100}%`,
            width: `${100 / columns}%`,
            height: `${100 / rows}%`,
          }}
        />
      )}
    </button>
  );
}
