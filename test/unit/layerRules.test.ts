import assert from 'node:assert/strict';
import {
  type Dim,
  formatDim,
  formatShape,
  product,
  type Quantity,
  type Shape,
  sum,
  symbol,
} from '../../model-graph/dims';
import { layerRules, ruleForClassName, ruleForFactory } from '../../model-graph/layers';
import {
  type LayerConfig,
  type LayerConfigValue,
  type LayerFacts,
  Unknown,
} from '../../model-graph/layers/rule';

const units = symbol('units');
const n = symbol('n');

function apply(factory: string, config: LayerConfig, ...inputs: (Shape | null)[]): LayerFacts {
  return ruleForFactory(factory)!.apply(config, inputs);
}

function layer(factory: string, config: LayerConfig = {}, name = `${factory}_1`): LayerConfigValue {
  const rule = ruleForFactory(factory)!;
  return { layer: { className: rule.className, name, config, rule } };
}

const shapes = (facts: LayerFacts) =>
  facts.outputShapes?.map((shape) => formatShape(shape)).join(' ') ?? 'lost';
const params = (facts: LayerFacts): Quantity | null =>
  facts.weights && sum(facts.weights.map((weight) => product(weight.shape as Quantity[])));
const codes = (facts: { problems: { code: string; stage: string }[] }) =>
  facts.problems.map(({ code, stage }) => `${code}@${stage}`).join(' ');

