/**
 * Random layers against tfjs itself: the same configurations rejected, the same shapes, the same weights. Nothing is
 * computed but in the cases chosen for `predict`, which check what is said to fail only when data comes.
 *
 * LAYERWISE_DIFFERENTIAL_CASES sets the number of cases, LAYERWISE_DIFFERENTIAL_SEED the seed.
 */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { product, type Quantity, type Shape, sum } from '../../model-graph/dims';
import { layerRules, ruleForFactory } from '../../model-graph/layers';
import type { ConfigValue, LayerConfig, LayerFacts, LayerRule } from '../../model-graph/layers/rule';
import {
  type CaseConfig,
  type CaseValue,
  type LayerCase,
  makeCase,
  makers,
  type NestedLayer,
  type PlainShape,
  Random,
  showConfig,
} from './layerCases';

const caseCount = Number(process.env['LAYERWISE_DIFFERENTIAL_CASES'] ?? 20000);
const seed = Number(process.env['LAYERWISE_DIFFERENTIAL_SEED'] ?? 20240607);

type Layer = tf.layers.Layer;
type LayerNamespace = Record<string, (config: unknown) => Layer>;

interface TfjsWeight {
  name: string;
  shape: PlainShape;
  trainable: boolean;
}

interface Observed {
  shapes: PlainShape[];
  weights: TfjsWeight[];
}

function isNested(value: CaseValue): value is NestedLayer {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && '$layer' in value;
}

/** The configuration twice: with tfjs's own layers inside, and as the analysis hands it to a rule. */
function bothConfigs(config: CaseConfig): { forTfjs: Record<string, unknown>; forRule: LayerConfig } {
  const forTfjs: Record<string, unknown> = {};
  const forRule: LayerConfig = {};
  for (const [key, value] of Object.entries(config)) {
    const [tfjsValue, ruleValue] = bothValues(value);
    forTfjs[key] = tfjsValue;
    forRule[key] = ruleValue;
  }
  return { forTfjs, forRule };
}

function bothValues(value: CaseValue): [unknown, ConfigValue] {
  if (isNested(value)) {
    const inner = bothConfigs(value.config);
    const layer = (tf.layers as unknown as LayerNamespace)[value.$layer]!(inner.forTfjs);
    const rule = ruleForFactory(value.$layer) as LayerRule;
    return [layer, { layer: { className: rule.className, name: layer.name, config: inner.forRule, rule } }];
  }
  if (Array.isArray(value)) {
    const pairs = value.map(bothValues);
    return [pairs.map(([left]) => left), pairs.map(([, right]) => right)];
  }
  if (typeof value === 'object' && value !== null) {
    const inner = bothConfigs(value);
    return [inner.forTfjs, inner.forRule];
  }
  return [value, value];
}

function plain(shape: readonly unknown[]): PlainShape {
  return shape.map((dim) => (typeof dim === 'number' ? dim : null));
}

function applyInTfjs(layer: Layer, inputs: PlainShape[]): Observed {
  if (inputs.length === 0) {
    return {
      shapes: [plain((layer as unknown as { batchInputShape: unknown[] }).batchInputShape)],
      weights: [],
    };
  }
  const tensors = inputs.map((batchShape) => tf.input({ batchShape: [...batchShape] as number[] }));
  const output = layer.apply(tensors.length === 1 ? (tensors[0] as tf.SymbolicTensor) : tensors);
  const outputs = (Array.isArray(output) ? output : [output]) as tf.SymbolicTensor[];
  const trainable = new Set(layer.trainableWeights);
  return {
    shapes: outputs.map((tensor) => plain(tensor.shape)),
    weights: layer.weights.map((weight) => ({
      name: (weight as unknown as { originalName: string }).originalName.replace(`${layer.name}/`, ''),
      shape: plain(weight.shape),
      trainable: trainable.has(weight),
    })),
  };
}

