/** Models exported as ONNX by the real process: the same answers, whole files, and clear refusals. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { decodeModel } from '../../model-graph/onnx/wire';
import { readOnnx } from '../../model-graph/readers/onnx';
import type { PictureSource } from '../../protocol/sidecar';
import type { SidecarConnection } from '../../sidecar/connect';
import { mobileNet } from '../harness/mobilenet';
import { saveModel } from './support/models';
import { buildSidecar, cleanUp, launchSidecar, root, startSidecar, temporaryFolder } from './support/process';

const lenet = path.join(root, 'media/models/lenet5-mnist');
const picture = (name: string): PictureSource => ({
  kind: 'file',
  path: path.join(root, 'examples/images', name),
});

async function probabilities(sidecar: SidecarConnection, modelPath: string, source: PictureSource) {
  const answer = await sidecar.request('classify', { picture: source, modelPath, top: 1000 });
  const classes = [...answer.classes].sort((a, b) => a.index - b.index);
  return { ...answer, classes };
}

async function assertSameAnswers(
  sidecar: SidecarConnection,
  original: string,
  exported: string,
  source: PictureSource,
): Promise<void> {
  const [theirs, ours] = [
    await probabilities(sidecar, original, source),
    await probabilities(sidecar, exported, source),
  ];
  assert.deepEqual(
    [ours.format, ours.input.pixels, ours.input.preprocessing.replace(/ \(scale assumed.*/, '')],
    ['onnx', theirs.input.pixels, theirs.input.preprocessing],
  );
  assert.equal(ours.classes.length, theirs.classes.length);
  for (const [i, { label, probability }] of theirs.classes.entries()) {
    assert.equal(ours.classes[i]!.label, label);
    assert.ok(Math.abs(ours.classes[i]!.probability - probability) < 1e-4, `class ${i}`);
  }
}

describe('export as ONNX', function () {
  this.timeout(180_000);
  before(async function () {
    buildSidecar.call(this);
    await tf.setBackend('cpu');
  });
  afterEach(cleanUp);

  it('a run, with its classes and its way of preparing pictures', async () => {
    const target = path.join(temporaryFolder(), 'lenet.onnx');
    const sidecar = await startSidecar('wasm');
    const { files, inputs, outputs, check, bytes } = await sidecar.request('exportModel', {
      modelPath: lenet,
      target,
    });
    assert.deepEqual(files, [target]);
    assert.equal(bytes, readFileSync(target).length);
    assert.match(inputs.join(), /\[batch, 32, 32, 1\]$/);
    assert.match(outputs.join(), /\[batch, 10\]$/);
    assert.ok('cells' in check && check.cells === 20 && check.largestDifference < 1e-5);
    const read = readOnnx(readFileSync(target));
    assert.ok(read.ok);
    assert.equal(read.graph.totals.params, 61_706);
    assert.deepEqual(
      read.graph.layers.filter(({ verdict }) => verdict.kind === 'lost'),
      [],
    );
    const metadata = Object.fromEntries(
      (decodeModel(readFileSync(target)).metadataProps ?? []).map(({ key, value }) => [key, value]),
    );
    assert.deepEqual(JSON.parse(metadata['layerwise.classNames']!), [...'0123456789']);
    assert.equal(metadata['layerwise.framing'], 'mnist');
    for (const digit of [0, 7])
      await assertSameAnswers(sidecar, lenet, target, picture(`digit-${digit}.png`));
    assert.deepEqual(readdirSync(path.dirname(target)), ['lenet.onnx']);
  });

  it('MobileNet', async function () {
    const mobilenet = mobileNet(this);
    const target = path.join(temporaryFolder(), 'mobilenet.onnx');
    const sidecar = await startSidecar('wasm');
    await sidecar.request('exportModel', { modelPath: mobilenet, target });
    await assertSameAnswers(sidecar, mobilenet, target, picture('chelsea.png'));
    const read = readOnnx(readFileSync(target));
    assert.ok(read.ok);
    const { params, nonTrainableParams, multiplyAccumulates } = read.graph.totals;
    assert.deepEqual([params, nonTrainableParams, multiplyAccumulates], [475_544, 5_472, 41_030_272]);
  });

  it('large weights go into files beside the model, and follow it when it is replaced', async () => {
    const folder = temporaryFolder();
    const target = path.join(folder, 'model.onnx');
    const sidecar = launchSidecar({ env: { ...process.env, LAYERWISE_ONNX_SPLIT_BYTES: '20000' } });
    await sidecar.request('initialize', { backend: 'wasm', searchFolders: [] });
    const { files } = await sidecar.request('exportModel', { modelPath: lenet, target });
    assert.equal(files.length, 2);
    assert.match(path.basename(files[1]!), /^model\.onnx\.[0-9a-f]{16}\.data$/);
    assert.deepEqual(readdirSync(folder).sort(), files.map((file) => path.basename(file)).sort());
    await assertSameAnswers(sidecar, lenet, target, picture('digit-3.png'));
    const plain = await startSidecar('wasm');
    const again = await plain.request('exportModel', { modelPath: lenet, target, overwrite: true });
    assert.deepEqual(again.files, [target]);
    assert.deepEqual(readdirSync(folder), ['model.onnx']);
    await assertSameAnswers(plain, lenet, target, picture('digit-3.png'));
  });

  it('refuses what it cannot write, and then writes nothing', async () => {
    const folder = temporaryFolder();
    const sidecar = await startSidecar('cpu');
    const models = path.join(folder, 'models');
    mkdirSync(models);
    const out = path.join(folder, 'out');
    mkdirSync(out);
    const refusal = (modelPath: string, target = path.join(out, 'model.onnx')) =>
      sidecar.request('exportModel', { modelPath, target }).then(
        () => 'written',
        (error: Error) => error.message,
      );
    const stateful = await saveModel(
      tf.sequential({
        layers: [tf.layers.gru({ name: 'memory', units: 2, stateful: true, batchInputShape: [1, 4, 3] })],
      }),
      path.join(models, 'stateful'),
    );
    assert.match(
      await refusal(stateful),
      /model\.json: The layer `memory` \(GRU\) cannot be written as ONNX: it keeps its state .* Nothing was written\./,
    );
    assert.match(await refusal(path.join(models, 'none')), /There is no such run or model/);
    assert.match(
      await refusal(lenet, path.join(out, 'model.txt')),
      /model\.txt: The name of an ONNX file ends in \.onnx/,
    );
    assert.match(await refusal(lenet, path.join(out, 'no', 'model.onnx')), /no: The folder does not exist/);
    assert.match(await refusal(lenet, path.join(models)), /ends in \.onnx/);
    assert.deepEqual(readdirSync(out), []);
    writeFileSync(path.join(out, 'model.onnx'), 'mine');
    assert.match(await refusal(lenet), /model\.onnx: The file exists already/);
    assert.equal(readFileSync(path.join(out, 'model.onnx'), 'utf8'), 'mine');
    assert.match(
      await refusal(path.join(out, 'model.onnx'), path.join(out, 'b.onnx')),
      /an ONNX model already/,
    );
  });
});
