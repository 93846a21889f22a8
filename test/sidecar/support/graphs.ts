/** Wire graphs written by hand: what the analysis of such a source gives, as far as the sidecar reads it. */
import type { WireLayerNode, WireModelGraph } from '../../../protocol/modelGraph';

type Config = Record<string, unknown>;

export function layerNode(
  className: string,
  name: string,
  config: Config = {},
  inbound: string[] = [],
): WireLayerNode {
  return {
    id: name,
    name,
    className,
    kind: className === 'InputLayer' ? 'input' : 'dense',
    config,
    calls: [
      {
        inbound: inbound.map((layer) => ({ layer, call: 0, output: 0 })),
        inputShapes: [],
        outputShapes: [],
        multiplyAccumulates: null,
        activationBytes: null,
        receptiveField: null,
        derivation: [],
      },
    ],
    weights: [],
    params: null,
    trainableParams: null,
    trainable: true,
    verdict: { kind: 'exact' },
    groups: [],
  };
}

function graph(kind: WireModelGraph['kind'], name: string, layers: WireLayerNode[]): WireModelGraph {
  return {
    id: name,
    name,
    kind,
    inputs: [],
    outputs: [],
    inputShapes: [],
    outputShapes: [],
    layers,
    totals: {
      params: null,
      trainableParams: null,
      nonTrainableParams: null,
      multiplyAccumulates: null,
      activationBytes: null,
    },
    verdict: { kind: 'exact' },
  };
}

/** A sequential model of `[className, config]` pairs; layers are named `layer1` onwards. */
export function sequential(name: string, layers: [string, Config][]): WireModelGraph {
  return graph(
    'sequential',
    name,
    layers.map(([className, config], i) => layerNode(className, `layer${i + 1}`, config)),
  );
}

/** A functional model with one input and one output: the first and the last of `layers`. */
export function functional(name: string, layers: WireLayerNode[]): WireModelGraph {
  const end = (layer: WireLayerNode | undefined) => [{ layer: layer?.id ?? '', call: 0, output: 0 }];
  return { ...graph('functional', name, layers), inputs: end(layers[0]), outputs: end(layers.at(-1)) };
}

/** `examples/lenet5.ts`. */
export function lenet5(): WireModelGraph {
  return {
    ...sequential('lenet5', [
      ['Conv2D', { inputShape: [32, 32, 1], filters: 6, kernelSize: 5, activation: 'tanh' }],
      ['AveragePooling2D', { poolSize: 2, strides: 2 }],
      ['Conv2D', { filters: 16, kernelSize: 5, activation: 'tanh' }],
      ['AveragePooling2D', { poolSize: 2, strides: 2 }],
      ['Conv2D', { filters: 120, kernelSize: 5, activation: 'tanh' }],
      ['Flatten', {}],
      ['Dense', { units: 84, activation: 'tanh' }],
      ['Dense', { units: 10, activation: 'softmax' }],
    ]),
    compile: {
      optimizer: { className: 'Adam', config: { learningRate: 0.001 } },
      loss: 'categoricalCrossentropy',
      metrics: ['accuracy'],
    },
  };
}
