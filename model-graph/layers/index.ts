/** Every layer Layerwise knows, found by factory (`conv2d`) or by class name (`Conv2D`). */
import { activationRules } from './activation';
import { setRuleLookup } from './config';
import { convolutionRules } from './convolution';
import { coreRules } from './core';
import { embeddingRules } from './embedding';
import { mergeRules } from './merge';
import { noiseRules } from './noise';
import { normalizationRules } from './normalization';
import { paddingRules } from './padding';
import { poolingRules } from './pooling';
import { preprocessingRules } from './preprocessing';
import { recurrentRules } from './recurrent';
import type { LayerRule } from './rule';
import { wrapperRules } from './wrappers';

export const layerRules: readonly LayerRule[] = [
  ...coreRules,
  ...convolutionRules,
  ...poolingRules,
  ...activationRules,
  ...noiseRules,
  ...normalizationRules,
  ...paddingRules,
  ...mergeRules,
  ...embeddingRules,
  ...recurrentRules,
  ...wrapperRules,
  ...preprocessingRules,
];

const byFactory = new Map(layerRules.flatMap((rule) => rule.factories.map((factory) => [factory, rule])));
const byClassName = new Map(layerRules.map((rule) => [rule.className, rule]));

/** The rule for a function of `tf.layers`, aliases included; undefined when there is none. */
export function ruleForFactory(name: string): LayerRule | undefined {
  return byFactory.get(name);
}

/** The rule for tfjs's class name, as model.json has it; undefined when there is none. */
export function ruleForClassName(name: string): LayerRule | undefined {
  return byClassName.get(name);
}

setRuleLookup(ruleForClassName);
