/** A cell that is taken apart, and what its arithmetic is told in. */
import type { ExplainCellResult } from '../../../protocol/sidecar';
import { SidecarError } from '../../errors';
import type { NamedValue } from '../executionPlan';
import type { Session } from '../sessions';
import type { TensorValues, TfjsNetwork } from '../tfjsNetwork';

/** What every explanation starts from. */
export interface Cell {
  network: TfjsNetwork;
  session: Session;
  layer: NamedValue;
  /** Without the batch. */
  index: number[];
  output: TensorValues;
  inputs: TensorValues[];
}

type Explained<E> = E extends ExplainCellResult
  ? Omit<E, 'className' | 'value' | 'inputLayer' | 'inputShape' | 'receptiveField'>
  : never;
/** What is particular to a kind of layer. */
export type CellArithmetic = Explained<ExplainCellResult>;

/** The value at an index without the batch. */
export function at({ shape, values }: TensorValues, index: readonly number[]): number {
  let place = 0;
  for (const [axis, size] of shape.entries()) {
    const i = index[axis] ?? 0;
    if (i < 0 || i >= size) return 0;
    place = place * size + i;
  }
  return values[place] ?? Number.NaN;
}

/** For formulas: four significant digits. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return `${Number(value.toPrecision(4))}`.replace('-', '−');
}

/** @throws SidecarError for a cell that is not there. */
export function checkIndex(index: readonly number[], shape: readonly number[], layer: string): void {
  const inside = index.length === shape.length && index.every((i, axis) => i < (shape[axis] ?? 0));
  if (inside) return;
  throw new SidecarError(
    `\`${layer}\` puts out [${shape.join(', ')}]; there is no cell [${index.join(', ')}].`,
  );
}
