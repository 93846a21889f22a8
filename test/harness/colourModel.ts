/** An ONNX model small enough to be written here: how much of a picture is red, green and blue. */
import { encodeModel } from '../../model-graph/onnx/wire';
import { floatValue } from './floatValue';

/** Softmax of the channels' means, of 3×8×8 float32 pixels; its files say nothing of how pixels are scaled. */
export function colourModel(): Uint8Array {
  return encodeModel({
    irVersion: 8,
    opsetImport: [{ version: 17 }],
    graph: {
      name: 'colours',
      input: [floatValue('pixels', [1, 3, 8, 8])],
      output: [floatValue('classes', [1, 3])],
      node: [
        { opType: 'GlobalAveragePool', name: 'mean', input: ['pixels'], output: ['means'] },
        { opType: 'Flatten', name: 'flat', input: ['means'], output: ['scores'] },
        { opType: 'Softmax', name: 'softmax', input: ['scores'], output: ['classes'] },
      ],
    },
  });
}
