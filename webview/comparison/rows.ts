/** Which drawn items stand side by side: bands of rows, one item for each model or none. Pure. */
import { align } from '../../model-graph/comparison/align';
import type { ModelComparison } from '../../model-graph/comparison/compare';
import type { ComparedLayer } from '../../model-graph/comparison/layers';
import { alignStages, type Stage } from '../../model-graph/comparison/stages';
import type { Alignment } from './host';
import { type DrawnItem, foldAbove, foldedRun, foldRepeats, itemOf } from './items';
import type { ModelMarks } from './marks';

export interface Row {
  /** One for each model. */
  items: (DrawnItem | undefined)[];
  /** Models that lack what the one they are compared with has here. */
  removed: ReadonlySet<number>;
}

export interface Band {
  key: string;
  /** The stages that stand here; none where the rows follow the layers alone. */
  stages: (Stage | undefined)[];
  rows: Row[];
}

/** Rows that are alike in all models are folded when there are more than these in one piece. */
const shortestRun = 7;
/** So many of them stay on both sides, to tell where one is. */
const context = 2;

export interface RowsInput {
  comparison: ModelComparison;
  stages: Stage[][];
  marks: ModelMarks[];
  alignment: Alignment;
  opened: ReadonlySet<string>;
}

export function bandsOf(input: RowsInput): Band[] {
  return input.alignment === 'layer' ? bandsByLayer(input) : bandsByStage(input, input.alignment);
}

function bandsByLayer({ comparison, marks, opened }: RowsInput): Band[] {
  const rows = comparison.rows.map(({ layers }, index): Row => {
    const removed = marks.flatMap(({ isRelated, rows: differences }, model) =>
      isRelated && differences[index]?.difference === 'removed' ? [model] : [],
    );
    return {
      items: layers.map((layer, model) => layer && itemOf(model, layer)),
      removed: new Set(removed),
    };
  });
  const isAlike = comparison.rows.map(({ layers }, index) =>
    layers.every((layer, model) => {
      if (!layer) return false;
      const difference = marks[model]!.rows[index]?.difference;
      return marks[model]!.reference === undefined || difference === 'same';
    }),
  );
  return [
    { key: 'layers', stages: [], rows: rows.length > foldAbove ? foldRuns(rows, isAlike, opened) : rows },
  ];
}

function foldRuns(rows: readonly Row[], isAlike: readonly boolean[], opened: ReadonlySet<string>): Row[] {
  const result: Row[] = [];
  for (let at = 0; at < rows.length; ) {
    let end = at;
    while (end < rows.length && isAlike[end]) end++;
    const [from, to] = [at === 0 ? at + 1 : at + context, end === rows.length ? end - 1 : end - context];
    const first = rows[from]?.items[0];
    if (to - from < shortestRun || !first || opened.has(`run ${first.key}`)) {
      const next = Math.max(end, at + 1);
      result.push(...rows.slice(at, next));
      at = next;
      continue;
    }
    const inside = rows.slice(from, to);
    const items = rows[from]!.items.map((_, model) =>
      foldedRun(
        model,
        inside.map((row) => row.items[model]!),
      ),
    );
    // One key opens the run in all columns.
    for (const item of items) item.foldKey = `run ${first.key}`;
    result.push(...rows.slice(at, from), { items, removed: new Set() }, ...rows.slice(to, end));
    at = end;
  }
  return result;
}

function bandsByStage({ stages, marks, opened }: RowsInput, by: 'size' | 'number'): Band[] {
  const isLarge = stages.map((all) => all.reduce((sum, { layers }) => sum + layers.length, 0) > foldAbove);
  return alignStages(stages, by).map((aligned, index): Band => {
    const cells = aligned.map((stage, model): DrawnItem[] => {
      const items = (stage?.layers ?? []).map((layer) => itemOf(model, layer));
      if (!isLarge[model]) return items;
      const { byLayer, isRelated } = marks[model]!;
      const signature = (item: DrawnItem) => {
        const [layer] = item.members as [ComparedLayer];
        const difference = isRelated ? (byLayer.get(layer.key)?.difference ?? '') : '';
        return `${layer.layer.className} ${item.title} ${difference} ${layer.inbound.length}`;
      };
      return foldRepeats(items, signature, opened);
    });
    return { key: `stage ${index}`, stages: aligned, rows: rowsOfCells(cells, marks) };
  });
}

/** Within a stage, what is of one kind stands side by side. */
function rowsOfCells(cells: readonly DrawnItem[][], marks: readonly ModelMarks[]): Row[] {
  let rows: (DrawnItem | undefined)[][] = [];
  cells.forEach((items, model) => {
    const standing = rows.map((row) => row.findLast((item) => item !== undefined)!);
    const counterpart = (item: DrawnItem) => marks[model]!.counterparts.get(item.members[0]!.key)?.key;
    const pairs = align(
      standing.length,
      items.length,
      (f, s) => {
        const [a, b] = [standing[f]!, items[s]!];
        if (marks[model]!.isRelated && counterpart(b) === a.members[0]!.key) return 2;
        if (a.isThin !== b.isThin || (a.foldKey === null) !== (b.foldKey === null)) return 0;
        return a.title === b.title ? 1 : a.kind === b.kind ? 0.6 : 0;
      },
      { first: (index) => standing[index]!.title, second: (index) => items[index]!.title },
    );
    rows = pairs.map(([row, item]) => {
      const known = row === undefined ? new Array<undefined>(model).fill(undefined) : rows[row]!;
      return [...known, item === undefined ? undefined : items[item]];
    });
  });
  const reached = marks.map(({ counterparts }) => new Set([...counterparts.values()].map(({ key }) => key)));
  return rows.map((items): Row => {
    const removed = items.flatMap((item, model) => {
      const { reference, isRelated } = marks[model]!;
      const other = reference === undefined ? undefined : items[reference];
      if (item || !other || !isRelated) return [];
      return other.members.every(({ key }) => !reached[model]!.has(key)) ? [model] : [];
    });
    return { items, removed: new Set(removed) };
  });
}
