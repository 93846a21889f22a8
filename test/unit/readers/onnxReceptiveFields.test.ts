/** Receptive fields of ONNX graphs, against onnxruntime: which cells of the picture change which cells of an output. */
import assert from 'node:assert/strict';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { AttributeMessage, NodeMessage, TensorMessage } from '../../../model-graph/onnx/messages';
import { elementTypes } from '../../../model-graph/onnx/tensors';
import { encodeModel } from '../../../model-graph/onnx/wire';
import { readOnnx } from '../../../model-graph/readers/onnx';
import { startOfField } from '../../../model-graph/receptiveField';
import { floatValue } from '../../harness/floatValue';

const ints = (name: string, ...values: number[]): AttributeMessage => ({ name, ints: values, type: 7 });
const int = (name: string, i: number): AttributeMessage => ({ name, i, type: 2 });
const text = (name: string, value: string): AttributeMessage => ({
  name,
  s: new TextEncoder().encode(value),
  type: 3,
});
const weights = (name: string, ...dims: number[]): TensorMessage => ({
  name,
  dims,
  dataType: elementTypes.float32,
  rawData: new Uint8Array(
    Float32Array.from(
      { length: dims.reduce((product, size) => product * size, 1) },
      (_, index) => 0.3 + 0.2 * Math.sin(index * 12.9898),
    ).buffer,
  ),
});
const integers = (name: string, ...values: number[]): TensorMessage => ({
  name,
  dims: [values.length],
  dataType: elementTypes.int64,
  rawData: new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer),
});
const floats = (name: string, ...values: number[]): TensorMessage => ({
  name,
  dims: [values.length],
  dataType: elementTypes.float32,
  rawData: new Uint8Array(Float32Array.from(values).buffer),
});

let made = 0;
/** A node whose output has its own name. */
function node(opType: string, input: string[], ...attribute: AttributeMessage[]): NodeMessage {
  const name = `${opType.toLowerCase()}${made++}`;
  return { name, opType, input, output: [name], attribute };
}

/** Nodes in a row, each reading the one before it; further inputs are weights. */
function chain(
  ...steps: [opType: string, more: string[], ...attributes: AttributeMessage[]][]
): NodeMessage[] {
  const nodes: NodeMessage[] = [];
  for (const [opType, more, ...attributes] of steps) {
    nodes.push(node(opType, [nodes.at(-1)?.output?.[0] ?? 'image', ...more], ...attributes));
  }
  return nodes;
}

function file(nodes: NodeMessage[], image: number[], version: number): Uint8Array {
  const output = nodes.at(-1)!.output![0]!;
  return encodeModel({
    irVersion: 8,
    opsetImport: [{ version }],
    graph: {
      name: 'model',
      input: [floatValue('image', image)],
      output: [{ name: output, type: { tensorType: { elemType: elementTypes.float32 } } }],
      initializer: [
        weights('w3', 2, 2, 3, 3),
        weights('w4x2', 2, 2, 4, 2),
        weights('w1', 2, 2, 1, 1),
        weights('deep', 2, 1, 3, 3),
        weights('dense', 2, 8),
        weights('perPlace', 2, 3),
        weights('scalars', 2),
        weights('bias', 2, 1, 1),
        floats('twice', 1, 1, 2, 2),
        floats('none'),
        integers('rim', 0, 0, 2, 1, 0, 0, 1, 0),
        integers('rows', 2, 3),
        integers('starts', 2, -5),
        integers('ends', 100, 100),
        integers('everyOther', 2, 1),
        integers('flat', 0, -1),
        integers('strange', 1, 2, 10, 11),
      ],
      node: nodes,
    },
  });
}

const pads = (...values: number[]) => ints('pads', ...values);
const kernel = (...values: number[]) => ints('kernel_shape', ...values);
const strides = (...values: number[]) => ints('strides', ...values);
const residual = () => {
  const stem = node('Conv', ['image', 'w3'], pads(1, 1, 1, 1));
  const side = node('Conv', [stem.name!, 'w3'], pads(1, 1, 1, 1));
  return [stem, side, node('Add', [side.name!, stem.name!])];
};
const squeezed = () => {
  const stem = node('Conv', ['image', 'w3']);
  const mean = node('GlobalAveragePool', [stem.name!]);
  return [stem, mean, node('Mul', [stem.name!, mean.name!])];
};
const joined = () => {
  const stem = node('Conv', ['image', 'w3'], pads(1, 1, 1, 1));
  const side = node('AveragePool', ['image'], kernel(5, 1), pads(2, 0, 2, 0), strides(1, 1));
  return [stem, side, node('Concat', [side.name!, stem.name!], int('axis', 1))];
};

interface Case {
  name: string;
  nodes: NodeMessage[];
  version?: number;
  image?: number[];
  /** Where the rows are in the output: 2 in the channels-first order. */
  rowAxis?: number;
  /** Why nothing is known; absent: it is. */
  unknown?: RegExp;
}

