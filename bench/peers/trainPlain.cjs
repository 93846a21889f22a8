// LeNet-5 of examples/, trained as a program does it that needs nothing but tfjs-node: the loop around `trainOnBatch`.
//   node trainPlain.cjs TFJS_NODE_ENTRY
const { readFileSync } = require('node:fs');
const { gunzipSync } = require('node:zlib');
const ts = require('typescript');
const { mulberry32, orderOf } = require('./seeded.cjs');
const tf = require(process.argv[2]);

const read = (name, header) =>
  gunzipSync(readFileSync(`media/mnist/train-${name}-ubyte.gz`)).subarray(header);
const images = read('images-idx3', 16);
const labels = read('labels-idx1', 8);

function createModel() {
  const source = readFileSync('examples/lenet5.ts', 'utf8');
  const { outputText } = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.CommonJS } });
  const program = { exports: {} };
  new Function('require', 'exports', outputText)(() => tf, program.exports);
  return program.exports.createLeNet5();
}

/** Digits of 28×28 in the middle of 32×32, 0 … 1, and their classes as one-hot rows. */
function makeBatch(indices) {
  const x = new Float32Array(indices.length * 32 * 32);
  const y = new Float32Array(indices.length * 10);
  for (let row = 0; row < indices.length; row++) {
    const from = indices[row] * 784;
    for (let i = 0; i < 784; i++)
      x[row * 1024 + (((i / 28) | 0) + 2) * 32 + (i % 28) + 2] = images[from + i] / 255;
    y[row * 10 + labels[indices[row]]] = 1;
  }
  return [tf.tensor4d(x, [indices.length, 32, 32, 1]), tf.tensor2d(y, [indices.length, 10])];
}

require('./lines.cjs')(async ({ epochs, batchSize, seed }) => {
  Math.random = mulberry32(seed);
  const model = createModel();
  const losses = [];
  const started = performance.now();
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const order = orderOf(labels.length, seed, epoch);
    for (let start = 0; start < order.length; start += batchSize) {
      const [x, y] = makeBatch(order.subarray(start, start + batchSize));
      const [loss] = await model.trainOnBatch(x, y);
      losses.push(loss);
      tf.dispose([x, y]);
    }
  }
  const milliseconds = performance.now() - started;
  model.dispose();
  return { milliseconds, losses };
});
