/** Cells taken apart: whatever way of convolving, pooling and multiplying, the arithmetic gives what the model put out. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { AttributeMessage, NodeMessage, TensorMessage } from '../../model-graph/onnx/messages';
import { elementTypes } from '../../model-graph/onnx/tensors';
import { encodeModel } from '../../model-graph/onnx/wire';
import type { ExplainCellResult } from '../../protocol/sidecar';
import type { SidecarConnection } from '../../sidecar/connect';
import { floatValue } from '../harness/floatValue';
import { cellsAllOver } from './support/cells';
import { floats, saveModel } from './support/models';
import { buildSidecar, cleanUp, root, startSidecar, temporaryFolder } from './support/process';

const cat = path.join(root, 'examples/images/chelsea.png');

function convolutions(): tf.LayersModel {
  let seed = 1;
  const random = () => tf.initializers.randomNormal({ stddev: 0.4, seed: seed++ });
  const kernels = () => ({ kernelInitializer: random(), biasInitializer: random() });
  const input = tf.input({ shape: [12, 10, 3], name: 'picture' });
  const apply = (layer: tf.layers.Layer, to: tf.SymbolicTensor) => layer.apply(to) as tf.SymbolicTensor;
  const separable = apply(
    tf.layers.separableConv2d({
      filters: 4,
      kernelSize: 3,
      strides: 2,
      padding: 'same',
      depthwiseInitializer: random(),
      pointwiseInitializer: random(),
      biasInitializer: random(),
      activation: 'tanh',
      name: 'separable',
    }),
    input,
  );
  const same = apply(
    tf.layers.conv2dTranspose({
      filters: 3,
      kernelSize: 3,
      strides: 2,
      padding: 'same',
      name: 'same',
      ...kernels(),
    }),
    separable,
  );
  const valid = apply(
    tf.layers.conv2dTranspose({
      filters: 2,
      kernelSize: [4, 2],
      strides: [2, 3],
      padding: 'valid',
      activation: 'relu',
      name: 'valid',
      ...kernels(),
    }),
    separable,
  );
  const sequence = apply(tf.layers.reshape({ targetShape: [120, 3], name: 'sequence' }), same);
  const dilated = apply(
    tf.layers.conv1d({
      filters: 4,
      kernelSize: 5,
      dilationRate: 3,
      padding: 'same',
      name: 'dilated',
      ...kernels(),
    }),
    sequence,
  );
  const smooth = apply(
    tf.layers.conv1d({
      filters: 3,
      kernelSize: 4,
      padding: 'valid',
      activation: 'elu',
      name: 'smooth',
      ...kernels(),
    }),
    dilated,
  );
  const strided = apply(
    tf.layers.conv1d({
      filters: 3,
      kernelSize: 4,
      strides: 3,
      useBias: false,
      kernelInitializer: random(),
      name: 'strided',
    }),
    smooth,
  );
  const all = [strided, valid].map((one) => apply(tf.layers.flatten(), one));
  const joined = tf.layers.concatenate().apply(all) as tf.SymbolicTensor;
  const classes = apply(
    tf.layers.dense({ units: 4, activation: 'softmax', name: 'classes', ...kernels() }),
    joined,
  );
  return tf.model({ inputs: input, outputs: classes, name: 'convolutions' });
}

const ints = (name: string, ...values: number[]): AttributeMessage => ({ name, ints: values, type: 7 });
const int = (name: string, i: number): AttributeMessage => ({ name, i, type: 2 });
const float = (name: string, f: number): AttributeMessage => ({ name, f, type: 1 });
const text = (name: string, value: string): AttributeMessage => ({
  name,
  s: new TextEncoder().encode(value),
  type: 3,
});

function weights(name: string, dims: number[], how: 'raw' | 'fields' = 'raw'): TensorMessage {
  const count = dims.reduce((product, size) => product * size, 1);
  const values = Float32Array.from(
    { length: count },
    (_, index) => Math.sin((index + name.length) * 12.9898) / 2,
  );
  const bytes = new Uint8Array(values.buffer);
  return {
    name,
    dims,
    dataType: elementTypes.float32,
    ...(how === 'raw' ? { rawData: bytes } : { floatData: [bytes] }),
  };
}

function operators(): Uint8Array {
  const node = (
    name: string,
    opType: string,
    input: string[],
    ...attribute: AttributeMessage[]
  ): NodeMessage => ({
    name,
    opType,
    input,
    output: [name],
    attribute,
  });
  return encodeModel({
    irVersion: 8,
    opsetImport: [{ version: 17 }],
    graph: {
      name: 'operators',
      input: [floatValue('image', [1, 3, 21, 19])],
      output: [floatValue('classes', [1, 5])],
      initializer: [
        weights('w1', [4, 3, 3, 5]),
        weights('b1', [4], 'fields'),
        weights('w2', [6, 2, 3, 3], 'fields'),
        weights('w3', [6, 6, 4, 4]),
        ...['scale', 'shift', 'mean'].map((name) => weights(name, [4])),
        { ...weights('variance', [4]), rawData: new Uint8Array(Float32Array.of(0.3, 1, 2, 0.5).buffer) },
        weights('least', []),
        weights('wg', [8, 6]),
        weights('bg', [1, 8]),
        weights('wm', [8, 5]),
        weights('bm', [5]),
      ],
      node: [
        node(
          'uneven',
          'Conv',
          ['image', 'w1', 'b1'],
          ints('pads', 1, 0, 2, 3),
          ints('strides', 1, 2),
          ints('dilations', 2, 1),
        ),
        node(
          'normal',
          'BatchNormalization',
          ['uneven', 'scale', 'shift', 'mean', 'variance'],
          float('epsilon', 0.01),
        ),
        node('clipped', 'Clip', ['normal', 'least']),
        node('relu', 'Relu', ['clipped']),
        node(
          'largest',
          'MaxPool',
          ['relu'],
          ints('kernel_shape', 3, 2),
          ints('pads', 1, 0, 1, 1),
          ints('strides', 2, 1),
        ),
        node('average', 'AveragePool', ['largest'], ints('kernel_shape', 2, 2), ints('pads', 1, 1, 0, 0)),
        node(
          'padded',
          'AveragePool',
          ['average'],
          ints('kernel_shape', 3, 3),
          ints('strides', 2, 2),
          ints('pads', 1, 1, 1, 1),
          int('ceil_mode', 1),
          int('count_include_pad', 1),
        ),
        node('groups', 'Conv', ['padded', 'w2'], int('group', 2), ints('pads', 1, 1, 1, 1)),
        node('automatic', 'Conv', ['groups', 'w3'], text('auto_pad', 'SAME_UPPER'), ints('strides', 2, 2)),
        node('global', 'GlobalAveragePool', ['automatic']),
        node('flat', 'Flatten', ['global']),
        node('gemm', 'Gemm', ['flat', 'wg', 'bg'], int('transB', 1), float('alpha', 0.5), float('beta', 2)),
        node('product', 'MatMul', ['gemm', 'wm']),
        node('biased', 'Add', ['product', 'bm']),
        node('classes', 'Softmax', ['biased']),
      ],
    },
  });
}

describe('cells taken apart', function () {
  this.timeout(180_000);
  let sidecar: SidecarConnection;
  before(async function () {
    buildSidecar.call(this);
    await tf.setBackend('cpu');
    sidecar = await startSidecar();
  });
  after(cleanUp);

  const classify = (modelPath: string) =>
    sidecar.request('classify', { picture: { kind: 'file', path: cat }, modelPath, top: 3, details: true });

  /** Corners, the middle, and cells all over. */
  async function check(
    modelPath: string,
    layer: string,
    kind: ExplainCellResult['kind'],
  ): Promise<ExplainCellResult[]> {
    const { session } = await classify(modelPath);
    const { data, shape } = await sidecar.request('activation', { session, layer });
    const values = floats(data);
    const cells: ExplainCellResult[] = [];
    for (const { place, index } of cellsAllOver(shape, 40)) {
      const cell = await sidecar.request('explainCell', { session, layer, index });
      const what = `${layer} [${index}] by ${cell.formula}`;
      assert.equal(cell.kind, kind, what);
      assert.equal(cell.value, values[place], what);
      const tolerance = 1e-4 * Math.max(1, Math.abs(cell.value));
      assert.ok(
        Math.abs(cell.computed - cell.value) <= tolerance,
        `${what}: ${cell.computed}, not ${cell.value}`,
      );
      if (cell.kind === 'convolution') {
        const products = cell.patch.map((value, i) => value * cell.kernel[i]!);
        const sum = products.reduce((total, product) => total + product, cell.bias);
        assert.ok(Math.abs(cell.sum - sum) <= tolerance, what);
        assert.equal(cell.channelSums.length, cell.channels);
      }
      if (cell.kind === 'elementwise') {
        for (const { value, from } of cell.terms) {
          if (!from) continue;
          const source = await sidecar.request('explainCell', { session, ...from });
          assert.ok(Math.abs(source.value - value) < 1e-6, `${what} from ${from.layer} [${from.index}]`);
        }
      }
      cells.push(cell);
    }
    return cells;
  }

  describe('of TensorFlow.js layers', () => {
    let modelPath: string;
    before(async () => {
      modelPath = await saveModel(convolutions(), path.join(temporaryFolder(), 'convolutions'));
    });
    for (const layer of ['separable', 'same', 'valid', 'dilated', 'smooth', 'strided']) {
      it(layer, async () => {
        await check(modelPath, layer, 'convolution');
      });
    }
    it('say so where a transposed convolution reaches no cell', async () => {
      const { session } = await classify(modelPath);
      // A kernel 2 wide moves on by 3: every third column is the bias alone.
      const cell = await sidecar.request('explainCell', { session, layer: 'valid', index: [3, 2, 1] });
      assert.ok(cell.kind === 'convolution');
      assert.equal(cell.window.width, 0);
      assert.equal(cell.sum, cell.bias);
    });
  });

  describe('of ONNX nodes', () => {
    let modelPath: string;
    before(() => {
      modelPath = path.join(temporaryFolder(), 'operators.onnx');
      writeFileSync(modelPath, operators());
    });
    const kinds: [layer: string, kind: ExplainCellResult['kind']][] = [
      ['uneven', 'convolution'],
      ['normal', 'elementwise'],
      ['clipped', 'elementwise'],
      ['relu', 'elementwise'],
      ['largest', 'pooling'],
      ['average', 'pooling'],
      ['padded', 'pooling'],
      ['groups', 'convolution'],
      ['automatic', 'convolution'],
      ['global', 'pooling'],
      ['flat', 'elementwise'],
      ['gemm', 'dense'],
      ['product', 'dense'],
      ['biased', 'elementwise'],
      ['classes', 'softmax'],
    ];
    for (const [layer, kind] of kinds) {
      it(layer, async () => {
        const cells = await check(modelPath, layer, kind);
        if (layer === 'padded')
          assert.ok(cells.some((cell) => cell.kind === 'pooling' && cell.countsPadding));
        if (layer === 'groups') {
          const firsts = cells.map((cell) => (cell.kind === 'convolution' ? cell.firstChannel : -1));
          assert.deepEqual([...new Set(firsts)].sort(), [0, 2]);
        }
        if (layer === 'uneven') {
          assert.equal(cells[0]!.layout, 'channelsFirst');
          assert.deepEqual(cells[0]!.receptiveField, { top: -1, left: 0, height: 5, width: 5 });
        }
      });
    }
    it('say their values where they are further outputs, and no place where they are flattened', async () => {
      const file = path.join(temporaryFolder(), 'split.onnx');
      const graph = {
        name: 'split',
        input: [floatValue('image', [1, 3, 6, 5])],
        output: [floatValue('classes', [1, 4])],
        initializer: [weights('w', [4, 3, 3, 3]), weights('wg', [24, 4])],
        node: [
          { name: 'conv', opType: 'Conv', input: ['image', 'w'], output: ['conv'] },
          {
            name: 'parts',
            opType: 'Split',
            input: ['conv'],
            output: ['a', 'b'],
            attribute: [int('axis', 1)],
          },
          { name: 'both', opType: 'Add', input: ['a', 'b'], output: ['both'] },
          { name: 'flat', opType: 'Flatten', input: ['both'], output: ['flat'] },
          { name: 'classes', opType: 'Gemm', input: ['flat', 'wg'], output: ['classes'] },
        ],
      };
      writeFileSync(file, encodeModel({ irVersion: 8, opsetImport: [{ version: 17 }], graph }));
      await check(file, 'parts:1', 'other');
      const [first] = await check(file, 'both', 'elementwise');
      assert.deepEqual(first!.receptiveField, { top: 0, left: 0, height: 3, width: 3 });
      for (const cell of await check(file, 'flat', 'elementwise'))
        assert.equal(cell.receptiveField, undefined);
    });
    it('the picture', async () => {
      const { session } = await classify(modelPath);
      const cell = await sidecar.request('explainCell', { session, layer: '', index: [2, 5, 7] });
      assert.ok(Math.abs(cell.computed - cell.value) < 1e-6);
      await assert.rejects(
        sidecar.request('explainCell', { session, layer: 'gemm', index: [8] }),
        /there is no cell \[8\]/,
      );
      await assert.rejects(
        sidecar.request('explainCell', { session, layer: 'x', index: [0] }),
        /has no layer `x`/,
      );
    });
  });
});