/** What tfjs throws, or null; a missing layer method is a throw like any other. */
function thrown(run: () => void): string | null {
  try {
    run();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

const errorsOf = (facts: { problems: LayerFacts['problems'] }, stage: string) =>
  facts.problems.filter((problem) => problem.severity === 'error' && problem.stage === stage);

function program(layerCase: LayerCase): string {
  const apply = (inputs: PlainShape[]) => {
    const texts = inputs.map((shape) => `tf.input({batchShape: ${JSON.stringify(shape)}})`);
    return `layer.apply(${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`});`;
  };
  return [
    "const tf = require('@tensorflow/tfjs');",
    `const layer = tf.layers.${layerCase.factory}(${showConfig(layerCase.config)});`,
    ...(layerCase.inputs.length > 0 ? [apply(layerCase.inputs)] : []),
    ...(layerCase.again ? [apply(layerCase.again)] : []),
  ].join('\n');
}

/** Null when tfjs and the rule agree, else what they disagree about. */
function compare(layerCase: LayerCase, tally: Record<string, number>, random: Random): string | null {
  const rule = ruleForFactory(layerCase.factory);
  if (!rule) return 'there is no rule';
  const { forTfjs, forRule } = bothConfigs(layerCase.config);
  const copyForRule = { ...forRule };
  let layer: Layer | null = null;
  const createError = thrown(() => {
    layer = (tf.layers as unknown as LayerNamespace)[layerCase.factory]!(forTfjs);
  });
  const created = rule.create(copyForRule);
  const createProblems = created.filter((problem) => problem.severity === 'error');
  const accepted = createError === null && layer !== null;
  if (accepted !== (createProblems.length === 0)) {
    return `create: tfjs ${createError ?? 'accepts'}; rule ${createProblems.map((p) => p.message).join('; ') || 'accepts'}`;
  }
  if (!accepted) {
    tally['rejected at create'] = (tally['rejected at create'] ?? 0) + 1;
    return null;
  }
  const first = compareApplication(layer!, rule, copyForRule, layerCase.inputs, undefined, tally);
  if (first.disagreement !== null || first.facts === null) return first.disagreement;
  if (layerCase.again) {
    const second = compareApplication(layer!, rule, copyForRule, layerCase.again, layerCase.inputs, tally);
    return second.disagreement === null ? null : `second application: ${second.disagreement}`;
  }
  if (layerCase.inputs.length === 0 || !random.chance(0.3)) return null;
  return comparePrediction(layerCase, layer!, first.facts, created.length > 0, tally);
}

function compareApplication(
  layer: Layer,
  rule: LayerRule,
  config: LayerConfig,
  inputs: PlainShape[],
  builtOn: PlainShape[] | undefined,
  tally: Record<string, number>,
): { disagreement: string | null; facts: LayerFacts | null } {
  let observed: Observed | null = null;
  const applyError = thrown(() => {
    observed = applyInTfjs(layer, inputs);
  });
  const facts = rule.apply(config, inputs, builtOn);
  const problems = errorsOf(facts, 'apply');
  if ((applyError === null) !== (problems.length === 0)) {
    return {
      disagreement: `apply: tfjs ${applyError ?? 'accepts'}; rule ${problems.map((p) => p.message).join('; ') || 'accepts'}`,
      facts: null,
    };
  }
  if (applyError !== null) {
    tally['rejected at apply'] = (tally['rejected at apply'] ?? 0) + 1;
    return { disagreement: null, facts: null };
  }
  tally['accepted'] = (tally['accepted'] ?? 0) + 1;
  const { shapes, weights } = observed as unknown as Observed;
  if (facts.outputShapes === null || facts.weights === null) {
    tally['lost'] = (tally['lost'] ?? 0) + 1;
    // With every value known, a fact may be lost only where tfjs itself is about to fail, and a problem says so.
    if (facts.problems.length === 0) {
      return { disagreement: `lost without need: ${facts.lost?.reason}`, facts };
    }
    return { disagreement: null, facts };
  }
  const frozen = 'trainable' in config && config['trainable'] === false && !rule.ignoresTrainable;
  const expected = facts.weights.map((weight) => ({
    name: weight.name,
    shape: plain(weight.shape),
    trainable: weight.trainable && !frozen,
  }));
  const outputs = facts.outputShapes.map(plain);
  if (JSON.stringify(outputs) !== JSON.stringify(shapes)) {
    return {
      disagreement: `output shapes: tfjs ${JSON.stringify(shapes)}; rule ${JSON.stringify(outputs)}`,
      facts,
    };
  }
  // A second application does not build again: the weights stay those of the first.
  if (!builtOn && JSON.stringify(expected) !== JSON.stringify(weights)) {
    return {
      disagreement: `weights: tfjs ${JSON.stringify(weights)}; rule ${JSON.stringify(expected)}`,
      facts,
    };
  }
  if (!builtOn) {
    const params = sum(facts.weights.map((weight) => product(weight.shape as Quantity[])));
    if (params !== layer.countParams()) {
      return { disagreement: `parameters: tfjs ${layer.countParams()}; rule ${params}`, facts };
    }
  }
  if (Number.isNaN(facts.multiplyAccumulates)) {
    return { disagreement: 'multiply-accumulates are NaN', facts };
  }
  return { disagreement: null, facts };
}

/** Runs the layer on zeros: what is said to fail then must fail, and nothing else; the shape must be what was said. */
function comparePrediction(
  layerCase: LayerCase,
  layer: Layer,
  facts: LayerFacts,
  warnedAtCreate: boolean,
  tally: Record<string, number>,
): string | null {
  if (layerCase.inputs.some((shape) => shape.some((dim) => dim !== null && dim <= 0))) return null;
  // Which sizes go together, and whether they are large enough, only the data tell.
  const open = layerCase.inputs.some((shape) => shape.slice(1).includes(null));
  const batches = new Set(layerCase.inputs.map((shape) => shape[0]));
  if (open || batches.size > 1) return null;
  // Some of tfjs's kernels never return from a stride of 0.
  if (facts.problems.some((problem) => problem.code === 'invalid-argument')) return null;
  const warned = warnedAtCreate || facts.problems.length > 0;
  const concrete = layerCase.inputs.map((shape) => shape.map((dim) => dim ?? 2));
  let shapes: PlainShape[] = [];
  const error = thrown(() => {
    tf.tidy(() => {
      const tensors = concrete.map((shape) => tf.zeros(shape));
      const output = layer.apply(tensors.length === 1 ? tensors[0]! : tensors);
      shapes = (Array.isArray(output) ? output : [output]).map((tensor) => [...(tensor as tf.Tensor).shape]);
    });
  });
  const expected = errorsOf(facts, 'predict');
  tally['predicted'] = (tally['predicted'] ?? 0) + 1;
  if (error !== null && !warned) return `predict: tfjs throws ${error}; rule says nothing`;
  const agrees = facts.outputShapes?.every((shape, index) => fits(shape, shapes[index])) ?? false;
  const sound = shapes.every((shape) => shape.every((dim) => Number.isInteger(dim)));
  if (error === null && expected.length > 0 && sound && (agrees || facts.outputShapes === null)) {
    return `predict: tfjs computes ${JSON.stringify(shapes)}; rule ${expected.map((p) => p.message).join('; ')}`;
  }
  if (error !== null || warned || facts.outputShapes === null) return null;
  return agrees
    ? null
    : `predict: tfjs computes ${JSON.stringify(shapes)}; rule ${JSON.stringify(facts.outputShapes)}`;
}

function fits(shape: Shape, actual: PlainShape | undefined): boolean {
  return (
    actual !== undefined &&
    shape.length === actual.length &&
    shape.every((dim, axis) => dim === null || dim === actual[axis])
  );
}

describe('layer rules against tfjs', function () {
  this.timeout(0);

  before(async () => {
    await tf.setBackend('cpu');
    await tf.ready();
  });

  it('has a case for every factory of tf.layers, and a rule for every case', () => {
    const classes = ['Layer', 'RNN', 'RNNCell', 'input'];
    const factories = Object.keys(tf.layers).filter((name) => !classes.includes(name));
    assert.deepEqual(
      factories.filter((name) => !(name in makers)),
      [],
    );
    assert.deepEqual(
      factories.filter((name) => !ruleForFactory(name)),
      [],
    );
    const known = new Set([...factories, 'input']);
    assert.deepEqual(
      layerRules.flatMap((rule) => rule.factories).filter((name) => !known.has(name)),
      [],
    );
  });

  it(`agrees in ${caseCount} random cases (seed ${seed})`, () => {
    const random = new Random(seed);
    const tally: Record<string, number> = {};
    const disagreements: string[] = [];
    const warn = console.warn;
    console.warn = () => {};
    try {
      for (let index = 0; index < caseCount && disagreements.length < 25; index++) {
        const layerCase = makeCase(random);
        tf.engine().startScope();
        let disagreement: string | null;
        try {
          disagreement = compare(layerCase, tally, random);
        } catch (error) {
          disagreement = `the comparison failed: ${(error as Error).stack}`;
        } finally {
          tf.engine().endScope();
          tf.disposeVariables();
        }
        if (disagreement !== null) {
          disagreements.push(`case ${index}: ${disagreement}\n${program(layerCase)}`);
        }
      }
    } finally {
      console.warn = warn;
    }
    console.log(`      ${JSON.stringify(tally)}`);
    assert.equal(disagreements.length, 0, `\n\n${disagreements.join('\n\n')}\n`);
    assert.ok((tally['lost'] ?? 0) <= caseCount * 0.03, 'too much is lost');
  });
});
