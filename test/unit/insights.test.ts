/** What the cards say in words, counted here once more by hand. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { layerInsights } from '../../model-graph/insights';
import { toWire } from '../../protocol/modelGraph';
import { analyseText, prelude } from './analysis/check';

/** The sentences of each layer of the program's only model. */
function insightsOf(program: string): string[][] {
  const { models } = analyseText(program);
  assert.equal(models.length, 1);
  const [model] = models;
  const said = model!.layers.map((layer) => layerInsights(layer, model));
  const wire = toWire(model!);
  assert.deepEqual(
    wire.layers.map((layer) => layerInsights(layer, wire)),
    said,
    'the same in a webview',
  );
  return said;
}

const sequential = (...layers: string[]) =>
  insightsOf(
    `${prelude}const model = tf.sequential({ layers: [${layers.map((one) => `tf.layers.${one}`)}] });`,
  );

describe('insights', () => {
  it('LeNet-5: shared weights, sparse against dense connections, a dense layer in disguise', () => {
    const said = insightsOf(readFileSync('examples/lenet5.ts', 'utf8'));
    assert.deepEqual(said[0], [
      'Shared weights: the same 150 at all 784 positions. A dense layer from 1,024 inputs to 4,704 outputs would have 4,816,896.',
      'Sparse connections: each output sees 25 of the 1,024 inputs.',
      "0.3 % of the model's parameters and 28.2 % of its multiply-accumulates are here.",
    ]);
    assert.deepEqual(said[1], ['4,704 values become 1,176, without any weights.']);
    assert.deepEqual(said[4], [
      'The kernel covers the whole input, so this is a dense layer in another form.',
      "78.0 % of the model's parameters and 11.5 % of its multiply-accumulates are here.",
    ]);
    assert.deepEqual(said[6], [
      'Dense connections: each of 84 outputs sees all 120 inputs, with weights of its own.',
      "16.5 % of the model's parameters and 2.4 % of its multiply-accumulates are here.",
    ]);
  });

  it('AlexNet: overlapping pooling and dropout', () => {
    const said = insightsOf(readFileSync('examples/alexnet.ts', 'utf8')).flat();
    assert.ok(
      said.includes('Overlapping pooling: windows of 3×3, 2×2 apart, so neighbours have 1×1 in common.'),
    );
    assert.ok(
      said.includes(
        'While training, 50 % of the values, chosen anew each time, become 0 and the rest are multiplied by 2; when predicting, all pass as they are.',
      ),
    );
  });

  it('VGG-16: small kernels in a row', () => {
    const said = insightsOf(readFileSync('examples/vgg16.ts', 'utf8')).flat();
    assert.deepEqual(
      said.filter((sentence) => sentence.startsWith('Small kernels')),
      [
        [2, 256],
        [2, 512],
        [2, 512],
        [3, 512],
      ].map(([length = 0, channels = 0]) => {
        const reach = 2 * length + 1;
        const [several, one] = [length * 9 * channels ** 2, reach ** 2 * channels ** 2];
        return `Small kernels: ${length} convolutions of 3×3 in a row see ${reach}×${reach}, with ${several.toLocaleString('en')} weights where one of ${reach}×${reach} has ${one.toLocaleString('en')}.`;
      }),
    );
    assert.ok(
      said.includes("74.3 % of the model's parameters and 0.7 % of its multiply-accumulates are here."),
    );
  });

  it('what pads sees at most its kernel; what only stacks with a stride or other channels is no row', () => {
    const said = sequential(
      "conv2d({ inputShape: [8, 8, 4], filters: 4, kernelSize: 3, padding: 'same' })",
      "conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same' })",
      "conv2d({ filters: 8, kernelSize: 3, padding: 'same' })",
    );
    assert.match(said[0]!.join(), /at most 36 of the 256 inputs/);
    assert.ok(!said.flat().some((sentence) => sentence.startsWith('Small kernels')), said.flat().join('\n'));
  });

  it('separable convolutions and global pooling say what they save', () => {
    const said = sequential(
      'separableConv2d({ inputShape: [16, 16, 32], filters: 64, kernelSize: 3 })',
      'globalAveragePooling2d({})',
    );
    assert.deepEqual(said[0], [
      'Channels one by one, then mixed: 2,336 weights where an ordinary convolution has 18,432.',
    ]);
    assert.deepEqual(said[1], [
      'Each of 64 channels becomes one value: a dense layer behind it needs 196 times fewer weights than behind flatten().',
    ]);
  });

  it('nothing is said of sizes that are not known', () => {
    const said = insightsOf(`${prelude}
      function build(n: number, rate: number) {
        return tf.sequential({ layers: [
          tf.layers.conv2d({ inputShape: [n, n, 3], filters: 8, kernelSize: 3 }),
          tf.layers.maxPooling2d({ poolSize: 2 }),
          tf.layers.dropout({ rate }),
          tf.layers.flatten(),
          tf.layers.dense({ units: n }),
        ] });
      }`);
    assert.deepEqual(said.flat(), []);
  });

  it('a dense layer over more than one axis and a shared layer are left alone', () => {
    assert.deepEqual(sequential('dense({ inputShape: [5, 4], units: 3 })'), [[]]);
    const shared = insightsOf(`${prelude}
      const a = tf.input({ shape: [4] }), b = tf.input({ shape: [4] });
      const one = tf.layers.dense({ units: 2 });
      const model = tf.model({ inputs: [a, b], outputs: tf.layers.add().apply([one.apply(a), one.apply(b)]) });`);
    assert.deepEqual(shared.flat(), []);
  });
});
