/**
 * The frame every layer rule hangs in: it runs what the rule says fact by fact, turns what tfjs would throw into
 * problems and what is not known into lost facts, and adds what `Layer` itself does in tfjs for all layers.
 */
import { type Dim, equalDims, formatDim, formatShape, isSymbolic, type Quantity, type Shape } from '../dims';
import type { LayerKind, Weight } from '../graph';
import { ConfigReader, type InitializerUse, Lost, LostSignal, plural } from './config';
import {
  type LayerConfig,
  type LayerFacts,
  type LayerRule,
  lostFacts,
  type RuleProblem,
  Unknown,
  type Window,
} from './rule';

/** Thrown inside a rule where tfjs throws; `defineRule` turns it into a problem. */
export class RejectSignal {
  constructor(readonly problem: RuleProblem) {}
}

/** One application of a layer: what a rule may ask about its inputs, and where it reports. */
export class Call {
  readonly problems: RuleProblem[] = [];

  constructor(
    readonly inputs: readonly (Shape | null)[],
    readonly factory: string,
    /** The inputs of the earlier application that has built a shared layer. */
    readonly builtOn?: readonly (Shape | null)[],
  ) {}

  get builtBefore(): boolean {
    return this.builtOn !== undefined;
  }

  /** The first input's shape, batch first; lost when the input is. */
  get shape(): Shape {
    const shape = this.inputs[0];
    if (shape == null) throw new LostSignal(new Lost('the shape of its input is not known'));
    return shape;
  }

  get shapes(): Shape[] {
    return this.inputs.map((shape) => {
      if (shape == null) throw new LostSignal(new Lost('the shape of one of its inputs is not known'));
      return shape;
    });
  }

  /** What tfjs throws. */
  reject(code: string, message: string, stage: RuleProblem['stage'] = 'apply'): never {
    throw new RejectSignal({ code, severity: 'error', message, stage });
  }

  /** What tfjs throws only when data comes: the shapes stand all the same. */
  failsAtPredict(code: string, message: string): void {
    this.report({ code, severity: 'error', message, stage: 'predict' });
  }

  /** What tfjs lets pass though it makes no sense. */
  warn(code: string, message: string): void {
    this.report({ code, severity: 'warning', message, stage: 'apply' });
  }

  /** Several facts may come upon the same problem. */
  private report(problem: RuleProblem): void {
    if (!this.problems.some((known) => known.message === problem.message)) this.problems.push(problem);
  }
}

/** A weight to be made, with the initializer that fills it: some initializers reject some shapes. */
export interface WeightSpec extends Weight {
  initializer?: InitializerUse;
}

/** What the layer demands of later inputs once it has been built on `built`. Mirrors `inputSpec` in tfjs's build methods. */
export interface BuiltSpec {
  rank?: number;
  /** Axis (may be negative) to size. */
  axes?: Map<number, Dim>;
}

export interface RuleDefinition<Options> {
  className: string;
  factories: string[];
  kind: LayerKind;
  /** `one`: tfjs throws for another number of inputs. `any`: it takes what comes and gives as much back. */
  inputs: 'none' | 'one' | 'any' | 'merge' | 'rnn';
  /** Mirrors the constructor's `inputSpec`, or what `build` demands of the rank. */
  rank?:
    | { exactly?: number; atLeast?: number }
    | ((options: Options) => { exactly?: number; atLeast?: number });
  /** Mirrors the constructor. Problems go to the reader. */
  read(reader: ConfigReader): Options;
  /** What tfjs throws in apply or build before there is a shape. */
  check?(options: Options, call: Call): void;
  outputShapes(options: Options, call: Call): Shape[];
  weights?(options: Options, call: Call): WeightSpec[];
  /** Left out: 0. `null` where an open size leaves it open. */
  multiplyAccumulates?(options: Options, call: Call): Dim;
  /** Left out: not a window over the input. */
  window?(options: Options, call: Call): Window | null;
  derivation?(options: Options, call: Call): string[];
  built?(options: Options, shape: Shape): BuiltSpec;
  ignoresTrainable?: boolean;
  /** See `LayerRule`. */
  readsBlindly?: string;
}

/** tfjs-layers common.ts isValidTensorName. */
const tensorName = /^[A-Za-z0-9][-A-Za-z0-9._/]*$/;

