/** How maps are drawn: order, colours, range, size. */
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { colorMaps } from '../../shared/colorMaps';
import { Dropdown, Segments, TextField } from '../../shared/controls';
import type { MapSettings } from './lookState';

interface MapToolbarProps {
  settings: MapSettings;
  onChange: (change: Partial<MapSettings>) => void;
}

export function MapToolbar({ settings, onChange }: MapToolbarProps): VNode {
  return (
    <div class="map-toolbar" role="toolbar" aria-label="How maps are drawn">
      <Segments
        label="Order of channels"
        value={settings.sort}
        segments={[
          { value: 'number', text: 'By number', hint: 'Channels in the order of the layer' },
          { value: 'strength', text: 'By strength', hint: 'Channels with the largest mean |value| first' },
        ]}
        onChange={(sort) => onChange({ sort })}
      />
      <Dropdown
        label="Colours"
        value={settings.colors}
        options={Object.values(colorMaps).map(({ name, title }) => ({ value: name, text: title }))}
        onChange={(colors) => onChange({ colors })}
      />
      <Segments
        label="Range of colours"
        value={settings.range}
        segments={[
          { value: 'layer', text: 'Range of layer', hint: 'One range for all channels of a layer' },
          { value: 'channel', text: 'Of channel', hint: 'Each channel from its own least to its own most' },
          { value: 'fixed', text: 'Fixed', hint: 'The same chosen range everywhere' },
        ]}
        onChange={(range) => onChange({ range })}
      />
      {settings.range === 'fixed' && (
        <FixedRange value={settings.fixed} onChange={(fixed) => onChange({ fixed })} />
      )}
      <Segments
        label="Size of maps"
        value={settings.size}
        segments={[
          { value: 'small', text: 'S', hint: 'Small maps' },
          { value: 'medium', text: 'M', hint: 'Medium maps' },
          { value: 'large', text: 'L', hint: 'Large maps' },
        ]}
        onChange={(size) => onChange({ size })}
      />
    </div>
  );
}

interface FixedRangeProps {
  value: MapSettings['fixed'];
  onChange: (range: MapSettings['fixed']) => void;
}

function FixedRange({ value, onChange }: FixedRangeProps): VNode {
  const [texts, setTexts] = useState({ min: String(value.min), max: String(value.max) });
  const type = (part: Partial<typeof texts>) => {
    const next = { ...texts, ...part };
    setTexts(next);
    const [min, max] = [numberOf(next.min), numberOf(next.max)];
    if (min < max) onChange({ min, max });
  };
  const [min, max] = [numberOf(texts.min), numberOf(texts.max)];
  const notBoth = Number.isNaN(min) || Number.isNaN(max);
  return (
    <span class="fixed-range">
      <TextField
        value={texts.min}
        onInput={(text) => type({ min: text })}
        problem={Number.isNaN(min) ? 'A number is needed' : undefined}
      >
        From
      </TextField>
      <TextField
        value={texts.max}
        onInput={(text) => type({ max: text })}
        problem={
          Number.isNaN(max)
            ? 'A number is needed'
            : !notBoth && max <= min
              ? 'More than the least'
              : undefined
        }
      >
        To
      </TextField>
    </span>
  );
}

/** People write a minus sign, and a comma where they come from. */
function numberOf(text: string): number {
  const plain = text.trim().replace('−', '-').replace(',', '.');
  return plain === '' ? Number.NaN : Number(plain);
}
