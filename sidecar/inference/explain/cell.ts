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

/**
 * The arithmetic, where it gives what the layer put out: up to rounding, to which half-precision numbers and other orders
 * of adding lead. Else a cell that is not taken apart: some kernels compute otherwise than their layer's rule says.
 */
export function onlyIfTrue(arithmetic: CellArithmetic, value: number): CellArithmetic {
  const { computed } = arithmetic;
  const largest = Math.max(Math.abs(value), Math.abs(computed), ...magnitudesOf(arithmetic));
  const agrees = Object.is(value, computed) || Math.abs(value - computed) <= 0.01 * largest;
  if (agrees) return arithmetic;
  const reason = `By its rule and weights this cell would be ${shortNumber(computed)}; what computes here does it otherwise.`;
  return { kind: 'other', computed: value, formula: shortNumber(value), reason };
}

/** What the rounding of a sum is measured by. */
function magnitudesOf(arithmetic: CellArithmetic): number[] {
  switch (arithmetic.kind) {
    case 'convolution': {
      const { patch, kernel, bias } = arithmetic;
      return [patch.reduce((sum, read, i) => sum + Math.abs(read * kernel[i]!), Math.abs(bias))];
    }
    case 'dense': {
      const { contributions, restCount, bias } = arithmetic;
      const products = contributions.map(({ product }) => Math.abs(product));
      return [
        products.reduce((sum, product) => sum + product, Math.abs(bias)) + restCount * (products.at(-1) ?? 0),
      ];
    }
    case 'pooling':
      return [arithmetic.patch.reduce((most, read) => Math.max(most, Math.abs(read)), 0)];
    case 'elementwise':
      return arithmetic.terms.map((term) => Math.abs(term.value));
    default:
      return [];
  }
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
