/** The checkpoint that comes with Layerwise, judged by plain tfjs: no code of Layerwise but the digits' reader. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { runFile } from '../../protocol/sidecar';
import { readDigits } from './support/digits';
import { root } from './support/process';

const folder = path.join(root, 'media/models/lenet5-mnist');

describe('the bundled LeNet-5', function () {
  this.timeout(120_000);

  it('knows at least 98.8 % of MNIST’s 10,000 test digits, in plain tfjs', async () => {
    await tf.setBackend('wasm');
    const json = JSON.parse(readFileSync(path.join(folder, 'checkpoint/model.json'), 'utf8'));
    const [{ paths, weights }] = json.weightsManifest;
    const weightData = new Uint8Array(readFileSync(path.join(folder, 'checkpoint', paths[0]))).buffer;
    const model = await tf.loadLayersModel(
      tf.io.fromMemory({ modelTopology: json.modelTopology, weightSpecs: weights, weightData }),
    );
    assert.equal(model.countParams(), 61_706);
    const digits = readDigits('t10k');
    let right = 0;
    for (let start = 0; start < digits.count; start += 500) {
      const values = new Float32Array(500 * 784);
      for (let i = 0; i < 500; i++)
        values.set(
          Float32Array.from(digits.image(start + i), (v) => v / 255),
          i * 784,
        );
      const predicted = tf.tidy(() => {
        const padded = tf.tensor(values, [500, 28, 28, 1]).pad([
          [0, 0],
          [2, 2],
          [2, 2],
          [0, 0],
        ]);
        return (model.predict(padded) as tf.Tensor).argMax(-1).dataSync();
      });
      for (const [i, label] of predicted.entries()) if (label === digits.labels[start + i]) right++;
    }
    assert.ok(right >= 9880, `${right} of 10,000`);
    const run = runFile.parse(JSON.parse(readFileSync(path.join(folder, 'run.json'), 'utf8')));
    assert.ok(
      Math.abs((run.test?.accuracy ?? 0) - right / digits.count) < 2e-4,
      'the run tells the same accuracy',
    );
    assert.equal(run.status, 'finished');
  });

  it('tells nothing of the machine it was trained on', () => {
    assert.doesNotMatch(readFileSync(path.join(folder, 'run.json'), 'utf8'), /"\/|[A-Z]:\\/);
  });
});
