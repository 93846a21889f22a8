/**
 * One cell of a layer's output taken apart: what it read, with which weights, and the arithmetic from the one to the
 * other, on the real tensors of a classified picture.
 */
import type { ExplainCellParams, ExplainCellResult } from '../../protocol/sidecar';
import { SidecarError } from '../errors';
import type { NamedValue } from './executionPlan';
import { at, type Cell, type CellArithmetic, checkIndex, onlyIfTrue, shortNumber } from './explain/cell';
import { explainConvolution } from './explain/convolution';
import { explainDense, explainSoftmax } from './explain/dense';
import { explainElementwise } from './explain/elementwise';
import { explainPooling } from './explain/pooling';
import { explainOnnxCell } from './explainOnnxCell';
import { OnnxNetwork } from './onnxNetwork';
import { requireGradients } from './scores';
import { layerOutput, type Session, sessionOf } from './sessions';
import type { TensorValues, TfjsNetwork } from './tfjsNetwork';
import { receptiveFieldOf } from './windows';

/** In this order: the first that knows the layer explains it. */
const explainers: ((cell: Cell) => Promise<CellArithmetic | undefined>)[] = [
  explainConvolution,
  explainPooling,
  explainDense,
  explainSoftmax,
  explainElementwise,
];

/** @throws SidecarError for a layer or cell that is not there. */
export async function explainCell(params: ExplainCellParams): Promise<ExplainCellResult> {
  const session = sessionOf(params.session);
  if (session.network instanceof OnnxNetwork) {
    const onnx = session.network.hold();
    try {
      return await explainOnnxCell(onnx, session, params);
    } finally {
      onnx.release();
    }
  }
  const network = requireGradients(session.network, 'Explaining a cell');
  network.hold();
  try {
    const layer = params.layer === '' ? pictureOf(network) : network.plan.find(params.layer);
    if (!layer) throw new SidecarError(`The model \`${network.name}\` has no layer \`${params.layer}\`.`);
    const output = await readValue(network, session, layer.value);
    checkIndex(params.index, output.shape, layer.name || 'The picture');
    const inputs = await Promise.all(layer.inputs.map((input) => readValue(network, session, input)));
    const cell: Cell = { network, session, layer, index: params.index, output, inputs };
    const value = at(output, params.index);
    const receptiveField = receptiveFieldOf(network.plan, network.inputShape(1), layer.value, params.index);
    const arithmetic = await explain(cell, value);
    const first = layer.inputs[0];
    return {
      ...arithmetic,
      className: layer.className,
      value,
      inputLayer: first === undefined ? '' : network.plan.nameOf(first),
      inputShape: inputs[0]?.shape ?? output.shape,
      ...(receptiveField ? { receptiveField } : {}),
    };
  } finally {
    network.release();
  }
}

/** The model's input as if it were a layer; a Sequential has none of its own. */
function pictureOf({ plan, model }: TfjsNetwork): NamedValue {
  return {
    name: '',
    className: 'InputLayer',
    value: plan.input,
    layer: model.inputs[0]!.sourceLayer,
    inputs: [],
  };
}

/** Kept for the session where it is a layer's output, so that neighbouring cells do not run the network again. */
async function readValue(network: TfjsNetwork, session: Session, value: number): Promise<TensorValues> {
  if (value === network.plan.input) {
    return { shape: network.inputShape(1).slice(1), values: session.values };
  }
  const name = network.plan.nameOf(value);
  if (name !== '') return layerOutput(session, name);
  const [computed] = await network.valuesAt([value], session.values);
  return computed!;
}

async function explain(cell: Cell, value: number): Promise<CellArithmetic> {
  for (const explainer of explainers) {
    const arithmetic = await explainer(cell);
    if (arithmetic) return onlyIfTrue(arithmetic, value);
  }
  const reason = `Layerwise does not take ${cell.layer.className} layers apart.`;
  return { kind: 'other', computed: value, formula: shortNumber(value), reason };
}
