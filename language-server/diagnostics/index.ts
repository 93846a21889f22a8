/** Every diagnostic that Layerwise gives, by its code. */

import { cellWithoutRnn } from './cellWithoutRnn';
import { concatenateAxis } from './concatenateAxis';
import type { DiagnosticKind } from './diagnostic';
import { dotAxes } from './dotAxes';
import { duplicateLayerName } from './duplicateLayerName';
import { emptyModel } from './emptyModel';
import { emptyOutput } from './emptyOutput';
import { fitSampleCount } from './fitSampleCount';
import { fitShapeMismatch } from './fitShapeMismatch';
import { fitTensorCount } from './fitTensorCount';
import { graphDisconnected } from './graphDisconnected';
import { ignoredArgument } from './ignoredArgument';
import { initializerShape } from './initializerShape';
import { inputCount } from './inputCount';
import { inputLayerApplied } from './inputLayerApplied';
import { inputShapeChanged } from './inputShapeChanged';
import { invalidArgument } from './invalidArgument';
import { invalidModelInput } from './invalidModelInput';
import { invalidName } from './invalidName';
import { invalidSize } from './invalidSize';
import { kernelLargerThanInput } from './kernelLargerThanInput';
import { layerAlreadyConnected } from './layerAlreadyConnected';
import { layerAsActivation } from './layerAsActivation';
import { lossMisfit } from './lossMisfit';
import { lossOutputs } from './lossOutputs';
import { mergeShapes } from './mergeShapes';
import { missingArgument } from './missingArgument';
import { missingInputShape } from './missingInputShape';
import { negativeSize } from './negativeSize';
import { notALayer } from './notALayer';
import { notImplemented } from './notImplemented';
import { outputCount } from './outputCount';
import { rankMismatch } from './rankMismatch';
import { reportedShape } from './reportedShape';
import { reshapeProduct } from './reshapeProduct';
import { sequentialNeedsSingleTensor } from './sequentialNeedsSingleTensor';
import { shapeCommentMismatch } from './shapeCommentMismatch';
import { shapeMismatch } from './shapeMismatch';
import { softmaxAxis } from './softmaxAxis';
import { statefulBatchSize } from './statefulBatchSize';
import { stridesAndDilation } from './stridesAndDilation';
import { undefinedSize } from './undefinedSize';
import { unknownActivation } from './unknownActivation';
import { unknownConstraint } from './unknownConstraint';
import { unknownDataFormat } from './unknownDataFormat';
import { unknownInitializer } from './unknownInitializer';
import { unknownInterpolation } from './unknownInterpolation';
import { unknownLoss } from './unknownLoss';
import { unknownMetric } from './unknownMetric';
import { unknownOptimizer } from './unknownOptimizer';
import { unknownPadding } from './unknownPadding';
import { unknownRegularizer } from './unknownRegularizer';
import { weightsMismatch } from './weightsMismatch';
import { wrongBiasAxis } from './wrongBiasAxis';

export const diagnosticKinds: readonly DiagnosticKind[] = [
  cellWithoutRnn,
  concatenateAxis,
  dotAxes,
  duplicateLayerName,
  emptyModel,
  emptyOutput,
  fitSampleCount,
  fitShapeMismatch,
  fitTensorCount,
  graphDisconnected,
  ignoredArgument,
  initializerShape,
  inputCount,
  inputLayerApplied,
  inputShapeChanged,
  invalidArgument,
  invalidModelInput,
  invalidName,
  invalidSize,
  kernelLargerThanInput,
  layerAlreadyConnected,
  layerAsActivation,
  lossMisfit,
  lossOutputs,
  mergeShapes,
  missingArgument,
  missingInputShape,
  negativeSize,
  notALayer,
  notImplemented,
  outputCount,
  rankMismatch,
  reportedShape,
  reshapeProduct,
  sequentialNeedsSingleTensor,
  shapeCommentMismatch,
  shapeMismatch,
  softmaxAxis,
  statefulBatchSize,
  stridesAndDilation,
  undefinedSize,
  unknownActivation,
  unknownConstraint,
  unknownDataFormat,
  unknownInitializer,
  unknownInterpolation,
  unknownLoss,
  unknownMetric,
  unknownOptimizer,
  unknownPadding,
  unknownRegularizer,
  weightsMismatch,
  wrongBiasAxis,
];

const byCode = new Map(diagnosticKinds.map((kind) => [kind.code, kind]));

/** What is known of a diagnostic; undefined for a code that is none. */
export function diagnosticKind(code: string): DiagnosticKind | undefined {
  return byCode.get(code);
}
