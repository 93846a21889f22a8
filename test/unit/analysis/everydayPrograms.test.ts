/**
 * Programs written for this test in the manner of those that people publish, each with a habit that once led the
 * analysis astray.
 */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { analyseText, checkHints, prelude } from './check';
import { checkAgainstTfjs } from './executed';

const check = (source: string, path?: string) => checkHints(prelude + source.replace(/^\n/, ''), {}, path);

describe('everyday programs', () => {
  for (const specifier of [
    'https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0/+esm',
    'https://esm.sh/@tensorflow/tfjs',
    'https://unpkg.com/@tensorflow/tfjs-layers@4.22.0/dist/tf-layers.esm.js?module',
    'npm:@tensorflow/tfjs@^4.22.0',
  ]) {
    it(`TensorFlow.js from ${specifier}`, () => {
      checkHints(
        `import * as tfl from '${specifier}';
export const net = tfl.sequential({ layers: [tfl.layers.dense({ units: 3, inputShape: [2] })] });
//^ → 3 · 9
`,
        {},
        '/workspace/main.js',
      );
    });
  }

  it('one default for one unknown, wherever it stands', () => {
    check(`
export function regression(data: { x: tf.Tensor }) {
  return tf.sequential({ layers: [
    tf.layers.dense({ units: data.x.shape[1] || 1, inputShape: [data.x.shape[1] || 1] }),
//^ → data.x.shape[1] · data…
    tf.layers.dense({ units: data.x.shape[1] || 2 }),
//^ → data.x.shape[1]₂ · dat…
  ] });
}`);
  });

  it('one element of a list that is not known', () => {
    check(`
const rows: number[][] = [];
(await load()).forEach((record) => { rows.push(record.values); });
const input = tf.input({ shape: [rows[0].length] });
//^ → rows[0].length
tf.layers.dense({ units: rows[0].length }).apply(input);
//^ → rows[0].length · rows[…
`);
  });

  it('settings from the command line are called by their own names', () => {
    check(`
const flag = (name: string) => Number(process.argv[process.argv.indexOf(name) + 1]);
const settings = { hidden: flag('--hidden'), classes: flag('--classes') };
tf.sequential({ layers: [
  tf.layers.dense({ units: settings.hidden, inputShape: [4] }),
//^ → hidden · 5·hidden
  tf.layers.dense({ units: settings.classes, activation: 'softmax' }),
//^ → classes · classes·(hid…
] });
`);
  });

  it('what training alone rejects is an error only where a model is trained', () => {
    const body = `
const model = tf.sequential();
model.add(tf.layers.dense({ units: 4, inputShape: [3] }));
model.add(tf.layers.batchNormalization({ scale: false, trainable: false }));
model.compile({ loss: 'meanSquaredError', optimizer: 'sgd' });
`;
    const severities = (source: string) =>
      analyseText(prelude + source).problems.map(({ code, severity }) => `${code} ${severity}`);
    assert.deepEqual(severities(body), ['not-implemented warning']);
    const fit = 'model.fit(tf.ones([2, 3]), tf.ones([2, 4]));';
    assert.deepEqual(severities(body + fit), ['not-implemented error']);
    checkAgainstTfjs(prelude + body);
  });

  it('a model around a layer that does not exist is applied again', () => {
    const { problems, models } = analyseText(`${prelude}
const input = tf.input({ shape: [6, 8] });
const attended = (tf.layers as any).selfAttention({ heads: 2 }).apply(input);
const block = tf.model({ inputs: input, outputs: tf.layers.add().apply([input, attended]) as tf.SymbolicTensor });
let x = tf.input({ shape: [6, 8] });
const first = x;
for (let i = 0; i < 2; i++) x = block.apply(x) as tf.SymbolicTensor;
tf.model({ inputs: first, outputs: x });
`);
    assert.equal(models.length, 2);
    assert.deepEqual(
      problems.map(({ code, severity, location }) => [code, severity, location?.range.start.line]),
      [['not-a-layer', 'error', 3]],
    );
    assert.match(problems[0]!.message, /no tf.layers.selfAttention: calling it throws/);
    assert.match(
      analyseText(`${prelude}tf.layers.convolution2d({}).apply(x);`).problems[0]!.message,
      /Did you mean conv2d\?/,
    );
    const guarded = `const x = tf.input({ shape: [4] });
const y = tf.layers.gelu ? tf.layers.gelu().apply(x) : tf.layers.reLU().apply(x);
const z = typeof tf.layers.mish === 'function' ? tf.layers.mish().apply(y) : y;
tf.layers.own = (options) => new Own(options);
tf.layers.own({}).apply(z);`;
    assert.deepEqual(analyseText(prelude + guarded, {}, '/workspace/main.js').problems, []);
  });

  it('a training loop that only break ends', () => {
    const { incomplete } = check(`
export async function run(data: any, options: any) {
  let iteration = 1;
  const seen: number[] = [];
  while (true) {
    const next = await data.next();
    if (next.done) break;
    for (let i = 0; i < 40; i++) seen.push(i * iteration);
    iteration++;
    if (options.maximum && iteration > options.maximum) break;
  }
  return tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
//^ → 2 · 8
}
function* batches() { for (;;) yield 1; }
`);
    assert.equal(incomplete, undefined);
    check(`
let size = 64;
const model = tf.sequential();
model.add(tf.layers.dense({ units: size, inputShape: [10] }));
//^ → 64 · 704
while (true) {
  size /= 2;
  if (size < 8) break;
  model.add(tf.layers.dense({ units: size }));
//^ → 32 · 2,080 …
}`);
  });

  it('a layer called without what tfjs reads of it', () => {
    const { problems } = check(`
export function head(x: tf.SymbolicTensor) {
  const pooled = tf.layers.maxPooling2d().apply(x);
//^ → ⌊height/2⌋×⌊width/2⌋×c…
//! missing-argument needs a configuration, if only {}: tfjs reads \`poolSize\`
  const dropped = tf.layers.dropout().apply(pooled as any);
//^ → ⌊height/2⌋×⌊width/2⌋×c…
//! missing-argument tfjs reads \`rate\`
  return tf.layers.flatten().apply(dropped as any);
//^ → channels·⌊height/2⌋·⌊w…
}`);
    assert.ok(problems.every(({ severity }) => severity === 'error'));
    for (const factory of [
      'globalAveragePooling2d',
      'maxPooling2d',
      'upSampling2d',
      'repeatVector',
      'activation',
    ]) {
      const create = (tf.layers as unknown as Record<string, () => unknown>)[factory]!;
      assert.throws(create, /Cannot read properties of undefined/);
      assert.equal(analyseText(`${prelude}tf.layers.${factory}();`).problems.length, 1, factory);
    }
    for (const factory of [
      'flatten',
      'reLU',
      'softmax',
      'batchNormalization',
      'add',
      'globalAveragePooling1d',
    ]) {
      (tf.layers as unknown as Record<string, () => unknown>)[factory]!();
      assert.deepEqual(analyseText(`${prelude}tf.layers.${factory}();`).problems, [], factory);
    }
  });

  it('an activation given as a text, which tfjs ignores', () => {
    check(`
const x = tf.input({ shape: [4] });
//^ → 4
(tf.layers as any).activation('relu').apply(x);
//^ → 4
//! ignored-argument Write tf.layers.activation({activation: "relu"}).
`);
  });

  it('one of several layers, of which not all can be added', () => {
    const { problems } = analyseText(`${prelude}
function layerOf(kind: string) {
  if (kind === 'dense') return tf.layers.dense({ units: 4, inputShape: [3] });
  if (kind === 'dot') return tf.layers.dot({ axes: 1, inputShape: [3] });
  return undefined;
}
export function build(kind: string) {
  const model = tf.sequential();
  model.add(layerOf(kind)!);
  return model;
}`);
    assert.deepEqual(
      problems.map(({ severity, code, message }) => [
        severity,
        code,
        /This is so where .*/.exec(message)?.[0],
      ]),
      [['warning', 'input-count', 'This is so where `kind === "dot"` is true.']],
    );
  });

  it('a builder of many kinds is warned of none but what its own kinds do', () => {
    const { problems, models } = analyseText(`${prelude}
let model: tf.Sequential;
function addLayer(description: any) {
  let layer: any;
  switch (description.kind) {
    case 'dense': layer = tf.layers.dense({ units: description.units, batchInputShape: description.shape }); break;
    case 'dropout': layer = tf.layers.dropout({ rate: description.rate }); break;
    default: console.log('what is that?');
  }
  model.add(layer);
}
function create(descriptions: any[]) {
  model = tf.sequential();
  for (let i = 0; i < descriptions.length; i++) addLayer(descriptions[i]);
}
create([{ kind: 'dense', units: 4, shape: [null, 3] }, { kind: 'dropout', rate: 0.1 }]);
document.getElementById('again')!.onclick = () => create(descriptionsOnThePage);
`);
    assert.deepEqual(problems, []);
    assert.deepEqual(models[0]!.outputShapes, [[null, 4]]);
  });

  it('one model, however the program gets there', () => {
    const { models } = analyseText(`${prelude}
function critic(size: number) {
  const features = tf.sequential();
  features.add(tf.layers.dense({ units: 8, inputShape: [size] }));
  features.add(tf.layers.leakyReLU());
  const x = tf.input({ shape: [size] });
  return tf.model({ inputs: x, outputs: tf.layers.dense({ units: 1 }).apply(features.apply(x)) as tf.SymbolicTensor });
}
if (process.env.DRY) critic(3);
export const second = critic(5);
`);
    assert.equal(models.length, 4);
  });

  it('a tf that is handed in', () => {
    checkHints(
      `
export const block = (tf, x, filters) => tf.layers.conv2d({ filters, kernelSize: 3, padding: 'same' }).apply(x);
//^ → 32×32×8 · 224 …
export function build(tf, size = 32) {
  const input = tf.input({ shape: [size, size, 3] });
//^ → 32×32×3
  return tf.model({ inputs: input, outputs: block(tf, block(tf, input, 8), 16) });
}
export class Regressor {
  constructor() { this.tf = getBackend(); }
  build(features) {
    const model = this.tf.sequential();
    model.add(this.tf.layers.dense({ units: 1, inputShape: [features] }));
//^ → 1 · features + 1
    return model;
  }
}
`,
      {},
      '/workspace/main.js',
    );
    checkHints(
      `import * as tf from './vendor/tf.esm.js';
const tf2 = { layers: { dense: (options) => options } };
export const net = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [2] })] });
//^ → 3 · 9
export const other = tf2.layers.dense({ units: 3 });
`,
      {},
      '/workspace/main.js',
    );
  });

  it('what a test expects to be thrown is no error of the program', () => {
    const { problems } = analyseText(`${prelude}
import assert from 'node:assert';
it('rejects nonsense', async () => {
  expect(() => tf.layers.dense({ units: -1 })).toThrow(/units/);
  expect(() => { const m = tf.sequential(); m.add(tf.layers.dense({ units: 3 })); }).toThrowError();
  assert.throws(() => tf.layers.conv2d({ filters: 3 } as any));
  await expect(async () => tf.layers.conv1d({ filters: 3, kernelSize: -3 })).rejects.toThrow();
  expect(() => tf.layers.dense({ units: -2 })).not.toThrow();
});
`);
    assert.deepEqual(
      problems.map(({ location }) => location?.range.start.line),
      [8],
    );
  });

  it('a block for any tensor of as many axes as its layers take', () => {
    const { models, problems } = check(`
export function block(x: tf.SymbolicTensor, filters: number) {
  let y = tf.layers.conv2d({ filters, kernelSize: 3, padding: 'same', strides: 2, useBias: false }).apply(x);
//^ → ⌈height/2⌉×⌈width/2⌉×f…
  y = tf.layers.batchNormalization().apply(y);
//^ → ⌈height/2⌉×⌈width/2⌉×f…
  const shortcut = tf.layers.conv2d({ filters: x.shape[3]!, kernelSize: 1 }).apply(x);
//^ → height×width×channels …
  return [y, tf.layers.add().apply([x, shortcut as tf.SymbolicTensor])];
//^ → height×width×channels
}
export class Forecast {
  constructor(private options: any) {}
  build() {
    const model = tf.sequential();
    model.add(tf.layers.lstm({ units: 8, inputShape: this.options.windowShape }));
//^ → 8 · 32·(options.window…
    model.add(tf.layers.dense({ units: 2 }));
//^ → 2 · 18
    return model;
  }
}
export const flatly = (features: any, tall: any) => [
  tf.layers.conv1d({ filters: 2, kernelSize: 1 }).apply(features),
//^ → steps×2 · 2·(features …
  tf.layers.conv2d({ filters: 2, kernelSize: 1 }).apply(features),
//^ → ?
  tf.layers.dense({ units: 3 }).apply(tall),
//^ → ?
];
`);
    assert.deepEqual(problems, []);
    assert.equal(String(models[0]!.totals.params), '2·(16·options.windowShape[1] + 153)');
  });

  it('cells stacked as often as somebody says', () => {
    check(`
export function build(layers: number, window: number, sizes: number[]) {
  const model = tf.sequential();
  model.add(tf.layers.reshape({ targetShape: [window, 4], inputShape: [4 * window] }));
//^ → window×4
  const cells: any[] = [];
  for (let i = 0; i < layers; i++) cells.push(tf.layers.lstmCell({ units: 20 }));
//^ → ?
  model.add(tf.layers.rnn({ cell: cells, returnSequences: true }));
//^ → window×20 · ?
  model.add(tf.layers.dense({ units: 1 }));
//^ → window×1 · 21
  const others: any[] = [];
  for (let i = 0; i < layers; i++) others.push(tf.layers.gruCell({ units: sizes[i]! }));
//^ → ?
  model.add(tf.layers.rnn({ cell: others }));
//^ → ?
  const last: any[] = [];
  for (let i = 0; i < layers; i++) last.push(tf.layers.gruCell({ units: 3 }));
//^ → ?
  last.push(tf.layers.gruCell({ units: 5 }));
//^ → ?
  return tf.layers.rnn({ cell: last }).apply(tf.input({ shape: [7, 2] }));
//^ → ?
//^ → 7×2
}`);
  });
});