const cases: Case[] = [
  { name: 'convolution', nodes: chain(['Conv', ['w3']]) },
  { name: 'uneven kernel, strides, pads', nodes: chain(['Conv', ['w4x2'], strides(2, 3), pads(1, 0, 2, 1)]) },
  { name: 'dilation', nodes: chain(['Conv', ['w3'], ints('dilations', 2, 3), pads(2, 2, 2, 2)]) },
  { name: 'depthwise', nodes: chain(['Conv', ['deep'], int('group', 2), strides(2, 2)]) },
  { name: 'SAME_UPPER', nodes: chain(['Conv', ['w4x2'], text('auto_pad', 'SAME_UPPER'), strides(2, 2)]) },
  { name: 'SAME_LOWER', nodes: chain(['Conv', ['w4x2'], text('auto_pad', 'SAME_LOWER'), strides(2, 1)]) },
  { name: 'VALID', nodes: chain(['Conv', ['w3'], text('auto_pad', 'VALID')]) },
  {
    name: 'a deep chain',
    nodes: chain(
      ['Conv', ['w3'], pads(1, 1, 1, 1)],
      ['Add', ['bias']],
      ['Sigmoid', []],
      ['AveragePool', [], kernel(2, 2), strides(2, 2)],
      ['BatchNormalization', ['scalars', 'scalars', 'scalars', 'scalars']],
      ['Conv', ['w3']],
    ),
  },
  {
    name: 'pooling that rounds up',
    nodes: chain(['AveragePool', [], kernel(3, 3), strides(2, 2), int('ceil_mode', 1)]),
  },
  { name: 'a shortcut', nodes: residual() },
  { name: 'squeeze and excite', nodes: squeezed() },
  { name: 'branches of one picture', nodes: joined() },
  {
    name: 'padding of its own',
    nodes: chain(['Pad', ['rim']], ['Conv', ['w3']]),
    rowAxis: 2,
    unknown: /which axis/,
  },
  { name: 'padding after a convolution', nodes: chain(['Conv', ['w1']], ['Pad', ['rim']], ['Conv', ['w3']]) },
  {
    name: 'a slice',
    nodes: chain(['Conv', ['w3']], ['Slice', ['starts', 'ends', 'rows', 'everyOther']], ['Conv', ['w3']]),
  },
  { name: 'upsampling', nodes: chain(['Conv', ['w3']], ['Resize', ['none', 'twice']]) },
  {
    name: 'upsampling, asymmetric',
    nodes: chain(
      ['Conv', ['w1']],
      [
        'Resize',
        ['none', 'twice'],
        text('coordinate_transformation_mode', 'asymmetric'),
        text('nearest_mode', 'floor'),
      ],
      ['AveragePool', [], kernel(2, 2), strides(2, 2)],
    ),
  },
  {
    name: 'smooth upsampling',
    nodes: chain(['Conv', ['w1']], ['Resize', ['none', 'twice'], text('mode', 'linear')]),
    unknown: /Resize.*mixes neighbouring cells/,
  },
  {
    name: 'transposed convolution',
    nodes: chain(['ConvTranspose', ['w4x2'], strides(2, 2), pads(1, 0, 1, 0)]),
  },
  {
    name: 'transposed, uneven',
    nodes: chain(['ConvTranspose', ['w3'], strides(2, 2)]),
    unknown: /no multiple of its stride/,
  },
  {
    name: 'cells to channels',
    nodes: chain(['SpaceToDepth', [], int('blocksize', 2)]),
    image: [1, 2, 10, 10],
  },
  { name: 'global pooling', nodes: chain(['Conv', ['w3']], ['GlobalAveragePool', []]) },
  {
    name: 'a mean over rows and columns',
    nodes: chain(['Conv', ['w3']], ['ReduceMean', [], ints('axes', 2, 3)]),
    version: 13,
  },
  {
    name: 'dense',
    nodes: chain(['Conv', ['w3']], ['Flatten', []], ['Gemm', ['dense'], int('transB', 1)]),
    image: [1, 2, 4, 4],
  },
  { name: 'softmax of channels', nodes: chain(['Conv', ['w3']], ['Softmax', [], int('axis', 1)]) },
  {
    name: 'softmax of columns',
    nodes: chain(['Conv', ['w3']], ['Softmax', [], int('axis', 3)]),
    unknown: /Softmax.*sums up along rows or columns/,
  },
  {
    name: 'channels last, as TensorFlow has them',
    nodes: chain(
      ['Transpose', [], ints('perm', 0, 3, 1, 2)],
      ['Conv', ['w3'], strides(2, 2)],
      ['Transpose', [], ints('perm', 0, 2, 3, 1)],
      ['MatMul', ['perPlace']],
    ),
    image: [1, 11, 10, 2],
    rowAxis: 1,
  },
  {
    name: 'rows and columns swapped',
    nodes: chain(['Conv', ['w3']], ['Transpose', [], ints('perm', 0, 1, 3, 2)]),
    unknown: /changes the order/,
  },
  {
    name: 'arranged anew',
    nodes: chain(['Reshape', ['strange']]),
    unknown: /Reshape.*arranges the cells anew/,
    image: [1, 2, 11, 10],
  },
];

