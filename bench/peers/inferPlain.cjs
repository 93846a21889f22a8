// A picture through MobileNet, as a program does it that needs nothing but the library that computes.
//   node inferPlain.cjs tfjs TFJS_NODE_ENTRY model.json
//   node inferPlain.cjs onnx model.onnx
const { readFileSync } = require('node:fs');
const path = require('node:path');
const sharp = require('sharp');
const side = 224;
const [, , kind, ...args] = process.argv;

async function openTfjs(entry, file) {
  const tf = require(entry);
  tf.enableProdMode();
  const { modelTopology, weightsManifest } = JSON.parse(readFileSync(file, 'utf8'));
  const parts = weightsManifest.flatMap(({ paths }) => paths);
  const bytes = Buffer.concat(parts.map((part) => readFileSync(path.join(path.dirname(file), part))));
  const weightData = new Uint8Array(bytes).buffer;
  const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
  const model = await tf.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData }));
  return async (values) => {
    const scores = tf.tidy(() => model.predict(tf.tensor4d(values, [1, side, side, 3])));
    const numbers = await scores.data();
    scores.dispose();
    return numbers;
  };
}

async function openOnnx(file) {
  const ort = require('onnxruntime-node');
  const session = await ort.InferenceSession.create(file);
  const [input] = session.inputMetadata;
  const channelsFirst = input.shape[1] === 3;
  return async (values) => {
    const shape = channelsFirst ? [1, 3, side, side] : [1, side, side, 3];
    const data = channelsFirst ? planes(values) : values;
    const outputs = await session.run({ [input.name]: new ort.Tensor('float32', data, shape) });
    return outputs[session.outputNames[0]].data;
  };
}

function planes(values) {
  const data = new Float32Array(values.length);
  const pixels = side * side;
  for (let channel = 0; channel < 3; channel++)
    for (let pixel = 0; pixel < pixels; pixel++) data[channel * pixels + pixel] = values[pixel * 3 + channel];
  return data;
}

async function classify(picture, run) {
  const pixels = await sharp(picture)
    .autoOrient()
    .flatten({ background: '#ffffff' })
    .resize(side, side, { fit: 'cover' })
    .toColourspace('srgb')
    .raw()
    .toBuffer();
  const values = new Float32Array(pixels.length);
  for (let i = 0; i < values.length; i++) values[i] = pixels[i] / 127.5 - 1;
  const scores = Array.from(await run(values));
  return scores
    .map((probability, index) => ({ index, probability }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, 5);
}

sharp.cache(false);
sharp.concurrency(1);
const opened = kind === 'tfjs' ? openTfjs(...args) : openOnnx(...args);
require('./lines.cjs')(async ({ picture }) => {
  const run = await opened;
  const started = performance.now();
  const classes = await classify(picture, run);
  return { milliseconds: performance.now() - started, classes };
});