/** Factory, configuration, inputs, output shapes, parameters, multiply-accumulates, derivation. */
const outputs: [string, LayerConfig, Shape[], string, number | string, number | string | null, string?][] = [
  [
    'conv2d',
    { filters: 6, kernelSize: 5 },
    [[null, 32, 32, 1]],
    '?×28×28×6',
    156,
    117600,
    '(32 − 5 + 0)/1 + 1 = 28',
  ],
  [
    'conv2d',
    { filters: 8, kernelSize: 3, strides: 2 },
    [[null, 28, 28, 1]],
    '?×13×13×8',
    80,
    12168,
    '⌊(28 − 3 + 0)/2⌋ + 1 = 13',
  ],
  [
    'conv2d',
    { filters: 8, kernelSize: 3, strides: 2, padding: 'same' },
    [[null, 28, 28, 1]],
    '?×14×14×8',
    80,
    14112,
    '⌈28/2⌉ = 14',
  ],
  [
    'conv2d',
    { filters: 8, kernelSize: [3, 5] },
    [[null, 28, 20, 1]],
    '?×26×16×8',
    128,
    49920,
    'height: (28 − 3 + 0)/1 + 1 = 26 | width: (20 − 5 + 0)/1 + 1 = 16',
  ],
  [
    'conv2d',
    { filters: 8, kernelSize: 3, dilationRate: 2 },
    [[null, 28, 28, 1]],
    '?×24×24×8',
    80,
    41472,
    '(28 − 5 + 0)/1 + 1 = 24',
  ],
  ['conv2d', { filters: 8, kernelSize: 3 }, [[null, null, null, 3]], '?×?×?×8', 224, null, ''],
  [
    'conv2d',
    { filters: units, kernelSize: 3 },
    [[null, n, n, 3]],
    '?×(n − 2)×(n − 2)×units',
    '28·units',
    '27·units·(n² − 4·n + 4)',
    '(n − 3 + 0)/1 + 1 = n − 2',
  ],
  [
    'conv2dTranspose',
    { filters: 4, kernelSize: 3, strides: 2 },
    [[null, 7, 7, 8]],
    '?×15×15×4',
    292,
    14112,
    '7·2 + max(3 − 2, 0) = 15',
  ],
  [
    'separableConv2d',
    { filters: 16, kernelSize: 3, depthMultiplier: 2 },
    [[null, 8, 8, 4]],
    '?×6×6×16',
    216,
    7200,
  ],
  ['depthwiseConv2d', { kernelSize: 3, depthMultiplier: 2 }, [[null, 8, 8, 4]], '?×6×6×8', 80, 2592],
  [
    'maxPooling2d',
    { poolSize: 3, strides: 2 },
    [[null, 55, 55, 96]],
    '?×27×27×96',
    0,
    0,
    '(55 − 3 + 0)/2 + 1 = 27',
  ],
  ['maxPooling2d', { poolSize: 3 }, [[null, 9, 9, 1]], '?×3×3×1', 0, 0],
  ['globalAveragePooling2d', { dataFormat: 'channelsFirst' }, [[null, 3, 9, 9]], '?×3', 0, 0],
  ['dense', { units: 10 }, [[null, 84]], '?×10', 850, 840],
  ['dense', { units }, [[null, 84]], '?×units', '85·units', '84·units'],
  ['dense', { units: 4, useBias: false }, [[null, 5, 3]], '?×5×4', 12, 60],
  ['flatten', {}, [[null, 5, 5, 16]], '?×400', 0, 0, '5·5·16 = 400'],
  ['reshape', { targetShape: [-1, 2] }, [[null, 6]], '?×?×2', 0, 0],
  ['reshape', { targetShape: [-1, 2] }, [[4, 6]], '4×3×2', 0, 0],
  ['permute', { dims: [2, 1] }, [[null, 3, 5]], '?×5×3', 0, 0],
  ['embedding', { inputDim: 1000, outputDim: 16 }, [[null, 20]], '?×20×16', 16000, 0],
  [
    'concatenate',
    {},
    [
      [null, 4, 3],
      [null, 4, 5],
    ],
    '?×4×8',
    0,
    0,
  ],
  [
    'add',
    {},
    [
      [null, 4, 3],
      [null, 1, 3],
    ],
    '?×4×3',
    0,
    0,
  ],
  [
    'add',
    {},
    [
      [null, units],
      [null, 64],
    ],
    '?×64',
    0,
    0,
  ],
  [
    'dot',
    { axes: -1 },
    [
      [null, 3, 8],
      [null, 5, 8],
    ],
    '?×3×5',
    0,
    0,
  ],
  ['batchNormalization', {}, [[null, 8, 8, 16]], '?×8×8×16', 64, 0],
  ['layerNormalization', { axis: [1, 2] }, [[null, 4, 6]], '?×4×6', 48, 0],
  [
    'zeroPadding2d',
    {
      padding: [
        [1, 2],
        [3, 0],
      ],
    },
    [[null, 5, 5, 1]],
    '?×8×8×1',
    0,
    0,
    'height: 5 + 1 + 2 = 8 | width: 5 + 3 + 0 = 8',
  ],
  ['cropping2D', { cropping: 2 }, [[null, 9, 9, 1]], '?×5×5×1', 0, 0, '9 − 2 − 2 = 5'],
  ['upSampling2d', {}, [[null, 7, 7, 1]], '?×14×14×1', 0, 0, '7·2 = 14'],
  [
    'lstm',
    { units: 8, returnSequences: true, returnState: true },
    [[null, 5, 3]],
    '?×5×8 ?×8 ?×8',
    384,
    1760,
  ],
  ['gru', { units: 8 }, [[null, 5, 3]], '?×8', 288, 1320],
  [
    'lstm',
    { units },
    [[null, null, symbol('charSetSize')]],
    '?×units',
    '4·units·(units + charSetSize + 1)',
    null,
  ],
  [
    'bidirectional',
    { layer: layer('lstm', { units: 8, returnState: true }) },
    [[null, 5, 3]],
    '?×16 ?×8 ?×8 ?×8 ?×8',
    768,
    3520,
  ],
  [
    'bidirectional',
    { layer: layer('gru', { units: 8 }), mergeMode: null },
    [[null, 5, 3]],
    '?×8 ?×8',
    576,
    2640,
  ],
  ['timeDistributed', { layer: layer('dense', { units: 4 }) }, [[null, 5, 3]], '?×5×4', 16, 60],
  [
    'rnn',
    { cell: [layer('lstmCell', { units: 4 }), layer('gruCell', { units: 2 })] },
    [[null, 5, 3]],
    '?×2',
    170,
    740,
  ],
  ['convLstm2d', { filters: 2, kernelSize: 3 }, [[null, 4, 8, 8, 1]], '?×6×6×2', 224, 31104],
  ['inputLayer', { inputShape: [28, 28, 1] }, [], '?×28×28×1', 0, 0],
];

