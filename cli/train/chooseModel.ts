/** `FILE[#builder]` and `--set name=value`: the one model of a file that is meant. */
import { existsSync } from 'node:fs';
import { type Analysis, analyze, ParsedFiles } from '../../language-server/analysis/analyze';
import {
  type Builder,
  buildersOf,
  callOf,
  type ParameterValue,
} from '../../language-server/analysis/builders';
import { isSymbolic } from '../../model-graph/dims';
import type { ModelGraph, Problem, SourceLocation } from '../../model-graph/graph';
import { readModelJson } from '../../model-graph/readers/modelJson';
import { toWire, type WireModelGraph } from '../../protocol/modelGraph';
import { analysisPath, readSource, unreadableMessage } from '../sourceFiles';
import { UsageError } from '../usageError';

/** `src/net.ts#build` → the file and the name; a file whose own name has a `#` is taken as it is. */
export function splitReference(reference: string): { file: string; name: string | undefined } {
  const at = reference.lastIndexOf('#');
  if (at < 0 || existsSync(reference)) return { file: reference, name: undefined };
  return { file: reference.slice(0, at), name: reference.slice(at + 1) };
}

/** `numClasses=10` → a number; what is no JSON is text. */
export function parseSetting(text: string): [string, ParameterValue] {
  const at = text.indexOf('=');
  if (at <= 0) throw new UsageError(`--set ${text}: this is no name=value, e.g. --set numClasses=10.`);
  const value = text.slice(at + 1);
  try {
    return [text.slice(0, at), JSON.parse(value) as ParameterValue];
  } catch {
    return [text.slice(0, at), value];
  }
}

/**
 * The model that `reference` means.
 * @throws UsageError that lists the choices when it is not clear which one, or what it needs to be told.
 */
export function chooseModel(
  reference: string,
  settings: ReadonlyMap<string, ParameterValue>,
): WireModelGraph {
  const { file, name } = splitReference(reference);
  const text = readSource(file);
  if (text === undefined) throw new UsageError(unreadableMessage(file));
  if (/\.json$/i.test(file)) return modelOfJson(file, text, settings);
  const path = analysisPath(file);
  const parsed = new ParsedFiles();
  const analyzed = (content: string) => analyze(path, content, { readFile: readSource }, { parsed });
  const builders = buildersOf(path, text);
  const plain = analyzed(text);
  const builder = builderMeant(file, name, builders, plain, settings);
  if (!builder) {
    if (settings.size > 0)
      throw new UsageError(`--set ${[...settings.keys()][0]}: ${file} has no function that would take it.`);
    return onlyOne(
      file,
      name,
      plain,
      plain.models.filter((model) => !name || model.name === name),
    );
  }
  const call = callOf(builder, settings);
  if (call.unused.length > 0) {
    const takes = builder.parameters.map((parameter) => parameter.name).join(', ') || 'nothing';
    throw new UsageError(`--set ${call.unused[0]}: ${builder.name} in ${file} takes ${takes}.`);
  }
  const called = analyzed(text + call.text);
  const own = called.models.filter(({ location }) => isWithin(location, path, builder));
  // A builder may leave the work to a function of another file.
  const before = new Set(plain.models.map(({ id }) => id));
  const models = own.length > 0 ? own : called.models.filter(({ id }) => !before.has(id));
  return onlyOne(file, builder.name, called, models, builder);
}

/** The function to call: the one named, else the only one in which the file's models are made. */
function builderMeant(
  file: string,
  name: string | undefined,
  builders: Builder[],
  { models }: Analysis,
  settings: ReadonlyMap<string, ParameterValue>,
): Builder | undefined {
  if (name) {
    const named = builders.find((builder) => builder.name === name);
    const makes = models.filter((model) => model.name === name);
    if (named) return named;
    if (makes.length === 0)
      throw new UsageError(`${file} has no builder or model \`${name}\`. ${choices(file, models, builders)}`);
    const around = buildersAround(makes, builders, analysisPath(file));
    return around.length === 1 && makes.every(({ location }) => location) ? around[0] : undefined;
  }
  const around = buildersAround(models, builders, analysisPath(file));
  if (
    around.length === 1 &&
    models.every(({ location }) => isWithin(location, analysisPath(file), around[0]!))
  )
    return around[0];
  // All that is known of the values is the name of the parameter they are for.
  const taking = around.filter(({ parameters }) =>
    [...settings.keys()].every((key) => parameters.some((one) => one.name === key.split('.')[0])),
  );
  return settings.size > 0 && taking.length === 1 ? taking[0] : undefined;
}

