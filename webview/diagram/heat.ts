/** Layers coloured by what they cost, on a logarithmic scale, since costs of one network differ by powers of ten. Pure. */
import { colorMaps } from '../shared/colorMaps';
import { formatBytes, formatCount } from '../shared/format';
import { cssColor } from '../shared/paint';
import type { Cost, Item } from './scene';

export type Measure = keyof Cost;

export const measureNames: Record<Measure, string> = {
  params: 'Parameters',
  multiplyAccumulates: 'Multiply-accumulates',
  activationBytes: 'Activation memory',
};

export interface Heat {
  measure: Measure;
  colors: Map<string, string>;
  low: number;
  high: number;
}

/** Items whose cost is zero or not known as a number have no colour. */
export function heatOf(items: readonly Item[], measure: Measure): Heat {
  const values = items.flatMap(({ key, cost }): [string, number][] => {
    const value = cost[measure];
    return typeof value === 'number' && value > 0 ? [[key, value]] : [];
  });
  const low = values.reduce((least, [, value]) => Math.min(least, value), Infinity);
  const high = values.reduce((most, [, value]) => Math.max(most, value), 0);
  const share = (value: number) => (high > low ? Math.log(value / low) / Math.log(high / low) : 1);
  return {
    measure,
    colors: new Map(values.map(([key, value]) => [key, heatColor(share(value))])),
    low: values.length > 0 ? low : 0,
    high,
  };
}

/** `share` from 0 to 1. */
export function heatColor(share: number): string {
  return cssColor(share, { min: 0, max: 1 }, colorMaps.viridis);
}

export function formatMeasure(value: Item['cost'][Measure], measure: Measure): string {
  if (measure === 'activationBytes') return formatBytes(value);
  return `${formatCount(value)} ${measure === 'params' ? 'params' : 'MACs'}`;
}
