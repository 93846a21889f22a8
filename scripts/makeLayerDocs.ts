/**
 * Writes docs/layers.md: what Layerwise knows of each layer of TensorFlow.js, asked from the rules themselves with the
 * configurations that the differential test makes.
 * Usage: npx tsx scripts/makeLayerDocs.ts
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { formatShape } from '../model-graph/dims';
import { layerRules, ruleForFactory } from '../model-graph/layers';
import type { ConfigValue, LayerConfig, LayerFacts } from '../model-graph/layers/rule';
import {
  type CaseValue,
  makers,
  type NestedLayer,
  Random,
  showConfig,
} from '../test/differential/layerCases';

export const layerDocs = path.resolve(__dirname, '../docs/layers.md');

const casesPerLayer = 80;

export function makeLayerDocs(): string {
  const rows = [...layerRules]
    .filter((rule) => rule.factories.length > 0)
    .sort((left, right) => (left.factories[0]! < right.factories[0]! ? -1 : 1))
    .map((rule) => {
      const known = knowledgeOf(rule.factories[0]!);
      return [
        rule.factories.map((factory) => `\`${factory}\``).join(', '),
        rule.className,
        rule.kind,
        known.weights.map((name) => `\`${name}\``).join(', ') || '–',
        known.counts ? 'yes' : '–',
        known.windows.join(', ') || '–',
        known.example,
      ];
    });
  const header = ['tf.layers', 'class', 'kind', 'weights', 'multiply-accumulates', 'sees', 'for example'];
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return `# Layers

What Layerwise knows of each of the ${rows.length} layers that \`tf.layers\` of TensorFlow.js 4.22 makes: output shapes, weights with names,
shapes and whether they are trained, what is rejected and when. A test compares every one with TensorFlow.js itself on
random configurations. *Sees* is what one output cell sees of the input: a window, its own cell, or all of it; the
receptive field is composed from it. This page is made from the rules; a test fails when it is out of date.

${line(header)}
${line(header.map(() => ':--'))}
${rows.map(line).join('\n')}
`;
}

interface Knowledge {
  weights: string[];
  counts: boolean;
  windows: string[];
  example: string;
}

/** What the rule says over some valid configurations. */
function knowledgeOf(factory: string): Knowledge {
  const rule = ruleForFactory(factory)!;
  const random = new Random(1998);
  const weights = new Set<string>();
  const windows = new Set<string>();
  let counts = false;
  let example = '';
  for (let n = 0; n < casesPerLayer; n++) {
    const { config, inputs } = makers[factory]!(random);
    const forRule = toConfig(config) as LayerConfig;
    if (rule.create(forRule).length > 0) continue;
    const facts: LayerFacts = rule.apply(forRule, inputs);
    const isRejected = facts.problems.some(({ severity }) => severity === 'error');
    if (isRejected || !facts.outputShapes || !facts.weights) continue;
    for (const weight of facts.weights) weights.add(weight.name);
    if (facts.window)
      windows.add(
        facts.window.kind === 'window' || facts.window.kind === 'stretch'
          ? 'window'
          : facts.window.kind === 'global'
            ? 'all'
            : 'its cell',
      );
    counts ||= facts.multiplyAccumulates !== 0 && facts.multiplyAccumulates !== null;
    const text = `\`${showConfig(config)}\`: ${inputs.map((shape) => formatShape(shape, { batch: false })).join(', ')} → ${facts.outputShapes.map((shape) => formatShape(shape, { batch: false })).join(', ')}`;
    // The longest that still fits shows most.
    const isClear =
      facts.problems.length === 0 && !/[?−]|channelsFirst|null|causal/.test(text) && text.length <= 80;
    if (isClear && text.length > example.length) example = text;
  }
  return {
    weights: [...weights].sort(),
    counts,
    windows: [...windows].sort(),
    example: example.replaceAll('|', '\\|'),
  };
}

function toConfig(value: CaseValue): ConfigValue {
  if (Array.isArray(value)) return value.map(toConfig);
  if (typeof value !== 'object' || value === null) return value;
  if ('$layer' in value) {
    const nested = value as NestedLayer;
    const rule = ruleForFactory(nested.$layer)!;
    return {
      layer: {
        className: rule.className,
        name: 'inner',
        config: toConfig(nested.config) as LayerConfig,
        rule,
      },
    };
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toConfig(item)]));
}

if (require.main === module) writeFileSync(layerDocs, makeLayerDocs());
