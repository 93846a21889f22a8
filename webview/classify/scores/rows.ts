/** Which classes a chart of scores shows, in which order. Pure. */

/** What a picture was taken for, as far as a chart needs it. */
export interface Scores {
  /** Of all classes, in the model's order. */
  probabilities: ArrayLike<number>;
  /** In the model's order; shorter where names are missing. */
  labels: readonly string[];
}

export interface Row {
  index: number;
  label: string;
  probability: number;
  /** What it is compared with; undefined: nothing. */
  before: number | undefined;
}

export type Order = 'score' | 'change' | 'class';

export function labelOf({ labels }: Scores, index: number): string {
  return labels[index] ?? `class ${index}`;
}

/**
 * @param search Words that must all occur in a class's label or be its number.
 * @param before The scores it is compared with, of as many classes.
 */
export function rowsOf(scores: Scores, order: Order, search: string, before?: ArrayLike<number>): Row[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const rows: Row[] = [];
  for (let index = 0; index < scores.probabilities.length; index++) {
    const label = labelOf(scores, index);
    const text = label.toLowerCase();
    if (!words.every((word) => text.includes(word) || `${index}` === word)) continue;
    rows.push({ index, label, probability: scores.probabilities[index]!, before: before?.[index] });
  }
  if (order === 'class') return rows;
  // With two pictures compared, what either of them has near the top: so that rows stay where they are while one changes.
  const rank =
    order === 'change'
      ? ({ probability, before: earlier = probability }: Row) => Math.abs(probability - earlier)
      : ({ probability, before: earlier = 0 }: Row) => Math.max(probability, earlier);
  return rows.sort((a, b) => rank(b) - rank(a) || b.probability - a.probability || a.index - b.index);
}

/** The most probable class; undefined when there is none. */
export function bestOf(probabilities: ArrayLike<number>): number | undefined {
  let best: number | undefined;
  for (let index = 0; index < probabilities.length; index++) {
    if (best === undefined || probabilities[index]! > probabilities[best]!) best = index;
  }
  return best;
}