export function defineRule<Options>(definition: RuleDefinition<Options>): LayerRule {
  const factory = definition.factories[0] ?? definition.className;
  const read = (config: LayerConfig) => {
    const reader = new ConfigReader(config, factory);
    const options = definition.read(reader);
    return { options, problems: reader.problems };
  };
  const run = (
    config: LayerConfig,
    inputs: readonly (Shape | null)[],
    builtOn: readonly (Shape | null)[] | undefined,
    inside: boolean,
    checkRank: boolean,
  ): LayerFacts => {
    const { options, problems } = read(config);
    const rejected = problems.find((problem) => problem.severity === 'error' && problem.stage === 'create');
    if (rejected) return lostOf([], new Lost(rejected.message));
    const call = new Call(inputs, factory, builtOn);
    const later = problems.filter((problem) => problem.stage !== 'create');
    const unbuilt = later.find((problem) => problem.severity === 'error' && problem.stage === 'apply');
    if (unbuilt) return lostOf([unbuilt], new Lost(unbuilt.message));
    call.problems.push(...later);
    try {
      if (!inside) checkName(config, call);
      const { activityRegularizer } = config;
      const isGiven = activityRegularizer != null && !(activityRegularizer instanceof Unknown);
      if (!inside && isGiven && regularizedLayers.has(definition.className)) {
        call.reject(
          'not-implemented',
          `tfjs does not support \`activityRegularizer\` yet and throws when ${factory} is applied. Remove it.`,
        );
      }
      checkInputs(definition, options, call, !checkRank);
      if (builtOn && !inside) checkBuilt(definition, options, call, builtOn);
      tolerateLost(() => definition.check?.(options, call));
    } catch (signal) {
      return rejection(signal, call);
    }
    return facts(definition, options, call, builtOn ? new Call(builtOn, factory) : call);
  };
  return {
    className: definition.className,
    factories: definition.factories,
    kind: definition.kind,
    ignoresTrainable: definition.ignoresTrainable ?? false,
    ...(definition.readsBlindly ? { readsBlindly: definition.readsBlindly } : {}),
    rankOf(config) {
      const { rank } = definition;
      return (typeof rank === 'function' ? rank(read(config).options) : rank)?.exactly;
    },
    create: (config) => read(config).problems.filter((problem) => problem.stage === 'create'),
    apply: (config, inputs, builtOn) => run(config, inputs, builtOn, false, true),
    applyInside: (config, inputs, { builtOn, checkRank }) => run(config, inputs, builtOn, true, checkRank),
  };
}

/** The layers whose constructors read `activityRegularizer`, which makes tfjs's Layer.apply throw. */
const regularizedLayers = new Set([
  'Conv1D',
  'Conv2D',
  'Conv3D',
  'Conv2DTranspose',
  'Conv3DTranspose',
  'SeparableConv2D',
  'DepthwiseConv2D',
  'Dense',
  'Embedding',
]);

function lostOf(problems: RuleProblem[], { reason, at }: Lost): LayerFacts {
  return lostFacts({ reason, ...(at ? { at } : {}) }, problems);
}

function rejection(signal: unknown, call: Call): LayerFacts {
  if (signal instanceof RejectSignal) {
    return lostOf([...call.problems, signal.problem], new Lost(signal.problem.message));
  }
  if (signal instanceof LostSignal) return lostOf(call.problems, signal.lost);
  throw signal;
}

function tolerateLost(run: () => void): void {
  try {
    run();
  } catch (signal) {
    if (!(signal instanceof LostSignal)) throw signal;
  }
}

