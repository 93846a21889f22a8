/** What the colours stand for. */
import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import { type ColorMapName, colorMaps } from '../../shared/colorMaps';
import { formatValue } from '../../shared/format';
import { aroundZero, type Range } from '../../shared/maps';
import { imageOfMap } from '../../shared/paint';
import { PixelCanvas } from '../PixelCanvas';

export function ColorBar({ range: given, colors }: { range: Range; colors: ColorMapName }): VNode {
  const map = colorMaps[colors];
  const range = map.isDiverging ? aroundZero(given) : given;
  const image = useMemo(() => {
    const ramp = { shape: [1, 128, 1], planes: Float32Array.from({ length: 128 }, (_, i) => i / 127) };
    return imageOfMap(ramp, 0, { min: 0, max: 1 }, { words: map.words, isDiverging: false });
  }, [map]);
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
