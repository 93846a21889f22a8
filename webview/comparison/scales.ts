/** From values to lengths, and the ticks beside them. Pure. */
import { formatBytes } from '../shared/format';
import type { BarScale } from './host';

export interface Scale {
  /** 0 … 1; values that are not positive are 0 on a logarithmic scale. */
  at(value: number): number;
  /** Round values within the range. */
  ticks: number[];
}

export function linearScale(most: number): Scale {
  const top = most > 0 ? most : 1;
  return { at: (value) => Math.max(0, value) / top, ticks: [] };
}

/** From a whole power of `base` below the least to one above the most. */
export function logScale(least: number, most: number, base: 2 | 10): Scale {
  const log = (value: number) => Math.log(value) / Math.log(base);
  const low = Math.floor(log(Math.max(least, Number.MIN_VALUE)) + 1e-9);
  const high = Math.max(low + 1, Math.ceil(log(most) - 1e-9));
  const step = Math.max(1, Math.ceil((high - low) / 5));
  const ticks: number[] = [];
  for (let power = low; power <= high; power += step) ticks.push(base ** power);
  return { at: (value) => (value > 0 ? (log(value) - low) / (high - low) : 0), ticks };
}

/** Values that differ by more than this are told apart on a logarithmic scale only. */
const wide = 300;

export function spansOrders(values: readonly number[]): boolean {
  const positive = values.filter((value) => value > 0);
  return positive.length > 1 && Math.max(...positive) / Math.min(...positive) > wide;
}

export function scaleFor(kind: Exclude<BarScale, 'share'>, values: readonly number[]): Scale {
  const positive = values.filter((value) => value > 0);
  if (positive.length === 0) return linearScale(1);
  return kind === 'log'
    ? logScale(Math.min(...positive) / 2, Math.max(...positive), 10)
    : linearScale(Math.max(...positive));
}

/** `61.7k`, `138.4M`, `15.5G`: three digits. */
export function shortCount(value: number): string {
  const units: [number, string][] = [
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ];
  for (const [size, unit] of units) {
    if (value >= size * 0.9995) return `${Number((value / size).toPrecision(3))}${unit}`;
  }
  return String(Math.round(value));
}

/** `27.6 MiB`: short, and as elsewhere. */
export function shortBytes(value: number): string {
  return formatBytes(value).replace(/^(\d+) bytes?$/, '$1 B');
}

/** `×2.2`, `÷1,011`, `+3.8 %`, `=`: how one value stands to another. Empty where that says nothing. */
export function ratioText(value: unknown, reference: unknown): string {
  if (typeof value !== 'number' || typeof reference !== 'number') return '';
  if (value === reference) return '=';
  if (value === 0 || reference === 0) return '';
  const ratio = value / reference;
  if (ratio > 0.6 && ratio < 1.6) {
    const percent = (ratio - 1) * 100;
    const digits = Math.abs(percent) < 10 ? 1 : 0;
    const text = Math.abs(percent).toFixed(digits);
    if (Number(text) === 0) return percent > 0 ? '+<0.1 %' : '−<0.1 %';
    return `${percent > 0 ? '+' : '−'}${text} %`;
  }
  const factor = ratio >= 1 ? ratio : 1 / ratio;
  const text = factor < 10 ? factor.toFixed(1) : Math.round(factor).toLocaleString('en-US');
  return `${ratio >= 1 ? '×' : '÷'}${text}`;
}
