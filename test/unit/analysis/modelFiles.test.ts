import assert from 'node:assert/strict';
import { analyseText, checkHints, type Files, prelude } from './check';

const keras = (layers: object[], name = 'saved') =>
  JSON.stringify({
    modelTopology: {
      model_config: {
        class_name: 'Functional',
        config: {
          name,
          layers: layers.map((layer, index) => ({
            ...layer,
            inbound_nodes: index === 0 ? [] : [[[nameOf(layers[index - 1]!), 0, 0, {}]]],
          })),
          input_layers: [[nameOf(layers[0]!), 0, 0]],
          output_layers: [[nameOf(layers.at(-1)!), 0, 0]],
        },
      },
    },
  });
const nameOf = (layer: object) => (layer as { name: string }).name;
const layer = (class_name: string, name: string, config: object = {}) => ({
  class_name,
  name,
  config: { name, ...config },
});

const base = keras([
  layer('InputLayer', 'image', { batch_input_shape: [null, 32, 32, 3] }),
  layer('Conv2D', 'conv1', {
    filters: 8,
    kernel_size: [3, 3],
    strides: [2, 2],
    padding: 'same',
    use_bias: false,
  }),
  layer('BatchNormalization', 'conv1_bn', { axis: [3] }),
  layer('ReLU', 'conv1_relu', { max_value: 6 }),
  layer('Flatten', 'flatten'),
  layer('Dense', 'classes', { units: 10, activation: 'softmax' }),
]);
const other = keras([
  layer('InputLayer', 'x', { batch_input_shape: [null, 5] }),
  layer('Dense', 'y', { units: 2 }),
]);

const head = `  const head = tf.layers.dense({units: 4}).apply(model.output);`;

function lossReason(where: string, files: Files): string {
  const { sites } = analyseText(
    `${prelude}async function f(url) { const model = await tf.loadLayersModel(${where});\n${head} }`,
    files,
  );
  const verdict = sites[0]?.layers[0]?.verdict;
  return verdict?.kind === 'lost' ? verdict.reason : `${verdict?.kind}`;
}

describe('tf.loadLayersModel of a file of the workspace', () => {
  it('transfer learning on a layer found by name', () => {
    const { models, dependencies } = checkHints(
      `import * as tf from '@tensorflow/tfjs-node';
async function build() {
  const base = await tf.loadLayersModel('file://./models/base/model.json');
  for (const layer of base.layers) layer.trainable = false;
  const features = base.getLayer('conv1_relu').output;
  const pooled = tf.layers.globalAveragePooling2d({}).apply(features);
//^ → 8
  const head = tf.layers.dense({units: 3}).apply(pooled);
//^ → 3 · 27
  const same = tf.layers.flatten().apply(base.layers[3].output);
//^ → 2048
  return tf.model({inputs: base.inputs, outputs: head});
}`,
      { '/workspace/models/base/model.json': base },
    );
    assert.deepEqual(
      models.map(({ name, totals, location }) => [
        name,
        totals.params,
        totals.trainableParams,
        location?.range.start.line,
      ]),
      [
        ['base', 8 * 27 + 32 + 20_490, 0, 2],
        ['build', 8 * 27 + 32 + 27, 27, 11],
      ],
    );
    assert.ok(dependencies.includes('/workspace/models/base/model.json'));
  });

  it('a model cut off behind one of its layers, and put into another', () => {
    const { models } = checkHints(
      `${prelude}tf.loadLayersModel('./model.json').then((model) => {
  const cut = tf.model({inputs: model.inputs, outputs: model.getLayer(null, 1).output});
  const all = tf.sequential();
  all.add(cut);
  all.add(tf.layers.flatten());
//^ → 2048
  all.add(tf.layers.dense({units: model.outputs[0].shape[1]}));
//^ → 10 · 20,490
});`,
      { '/workspace/model.json': base },
    );
    assert.deepEqual(
      models.map(({ name, layers }) => [name, layers.length]),
      [
        ['model', 6],
        ['cut', 2],
        ['all', 3],
      ],
    );
  });

  it('paths put together in the program', () => {
    for (const [imports, path] of [
      ['', '`file://$' + '{__dirname}/../models/model.json`'],
      ["import path from 'path';", "'file://' + path.join(__dirname, '..', 'models', 'model.json')"],
      ["import { resolve } from 'node:path';", "tf.io.fileSystem(resolve('models', 'model.json'))"],
      [
        "import { dirname, join } from 'path'; import { fileURLToPath } from 'url';",
        "'file://' + join(dirname(fileURLToPath(import.meta.url)), '../models/model.json')",
      ],
      ["const folder = 'models';", "'/' + folder + '/model.json'"],
      ["import * as dir from './paths';", 'dir.model'],
    ]) {
      for (const root of ['/workspace', 'file:///workspace']) {
        checkHints(
          `${prelude}${imports}
const x = (await tf.loadLayersModel(${path})).output;
tf.layers.dense({units: 2}).apply(x);
//^ → 2 · 22
`,
          {
            [`${root}/models/model.json`]: base,
            [`${root}/src/paths.ts`]: "export const model = 'models/model.json'",
          },
          `${root}/src/main.ts`,
        );
      }
    }
  });

  it('a web site’s folder `public`', () => {
    checkHints(
      `${prelude}const m = await tf.loadLayersModel('/models/model.json');
tf.layers.dense({units: 2}).apply(m.output);
//^ → 2 · 22
`,
      { '/workspace/public/models/model.json': base },
      '/workspace/src/deep/main.ts',
    );
  });

  it('is lost with a true reason', () => {
    const here = { '/workspace/model.json': base };
    assert.match(
      lossReason("'https://example.com/model.json'", here),
      /'https:\/\/example\.com\/model\.json' is on the network/,
    );
    assert.match(lossReason("'localstorage://mine'", here), /kept where the program runs/);
    assert.match(
      lossReason('url', here),
      /which model tf\.loadLayersModel loads is not known: `url` is a parameter of `f`/,
    );
    assert.match(lossReason("'./gone.json'", here), /no file '\.\/gone\.json' was found near this one/);
    assert.match(
      lossReason("'./model.json'", { '/workspace/model.json': base.slice(0, 200) }),
      /cannot be loaded\. The file is not complete JSON/,
    );
    assert.match(
      lossReason("'model.json'", { '/workspace/model.json': base, '/workspace/public/model.json': other }),
      /may be one of 2 different files/,
    );
    assert.match(lossReason("'/etc/model.json'", { '/etc/model.json': base }), /no file/);
  });

  it('ends in a loop without end', function () {
    this.timeout(20_000);
    const { sites } = analyseText(
      `${prelude}while (true) { const m = await tf.loadLayersModel('./model.json'); tf.layers.dense({units: 1}).apply(m.output); }`,
      { '/workspace/model.json': base },
    );
    assert.ok(sites.length > 0);
  });
});
