/** Two sides measured in turn, so that whatever else the machine does meets both alike. */
import { quantile, type Row, show, summarize } from './measure';

export interface Pairs {
  ours: number[];
  theirs: number[];
}

/** @param warmUps Rounds that are not counted: caches fill, code is compiled. */
export async function inPairs(
  rounds: number,
  warmUps: number,
  ours: () => Promise<number>,
  theirs: () => Promise<number>,
): Promise<Pairs> {
  const pairs: Pairs = { ours: [], theirs: [] };
  for (let round = -warmUps; round < rounds; round++) {
    // Either goes first as often as the other.
    const first = round % 2 === 0;
    const a = await (first ? ours() : theirs());
    const b = await (first ? theirs() : ours());
    if (round < 0) continue;
    pairs.ours.push(first ? a : b);
    pairs.theirs.push(first ? b : a);
  }
  return pairs;
}

/** The median of the pairs' own ratios, ours / theirs: a slow moment of the machine falls on one pair alone. */
export function ratioOf({ ours, theirs }: Pairs): number {
  return quantile(
    ours.map((value, i) => value / theirs[i]!).sort((a, b) => a - b),
    0.5,
  );
}

/** For times, which are to be short. */
export function atMost(what: string, pairs: Pairs, limit: number, unit: string): Row {
  const ratio = ratioOf(pairs);
  return {
    what,
    ours: show(summarize(pairs.ours), unit),
    theirs: show(summarize(pairs.theirs), unit),
    ratio: `${ratio.toFixed(2)}×`,
    goal: `≤ ${limit.toFixed(2)}×`,
    reached: ratio <= limit,
  };
}
