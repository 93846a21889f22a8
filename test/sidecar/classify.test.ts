import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import sharp from 'sharp';
import type { SidecarConnection } from '../../sidecar/connect';
import { readDigits } from './support/digits';
import { floats, loadPlain, saveModel } from './support/models';
import { greyPng } from './support/pictures';
import { buildSidecar, cleanUp, root, startSidecar, temporaryFolder } from './support/process';

const checkpoint = path.join(root, 'media/models/lenet5-mnist');
const digits = readDigits('t10k');

describe('classification', function () {
  this.timeout(180_000);
  let sidecar: SidecarConnection;
  let folder: string;
  before(async function () {
    buildSidecar.call(this);
    await tf.setBackend('cpu');
    tf.enableProdMode();
    sidecar = await startSidecar();
    folder = temporaryFolder();
  });
  after(cleanUp);

  const classify = (imagePath: string, modelPath = checkpoint, top = 3) =>
    sidecar.request('classify', {
      picture: { kind: 'file', path: imagePath },
      modelPath,
      top,
      details: true,
    });

  describe('of digits', () => {
    /** Test digits the network must know in every dress; a few of the first hundred are truly hard. */
    const dresses: [what: string, dress: Parameters<typeof greyPng>[3], least: number][] = [
      ['as they are', {}, 97],
      ['enlarged tenfold', { scale: 10 }, 96],
      ['black on white paper', { invert: true }, 97],
      ['enlarged, on white paper, off the middle', { scale: 6, invert: true, margin: 40 }, 96],
    ];
    for (const [what, dress, least] of dresses) {
      it(`knows MNIST's test digits ${what}`, async () => {
        let right = 0;
        for (let i = 0; i < 100; i++) {
          const file = await greyPng(path.join(folder, 'digit.png'), digits.image(i), 28, dress);
          const { classes } = await classify(file);
          if (classes[0]?.index === digits.labels[i]) right++;
        }
        assert.ok(right >= least, `${right} of 100`);
      });
    }

    it('shows a 28×28 digit as it is, in the middle of 32×32', async () => {
      const file = await greyPng(path.join(folder, 'seven.png'), digits.image(0), 28);
      const { input, classes, model, backend } = await classify(file, checkpoint, 10);
      assert.deepEqual([input.width, input.height, input.channels], [32, 32, 1]);
      const pixels = Buffer.from(input.pixels, 'base64');
      const expected = new Uint8Array(32 * 32);
      for (let y = 0; y < 28; y++)
        expected.set(digits.image(0).subarray(y * 28, y * 28 + 28), (y + 2) * 32 + 2);
      assert.deepEqual(Uint8Array.from(pixels), expected);
      assert.equal(input.preprocessing, '28×28 png, grey, padded with black to 32×32, values v become v/255');
      assert.deepEqual([model, backend], ['lenet5', 'WebAssembly (SIMD, 1 thread)']);
      assert.equal(classes.length, 10);
      assert.ok(Math.abs(classes.reduce((sum, { probability }) => sum + probability, 0) - 1) < 1e-5);
      assert.ok(classes.every(({ probability }, i) => probability <= (classes[i - 1]?.probability ?? 1)));
      assert.equal(classes[0]?.label, '7');
    });

    it('knows the sample images', async () => {
      for (let digit = 0; digit < 10; digit++) {
        const { classes } = await classify(path.join(root, `examples/images/digit-${digit}.png`));
        assert.equal(classes[0]?.index, digit);
      }
    });

    it('reads JPEG, WebP, GIF, transparency and a turned camera', async () => {
      const enlarged = sharp(
        await greyPng(path.join(folder, 'big.png'), digits.image(0), 28, { scale: 8, invert: true }),
      );
      const png = await enlarged.png().toBuffer();
      const files: [string, Promise<unknown>][] = [
        ['seven.jpg', sharp(png).jpeg({ quality: 60 }).toFile(path.join(folder, 'seven.jpg'))],
        ['seven.webp', sharp(png).webp().toFile(path.join(folder, 'seven.webp'))],
        ['seven.gif', sharp(png).gif().toFile(path.join(folder, 'seven.gif'))],
        [
          'turned.jpg',
          sharp(png)
            .rotate(-90)
            .withMetadata({ orientation: 6 })
            .jpeg()
            .toFile(path.join(folder, 'turned.jpg')),
        ],
        [
          'transparent.png',
          // Black ink, the paper transparent.
          sharp({ create: { width: 224, height: 224, channels: 3, background: '#000000' } })
            .joinChannel(await sharp(png).extractChannel(0).negate().png().toBuffer())
            .png()
            .toFile(path.join(folder, 'transparent.png')),
        ],
      ];
      for (const [name, written] of files) {
        await written;
        const { classes, input } = await classify(path.join(folder, name));
        assert.equal(classes[0]?.label, '7', `${name}: ${input.preprocessing}`);
      }
    });
  });

  describe('of activations', () => {
    it('gives every layer’s maps, equal to plain tfjs', async () => {
      const file = await greyPng(path.join(folder, 'two.png'), digits.image(1), 28);
      const { session, layers } = await classify(file);
      const model = await loadPlain(path.join(checkpoint, 'checkpoint/model.json'));
      const input = tf
        .tensor(
          Float32Array.from(digits.image(1), (v) => v / 255),
          [1, 28, 28, 1],
        )
        .pad([
          [0, 0],
          [2, 2],
          [2, 2],
          [0, 0],
        ]);
      assert.deepEqual(
        layers.map(({ className }) => className),
        model.layers.map((layer) => layer.getClassName()),
      );
      for (const [i, layer] of model.layers.entries()) {
        const summary = layers[i]!;
        const upTo = tf.model({ inputs: model.inputs, outputs: layer.output });
        const expected = Array.from((upTo.predict(input) as tf.Tensor).dataSync());
        const { shape, data } = await sidecar.request('activation', { session, layer: summary.name });
        assert.deepEqual(shape, (layer.outputShape as number[]).slice(1));
        assert.deepEqual(summary.shape, shape);
        const values = floats(data);
        assert.equal(values.length, expected.length);
        for (const [k, value] of expected.entries())
          assert.ok(Math.abs(value - (values[k] ?? 9)) < 1e-5, `${layer.name} ${k}`);
        const mean = expected.reduce((sum, value) => sum + value, 0) / expected.length;
        assert.ok(Math.abs(summary.mean - mean) < 1e-5);
        assert.ok(Math.abs(summary.max - Math.max(...expected)) < 1e-5);
        assert.deepEqual([summary.nan, summary.infinite], [0, 0]);
      }
      await assert.rejects(
        sidecar.request('activation', { session, layer: 'conv9' }),
        /has no layer `conv9`/,
      );
    });

    it('looks into nested models and names further calls', async () => {
      const inner = tf.sequential({
        name: 'inner',
        layers: [
          tf.layers.conv2d({
            inputShape: [8, 8, 3],
            filters: 2,
            kernelSize: 3,
            name: 'conv',
            activation: 'relu',
          }),
          tf.layers.dropout({ rate: 0.5, name: 'drop' }),
        ],
      });
      const input = tf.input({ shape: [8, 8, 3], name: 'picture' });
      const shared = tf.layers.activation({ activation: 'tanh', name: 'squash' });
      const a = shared.apply(input) as tf.SymbolicTensor;
      const b = shared.apply(shared.apply(input)) as tf.SymbolicTensor;
      const both = tf.layers
        .concatenate({ name: 'both' })
        .apply([
          inner.apply(a) as tf.SymbolicTensor,
          inner.apply(b) as tf.SymbolicTensor,
        ]) as tf.SymbolicTensor;
      const outputs = tf.layers
        .dense({ units: 3, name: 'classes' })
        .apply(tf.layers.flatten({ name: 'flat' }).apply(both)) as tf.SymbolicTensor;
      const model = tf.model({ inputs: input, outputs, name: 'outer' });
      const modelPath = await saveModel(model, path.join(folder, 'nested'));

      const result = await classify(path.join(root, 'examples/images/chelsea.png'), modelPath, 3);
      assert.deepEqual(
        result.layers.map(({ name }) => name),
        [
          'picture',
          'squash',
          'inner/conv',
          'inner/drop',
          'squash (2)',
          'squash (3)',
          'inner/conv (2)',
          'inner/drop (2)',
          'both',
          'flat',
          'classes',
        ],
      );
      assert.match(result.outputNote ?? '', /no softmax/);
      assert.match(
        result.input.preprocessing,
        /cropped to 8×8, values v become v\/255 \(scale assumed, since no run\.json/,
      );
      assert.deepEqual(
        new Set(result.classes.map(({ label }) => label)),
        new Set(['class 0', 'class 1', 'class 2']),
      );

      const pixels = Float32Array.from(Buffer.from(result.input.pixels, 'base64'), (v) => v / 255);
      const expected = (model.predict(tf.tensor(pixels, [1, 8, 8, 3])) as tf.Tensor).dataSync();
      const { data } = await sidecar.request('activation', { session: result.session, layer: 'classes' });
      for (const [i, value] of floats(data).entries()) assert.ok(Math.abs(value - (expected[i] ?? 9)) < 1e-5);
    });

    it('keeps the last eight pictures’ maps', async () => {
      const file = await greyPng(path.join(folder, 'kept.png'), digits.image(2), 28);
      const sessions: string[] = [];
      for (let i = 0; i < 9; i++) sessions.push((await classify(file)).session);
      const layer = (await classify(file)).layers[0]!.name;
      await assert.rejects(sidecar.request('activation', { session: sessions[0]!, layer }), /no longer kept/);
      await sidecar.request('activation', { session: sessions[8]!, layer });
    });
  });

  describe('of garbage', () => {
    const pictures: [what: string, write: (file: string) => unknown, message: RegExp][] = [
      ['text', (file) => writeFileSync(file, 'not a picture'), /not a picture that can be read\. PNG, JPEG/],
      ['nothing', (file) => writeFileSync(file, ''), /The file is empty/],
      [
        'a truncated PNG',
        async (file) =>
          writeFileSync(
            file,
            readFileSync(path.join(root, 'examples/images/coffee.png')).subarray(0, 40_000),
          ),
        /damaged or cut off/,
      ],
      [
        'a damaged header',
        async (file) => {
          const bytes = readFileSync(path.join(root, 'examples/images/coffee.png'));
          bytes.fill(7, 8, 60);
          writeFileSync(file, bytes);
        },
        /damaged|not a picture/,
      ],
      [
        '200 million pixels',
        (file) =>
          sharp({ create: { width: 20_000, height: 10_000, channels: 3, background: '#fff' } })
            .png({ compressionLevel: 1 })
            .toFile(file),
        /larger than 100 million pixels\. Make it smaller/,
      ],
    ];
    for (const [what, write, message] of pictures) {
      it(`says so for a picture that is ${what}`, async () => {
        const file = path.join(folder, 'garbage.png');
        await write(file);
        await assert.rejects(classify(file), message);
        await assert.rejects(classify(file), (error: Error) => error.message.includes(file));
      });
    }

    it('says so for a missing picture, a folder, a flat colour', async () => {
      await assert.rejects(classify(path.join(folder, 'none.png')), /none\.png: The file does not exist/);
      await assert.rejects(classify(folder), /This is no file/);
      const flat = await greyPng(path.join(folder, 'flat.png'), new Uint8Array(40 * 40).fill(90), 40);
      assert.match(
        (await classify(flat)).input.preprocessing,
        /no strokes found: the picture is one flat colour/,
      );
    });

    it('waits for no pipe', async function () {
      if (process.platform === 'win32') this.skip();
      const pipe = path.join(folder, 'pipe.png');
      execFileSync('mkfifo', [pipe]);
      await assert.rejects(classify(pipe), /pipe\.png: This is no file/);
      await assert.rejects(
        sidecar.request('classify', {
          picture: { kind: 'file', path: seven },
          modelPath: model,
          top: 1,
          labelsPath: pipe,
        }),
        /pipe\.png: This is no file/,
      );
    });

    const seven = path.join(root, 'examples/images/digit-7.png');
    let model: string;
    beforeEach(async () => {
      model = await saveModel(
        tf.sequential({
          layers: [tf.layers.flatten({ inputShape: [4, 4, 1] }), tf.layers.dense({ units: 2, name: 'end' })],
        }),
        path.join(folder, 'model'),
      );
    });
    // biome-ignore lint/suspicious/noExplicitAny: damages JSON that has no type any more.
    const edit = (change: (json: any) => void) => {
      const json = JSON.parse(readFileSync(model, 'utf8'));
      change(json);
      writeFileSync(model, JSON.stringify(json));
    };
    const models: [what: string, damage: () => void, message: RegExp][] = [
      [
        'a truncated model.json',
        () => truncateSync(model, 100),
        /model\.json: The file is not whole JSON .*Save the model again/,
      ],
      [
        'JSON that is no model',
        () => writeFileSync(model, '{"layers": []}'),
        /not a model\.json in the tfjs layers format: modelTopology/,
      ],
      [
        'a graph model',
        () => edit((json) => (json.format = 'graph-model')),
        /graph model; layers can be looked into only/,
      ],
      [
        'weights outside its folder',
        () => edit((json) => (json.weightsManifest[0].paths = ['../../../etc/passwd'])),
        /`\.\.\/\.\.\/\.\.\/etc\/passwd` lies outside the model's folder/,
      ],
      [
        'an absolute weights path',
        () => edit((json) => (json.weightsManifest[0].paths = ['/etc/passwd'])),
        /lies outside the model's folder/,
      ],
      [
        'a link out of its folder',
        () => {
          const link = path.join(path.dirname(model), `link-${Date.now()}`);
          symlinkSync('/etc/passwd', link);
          edit((json) => (json.weightsManifest[0].paths = [path.basename(link)]));
        },
        /lies outside the model's folder/,
      ],
      [
        'missing weights',
        () => edit((json) => (json.weightsManifest[0].paths = ['none.bin'])),
        /none\.bin: The file does not exist/,
      ],
      [
        'weights cut off',
        () => truncateSync(path.join(path.dirname(model), 'weights.bin'), 100),
        /model\.json: The weight files have 100 bytes; model\.json announces 136\. A file is cut off, .*weights\.bin/,
      ],
      ['no weights', () => edit((json) => delete json.weightsManifest), /untrained topology only/],
      [
        'weights of another shape',
        () => edit((json) => (json.weightsManifest[0].weights[0].shape = [2, 16])),
        /TensorFlow\.js cannot build this model/,
      ],
      [
        'a shape of terabytes',
        () => edit((json) => (json.weightsManifest[0].weights[0].shape = [1e6, 1e6])),
        /announces 4,000,000,000,008/,
      ],
      [
        'an unknown layer',
        () => edit((json) => (json.modelTopology.config.layers[1].class_name = 'Attention')),
        /Unknown layer: Attention/,
      ],
      [
        'wiring in a circle',
        () =>
          edit(
            (json) =>
              (json.modelTopology = {
                class_name: 'Model',
                config: {
                  name: 'm',
                  layers: [
                    {
                      name: 'a',
                      class_name: 'Flatten',
                      config: { name: 'a' },
                      inbound_nodes: [[['a', 0, 0, {}]]],
                    },
                  ],
                  input_layers: [['a', 0, 0]],
                  output_layers: [['a', 0, 0]],
                },
              }),
          ),
        /`a` takes its input from a layer that does not exist or is never called, or in a circle/,
      ],
      [
        'an input that is no picture',
        () =>
          edit((json) => (json.modelTopology.config.layers[0].config.batch_input_shape = [null, 2, 2, 2, 2])),
        /takes input of shape \[2, 2, 2, 2\], which is no picture/,
      ],
    ];
    for (const [what, damage, message] of models) {
      it(`says so for ${what}`, async () => {
        damage();
        await assert.rejects(classify(seven, model), message);
      });
    }

    it('says so for a run without a checkpoint, a missing run, a run.json that is none, and a damaged .onnx', async () => {
      const run = path.join(folder, 'run');
      mkdirSync(run);
      await assert.rejects(classify(seven, run), /neither a run\.json nor a model\.json/);
      writeFileSync(path.join(run, 'run.json'), '{}');
      await assert.rejects(classify(seven, run), /no checkpoint/);
      cpSync(path.join(checkpoint, 'checkpoint'), path.join(run, 'checkpoint'), { recursive: true });
      await assert.rejects(classify(seven, run), /not a run that Layerwise wrote: version/);
      await assert.rejects(classify(seven, path.join(folder, 'none')), /There is no such run or model/);
      writeFileSync(path.join(folder, 'model.onnx'), 'no model');
      await assert.rejects(
        classify(seven, path.join(folder, 'model.onnx')),
        /model\.onnx: The file is not an ONNX model, or is damaged/,
      );
    });

    it('says so for weights that are broken', async () => {
      const weights = path.join(path.dirname(model), 'weights.bin');
      writeFileSync(weights, Buffer.from(new Float32Array(34).fill(Number.NaN).buffer));
      await assert.rejects(classify(seven, model), /puts out NaN or infinite values/);
    });

    it('takes a sigmoid’s outputs as they are, wherever it stands, and puts a single number through one', async () => {
      const dense = (units: number, activation: 'sigmoid' | 'linear', name: string) =>
        tf.layers.dense({
          units,
          activation,
          name,
          kernelInitializer: 'zeros',
          biasInitializer: tf.initializers.constant({ value: 0.3 }),
        });
      const nested = await saveModel(
        tf.sequential({
          layers: [
            tf.layers.flatten({ inputShape: [8, 8, 1] }),
            tf.sequential({
              layers: [
                tf.layers.dense({ inputShape: [64], units: 4 }),
                dense(2, 'sigmoid', 'ends'),
                tf.layers.reshape({ targetShape: [1, 2] }),
              ],
            }),
            tf.layers.flatten({ name: 'again' }),
          ],
        }),
        path.join(folder, 'nested-end'),
      );
      const expected = 1 / (1 + Math.exp(-0.3));
      const several = await classify(seven, nested);
      assert.equal(several.outputNote, undefined);
      for (const { probability } of several.classes) assert.ok(Math.abs(probability - expected) < 1e-6);
      const single = await saveModel(
        tf.sequential({
          layers: [tf.layers.flatten({ inputShape: [8, 8, 1] }), dense(1, 'linear', 'logit')],
        }),
        path.join(folder, 'single'),
      );
      const one = await classify(seven, single);
      assert.match(one.outputNote ?? '', /a single number .* one was applied/);
      assert.ok(Math.abs(one.classes[0]!.probability - expected) < 1e-6);
    });

    it('starts stateful layers anew with every picture, and takes several at once', async () => {
      const stateful = await saveModel(
        tf.sequential({
          layers: [
            tf.layers.reshape({ batchInputShape: [1, 8, 8, 1], targetShape: [8, 8] }),
            tf.layers.lstm({ units: 4, stateful: true, kernelInitializer: 'ones', name: 'memory' }),
            tf.layers.dense({ units: 3, activation: 'softmax', name: 'classes' }),
          ],
        }),
        path.join(folder, 'stateful'),
      );
      const first = await classify(seven, stateful);
      await classify(path.join(root, 'examples/images/digit-3.png'), stateful);
      const again = await classify(seven, stateful);
      assert.deepEqual(again.classes, first.classes);
      const { score } = await sidecar.request('attribution', {
        session: again.session,
        method: 'occlusion',
        classIndex: first.classes[0]!.index,
      });
      assert.equal(score, first.classes[0]!.probability);
    });

    it('says which layer tfjs can build and not compute', async () => {
      const causal = await saveModel(
        tf.sequential({
          layers: [
            tf.layers.reshape({ inputShape: [8, 8, 1], targetShape: [8, 8] }),
            tf.layers.conv1d({ filters: 2, kernelSize: 3, padding: 'causal' as 'same', name: 'late' }),
            tf.layers.flatten(),
            tf.layers.dense({ units: 3, activation: 'softmax' }),
          ],
        }),
        path.join(folder, 'causal'),
      );
      await assert.rejects(
        classify(seven, causal),
        /TensorFlow\.js cannot compute the layer `late` \(Conv1D\): The support for CAUSAL padding mode in conv1dWithBias is not implemented yet\. Use another layer/,
      );
    });

    it('reads a model again when it has changed', async () => {
      const weights = path.join(path.dirname(model), 'weights.bin');
      const withBias = (bias: number[]) => {
        writeFileSync(
          weights,
          Buffer.from(Float32Array.from({ length: 34 }, (_, i) => bias[i - 32] ?? 0).buffer),
        );
        const later = new Date(statSync(model).mtimeMs + 1000);
        utimesSync(model, later, later);
      };
      withBias([0, 5]);
      assert.equal((await classify(seven, model)).classes[0]?.index, 1);
      withBias([5, 0]);
      assert.equal((await classify(seven, model)).classes[0]?.index, 0);
    });

    it('finds the run of a checkpoint that is named by its model.json', async () => {
      const byFile = await classify(seven, path.join(checkpoint, 'checkpoint/model.json'));
      assert.equal(byFile.model, 'lenet5');
      assert.equal(byFile.classes[0]?.label, '7');
      const copy = path.join(folder, 'bare');
      mkdirSync(copy);
      for (const name of ['model.json', weightsName()])
        copyFileSync(path.join(checkpoint, 'checkpoint', name), path.join(copy, name));
      assert.equal((await classify(seven, copy)).classes[0]?.label.startsWith('class '), true);
    });
  });

  it('keeps its memory flat', async () => {
    const file = await greyPng(path.join(folder, 'flat-memory.png'), digits.image(3), 28, { scale: 10 });
    for (let i = 0; i < 30; i++) await classify(file);
    const before = memoryOf(sidecar.pid!);
    if (before === undefined) return;
    for (let i = 0; i < 150; i++) await classify(file);
    const grown = (memoryOf(sidecar.pid!) ?? 0) - before;
    assert.ok(grown < 40, `grew by ${grown} MB`);
  });
});

function weightsName(): string {
  const json = JSON.parse(readFileSync(path.join(checkpoint, 'checkpoint/model.json'), 'utf8'));
  return json.weightsManifest[0].paths[0];
}

/** Resident memory in MB, where the system tells. */
function memoryOf(pid: number): number | undefined {
  try {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  } catch {
    return undefined;
  }
}
