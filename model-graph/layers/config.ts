/**
 * Reading a layer's configuration the way tfjs's constructors do: what they default, what they reject, and, where the
 * analysis does not know a value, what follows from it for certain.
 */
import { closestName } from '../closestName';
import { isSymbolic, type Quantity, symbol } from '../dims';
import type { SourceLocation } from '../graph';
import {
  type ConfigValue,
  type LayerConfig,
  type LayerConfigValue,
  type RuleProblem,
  type SerializableConfigValue,
  Unknown,
} from './rule';

/** A fact that cannot be known, and why. */
export class Lost {
  constructor(
    readonly reason: string,
    readonly at?: SourceLocation,
  ) {}
}

/** Thrown inside a rule where a fact needs something that is lost; `defineRule` turns it into a lost fact. */
/** Not an Error: it is thrown for every layer behind a lost one, and a stack trace each would cost more than the analysis. */
export class LostSignal {
  constructor(readonly lost: Lost) {}
}

/** The value, or a `LostSignal` for the fact that asked for it. */
export function known<T>(value: T | Lost): T {
  if (value instanceof Lost) throw new LostSignal(value);
  return value;
}

/** What the rule for another class says of an activation named by a layer's class (`activation: 'ReLU'`). */
export type RuleLookup = (className: string) => { create(config: LayerConfig): RuleProblem[] } | undefined;

let lookUpRule: RuleLookup = () => undefined;

/** Called once by index.ts; breaks the cycle between the rules and what they read. */
export function setRuleLookup(lookup: RuleLookup): void {
  lookUpRule = lookup;
}

/** Mirrors tfjs-layers activations.ts: the class names registered there. */
export const activationNames: readonly string[] = [
  'elu',
  'gelu',
  'gelu_new',
  'hardSigmoid',
  'linear',
  'logSoftmax',
  'mish',
  'relu',
  'relu6',
  'selu',
  'sigmoid',
  'softmax',
  'softplus',
  'softsign',
  'swish',
  'tanh',
];

/** Mirrors tfjs-layers initializers.ts INITIALIZER_IDENTIFIER_REGISTRY_SYMBOL_MAP. */
export const initializerNames: Readonly<Record<string, string>> = {
  constant: 'Constant',
  glorotNormal: 'GlorotNormal',
  glorotUniform: 'GlorotUniform',
  heNormal: 'HeNormal',
  heUniform: 'HeUniform',
  identity: 'Identity',
  leCunNormal: 'LeCunNormal',
  leCunUniform: 'LeCunUniform',
  ones: 'Ones',
  orthogonal: 'Orthogonal',
  randomNormal: 'RandomNormal',
  randomUniform: 'RandomUniform',
  truncatedNormal: 'TruncatedNormal',
  varianceScaling: 'VarianceScaling',
  zeros: 'Zeros',
};

/** Mirrors tfjs-layers regularizers.ts REGULARIZER_IDENTIFIER_REGISTRY_SYMBOL_MAP. */
export const regularizerNames: Readonly<Record<string, string>> = { l1l2: 'L1L2' };

/** Mirrors tfjs-layers constraints.ts CONSTRAINT_IDENTIFIER_REGISTRY_SYMBOL_MAP. */
export const constraintNames: Readonly<Record<string, string>> = {
  maxNorm: 'MaxNorm',
  minMaxNorm: 'MinMaxNorm',
  nonNeg: 'NonNeg',
  unitNorm: 'UnitNorm',
};

const registeredNames: Readonly<Record<'initializer' | 'regularizer' | 'constraint', readonly string[]>> = {
  initializer: Object.values(initializerNames),
  regularizer: Object.values(regularizerNames),
  constraint: Object.values(constraintNames),
};

/** tf.initializers.*, tf.regularizers.* and tf.constraints.* as the analysis may name them. */
const serializableAliases: Readonly<Record<string, string>> = {
  ...initializerNames,
  ...regularizerNames,
  ...constraintNames,
  l1: 'L1L2',
  l2: 'L1L2',
};

/** An initializer as far as it matters to shapes; null for one the analysis does not know. */
export interface InitializerUse {
  className: string | null;
}

