import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { analyze } from '../../language-server/analysis/analyze';
import { readModelFile } from '../../language-server/modelFile';
import { layerUses } from '../../model-graph/layerUses';
import { asSeen, matchLayers } from '../../model-graph/matchLayers';
import { toWire, type WireModelGraph } from '../../protocol/modelGraph';
import { residualOnnx } from '../harness/onnxFile';

const root = path.resolve(__dirname, '../..');
const source = readFileSync(path.join(root, 'examples/lenet5.ts'), 'utf8');
const bundled = readFileSync(path.join(root, 'media/models/lenet5-mnist/checkpoint/model.json'));

function model(text: string): WireModelGraph {
  return toWire(analyze('/model.ts', text, { readFile: () => undefined }).models.at(-1)!);
}

function ran(): WireModelGraph {
  const result = readModelFile('file:///model.json', bundled);
  assert.ok(result.ok);
  return result.graph;
}

function match(text: string, graph = ran()) {
  const { names, difference } = matchLayers(model(text), graph, asSeen(graph));
  return { filled: [...names.values()], difference };
}

describe('layers of a drawn model and of one that ran', () => {
  it('are the same where the program is', () => {
    const { filled, difference } = match(source);
    assert.equal(difference, undefined);
    assert.deepEqual(
      filled,
      ran().layers.map(({ name }) => name),
    );
  });

  it('are found by place where the names are counted otherwise', () => {
    const before = `import * as t from '@tensorflow/tfjs';\nt.layers.conv2d({ filters: 1, kernelSize: 1 });\n`;
    const text = before + source;
    assert.notEqual(model(text).layers[0]!.name, ran().layers[0]!.name);
    assert.equal(match(text).difference, undefined);
  });

  const changes: [what: string, from: string, to: string, filled: number, difference: RegExp][] = [
    ['a size', 'units: 84', 'units: 90', 6, /Dense 90.* is .*Dense 84/],
    ['a window', 'kernelSize: 5', 'kernelSize: 3', 0, /30×30×6.* is .*28×28×6/],
    ['an activation', "activation: 'softmax'", "activation: 'sigmoid'", 7, /another `activation`/],
  ];
  for (const [what, from, to, count, difference] of changes) {
    it(`differ from ${what} on that was changed`, () => {
      assert.ok(source.includes(from));
      const result = match(source.replace(from, to));
      assert.equal(result.filled.length, count);
      assert.match(result.difference ?? '', difference);
    });
  }

  it('differ in a layer that was added or taken out', () => {
    const lines = source.split('\n');
    const at = lines.findIndex((line) => line.includes('units: 10,'));
    const shorter = match(lines.toSpliced(at, 1).join('\n'));
    assert.match(shorter.difference ?? '', /1 more layer/);
    const longer = match(lines.toSpliced(at + 1, 0, lines[at]!).join('\n'));
    assert.match(longer.difference ?? '', /is not in it/);
    assert.equal(longer.filled.length, 8);
  });

  const branches = (order: string) => `import * as tf from '@tensorflow/tfjs';
const input = tf.input({ shape: [8, 8, 4] });
const a = tf.layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same' }).apply(input);
const b = tf.layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same' }).apply(input);
const joined = tf.layers.concatenate().apply([${order}]);
const model = tf.model({ inputs: input, outputs: joined });`;

  it('differ where they read other layers, whatever their shapes', () => {
    const graph = model(branches('a, b'));
    assert.equal(match(branches('a, b'), graph).difference, undefined);
    const crossed = match(branches('b, a'), graph);
    assert.match(crossed.difference ?? '', /reads other layers/);
  });

  it('take nested models apart', () => {
    const text = `import * as tf from '@tensorflow/tfjs';
const inner = tf.sequential({ name: 'inner' });
inner.add(tf.layers.dense({ units: 4, inputShape: [8], name: 'a' }));
inner.add(tf.layers.dense({ units: 3, name: 'b' }));
const input = tf.input({ shape: [8] });
const model = tf.model({ inputs: input, outputs: tf.layers.reLU({ name: 'end' }).apply(inner.apply(input)) });`;
    const graph = model(text);
    const uses = layerUses(graph).map(({ name, inbound }) => [name, inbound.length]);
    assert.deepEqual(uses.slice(-3), [
      ['inner/a', 1],
      ['inner/b', 1],
      ['end', 1],
    ]);
    const { names, difference } = matchLayers(graph, graph, asSeen(graph));
    assert.equal(difference, undefined);
    // The closed model shows what leaves it.
    assert.equal(names.get(graph.layers.find(({ nested }) => nested)!.id), 'inner/b');
  });

  it('are all those of an ONNX file that ran, the picture at its input', () => {
    const result = readModelFile('file:///residual.onnx', residualOnnx());
    assert.ok(result.ok);
    const { graph } = result;
    // What runs are nodes; inputs are none.
    const seen = asSeen(graph).filter(({ className }) => className !== 'InputLayer');
    const { names, difference } = matchLayers(graph, graph, seen);
    assert.equal(difference, undefined);
    assert.equal(names.size, graph.layers.length);
    assert.equal(names.get('image'), '');
  });

  it('must have the same names where the model that ran cannot be read', () => {
    const graph = ran();
    const { difference } = matchLayers(model(source), undefined, asSeen(graph));
    assert.equal(difference, undefined);
    const renamed = asSeen(graph).map((layer) => ({ ...layer, name: `${layer.name}x` }));
    assert.equal(matchLayers(model(source), undefined, renamed).names.size, 0);
  });
});

describe('model files', () => {
  const bad: [name: string, text: string, message: RegExp][] = [
    ['cut.json', '{"modelTopology": {', /cut short/],
    ['graph.json', '{"format": "graph-model", "modelTopology": {"node": []}}', /graph model/],
    ['settings.json', '{"a": 1}', /no `modelTopology`/],
    ['empty.onnx', '', /./],
    ['text.onnx', 'this is no protocol buffer at all', /./],
  ];
  for (const [name, text, message] of bad) {
    it(`says what is wrong with ${name}`, () => {
      const result = readModelFile(`file:///${name}`, new TextEncoder().encode(text));
      assert.ok(!result.ok);
      assert.match(result.message, message);
      assert.match(result.message, /^[A-Z].*\.$/s);
    });
  }
  it('says that a file is gone', () => {
    assert.ok(!readModelFile('file:///gone.onnx', undefined).ok);
  });
});
