import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chooseModel } from '../../../cli/train/chooseModel';

describe('the model that a command line means', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'layerwise-choose-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function choose(source: string, name = '', settings: Record<string, unknown> = {}) {
    const file = path.join(folder, 'net.ts');
    writeFileSync(file, `import * as tf from '@tensorflow/tfjs';\n${source}`);
    return chooseModel(file + name, new Map(Object.entries(settings)));
  }
  const dense = 'tf.layers.dense({ inputShape: [3], units: 1 })';
  const compiled = (compile: string) =>
    choose(`const m = tf.sequential({ layers: [${dense}] });\nm.compile({ ${compile} });`).model.compile;

  it('is compiled with what stands in the source', () => {
    const loss = (text: string) => compiled(`optimizer: 'sgd', loss: ${text}`)?.loss;
    assert.equal(loss("'hinge'"), 'hinge');
    assert.equal(loss('tf.losses.meanSquaredError'), 'tf.losses.meanSquaredError');
    assert.equal(loss('tf.metrics.meanSquaredError'), 'tf.metrics.meanSquaredError');
    assert.deepEqual(loss('[tf.losses.huberLoss]'), ['tf.losses.huberLoss']);
    assert.equal(loss('(a, b) => tf.losses.huberLoss(a, b)'), '‹…›');
  });

  it('has the learning rate that tfjs gives an optimizer that is made without', () => {
    const optimizer = (text: string) => compiled(`optimizer: ${text}, loss: 'hinge'`)?.optimizer;
    // By its name, compile makes it with 1 (tfjs-layers optimizers.ts).
    assert.deepEqual(optimizer("'adadelta'"), { className: 'adadelta', config: {} });
    assert.deepEqual(optimizer('tf.train.adadelta()'), {
      className: 'Adadelta',
      config: { learningRate: 0.001 },
    });
    assert.deepEqual(optimizer('tf.train.adadelta(0.5)')?.config, { learningRate: 0.5 });
  });

  const nested = `
const inner = tf.sequential({ name: 'inner', layers: [${dense}] });
const x = tf.input({ shape: [3] });
export const whole = tf.model({ inputs: x, outputs: inner.apply(x) as tf.SymbolicTensor, name: 'outer' });
`;
  it('is the whole one where the others are its parts', () => {
    assert.equal(choose(nested).model.name, 'outer');
    assert.equal(choose(nested, '#inner').model.name, 'inner');
  });

  it('goes by its own name and by that of its variable, which holds it in the program', () => {
    for (const name of ['#outer', '#whole', ''])
      assert.deepEqual(choose(nested, name).builder, { name: 'whole', parameters: {} });
  });

  it('comes from a function, with what is set', () => {
    const source = `function build(units: number, cell = 'gru') {
      const model = tf.sequential();
      model.add(tf.layers.dense({ inputShape: [3], units }));
      return model;
    }`;
    const { model, builder } = choose(source, '', { units: 4, cell: 'lstm' });
    assert.deepEqual(model.outputShapes, [[null, 4]]);
    assert.deepEqual(builder, { name: 'build', parameters: { units: 4, cell: 'lstm' } });
  });
});
