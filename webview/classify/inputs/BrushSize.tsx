/** How thick a brush is. */
import type { VNode } from 'preact';

interface BrushSizeProps {
  value: number;
  min: number;
  max: number;
  step: number;
  onChange: (value: number) => void;
}

export function BrushSize({ value, min, max, step, onChange }: BrushSizeProps): VNode {
  return (
    <label class="brush-size">
      <span class="muted">Size</span>
      <input
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        onInput={({ currentTarget }) => onChange(Number(currentTarget.value))}
      />
    </label>
  );
}
