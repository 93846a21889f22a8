/** What a confusion matrix says, in numbers. Pure. `confusion[label][predicted]` counts examples. */

export interface Confused {
  label: number;
  predicted: number;
  count: number;
}

/** Wrong cells, those with the most examples first. */
export function mostConfused(confusion: number[][], most: number): Confused[] {
  return confusion
    .flatMap((row, label) =>
      row.flatMap((count, predicted) =>
        count > 0 && label !== predicted ? [{ label, predicted, count }] : [],
      ),
    )
    .sort((a, b) => b.count - a.count)
    .slice(0, most);
}

export function sum(row: readonly number[]): number {
  return row.reduce((total, count) => total + count, 0);
}

/** Share of a class's examples that were recognized; null for a class without examples. */
export function recall(confusion: number[][], label: number): number | null {
  const row = confusion[label] ?? [];
  const total = sum(row);
  return total === 0 ? null : (row[label] ?? 0) / total;
}

/** Share of all examples that were recognized. */
export function accuracyOf(confusion: number[][]): number {
  const right = confusion.reduce((total, row, label) => total + (row[label] ?? 0), 0);
  return right / Math.max(1, sum(confusion.map(sum)));
}
