/** Which layer of one model is which of another, and how far their outputs are apart. Pure. */
import type { LayerActivationSummary } from '../../../../protocol/sidecar';
import { type Activation, geometryOf } from '../../../shared/maps';

export interface LayerPair {
  a: LayerActivationSummary;
  b: LayerActivationSummary;
}

/**
 * Layers that can be laid over one another: of the same name and shape; else, in their order, of the same class and shape.
 */
export function layerPairs(
  a: readonly LayerActivationSummary[],
  b: readonly LayerActivationSummary[],
): LayerPair[] {
  const free = new Set(b);
  const fits = (one: LayerActivationSummary, other: LayerActivationSummary) =>
    one.shape.join() === other.shape.join() &&
    (one.layout ?? 'channelsLast') === (other.layout ?? 'channelsLast');
  const partner = new Map<LayerActivationSummary, LayerActivationSummary>();
  const pair = (matches: (one: LayerActivationSummary, other: LayerActivationSummary) => boolean) => {
    for (const one of a) {
      if (partner.has(one)) continue;
      const other = [...free].find((candidate) => fits(one, candidate) && matches(one, candidate));
      if (!other) continue;
      partner.set(one, other);
      free.delete(other);
    }
  };
  pair((one, other) => one.name === other.name);
  pair((one, other) => one.className === other.className);
  return a.flatMap((one) => (partner.has(one) ? [{ a: one, b: partner.get(one)! }] : []));
}

/** The second minus the first, as maps of their own. */
export function difference(a: Activation, b: Activation): Activation {
  const planes = Float32Array.from(a.planes, (value, i) => (b.planes[i] ?? Number.NaN) - value);
  return { shape: a.shape, layout: a.layout, planes };
}

export interface ClassDifference {
  label: string;
  index: number;
  a: number;
  b: number;
}

interface Scores {
  classCount: number;
  classes: readonly { label: string; index: number; probability: number }[];
}

/**
 * The classes that either finds likely, the likeliest first; undefined where the two do not know the same classes.
 * A class that an answer does not list counts as unknown (NaN).
 */
export function classDifferences(a: Scores, b: Scores, atMost: number): ClassDifference[] | undefined {
  if (a.classCount !== b.classCount) return undefined;
  const inB = new Map(b.classes.map((each) => [each.index, each]));
  const inA = new Map(a.classes.map((each) => [each.index, each]));
  const all = [...new Set([...inA.keys(), ...inB.keys()])].map((index) => ({
    index,
    label: inA.get(index)?.label ?? inB.get(index)!.label,
    a: inA.get(index)?.probability ?? Number.NaN,
    b: inB.get(index)?.probability ?? Number.NaN,
  }));
  const most = ({ a: one, b: other }: ClassDifference) => Math.max(one || 0, other || 0);
  return all.sort((one, other) => most(other) - most(one) || one.index - other.index).slice(0, atMost);
}

/** How many cells a map has. */
export function cellsOf(activation: Activation): number {
  const { rows, columns } = geometryOf(activation);
  return rows * columns;
}