export class ConfigReader {
  readonly problems: RuleProblem[] = [];

  constructor(
    readonly config: LayerConfig,
    /** As a person calls it in messages, e.g. `conv2d`. */
    readonly factory: string,
  ) {}

  value(key: string): ConfigValue {
    return this.config[key];
  }

  /** Whether the key holds anything but null and undefined. */
  has(key: string): boolean {
    return this.config[key] != null;
  }

  error(code: string, message: string, stage: RuleProblem['stage'] = 'create'): void {
    this.problems.push({ code, severity: 'error', message, stage });
  }

  /** Reports a rejected argument and stands in for its value. */
  reject(code: string, message: string, stage: RuleProblem['stage'] = 'create'): Lost {
    this.error(code, message, stage);
    return new Lost(message);
  }

  /**
   * A required whole number above 0, or a name for one that is not known. tfjs also takes a list of whole numbers here,
   * by accident: it is reported all the same.
   * Mirrors tfjs-layers utils/generic_utils.ts assertPositiveInteger on a scalar.
   */
  positiveSize(key: string): Quantity | Lost {
    const value = this.value(key);
    if (value == null) {
      return this.reject('missing-argument', `${this.factory} needs \`${key}\`, a whole number above 0.`);
    }
    if (value instanceof Unknown) return unknownSize(value);
    if (isSymbolic(value)) return value;
    if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value;
    return this.reject(
      'invalid-argument',
      `\`${key}\` of ${this.factory} must be a whole number above 0, but is ${formatValue(value)}.`,
    );
  }

  /** A number tfjs takes as it is, with a default for null and undefined. */
  size(key: string, fallback: Quantity | Lost): Quantity | Lost {
    const value = this.value(key);
    if (value == null) return fallback;
    if (value instanceof Unknown) return unknownSize(value);
    if (isSymbolic(value) || typeof value === 'number') return value;
    return this.reject(
      'invalid-argument',
      `\`${key}\` of ${this.factory} must be a number, but is ${formatValue(value)}.`,
    );
  }

  /**
   * A number or a list of `length` whole numbers; a number stands for all of them.
   * Mirrors tfjs-layers utils/conv_utils.ts normalizeArray.
   */
  tuple(key: string, length: number, fallback?: number): Quantity[] | Lost {
    const value = this.value(key) ?? fallback;
    if (value == null) {
      const shape = length === 1 ? 'a number' : `a number or a list of ${length} numbers`;
      return this.reject('missing-argument', `${this.factory} needs \`${key}\`, ${shape}.`);
    }
    const scalar = scalarOfTuple(value);
    if (scalar instanceof Lost) return scalar;
    if (scalar !== null) return Array<Quantity>(length).fill(scalar);
    if (!Array.isArray(value)) {
      return this.reject(
        'invalid-argument',
        `\`${key}\` of ${this.factory} must be a number or a list of ${plural(length, 'number')}, but is ${formatValue(value)}.`,
      );
    }
    if (value.length !== length) {
      return this.reject(
        'invalid-argument',
        `\`${key}\` of ${this.factory} must be a number or a list of ${plural(length, 'number')}, but is ${formatValue(value)} with ${value.length}.`,
      );
    }
    return this.integers(key, value);
  }

  /** Every element a whole number or a name for one. */
  integers(key: string, values: readonly ConfigValue[], positive = false): Quantity[] | Lost {
    const result: Quantity[] = [];
    let lost: Lost | null = null;
    for (const value of values) {
      const element = value instanceof Unknown ? unknownSize(value) : value;
      if (element instanceof Lost) lost ??= element;
      else if (isSymbolic(element)) result.push(element);
      else if (typeof element === 'number' && Number.isInteger(element) && (!positive || element > 0)) {
        result.push(element);
      } else {
        return this.reject(
          'invalid-argument',
          `\`${key}\` of ${this.factory} must hold whole numbers${positive ? ' above 0' : ''}, but is ${formatValue(values as ConfigValue)}.`,
        );
      }
    }
    return lost ?? result;
  }

