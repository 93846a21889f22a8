/** Figures of one run: medians and spreads of both sides, and the ratio. Machines are slow and shared: only ratios count. */

export interface Sample {
  median: number;
  low: number;
  high: number;
}

export function summarize(values: number[]): Sample {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: quantile(sorted, 0.5), low: sorted[0]!, high: sorted.at(-1)! };
}

/** `sorted` ascending. */
export function quantile(sorted: number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

export interface Row {
  what: string;
  ours: string;
  theirs: string;
  ratio: string;
  /** What the ratio has to be, and whether it is. */
  goal: string;
  reached: boolean;
}

export function compare(what: string, ours: Sample, theirs: Sample, atLeast: number, unit: string): Row {
  const ratio = theirs.median / ours.median;
  return {
    what,
    ours: show(ours, unit),
    theirs: show(theirs, unit),
    ratio: `${ratio.toFixed(ratio < 10 ? 1 : 0)}×`,
    goal: `≥ ${atLeast}×`,
    reached: ratio >= atLeast,
  };
}

export function show({ median, low, high }: Sample, unit: string): string {
  const digits = (value: number) => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
  return low === high
    ? `${digits(median)} ${unit}`
    : `${digits(median)} ${unit} (${digits(low)}–${digits(high)})`;
}

export function table(rows: Row[]): string {
  const header = ['', 'Layerwise', 'the other', 'ratio', 'goal', ''];
  const cells = rows.map((row) => [
    row.what,
    row.ours,
    row.theirs,
    row.ratio,
    row.goal,
    row.reached ? '✓' : '✗',
  ]);
  const line = (row: string[]) => `| ${row.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...cells.map(line)].join('\n');
}
