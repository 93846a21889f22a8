/** The largest of a window, or its mean; cells outside of the input do not count. */
import type { CellWindow } from '../../../protocol/sidecar';
import { numericWindow, windowAt } from '../windows';
import { at, type Cell, type CellArithmetic, shortNumber } from './cell';

const operations: Record<string, 'max' | 'average'> = {
  MaxPooling2D: 'max',
  GlobalMaxPooling2D: 'max',
  AveragePooling2D: 'average',
  GlobalAveragePooling2D: 'average',
};

export async function explainPooling(cell: Cell): Promise<CellArithmetic | undefined> {
  const { layer, index } = cell;
  const operation = operations[layer.className];
  if (!operation || layer.layer.getConfig()['dataFormat'] === 'channelsFirst') return undefined;
  const input = cell.inputs[0]!;
  const [rows = 0, columns = 0] = input.shape;
  const size = numericWindow(layer.layer, [[1, ...input.shape]]);
  const isGlobal = layer.className.startsWith('Global');
  if (!size && !isGlobal) return undefined;
  const window =
    size && !isGlobal ? windowAt(size, index) : { top: 0, left: 0, height: rows, width: columns };
  const channel = index.at(-1)!;
  return pooled({ operation, window, rows, columns, valueAt: (y, x) => at(input, [y, x, channel]) });
}

/** The arithmetic of a window over one channel of `rows` × `columns`. */
export function pooled(reading: {
  operation: 'max' | 'average';
  window: CellWindow;
  rows: number;
  columns: number;
  /** 0 where it sticks out. */
  valueAt(row: number, column: number): number;
  /** How many cells the mean is of; absent: those inside. */
  counted?: number;
}): CellArithmetic {
  const { operation, window, rows, columns } = reading;
  const patch: number[] = [];
  const inside: boolean[] = [];
  for (let y = window.top; y < window.top + window.height; y++) {
    for (let x = window.left; x < window.left + window.width; x++) {
      inside.push(y >= 0 && x >= 0 && y < rows && x < columns);
      patch.push(reading.valueAt(y, x));
    }
  }
  const values = patch.filter((_, i) => inside[i]);
  if (operation === 'max') {
    let winner = -1;
    for (const [i, value] of patch.entries()) {
      if (inside[i] && (winner < 0 || value > patch[winner]!)) winner = i;
    }
    const computed = patch[winner] ?? Number.NaN;
    const formula = `max of ${values.length} values = ${shortNumber(computed)}`;
    return { kind: 'pooling', window, operation, patch, inside, winner, computed, formula };
  }
  const counted = reading.counted ?? values.length;
  const sum = values.reduce((total, value) => total + value, 0);
  const computed = sum / counted;
  const formula = `${shortNumber(sum)} / ${counted} = ${shortNumber(computed)}`;
  const countsPadding = counted > values.length;
  return {
    kind: 'pooling',
    window,
    operation,
    patch,
    inside,
    ...(countsPadding ? { countsPadding } : {}),
    computed,
    formula,
  };
}
