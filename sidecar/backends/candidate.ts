/** What the rungs of the ladder have in common. */
import type { BackendName } from '../../protocol/sidecar';

/** Something that may compute: Layerwise's own, or a package in a folder. */
export interface Candidate {
  backend: BackendName;
  /** The package's entry file, of tfjs-node and tfjs-node-gpu; absent: what comes with Layerwise. */
  entry?: string;
}

/** A candidate that is loaded and has computed. */
export interface Loaded {
  /** One line for people, e.g. `WebAssembly (SIMD, 1 thread)`. */
  description: string;
  /** The processor or graphics card, by the name that the system gives it. */
  device: string;
  /** Largest difference of a training step from plain JavaScript; absent for that itself. */
  difference?: number;
  warning?: string;
}

/** Why a candidate cannot be used, and what people can do about it. */
export class NotUsable extends Error {
  override readonly name = 'NotUsable';

  /**
   * @param reason Follows "not used:", without a full stop.
   * @param next A full sentence.
   */
  constructor(
    reason: string,
    readonly next?: string,
  ) {
    super(reason);
  }
}
