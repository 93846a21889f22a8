/** tfjs-layers activations.ts and layers/advanced_activations.ts as ONNX operators. */
import type { GraphBuilder, Tensor } from './builder';
import type { Converter, LayerCall } from './layer';

type Write = (graph: GraphBuilder, x: string) => string;

const one =
  (opType: string, attributes = {}): Write =>
  (graph, x) =>
    graph.op(opType, [x], attributes);

/** Of each cell alone; by tfjs's class name. */
const eachCell: Record<string, Write> = {
  relu: one('Relu'),
  relu6: (graph, x) => graph.op('Clip', [x, graph.float(0), graph.float(6)]),
  elu: one('Elu'),
  selu: one('Selu'),
  sigmoid: one('Sigmoid'),
  hardSigmoid: one('HardSigmoid', { alpha: { float: 0.2 }, beta: { float: 0.5 } }),
  softplus: one('Softplus'),
  softsign: one('Softsign'),
  tanh: one('Tanh'),
  swish: (graph, x) => graph.op('Mul', [x, graph.op('Sigmoid', [x])]),
  mish: (graph, x) => graph.op('Mul', [x, graph.op('Tanh', [graph.op('Softplus', [x])])]),
  gelu(graph, x) {
    const erf = graph.op('Erf', [graph.op('Mul', [x, graph.float(Math.SQRT1_2)])]);
    const cdf = graph.op('Mul', [graph.op('Add', [erf, graph.float(1)]), graph.float(0.5)]);
    return graph.op('Mul', [x, cdf]);
  },
  gelu_new(graph, x) {
    const cube = graph.op('Mul', [graph.op('Mul', [x, x]), x]);
    const inner = graph.op('Add', [x, graph.op('Mul', [cube, graph.float(0.044715)])]);
    const tanh = graph.op('Tanh', [graph.op('Mul', [inner, graph.float(Math.sqrt(2 / Math.PI))])]);
    return graph.op('Mul', [graph.op('Mul', [x, graph.float(0.5)]), graph.op('Add', [tanh, graph.float(1)])]);
  },
};

/** Along the last axis. */
const alongLast: Record<string, string> = { softmax: 'Softmax', logSoftmax: 'LogSoftmax' };

/** Whether it treats each cell alone, and so may be applied to a tensor whose axes lie in another order. */
export function isCellwise(name: string): boolean {
  return name === 'linear' || name in eachCell;
}

/** By its name, on a tensor of the graph as it lies. @throws NotExpressible */
export function applyNamed(call: LayerCall, name: string, x: string): string {
  const { graph } = call;
  if (name === 'linear') return x;
  const write = eachCell[name];
  if (write) return write(graph, x);
  const opType = alongLast[name];
  if (opType) return graph.op(opType, [x], { axis: -1 });
  return call.refuse(`its activation \`${name}\` is not known`);
}

/** The activation that a layer's configuration names. @throws NotExpressible */
export function activate(call: LayerCall, x: Tensor, key = 'activation'): Tensor {
  return applyActivation(call, x, call.text(key, 'linear'));
}

function applyActivation(call: LayerCall, x: Tensor, name: string): Tensor {
  const { graph } = call;
  if (name === 'linear') return x;
  if (isCellwise(name)) return graph.each(x, (tensor) => applyNamed(call, name, tensor));
  const opType = alongLast[name] ?? call.refuse(`its activation \`${name}\` is not known`);
  // With the channels on the second axis they are what is last in tfjs.
  if (x.plain === undefined) return graph.movedTensor(graph.op(opType, [x.moved!], { axis: 1 }), x.shape);
  return graph.tensor(graph.op(opType, [x.plain], { axis: -1 }), x.shape);
}

export const activationConverters: Record<string, Converter> = {
  Activation: (call) => {
    const { graph, input } = call;
    const name = call.text('activation', 'linear');
    // The layer is its activation: the node has the layer's name where one operator will do.
    const single = {
      relu: 'Relu',
      elu: 'Elu',
      selu: 'Selu',
      sigmoid: 'Sigmoid',
      softplus: 'Softplus',
      softsign: 'Softsign',
      tanh: 'Tanh',
    }[name];
    if (single) return [graph.each(input, (x) => graph.main(single, [x]))];
    if (name === 'relu6')
      return [graph.each(input, (x) => graph.main('Clip', [x, graph.float(0), graph.float(6)]))];
    if (name === 'softmax' || name === 'logSoftmax')
      return [graph.tensor(graph.main(alongLast[name]!, [graph.plain(input)], { axis: -1 }), input.shape)];
    if (name === 'linear') return [graph.each(input, (x) => graph.main('Identity', [x]))];
    return [applyActivation(call, input, name)];
  },
  ReLU: ({ graph, input, layer }) => {
    const most = layer.config['maxValue'];
    return [
      graph.each(input, (x) =>
        typeof most === 'number'
          ? graph.main('Clip', [x, graph.float(0), graph.float(most)])
          : graph.main('Relu', [x]),
      ),
    ];
  },
  LeakyReLU: (call) => [
    call.graph.each(call.input, (x) =>
      call.graph.main('LeakyRelu', [x], { alpha: { float: call.number('alpha', 0.3) } }),
    ),
  ],
  // tfjs takes no alpha but 1.
  ELU: ({ graph, input }) => [graph.each(input, (x) => graph.main('Elu', [x]))],
  ThresholdedReLU: (call) => [
    call.graph.each(call.input, (x) =>
      call.graph.main('ThresholdedRelu', [x], { alpha: { float: call.number('theta', 1) } }),
    ),
  ],
  PReLU: (call) => {
    const { graph, input } = call;
    const alpha = call.requiredWeight('alpha');
    if (alpha.shape.length !== input.shape.length - 1)
      call.refuse('it shares axes that its input does not have');
    const slope = graph.weight(alpha);
    return [graph.tensor(graph.main('PRelu', [graph.plain(input), slope]), input.shape)];
  },
  Softmax: (call) => {
    const { graph, input, layer, mask } = call;
    // tfjs's default is 1, not the last.
    const given = layer.config['axis'] ?? 1;
    const axes = Array.isArray(given) ? given.map(Number) : [Number(given)];
    let x = graph.plain(input);
    if (mask) {
      const counts = graph.op('Cast', [graph.plain(mask)], { to: 1 });
      const masked = graph.op('Sub', [graph.float(1), counts]);
      x = graph.op('Add', [x, graph.op('Mul', [masked, graph.float(-1e9)])]);
    }
    if (axes.length === 1) return [graph.tensor(graph.main('Softmax', [x], { axis: axes[0]! }), input.shape)];
    const sum = graph.op('ReduceLogSumExp', [x], { axes, keepdims: 1 });
    return [graph.tensor(graph.main('Exp', [graph.op('Sub', [x, sum])]), input.shape)];
  },
};
