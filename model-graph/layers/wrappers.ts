/** Layers around a layer. Mirrors tfjs-layers layers/wrappers.ts. */
import { type Dim, formatShape, multiply, type Shape } from '../dims';
import { type ConfigReader, formatValue, isLayerValue, known, Lost, LostSignal } from './config';
import { type Call, defineRule, globalWindow, pointwise, type WeightSpec } from './define';
import { trainableFirst } from './recurrentCells';
import { type LayerConfig, type LayerConfigValue, type LayerFacts, type LayerRule, Unknown } from './rule';

type Inner = LayerConfigValue['layer'] & { rule: LayerRule };

/** The wrapped layer, or why it is not known. */
function readInner(reader: ConfigReader, missingStage: 'create' | 'apply'): Inner | Lost {
  const value = reader.value('layer');
  if (value instanceof Unknown) return new Lost(`the wrapped layer is not known: ${value.reason}`, value.at);
  if (!isLayerValue(value)) {
    const code = value == null ? 'missing-argument' : 'invalid-argument';
    return reader.reject(
      code,
      `${reader.factory} needs \`layer\`, the layer to wrap${value == null ? '' : `, but got ${formatValue(value)}`}.`,
      missingStage,
    );
  }
  const { rule } = value.layer;
  if (!rule) return new Lost(`the wrapped layer ${value.layer.className} is not one of tfjs's own`);
  return { ...value.layer, rule };
}

/** The inner layer's facts, its problems passed on as the wrapper's own. */
function innerFacts(inner: Inner, facts: LayerFacts, call: Call): LayerFacts {
  for (const problem of facts.problems) {
    if (problem.severity === 'error' && problem.stage === 'apply') {
      call.reject(problem.code, `In ${call.factory}: ${problem.message}`);
    }
    const message = `In ${call.factory}: ${problem.message}`;
    if (!call.problems.some((one) => one.message === message)) call.problems.push({ ...problem, message });
  }
  if (facts.outputShapes === null && facts.weights === null) {
    throw new LostSignal(new Lost(facts.lost?.reason ?? `${inner.className} is lost`, facts.lost?.at));
  }
  return facts;
}

function some<T>(value: T | null, facts: LayerFacts): T {
  if (value === null) throw new LostSignal(new Lost(facts.lost?.reason ?? 'it is lost', facts.lost?.at));
  return value;
}

/** The weights of the inner layer with its own `trainable: false` taken into account. */
function innerWeights(config: LayerConfig, rule: LayerRule, facts: LayerFacts, prefix = ''): WeightSpec[] {
  const trainable = config['trainable'];
  if (trainable instanceof Unknown) {
    throw new LostSignal(new Lost(`\`trainable\` of the wrapped layer is not known: ${trainable.reason}`));
  }
  const frozen = !rule.ignoresTrainable && trainable != null && !trainable;
  return some(facts.weights, facts).map((weight) => ({
    ...weight,
    name: prefix + weight.name,
    trainable: weight.trainable && !frozen,
  }));
}

/** Mirrors TimeDistributed, which builds and calls its layer directly, past the checks of `apply`. */
const timeDistributed = defineRule<{ inner: Inner | Lost }>({
  className: 'TimeDistributed',
  readsBlindly: 'layer',
  factories: ['timeDistributed'],
  kind: 'wrapper',
  inputs: 'one',
  ignoresTrainable: true,
  read: (reader) => ({ inner: readInner(reader, 'apply') }),
  check({ inner }, call) {
    if (call.shape.length < 3) {
      call.reject(
        'rank-mismatch',
        `timeDistributed takes an input of at least 2 axes besides the batch, time first, but this one is ${formatShape(call.shape, { batch: false })}.`,
      );
    }
    if (!(inner instanceof Lost)) distributed(inner, call);
  },
  outputShapes({ inner }, call) {
    const facts = distributed(known(inner), call);
    const shapes = some(facts.outputShapes, facts);
    if (shapes.length !== 1) {
      const message = 'timeDistributed needs a layer with one output; leave `returnState` out.';
      call.failsAtPredict('output-count', message);
      throw new LostSignal(new Lost(message));
    }
    const [batch, ...sizes] = shapes[0] as [Dim, ...Dim[]];
    return [[batch, call.shape[1] as Dim, ...sizes]];
  },
  weights({ inner }, call) {
    const layer = known(inner);
    return innerWeights(layer.config, layer.rule, distributed(layer, call));
  },
  multiplyAccumulates({ inner }, call) {
    const facts = distributed(known(inner), call);
    return multiply(call.shape[1] as Dim, facts.multiplyAccumulates);
  },
  window: ({ inner }, call) =>
    distributed(known(inner), call).window?.kind === 'pointwise' ? pointwise : null,
  // A plain object, not an InputSpec: tfjs compares the sizes both have, and not how many there are.
  built: (_, shape) => ({
    axes: new Map(shape.map((dim, index): [number, Dim] => [index, dim])),
  }),
});

