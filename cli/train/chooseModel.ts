/** `FILE[#builder]` and `--set name=value`: the one model of a file that is meant. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Analysis, analyze, ParsedFiles } from '../../language-server/analysis/analyze';
import {
  type Builder,
  buildersOf,
  callOf,
  isWithin,
  type ParameterValues,
} from '../../language-server/analysis/builders';
import { isSymbolic } from '../../model-graph/dims';
import type { ModelGraph, Problem } from '../../model-graph/graph';
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

/** `['numClasses=10']` → a number by its name; what is no JSON is text. */
export function parseSettings(settings: string[]): ParameterValues {
  return new Map(
    settings.map((text) => {
      const at = text.indexOf('=');
      if (at <= 0) throw new UsageError(`--set ${text}: this is no name=value, e.g. --set numClasses=10.`);
      return [text.slice(0, at), parseValue(text.slice(at + 1))];
    }),
  );
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export interface ChosenModel {
  model: WireModelGraph;
  /** Of a saved model: the file, where it holds weights. */
  weights?: string;
  /** What in the file gives it, and with what; absent of a saved model. */
  builder?: { name: string; parameters: Record<string, unknown> };
}

/**
 * The model that `reference` means.
 * @throws UsageError that lists the choices when it is not clear which one, or what it needs to be told.
 */
export function chooseModel(reference: string, settings: ParameterValues): ChosenModel {
  const { file, name } = splitReference(reference);
  const text = readSource(file);
  if (text === undefined) throw new UsageError(unreadableMessage(file));
  if (!/\.json$/i.test(file)) return new Choice(file, text, name, settings).chosen();
  if (name !== undefined)
    throw new UsageError(`${reference}: a saved model has no builders; leave #${name} out.`);
  const model = modelOfJson(file, text, settings);
  const { weightsManifest } = JSON.parse(text) as { weightsManifest?: unknown[] };
  return { model, ...(weightsManifest?.length ? { weights: path.resolve(file) } : {}) };
}

function modelOfJson(file: string, text: string, settings: ParameterValues): WireModelGraph {
  if (settings.size > 0) throw new UsageError(`--set: ${file} is a saved model, whose sizes are fixed.`);
  const read = readModelJson(text);
  if (!read.ok) throw new UsageError(`${file}: ${read.message}`);
  return toWire(read.graph);
}

class Choice {
  private readonly path: string;
  private readonly parsed = new ParsedFiles();
  private readonly builders: Builder[];
  /** The file as it is, with nothing called that it does not call itself. */
  private readonly plain: Analysis;

  constructor(
    private readonly file: string,
    private readonly text: string,
    private readonly name: string | undefined,
    private readonly settings: ParameterValues,
  ) {
    this.path = analysisPath(file);
    this.builders = buildersOf(this.path, text);
    this.plain = this.analyze(text);
  }

  chosen(): ChosenModel {
    const { plain, settings, name } = this;
    const builder = this.builder();
    if (builder) {
      const called = this.call(builder);
      const model = this.onlyOne(called.models, builder);
      this.refuseRejected(called.problems, model);
      return {
        model: this.withoutUnknowns(model, builder),
        builder: { name: builder.name, parameters: Object.fromEntries(settings) },
      };
    }
    const [first] = settings.keys();
    if (first !== undefined)
      throw new UsageError(`--set ${first}: it is not clear which function takes it. ${this.choices()}`);
    const model = this.onlyOne(this.modelsMeant());
    this.refuseRejected(plain.problems, model);
    return {
      model: this.withoutUnknowns(model),
      builder: { name: model.label ?? name ?? model.name, parameters: {} },
    };
  }

  /** All of the file's where none is named. */
  private modelsMeant(): ModelGraph[] {
    const { name, plain } = this;
    const named = plain.models.filter((model) => !name || model.name === name);
    return named.length > 0 ? named : plain.models.filter(({ label }) => label === name);
  }

  private analyze(text: string): Analysis {
    return analyze(this.path, text, { readFile: readSource }, { parsed: this.parsed });
  }

  /** The function to call: the one named, else the only one in which the models in question are made. */
  private builder(): Builder | undefined {
    const { name, path, file } = this;
    const models = this.modelsMeant();
    const named = this.builders.find((builder) => name && builder.name === name);
    if (named) return named;
    if (name && models.length === 0)
      throw new UsageError(`${file} has no builder or model \`${name}\`. ${this.choices()}`);
    const [first, ...others] = this.buildersOf(models);
    return first && others.length === 0 && models.every((model) => isWithin(model.location, path, first))
      ? first
      : undefined;
  }

  private buildersOf(models: ModelGraph[]): Builder[] {
    return this.builders.filter((builder) =>
      models.some(({ location }) => isWithin(location, this.path, builder)),
    );
  }

  /** What the builder makes when it is called with the settings. */
  private call(builder: Builder): { models: ModelGraph[]; problems: Problem[] } {
    const call = callOf(builder, this.settings);
    if (call.unused.length > 0) {
      const takes = builder.parameters.map(({ name }) => name).join(', ') || 'nothing';
      throw new UsageError(`--set ${call.unused[0]}: ${builder.name} in ${this.file} takes ${takes}.`);
    }
    const { models, problems } = this.analyze(this.text + call.text);
    const own = models.filter(({ location }) => isWithin(location, this.path, builder));
    // A builder may leave the work to a function of another file.
    const before = new Set(this.plain.models.map(({ id }) => id));
    return { models: own.length > 0 ? own : models.filter(({ id }) => !before.has(id)), problems };
  }

  private onlyOne(models: ModelGraph[], builder?: Builder): ModelGraph {
    const { file, settings } = this;
    // What is only a part of another one is not what somebody trains, unless it is asked for.
    const parts = new Set(models.flatMap(partsOf));
    const wholes = models.filter((one) => !parts.has(placeOf(one)));
    if (wholes.length === 1 && wholes[0]) return wholes[0];
    const [model] = models;
    const what = builder ? `\`${builder.name}\` in ${file}` : file;
    if (!model)
      throw new UsageError(
        `${what} builds no model. Layerwise looks for tf.sequential() and tf.model() calls.`,
      );
    if (models.length === 1) return model;
    // One call in the source that makes several models makes them by what it is told.
    const places = new Set(models.map(({ location }) => JSON.stringify(location)));
    const open = (builder?.parameters ?? []).filter(({ name }) => !settings.has(name));
    const names = open.sort((a, b) => Number(a.isOptional) - Number(b.isOptional)).map(({ name }) => name);
    const advice =
      places.size === 1 && names.length > 0
        ? `Which one depends on what it is given: ${names.map((name) => `--set ${name}=…`).join(' ')}.`
        : this.choices();
    throw new UsageError(`${what} makes ${models.length} models. ${advice}`);
  }

  /** What tfjs would throw while it builds the model: said with its place, as `layerwise check` does. */
  private refuseRejected(problems: Problem[], model: ModelGraph): void {
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
      `${this.file}:${line + 1}:${character + 1}: TensorFlow.js cannot build this model: ${rejected.message} [${rejected.code}]`,
      1,
    );
  }

  private withoutUnknowns(model: ModelGraph, builder?: Builder): WireModelGraph {
    const unknown = unknownsOf(model);
    if (unknown.length === 0) return toWire(model);
    const names = unknown.map((name) => `\`${name}\``).join(', ');
    throw new UsageError(
      `The model \`${model.name}\` in ${this.file} has sizes that its source leaves open: ${names}. ${
        builder
          ? `Give ${unknown.length === 1 ? 'it' : 'them'}, e.g. ${unknown.map((name) => `--set ${name}=10`).join(' ')}.`
          : 'Only parameters of a function at the top of the file can be given, with --set.'
      }`,
    );
  }

  /** The ways to say which one. */
  private choices(): string {
    const { models } = this.plain;
    const makers = this.buildersOf(models);
    const others = models.filter(
      ({ location }) => !makers.some((maker) => isWithin(location, this.path, maker)),
    );
    const names = new Set([...makers, ...others].map(({ name }) => name));
    if (names.size === 0) return `${this.file} builds no model.`;
    return `Choose one: ${[...names].map((name) => `${this.file}#${name}`).join(', ')}.`;
  }
}

/** The models within a model, and within these. */
function partsOf({ layers }: ModelGraph): string[] {
  return layers.flatMap(({ nested }) => (nested ? [placeOf(nested), ...partsOf(nested)] : []));
}

function placeOf({ name, location }: ModelGraph): string {
  return JSON.stringify([name, location]);
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
