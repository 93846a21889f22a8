/**
 * Programs that are analysed and executed: with the source's own `tf` the real one, every model has the layers, shapes
 * and parameters that the analysis says. Whatever the program exports, or holds in a variable of its own, is compared.
 */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import ts from 'typescript';
import type { ModelGraph } from '../../../model-graph/graph';
import { analyseText, type Files } from './check';

interface Seen {
  name: string;
  className: string;
  /** Of its first use. */
  outputShape: unknown;
  params: unknown;
  trainableParams: unknown;
}

/** Runs the program and compares every model that it makes, in order of creation, with the analysis. */
export function checkAgainstTfjs(source: string, files: Files = {}, path = '/workspace/main.ts'): void {
  compare(modelsMadeBy(source, files, path), source, files, path);
}

/** The same for a program that awaits something: what it has made a little later. */
export async function checkLaterAgainstTfjs(source: string, files: Files, path?: string): Promise<void> {
  const made = modelsMadeBy(source, files, path ?? '/workspace/main.ts');
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
  compare(made, source, files, path ?? '/workspace/main.ts');
}

function compare(made: tf.LayersModel[], source: string, files: Files, path: string): void {
  const real = made.map(describeReal);
  const { models, problems } = analyseText(source, files, path);
  const errors = problems.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  assert.deepEqual(errors, [], 'tfjs accepts this program');
  // A model used as a layer is shown inside the one that holds it; apart from that, both list models as made.
  const ours = models.map(describeOurs);
  assert.ok(real.length > 0, 'the program makes a model');
  for (const model of real) {
    const text = JSON.stringify(model, null, 1);
    const same = ours.some((other) => JSON.stringify(other, null, 1) === text);
    if (!same) assert.deepEqual(ours, real, 'the models of the analysis are those of tfjs');
  }
}

/** tfjs numbers layers over the whole process; the analysis over one program. */
const withoutNumber = (name: string) => name.replace(/\d+(_input)?$/, '#$1');

function describeReal(model: tf.LayersModel): Seen[] {
  return model.layers.map((layer) => ({
    name: withoutNumber(layer.name),
    className: layer.getClassName(),
    outputShape: firstOf(layer),
    params: layer.countParams(),
    trainableParams: layer.trainableWeights.reduce(
      (total, { shape }) => total + shape.reduce<number>((n, dim) => n * (dim ?? 1), 1),
      0,
    ),
  }));
}

function firstOf(layer: tf.layers.Layer): unknown {
  const shapes = layer.inboundNodes[0]?.outputShapes;
  return Array.isArray(shapes?.[0]) && shapes.length === 1 ? shapes[0] : shapes;
}

function describeOurs(model: ModelGraph): Seen[] {
  return model.layers.map((layer) => {
    const shapes = layer.calls[0]?.outputShapes ?? [];
    return {
      name: withoutNumber(layer.name),
      className: layer.className === 'Functional' ? 'Model' : layer.className,
      outputShape: shapes.length === 1 ? shapes[0] : shapes,
      params: layer.params,
      trainableParams: layer.trainableParams,
    };
  });
}

/** Every model that the program makes, in order of creation, as it is when the program has ended. */
function modelsMadeBy(source: string, files: Files, path: string): tf.LayersModel[] {
  const made: tf.LayersModel[] = [];
  const record = (model: tf.LayersModel) => {
    made.push(model);
    return model;
  };
  const library = {
    ...tf,
    sequential: (config?: Parameters<typeof tf.sequential>[0]) => record(tf.sequential(config)),
    model: (config: Parameters<typeof tf.model>[0]) => record(tf.model(config)),
  };
  const modules = new Map<string, { exports: Record<string, unknown> }>();
  const load = (at: string, text: string): Record<string, unknown> => {
    const known = modules.get(at);
    if (known) return known.exports;
    const module = { exports: {} as Record<string, unknown> };
    modules.set(at, module);
    if (at.endsWith('.json')) {
      module.exports = JSON.parse(text) as Record<string, unknown>;
      return module.exports;
    }
    const { outputText } = ts.transpileModule(text, {
      compilerOptions: {
        module: ts.ModuleKind.CommonJS,
        target: ts.ScriptTarget.ES2022,
        esModuleInterop: true,
        useDefineForClassFields: false,
        allowJs: true,
      },
      fileName: at,
    });
    const require = (specifier: string): unknown => {
      if (specifier.startsWith('@tensorflow/')) return library;
      const base = new URL(specifier, `file://${at}`).pathname;
      const found = [base, base.replace(/\.js$/, '.ts'), `${base}.ts`, `${base}.js`, `${base}/index.ts`].find(
        (candidate) => files[candidate] !== undefined,
      );
      assert.ok(found, `no file ${base}`);
      return load(found, files[found]!);
    };
    new Function('module', 'exports', 'require', 'tf', `{\n${outputText}\n}`)(
      module,
      module.exports,
      require,
      library,
    );
    return module.exports;
  };
  load(path, source);
  return made;
}