  /** One of `values`. Mirrors tfjs-layers utils/generic_utils.ts checkStringTypeUnionValue. */
  choice<T extends string>(
    key: string,
    values: readonly T[],
    fallback: T,
    code = 'invalid-argument',
  ): T | Lost {
    const value = this.value(key);
    if (value == null) return fallback;
    if (value instanceof Unknown) return lostValue(key, value);
    if (typeof value === 'string' && (values as readonly string[]).includes(value)) return value as T;
    return this.reject(
      code,
      `\`${key}\` of ${this.factory} must be ${listOf(values)}, but is ${formatValue(value)}.`,
    );
  }

  padding(): 'valid' | 'same' | 'causal' | Lost {
    return this.choice('padding', ['valid', 'same', 'causal'], 'valid', 'unknown-padding');
  }

  dataFormat(): 'channelsFirst' | 'channelsLast' | Lost {
    return this.choice(
      'dataFormat',
      ['channelsFirst', 'channelsLast'],
      'channelsLast',
      'unknown-data-format',
    );
  }

  /** JavaScript's truth of the value, with a default for null and undefined. */
  flag(key: string, fallback: boolean): boolean | Lost {
    const value = this.value(key);
    if (value == null) return fallback;
    if (value instanceof Unknown) return lostValue(key, value);
    return isSymbolic(value)
      ? lostValue(key, new Unknown(`${value}`, 'its value is not known'))
      : Boolean(value);
  }

  /** Mirrors tfjs-layers activations.ts getActivation. */
  activation(key = 'activation'): void {
    const value = this.value(key);
    if (value == null || value instanceof Unknown) return;
    const className =
      typeof value === 'string' ? value : (serializableClass(value)?.className ?? configClassName(value));
    if (className instanceof Unknown) return;
    if (typeof className !== 'string') {
      this.error(
        'unknown-activation',
        isLayerValue(value)
          ? `\`${key}\` of ${this.factory} must be the name of an activation, but is a layer. Write 'relu', say, or add the layer after this one.`
          : `\`${key}\` of ${this.factory} must be the name of an activation such as 'relu', but is ${formatValue(value)}.`,
      );
      return;
    }
    if (activationNames.includes(className)) return;
    // deserializeKerasObject looks every registered class up: a layer's class name passes as well as an activation's.
    const rule = lookUpRule(className);
    if (rule?.create({}).every((problem) => problem.severity !== 'error')) {
      const meant = closestName(className, activationNames);
      this.problems.push({
        code: 'layer-as-activation',
        severity: 'warning',
        message: `'${className}' is the class of a layer, which tfjs then applies as ${this.factory}'s activation with its own defaults.${meant ? ` Did you mean '${meant}'?` : ''}`,
        stage: 'create',
      });
      return;
    }
    const close = closestName(className, activationNames);
    this.error(
      'unknown-activation',
      `tfjs has no activation '${className}'.${close ? ` Did you mean '${close}'?` : ` It has ${activationNames.join(', ')}.`}`,
    );
  }

  /** Mirrors tfjs-layers initializers.ts getInitializer. */
  initializer(key: string, fallback: string): InitializerUse {
    const value = this.value(key);
    // tfjs writes `args.kernelInitializer || default`: anything falsy is the default.
    if (!value) return { className: initializerNames[fallback] ?? fallback };
    if (value instanceof Unknown) return { className: null };
    const className = this.registered(key, value, 'initializer', initializerNames);
    if (className === 'Constant') {
      const config = serializableClass(value)?.config ?? plainConfig(value);
      if (typeof value === 'string' || (config && !('value' in config))) {
        this.error(
          'missing-argument',
          `The initializer 'constant' of \`${key}\` needs a value: tf.initializers.constant({value: 0}).`,
        );
      }
    }
    return { className };
  }

  initializers(defaults: Record<string, string>): Record<string, InitializerUse> {
    return Object.fromEntries(
      Object.entries(defaults).map(([key, fallback]) => [key, this.initializer(key, fallback)]),
    );
  }

  /** Mirrors tfjs-layers regularizers.ts getRegularizer. */
  regularizer(...keys: string[]): void {
    for (const key of keys) {
      if (this.has(key)) this.registered(key, this.value(key), 'regularizer', regularizerNames);
    }
  }

