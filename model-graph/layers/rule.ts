/**
 * What Layerwise knows about one kind of layer, in one place. Adding a layer is adding one `LayerRule` to one family
 * file of this folder; hints, hovers, diagram, cost and readers follow.
 */
import type { Dim, Quantity, Shape, Symbolic } from '../dims';
import type { LayerKind, SourceLocation, Weight } from '../graph';

/** A value the analysis could not follow. `name` is how a person would call it (`numClasses`, `opts.kernel`). */
export class Unknown {
  constructor(
    readonly name: string,
    readonly reason: string,
    readonly at?: SourceLocation,
    /** What is known of its type, from an annotation or its use. */
    readonly type?: 'number' | 'string' | 'boolean' | 'object',
  ) {}

  /** Of a list of unknown length: one of each kind of element that it may have. */
  samples?: readonly ConfigValue[];
}

/** A layer inside a configuration (`bidirectional({layer})`, `rnn({cell})`). */
export interface LayerConfigValue {
  readonly layer: { className: string; name: string; config: LayerConfig; rule: LayerRule | undefined };
}

/** tfjs serializables that are not layers: initializers, regularizers, constraints, optimizers. */
export interface SerializableConfigValue {
  readonly serializable: { className: string; config: LayerConfig };
}

/** What may stand in a configuration once the analysis has evaluated it. `undefined` and a missing key are the same to tfjs. */
export type ConfigValue =
  | number
  | string
  | boolean
  | null
  | undefined
  | Symbolic
  | Unknown
  | ConfigValue[]
  | LayerConfigValue
  | SerializableConfigValue
  | { [key: string]: ConfigValue };

export type LayerConfig = Record<string, ConfigValue>;

export interface RuleProblem {
  /** Stable kebab-case code, e.g. `shape-mismatch`. */
  code: string;
  severity: 'error' | 'warning';
  message: string;
  /** When tfjs throws: as the layer is created, applied (or the model built), first used, or trained. */
  stage: 'create' | 'apply' | 'predict' | 'fit';
}

/**
 * How one output cell looks at the input, per spatial axis; composed into `ReceptiveField`s along the graph. `global`
 * means all of it. `padding` is what stands before the first cell (negative: what is cut off). A `stretch` makes `factor`
 * cells of every one: cell `j` sees `size` input cells, the last of which is `⌊(j + padding)/factor⌋`.
 */
export type Window =
  | { kind: 'window'; size: Dim[]; stride: Dim[]; dilation: Dim[]; padding: Dim[]; channelsFirst?: boolean }
  | { kind: 'stretch'; size: number[]; factor: number[]; padding: number[]; channelsFirst?: boolean }
  | { kind: 'pointwise' }
  | { kind: 'global'; channelsFirst?: boolean };

/**
 * Everything a rule says of one application of a layer. `null` means lost, and then `lost` says why; only
 * `multiplyAccumulates` may be null without that, where an open size (`null` in the input's shape) leaves the count open.
 *
 * `multiplyAccumulates` counts the multiplications with a weight for one example: kernels of convolutions, dense and
 * recurrent layers. A convolution counts its whole kernel at every output cell (padding included), a transposed one at
 * every input cell; a recurrent layer counts every time step. Biases, activations, poolings, normalizations, look-ups
 * and merges count nothing.
 */
export interface LayerFacts {
  /** One shape per output, batch first, or null. */
  outputShapes: Shape[] | null;
  weights: Weight[] | null;
  multiplyAccumulates: Quantity | null;
  window: Window | null;
  /** How the output size comes about. */
  derivation: string[];
  problems: RuleProblem[];
  lost?: { reason: string; at?: SourceLocation };
}

/** Nothing is known of the layer but why. */
export function lostFacts(lost: NonNullable<LayerFacts['lost']>, problems: RuleProblem[] = []): LayerFacts {
  return {
    outputShapes: null,
    weights: null,
    multiplyAccumulates: null,
    window: null,
    derivation: [],
    problems,
    lost,
  };
}

export interface LayerRule {
  /** tfjs's class name, e.g. `Conv2D`. */
  className: string;
  /** Names on `tf.layers` that create it, e.g. `conv2d`; aliases too. */
  factories: string[];
  kind: LayerKind;
  /** The option that tfjs's constructor reads first without looking whether there is a configuration at all. */
  readsBlindly?: string;
  /** tfjs ignores `trainable` in this layer's own configuration (wrappers take it from the layer they wrap). */
  ignoresTrainable?: boolean;
  /** How many axes the one input must have; undefined where it may have several numbers of them. */
  rankOf?(config: LayerConfig): number | undefined;
  /** What the constructor throws, as problems of stage `create`. */
  create(config: LayerConfig): RuleProblem[];
  /**
   * What applying the layer gives. `inputs` holds one shape per input tensor, batch first; an entry is null when that
   * input is lost. Never throws; reports what tfjs would throw as problems. `builtOn` are the inputs of the layer's
   * first application, when this is a later one: a shared layer keeps the weights made then.
   */
  apply(config: LayerConfig, inputs: (Shape | null)[], builtOn?: (Shape | null)[]): LayerFacts;
  /**
   * Like `apply`, but as a wrapper does it: `build`, `computeOutputShape` and `call` without what tfjs checks only in
   * `apply`. `checkRank` says whether the wrapper has checked the number of axes in the layer's place.
   */
  applyInside?(
    config: LayerConfig,
    inputs: (Shape | null)[],
    options: { builtOn?: (Shape | null)[]; checkRank: boolean },
  ): LayerFacts;
  /** Of a cell: what one step of it gives inside a recurrent layer, for one step's input. */
  step?(config: LayerConfig, input: Shape): LayerFacts;
}
