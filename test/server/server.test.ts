import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { InlayHintLabelPart } from 'vscode-languageserver-protocol';
import { modelGraphsResult } from '../../protocol/languageServer';
import { lenet5Hints } from '../harness/lenet5';
import { ServerClient } from './client';

const uri = 'file:///workspace/lenet5.ts';
const lenet = readFileSync('examples/lenet5.ts', 'utf8');
const expected = lenet5Hints;

describe('language server', function () {
  this.timeout(60_000);
  let client: ServerClient;
  before(async () => {
    client = await ServerClient.start({
      'file:///workspace/sizes.ts': 'export const hidden = 32;',
    });
    await client.open(uri, lenet);
  });
  after(() => client.stop());

  it('shows LeNet-5’s shapes and parameters at the ends of the calls', async () => {
    assert.deepEqual(await client.hints(uri), expected);
    const [first] = await client.rawHints(uri);
    const line = lenet.split('\n')[first!.position.line]!;
    assert.equal(line.slice(first!.position.character), ',', 'behind the layer, inside add()');
    const [part] = first!.label as InlayHintLabelPart[];
    const { line: at, character } = part!.command!.arguments![0].position;
    assert.match(
      lenet.split('\n')[at]!.slice(character),
      /^tf\.layers\.conv2d\(/,
      'a click leads to the call',
    );
  });

  it('fills in a hint’s tooltip only when asked', async () => {
    const [first] = await client.rawHints(uri);
    assert.equal(first!.tooltip, undefined);
    const resolved = await client.connection.sendRequest<{ tooltip: { value: string } }>(
      'inlayHint/resolve',
      first,
    );
    assert.match(resolved.tooltip.value, /\(32 − 5 \+ 0\)\/1 \+ 1 = 28/);
  });

  it('explains a layer in a hover', async () => {
    const line = lenet.split('\n').findIndex((text) => text.includes('filters: 6'));
    const card = await client.hover(uri, line, lenet.split('\n')[line]!.indexOf('conv2d') + 2);
    assert.ok(card);
    for (const part of [
      '32×32×1 → 28×28×6',
      '(32 − 5 + 0)/1 + 1 = 28',
      '| kernel | 5×5×1×6 | 150 |',
      '| bias | 6 | 6 |',
      'Parameters: **156**',
      'Multiply-accumulates: **117,600**',
      'Receptive field: **5×5',
    ]) {
      assert.ok(card.includes(part), `${part} in\n${card}`);
    }
  });

  it('explains what a variable holds: a tensor, a layer, a model', async () => {
    const names = 'file:///workspace/names.ts';
    const text = `import * as tf from '@tensorflow/tfjs';
const input = tf.input({ shape: [28, 28, 1] });
const conv = tf.layers.conv2d({ filters: 4, kernelSize: 3, name: 'first' });
const maps = conv.apply(input);
const net = tf.model({ inputs: input, outputs: maps });
class Holder { net = net; total() { return this.net.countParams(); } }
`;
    await client.open(names, text);
    const cardOf = (word: string, from = 0) => {
      const offset = text.indexOf(word, from) + 1;
      const before = text.slice(0, offset).split('\n');
      return client.hover(names, before.length - 1, before.at(-1)!.length);
    };
    assert.match((await cardOf('maps'))!, /`maps`: `26×26×4`, put out by `first`/);
    assert.match((await cardOf('conv.apply'))!, /28×28×1 → 26×26×4[\s\S]*Parameters: \*\*40\*\*/);
    assert.match((await cardOf('net ='))!, /functional model, 2 layers[\s\S]*Parameters: \*\*40\*\*/);
    assert.match((await cardOf('net.countParams'))!, /functional model/);
    assert.match((await cardOf('conv2d'))!, /Conv2D/, 'on the call itself, the layer that it makes');
  });

  it('has a lens with the totals and the commands', async () => {
    const lenses = await client.lenses(uri);
    assert.deepEqual(
      lenses.map((lens) => [lens.command?.title, lens.command?.command]),
      [
        [
          'lenet5: 32×32×1 → 10 · 61,706 parameters · 416,520 multiply-accumulates',
          'layerwise.showArchitecture',
        ],
        ['Show Architecture', 'layerwise.showArchitecture'],
        ['Train', 'layerwise.trainModel'],
        ['Compare', 'layerwise.compareModels'],
      ],
    );
  });

  it('hands out the model graph, valid by the protocol’s own schema', async () => {
    const result = modelGraphsResult.parse(await client.modelGraphs(uri));
    assert.equal(result.version, 1);
    const [graph] = result.graphs;
    assert.equal(graph?.totals.params, 61_706);
    assert.equal(graph?.layers.length, 8);
    assert.deepEqual(graph?.compile?.optimizer, { className: 'Adam', config: { learningRate: 0.001 } });
  });

  it('lists models and layers in the outline', async () => {
    const [model] = await client.symbols(uri);
    assert.equal(model?.name, 'lenet5');
    assert.equal(model?.children?.length, 8);
  });

  it('follows every edit, also while the text is broken', async () => {
    const edited = lenet.replace('filters: 6,', 'filters: 8,');
    await client.change(uri, 2, edited);
    assert.deepEqual((await client.hints(uri)).slice(0, 3), [
      '→ 28×28×8 · 208',
      '→ 14×14×8',
      '→ 10×10×16 · 3,216',
    ]);
    // Each prefix of a call being typed: the other lines keep their hints.
    const call = "  model.add(tf.layers.dense({ units: 84, activation: 'tanh' }));";
    assert.ok(lenet.includes(call));
    for (let length = 2; length < call.length; length += 3) {
      const text = lenet.replace(call, call.slice(0, length));
      await client.change(uri, 3 + length, text);
      const hints = await client.hints(uri);
      assert.deepEqual(hints.slice(0, 6), expected.slice(0, 6), text.split('\n')[23]);
      // Behind a layer without its `units` nothing is certain; behind anything else the last layer stands.
      const last = /dense\(/.test(call.slice(0, length)) ? /^→ (10|\?)/ : /^→ 10 · 1,210/;
      assert.match(hints.at(-1)!, last, `the last layer, with "${call.slice(0, length)}" typed`);
    }
    await client.change(uri, 500, lenet);
    assert.deepEqual(await client.hints(uri), expected);
  });

  it('tells the drawings that something changed, once typing pauses', async () => {
    await client.change(uri, 501, lenet);
    await client.until(() => client.changed.some((change) => change.uri === uri && change.version === 501));
  });

  it('reports what TensorFlow.js would throw, and takes it back', async () => {
    const bad = 'file:///workspace/bad.ts';
    const text = (shape: string) =>
      `import * as tf from '@tensorflow/tfjs';\nconst m = tf.sequential();\nm.add(tf.layers.dense({ ${shape}units: 3 }));\n`;
    await client.open(bad, text(''));
    const [problem] = await client.diagnostics(bad, (found) => found.length > 0);
    assert.equal(problem?.source, 'layerwise');
    assert.equal(problem?.code, 'missing-input-shape');
    assert.deepEqual(problem?.range.start, { line: 2, character: 6 });
    await client.change(bad, 2, text('inputShape: [4], '));
    await client.diagnostics(bad, (found) => found.length === 0);
  });

  it('reads imported files through the client', async () => {
    const main = 'file:///workspace/main.ts';
    await client.open(
      main,
      "import * as tf from '@tensorflow/tfjs';\nimport { hidden } from './sizes';\nconst m = tf.sequential({ layers: [tf.layers.dense({ units: hidden, inputShape: [2] })] });\n",
    );
    assert.deepEqual(await client.hints(main), ['→ 32 · 96']);
  });

  it('answers nothing, and quickly, for a program without layers', async () => {
    const plain = 'file:///workspace/plain.ts';
    await client.open(plain, 'while (true) {}\n');
    assert.deepEqual(await client.hints(plain), []);
    assert.deepEqual((await client.modelGraphs(plain)).graphs, []);
  });

  it('gives up on a program that never ends, and still answers', async () => {
    const endless = 'file:///workspace/endless.ts';
    await client.open(
      endless,
      "import * as tf from '@tensorflow/tfjs';\nconst m = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [2] })] });\nwhile (true) { let i = 0; i++; }\n",
    );
    assert.deepEqual(await client.hints(endless), ['→ 2 · 6']);
  });
});
