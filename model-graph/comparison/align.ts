/**
 * Sequence alignment: which of one sequence's items is which of another's, in order, so that the sum of similarities is
 * largest (Needleman and Wunsch 1970, with gaps that cost more to open than to go on with, after Gotoh 1982: what is
 * inserted stays in one piece). Pure.
 */

/** An item of the first sequence beside one of the second; undefined: it has none. */
export type Pair = [first: number | undefined, second: number | undefined];

/** How alike two items are; 0 or less: they must not be paired. About 1 when they are the same. */
export type Similarity = (first: number, second: number) => number;

const gapOpen = 0.1;
const gapExtend = 0.01;
/** More than these comparisons at once would be felt. */
const mostCells = 4_000_000;

/**
 * Aligns items 0 … `firstCount` with items 0 … `secondCount`. `sameAs` gives a text by which equal items are known:
 * equal beginnings and ends are paired at once, and very long sequences are cut where something occurs once in both.
 */
export function align(
  firstCount: number,
  secondCount: number,
  similarity: Similarity,
  sameAs: { first(index: number): string; second(index: number): string },
): Pair[] {
  return alignRange([0, firstCount], [0, secondCount], similarity, sameAs);
}

type Span = [start: number, end: number];

function alignRange(
  [firstStart, firstEnd]: Span,
  [secondStart, secondEnd]: Span,
  similarity: Similarity,
  sameAs: { first(index: number): string; second(index: number): string },
): Pair[] {
  const cells = (firstEnd - firstStart) * (secondEnd - secondStart);
  if (cells <= mostCells) return alignWhole([firstStart, firstEnd], [secondStart, secondEnd], similarity);
  const before: Pair[] = [];
  const after: Pair[] = [];
  let [f, s, fEnd, sEnd] = [firstStart, secondStart, firstEnd, secondEnd];
  while (f < fEnd && s < sEnd && sameAs.first(f) === sameAs.second(s)) before.push([f++, s++]);
  while (f < fEnd && s < sEnd && sameAs.first(fEnd - 1) === sameAs.second(sEnd - 1))
    after.unshift([--fEnd, --sEnd]);
  return [...before, ...alignInPieces([f, fEnd], [s, sEnd], similarity, sameAs), ...after];
}

function alignInPieces(
  first: Span,
  second: Span,
  similarity: Similarity,
  sameAs: { first(index: number): string; second(index: number): string },
): Pair[] {
  if ((first[1] - first[0]) * (second[1] - second[0]) <= mostCells)
    return alignWhole(first, second, similarity);
  const anchor = middleAnchor(first, second, sameAs);
  // Nothing in common to cut at: both are cut in the middle.
  const [f, s] = anchor ?? [Math.floor((first[0] + first[1]) / 2), Math.floor((second[0] + second[1]) / 2)];
  return [
    ...alignInPieces([first[0], f], [second[0], s], similarity, sameAs),
    ...alignInPieces([f, first[1]], [s, second[1]], similarity, sameAs),
  ];
}

/** What occurs once in both, nearest to the middle. */
function middleAnchor(
  first: Span,
  second: Span,
  sameAs: { first(index: number): string; second(index: number): string },
): [number, number] | undefined {
  const once = (span: Span, textOf: (index: number) => string): Map<string, number> => {
    const found = new Map<string, number>();
    for (let index = span[0]; index < span[1]; index++) {
      const text = textOf(index);
      found.set(text, found.has(text) ? -1 : index);
    }
    return found;
  };
  const inSecond = once(second, sameAs.second);
  const middle = (first[0] + first[1]) / 2;
  let best: [number, number] | undefined;
  for (const [text, f] of once(first, sameAs.first)) {
    const s = inSecond.get(text) ?? -1;
    if (f <= first[0] || s <= second[0]) continue;
    if (!best || Math.abs(f - middle) < Math.abs(best[0] - middle)) best = [f, s];
  }
  return best;
}

/** What an alignment ends in: a pair, an item of the first sequence alone, one of the second alone. */
const From = { Pair: 0, First: 1, Second: 2 } as const;
type From = (typeof From)[keyof typeof From];

function alignWhole(
  [firstStart, firstEnd]: Span,
  [secondStart, secondEnd]: Span,
  similarity: Similarity,
): Pair[] {
  const rows = firstEnd - firstStart;
  const columns = secondEnd - secondStart;
  const width = columns + 1;
  /** Best sums of what ends in a pair, in an item of the first alone, in one of the second alone. */
  let pair = new Float64Array(width).fill(-Infinity);
  let first = new Float64Array(width).fill(-Infinity);
  let second = new Float64Array(width).fill(-Infinity);
  /** For each cell, two bits each: what stands before a pair, before a first alone, before a second alone. */
  const from = new Uint8Array((rows + 1) * width);
  pair[0] = 0;
  for (let column = 1; column < width; column++) {
    second[column] = -gapOpen - gapExtend * (column - 1);
    from[column] = (column === 1 ? From.Pair : From.Second) << 4;
  }
  for (let row = 1; row <= rows; row++) {
    const [nextPair, nextFirst, nextSecond] = [
      new Float64Array(width).fill(-Infinity),
      new Float64Array(width).fill(-Infinity),
      new Float64Array(width).fill(-Infinity),
    ];
    nextFirst[0] = -gapOpen - gapExtend * (row - 1);
    from[row * width] = (row === 1 ? From.Pair : From.First) << 2;
    for (let column = 1; column < width; column++) {
      const alike = similarity(firstStart + row - 1, secondStart + column - 1);
      let cell = 0;
      if (alike > 0) {
        const best = bestOf(pair[column - 1]!, first[column - 1]!, second[column - 1]!);
        nextPair[column] = best.value + alike;
        cell |= best.from;
      }
      const alone = bestOf(pair[column]! - gapOpen, first[column]! - gapExtend, second[column]! - gapOpen);
      nextFirst[column] = alone.value;
      cell |= alone.from << 2;
      const other = bestOf(
        nextPair[column - 1]! - gapOpen,
        nextFirst[column - 1]! - gapOpen,
        nextSecond[column - 1]! - gapExtend,
      );
      nextSecond[column] = other.value;
      cell |= other.from << 4;
      from[row * width + column] = cell;
    }
    [pair, first, second] = [nextPair, nextFirst, nextSecond];
  }
  const pairs: Pair[] = [];
  let [row, column] = [rows, columns];
  let state: From = bestOf(pair[columns]!, first[columns]!, second[columns]!).from;
  while (row > 0 || column > 0) {
    const cell = from[row * width + column]!;
    if (state === From.Pair) {
      state = (cell & 3) as From;
      pairs.push([firstStart + --row, secondStart + --column]);
    } else if (state === From.First) {
      state = ((cell >> 2) & 3) as From;
      pairs.push([firstStart + --row, undefined]);
    } else {
      state = ((cell >> 4) & 3) as From;
      pairs.push([undefined, secondStart + --column]);
    }
  }
  return pairs.reverse();
}

/**
 * On a tie what is alone is taken last on the way back, so that it comes as late as it can: of three equal layers, the
 * third is the one that is new.
 */
function bestOf(pair: number, first: number, second: number): { value: number; from: From } {
  const slack = 1e-9;
  if (second >= pair - slack && second >= first - slack) return { value: second, from: From.Second };
  if (first >= pair - slack) return { value: first, from: From.First };
  return { value: pair, from: From.Pair };
}
