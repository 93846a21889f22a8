/** Comparisons as data: two programs, and what differs, one line a layer. */
import assert from 'node:assert/strict';
import { analyze } from '../../../language-server/analysis/analyze';
import {
  areRelated,
  compareModels,
  countDifferences,
  differencesBetween,
} from '../../../model-graph/comparison/compare';
import { readModelJson } from '../../../model-graph/readers/modelJson';
import { toWire, type WireModelGraph } from '../../../protocol/modelGraph';

function modelOf(program: string): WireModelGraph {
  const source = `import * as tf from '@tensorflow/tfjs';\nconst L = tf.layers;\n${program}`;
  return toWire(analyze('/model.ts', source, { readFile: () => undefined }).models.at(-1)!);
}

/** A sequential model of these layers, on 32×32 pixels. */
function sequential(...layers: string[]): WireModelGraph {
  return modelOf(
    `const model = tf.sequential({ layers: [L.inputLayer({ inputShape: [32, 32, 3] }), ${layers.join(', ')}] });`,
  );
}

const sign = { same: '=', renamed: 'n', resized: '≈', changed: '~', added: '+', removed: '−' };

/** `~ Conv2D filters 8 → 16`. */
function linesOf(...graphs: [WireModelGraph, WireModelGraph]): string[] {
  const comparison = compareModels(graphs);
  return differencesBetween(comparison, 0, 1).flatMap((row, index) => {
    if (!row) return [];
    const [before, after] = comparison.rows[index]!.layers;
    const changes = row.changes.map(({ property, from, to }) => ` ${property} ${from} → ${to}`);
    return [`${sign[row.difference]} ${(after ?? before)!.layer.className}${changes.join(',')}`];
  });
}

const conv = (filters: number, more = '') =>
  `L.conv2d({ filters: ${filters}, kernelSize: 3, padding: 'same'${more} })`;
const pool = 'L.maxPooling2d({ poolSize: 2 })';
const dense = (units: number, more = '') => `L.dense({ units: ${units}${more} })`;
const flat = 'L.flatten()';

const cases: { name: string; from: string[]; to: string[]; lines: string[] }[] = [
  {
    name: 'identical',
    from: [conv(8), pool, flat, dense(10)],
    to: [conv(8), pool, flat, dense(10)],
    lines: ['= InputLayer', '= Conv2D', '= MaxPooling2D', '= Flatten', '= Dense'],
  },
  {
    name: 'a layer renamed',
    from: [conv(8, `, name: 'first'`), flat, dense(10)],
    to: [conv(8, `, name: 'stem'`), flat, dense(10)],
    lines: ['= InputLayer', 'n Conv2D name first → stem', '= Flatten', '= Dense'],
  },
  {
    name: 'a layer inserted',
    from: [conv(8), pool, flat, dense(10)],
    to: [conv(8), 'L.batchNormalization()', pool, flat, dense(10)],
    lines: ['= InputLayer', '= Conv2D', '+ BatchNormalization', '= MaxPooling2D', '= Flatten', '= Dense'],
  },
  {
    name: 'a layer removed: what follows only has another size',
    from: [conv(8), pool, conv(16), flat, dense(10)],
    to: [conv(8), conv(16), flat, dense(10)],
    lines: ['= InputLayer', '= Conv2D', '− MaxPooling2D', '≈ Conv2D', '≈ Flatten', '≈ Dense'],
  },
  {
    name: 'a configuration changed',
    from: [conv(8), pool, flat, dense(10)],
    to: [conv(16, `, activation: 'relu'`), pool, flat, dense(10)],
    lines: [
      '= InputLayer',
      '~ Conv2D filters 8 → 16, activation linear → relu',
      '≈ MaxPooling2D',
      '≈ Flatten',
      '≈ Dense',
    ],
  },
  {
    name: 'another class of the same kind',
    from: [conv(8), 'L.maxPooling2d({ poolSize: 2 })', flat, dense(10)],
    to: [conv(8), 'L.averagePooling2d({ poolSize: 2 })', flat, dense(10)],
    lines: [
      '= InputLayer',
      '= Conv2D',
      '~ AveragePooling2D class MaxPooling2D → AveragePooling2D',
      '= Flatten',
      '= Dense',
    ],
  },
  {
    name: 'what means the same is the same',
    from: ['L.conv2d({ filters: 8, kernelSize: 3 })', 'L.maxPooling2d({})', flat, dense(10)],
    to: [
      `L.conv2d({ filters: 8, kernelSize: [3, 3], strides: [1, 1], padding: 'valid', activation: 'linear', useBias: true, kernelInitializer: 'glorotNormal' })`,
      'L.maxPooling2d({ poolSize: 2, strides: 2 })',
      flat,
      dense(10),
    ],
    lines: ['= InputLayer', '= Conv2D', '= MaxPooling2D', '= Flatten', '= Dense'],
  },
  {
    name: 'a block repeated once more stays in one piece, at the end of what is alike',
    from: [conv(8), 'L.reLU()', pool, flat, dense(10)],
    to: [conv(8), 'L.reLU()', pool, conv(8), 'L.reLU()', pool, flat, dense(10)],
    lines: [
      '= InputLayer',
      '= Conv2D',
      '= ReLU',
      '= MaxPooling2D',
      '+ Conv2D',
      '+ ReLU',
      '+ MaxPooling2D',
      '≈ Flatten',
      '≈ Dense',
    ],
  },
  {
    name: 'nothing in common but the input',
    from: [conv(8), pool, conv(8)],
    to: [flat, dense(10), 'L.dropout({ rate: 0.5 })'],
    lines: ['= InputLayer', '− Conv2D', '− MaxPooling2D', '− Conv2D', '+ Flatten', '+ Dense', '+ Dropout'],
  },
  {
    name: 'a name tells which layer is which where several could be',
    from: [dense(8, `, name: 'a'`), dense(8, `, name: 'c'`)],
    to: [dense(8, `, name: 'a'`), dense(8, `, name: 'b'`), dense(8, `, name: 'c'`)],
    lines: ['= InputLayer', '= Dense', '+ Dense', '= Dense'],
  },
  {
    name: 'no longer trainable',
    from: [conv(8), flat],
    to: [conv(8, ', trainable: false'), flat],
    lines: ['= InputLayer', '~ Conv2D trainable true → false', '= Flatten'],
  },
];

