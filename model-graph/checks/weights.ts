/**
 * Weights that will not load: what `setWeights` of a layer or a model throws for tensors whose shapes are known, and what
 * `tf.loadLayersModel` throws for a file whose weights have other shapes than its own topology makes. Mirrors
 * tfjs-layers engine/topology.ts setWeights and engine/container.ts loadWeights.
 *
 * Only numbers are compared with numbers: a size that is open, symbolic or lost fits anything.
 */
import { z } from 'zod/mini';
import { formatBatchShape } from '../batchShape';
import type { Shape } from '../dims';
import type { Problem, SourceLocation } from '../graph';
import { type Layer, Model } from '../wired';
import { weightsOfModel } from '../wrappedModel';
import type { GivenData } from './fit';

export interface SetWeightsCall {
  layer: Layer;
  weights: GivenData;
  location: SourceLocation;
  /** The way through the program that leads here took no side of a condition that is not known. */
  certain: boolean;
}

export function checkSetWeights({ layer, weights, location, certain }: SetWeightsCall): Problem[] {
  const isModel = layer instanceof Model;
  const wanted = isModel ? weightsOfModel(layer) : layer.weights;
  if (!certain || !wanted || !weights?.isList) return [];
  const what = `${isModel ? 'Model' : 'Layer'} "${(isModel && layer.label) || layer.name}"`;
  const related = layer.location
    ? [
        {
          message: `the ${isModel ? 'model' : 'layer'}'s weights: ${wanted.map(({ name, shape }) => `${name} ${formatBatchShape(shape)}`).join(', ') || 'none'}`,
          location: layer.location,
        },
      ]
    : undefined;
  const given = weights.tensors;
  if (given.length !== wanted.length) {
    return [
      mismatch(`${what} has ${wanted.length} weights, but is given ${given.length}.`, location, related),
    ];
  }
  const wrong = wanted.findIndex(({ shape }, index) => differs(shape, given[index]!.shape));
  if (wrong < 0) return [];
  const { name, shape } = wanted[wrong]!;
  return [
    mismatch(
      `Weight ${isModel ? `${wrong + 1}, ` : ''}"${name}" of ${what.replace(/^./, (letter) => letter.toLowerCase())} is ${formatBatchShape(shape)}, but is given ${formatBatchShape(given[wrong]!.shape!)}.`,
      location,
      related,
    ),
  ];
}

const manifestSchema = z.object({
  weightsManifest: z.array(
    z.object({ weights: z.array(z.object({ name: z.string(), shape: z.array(z.number()) })) }),
  ),
});

/** `text` is the model.json that `model` was read from. */
export function checkManifest(text: string, model: Model, location: SourceLocation): Problem[] {
  const manifest = manifestSchema.safeParse(JSON.parse(text));
  if (!manifest.success) return [];
  const layers = new Map(model.layers.map((layer) => [layer.name, layer]));
  for (const { name, shape } of manifest.data.weightsManifest.flatMap(({ weights }) => weights)) {
    const [layerName = '', weightName = '', ...deeper] = name.split('/');
    if (deeper.length > 0) continue; // inside a nested model or a wrapper
    const made = layers.get(layerName)?.weights?.find((weight) => weight.name === weightName);
    if (!made || !differs(made.shape, shape)) continue;
    return [
      mismatch(
        `The file's weight "${name}" is ${formatBatchShape(shape)}, but its own topology makes it ${formatBatchShape(made.shape)}: the model does not load. Save it again.`,
        location,
      ),
    ];
  }
  return [];
}

function mismatch(message: string, location: SourceLocation, related?: Problem['related']): Problem {
  return { code: 'weights-mismatch', severity: 'error', stage: 'apply', message, location, related };
}

function differs(wanted: Shape, given: Shape | null): boolean {
  if (given === null) return false;
  if (wanted.length !== given.length) return true;
  return wanted.some((dim, axis) => {
    const other = given[axis];
    return typeof dim === 'number' && typeof other === 'number' && dim !== other;
  });
}
