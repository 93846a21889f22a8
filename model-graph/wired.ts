/** What a topology is made of: layers, their uses, the symbolic tensors between them, models. */
import { type Dim, equalDims, type Shape } from './dims';
import type { CompileArguments, LayerGroup, LayerKind, SourceLocation, Weight } from './graph';
import type { LayerConfig, LayerFacts, LayerRule } from './layers/rule';

export interface Lost {
  reason: string;
  at?: SourceLocation;
  /** There is a shape, only that it is hidden from us: nothing is wrong with the program. */
  isHidden?: boolean;
}

/** What `layer.apply(symbolic tensor)` gives: a shape, and where it comes from. */
export class SymbolicTensor {
  constructor(
    readonly layer: Layer,
    readonly callIndex: number,
    readonly outputIndex: number,
    /** Batch first; null when lost, and then `lost` says why. */
    readonly shape: Shape | null,
    readonly lost?: Lost,
  ) {}

  /** Of a lost one: what stands for the size along an axis, once a layer tells how many axes there must be. */
  sizeAlong?: (axis: number, rank: number) => Dim;
  private assumedShape: Shape | null = null;

  /** The shape as far as it is known: in full, or only how many axes there are. */
  get knownShape(): Shape | null {
    return this.shape ?? this.assumedShape;
  }

  /** To be called where a layer takes nothing but tensors of this many axes. */
  assumeRank(rank: number): void {
    const { sizeAlong } = this;
    if (this.shape || !sizeAlong || this.assumedShape?.length === rank) return;
    if (this.assumedShape) {
      // Now this, now that: it is not one tensor, but a name for several.
      this.assumedShape = null;
      this.sizeAlong = undefined;
      return;
    }
    this.assumedShape = Array.from({ length: rank }, (_, axis) => sizeAlong(axis, rank));
  }

  get name(): string {
    return this.callIndex === 0 ? this.layer.name : `${this.layer.name}_${this.callIndex}`;
  }
}

/** One use of a layer: tfjs's `Node`. */
export interface Call {
  inputs: SymbolicTensor[];
  outputs: SymbolicTensor[];
  facts: LayerFacts;
  location?: SourceLocation;
}

export class Layer {
  /** In order of creation within one analysis. */
  readonly calls: Call[] = [];
  weights: Weight[] | null = null;
  trainable = true;
  /** False where a program sets `trainable` on layers of which it is not known which they are. */
  isTrainableKnown = true;
  batchInputShape: Shape | null = null;
  /** Loops and functions that created it, outermost first. */
  groups: LayerGroup[] = [];
  /** The loops around its creation whose number of rounds is not known: a model from outside has an unknown number of it. */
  repeated: readonly Lost[] = [];
  /** What it does inside the layer that wraps it, or with data; for tfjs it is not connected by that. */
  inside?: Call;
  /** Values a program attaches to the layer object. */
  readonly extras = new Map<string, unknown>();

  constructor(
    readonly name: string,
    readonly className: string,
    readonly kind: LayerKind,
    readonly config: LayerConfig,
    readonly rule: LayerRule | undefined,
    readonly location?: SourceLocation,
    /** Why nothing can be said of it, when there is no rule. */
    readonly lost?: Lost,
  ) {}
}

export function areSame(left: Shape | null, right: Shape | null): boolean {
  if (left === null || right === null || left.length !== right.length) return false;
  return left.every((dim, axis) => {
    const other = right[axis] as Dim;
    return dim === other || (dim !== null && other !== null && equalDims(dim, other) === true);
  });
}

export class Model extends Layer {
  /** How many layers and models were created before it. */
  order = 0;
  inputs: SymbolicTensor[] = [];
  outputs: SymbolicTensor[] = [];
  layers: Layer[] = [];
  /** The uses of each layer that belong to this model: a shared layer may have others elsewhere. */
  readonly members = new Map<Layer, Call[]>();
  /** Names given to the model by the program: the first variable, property or function that holds it. */
  label?: string;
  compileArguments?: CompileArguments;
  /** Set once a layer was added that puts out a size below zero, which tfjs rejects. */
  sizeBelowZero = false;
  /** Set once its layers can no longer be followed. */
  contentsLost?: Lost;

  /** Mirrors the node that links a container's own inputs to its outputs: its first call, before anyone applies it. */
  linkOwnCall(): void {
    if (this.outputs.length === 0) {
      this.calls.length = 0;
      return;
    }
    const shapes = this.outputs.map(({ shape }) => shape);
    const lost = this.outputs.find((output) => output.lost)?.lost;
    const own: Call = {
      inputs: [],
      outputs: this.outputs,
      facts: {
        outputShapes: shapes.every((shape) => shape !== null) ? (shapes as Shape[]) : null,
        weights: [],
        multiplyAccumulates: 0,
        window: null,
        derivation: [],
        problems: [],
        ...(lost ? { lost } : {}),
      },
      location: this.location,
    };
    this.calls[0] = own;
  }

  constructor(
    readonly modelKind: 'sequential' | 'functional',
    name: string,
    location?: SourceLocation,
    /** The name stands in the program; the label then gives way to it. */
    readonly named = false,
  ) {
    super(name, modelKind === 'sequential' ? 'Sequential' : 'Functional', 'model', {}, undefined, location);
    this.weights = [];
  }
}
