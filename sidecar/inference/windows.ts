/**
 * Through which window a cell of a layer sees the layer's input, and through which the picture. What each layer does
 * is told by its rule in `model-graph/layers`.
 */

import type * as tf from '@tensorflow/tfjs';
import type { ReceptiveField } from '../../model-graph/graph';
import { ruleForClassName } from '../../model-graph/layers';
import type { LayerConfig, Window } from '../../model-graph/layers/rule';
import { composeReceptiveField, inputReceptiveField, startOfField } from '../../model-graph/receptiveField';
import type { CellWindow } from '../../protocol/sidecar';
import type { ExecutionPlan } from './executionPlan';

/** A window in numbers, per spatial axis. */
export interface NumericWindow {
  size: number[];
  stride: number[];
  dilation: number[];
  padding: number[];
}

/** @param inputShapes Batch first. Null where the layer is unknown. */
function windowOf(layer: tf.layers.Layer, inputShapes: number[][]): Window | null {
  const rule = ruleForClassName(layer.getClassName());
  return rule?.apply(layer.getConfig() as LayerConfig, inputShapes).window ?? null;
}

/** Null where the layer does not look through a window of fixed size. */
export function numericWindow(layer: tf.layers.Layer, inputShapes: number[][]): NumericWindow | null {
  const window = windowOf(layer, inputShapes);
  if (window?.kind !== 'window' || window.channelsFirst) return null;
  const { size, stride, dilation, padding } = window;
  const known = [size, stride, dilation, padding].every((axes) =>
    axes.every((value) => typeof value === 'number'),
  );
  return known ? ({ size, stride, dilation, padding } as NumericWindow) : null;
}

/** The window of one cell, in cells of the layer's input; it may stick out. `place` is its row and column. */
export function windowAt({ size, stride, dilation, padding }: NumericWindow, place: number[]): CellWindow {
  const start = (axis: number) => place[axis]! * stride[axis]! - padding[axis]!;
  const length = (axis: number) => (size[axis]! - 1) * dilation[axis]! + 1;
  return { top: start(0), left: start(1), height: length(0), width: length(1) };
}

/** The part of the picture that can influence the cell; undefined where it is not known. `index` is without the batch. */
export function receptiveFieldOf(
  plan: ExecutionPlan,
  inputShape: number[],
  value: number,
  index: readonly number[],
): CellWindow | undefined {
  // A flat input has no rows and columns to point at.
  if (inputShape.length !== 4) return undefined;
  const shapes = plan.shapes(inputShape);
  const fields = new Map<number, ReceptiveField | null>([[plan.input, inputReceptiveField(inputShape)]]);
  for (const { layer, inputs, outputs } of plan.steps) {
    const inputShapes = inputs.map((input) => shapes.get(input) ?? []);
    const field = composeReceptiveField(
      inputs.map((input) => fields.get(input) ?? null),
      windowOf(layer, inputShapes),
      inputShapes,
      inputShape,
    );
    for (const output of outputs) fields.set(output, field);
  }
  const field = fields.get(value);
  if (field?.size.length !== 2 || field.channelsFirst) return undefined;
  // The index of a flattened cell tells no row and column; it need not where every cell sees the same.
  const hasPlaces = shapes.get(value)?.length === 4;
  if (!hasPlaces && field.stride.some((stride) => stride !== 0)) return undefined;
  const at = (axis: number) => {
    const size = field.size[axis];
    const start = startOfField(field, axis, index[axis] ?? 0);
    return typeof size === 'number' && start !== null ? { start, size } : null;
  };
  const [rows, columns] = [at(0), at(1)];
  if (!rows || !columns) return undefined;
  return { top: rows.start, left: columns.start, height: rows.size, width: columns.size };
}
