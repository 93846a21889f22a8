/** Stages of networks, and how those of several are put beside each other. */
import assert from 'node:assert/strict';
import { layersOf } from '../../../model-graph/comparison/layers';
import { alignStages, type Stage, stagesOf } from '../../../model-graph/comparison/stages';
import { growthOf, totalsOf } from '../../../model-graph/comparison/totals';
import { example, modelsIn, nested, resnet20, unet } from '../../webview/fixtures/sources';

function textOf(stage: Stage | undefined): string {
  if (!stage) return '–';
  if (stage.kind === 'input') return 'input';
  return `${stage.spatial?.join('×') ?? 'vectors'}: ${stage.layers.length}`;
}

const stagesIn = (name: string) => stagesOf(layersOf(example(name)));

const stages: [string, () => Stage[], string[]][] = [
  ['LeNet-5', () => stagesIn('lenet5'), ['input', '28×28: 2', '10×10: 2', 'vectors: 4']],
  ['AlexNet', () => stagesIn('alexnet'), ['input', '55×55: 2', '27×27: 2', '13×13: 4', 'vectors: 6']],
  [
    'VGG-16',
    () => stagesIn('vgg16'),
    ['input', '224×224: 3', '112×112: 3', '56×56: 4', '28×28: 4', '14×14: 4', 'vectors: 6'],
  ],
  [
    'ResNet-20, whose stages begin with a stride',
    () => stagesOf(layersOf(modelsIn(resnet20).at(-1)!)),
    ['input', '32×32: 24', '16×16: 23', '8×8: 24', 'vectors: 1'],
  ],
  [
    'U-Net, there and back',
    () => stagesOf(layersOf(modelsIn(unet)[0]!)),
    [
      'input',
      '256×256: 3',
      '128×128: 3',
      '64×64: 3',
      '32×32: 3',
      '16×16: 2',
      '32×32: 4',
      '64×64: 4',
      '128×128: 4',
      '256×256: 5',
    ],
  ],
  [
    'squeeze and excitation: its vectors belong to the maps they scale',
    () =>
      stagesOf(
        layersOf(
          modelsIn(`import * as tf from '@tensorflow/tfjs';
            const input = tf.input({ shape: [32, 32, 3] });
            const maps = tf.layers.conv2d({ filters: 8, kernelSize: 3, padding: 'same' }).apply(input);
            let s = tf.layers.globalAveragePooling2d({}).apply(maps);
            s = tf.layers.dense({ units: 8, activation: 'sigmoid' }).apply(s);
            s = tf.layers.reshape({ targetShape: [1, 1, 8] }).apply(s);
            const scaled = tf.layers.multiply().apply([maps, s]);
            const end = tf.layers.flatten().apply(tf.layers.maxPooling2d({ poolSize: 2 }).apply(scaled));
            const model = tf.model({ inputs: input, outputs: tf.layers.dense({ units: 2 }).apply(end) });`)[0]!,
        ),
      ),
    ['input', '32×32: 6', 'vectors: 2'],
  ],
];

describe('stages', () => {
  for (const [name, found, expected] of stages) {
    it(`of ${name}`, () => assert.deepEqual(found().map(textOf), expected));
  }

  const four = () => ['lenet5', 'alexnet', 'vgg16', 'vgg19'].map(stagesIn);

  it('of the article’s networks side by side by size', () => {
    assert.deepEqual(
      alignStages(four(), 'size').map((row) => row.map(textOf).join(' | ')),
      [
        'input | input | input | input',
        '– | – | 224×224: 3 | 224×224: 3',
        '– | – | 112×112: 3 | 112×112: 3',
        '– | 55×55: 2 | 56×56: 4 | 56×56: 5',
        '28×28: 2 | 27×27: 2 | 28×28: 4 | 28×28: 5',
        '10×10: 2 | 13×13: 4 | 14×14: 4 | 14×14: 5',
        'vectors: 4 | vectors: 6 | vectors: 6 | vectors: 6',
      ],
    );
  });

  it('… and by number, with the vectors last', () => {
    assert.deepEqual(
      alignStages(four(), 'number').map((row) => row.map(textOf).join(' | ')),
      [
        'input | input | input | input',
        '28×28: 2 | 55×55: 2 | 224×224: 3 | 224×224: 3',
        '10×10: 2 | 27×27: 2 | 112×112: 3 | 112×112: 3',
        '– | 13×13: 4 | 56×56: 4 | 56×56: 5',
        '– | – | 28×28: 4 | 28×28: 5',
        '– | – | 14×14: 4 | 14×14: 5',
        'vectors: 4 | vectors: 6 | vectors: 6 | vectors: 6',
      ],
    );
  });

  for (const name of ['lenet5', 'alexnet', 'alexnet-two-towers', 'vgg16', 'vgg19']) {
    it(`of ${name} add up to its totals`, () => {
      const graph = example(name);
      const found = stagesIn(name);
      for (const measure of ['params', 'multiplyAccumulates', 'activationBytes'] as const) {
        const sum = found.reduce((total, stage) => total + Number(stage[measure]), 0);
        assert.equal(sum, graph.totals[measure], measure);
      }
    });
  }
});

describe('depth and receptive field', () => {
  const cases: [string, depth: number, receptiveField: number | null][] = [
    ['lenet5', 5, 32],
    ['alexnet', 8, 195],
    // A layer of its own class: how far it sees is not known, so neither is what comes after it.
    ['alexnet-two-towers', 8, null],
    ['vgg16', 16, 212],
    ['vgg19', 19, 268],
  ];
  for (const [name, depth, receptiveField] of cases) {
    it(`of ${name}: ${depth} layers, ${receptiveField ?? '?'} pixels`, () => {
      const graph = example(name);
      const totals = totalsOf(graph, layersOf(graph));
      assert.deepEqual([totals.depth, totals.receptiveField], [depth, receptiveField]);
    });
  }

  it('of ResNet-20: the longest way counts', () => {
    const graph = modelsIn(resnet20).at(-1)!;
    assert.equal(totalsOf(graph, layersOf(graph)).depth, 20);
  });

  it('of a model that is used twice: what is inside counts, and sees an image that is not the first', () => {
    const graph = modelsIn(nested).at(-1)!;
    const { depth, receptiveField } = totalsOf(graph, layersOf(graph));
    assert.deepEqual([depth, receptiveField], [2, null]);
  });

  it('grow layer by layer', () => {
    const growth = growthOf(layersOf(example('alexnet')));
    assert.deepEqual(
      growth.map(({ depth, receptiveField }) => [depth, receptiveField]),
      [
        [1, 11],
        [2, 51],
        [3, 99],
        [4, 131],
        [5, 163],
        [6, 227],
        [7, 227],
        [8, 227],
      ],
    );
  });
});
