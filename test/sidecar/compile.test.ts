import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import type { TargetKind } from '../../protocol/sidecar';
import { compileModel } from '../../sidecar/training/compile';
import { compileOf } from '../../sidecar/userModule/compileOf';

type Loss = (labels: tf.Tensor, outputs: tf.Tensor) => tf.Tensor;

const inputs = [
  [0.5, -1],
  [2, 0.25],
  [-0.75, 1.5],
];
const classes: TargetKind = { kind: 'classes', classNames: ['a', 'b'] };
const value: TargetKind = { kind: 'value', name: 'price' };

describe('what the source compiles a model with', () => {
  before(() => tf.setBackend('cpu'));

  const dense = (units: number, activation: 'linear' | 'sigmoid' | 'softmax') =>
    tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units, activation })] });

  /** tfjs's own words for it, or the function itself; the labels that go with it. */
  const losses: [given: unknown, tfjs: string | Loss, labels: 'one-hot' | 'number' | 'value'][] = [
    ['tf.losses.softmaxCrossEntropy', tf.losses.softmaxCrossEntropy, 'one-hot'],
    ['tf.losses.sigmoidCrossEntropy', tf.losses.sigmoidCrossEntropy, 'one-hot'],
    ['tf.losses.sigmoidCrossEntropy', tf.losses.sigmoidCrossEntropy, 'number'],
    ['tf.losses.logLoss', tf.losses.logLoss, 'number'],
    ['tf.losses.hingeLoss', tf.losses.hingeLoss, 'one-hot'],
    ['tf.losses.meanSquaredError', tf.losses.meanSquaredError, 'one-hot'],
    ['tf.losses.meanSquaredError', tf.losses.meanSquaredError, 'value'],
    ['tf.losses.absoluteDifference', tf.losses.absoluteDifference, 'value'],
    ['tf.losses.huberLoss', tf.losses.huberLoss, 'value'],
    ['tf.metrics.MSE', 'meanSquaredError', 'value'],
    ['tf.metrics.categoricalCrossentropy', 'categoricalCrossentropy', 'one-hot'],
    [['meanAbsoluteError'], 'meanAbsoluteError', 'value'],
    [{ price: 'logcosh' }, 'logcosh', 'value'],
    [
      (a: tf.Tensor, b: tf.Tensor) => tf.mean(tf.pow(tf.sub(a, b), 4)),
      (a, b) => tf.mean(tf.pow(tf.sub(a, b), 4)),
      'value',
    ],
  ];
  for (const [given, tfjs, labels] of losses) {
    it(`is what tfjs computes: ${typeof given === 'function' ? 'a function' : JSON.stringify(given)} of ${labels} labels`, async () => {
      const model =
        labels === 'one-hot' ? dense(2, 'softmax') : dense(1, labels === 'number' ? 'sigmoid' : 'linear');
      const x = tf.tensor2d(inputs);
      const y = tf.tensor2d(
        labels === 'one-hot'
          ? [
              [1, 0],
              [0, 1],
              [0, 1],
            ]
          : labels === 'number'
            ? [[0], [1], [1]]
            : [[0.5], [-2], [4]],
      );
      model.compile({ optimizer: 'sgd', loss: tfjs, metrics: [] });
      const expected = (model.evaluate(x, y) as tf.Scalar).dataSync()[0] ?? 0;
      const compiled = compileModel(model, { loss: given }, {}, labels === 'value' ? value : classes);
      const each = Array.from(await compiled.exampleLosses(y, model.predict(x) as tf.Tensor).data());
      assert.equal(each.length, inputs.length, 'one for each example');
      const mean = each.reduce((sum, loss) => sum + loss, 0) / each.length;
      assert.ok(Math.abs(mean - expected) < 1e-6 * Math.max(1, expected), `${mean} ${expected}`);
      const [trained] = (await model.trainOnBatch(x, y)) as number[];
      assert.ok(Math.abs((trained ?? 0) - expected) < 1e-6 * Math.max(1, expected), `${trained} ${expected}`);
    });
  }

  it('is read of a program’s own model: its optimizer, and its loss by name or as the function it is', () => {
    const model = dense(1, 'linear');
    model.compile({ optimizer: tf.train.momentum(0.3, 0.7), loss: tf.losses.huberLoss });
    const { optimizer, loss } = compileOf(model) ?? {};
    assert.equal(optimizer?.className, 'Momentum');
    assert.deepEqual([optimizer?.config['learningRate'], optimizer?.config['momentum']], [0.3, 0.7]);
    assert.equal(loss, 'tf.losses.huberLoss');
    const own: Loss = (labels, outputs) => tf.sub(labels, outputs);
    model.compile({ optimizer: 'sgd', loss: own });
    assert.equal(compileOf(model)?.loss, own);
  });

  it('is refused where only the program knows it', () => {
    for (const loss of ['‹…›', ['hinge', 'hinge']])
      assert.throws(
        () => compileModel(dense(1, 'linear'), { loss }, {}, value),
        /of the program’s own, or not known/,
      );
    assert.throws(
      () => compileModel(dense(1, 'linear'), { loss: 'focalLoss' }, {}, value),
      /`focalLoss` is not one/,
    );
  });
});
