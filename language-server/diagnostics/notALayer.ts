/**
 * # not-a-layer
 *
 * Error. What is added to a sequential model is not a layer, often because `tf.layers` has no function of that name; or such a
 * function is called and its result applied. tfjs, or JavaScript itself, throws.
 *
 * Quick fix: changes the name to the nearest one that `tf.layers` has.
 *
 * ## Wrong
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.convolution2d({ inputShape: [28, 28, 1], filters: 8, kernelSize: 3 }));
 * ```
 *
 * ## Right
 *
 * ```ts
 * const model = tf.sequential();
 * model.add(tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 8, kernelSize: 3 }));
 * ```
 */
import ts from 'typescript';
import { closestName } from '../../model-graph/closestName';
import { layerRules, ruleForFactory } from '../../model-graph/layers';
import type { DiagnosticKind } from './diagnostic';
import { factoryOf, namespaceOf, optionOf, replaceNode } from './edits';

const factories = layerRules.flatMap((rule) => rule.factories);

export const notALayer: DiagnosticKind = {
  code: 'not-a-layer',
  fixes({ call }) {
    const isMissing = namespaceOf(call)?.endsWith('layers') && !ruleForFactory(factoryOf(call));
    const list = optionOf(call, 'layers');
    const given = list && ts.isArrayLiteralExpression(list) ? [...list.elements] : [...call.arguments];
    const added = isMissing ? [call] : given;
    return added.filter(ts.isCallExpression).flatMap((made) => {
      const name = factoryOf(made);
      if (!namespaceOf(made)?.endsWith('layers') || ruleForFactory(name)) return [];
      const meant = closestName(name.replace(/^convolution/, 'conv'), factories);
      const callee = made.expression as ts.PropertyAccessExpression;
      return meant ? [{ title: `Change to ${meant}`, edits: [replaceNode(callee.name, meant)] }] : [];
    });
  },
};