function distributed(inner: Inner, call: Call): LayerFacts {
  const step = (shape: Shape): Shape => [shape[0] as Dim, ...shape.slice(2)];
  const first = call.builtOn?.[0];
  const options = { checkRank: false, ...(first ? { builtOn: [step(first)] } : {}) };
  const { applyInside, apply } = inner.rule;
  const inputs = [step(call.shape)];
  const facts = applyInside ? applyInside(inner.config, inputs, options) : apply(inner.config, inputs);
  return innerFacts(inner, facts, call);
}

type MergeMode = 'sum' | 'mul' | 'concat' | 'ave' | null;

interface BidirectionalOptions {
  inner: Inner | Lost;
  mergeMode: MergeMode | Lost;
}

/** Mirrors Bidirectional. */
const bidirectional = defineRule<BidirectionalOptions>({
  className: 'Bidirectional',
  factories: ['bidirectional'],
  kind: 'wrapper',
  inputs: 'rnn',
  ignoresTrainable: true,
  read(reader) {
    const wrapped = readInner(reader, 'create');
    // It makes each direction from the configuration, and what comes of a model's is not followed.
    const isModel = !(wrapped instanceof Lost) && wrapped.rule.kind === 'model';
    const inner = isModel ? new Lost('a model inside bidirectional is not followed') : wrapped;
    const mode = reader.value('mergeMode');
    const weights = reader.value('weights');
    // The constructor makes both directions from one configuration, which these classes change as they read it.
    if (!(inner instanceof Lost) && (inner.className === 'RNN' || inner.rule.kind === 'wrapper')) {
      reader.error(
        'not-implemented',
        `tfjs cannot copy a ${inner.className} layer for the way back, so bidirectional throws. Wrap simpleRNN, gru, lstm or convLstm2d instead.`,
      );
    }
    if (weights && !(weights instanceof Unknown)) {
      reader.error(
        'not-implemented',
        'tfjs does not support `weights` of bidirectional yet. Use setWeights.',
      );
    }
    return {
      inner,
      // Only null asks for separate outputs; tfjs defaults nothing but undefined.
      mergeMode:
        mode === null
          ? null
          : reader.choice<'sum' | 'mul' | 'concat' | 'ave'>(
              'mergeMode',
              ['sum', 'mul', 'concat', 'ave'],
              'concat',
            ),
    };
  },
  check({ inner }, call) {
    const states = call.inputs.slice(1);
    if (states.length % 2 > 0) {
      call.reject(
        'input-count',
        `bidirectional needs as many initial states for the way back as for the way forth, but is given ${states.length}.`,
      );
    }
    if (!(inner instanceof Lost)) direction(inner, call);
  },
  outputShapes({ inner, mergeMode }, call) {
    const facts = direction(known(inner), call);
    const [first, ...states] = some(facts.outputShapes, facts) as [Shape, ...Shape[]];
    const mode = known(mergeMode);
    const output = [...first];
    if (mode === 'concat') {
      // tfjs doubles the last axis whatever it is, and null doubled is 0 in JavaScript.
      output[output.length - 1] = multiply(output.at(-1) ?? 0, 2);
    }
    const outputs = mode === null ? [output, [...output]] : [output];
    return [...outputs, ...states, ...states.map((state) => [...state])];
  },
  weights({ inner }, call) {
    const layer = known(inner);
    const facts = direction(layer, call);
    return trainableFirst([
      ...innerWeights(layer.config, layer.rule, facts, `forward_${layer.name}/`),
      ...innerWeights(layer.config, layer.rule, facts, `backward_${layer.name}/`),
    ]);
  },
  multiplyAccumulates: ({ inner }, call) => multiply(direction(known(inner), call).multiplyAccumulates, 2),
  window: ({ inner }) => (known(inner).rule.kind === 'recurrent' ? globalWindow : null),
});

function direction(inner: Inner, call: Call): LayerFacts {
  const { name: _, ...config } = inner.config;
  const first = call.builtOn?.[0];
  if (first && inner.rule.applyInside) {
    // Both directions are built already: only their shapes are asked for.
    const options = { builtOn: [first], checkRank: true };
    return innerFacts(inner, inner.rule.applyInside(config, [call.shape], options), call);
  }
  const states = call.inputs.slice(1);
  const forward = [call.shape, ...states.slice(0, states.length / 2)];
  const backward = [call.shape, ...states.slice(states.length / 2)];
  if (states.length > 0) innerFacts(inner, inner.rule.apply(config, backward), call);
  return innerFacts(inner, inner.rule.apply(config, forward), call);
}

export const wrapperRules: LayerRule[] = [timeDistributed, bidirectional];
