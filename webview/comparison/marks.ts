/** What differs, for each model, from the one it is compared with. Pure. */
import {
  areRelated,
  countDifferences,
  type Difference,
  type DifferenceCounts,
  differencesBetween,
  type ModelComparison,
  type RowDifference,
} from '../../model-graph/comparison/compare';
import type { ComparedLayer } from '../../model-graph/comparison/layers';
import { plural } from '../shared/format';

export interface ModelMarks {
  /** The model it is compared with; undefined for that one itself. */
  reference: number | undefined;
  counts: DifferenceCounts;
  /** One is a version of the other: else marks at every layer would say nothing, and none are drawn. */
  isRelated: boolean;
  /** By row of the comparison. */
  rows: (RowDifference | null)[];
  /** By key of the model's own layers. */
  byLayer: ReadonlyMap<string, RowDifference>;
  /** What the other has in each row. */
  counterparts: ReadonlyMap<string, ComparedLayer>;
}

/** `reference`: one model for all others; undefined: for each the one to its left. */
export function marksOf(comparison: ModelComparison, reference: number | undefined): ModelMarks[] {
  return comparison.models.map((_, model) => {
    const other = reference === undefined ? model - 1 : reference;
    if (other < 0 || other === model) return noMarks;
    const rows = differencesBetween(comparison, other, model);
    const counts = countDifferences(rows);
    const byLayer = new Map<string, RowDifference>();
    const counterparts = new Map<string, ComparedLayer>();
    rows.forEach((row, index) => {
      const { layers } = comparison.rows[index]!;
      const [own, its] = [layers[model], layers[other]];
      if (row && own) byLayer.set(own.key, row);
      if (own && its) counterparts.set(own.key, its);
    });
    return { reference: other, counts, isRelated: areRelated(counts), rows, byLayer, counterparts };
  });
}

const noMarks: ModelMarks = {
  reference: undefined,
  counts: { same: 0, renamed: 0, resized: 0, changed: 0, added: 0, removed: 0 },
  isRelated: false,
  rows: [],
  byLayer: new Map(),
  counterparts: new Map(),
};

/** `3 layers added, 25 alike`. */
export function summaryOf({ counts, isRelated }: ModelMarks): string {
  const { same, renamed, resized, changed, added, removed } = counts;
  const alike = same + renamed;
  if (!isRelated) {
    const all = alike + resized + changed + added;
    return `another architecture: ${alike + resized} of ${plural(all, 'layer')} alike`;
  }
  const parts = [
    added > 0 && `${added} added`,
    removed > 0 && `${removed} removed`,
    changed > 0 && `${changed} changed`,
    resized > 0 && `${resized} resized by that`,
    renamed > 0 && `${renamed} renamed`,
  ].filter(Boolean);
  return parts.length === 0 ? `the same ${plural(alike, 'layer')}` : `${parts.join(', ')}; ${alike} alike`;
}

export const differenceNames: Record<Difference, string> = {
  same: 'alike',
  renamed: 'renamed',
  resized: 'resized',
  changed: 'changed',
  added: 'added',
  removed: 'removed',
};

/** `filters 64 → 128`. */
export function changeLines({ changes, consequences }: RowDifference): string[] {
  return [...changes, ...consequences].map(({ property, from, to }) => `${property} ${from} → ${to}`);
}