/** `built` is the application that made the weights: this one, or an earlier one of a shared layer. */
function facts<Options>(
  definition: RuleDefinition<Options>,
  options: Options,
  call: Call,
  built: Call,
): LayerFacts {
  let lost: Lost | undefined;
  const attempt = <T>(run: () => T): T | null => {
    try {
      return run();
    } catch (signal) {
      if (!(signal instanceof LostSignal)) throw signal;
      lost ??= signal.lost;
      return null;
    }
  };
  try {
    const weights = attempt(() => definition.weights?.(options, built) ?? []);
    // What was wrong with the weights has been said of the application that made them.
    if (built === call) for (const weight of weights ?? []) checkWeight(weight, call);
    const outputShapes = attempt(() => definition.outputShapes(options, call));
    const multiplyAccumulates = attempt(() =>
      definition.multiplyAccumulates ? definition.multiplyAccumulates(options, call) : 0,
    );
    // A window or a derivation that cannot be told is a smaller loss than a shape: it does not name the reason.
    const found = lost;
    const window = attempt(() => definition.window?.(options, call) ?? null);
    const derivation = attempt(() => definition.derivation?.(options, call) ?? []) ?? [];
    lost = found;
    if (outputShapes) warnOfEmptyOutput(outputShapes, call);
    return {
      outputShapes,
      weights: weights?.map(({ name, shape, trainable }) => ({ name, shape, trainable })) ?? null,
      multiplyAccumulates: multiplyAccumulates as Quantity | null,
      window,
      derivation,
      problems: call.problems,
      ...(found ? { lost: { reason: found.reason, ...(found.at ? { at: found.at } : {}) } } : {}),
    };
  } catch (signal) {
    return rejection(signal, call);
  }
}

/** Mirrors tfjs-layers common.ts getScopedTensorName, called as the layer's output is made. */
function checkName(config: LayerConfig, call: Call): void {
  const name = config['name'];
  if (typeof name !== 'string' || name === '' || tensorName.test(name)) return;
  call.reject(
    'invalid-name',
    `tfjs rejects the layer name '${name}': a name starts with a letter or a digit and holds only letters, digits, '-', '.', '_' and '/'.`,
  );
}

/** Mirrors tfjs-layers engine/topology.ts Layer.assertInputCompatibility. */
function checkInputs<Options>(
  definition: RuleDefinition<Options>,
  options: Options,
  call: Call,
  inside: boolean,
): void {
  const count = call.inputs.length;
  if (definition.inputs === 'none') {
    if (count === 0) return;
    call.reject('input-count', `${call.factory} takes no input: an input layer cannot be applied.`);
  }
  if (definition.inputs === 'one' && count !== 1) {
    call.reject('input-count', `${call.factory} takes one input, but is applied to ${count}.`);
  }
  if (definition.inputs === 'any' && count > 1) {
    call.failsAtPredict(
      'input-count',
      `${call.factory} takes one input, but is applied to ${count}; tfjs throws when data comes.`,
    );
  }
  const rank = typeof definition.rank === 'function' ? definition.rank(options) : definition.rank;
  const shape = call.inputs[0];
  if (!rank || !shape) return;
  const { exactly, atLeast } = rank;
  if (
    (exactly === undefined || shape.length === exactly) &&
    (atLeast === undefined || shape.length >= atLeast)
  ) {
    return;
  }
  const wanted = exactly ?? (atLeast as number);
  if (inside) {
    // Flatten and dropouts do without the axis they demand; of the others nothing sensible is known.
    if (definition.className === 'Flatten' && shape.length >= 2) return;
    if (definition.kind === 'regularization') return;
    if (definition.kind === 'recurrent' && shape.length < 3 && shape[0] === null) {
      // The batch stands where the size of a step's input should: no kernel can be made of it.
      call.reject(
        'rank-mismatch',
        `${call.factory} takes sequences, but is given ${formatShape(shape, { batch: false })}: an axis is missing.`,
      );
    }
    call.warn(
      'rank-mismatch',
      `${call.factory} takes an input of another number of axes than ${formatShape(shape, { batch: false })} has: tfjs throws when data comes, or computes something else.`,
    );
    throw new LostSignal(
      new Lost(
        `${call.factory} is made for another number of axes than ${formatShape(shape, { batch: false })} has`,
      ),
    );
  }
  call.reject(
    'rank-mismatch',
    `${call.factory} takes an input of ${exactly === undefined ? 'at least ' : ''}${plural(wanted - 1, 'axis').replace('axiss', 'axes')} besides the batch, ` +
      `but this one has ${shape.length - 1}: ${formatShape(shape, { batch: false })}.${rankAdvice(definition, shape, wanted)}`,
  );
}

function rankAdvice<Options>(definition: RuleDefinition<Options>, shape: Shape, wanted: number): string {
  if (definition.className === 'Flatten') return ' It is flat already: leave the flatten out.';
  if (shape.length === wanted - 1 && (definition.kind === 'convolution' || definition.kind === 'pooling')) {
    return ' A channel axis is missing: use reshape, or give the input its channels, [height, width, 1] say.';
  }
  if (shape.length < wanted) return ' Use reshape to add axes.';
  return ' Use flatten or reshape before it.';
}