/** Factory, configuration, inputs, codes at create, codes at apply. */
const rejected: [string, LayerConfig, Shape[], string, string][] = [
  ['dense', {}, [[null, 3]], 'missing-argument@create', ''],
  ['dense', { units: 0 }, [[null, 3]], 'invalid-argument@create', ''],
  ['dense', { units: 3, activation: 'Relu' }, [[null, 3]], 'unknown-activation@create', ''],
  ['dense', { units: 3, kernelInitializer: 'glorot_uniform' }, [[null, 3]], 'unknown-initializer@create', ''],
  ['dense', { units: 3, kernelRegularizer: 'l2' }, [[null, 3]], 'unknown-regularizer@create', ''],
  ['dense', { units: 3 }, [[null, null]], '', 'undefined-size@apply'],
  ['dense', { units: 3, name: 'my layer' }, [[null, 2]], '', 'invalid-name@apply'],
  ['conv2d', { filters: 8, kernelSize: 3, padding: 'SAME' }, [[null, 9, 9, 1]], 'unknown-padding@create', ''],
  ['conv2d', { filters: 8, kernelSize: 3 }, [[null, 28, 28]], '', 'rank-mismatch@apply'],
  ['conv2d', { filters: 8, kernelSize: 9 }, [[null, 5, 5, 1]], '', 'kernel-larger-than-input@apply'],
  ['conv1d', { filters: 8, kernelSize: 3, padding: 'causal' }, [[null, 9, 1]], '', 'not-implemented@predict'],
  [
    'conv2d',
    { filters: 8, kernelSize: 3, strides: 2, dilationRate: 2 },
    [[null, 9, 9, 1]],
    '',
    'strides-and-dilation@predict',
  ],
  ['flatten', {}, [[null, 10]], '', 'rank-mismatch@apply'],
  ['flatten', {}, [[null, null, 3]], '', 'undefined-size@apply'],
  ['reshape', { targetShape: [5, 5] }, [[null, 24]], '', 'reshape-product@predict'],
  ['reshape', { targetShape: [5, 5] }, [[2, 24]], '', 'reshape-product@apply'],
  [
    'add',
    {},
    [
      [null, 3],
      [null, 4],
    ],
    '',
    'merge-shapes@apply',
  ],
  [
    'concatenate',
    { axis: 1 },
    [
      [null, 3, 4],
      [null, 3, 5],
    ],
    '',
    'concatenate-axis@apply',
  ],
  [
    'concatenate',
    { axis: -2 },
    [
      [null, 3, 4],
      [null, 5, 4],
    ],
    '',
    'concatenate-axis@predict',
  ],
  [
    'dot',
    { axes: 1 },
    [
      [null, 3],
      [null, 4],
    ],
    '',
    'dot-axes@apply',
  ],
  ['gru', { units: 3, resetAfter: true }, [[null, 5, 3]], 'not-implemented@create', ''],
  ['lstm', { units: 3, stateful: true }, [[null, 5, 3]], '', 'stateful-batch-size@apply'],
  ['upSampling2d', { size: 2 }, [[null, 5, 5, 1]], '', 'invalid-argument@predict'],
  ['softmax', {}, [[null, 5, 5]], '', 'softmax-axis@predict'],
  ['batchNormalization', { scale: false }, [[null, 5]], '', 'not-implemented@fit'],
];

