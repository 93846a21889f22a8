/**
 * What `model.compile` throws, and losses that do not suit the model's outputs. Mirrors tfjs-layers engine/training.ts
 * LayersModel.compile.
 *
 * Only what is known for certain is said: a name that stands in the program, a shape that is known.
 */
import type { Problem, SourceLocation } from '../graph';
import { type ConfigValue, type LayerConfig, Unknown } from '../layers/rule';
import type { Model, SymbolicTensor } from '../wired';
import { compileNameKinds, meantName, type NameKind } from './compileNames';

export interface CompileCall {
  model: Model;
  options: LayerConfig;
  location: SourceLocation;
  /** The way through the program that leads here took no side of a condition that is not known. */
  certain: boolean;
}

/** The problems of one call of `compile`. */
export function checkCompile(call: CompileCall): Problem[] {
  const { options } = call;
  const error = (code: string, message: string): Problem => ({
    code,
    severity: 'error',
    stage: 'compile',
    message,
    location: call.location,
  });
  const problems: Problem[] = [];
  for (const key of ['optimizer', 'loss']) {
    // A value that is undefined may be one that other code sets; a key that is not there is a slip.
    if (!(key in options) && options[key] === undefined) {
      problems.push(error('missing-argument', `compile needs \`${key}\`: ${missingAdvice[key]}.`));
    }
  }
  const unknownNames = (kind: NameKind, names: readonly string[]) =>
    names
      .filter((name) => !kind.names.includes(name))
      .map((name) => {
        const meant = meantName(kind, name);
        const hint = meant
          ? `Did you mean '${meant}'?`
          : `It has ${kind.names.filter((known) => !/^[A-Z]/.test(known)).join(', ')}.`;
        return error(kind.code, `tfjs has no ${kind.what} '${name}'. ${hint}`);
      });
  const { optimizer, loss, metrics } = options;
  problems.push(
    ...unknownNames(compileNameKinds.optimizer, typeof optimizer === 'string' ? [optimizer] : []),
    ...unknownNames(compileNameKinds.loss, stringsIn(loss)),
    ...unknownNames(compileNameKinds.metric, metricStrings(call.model, metrics)),
  );
  if (!call.model.contentsLost && call.certain) {
    const count = lossCountProblem(call.model, loss);
    if (count) problems.push(error('loss-outputs', count));
    problems.push(...lossesThatDoNotFit(call));
  }
  return problems;
}

const missingAdvice: Record<string, string> = {
  optimizer: "a name such as 'adam', or tf.train.adam(…)",
  loss: "a name such as 'meanSquaredError', or a function",
};

/** The loss of each output; null where it is not a name that is known. */
export function lossesOf(model: Model, loss: unknown): (string | null)[] {
  const name = (value: unknown) => (typeof value === 'string' ? value : null);
  return model.outputs.map((output, index) => {
    if (Array.isArray(loss)) return loss.length === model.outputs.length ? name(loss[index]) : null;
    if (loss !== null && typeof loss === 'object') {
      return name((loss as Record<string, unknown>)[output.layer.name]);
    }
    return name(loss);
  });
}

/** The names in a string, a list or a dictionary of them. */
function stringsIn(value: ConfigValue): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.filter((item) => typeof item === 'string');
  return isDictionary(value) ? Object.values(value).filter((item) => typeof item === 'string') : [];
}

/** In a dictionary, tfjs looks only at the entries of the model's outputs. */
function metricStrings(model: Model, metrics: ConfigValue): string[] {
  if (!isDictionary(metrics)) return stringsIn(metrics);
  const outputs = new Set(model.outputs.map(({ layer }) => layer.name));
  return Object.entries(metrics).flatMap(([name, entry]) => (outputs.has(name) ? stringsIn(entry) : []));
}

function isDictionary(value: ConfigValue): value is { [key: string]: ConfigValue } {
  return (
    value !== null &&
    typeof value === 'object' &&
    !Array.isArray(value) &&
    !(value instanceof Unknown) &&
    // A layer, a serializable or a symbolic size is an object of another kind.
    Object.getPrototypeOf(value) === Object.prototype &&
    !('layer' in value) &&
    !('serializable' in value)
  );
}

function lossCountProblem(model: Model, loss: ConfigValue): string | null {
  const { outputs } = model;
  if (outputs.length === 0) return null;
  if (Array.isArray(loss) && loss.length !== outputs.length) {
    return `The list of losses has ${loss.length}, but the model has ${outputs.length === 1 ? 'one output' : `${outputs.length} outputs`}: give one for each.`;
  }
  // Names that tfjs makes up depend on what else the program has created: only names it is given can be compared.
  if (!isDictionary(loss) || !outputs.every(({ layer }) => typeof layer.config['name'] === 'string'))
    return null;
  const names = outputs.map(({ layer }) => layer.name);
  const stray = Object.keys(loss).find((name) => !names.includes(name));
  return stray === undefined
    ? null
    : `The losses name the output '${stray}', but the model's outputs are ${names.map((name) => `'${name}'`).join(', ')}.`;
}

function lossesThatDoNotFit({ model, options, location }: CompileCall): Problem[] {
  return lossesOf(model, options['loss']).flatMap((loss, index): Problem[] => {
    const output = model.outputs[index]!;
    const units = output.shape?.at(-1);
    const found = typeof units === 'number' && loss !== null ? misfit(loss, units, output) : null;
    return found ? [{ code: 'loss-misfit', location, related: madeBy(output), ...found }] : [];
  });
}

function misfit(
  loss: string,
  units: number,
  output: SymbolicTensor,
): Pick<Problem, 'severity' | 'message' | 'stage'> | null {
  if (loss === 'sparseCategoricalCrossentropy' && units === 1) {
    // Mirrors losses.ts sparseCategoricalCrossentropy: tf.oneHot throws for a depth below 2.
    return {
      severity: 'error',
      stage: 'fit',
      message:
        "'sparseCategoricalCrossentropy' needs one output for each class, but the model puts out only 1: training throws. Give the last layer as many units as there are classes, or use 'binaryCrossentropy'.",
    };
  }
  if (loss === 'categoricalCrossentropy' && units === 1) {
    // `fit` throws for it (see fit.ts), `fitDataset` trains on a loss that is always 0.
    return {
      severity: 'warning',
      stage: 'fit',
      message:
        "'categoricalCrossentropy' needs one output for each class, but the model puts out only 1. Use 'binaryCrossentropy' with a sigmoid, or give the last layer as many units as there are classes.",
    };
  }
  if (loss === 'binaryCrossentropy' && units > 2 && endsInSoftmax(output)) {
    return {
      severity: 'warning',
      stage: 'fit',
      message: `'binaryCrossentropy' takes each of the ${units} outputs as a decision of its own, but softmax makes them one choice among ${units}. Use 'categoricalCrossentropy', or a sigmoid where several may be true at once.`,
    };
  }
  return null;
}

function endsInSoftmax({ layer }: SymbolicTensor): boolean {
  return layer.className === 'Softmax' || layer.config['activation'] === 'softmax';
}

function madeBy({ layer }: SymbolicTensor): Problem['related'] {
  return layer.location ? [{ message: 'the output is made here', location: layer.location }] : undefined;
}
