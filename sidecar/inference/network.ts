/** What classifying and looking inside need of a model, whatever runs it. */
import type { EncodingChoice, GuessedPart, InputEncoding } from '../../protocol/sidecar';

/** A layer's output before anything ran. */
export interface LayerDescription {
  /** Layers of nested models as `outer/inner`; further calls as `name (2)`, further outputs as `name:1`. */
  name: string;
  className: string;
  /** Without the batch; sizes that the model leaves open as the encoding fills them in. Empty where it is not known. */
  shape: number[];
  /** Which axis of maps is the channel; absent: the last. */
  layout?: 'channelsLast' | 'channelsFirst';
}

export interface LayerOutput extends LayerDescription {
  /** One example after the other. */
  values: Float32Array;
}

/** `all`, or the names of those wanted. */
export type WantedLayers = 'none' | 'all' | readonly string[];

export interface NetworkRun {
  /** [batch × classes]. */
  output: Float32Array;
  /** The wanted ones, in the order they are computed. */
  layers: LayerOutput[];
}

/** A model that takes pictures and puts out one list of classes. */
export interface Network {
  readonly name: string;
  readonly format: 'tfjs' | 'onnx';
  /** What runs it, where that is not the sidecar's backend: `onnxruntime 1.30, CPU`. */
  readonly runtime: string | undefined;
  readonly encoding: InputEncoding;
  /** What of the encoding is a guess, in plain words; empty when the model's files say it all. */
  readonly assumptions: string;
  /** Which parts of the encoding are guesses. */
  readonly guessed: readonly GuessedPart[];
  /** Empty where nothing names the classes. */
  readonly classNames: readonly string[];
  /** The activation that gives the output: `softmax`, `sigmoid`, …, `unknown`. */
  readonly lastActivation: string;
  /** Bytes of its weights. */
  readonly weightBytes: number;
  /** Every layer in the order of computation, without running. */
  readonly layers: readonly LayerDescription[];
  /**
   * Runs as in inference: no dropout, batch normalization by its moving averages.
   * @param values Encoded pictures, one after the other, laid out as `encoding.layout` says. Stays the caller's.
   */
  run(values: Float32Array, batch: number, wanted: WantedLayers): Promise<NetworkRun>;
  /** The kernel of a convolution, [height, width, channels in, filters]; absent where the format does not tell. */
  filters?(layer: string): Promise<{ shape: number[]; values: Float32Array; bias?: Float32Array }>;
  /** The cache and every session hold a network; the last one to let go frees its memory. */
  hold(): this;
  release(): void;
}

/** What stays a guess after people chose some of the encoding themselves. */
export function guessedOf({ guessed }: Network, choice: EncodingChoice = {}): GuessedPart[] {
  return guessed.filter((part) => choice[part] === undefined);
}