describe('layer rules', () => {
  for (const [factory, config, inputs, output, parameters, macs, derivation] of outputs) {
    it(`${factory} on ${inputs.map((shape) => formatShape(shape)).join(' and ') || 'nothing'} gives ${output}`, () => {
      const facts = apply(factory, config, ...inputs);
      assert.deepEqual(ruleForFactory(factory)!.create(config), []);
      assert.equal(codes(facts), '');
      assert.equal(shapes(facts), output);
      assert.equal(formatDim(params(facts)), `${parameters}`);
      assert.equal(formatDim(facts.multiplyAccumulates as Dim), macs === null ? '?' : `${macs}`);
      if (derivation !== undefined) assert.equal(facts.derivation.join(' | '), derivation);
      assert.equal(facts.lost, undefined);
    });
  }

  for (const [factory, config, inputs, atCreate, atApply] of rejected) {
    it(`${factory} reports ${atCreate || atApply}`, () => {
      assert.equal(codes({ problems: ruleForFactory(factory)!.create(config) }), atCreate);
      const facts = apply(factory, config, ...inputs);
      assert.equal(codes(facts), atApply);
      if (atCreate || atApply.endsWith('@apply')) {
        const warning = facts.problems.some((problem) => problem.severity === 'warning');
        assert.equal(facts.outputShapes === null, !warning);
      }
    });
  }

  it('names weights as tfjs does, trainable ones first', () => {
    const names = (facts: LayerFacts) =>
      facts.weights?.map(({ name, trainable }) => (trainable ? name : `(${name})`));
    assert.deepEqual(names(apply('batchNormalization', {}, [null, 4])), [
      'gamma',
      'beta',
      '(moving_mean)',
      '(moving_variance)',
    ]);
    assert.deepEqual(names(apply('separableConv2d', { filters: 1, kernelSize: 1 }, [null, 4, 4, 2])), [
      'depthwise_kernel',
      'pointwise_kernel',
      'bias',
    ]);
    assert.deepEqual(
      names(apply('bidirectional', { layer: layer('gru', { units: 1, useBias: false }, 'g') }, [null, 4, 2])),
      ['forward_g/kernel', 'forward_g/recurrent_kernel', 'backward_g/kernel', 'backward_g/recurrent_kernel'],
    );
  });

  it('turns an unknown number into a name and loses what may be something else', () => {
    const size = (type?: 'number' | 'string') =>
      new Unknown('size', 'it is read from a file', undefined, type);
    assert.equal(shapes(apply('dense', { units: size() }, [null, 3])), '?×size');
    assert.equal(apply('dense', { units: size('string') }, [null, 3]).lost?.reason, 'it is read from a file');
    assert.equal(
      shapes(apply('conv2d', { filters: 2, kernelSize: size('number') }, [null, 9, 9, 1])),
      '?×(10 − size)×(10 − size)×2',
    );
    const lost = apply('conv2d', { filters: 2, kernelSize: size() }, [null, 9, 9, 1]);
    assert.equal(shapes(lost), 'lost');
    assert.equal(lost.lost?.reason, 'it is read from a file');
    // The kernel does not matter to the size where the padding makes up for it.
    const same = apply('conv2d', { filters: 2, kernelSize: size(), padding: 'same' }, [null, 9, 9, 1]);
    assert.equal(shapes(same), '?×9×9×2');
    assert.equal(same.weights, null);
    const padding = apply('conv2d', { filters: 2, kernelSize: 3, padding: size() }, [null, 9, 9, 1]);
    assert.equal(shapes(padding), 'lost');
    assert.equal(params(padding), 20);
  });

  it('gives what is certain where the input is lost', () => {
    assert.equal(params(apply('embedding', { inputDim: 10, outputDim: 2 }, null)), 20);
    assert.equal(shapes(apply('dense', { units: 3 }, null)), 'lost');
    assert.deepEqual(apply('dense', { units: 3 }, null).problems, []);
  });

  it('checks a shared layer against the input it was built on', () => {
    const dense = ruleForFactory('dense')!;
    assert.equal(codes(dense.apply({ units: 3 }, [[null, 5]], [[null, 4]])), 'shape-mismatch@apply');
    assert.equal(codes(dense.apply({ units: 3 }, [[null, 7, 4]], [[null, 4]])), '');
  });

  it('finds rules by factory, alias and class name', () => {
    assert.equal(ruleForFactory('avgPool2d'), ruleForClassName('AveragePooling2D'));
    assert.equal(ruleForFactory('nonsense'), undefined);
    assert.equal(new Set(layerRules.map((rule) => rule.className)).size, layerRules.length);
  });

  it('never throws on what it does not know', () => {
    const unknown = new Unknown('x', 'it is not followed');
    const keys = [
      'filters',
      'kernelSize',
      'strides',
      'padding',
      'dataFormat',
      'units',
      'layer',
      'cell',
      'cells',
      'axis',
      'axes',
    ];
    const others = [
      'targetShape',
      'dims',
      'poolSize',
      'size',
      'n',
      'height',
      'width',
      'numTokens',
      'outputMode',
      'factor',
    ];
    const config = Object.fromEntries(
      [...keys, ...others, 'cropping', 'mergeMode', 'useBias'].map((key) => [key, unknown]),
    );
    for (const rule of layerRules) {
      for (const inputs of [
        [null],
        [[null, n, units, 3]],
        [[null, 4]],
        [[null, 4], null],
        [],
      ] as (Shape | null)[][]) {
        for (const tried of [config, {}]) {
          rule.create(tried);
          rule.apply(tried, inputs);
        }
      }
    }
  });
});
