/** Layers that programs ask of `tf.layers` and that it does not have. */
import ts from 'typescript';
import { closestName } from '../../model-graph/closestName';
import type { Problem } from '../../model-graph/graph';
import { layerRules } from '../../model-graph/layers';
import type { CallSite } from './values';

const factories = layerRules.flatMap((rule) => rule.factories);

/**
 * What calling a layer that there is not throws. Where it is added to a model, that is said there; here, where its result
 * is used at once.
 */
export function problemOfMissingFactory(factory: string, { node, location }: CallSite): Problem | undefined {
  if (!ts.isPropertyAccessExpression(node.parent)) return undefined;
  // A program may put layers of its own there.
  if (new RegExp(`layers\\.${factory}\\s*=[^=]`).test(node.getSourceFile().text)) return undefined;
  const meant = closestName(factory.replace(/^convolution/, 'conv'), factories);
  const hint = meant ? `Did you mean ${meant}?` : 'Write it as a class that extends tf.layers.Layer.';
  return {
    code: 'not-a-layer',
    severity: 'error',
    stage: 'create',
    message: `TensorFlow.js has no tf.layers.${factory}: calling it throws. ${hint}`,
    location,
  };
}
