/**
 * Programs in the style of public TensorFlow.js code: tutorials, examples, agents, scripts, components. Those that can
 * run are executed, too.
 */
import assert from 'node:assert/strict';
import { analyseText, checkHints, prelude } from './check';
import { checkAgainstTfjs } from './executed';

const check = (source: string, path?: string) => checkHints(prelude + source.replace(/^\n/, ''), {}, path);
const errorsOf = (source: string) =>
  analyseText(source).problems.filter(({ severity }) => severity === 'error');

describe('programs in the style of public code', () => {
  it('a text generator: one size or a list of them', () => {
    check(
      `
export function createModel(window, alphabet, sizes) {
  if (!Array.isArray(sizes)) { sizes = [sizes]; }
  const model = tf.sequential();
  for (let i = 0; i < sizes.length; ++i) {
    const units = sizes[i];
    model.add(tf.layers.lstm({ units, returnSequences: i < sizes.length - 1, inputShape: i === 0 ? [window, alphabet] : undefined }));
//^ → sizes · 4·sizes·(siz… …
  }
  model.add(tf.layers.dense({ units: alphabet, activation: 'softmax' }));
//^ → alphabet · alphabet·… …
  return model;
}`,
      '/workspace/main.js',
    );
    checkAgainstTfjs(`${prelude}
function createModel(window, alphabet, sizes) {
  if (!Array.isArray(sizes)) { sizes = [sizes]; }
  const model = tf.sequential();
  for (let i = 0; i < sizes.length; ++i) {
    model.add(tf.layers.lstm({ units: sizes[i], returnSequences: i < sizes.length - 1, inputShape: i === 0 ? [window, alphabet] : undefined }));
  }
  model.add(tf.layers.dense({ units: alphabet, activation: 'softmax' }));
}
createModel(10, 6, 8); createModel(10, 6, [5, 4]);`);
  });

  it('a choice of recurrent layers, asked for twice', () => {
    const { problems } = check(`
function createModel(kind, hidden, digits, vocabulary) {
  const model = tf.sequential();
  switch (kind) {
    case 'SimpleRNN': model.add(tf.layers.simpleRNN({ units: hidden, inputShape: [2 * digits + 1, vocabulary] })); break;
//^ → hidden · hidden·(hidde…
    case 'GRU': model.add(tf.layers.gru({ units: hidden, inputShape: [2 * digits + 1, vocabulary] })); break;
//^ → hidden · 3·hidden·(hid…
    default: throw new Error('which?');
  }
  model.add(tf.layers.repeatVector({ n: digits + 1 }));
//^ → (digits + 1)×hidden
  switch (kind) {
    case 'SimpleRNN': model.add(tf.layers.simpleRNN({ units: hidden, returnSequences: true })); break;
//^ → (digits + 1)×hidden · …
    case 'GRU': model.add(tf.layers.gru({ units: hidden, returnSequences: true })); break;
//^ → (digits + 1)×hidden · …
    default: throw new Error('which?');
  }
  return model;
}
class Demo {
  constructor(digits, kind, hidden) { this.model = createModel(kind, hidden, digits, '0123456789+ '.length); }
}
document.getElementById('train').addEventListener('click', async () => {
  const digits = +document.getElementById('digits').value;
  const hidden = +document.getElementById('hidden').value;
  if (digits < 1 || digits > 5) return;
  new Demo(digits, document.getElementById('kind').value, hidden);
});`);
    assert.deepEqual(problems, []);
  });

  it('builders of several kinds, called from one place', () => {
    check(`
function linear(inputShape) {
  const model = tf.sequential();
  model.add(tf.layers.flatten({ inputShape }));
//^ → features·steps
  model.add(tf.layers.dense({ units: 1 }));
//^ → 1 · features·steps + 1
  return model;
}
function recurrent(inputShape, dropout) {
  const model = tf.sequential();
  model.add(tf.layers.gru({ units: 32, inputShape, dropout: dropout || 0 }));
//^ → 32 · 96·(features + 33)
  model.add(tf.layers.dense({ units: 1 }));
//^ → 1 · 33
  return model;
}
export function build(kind, steps, features) {
  const inputShape = [steps, features];
  let model;
  if (kind === 'linear') { model = linear(inputShape); }
  else if (kind === 'gru') { model = recurrent(inputShape); }
  else if (kind === 'gru-dropout') { model = recurrent(inputShape, 0.2); }
  else { throw new Error(kind); }
  model.compile({ loss: 'meanAbsoluteError', optimizer: 'rmsprop' });
  return model;
}`);
  });

  it('a sequence-to-sequence model with attention and a layer of its own', () => {
    const source = `${prelude}
class LastStep extends tf.layers.Layer {
  constructor(config) { super(config || {}); this.supportsMasking = true; }
  computeOutputShape(inputShape) {
    const shape = inputShape.slice();
    shape.splice(shape.length - 2, 1);
    return shape;
  }
  call(input) { return (Array.isArray(input) ? input[0] : input).max(1); }
  static get className() { return 'LastStep'; }
}
export function createModel(fromVocabulary, toVocabulary, fromLength, toLength) {
  const encoderInput = tf.input({ shape: [fromLength] });
  const decoderInput = tf.input({ shape: [toLength] });
  let encoder = tf.layers.embedding({ inputDim: fromVocabulary, outputDim: 16, inputLength: fromLength }).apply(encoderInput);
  encoder = tf.layers.lstm({ units: 16, returnSequences: true }).apply(encoder);
  const last = new LastStep({ name: 'last' }).apply(encoder);
  let decoder = tf.layers.embedding({ inputDim: toVocabulary, outputDim: 16, inputLength: toLength }).apply(decoderInput);
  decoder = tf.layers.lstm({ units: 16, returnSequences: true }).apply(decoder);
  let attention = tf.layers.dot({ axes: [2, 2] }).apply([decoder, encoder]);
  attention = tf.layers.activation({ activation: 'softmax', name: 'attention' }).apply(attention);
  const context = tf.layers.dot({ axes: [2, 1] }).apply([attention, encoder]);
  const combined = tf.layers.concatenate().apply([context, decoder]);
  const step = tf.layers.dense({ units: toVocabulary, activation: 'softmax' });
  const output = tf.layers.timeDistributed({ layer: step }).apply(combined);
  const repeated = tf.layers.repeatVector({ n: 3 }).apply(last);
  return tf.model({ inputs: [encoderInput, decoderInput], outputs: [output, repeated] });
}`;
    assert.deepEqual(errorsOf(source), []);
    checkAgainstTfjs(`${source}\ncreateModel(35, 13, 12, 10);`, {}, '/workspace/main.js');
  });

  it('an adversarial pair in classes, one inside the other', () => {
    checkAgainstTfjs(`${prelude}
type Options = { latent: number; size?: number; channels?: number };
abstract class Network {
  readonly model: tf.Sequential;
  constructor(protected options: Options) { this.model = this.build(); }
  protected abstract build(): tf.Sequential;
}
class Generator extends Network {
  protected build() {
    const { latent, size = 28, channels = 1 } = this.options;
    const s = size / 4;
    const model = tf.sequential();
    model.add(tf.layers.dense({ units: s * s * 8, inputShape: [latent] }));
    model.add(tf.layers.batchNormalization({ momentum: 0.8 }));
    model.add(tf.layers.reshape({ targetShape: [s, s, 8] }));
    for (const filters of [6, 4]) {
      model.add(tf.layers.upSampling2d({ size: [2, 2] }));
      model.add(tf.layers.conv2d({ filters, kernelSize: 3, padding: 'same' }));
    }
    model.add(tf.layers.conv2d({ filters: channels, kernelSize: 3, padding: 'same', activation: 'tanh' }));
    return model;
  }
}
class Discriminator extends Network {
  protected build() {
    const { size = 28, channels = 1 } = this.options;
    const model = tf.sequential();
    [4, 6, 8].map((filters, i) => tf.layers.conv2d({ filters, kernelSize: 3, strides: 2, padding: 'same', ...(i === 0 ? { inputShape: [size, size, channels] } : {}) }))
      .forEach((layer) => { model.add(layer); model.add(tf.layers.leakyReLU({ alpha: 0.2 })); });
    model.add(tf.layers.flatten());
    model.add(tf.layers.dense({ units: 1, activation: 'sigmoid' }));
    return model;
  }
}
class Gan {
  readonly generator: Generator;
  readonly discriminator: Discriminator;
  readonly combined: tf.LayersModel;
  constructor(readonly latent = 10) {
    this.generator = new Generator({ latent });
    this.discriminator = new Discriminator({ latent });
    const z = tf.input({ shape: [latent] });
    this.discriminator.model.trainable = false;
    const image = this.generator.model.apply(z) as tf.SymbolicTensor;
    this.combined = tf.model({ inputs: z, outputs: this.discriminator.model.apply(image) as tf.SymbolicTensor });
  }
}
new Gan();`);
  });

  it('a variational autoencoder in three builders', () => {
    checkAgainstTfjs(
      `${prelude}
class Sample extends tf.layers.Layer {
  constructor(config) { super(config); }
  computeOutputShape(shapes) {
    tf.util.assert(shapes.length === 2 && Array.isArray(shapes[0]), () => 'two inputs');
    return shapes[0];
  }
  call([mean, logVariance]) { return mean.add(logVariance.mul(0.5).exp()); }
  static get className() { return 'Sample'; }
}
function encoder({ original, hidden, latent }) {
  const inputs = tf.input({ shape: [original], name: 'encoder_input' });
  const x = tf.layers.dense({ units: hidden, activation: 'relu' }).apply(inputs);
  const mean = tf.layers.dense({ units: latent, name: 'mean' }).apply(x);
  const variance = tf.layers.dense({ units: latent, name: 'variance' }).apply(x);
  const z = new Sample({ name: 'z' }).apply([mean, variance]);
  return tf.model({ inputs, outputs: [mean, variance, z], name: 'encoder' });
}
function decoder({ original, hidden, latent }) {
  const model = tf.sequential({ name: 'decoder' });
  model.add(tf.layers.dense({ units: hidden, activation: 'relu', inputShape: [latent] }));
  model.add(tf.layers.dense({ units: original, activation: 'sigmoid' }));
  return model;
}
function vae(encoder, decoder) {
  const encoded = encoder.apply(encoder.inputs);
  return tf.model({ inputs: encoder.inputs, outputs: [decoder.apply(encoded[2]), ...encoded], name: 'vae' });
}
const options = { original: 28 * 28, hidden: 20, latent: 2 };
vae(encoder(options), decoder(options));`,
      {},
      '/workspace/main.js',
    );
  });

  it('a U-Net whose depth is a parameter, and called with one', () => {
    const source = `${prelude}
export function unet(inputShape: [number, number, number], outputs: number, depth: number, filters: number) {
  const input = tf.input({ shape: inputShape });
  const downs = [input];
  for (let i = 0; i < depth; i++) {
    downs.push(tf.layers.conv2d({ filters: Math.min(64, Math.pow(2, i) * filters), kernelSize: [4, 4], padding: 'same', strides: 2 }).apply(downs[downs.length - 1]) as tf.SymbolicTensor);
  }
  const ups = [downs[downs.length - 1]];
  for (let i = 0; i < depth; i++) {
    const last = i === depth - 1;
    const width = Math.min(64, Math.pow(2, depth - i - 1) * filters);
    const up = tf.layers.conv2dTranspose({ filters: width, kernelSize: [4, 4], padding: 'same', strides: 2 }).apply(ups[ups.length - 1]);
    const joined = tf.layers.concatenate({ axis: -1 }).apply([up, downs[depth - i - 1]] as tf.SymbolicTensor[]);
    ups.push(tf.layers.conv2d({ filters: last ? outputs : width, kernelSize: 3, padding: 'same' }).apply(joined) as tf.SymbolicTensor);
  }
  return tf.model({ inputs: input, outputs: ups[ups.length - 1] });
}`;
    assert.deepEqual(analyseText(source).problems, []);
    checkAgainstTfjs(`${source}\nunet([32, 32, 3], 1, 3, 8);`);
  });

  it('an agent: defaults spread under options, layers from a list', () => {
    check(`
const DEFAULTS = { hidden: [64, 32], learningRate: 0.01 };
export class Agent {
  private model: tf.Sequential;
  private options: typeof DEFAULTS;
  constructor(private env: { states: number; actions: number }, options: Partial<typeof DEFAULTS> = {}) {
    this.options = { ...DEFAULTS, ...options };
    this.model = this.createModel(env.actions);
  }
  private createModel(outputs: number): tf.Sequential {
    const model = tf.sequential();
    this.options.hidden.forEach((units, i) => {
      if (i === 0) model.add(tf.layers.dense({ units, inputShape: [this.env.states], activation: 'relu' }));
//^ → 64 · 64·(env.states + …
      else model.add(tf.layers.dense({ units, activation: 'relu' }));
//^ → 32 · 2,080
    });
    model.add(tf.layers.dense({ units: outputs, activation: 'linear' }));
//^ → outputs · 33·outputs
    model.compile({ optimizer: tf.train.adam(this.options.learningRate), loss: 'meanSquaredError' });
    return model;
  }
}`);
  });

  it('transfer learning on a model from the network', () => {
    check(`
let base: tf.LayersModel;
let numClasses = 0;
async function loadBase() {
  const whole = await tf.loadLayersModel('https://example.com/model.json');
  return tf.model({ inputs: whole.inputs, outputs: whole.getLayer('conv_pw_13_relu').output as tf.SymbolicTensor });
}
const ui = { units: () => +(document.getElementById('units') as HTMLInputElement).value };
async function train() {
  const model = tf.sequential({ layers: [
    tf.layers.flatten({ inputShape: base.outputs[0]!.shape.slice(1) }),
//^ → flattened size
    tf.layers.dense({ units: ui.units(), activation: 'relu' }),
//^ → units · units·(flatten…
    tf.layers.dense({ units: numClasses, useBias: false, activation: 'softmax' }),
//^ → numClasses · numClasse…
  ] });
  return model;
}
export function addExample() { numClasses++; }
export async function init() { base = await loadBase(); }`);
  });

  it('a wrapper class whose methods add to one model', () => {
    const { problems } = check(`
class Network {
  constructor() { this.model = null; this.init(); }
  init() { this.model = tf.sequential(); }
  addLayer(layer) { this.model.add(layer); }
}
export class Easy {
  constructor(options) { this.options = { units: 16, ...options }; this.network = new Network(); }
  dense(given) { return tf.layers.dense(Object.assign({}, { units: this.options.units }, given)); }
//^ → 2 · 12,546 …
  conv(given) { return tf.layers.conv2d(Object.assign({}, { kernelSize: 5, filters: 8 }, given)); }
//^ → 28×28×8 · 608
  addDefaults() {
    if (this.options.task === 'images') this.add([this.conv({ inputShape: [32, 32, 3] }), tf.layers.flatten(), this.dense({ units: 2 })]);
//^ → 6272
    else this.add([this.dense({ inputShape: [4] }), this.dense({ units: 2 })]);
  }
  add(layers) { layers.forEach((layer) => this.network.addLayer(layer)); }
}`);
    assert.deepEqual(problems, []);
  });

  it('a component, with state of its own', () => {
    check(
      `
import { useEffect, useState } from 'react';
export const Trainer = ({ classes, size = 64 }: { classes: string[]; size?: number }) => {
  const [hidden] = useState(128);
  useEffect(() => {
    const model = tf.sequential();
    model.add(tf.layers.conv2d({ inputShape: [32, 32, 3], filters: 16, kernelSize: 3 }));
//^ → 30×30×16 · 448
    model.add(tf.layers.globalAveragePooling2d({}));
//^ → 16
    model.add(tf.layers.dense({ units: hidden }));
//^ → hidden · 17·hidden
    model.add(tf.layers.dense({ units: classes.length, activation: 'softmax' }));
//^ → classes.length · class…
  }, [classes]);
  return <button onClick={() => { tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] }); }} />;
//^ → 2 · 8
};`,
      '/workspace/main.tsx',
    );
  });

  it('a script that gathers data before it builds', () => {
    check(`
let xs = [], labels = [];
function setup() { loadTable('data.csv', (table) => { for (const row of table.rows) { xs.push(row.values); labels.push(row.label); } build(); }); }
function build() {
  const inputs = tf.tensor2d(xs);
  const model = tf.sequential();
  model.add(tf.layers.dense({ units: 15, inputShape: [inputs.shape[1]], activation: 'sigmoid' }));
//^ → 15 · 15·(inputs.shape[…
  model.add(tf.layers.dense({ units: 9, activation: 'softmax' }));
//^ → 9 · 144
  model.compile({ optimizer: tf.train.sgd(0.2), loss: 'categoricalCrossentropy' });
  model.fit(inputs, tf.oneHot(tf.tensor1d(labels, 'int32'), 9));
}`);
  });

  it('a residual network from a layout', () => {
    checkAgainstTfjs(
      `${prelude}
function bottleneck(inputs, filters, { strides = 1, project = false, name } = {}) {
  const conv = (x, filters, kernelSize, strides, i) => {
    x = tf.layers.conv2d({ filters, kernelSize, strides, padding: 'same', name: \`\${name}_conv\${i}\` }).apply(x);
    return tf.layers.batchNormalization({ axis: 3, name: name + '_bn' + i }).apply(x);
  };
  let x = tf.layers.reLU().apply(conv(inputs, filters, 1, strides, 1));
  x = conv(tf.layers.reLU().apply(conv(x, filters, 3, 1, 2)), filters * 4, 1, 1, 3);
  const shortcut = project ? conv(inputs, filters * 4, 1, strides, 0) : inputs;
  return tf.layers.reLU({ name: \`\${name}_out\` }).apply(tf.layers.add().apply([x, shortcut]));
}
function resnet(layout, inputShape) {
  const input = tf.input({ shape: inputShape });
  let x = tf.layers.conv2d({ filters: 8, kernelSize: 7, strides: 2 }).apply(tf.layers.zeroPadding2d({ padding: [3, 3] }).apply(input));
  x = tf.layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }).apply(x);
  layout.forEach((blocks, stage) => {
    for (let b = 0; b < blocks; ++b) x = bottleneck(x, 4 * Math.pow(2, stage), { strides: b === 0 && stage ? 2 : 1, project: b === 0, name: \`s\${stage}b\${b}\` });
  });
  return tf.model({ inputs: input, outputs: tf.layers.dense({ units: 10 }).apply(tf.layers.globalAveragePooling2d({}).apply(x)) });
}
resnet([2, 2, 1], [64, 64, 3]);`,
      {},
      '/workspace/main.js',
    );
  });
});
