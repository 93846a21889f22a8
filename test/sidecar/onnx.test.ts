/** ONNX models in the real process: the same answers as tfjs's, activations of every node, and clear refusals. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { addOutputs } from '../../model-graph/onnx/addOutputs';
import { attributeType, type TensorMessage } from '../../model-graph/onnx/messages';
import { elementTypes } from '../../model-graph/onnx/tensors';
import { decodeModel, encodeModel } from '../../model-graph/onnx/wire';
import { fromTensorData, toTensor } from '../../sidecar/inference/onnxTensors';
import { floatValue } from '../harness/floatValue';
import { mobileNet, mobileNetOnnx } from '../harness/mobilenet';
import { buildSidecar, cleanUp, launchSidecar, root, startSidecar, temporaryFolder } from './support/process';

const picture = (name: string) => ({ kind: 'file', path: path.join(root, 'examples/images', name) }) as const;

describe('ONNX models in the sidecar', function () {
  this.timeout(180_000);
  before(buildSidecar);
  afterEach(cleanUp);

  it('gives MobileNet the same classes and probabilities as tfjs', async function () {
    const onnxFile = mobileNetOnnx(this);
    const sidecar = await startSidecar('wasm');
    for (const [name, expected] of [
      ['chelsea.png', /cat/],
      ['coffee.png', /espresso/],
    ] as const) {
      const [onnx, tfjs] = await Promise.all(
        [onnxFile, mobileNet(this)].map((modelPath) =>
          sidecar.request('classify', { picture: picture(name), modelPath, top: 1000, details: true }),
        ),
      );
      assert.match(onnx!.classes[0]!.label, expected);
      assert.equal(onnx!.format, 'onnx');
      assert.match(onnx!.backend, /onnxruntime/);
      assert.deepEqual(onnx!.input.pixels, tfjs!.input.pixels);
      assert.deepEqual(
        onnx!.classes.slice(0, 5).map(({ index }) => index),
        tfjs!.classes.slice(0, 5).map(({ index }) => index),
      );
      const byIndex = new Map(tfjs!.classes.map(({ index, probability }) => [index, probability]));
      for (const { index, probability } of onnx!.classes) {
        assert.ok(Math.abs(probability - byIndex.get(index)!) < 1e-5, `class ${index}`);
      }
    }
  });

  it('gives the output of every node as onnxruntime alone computes it', async function () {
    const onnxFile = mobileNetOnnx(this);
    const sidecar = await startSidecar('wasm');
    const answer = await sidecar.request('classify', {
      picture: picture('chelsea.png'),
      modelPath: onnxFile,
      top: 1,
      details: true,
    });
    assert.equal(answer.layers.length, 85);
    const pixels = Buffer.from(answer.input.pixels, 'base64');
    const input = new Float32Array(3 * 224 * 224);
    for (let i = 0; i < pixels.length; i++) {
      input[(i % 3) * 224 * 224 + Math.floor(i / 3)] = pixels[i]! / 127.5 - 1;
    }
    for (const name of [
      'conv1',
      'conv_dw_6_relu',
      'conv_pw_13',
      'global_average_pooling2d_1',
      'predictions',
    ]) {
      const summary = answer.layers.find((layer) => layer.name === name)!;
      const map = await sidecar.request('activation', { session: answer.session, layer: name });
      const ours = new Float32Array(Uint8Array.from(Buffer.from(map.data, 'base64')).buffer);
      const theirs = await alone(readFileSync(onnxFile), name, input);
      assert.deepEqual(map.shape, theirs.dims.slice(1));
      assert.deepEqual(summary.shape, map.shape);
      if (map.shape.length === 3) assert.equal(map.layout, 'channelsFirst');
      const difference = Math.max(
        ...ours.map((value, i) => Math.abs(value - (theirs.data as Float32Array)[i]!)),
      );
      assert.ok(difference < 1e-5, `${name}: ${difference}`);
    }
  });

  it('reads half-precision numbers as bits, and where Node has an array of them, as they are', () => {
    assert.deepEqual([...fromTensorData(Uint16Array.of(0x3800, 0xc000), 'float16')], [0.5, -2]);
    const HalfArray = (globalThis as { Float16Array?: typeof Float32Array }).Float16Array ?? Float32Array;
    assert.deepEqual([...fromTensorData(HalfArray.of(0.5, -2), 'float16')], [0.5, -2]);
    // The runtime's native half reads bits only.
    const given = toTensor(Tensor, 'float16', Float32Array.of(0.5, -2), [1, 2]);
    assert.equal(given.type, 'float16');
    assert.deepEqual(given.data, Uint16Array.of(0x3800, 0xc000));
  });

  it('reads weights beside the model, and none from elsewhere', async () => {
    const folder = temporaryFolder();
    const inside = path.join(folder, 'model');
    mkdirSync(inside);
    const weights = Buffer.from(Float32Array.from({ length: 20 }, (_, i) => i / 20).buffer);
    writeFileSync(path.join(inside, 'weights.bin'), weights);
    writeFileSync(path.join(folder, 'outside.bin'), weights);
    const sidecar = await startSidecar('cpu');
    const classify = (location: string, length = 80) => {
      const file = path.join(inside, 'model.onnx');
      writeFileSync(file, externalModel(location, length));
      return sidecar.request('classify', { picture: tinyPicture, modelPath: file, top: 5, details: true });
    };
    const { classes } = await classify('weights.bin');
    // The pixels are [0, 51, 102, 153] / 255, the weights row by row.
    const scores = Array.from({ length: 5 }, (_, unit) =>
      [0, 0.2, 0.4, 0.6].reduce((sum, pixel, i) => sum + (pixel * (i * 5 + unit)) / 20, 0),
    );
    const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
    for (const { index, probability } of classes) {
      assert.ok(Math.abs(probability - Math.exp(scores[index]!) / total) < 1e-6);
    }
    await assert.rejects(classify('../outside.bin'), /outside the model's folder: refused/);
    await assert.rejects(classify('../missing.bin'), /outside the model's folder: refused/);
    await assert.rejects(classify('/etc/passwd'), /outside the model's folder: refused/);
    await assert.rejects(classify('missing.bin'), /not beside the model/);
    writeFileSync(path.join(inside, 'short.bin'), weights.subarray(0, 40));
    await assert.rejects(classify('short.bin'), /cut short/);
    await assert.rejects(classify('weights.bin', 4), /cut short or another/);
  });

  it('reads no constants from other files: onnxruntime would look for them where the process works', async () => {
    const folder = temporaryFolder();
    // Beside the process, not beside the model.
    const sidecar = launchSidecar({ cwd: folder });
    await sidecar.request('initialize', { backend: 'cpu', searchFolders: [] });
    writeFileSync(path.join(folder, 'weights.bin'), Buffer.alloc(80));
    const file = path.join(folder, 'model.onnx');
    const { graph, ...model } = decodeModel(externalModel('weights.bin', 80));
    const { initializer = [], node = [], ...others } = graph!;
    const [tensor] = initializer;
    const within = {
      name: 'within',
      node: [{ opType: 'Identity', input: ['w'], output: ['inner'] }],
      initializer,
      output: [{ name: 'inner', type: { tensorType: { elemType: elementTypes.float32, ...dims([4, 5]) } } }],
    };
    const always = { name: 'always', dims: [], dataType: elementTypes.bool, rawData: Uint8Array.of(1) };
    for (const changed of [
      {
        ...others,
        node: [{ opType: 'Constant', output: ['w'], attribute: [attribute('value', tensor!)] }, ...node],
      },
      {
        ...others,
        initializer: [always],
        node: [
          {
            opType: 'If',
            input: ['always'],
            output: ['w'],
            attribute: ['then_branch', 'else_branch'].map((name) => ({
              name,
              type: attributeType.graph,
              g: within,
            })),
          },
          ...node,
        ],
      },
    ]) {
      writeFileSync(file, encodeModel({ ...model, graph: changed }));
      await assert.rejects(
        sidecar.request('classify', { picture: tinyPicture, modelPath: file, top: 1 }),
        /The tensor `w`, a constant or a weight of a graph within the model's, lies in another file/,
      );
    }
  });

  it('says what is wrong with files that it does not run', async () => {
    const folder = temporaryFolder();
    const sidecar = await startSidecar('cpu');
    const refusal = async (bytes: Uint8Array) => {
      const file = path.join(folder, 'model.onnx');
      writeFileSync(file, bytes);
      return sidecar
        .request('classify', { picture: tinyPicture, modelPath: file, top: 1, details: true })
        .then(
          () => 'accepted',
          (error: Error) => error.message,
        );
    };
    assert.match(await refusal(Buffer.from('hello')), /not an ONNX model|ends in the middle/);
    assert.match(await refusal(new Uint8Array()), /no ONNX graph/);
    const unknown = {
      ...tinyGraph([2, 4]),
      node: [{ opType: 'NoSuchOperator', input: ['x'], output: ['y'] }],
    };
    assert.match(
      await refusal(encodeModel({ irVersion: 8, opsetImport: [{ version: 17 }], graph: unknown })),
      /onnxruntime does not accept.*NoSuchOperator/,
    );
    assert.match(
      await refusal(encodeModel({ irVersion: 8, opsetImport: [{ version: 99 }], graph: tinyGraph([2, 4]) })),
      /operator set 99/,
    );
    const shaped = (sizes: number[], output = sizes) =>
      encodeModel({
        irVersion: 8,
        opsetImport: [{ version: 17 }],
        graph: { ...tinyGraph([]), input: [floatValue('x', sizes)], output: [floatValue('y', output)] },
      });
    // A batch of nothing would never be through.
    assert.match(await refusal(shaped([0, 4])), /takes input of shape \[0, 4\], which holds nothing/);
    // Three grey pictures, or one in colour?
    assert.match(await refusal(shaped([3, 2, 2])), /\[3, 2, 2\], which does not say how many pictures/);
    copyFileSync(path.join(root, 'package.json'), path.join(folder, 'package.onnx'));
    await assert.rejects(
      sidecar.request('classify', {
        picture: tinyPicture,
        modelPath: path.join(folder, 'package.onnx'),
        top: 1,
        details: true,
      }),
      /not an ONNX model|cut short/,
    );
  });
});

const attribute = (name: string, t: TensorMessage) => ({ name, type: attributeType.tensor, t });

const tinyPicture = {
  kind: 'pixels',
  name: 'tiny',
  width: 2,
  height: 2,
  channels: 1,
  data: Buffer.from([0, 51, 102, 153]).toString('base64'),
} as const;

const dims = (sizes: number[]) => ({ shape: { dim: sizes.map((dimValue) => ({ dimValue })) } });

function tinyGraph(_: number[]) {
  return {
    name: 'tiny',
    node: [{ opType: 'Identity', input: ['x'], output: ['y'] }],
    input: [{ name: 'x', type: { tensorType: { elemType: elementTypes.float32, ...dims([1, 4]) } } }],
    output: [{ name: 'y', type: { tensorType: { elemType: elementTypes.float32, ...dims([1, 4]) } } }],
  };
}

/** A dense layer of five units over four pixels, its weights in another file. */
function externalModel(location: string, length: number): Uint8Array {
  return encodeModel({
    irVersion: 8,
    opsetImport: [{ version: 17 }],
    graph: {
      ...tinyGraph([1, 4]),
      node: [{ opType: 'MatMul', input: ['x', 'w'], output: ['y'], name: 'dense' }],
      output: [{ name: 'y', type: { tensorType: { elemType: elementTypes.float32, ...dims([1, 5]) } } }],
      initializer: [
        {
          name: 'w',
          dims: [4, 5],
          dataType: elementTypes.float32,
          dataLocation: 1,
          externalData: [
            { key: 'location', value: location },
            { key: 'offset', value: '0' },
            { key: 'length', value: String(length) },
          ],
        },
      ],
    },
  });
}

/** One tensor inside the model, by onnxruntime with nothing of Layerwise between. */
async function alone(bytes: Uint8Array, tensor: string, input: Float32Array) {
  const names = (decodeModel(bytes).graph?.node ?? []).flatMap(({ output }) => output ?? []);
  const { outputNames } = await InferenceSession.create(bytes);
  // With all tensors as outputs nothing is fused: the same arithmetic, to the last bit.
  const session = await InferenceSession.create(
    addOutputs(
      bytes,
      names.filter((name) => !outputNames.includes(name)),
    ),
  );
  const results = await session.run(
    { [session.inputNames[0]!]: new Tensor('float32', input, [1, 3, 224, 224]) },
    [tensor],
  );
  return results[tensor]!;
}
