/** A model inside timeDistributed: it builds nothing and checks nothing there, and gives its outputs for one time step. */
import { costOfModel, repetitionIn } from './fromTopology';
import type { Weight } from './graph';
import type { LayerRule } from './layers/rule';
import type { Topology } from './topology';
import { type Layer, Model } from './wired';

/** No model has more, unless models in it hold each other many times over. */
const maximumWeights = 100_000;

/** What `timeDistributed` asks of the model that it wraps. Mirrors tfjs-layers engine/container.ts Container. */
export function ruleOfModel(topology: Topology, model: Model): LayerRule {
  return {
    className: model.className,
    factories: [],
    kind: 'model',
    create: () => [],
    apply(_config, inputs) {
      const weights = weightsOfModel(model);
      return {
        outputShapes: topology.outputShapesOf(model, inputs),
        weights,
        multiplyAccumulates: model.contentsLost ? null : costOfModel(model),
        window: null,
        derivation: [],
        problems: [],
        ...(model.contentsLost ? { lost: model.contentsLost } : {}),
      };
    },
  };
}

/**
 * The weights of all its layers, or null where one's are not known: the trainable ones first. Mirrors tfjs-layers
 * engine/container.ts Container.weights.
 */
export function weightsOfModel(model: Model, seen = new Map<Model, Weight[] | null>()): Weight[] | null {
  if (model.contentsLost || repetitionIn(model)) return null;
  const known = seen.get(model);
  if (known !== undefined) return known;
  seen.set(model, null); // meanwhile: a model has no end that is its own layer
  const trainable: Weight[] = [];
  const others: Weight[] = [];
  for (const layer of model.layers) {
    const own = layer instanceof Model ? weightsOfModel(layer, seen) : weightsNow(layer);
    if (own === null || trainable.length + others.length > maximumWeights) return null;
    for (const weight of own) (weight.trainable ? trainable : others).push(weight);
  }
  const weights = model.trainable ? [...trainable, ...others] : frozen([...trainable, ...others]);
  seen.set(model, weights);
  return weights;
}

/** A layer's weights, not trainable where the layer is frozen; null where they are not known. */
export function weightsNow(layer: Layer): Weight[] | null {
  if (layer.weights === null || !layer.isTrainableKnown) return null;
  return layer.trainable ? layer.weights : frozen(layer.weights);
}

function frozen(weights: readonly Weight[]): Weight[] {
  return weights.map((weight) => ({ ...weight, trainable: false }));
}
