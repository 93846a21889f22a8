/**
 * Grad-CAM (Selvaraju et al., 2017, https://arxiv.org/abs/1610.02391): a layer's maps, each weighted by the mean of the
 * class score's gradient over it, added up; what speaks against the class is left out.
 */
import * as tf from '@tensorflow/tfjs';
import type { AttributionParams } from '../../protocol/sidecar';
import { SidecarError } from '../errors';
import type { NamedValue } from './executionPlan';
import type { LayerDescription } from './network';
import { ClassScores, gradientError, requireGradients } from './scores';
import type { Session } from './sessions';
import type { TfjsNetwork } from './tfjsNetwork';

export interface AttributionMap {
  layer?: string;
  height: number;
  width: number;
  values: Float32Array;
  score: number;
  note: string;
  completeness?: { sum: number; difference: number };
}

export async function gradCam(session: Session, params: AttributionParams): Promise<AttributionMap> {
  const network = requireGradients(session.network, 'Grad-CAM');
  const scores = new ClassScores(network);
  const layer = params.layer === undefined ? lastMaps(network, scores) : mapsOf(network, params.layer);
  scores.requireOnTheWay(layer);
  const { plan } = network;
  const input = tf.tensor(session.values, network.inputShape(1));
  let results: tf.Tensor[] = [];
  try {
    results = tf.tidy(() => {
      const given = new Map([[plan.input, input]]);
      const maps = plan.execute(given, [layer.value]).get(layer.value)!;
      const scoreOf = (value: tf.Tensor) =>
        scores.ofClass(new Map([...given, [layer.value, value]]), params.classIndex).sum();
      const { grad, value } = tf.valueAndGrad(scoreOf)(maps);
      const isFirst = network.layoutOf(layer.name) === 'channelsFirst';
      const weights = grad.mean(isFirst ? [2, 3] : [1, 2], true);
      return [
        maps
          .mul(weights)
          .sum(isFirst ? 1 : -1)
          .relu()
          .squeeze([0]),
        value,
      ];
    });
    const [map, score] = results as [tf.Tensor, tf.Tensor];
    return {
      layer: layer.name,
      height: map.shape[0]!,
      width: map.shape[1]!,
      values: Float32Array.from(await map.data()),
      score: (await score.data())[0] ?? Number.NaN,
      note: `Grad-CAM at ${layer.name}: its ${countMaps(network, layer.name)} maps weighted by the gradient of the class's score${scores.isBare ? ' before the softmax' : ''}.`,
    };
  } catch (error) {
    if (error instanceof SidecarError) throw error;
    throw gradientError(error);
  } finally {
    tf.dispose([input, ...results]);
  }
}

function countMaps({ layers }: TfjsNetwork, name: string): number | undefined {
  const { shape, layout } = layers.find((layer) => layer.name === name)!;
  return shape.at(layout === 'channelsFirst' ? 0 : -1);
}

function isMaps({ shape, layout }: LayerDescription): boolean {
  const [rows = 0, columns = 0] = layout === 'channelsFirst' ? shape.slice(1) : shape;
  return shape.length === 3 && rows * columns > 1;
}

/** The last layer that still puts out maps of more than one cell, and from which the scores follow. */
function lastMaps(network: TfjsNetwork, scores: ClassScores): NamedValue {
  for (const [i, layer] of [...network.plan.named.entries()].reverse()) {
    if (layer.className === 'InputLayer' || !isMaps(network.layers[i]!)) continue;
    if (network.plan.dependents(layer.value).has(scores.value)) return layer;
  }
  throw new SidecarError(`The model \`${network.name}\` has no layer that puts out maps.`, {
    next: 'Use integrated gradients or occlusion.',
  });
}

function mapsOf(network: TfjsNetwork, name: string): NamedValue {
  const layer = network.plan.find(name);
  if (!layer) throw new SidecarError(`The model \`${network.name}\` has no layer \`${name}\`.`);
  const description = network.layers[network.plan.named.indexOf(layer)]!;
  if (isMaps(description)) return layer;
  throw new SidecarError(`\`${name}\` puts out [${description.shape.join(', ')}], which are no maps.`, {
    next: 'Choose a convolution or pooling layer.',
  });
}
