/**
 * A model with its weights, as the ONNX writer takes it: no tfjs in it. `config` is what tfjs's `getConfig()` gives, with
 * numbers and defaults filled in; layers are in the order in which tfjs runs them, nested models taken apart.
 */

export type ExportedShape = readonly (number | null)[];

export interface ExportedWeight {
  /** `kernel`, `moving_mean`, …: as the layer calls it. */
  name: string;
  shape: readonly number[];
  values: Float32Array;
}

export interface ExportedLayer {
  /** `conv1`; layers of nested models as `outer/conv1`. */
  name: string;
  className: string;
  config: Record<string, unknown>;
  weights: readonly ExportedWeight[];
  /** What a wrapper wraps: `layer`; `forward` and `backward`; a recurrent layer's `cell`, that cell's `cells`. */
  parts: Record<string, ExportedLayer | ExportedModel | readonly ExportedLayer[]>;
}

/** A value's number within its model. */
export type ValueId = number;

export interface ExportedStep {
  layer: ExportedLayer;
  inputs: ValueId[];
  outputs: ValueId[];
}

export interface ExportedModel {
  name: string;
  inputs: { id: ValueId; name: string; shape: ExportedShape; dtype: string }[];
  outputs: { id: ValueId; name: string }[];
  steps: ExportedStep[];
}

export function isModel(part: ExportedLayer | ExportedModel): part is ExportedModel {
  return 'steps' in part;
}

/** The model has something that ONNX cannot say. The message is a full sentence that names the layer. */
export class NotExpressible extends Error {
  override readonly name = 'NotExpressible';

  constructor(
    readonly layer: string,
    className: string,
    why: string,
  ) {
    super(`The layer \`${layer}\` (${className}) cannot be written as ONNX: ${why}.`);
  }
}