  /** Mirrors tfjs-layers constraints.ts getConstraint. */
  constraint(...keys: string[]): void {
    for (const key of keys) {
      if (this.has(key)) this.registered(key, this.value(key), 'constraint', constraintNames);
    }
  }

  private registered(
    key: string,
    value: ConfigValue,
    kind: 'initializer' | 'regularizer' | 'constraint',
    names: Readonly<Record<string, string>>,
  ): string | null {
    if (value instanceof Unknown) return null;
    const made = serializableClass(value);
    // An object the program made with tf.initializers and the like is taken as it is.
    if (made) return serializableAliases[made.className] ?? made.className;
    const written = typeof value === 'string' ? (names[value] ?? value) : configClassName(value);
    if (written instanceof Unknown) return null;
    if (typeof written === 'string' && registeredNames[kind].includes(written)) return written;
    const known = Object.keys(names);
    const text = typeof written === 'string' ? written : formatValue(value);
    const close = typeof written === 'string' ? closestName(written, known) : null;
    const hint =
      kind === 'regularizer' && (written === 'l1' || written === 'l2')
        ? ` Write tf.regularizers.${written}({${written}: 0.01}).`
        : close
          ? ` Did you mean '${close}'?`
          : ` It has ${known.join(', ')}.`;
    this.error(`unknown-${kind}`, `tfjs has no ${kind} '${text}' for \`${key}\`.${hint}`);
    return null;
  }
}

/** A scalar option whose value is not known becomes a name, unless it is known to be something else than a number. */
export function unknownSize(value: Unknown): Quantity | Lost {
  if (value.type === 'number' || value.type === undefined) return symbol(value.name);
  return new Lost(value.reason, value.at);
}

function lostValue(key: string, value: Unknown): Lost {
  return new Lost(`\`${key}\` is not known: ${value.reason}`, value.at);
}

/** The number that stands for a whole tuple; null for a list or something else; lost where it may be either. */
function scalarOfTuple(value: ConfigValue): Quantity | Lost | null {
  if (typeof value === 'number' || isSymbolic(value)) return value;
  if (value instanceof Unknown) {
    return value.type === 'number' ? symbol(value.name) : new Lost(value.reason, value.at);
  }
  return null;
}

export function isLayerValue(value: ConfigValue): value is LayerConfigValue {
  return isPlainObject(value) && typeof (value as LayerConfigValue).layer?.className === 'string';
}

export function serializableClass(value: ConfigValue): SerializableConfigValue['serializable'] | null {
  if (!isPlainObject(value)) return null;
  const made = (value as unknown as SerializableConfigValue).serializable;
  return typeof made?.className === 'string' ? made : null;
}

/** `{className: 'VarianceScaling', config: {…}}`, which tfjs deserializes. */
function configClassName(value: ConfigValue): string | Unknown | null {
  if (!isPlainObject(value) || isLayerValue(value)) return null;
  const { className, config } = value as { className?: ConfigValue; config?: ConfigValue };
  if (className instanceof Unknown) return className;
  return typeof className === 'string' && config != null ? className : null;
}

function plainConfig(value: ConfigValue): LayerConfig | null {
  if (!isPlainObject(value)) return null;
  const { config } = value as { config?: ConfigValue };
  return isPlainObject(config) ? (config as LayerConfig) : null;
}

function isPlainObject(
  value: ConfigValue,
): value is Exclude<ConfigValue, undefined | null | string | number> & object {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !isSymbolic(value) &&
    !(value instanceof Unknown)
  );
}

/** A configuration's value as a person writes it in code. */
export function formatValue(value: ConfigValue): string {
  if (value === undefined) return 'undefined';
  if (value === null) return 'null';
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'number' || typeof value === 'boolean' || isSymbolic(value)) return `${value}`;
  if (value instanceof Unknown) return value.name;
  if (Array.isArray(value)) return `[${value.map(formatValue).join(', ')}]`;
  if (isLayerValue(value)) return `a ${value.layer.className} layer`;
  const made = serializableClass(value);
  if (made) return `a ${made.className}`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${key}: ${formatValue(item as ConfigValue)}`)
    .join(', ')}}`;
}

export function listOf(values: readonly string[]): string {
  const quoted = values.map((value) => `'${value}'`);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
