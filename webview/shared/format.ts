/** Numbers and shapes as text, the same in every view and the same as in the editor's hints. */
import { type Dim, formatExactCount, type Quantity } from '../../model-graph/dims';
import type { WireDim, WireQuantity, WireShape } from '../../protocol/modelGraph';

/** Every digit, with thousands separators; symbolic counts as written; `?` when lost. */
export function formatCount(quantity: WireQuantity | null | undefined): string {
  if (quantity === null || quantity === undefined) return '?';
  return typeof quantity === 'string' ? quantity : formatExactCount(quantity as Quantity);
}

export function formatDim(dim: WireDim): string {
  if (dim === null) return '?';
  // A minus sign, not a hyphen: sizes below zero happen in broken models.
  return typeof dim === 'number' && dim < 0 ? `−${-dim}` : `${dim satisfies Exclude<Dim, object> | string}`;
}

/** `28×28×6`: without the batch, as the editor's hints have it. */
export function formatShape(shape: WireShape | null | undefined): string {
  if (!shape) return '?';
  return formatSizes(shape.slice(1));
}

/** All sizes, for weights, which have no batch: `5×5×1×6`. */
export function formatSizes(sizes: readonly WireDim[]): string {
  if (sizes.length === 0) return '()';
  if (sizes.length === 1) return formatDim(sizes[0] ?? null);
  return sizes.map((dim) => (isSum(dim) ? `(${dim})` : formatDim(dim))).join('×');
}

/** `1 layer`, `8 layers`. */
export function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

export function formatBytes(quantity: WireQuantity | null): string {
  if (typeof quantity !== 'number') return quantity === null ? '?' : `${quantity} bytes`;
  if (quantity < 1024) return plural(quantity, 'byte');
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(Math.floor(Math.log(quantity) / Math.log(1024)), units.length);
  const value = quantity / 1024 ** power;
  return `${value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${units[power - 1]}`;
}

/** A measured value: four significant digits, no needless exponent. */
export function formatValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  if (value === 0) return '0';
  const size = Math.abs(value);
  const text = size >= 1e5 || size < 1e-3 ? size.toExponential(2) : `${Number(size.toPrecision(4))}`;
  return value < 0 ? `−${text.replace('e-', 'e−')}` : text.replace('e-', 'e−');
}

export function formatPercent(fraction: number, digits = 1): string {
  return `${(fraction * 100).toFixed(digits)} %`;
}

/** `42 s`, `3 min 05 s`, `1 h 12 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

function isSum(dim: WireDim): boolean {
  return typeof dim === 'string' && / [+−-] /.test(dim);
}
