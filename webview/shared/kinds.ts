/** Kinds of layers in words, in the order of the legend. Their colours stand in tokens.css as `.kind-…`. */
import type { WireLayerNode } from '../../protocol/modelGraph';

export type LayerKind = WireLayerNode['kind'];

export const kindNames: Record<LayerKind, string> = {
  input: 'Input',
  convolution: 'Convolution',
  pooling: 'Pooling',
  dense: 'Dense',
  activation: 'Activation',
  normalization: 'Normalization',
  regularization: 'Regularization',
  reshaping: 'Reshaping',
  merge: 'Merge',
  recurrent: 'Recurrent',
  embedding: 'Embedding',
  preprocessing: 'Preprocessing',
  wrapper: 'Wrapper',
  model: 'Model',
  custom: 'Custom',
};

/** Class names that are too long to stand under a drawing; the details and the table have them in full. */
const shortNames: Record<string, string> = {
  AveragePooling1D: 'AvgPool1D',
  AveragePooling2D: 'AvgPool',
  AveragePooling3D: 'AvgPool3D',
  MaxPooling1D: 'MaxPool1D',
  MaxPooling2D: 'MaxPool',
  MaxPooling3D: 'MaxPool3D',
  GlobalAveragePooling1D: 'GlobalAvgPool',
  GlobalAveragePooling2D: 'GlobalAvgPool',
  GlobalMaxPooling1D: 'GlobalMaxPool',
  GlobalMaxPooling2D: 'GlobalMaxPool',
  BatchNormalization: 'BatchNorm',
  LayerNormalization: 'LayerNorm',
  SeparableConv2D: 'SepConv2D',
  DepthwiseConv2D: 'DepthwiseConv',
  Conv2DTranspose: 'ConvTranspose',
  InputLayer: 'Input',
};

export function shortClassName(className: string): string {
  return shortNames[className] ?? className;
}

/** tfjs makes names like `conv2d_Conv2D1` itself; they say nothing that the class name does not. */
export function isGeneratedName(layer: { name: string; className: string }): boolean {
  const tail = layer.name.slice(layer.name.lastIndexOf('_') + 1);
  return (
    (tail.startsWith(layer.className) && /^\d*$/.test(tail.slice(layer.className.length))) ||
    new RegExp(`^${snakeCase(layer.className)}(_\\d+)?$`).test(layer.name)
  );
}

function snakeCase(className: string): string {
  return className.replace(/([a-z0-9])([A-Z])(?=[a-z])/g, '$1_$2').toLowerCase();
}
