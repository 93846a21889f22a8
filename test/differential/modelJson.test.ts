/**
 * What `model.save()` writes, read by Layerwise and by tfjs: the same files rejected, and the same layers with the same
 * names, shapes and weights. Then the same files damaged: a sentence comes out, never an exception.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import type { ModelGraph } from '../../model-graph/graph';
import { readModelJson } from '../../model-graph/readers/modelJson';
import { layersInGraph, layersInTfjs } from '../harness/layersOf';
import { mobileNet } from '../harness/mobilenet';
import { Random } from './layerCases';
import { makeProgram } from './programs';

const programCount = Number(process.env['LAYERWISE_DIFFERENTIAL_MODEL_FILES'] ?? 250);
const seed = Number(process.env['LAYERWISE_DIFFERENTIAL_SEED'] ?? 1998);

/** The text of the model.json that tfjs would write. */
async function saved(model: tf.LayersModel): Promise<string> {
  let topology: unknown;
  await model.save({
    save: async (artifacts) => {
      topology = artifacts.modelTopology;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    },
  });
  return JSON.stringify({ format: 'layers-model', modelTopology: topology, weightsManifest: [] });
}

async function loaded(text: string): Promise<tf.LayersModel | string> {
  const { modelTopology } = JSON.parse(text) as { modelTopology: object };
  try {
    return await tf.loadLayersModel({ load: async () => ({ modelTopology }) });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function assertSame(text: string, what: string): Promise<ModelGraph | undefined> {
  const real = await loaded(text);
  const ours = readModelJson(text);
  if (typeof real === 'string') {
    assert.ok(!ours.ok, `${what}: tfjs rejects it (${real}), and so must we`);
    return undefined;
  }
  assert.ok(ours.ok, `${what}: ${ours.ok ? '' : ours.message}`);
  assert.deepEqual(layersInGraph(ours.graph), layersInTfjs(real), what);
  return ours.graph;
}

/** The models of a random program, while tfjs accepts it. */
function modelsOf(lines: string[]): tf.LayersModel[] {
  const scope: Record<string, unknown> = {};
  for (const statement of lines) {
    const [, name, expression] = /^const (\w+) = (.*);$/.exec(statement) ?? [];
    try {
      const run = new Function('tf', ...Object.keys(scope), name ? `return ${expression}` : statement);
      const value: unknown = run(tf, ...Object.values(scope));
      if (name) scope[name] = value;
    } catch {
      break;
    }
  }
  return Object.values(scope).filter((value) => value instanceof tf.LayersModel);
}

/** Small models with what random programs lack: cells, wrappers, states, initializers, several outputs. */
const sources: Record<string, string> = {
  wrappers: `tf.sequential({ layers: [
    tf.layers.timeDistributed({ layer: tf.layers.conv2d({ filters: 3, kernelSize: 3, activation: 'relu' }), inputShape: [5, 8, 8, 1] }),
    tf.layers.timeDistributed({ layer: tf.layers.flatten() }),
    tf.layers.bidirectional({ layer: tf.layers.lstm({ units: 4, returnSequences: true }), mergeMode: 'concat' }),
    tf.layers.bidirectional({ layer: tf.layers.gru({ units: 2 }), mergeMode: 'sum' }),
    tf.layers.dense({ units: 2, kernelInitializer: 'heNormal', kernelRegularizer: tf.regularizers.l2() }) ] })`,
  cells: `tf.sequential({ layers: [
    tf.layers.rnn({ cell: tf.layers.stackedRNNCells({ cells: [tf.layers.lstmCell({ units: 3 }), tf.layers.gruCell({ units: 5 })] }), inputShape: [4, 2], returnSequences: true }),
    tf.layers.rnn({ cell: tf.layers.simpleRNNCell({ units: 6 }) }) ] })`,
  states: `(() => { const x = tf.input({ shape: [7, 2] });
    const [y, h, c] = tf.layers.lstm({ units: 3, returnState: true }).apply(x);
    const z = tf.layers.lstm({ units: 3 }).apply([x, h, c]);
    return tf.model({ inputs: x, outputs: [z, y] }); })()`,
  recurrentConvolution: `tf.sequential({ layers: [
    tf.layers.convLstm2d({ filters: 2, kernelSize: 3, inputShape: [3, 6, 6, 1] }), tf.layers.batchNormalization({ axis: -1 }) ] })`,
  text: `tf.sequential({ layers: [
    tf.layers.embedding({ inputDim: 50, outputDim: 8, inputLength: 12, maskZero: true }),
    tf.layers.conv1d({ filters: 4, kernelSize: 3, padding: 'causal' }), tf.layers.globalMaxPooling1d({}) ] })`,
  batch: `tf.sequential({ layers: [tf.layers.dense({ units: 2, batchInputShape: [16, 3], trainable: false })] })`,
  merges: `(() => { const a = tf.input({ shape: [4, 4, 2] }); const b = tf.input({ shape: [4, 4, 2] });
    const shared = tf.layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', depthMultiplier: 2 });
    const both = tf.layers.concatenate({ axis: 3 }).apply([shared.apply(a), shared.apply(b)]);
    return tf.model({ inputs: [a, b], outputs: tf.layers.dot({ axes: -1 }).apply([tf.layers.flatten().apply(both), tf.layers.flatten().apply(both)]) }); })()`,
  nestedInSequential: `(() => { const inner = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [4] })] });
    return tf.sequential({ layers: [inner, tf.layers.dense({ units: 2 })] }); })()`,
};

describe(`model.json against tfjs, seed ${seed}`, function () {
  this.timeout(20 * 60_000);
  const texts: string[] = [];

  for (const [what, source] of Object.entries(sources)) {
    it(what, async () => {
      const text = await saved(new Function('tf', `return ${source}`)(tf) as tf.LayersModel);
      texts.push(text);
      const graph = await assertSame(text, what);
      assert.equal(graph?.verdict.kind, 'exact');
    });
  }

  it(`the models of ${programCount} random programs`, async () => {
    const random = new Random(seed);
    let read = 0;
    for (let n = 0; n < programCount; n++) {
      const lines = makeProgram(random);
      tf.engine().startScope();
      for (const model of modelsOf(lines)) {
        let text: string;
        try {
          text = await saved(model);
        } catch {
          continue; // not yet built
        }
        if (await assertSame(text, lines.join('\n'))) read++;
        if (texts.length < 40) texts.push(text);
      }
      tf.engine().endScope();
      tf.disposeVariables();
    }
    console.log(`    ${read} models read alike`);
    assert.ok(read > programCount / 3);
  });

  it('real MobileNet weights’ model.json, written by Keras 2', async function () {
    const file = mobileNet(this);
    const graph = await assertSame(readFileSync(file, 'utf8'), file);
    assert.equal(graph?.totals.params, 475_544);
    assert.equal(graph?.verdict.kind, 'exact');
  });

  it('damaged files give a sentence', () => {
    const random = new Random(seed + 1);
    let rejected = 0;
    for (let n = 0; n < 3000; n++) {
      const text = damaged(texts[random.int(0, texts.length - 1)]!, random);
      const result = readModelJson(text);
      if (result.ok) continue;
      rejected++;
      assert.match(result.message, /^[A-Z].*[.?]$/s, text.slice(0, 300));
      assert.doesNotMatch(result.message, /cannot be read: \w*Error/, `${result.message}\n${text}`);
    }
    assert.ok(rejected > 500);
  });
});

/** Cut short, a stretch missing, a token swapped for another, or a value replaced by something odd. */
function damaged(text: string, random: Random): string {
  const at = random.int(0, text.length - 1);
  switch (random.int(0, 3)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + text.slice(at + random.int(1, 40));
    case 2: {
      const odd = ['null', '{}', '[]', '""', '-1', '1e99', 'true', '[[1]]', '"x"'][random.int(0, 8)]!;
      const values = [...text.matchAll(/:("[^"]*"|\d+|null|true|false|\[[^[\]]*\]|\{[^{}]*\})/g)];
      const value = values[random.int(0, values.length - 1)]!;
      return `${text.slice(0, value.index)}:${odd}${text.slice(value.index + value[0].length)}`;
    }
    default: {
      const names = [...text.matchAll(/"\w+"/g)];
      const [from, to] = [names[random.int(0, names.length - 1)]!, names[random.int(0, names.length - 1)]!];
      return text.slice(0, from.index) + to[0] + text.slice(from.index + from[0].length);
    }
  }
}
