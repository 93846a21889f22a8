/** What Layerwise knows of each ONNX operator: the shape it puts out, what it is for, which inputs are no weights. */
import type { LayerKind } from '../../graph';
import { elementwiseRules } from './elementwise';
import { matrixRules } from './matrices';
import type { OperatorRule } from './operator';
import { reshapingRules } from './reshaping';
import { sourceRules } from './sources';
import { windowRules } from './windows';

const rules = new Map<string, OperatorRule>(
  Object.entries({ ...elementwiseRules, ...windowRules, ...matrixRules, ...reshapingRules, ...sourceRules }),
);

/** undefined for operators that are not followed. `domain` is empty for ONNX's own. */
export function operatorRule(domain: string, opType: string): OperatorRule | undefined {
  return isOwnDomain(domain) ? rules.get(opType) : undefined;
}

/** ONNX's own operators, under either of its names. */
export function isOwnDomain(domain: string): boolean {
  return domain === '' || domain === 'ai.onnx';
}

const kinds: [LayerKind, string][] = [
  ['convolution', 'Conv ConvInteger QLinearConv ConvTranspose DeformConv'],
  [
    'pooling',
    'MaxPool AveragePool LpPool GlobalAveragePool GlobalMaxPool GlobalLpPool MaxUnpool RoiAlign MaxRoiPool',
  ],
  ['dense', 'Gemm MatMul MatMulInteger QLinearMatMul Einsum Attention'],
  [
    'activation',
    'Celu Clip Elu Erf Gelu HardSigmoid HardSwish Hardmax LeakyRelu LogSoftmax Mish PRelu Relu Selu Shrink Sigmoid Softmax Softplus Softsign Swish Tanh ThresholdedRelu',
  ],
  [
    'normalization',
    'BatchNormalization InstanceNormalization LayerNormalization GroupNormalization LpNormalization MeanVarianceNormalization LRN',
  ],
  ['regularization', 'Dropout'],
  [
    'reshaping',
    'Reshape Flatten Transpose Squeeze Unsqueeze Slice Split Expand Tile Pad DepthToSpace SpaceToDepth Resize Upsample Shape Size Identity Cast CastLike Gather GatherElements GatherND Constant ConstantOfShape Range',
  ],
  ['merge', 'Add Sub Mul Div Max Min Mean Sum Concat Pow Where'],
  ['recurrent', 'LSTM GRU RNN Loop Scan'],
  ['preprocessing', 'QuantizeLinear DequantizeLinear DynamicQuantizeLinear Normalizer Scaler'],
];
const kindOf = new Map(
  kinds.flatMap(([kind, names]) => names.split(' ').map((name) => [name, kind] as const)),
);

export function operatorKind(opType: string): LayerKind {
  return kindOf.get(opType) ?? 'custom';
}

/** Inputs that configure an operator (a shape, a limit, a scale) although they may be fractions: no weights. */
const configuring: Record<string, number[]> = {
  Clip: [1, 2],
  Dropout: [1, 2],
  Pad: [1, 2, 3],
  Resize: [1, 2, 3],
  Upsample: [1],
  OneHot: [1, 2],
  Range: [0, 1, 2],
  NonMaxSuppression: [2, 3, 4],
  Pow: [1],
  QuantizeLinear: [1, 2],
  QLinearConv: [1, 2, 4, 5, 6, 7],
  QLinearMatMul: [1, 2, 4, 5, 6, 7],
  MatMulInteger: [2, 3],
  ConvInteger: [2, 3],
  Trilu: [1],
  CumSum: [1],
};

export function isConfiguring(opType: string, index: number): boolean {
  return configuring[opType]?.includes(index) ?? false;
}

/** Whole numbers that are weights all the same: those of quantized layers. */
const quantizedWeights: Record<string, number[]> = {
  QLinearConv: [3, 8],
  ConvInteger: [1],
  QLinearMatMul: [3],
  MatMulInteger: [1],
  DequantizeLinear: [0],
};

export function isQuantizedWeight(opType: string, index: number): boolean {
  return quantizedWeights[opType]?.includes(index) ?? false;
}

/** Moving averages are not trained. */
export function isTrained(opType: string, index: number): boolean {
  return !(opType === 'BatchNormalization' && index >= 3);
}

/** What an operator's specification calls its inputs. */
const inputNames: Record<string, string[]> = {
  Conv: ['X', 'W', 'B'],
  ConvTranspose: ['X', 'W', 'B'],
  Gemm: ['A', 'B', 'C'],
  MatMul: ['A', 'B'],
  BatchNormalization: ['X', 'scale', 'B', 'mean', 'var'],
  LSTM: ['X', 'W', 'R', 'B', 'sequence_lens', 'initial_h', 'initial_c', 'P'],
  GRU: ['X', 'W', 'R', 'B', 'sequence_lens', 'initial_h'],
  RNN: ['X', 'W', 'R', 'B', 'sequence_lens', 'initial_h'],
  PRelu: ['X', 'slope'],
  InstanceNormalization: ['input', 'scale', 'B'],
  LayerNormalization: ['X', 'Scale', 'B'],
  Gather: ['data', 'indices'],
};

/** `W`, `scale`; undefined where Layerwise does not name it. */
export function inputName(opType: string, index: number): string | undefined {
  return inputNames[opType]?.[index];
}
