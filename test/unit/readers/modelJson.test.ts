import assert from 'node:assert/strict';
import { readModelJson } from '../../../model-graph/readers/modelJson';

const dense = (units: number, more: object = {}) => ({
  class_name: 'Dense',
  config: { name: `dense_${units}`, units, activation: 'relu', use_bias: true, ...more },
});

const keras = (model_config: unknown) =>
  JSON.stringify({ format: 'layers-model', modelTopology: { keras_version: '2.8.0', model_config } });

function message(text: string): string {
  const result = readModelJson(text);
  assert.ok(!result.ok, 'it is rejected');
  return result.message;
}

function totals(text: string): unknown {
  const result = readModelJson(text);
  assert.ok(result.ok, result.ok ? '' : result.message);
  return [result.graph.name, result.graph.kind, result.graph.totals.params, result.graph.outputShapes];
}

describe('model.json', () => {
  it('a sequential model, its layers listed in either form', () => {
    const layers = [dense(4, { batch_input_shape: [null, 3] }), dense(2)];
    const expected = [26, [[null, 2]]];
    assert.deepEqual(totals(keras({ class_name: 'Sequential', config: { name: 'seq', layers } })), [
      'seq',
      'sequential',
      ...expected,
    ]);
    assert.deepEqual(totals(keras({ class_name: 'Sequential', config: layers })), [
      'sequential_1',
      'sequential',
      ...expected,
    ]);
  });

  it('the topology alone, as `model.toJSON()` gives it', () => {
    const config = { name: 'seq', layers: [dense(4, { batch_input_shape: [null, 3] })] };
    assert.deepEqual(totals(JSON.stringify({ class_name: 'Sequential', config })), [
      'seq',
      'sequential',
      16,
      [[null, 4]],
    ]);
  });

  it('layers in any order, and a layer applied to its own output', () => {
    const result = readModelJson(
      keras({
        class_name: 'Functional',
        config: {
          name: 'loop',
          layers: [
            { name: 'b', ...dense(3, { name: 'b' }), inbound_nodes: [[['a', 0, 0, {}]]] },
            { name: 'a', ...dense(3, { name: 'a' }), inbound_nodes: [[['x', 0, 0, {}]], [['b', 0, 0, {}]]] },
            {
              name: 'x',
              class_name: 'InputLayer',
              config: { name: 'x', batch_input_shape: [null, 3] },
              inbound_nodes: [],
            },
          ],
          input_layers: [['x', 0, 0]],
          output_layers: [['a', 1, 0]],
        },
      }),
    );
    assert.ok(result.ok);
    assert.deepEqual(
      result.graph.layers.map(({ name, calls }) => [name, calls.length]),
      [
        ['x', 1],
        ['a', 2],
        ['b', 1],
      ],
    );
    assert.equal(result.graph.totals.params, 24);
  });

  it('Keras 2’s list of one axis', () => {
    const normalization = { class_name: 'BatchNormalization', config: { name: 'bn', axis: [1] } };
    const config = [dense(4, { batch_input_shape: [null, 3] }), normalization];
    assert.deepEqual(totals(keras({ class_name: 'Sequential', config })), [
      'sequential_1',
      'sequential',
      32,
      [[null, 4]],
    ]);
  });

  it('a layer that only Python has is lost, with its name', () => {
    const result = readModelJson(
      keras({
        class_name: 'Sequential',
        config: [
          dense(4, { batch_input_shape: [null, 3] }),
          { class_name: 'TFOpLambda', config: { name: 'op' } },
        ],
      }),
    );
    assert.ok(result.ok);
    assert.deepEqual(result.graph.verdict, {
      kind: 'lost',
      reason: '`TFOpLambda` is not a layer of TensorFlow.js',
      at: undefined,
    });
    assert.equal(result.graph.totals.params, null);
  });

  it('compiled as it was saved', () => {
    const modelTopology = { class_name: 'Sequential', config: [dense(1, { batch_input_shape: [null, 3] })] };
    const trainingConfig = {
      loss: 'mean_squared_error',
      metrics: ['acc'],
      optimizer_config: { class_name: 'SGD', config: { learning_rate: 0.1 } },
    };
    const result = readModelJson(JSON.stringify({ modelTopology, trainingConfig }));
    assert.ok(result.ok);
    assert.deepEqual(result.graph.compile, {
      optimizer: { className: 'SGD', config: { learningRate: 0.1 } },
      loss: 'meanSquaredError',
      metrics: ['acc'],
    });
  });

  it('says what is wrong with a file', () => {
    assert.match(
      message('{"modelTopology": {"class_'),
      /^The file is not complete JSON; it may be cut short/,
    );
    assert.match(message('<!doctype html>'), /^The file is not JSON/);
    assert.match(message('[1, 2]'), /no model\.json/);
    assert.match(message('{"scripts": {}}'), /no `modelTopology`/);
    assert.match(message('{"modelTopology": null}'), /weights only/);
    assert.match(message('{"format": "graph-model", "modelTopology": {"node": []}}'), /tf\.loadGraphModel/);
    assert.match(message(keras({ class_name: 'Sequential', config: { name: 'x' } })), /no list of layers/);
    assert.match(
      message(keras({ class_name: 'Sequential', config: [dense(2)] })),
      /because of "dense_2": .*inputShape/,
    );
    assert.match(
      message(keras({ class_name: 'Sequential', config: [dense(0, { batch_input_shape: [null, 3] })] })),
      /^TensorFlow\.js does not load it, because of "dense_0": /,
    );
    assert.match(
      message(keras({ class_name: 'Functional', config: { layers: [{ class_name: 'Dense', config: {} }] } })),
      /^Layer 1 of the file has no valid `name`\.$/,
    );
    const input = (config: object) => ({
      name: 'x',
      class_name: 'InputLayer',
      config: { name: 'x', ...config },
      inbound_nodes: [],
    });
    const ends = { input_layers: [['x', 0, 0]], output_layers: [['y', 0, 0]] };
    const waits = { name: 'y', ...dense(2), inbound_nodes: [[['z', 0, 0, {}]]] };
    assert.match(
      message(
        keras({
          class_name: 'Functional',
          config: { layers: [input({ batch_input_shape: [null, 3] }), waits], ...ends },
        }),
      ),
      /^Layer "dense_2" takes output 0 of call 0 of layer "z", which is not there\.$/,
    );
    assert.match(
      message(
        keras({ class_name: 'Functional', config: { layers: [input({ batch_shape: [null, 3] })], ...ends } }),
      ),
      /Keras 3/,
    );
  });

  it('ends on files that nest without end', () => {
    const depth = 20_000;
    assert.match(
      message(
        `{"modelTopology": {"class_name": "Sequential", "config": ${'['.repeat(depth)}${']'.repeat(depth)}}}`,
      ),
      /nests too deeply|missing/,
    );
    let model: unknown = { class_name: 'Sequential', config: [] };
    for (let n = 0; n < 200; n++) model = { class_name: 'Sequential', config: [model] };
    assert.match(message(keras(model)), /too deeply/);
  });
});