describe('comparing models', () => {
  for (const { name, from, to, lines } of cases) {
    it(name, () => assert.deepEqual(linesOf(sequential(...from), sequential(...to)), lines));
  }

  it('counts and consequences', () => {
    const comparison = compareModels([
      sequential(conv(8), flat, dense(10)),
      sequential(conv(16), flat, dense(10)),
    ]);
    const differences = differencesBetween(comparison, 0, 1);
    assert.deepEqual(differences[3]?.consequences, [
      { property: 'parameters', from: '81,930', to: '163,850' },
      { property: 'multiply-accumulates', from: '81,920', to: '163,840' },
    ]);
    const counts = countDifferences(differences);
    assert.deepEqual(counts, { same: 1, renamed: 0, resized: 2, changed: 1, added: 0, removed: 0 });
    assert.ok(areRelated(counts));
  });

  it('another input is a change of the input alone', () => {
    const on = (size: number) =>
      modelOf(`const model = tf.sequential();
        model.add(L.conv2d({ inputShape: [${size}, ${size}, 1], filters: 4, kernelSize: 3 }));
        model.add(L.globalAveragePooling2d({}));`);
    assert.deepEqual(linesOf(on(32), on(28)), [
      '~ InputLayer inputShape [32, 32, 1] → [28, 28, 1]',
      '≈ Conv2D',
      '= GlobalAveragePooling2D',
    ]);
  });

  it('a sequential model and the same one with the functional API are the same', () => {
    const functional = modelOf(`
      const input = tf.input({ shape: [32, 32, 3] });
      let x = ${conv(8)}.apply(input);
      x = L.flatten().apply(x);
      const model = tf.model({ inputs: input, outputs: ${dense(10)}.apply(x) });`);
    const plain = modelOf(`const model = tf.sequential();
      model.add(L.conv2d({ inputShape: [32, 32, 3], filters: 8, kernelSize: 3, padding: 'same' }));
      model.add(L.flatten()); model.add(${dense(10)});`);
    assert.deepEqual(linesOf(plain, functional), ['= InputLayer', '= Conv2D', '= Flatten', '= Dense']);
  });

  const residual = (branch: string, shortcut: string) =>
    modelOf(`
      const input = tf.input({ shape: [32, 32, 8] });
      let y = ${conv(8)}.apply(input);
      ${branch}
      y = ${conv(8)}.apply(y);
      const sum = L.add().apply([y, ${shortcut}]);
      const model = tf.model({ inputs: input, outputs: L.reLU().apply(sum) });`);

  it('a layer more in one branch leaves the others alone', () => {
    assert.deepEqual(linesOf(residual('', 'input'), residual('y = L.reLU().apply(y);', 'input')), [
      '= InputLayer',
      '= Conv2D',
      '+ ReLU',
      '= Conv2D',
      '= Add',
      '= ReLU',
    ]);
  });

  it('another wiring of the same layers is a change where it is wired', () => {
    const lines = linesOf(residual('const first = y;', 'input'), residual('const first = y;', 'first'));
    assert.deepEqual(lines, [
      '= InputLayer',
      '= Conv2D',
      '= Conv2D',
      '~ Add inputs input1, conv2d_Conv2D2 → conv2d_Conv2D1, conv2d_Conv2D2',
      '= ReLU',
    ]);
  });

  it('what is inside of a model used as a layer is compared, too', () => {
    const nested = (filters: number) =>
      modelOf(`
        const base = tf.sequential({ name: 'base' });
        base.add(L.conv2d({ inputShape: [8, 8, 1], filters: ${filters}, kernelSize: 3 }));
        base.add(L.flatten());
        const model = tf.sequential({ layers: [base, ${dense(2)}] });`);
    assert.deepEqual(linesOf(nested(4), nested(6)), [
      '= InputLayer',
      '~ Conv2D filters 4 → 6',
      '≈ Flatten',
      '≈ Dense',
    ]);
  });

  it('a program and the file it was saved to are the same', () => {
    const program = sequential('L.conv2d({ filters: 4, kernelSize: 5, strides: 2 })', pool, flat, dense(3));
    const saved = readModelJson(
      JSON.stringify({
        modelTopology: {
          class_name: 'Sequential',
          config: {
            name: 'model',
            layers: [
              {
                class_name: 'Conv2D',
                config: {
                  name: 'conv2d_Conv2D1',
                  filters: 4,
                  kernel_size: [5, 5],
                  strides: [2, 2],
                  padding: 'valid',
                  data_format: 'channels_last',
                  dilation_rate: [1, 1],
                  activation: 'linear',
                  use_bias: true,
                  kernel_initializer: {
                    class_name: 'VarianceScaling',
                    config: { scale: 1, mode: 'fan_avg', distribution: 'normal', seed: null },
                  },
                  bias_initializer: { class_name: 'Zeros', config: {} },
                  kernel_regularizer: null,
                  trainable: true,
                  batch_input_shape: [null, 32, 32, 3],
                  dtype: 'float32',
                },
              },
              {
                class_name: 'MaxPooling2D',
                config: {
                  name: 'pool',
                  pool_size: [2, 2],
                  strides: [2, 2],
                  padding: 'valid',
                  data_format: 'channels_last',
                  trainable: true,
                },
              },
              { class_name: 'Flatten', config: { name: 'flatten_Flatten1', trainable: true } },
              {
                class_name: 'Dense',
                config: {
                  name: 'dense_Dense1',
                  units: 3,
                  activation: 'linear',
                  use_bias: true,
                  trainable: true,
                },
              },
            ],
          },
        },
      }),
    );
    assert.ok(saved.ok);
    assert.deepEqual(linesOf(program, toWire(saved.graph)), [
      '= InputLayer',
      '= Conv2D',
      'n MaxPooling2D name max_pooling2d_MaxPooling2D1 → pool',
      '= Flatten',
      '= Dense',
    ]);
  });

  it('three models: every one is a column of the same rows', () => {
    const comparison = compareModels([
      sequential(conv(8), flat, dense(10)),
      sequential(conv(8), pool, flat, dense(10)),
      sequential(conv(8), pool, conv(8), flat, dense(10)),
    ]);
    const columns = comparison.rows.map(({ layers }) => layers.map((layer) => (layer ? 'x' : '.')).join(''));
    assert.deepEqual(columns, ['xxx', 'xxx', '.xx', '..x', 'xxx', 'xxx']);
    assert.deepEqual(countDifferences(differencesBetween(comparison, 0, 2)), {
      same: 2,
      renamed: 0,
      resized: 2,
      changed: 0,
      added: 2,
      removed: 0,
    });
  });

  it('thousands of layers are aligned in a moment, an insertion in the middle found', () => {
    const program = (extra: number) => `const model = tf.sequential();
      model.add(L.dense({ units: 8, inputShape: [8] }));
      for (let i = 0; i < 3000; i++) {
        model.add(L.dense({ units: 8, name: 'unit' + i }));
        if (i === ${extra}) model.add(L.reLU());
      }`;
    const [from, to] = [modelOf(program(-1)), modelOf(program(1500))];
    assert.ok(from.layers.length > 1000, `${from.layers.length} layers`);
    const counts = countDifferences(differencesBetween(compareModels([from, to]), 0, 1));
    assert.deepEqual(
      { ...counts, same: 0 },
      { same: 0, renamed: 0, resized: 0, changed: 0, added: 1, removed: 0 },
    );
    assert.equal(counts.same, from.layers.length + 1);
  }).timeout(30_000);
});