function buildersAround(models: ModelGraph[], builders: Builder[], path: string): Builder[] {
  return builders.filter((builder) => models.some(({ location }) => isWithin(location, path, builder)));
}

function isWithin(location: SourceLocation | undefined, path: string, { range }: Builder): boolean {
  if (!location || location.path !== path) return false;
  const { start } = location.range;
  const afterStart =
    start.line > range.start.line ||
    (start.line === range.start.line && start.character >= range.start.character);
  const beforeEnd =
    start.line < range.end.line || (start.line === range.end.line && start.character < range.end.character);
  return afterStart && beforeEnd;
}

function modelOfJson(
  file: string,
  text: string,
  settings: ReadonlyMap<string, ParameterValue>,
): WireModelGraph {
  if (settings.size > 0) throw new UsageError(`--set: ${file} is a saved model, whose sizes are fixed.`);
  const read = readModelJson(text);
  if (!read.ok) throw new UsageError(`${file}: ${read.message}`);
  return toWire(read.graph);
}

function onlyOne(
  file: string,
  name: string | undefined,
  { problems, models: all }: Analysis,
  models: ModelGraph[],
  builder?: Builder,
): WireModelGraph {
  const [model] = models;
  if (!model) {
    const what = name ? `\`${name}\` in ${file} makes no model` : `${file} builds no model`;
    throw new UsageError(`${what}. Layerwise looks for tf.sequential() and tf.model() calls.`);
  }
  if (models.length > 1) {
    // One call in the source that makes several models makes them by what it is told.
    const places = new Set(models.map(({ location }) => JSON.stringify(location)));
    const given = builder?.parameters.map((parameter) => parameter.name) ?? [];
    const advice =
      places.size === 1 && given.length > 0
        ? `Which one depends on ${list(given)}: give them with --set, e.g. --set ${given[0]}=true.`
        : choices(file, all, []);
    throw new UsageError(
      `${name ? `\`${name}\` in ${file}` : file} makes ${models.length} models. ${advice}`,
    );
  }
  refuseRejected(file, problems, model);
  const unknown = unknownsOf(model);
  if (unknown.length > 0) {
    throw new UsageError(
      `The model \`${model.name}\` in ${file} has sizes that its source leaves open: ${list(unknown)}. ` +
        (builder
          ? `Give ${unknown.length === 1 ? 'it' : 'them'}, e.g. ${setExample(unknown)}.`
          : 'Only parameters of a function at the top of the file can be given, with --set.'),
    );
  }
  return toWire(model);
}

/** What tfjs would throw while it builds the model: said with its place, as `layerwise check` does. */
function refuseRejected(file: string, problems: Problem[], model: ModelGraph): void {
  const places = new Set(
    [model.location, ...model.layers.map(({ location }) => location)].map((one) => JSON.stringify(one)),
  );
  const rejected = problems.find(
    ({ severity, stage, location }) =>
      severity === 'error' &&
      (stage === 'create' || stage === 'apply') &&
      location &&
      places.has(JSON.stringify(location)),
  );
  if (!rejected) return;
  const { line, character } = rejected.location!.range.start;
  throw new UsageError(
    `${file}:${line + 1}:${character + 1}: TensorFlow.js cannot build this model: ${rejected.message} [${rejected.code}]`,
    1,
  );
}

/** Names that the model's weights and shapes depend on. */
function unknownsOf(model: ModelGraph): string[] {
  const names = new Set<string>();
  const collect = (value: unknown): void => {
    if (isSymbolic(value)) for (const name of value.names) names.add(name);
    else if (Array.isArray(value)) for (const one of value) collect(one);
  };
  for (const { calls, weights, nested } of model.layers) {
    for (const { inputShapes, outputShapes } of calls) collect([inputShapes, outputShapes]);
    for (const { shape } of weights) collect(shape);
    if (nested) for (const name of unknownsOf(nested)) names.add(name);
  }
  return [...names].sort();
}

/** The ways to say which one: `Choose one: layerwise train net.ts#small, net.ts#large.` */
function choices(file: string, models: ModelGraph[], builders: Builder[]): string {
  const path = analysisPath(file);
  const makers = builders.filter((builder) =>
    models.some(({ location }) => isWithin(location, path, builder)),
  );
  const names = new Set([...makers.map(({ name }) => name), ...models.map(({ name }) => name)]);
  if (names.size === 0) return `${file} builds no model.`;
  return `Choose one: ${[...names].map((one) => `${file}#${one}`).join(', ')}.`;
}

function setExample(names: string[]): string {
  return names.map((name) => `--set ${name}=10`).join(' ');
}

function list(names: string[]): string {
  const quoted = names.map((name) => `\`${name}\``);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1)}`;
}
