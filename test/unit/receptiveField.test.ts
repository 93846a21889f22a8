import assert from 'node:assert/strict';
import { type Shape, symbol } from '../../model-graph/dims';
import type { ReceptiveField } from '../../model-graph/graph';
import { ruleForFactory } from '../../model-graph/layers';
import type { LayerConfig } from '../../model-graph/layers/rule';
import {
  composeReceptiveField,
  inputReceptiveField,
  receptiveFieldSize,
} from '../../model-graph/receptiveField';

type Step = [string, LayerConfig];

function fields(input: Shape, steps: Step[]): (ReceptiveField | null)[] {
  let shape: Shape | null = input;
  let field: ReceptiveField | null = inputReceptiveField(input);
  return steps.map(([factory, config]) => {
    const facts = ruleForFactory(factory)!.apply(config, [shape]);
    field = composeReceptiveField([field], facts.window, [shape], input);
    shape = facts.outputShapes?.[0] ?? null;
    return field;
  });
}

const sizes = (input: Shape, steps: Step[]) => fields(input, steps).map(receptiveFieldSize);

const lenet: Step[] = [
  ['conv2d', { filters: 6, kernelSize: 5 }],
  ['averagePooling2d', { poolSize: 2, strides: 2 }],
  ['conv2d', { filters: 16, kernelSize: 5 }],
  ['averagePooling2d', { poolSize: 2, strides: 2 }],
  ['conv2d', { filters: 120, kernelSize: 5 }],
  ['flatten', {}],
  ['dense', { units: 84 }],
];

const vgg16: Step[] = [
  [2, 64],
  [2, 128],
  [3, 256],
  [3, 512],
  [3, 512],
].flatMap(([layers, filters]): Step[] => [
  ...Array.from(
    { length: layers! },
    (): Step => ['conv2d', { filters: filters!, kernelSize: 3, padding: 'same' }],
  ),
  ['maxPooling2d', { poolSize: 2, strides: 2 }],
]);

describe('receptive fields', () => {
  it('grow in LeNet-5 as published', () => {
    assert.deepEqual(sizes([null, 32, 32, 1], lenet), [5, 6, 14, 16, 32, 32, 32]);
  });

  it('reach 212 at the last pooling of VGG-16', () => {
    assert.equal(sizes([null, 224, 224, 3], vgg16).at(-1), 212);
    assert.deepEqual(fields([null, 224, 224, 3], vgg16).at(-1)!.stride, [32, 32]);
  });

  it('start inside the padding', () => {
    const [first, second] = fields(
      [null, 28, 28, 1],
      [
        ['conv2d', { filters: 1, kernelSize: 5, padding: 'same' }],
        [
          'zeroPadding2d',
          {
            padding: [
              [1, 0],
              [2, 0],
            ],
          },
        ],
      ],
    );
    assert.deepEqual(first, { size: [5, 5], stride: [1, 1], offset: [-2, -2], channelsFirst: false });
    assert.deepEqual(second!.offset, [-3, -4]);
  });

  it('span dilated kernels', () => {
    assert.deepEqual(
      sizes([null, 28, 28, 1], [['conv2d', { filters: 1, kernelSize: 3, dilationRate: 2 }]]),
      [5],
    );
  });

  it('are the whole input behind a dense layer or a global pooling', () => {
    const image: Shape = [null, 28, 20, 1];
    for (const steps of [
      [
        ['flatten', {}],
        ['dense', { units: 3 }],
      ],
      [['globalMaxPooling2d', {}]],
    ] as Step[][]) {
      assert.deepEqual(fields(image, steps).at(-1)!.size, [28, 20]);
    }
  });

  it('are lost behind a reshape, and where cells see differently many', () => {
    const image: Shape = [null, 28, 28, 1];
    assert.deepEqual(sizes(image, [['reshape', { targetShape: [14, 56, 1] }]]), [null]);
    assert.deepEqual(sizes(image, [['upSampling2d', { interpolation: 'bilinear' }]]), [null]);
    assert.deepEqual(sizes(image, [['conv2dTranspose', { filters: 1, kernelSize: 3, strides: 2 }]]), [null]);
    const even = { filters: 1, kernelSize: 2 };
    assert.deepEqual(
      sizes(image, [
        ['upSampling2d', {}],
        ['conv2d', even],
      ]),
      [1, null],
    );
  });

  it('go on behind upsampling and transposed convolutions', () => {
    const up = fields(
      [null, 28, 28, 1],
      [
        ['maxPooling2d', {}],
        ['upSampling2d', {}],
        ['conv2d', { filters: 1, kernelSize: 3 }],
        ['maxPooling2d', {}],
        ['conv2dTranspose', { filters: 1, kernelSize: 4, strides: 2, padding: 'same' }],
      ],
    );
    assert.deepEqual(up.map(receptiveFieldSize), [2, 2, 4, 4, 6]);
    assert.deepEqual(
      [up[1]?.stride, up[1]?.every],
      [
        [2, 2],
        [2, 2],
      ],
      'two in a row see the same',
    );
    assert.equal(up[3]?.every, undefined);
  });

  it('are the same where the channels come first, and lost where layers disagree about that', () => {
    const first = { filters: 2, kernelSize: 3, dataFormat: 'channelsFirst' };
    assert.deepEqual(
      sizes(
        [null, 1, 28, 20],
        [
          ['conv2d', first],
          ['activation', { activation: 'relu' }],
          ['conv2d', { ...first, strides: 2 }],
          ['globalAveragePooling2d', { dataFormat: 'channelsFirst' }],
        ],
      ),
      [3, 3, 5, null],
    );
    const whole = fields([null, 1, 28, 20], [['globalMaxPooling2d', { dataFormat: 'channelsFirst' }]]);
    assert.deepEqual(whole[0]?.size, [28, 20]);
    assert.deepEqual(
      sizes(
        [null, 8, 28, 28],
        [
          ['conv2d', first],
          ['conv2d', { filters: 1, kernelSize: 3 }],
        ],
      ),
      [3, null],
    );
  });

  it('stay symbolic', () => {
    const [field] = fields(
      [null, symbol('h'), symbol('w'), 3],
      [['conv2d', { filters: 1, kernelSize: symbol('k') }]],
    );
    assert.equal(String(field!.size[0]), 'k');
  });

  it('unite where branches meet', () => {
    const pointwise = { kind: 'pointwise' as const };
    const narrow: ReceptiveField = { size: [3], stride: [2], offset: [-1] };
    const wide: ReceptiveField = { size: [5], stride: [2], offset: [-2] };
    assert.deepEqual(composeReceptiveField([narrow, wide], pointwise, [], null), wide);
    assert.deepEqual(composeReceptiveField([narrow, { ...narrow, offset: [4] }], pointwise, [], null), {
      size: [8],
      stride: [2],
      offset: [-1],
    });
    assert.equal(composeReceptiveField([narrow, { ...wide, stride: [1] }], pointwise, [], null), null);
    assert.equal(composeReceptiveField([narrow, null], pointwise, [], null), null);
  });
});