/** What a layer that has been built demands of later inputs: the same sizes along the axes its weights depend on. */
function checkBuilt<Options>(
  definition: RuleDefinition<Options>,
  options: Options,
  call: Call,
  builtOn: readonly (Shape | null)[],
): void {
  const first = builtOn[0];
  const shape = call.inputs[0];
  if (!first || !shape || !definition.built) return;
  // Mirrors RNN.apply, which takes the checks back that a build with an initial state has made.
  const unchecked = definition.inputs === 'rnn' && builtOn.length > 1;
  const complain = (code: string, message: string): void => {
    if (!unchecked) call.reject(code, message);
    call.failsAtPredict(code, message);
  };
  let spec: BuiltSpec;
  try {
    spec = definition.built(options, first);
  } catch (signal) {
    if (signal instanceof LostSignal) return;
    throw signal;
  }
  if (spec.rank !== undefined && shape.length !== spec.rank) {
    complain(
      'rank-mismatch',
      `This ${call.factory} was first applied to ${formatShape(first, { batch: false })} and cannot take ${formatShape(shape, { batch: false })}: the number of axes differs.`,
    );
  }
  for (const [axis, size] of spec.axes ?? []) {
    const index = axis < 0 ? shape.length + axis : axis;
    const actual = shape[index];
    if (size === null || actual == null || equalDims(size, actual) !== false) continue;
    complain(
      'shape-mismatch',
      `This ${call.factory} shares weights made for ${formatShape(first, { batch: false })}: axis ${index} must be ${formatDim(size)}, but is ${formatDim(actual)}.`,
    );
  }
}

/** Mirrors tfjs-core util_base.ts assertNonNegativeIntegerDimensions, which every initializer reaches. */
function checkWeight(weight: WeightSpec, call: Call): void {
  for (const dim of weight.shape) {
    if (isSymbolic(dim) || (dim !== null && Number.isInteger(dim) && dim >= 0)) continue;
    if (dim === null && weight.initializer?.className === 'Orthogonal') {
      // Orthogonal multiplies null as 0 and never looks at the shape: the weight is made, but fits nothing.
      const message = `${call.factory} makes its weight \`${weight.name}\` for an input axis of no fixed size. Give it one where the model's input is declared.`;
      call.failsAtPredict('undefined-size', message);
      throw new LostSignal(new Lost(message));
    }
    if (dim === null) {
      call.reject(
        'undefined-size',
        `${call.factory} cannot make its weight \`${weight.name}\` of shape ${formatShape(weight.shape)}: that axis of its input has no fixed size. Give it one where the model's input is declared.`,
      );
    }
    call.reject(
      'invalid-size',
      `${call.factory} cannot make its weight \`${weight.name}\` of shape ${formatShape(weight.shape)}: sizes must be whole numbers, 0 or more.`,
    );
  }
  const initializer = weight.initializer?.className;
  if (initializer === 'Identity') {
    const [rows, columns] = weight.shape;
    if (weight.shape.length !== 2 || equalDims(rows as Dim, columns as Dim) === false) {
      call.reject(
        'initializer-shape',
        `The initializer 'identity' fills only square matrices, but \`${weight.name}\` is ${formatShape(weight.shape)}. Choose another initializer.`,
      );
    }
  }
  if (initializer === 'Orthogonal' && weight.shape.length < 2) {
    call.reject(
      'initializer-shape',
      `The initializer 'orthogonal' needs a matrix, but \`${weight.name}\` is ${formatShape(weight.shape)}. Choose another initializer.`,
    );
  }
}

/** The functional API accepts sizes below 1; nothing sensible can come of them. */
function warnOfEmptyOutput(outputShapes: readonly Shape[], call: Call): void {
  if (call.problems.length > 0) return;
  const empty = (shape: Shape | null) => shape?.slice(1).some((dim) => typeof dim === 'number' && !(dim > 0));
  const bad = outputShapes.find(empty);
  if (!bad || call.inputs.some(empty)) return;
  call.warn(
    'empty-output',
    `${call.factory} gives ${formatShape(bad, { batch: false })}: a size below 1. tfjs lets it pass, but the model cannot compute anything.`,
  );
}

export const pointwise: Window = { kind: 'pointwise' };
export const globalWindow: Window = { kind: 'global' };
