/** A small residual network as an ONNX file: pictures of 32×32 in ten classes, weights of no meaning. */
import type { AttributeMessage, NodeMessage, TensorMessage } from '../../model-graph/onnx/messages';
import { elementTypes } from '../../model-graph/onnx/tensors';
import { encodeModel } from '../../model-graph/onnx/wire';
import { floatValue } from './floatValue';

const float = elementTypes.float32;

function tensor(name: string, dims: number[]): TensorMessage {
  const count = dims.reduce((product, size) => product * size, 1);
  const values = Float32Array.from({ length: count }, (_, index) => Math.sin(index * 12.9898) / 4);
  return { name, dims, dataType: float, rawData: new Uint8Array(values.buffer) };
}

const integers = (name: string, ints: number[]): AttributeMessage => ({ name, ints, type: 7 });

const convolution = (name: string, input: string): NodeMessage => ({
  name,
  opType: 'Conv',
  input: [input, `${name}.weight`, `${name}.bias`],
  output: [name],
  attribute: [integers('kernel_shape', [3, 3]), integers('pads', [1, 1, 1, 1])],
});

export function residualOnnx(): Uint8Array {
  return encodeModel({
    irVersion: 8,
    opsetImport: [{ version: 17 }],
    graph: {
      name: 'residual',
      input: [floatValue('image', [1, 1, 32, 32])],
      output: [floatValue('scores', [1, 10])],
      initializer: [
        tensor('stem.weight', [8, 1, 3, 3]),
        tensor('stem.bias', [8]),
        tensor('block.weight', [8, 8, 3, 3]),
        tensor('block.bias', [8]),
        tensor('head.weight', [10, 8]),
        tensor('head.bias', [10]),
      ],
      node: [
        convolution('stem', 'image'),
        { name: 'rectified', opType: 'Relu', input: ['stem'], output: ['rectified'] },
        convolution('block', 'rectified'),
        { name: 'sum', opType: 'Add', input: ['block', 'rectified'], output: ['sum'] },
        { name: 'mean', opType: 'GlobalAveragePool', input: ['sum'], output: ['mean'] },
        { name: 'flat', opType: 'Flatten', input: ['mean'], output: ['flat'] },
        {
          name: 'head',
          opType: 'Gemm',
          input: ['flat', 'head.weight', 'head.bias'],
          output: ['logits'],
          attribute: [{ name: 'transB', i: 1, type: 2 }],
        },
        { name: 'scores', opType: 'Softmax', input: ['logits'], output: ['scores'] },
      ],
    },
  });
}