describe('receptive fields of ONNX graphs', function () {
  this.timeout(120_000);

  for (const { name, nodes, version = 17, image = [1, 2, 11, 10], rowAxis = 2, unknown } of cases) {
    it(`${name}: ${unknown ? 'unknown, with the reason' : 'as onnxruntime computes'}`, async () => {
      const bytes = file(nodes, image, version);
      const result = readOnnx(bytes);
      assert.ok(result.ok, result.ok ? '' : result.message);
      const [call] = result.graph.layers.at(-1)!.calls;
      if (unknown) {
        assert.equal(call!.receptiveField, null);
        assert.match(call!.receptiveFieldUnknown ?? '', unknown);
        return;
      }
      assert.equal(call!.receptiveFieldUnknown, undefined);
      const field = call!.receptiveField!;
      const isLast = image.at(-1) === 2;
      assert.equal(field.channelsFirst ?? false, !isLast);
      const imageAxes = isLast ? [1, 2] : [2, 3];
      const { influenced, shape } = await influences(bytes, image, imageAxes, rowAxis);
      assert.ok(influenced.size > 0);
      for (const [place, seen] of influenced) {
        const cell = place.split(',').map(Number);
        for (const axis of [0, 1]) {
          const start = startOfField(field, axis, cell[axis]!)!;
          const end = start + (field.size[axis] as number);
          const length = image[imageAxes[axis]!]!;
          const what = `cell ${place} of ${shape}, axis ${axis}`;
          const [from, to] = seen[axis]!;
          assert.ok(from >= start && to <= end, `${what}: ${from} … ${to}`);
          // At the rim the cells that are met first may be some way inside, where the kernel has gaps.
          if (start >= 0 && end <= length) assert.deepEqual([from, to], [start, end], what);
        }
      }
    });
  }

  it('of an operator that is not followed are not told, nor of what reads it', () => {
    const nodes = chain(['Conv', ['w3']], ['Einsum', [], text('equation', 'abcd->abdc')], ['Relu', []]);
    const result = readOnnx(file(nodes, [1, 2, 11, 10], 17));
    assert.ok(result.ok);
    const reasons = result.graph.layers.map(({ calls }) => calls[0]!.receptiveFieldUnknown);
    assert.deepEqual(reasons.slice(0, 2), [undefined, undefined]);
    assert.match(reasons[2]!, /^`einsum\d+` \(Einsum\) is not followed here$/);
    assert.equal(reasons[3], reasons[2]);
  });
});

/** For each place of the output, the rows and columns of the image that change it: from, and up to without. */
async function influences(bytes: Uint8Array, image: number[], imageAxes: number[], rowAxis: number) {
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const count = image.reduce((product, size) => product * size, 1);
  const run = async (values: Float32Array) =>
    Object.values(await session.run({ image: new Tensor('float32', values, image) }))[0]!;
  const plain = Float32Array.from({ length: count }, (_, index) => Math.sin(index * 78.233));
  const before = await run(plain);
  const shape = before.dims as number[];
  const influenced = new Map<string, [number, number][]>();
  const at = (index: number, sizes: readonly number[], axis: number) =>
    Math.floor(index / sizes.slice(axis + 1).reduce((product, size) => product * size, 1)) % sizes[axis]!;
  for (let row = 0; row < image[imageAxes[0]!]!; row++) {
    for (let column = 0; column < image[imageAxes[1]!]!; column++) {
      const isHere = (index: number) =>
        at(index, image, imageAxes[0]!) === row && at(index, image, imageAxes[1]!) === column;
      const changed = await run(plain.map((value, index) => (isHere(index) ? value + 3 : value)));
      (changed.data as Float32Array).forEach((value, index) => {
        if (Math.abs(value - (before.data as Float32Array)[index]!) < 1e-7) return;
        const cell = [rowAxis, rowAxis + 1].map((axis) => (axis < shape.length ? at(index, shape, axis) : 0));
        const seen = influenced.get(cell.join()) ?? [
          [row, row + 1],
          [column, column + 1],
        ];
        influenced.set(
          cell.join(),
          [row, column].map((place, axis) => [
            Math.min(seen[axis]![0]!, place),
            Math.max(seen[axis]![1]!, place + 1),
          ]),
        );
      });
    }
  }
  return { influenced, shape };
}
