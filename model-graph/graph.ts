/**
 * The one noun of Layerwise. Everything that reads a model produces a `ModelGraph`; everything that shows,
 * checks, trains or exports one consumes it.
 */
import type { Dim, Quantity, Shape } from './dims';

/** Zero-based, like LSP. */
export interface Position {
  line: number;
  character: number;
}

export interface Range {
  start: Position;
  end: Position;
}

/** A place in a source file. `path` is whatever the analysis was asked with: a URI in the server, a path in the terminal. */
export interface SourceLocation {
  path: string;
  range: Range;
}

/** How far a fact can be trusted. `lost` is an honest "unknown, because …": never a guess shown as a fact. */
export type Verdict =
  | { kind: 'exact' }
  | { kind: 'symbolic' }
  | { kind: 'lost'; reason: string; at?: SourceLocation };

/** What a layer is for; decides its colour and its symbol wherever it is drawn. */
export type LayerKind =
  | 'input'
  | 'convolution'
  | 'pooling'
  | 'dense'
  | 'activation'
  | 'normalization'
  | 'regularization'
  | 'reshaping'
  | 'merge'
  | 'recurrent'
  | 'embedding'
  | 'preprocessing'
  | 'wrapper'
  | 'model'
  | 'custom';

export interface Weight {
  /** As tfjs names it within the layer, e.g. `kernel`. */
  name: string;
  shape: Shape;
  trainable: boolean;
}

/**
 * Receptive field on the model's (first) input, per spatial axis. One output cell sees `size` input cells; neighbours are
 * `stride` apart; `offset` is where the first cell's field starts (negative inside padding).
 */
export interface ReceptiveField {
  size: Dim[];
  stride: Dim[];
  offset: Dim[];
  /**
   * Where cells were made larger: `every` cells in a row have one field, and are in front of the next by `stride`; cell
   * `j` belongs to group `⌊(j + phase)/every⌋`. Left out where each cell has its own.
   */
  every?: number[];
  phase?: number[];
  /** The input's channels come before its spatial axes. */
  channelsFirst?: boolean;
}

/** An edge: output number `output` of call number `call` of the layer with id `layer`. */
export interface TensorReference {
  layer: string;
  call: number;
  output: number;
}

/** One use of a layer. A shared layer has several, an ordinary one exactly one. */
export interface LayerCall {
  inbound: TensorReference[];
  inputShapes: Shape[];
  /** One shape per output. Empty when lost. */
  outputShapes: Shape[];
  /** Multiplications with a weight, one for each multiply-accumulate, for one example; null when lost. Biases, activations and poolings count nothing. */
  multiplyAccumulates: Quantity | null;
  /** Bytes of float32 outputs for one example; null when lost. */
  activationBytes: Quantity | null;
  receptiveField: ReceptiveField | null;
  /** Why the receptive field is not known, to stand after `because`; absent where that is not told. */
  receptiveFieldUnknown?: string;
  /** How the output size comes about, one line an axis group: `(32 − 5 + 0)/1 + 1 = 28`. */
  derivation: string[];
}

/** Why several layers belong together in a drawing. */
export interface LayerGroup {
  id: string;
  kind: 'loop' | 'function' | 'model';
  label: string;
  /** How often this loop or this call was entered before: the same place in the source may make several groups. */
  run?: number;
  /** Which of the loop's rounds. */
  round?: number;
}

export interface LayerNode {
  /** Unique within the graph and stable while the code around it is edited. */
  id: string;
  /** As tfjs names it, e.g. `conv2d_Conv2D1` when the program gives none. */
  name: string;
  className: string;
  kind: LayerKind;
  /** The configuration as written, made plain: numbers, strings, booleans, arrays, objects; symbolic and unknown values as text. */
  config: Record<string, unknown>;
  location?: SourceLocation;
  calls: LayerCall[];
  weights: Weight[];
  /** null when lost. */
  params: Quantity | null;
  trainableParams: Quantity | null;
  trainable: boolean;
  verdict: Verdict;
  groups: LayerGroup[];
  /** A model used as a layer. */
  nested?: ModelGraph;
}

export interface Totals {
  params: Quantity | null;
  trainableParams: Quantity | null;
  nonTrainableParams: Quantity | null;
  multiplyAccumulates: Quantity | null;
  /** Sum of all layers' activation bytes for one example. */
  activationBytes: Quantity | null;
}

/** `model.compile({...})` as the source writes it. */
export interface CompileArguments {
  optimizer?: { className: string; config: Record<string, unknown> };
  loss?: unknown;
  metrics?: unknown;
}

export interface ModelGraph {
  id: string;
  /** Absent: tfjs. In ONNX the channels mostly come first, and not every tensor has a batch that could be left out. */
  format?: 'onnx';
  /** The model's own name where the program gives it one, else the variable, property or function that holds it. */
  name: string;
  /** What holds it, where it has a name of its own. */
  label?: string;
  kind: 'sequential' | 'functional';
  location?: SourceLocation;
  inputs: TensorReference[];
  outputs: TensorReference[];
  inputShapes: Shape[];
  outputShapes: Shape[];
  /** In tfjs's own order (`model.layers`). */
  layers: LayerNode[];
  totals: Totals;
  compile?: CompileArguments;
  verdict: Verdict;
}

/** `stage` is when tfjs would throw (`error`), or what Layerwise adds on its own (`warning`). */
export interface Problem {
  code: string;
  severity: 'error' | 'warning' | 'information';
  message: string;
  stage: 'create' | 'apply' | 'predict' | 'compile' | 'fit';
  /** The call whose configuration is to blame. */
  location?: SourceLocation;
  /** The call at which tfjs throws, where that is another. */
  thrownAt?: SourceLocation;
  related?: { message: string; location: SourceLocation }[];
}

/** The shape shown for a layer: the first output of its first call. */
export function outputShapeOf(layer: LayerNode): Shape | null {
  return layer.calls[0]?.outputShapes[0] ?? null;
}
