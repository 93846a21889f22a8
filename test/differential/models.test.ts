/**
 * Random programs through the analysis and through tfjs itself: the same statement rejected, and for every model the
 * same layers in the same order, with the same shapes, parameters and trainable parameters.
 *
 * LAYERWISE_DIFFERENTIAL_PROGRAMS sets the number of programs, LAYERWISE_DIFFERENTIAL_SEED the seed.
 */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { analyze } from '../../language-server/analysis/analyze';
import type { ModelGraph } from '../../model-graph/graph';
import { runInTfjs } from '../harness/programsInTfjs';
import { Random } from './layerCases';
import { makeProgram } from './programs';
import { keptPrograms } from './programs.kept';

const programCount = Number(process.env['LAYERWISE_DIFFERENTIAL_PROGRAMS'] ?? 3000);
const seed = Number(process.env['LAYERWISE_DIFFERENTIAL_SEED'] ?? 1998);

interface Seen {
  /** Line of the statement that throws, counted from 0, and what it says. */
  throws?: { line: number; message: string };
  models: Record<string, unknown[]>;
}

/** tfjs numbers layers over the whole process; the analysis over one program. */
const withoutNumber = (name: string) => name.replace(/\d+(_input)?$/, '#$1');

function inTfjs(lines: string[]): Seen {
  const { scope, throws } = runInTfjs(lines);
  const seen: Seen = { models: {}, ...(throws ? { throws } : {}) };
  for (const [name, value] of Object.entries(scope)) {
    if (!(value instanceof tf.LayersModel)) continue;
    seen.models[name] = value.layers.map((layer) => [
      withoutNumber(layer.name),
      layer.getClassName(),
      nodesIn(value, layer).map((node) => shapeOrShapes(node.outputShapes)),
      layer.countParams(),
      count(layer.trainableWeights),
    ]);
  }
  return seen;
}

/** A shared layer has nodes outside the model, too; a model that was not built yet counts them all as its own. */
function nodesIn(model: tf.LayersModel, layer: tf.layers.Layer): tf.layers.Layer['inboundNodes'] {
  const { containerNodes } = model as unknown as { containerNodes: Set<string> };
  if (model instanceof tf.Sequential) return layer.inboundNodes.slice(0, 1);
  return layer.inboundNodes.filter((_, index) => containerNodes.has(`${layer.name}_ib-${index}`));
}

/** tfjs keeps a shape or a list of shapes, by where the call came from. */
function shapeOrShapes(shapes: tf.Shape | tf.Shape[]): unknown {
  return Array.isArray(shapes[0]) && shapes.length === 1 ? shapes[0] : shapes;
}

function count(weights: { shape: (number | null)[] }[]): number {
  return weights.reduce((total, { shape }) => total + shape.reduce<number>((n, dim) => n * (dim ?? 1), 1), 0);
}

function inAnalysis(lines: string[]): Seen {
  const header = "import * as tf from '@tensorflow/tfjs';";
  const { models, problems } = analyze('/program.js', [header, ...lines].join('\n'), {
    readFile: () => undefined,
  });
  const errors = problems
    .filter(({ severity, stage }) => severity === 'error' && (stage === 'create' || stage === 'apply'))
    .map(({ location, thrownAt, message, code }) => ({
      line: ((thrownAt ?? location)?.range.start.line ?? 0) - 1,
      message: `${code}: ${message}`,
    }))
    .sort((left, right) => left.line - right.line);
  const seen: Seen = { models: {} };
  if (errors[0]) seen.throws = errors[0];
  const byLine = new Map(models.map((model) => [model.location?.range.start.line, model]));
  lines.forEach((statement, line) => {
    const name = /^const (model\d+) =/.exec(statement)?.[1];
    const model = byLine.get(line + 1);
    if (name && model) seen.models[name] = describeLayers(model);
  });
  return seen;
}

function describeLayers(model: ModelGraph): unknown[] {
  return model.layers.map((layer) => [
    withoutNumber(layer.name),
    layer.className === 'Functional' ? 'Model' : layer.className,
    layer.calls.map(({ outputShapes }) => (outputShapes.length === 1 ? outputShapes[0] : outputShapes)),
    layer.params,
    layer.trainableParams,
  ]);
}

/** A line a layer, so that a difference is easy to see. */
function show({ models }: Seen): string {
  return Object.entries(models)
    .flatMap(([name, layers]) => [name, ...layers.map((layer) => `  ${JSON.stringify(layer)}`)])
    .join('\n');
}

function seenInTfjs(lines: string[]): Seen {
  tf.engine().startScope();
  const seen = inTfjs(lines);
  tf.engine().endScope();
  tf.disposeVariables();
  return seen;
}

/** Where the analysis and tfjs differ over a program, in words; undefined where they agree. */
function disagreement(lines: string[]): string | undefined {
  const real = seenInTfjs(lines);
  const ours = inAnalysis(lines);
  const program = lines.map((line, at) => `${real.throws?.line === at ? '>' : ' '} ${line}`).join('\n');
  if (ours.throws?.line !== real.throws?.line) {
    return `${program}\ntfjs: ${real.throws?.message ?? 'accepts'}\nours: ${ours.throws?.message ?? 'accepts'}`;
  }
  if (real.throws || show(ours) === show(real)) return undefined;
  return `${program}\ntfjs\n${show(real)}\nours\n${show(ours)}`;
}

/** The program without every statement that it can lose and still show the disagreement. Keep it in programs.kept.ts. */
function shrunk(lines: string[]): string[] {
  let smallest = lines;
  for (let at = smallest.length - 1; at >= 0; at--) {
    const without = smallest.filter((_, line) => line !== at);
    // A program that lacks a variable fails in JavaScript, which is another matter.
    const needed = /^const (\w+) =/.exec(smallest[at]!)?.[1];
    if (needed && without.some((line) => new RegExp(`\\b${needed}\\b`).test(line))) continue;
    if (disagreement(without)) smallest = without;
  }
  return smallest;
}

describe('programs on which the analysis and tfjs once disagreed', () => {
  for (const [what, program] of Object.entries(keptPrograms)) {
    it(what, () => assert.equal(disagreement(program.trim().split('\n')), undefined));
  }
});

describe(`${programCount} random programs against tfjs, seed ${seed}`, function () {
  this.timeout(20 * 60_000);

  it('the same statement is rejected, and every model has the same layers', () => {
    const random = new Random(seed);
    let rejected = 0;
    for (let n = 0; n < programCount; n++) {
      const lines = makeProgram(random);
      const failure = disagreement(lines);
      if (failure) assert.fail(`program ${n}, shrunk:\n${disagreement(shrunk(lines))}`);
      if (seenInTfjs(lines).throws) rejected++;
    }
    console.log(`    ${programCount - rejected} accepted, ${rejected} rejected by both`);
    assert.ok(rejected > programCount / 50 && rejected < programCount * 0.8, 'both kinds of programs occur');
  });
});
