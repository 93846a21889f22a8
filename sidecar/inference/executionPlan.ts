/**
 * A tfjs model as a list of steps: which layer is called in which order on which values, nested models taken apart. With
 * it a model can be run in parts: up to a layer, or on from one.
 */
import * as tf from '@tensorflow/tfjs';
import { isTrap } from '../backends/wasmMemory';
import { SidecarError } from '../errors';
import { tfjsReason } from '../runs/checkpoint';
import { withGammaAndBeta } from './gradientsThrough';
import type { LayerDescription } from './network';

/** A value's place in the plan: every output of every call has its own. */
type ValueId = number;

interface Step {
  layer: tf.layers.Layer;
  inputs: ValueId[];
  outputs: ValueId[];
  callArguments: tf.serialization.ConfigDict;
}

/** A step, and the values that nobody needs after it. */
interface Turn {
  step: Step;
  done: ValueId[];
}

/** A value that people see as a layer's output. */
export interface NamedValue {
  name: string;
  className: string;
  value: ValueId;
  layer: tf.layers.Layer;
  /** Where its layer read from; empty for the model's input. */
  inputs: ValueId[];
}

/** A `stateful` recurrent layer starts anew with every picture, as it does with the first; in batches of any size. */
function forget(layer: tf.layers.Layer): void {
  if (!layer.stateful) return;
  (layer as unknown as { _stateful: boolean })._stateful = false;
  for (const { shape } of layer.inputSpec ?? []) if (shape) shape[0] = null;
}

const passing = new Set(['Reshape', 'Flatten', 'Dropout']);

export type Values = Map<ValueId, tf.Tensor>;

export class ExecutionPlan {
  readonly steps: Step[] = [];
  /** In the order they are computed. */
  readonly named: NamedValue[] = [];
  readonly input: ValueId;
  readonly outputs: ValueId[];
  private valueCount = 0;
  /** Pictures follow each other: the same values are wanted again. */
  private lastSchedule: { key: string; turns: Turn[] } = { key: '', turns: [] };

  constructor(model: tf.LayersModel) {
    const prefixes = new Map<tf.layers.Layer, string>();
    const insideModels = (container: tf.LayersModel, prefix: string) => {
      for (const layer of container.layers) {
        prefixes.set(layer, prefix);
        if (layer instanceof tf.LayersModel) insideModels(layer, `${prefix}${layer.name}/`);
      }
    };
    insideModels(model, '');
    const callsSeen = new Map<tf.layers.Layer, number>();
    const record = (layer: tf.layers.Layer, inputs: ValueId[], outputs: ValueId[]) => {
      const prefix = prefixes.get(layer);
      // The input that a Sequential makes for itself is none of its layers.
      if (prefix === undefined) return;
      const call = (callsSeen.get(layer) ?? 0) + 1;
      callsSeen.set(layer, call);
      for (const [i, value] of outputs.entries()) {
        const name = `${prefix}${layer.name}${call > 1 ? ` (${call})` : ''}${i > 0 ? `:${i}` : ''}`;
        this.named.push({ name, className: layer.getClassName(), value, layer, inputs });
      }
    };

    /** The container's outputs for these inputs. Symbolic tensors are followed back from the outputs, each once. */
    const planContainer = (container: tf.LayersModel, inputs: ValueId[]): ValueId[] => {
      const ids = new Map<tf.SymbolicTensor, ValueId>();
      for (const [i, symbol] of container.inputs.entries()) {
        const value = inputs[i];
        if (value === undefined) continue;
        ids.set(symbol, value);
        // A nested model's input hands on what stands before the model.
        record(symbol.sourceLayer, container === model ? [] : [value], [value]);
      }
      const resolve = (symbol: tf.SymbolicTensor): ValueId => {
        const known = ids.get(symbol);
        if (known !== undefined) return known;
        const layer = symbol.sourceLayer;
        const node = layer.inboundNodes[symbol.nodeIndex];
        if (!node) throw new Error(`layer ${layer.name} has no call ${symbol.nodeIndex}`);
        const layerInputs = node.inputTensors.map(resolve);
        if (layer instanceof tf.LayersModel) {
          const values = planContainer(layer, layerInputs);
          for (const [i, produced] of node.outputTensors.entries()) {
            const value = values[i];
            if (value !== undefined) ids.set(produced, value);
          }
        } else {
          const outputs = node.outputTensors.map((produced) => {
            const value = this.valueCount++;
            ids.set(produced, value);
            return value;
          });
          const callArguments = (node.callArgs ?? {}) as tf.serialization.ConfigDict;
          forget(layer);
          this.steps.push({ layer, inputs: layerInputs, outputs, callArguments });
          record(layer, layerInputs, outputs);
        }
        const value = ids.get(symbol);
        if (value === undefined) throw new Error(`layer ${layer.name} gave no output ${symbol.tensorIndex}`);
        return value;
      };
      return container.outputs.map(resolve);
    };
    this.input = this.valueCount++;
    this.outputs = planContainer(model, [this.input]);
  }

  /**
   * Runs the steps whose outputs are not known yet and that lead to `wanted`. Values are freed after their last use,
   * except those wanted and those given. Call within `tf.tidy`, or free what is returned.
   * @param keepAll For gradients, which need every value until the end.
   */
  execute(given: Values, wanted: Iterable<ValueId>, keepAll = false): Values {
    const targets = new Set(wanted);
    const values: Values = new Map(given);
    for (const { step, done } of this.schedule(given, targets)) {
      const inputs = step.inputs.map((value) => values.get(value)!);
      const result = keepAll
        ? withGammaAndBeta(step.layer, () => this.call(step, inputs))
        : this.call(step, inputs);
      for (const [k, output] of (Array.isArray(result) ? result : [result]).entries()) {
        const value = step.outputs[k];
        if (value !== undefined) values.set(value, output);
      }
      if (keepAll) continue;
      for (const value of done) {
        const tensor = values.get(value);
        values.delete(value);
        // A layer that changes nothing (dropout in inference) hands its input on: one tensor, two values.
        if (tensor && ![...values.values()].includes(tensor)) tensor.dispose();
      }
    }
    return new Map([...targets].map((value) => [value, values.get(value)!]));
  }

  /** @throws SidecarError with tfjs's reason: some layers can be built and not computed, as a `causal` conv1d. */
  private call({ layer, outputs, callArguments }: Step, inputs: tf.Tensor[]): tf.Tensor | tf.Tensor[] {
    const [only] = inputs;
    try {
      return layer.apply(inputs.length === 1 && only ? only : inputs, {
        ...callArguments,
        training: false,
      }) as tf.Tensor | tf.Tensor[];
    } catch (error) {
      if (error instanceof SidecarError || isTrap(error)) throw error;
      const name = this.nameOf(outputs[0]!) || layer.name;
      throw new SidecarError(
        `TensorFlow.js cannot compute the layer \`${name}\` (${layer.getClassName()}): ${tfjsReason(error)}.`,
        { next: 'Use another layer in its place.', cause: error },
      );
    }
  }

  /** The step that computes a value, behind layers that only give it another shape; undefined for the model's input. */
  sourceOf(value: ValueId): { step: Step; value: ValueId } | undefined {
    const step = this.steps.find(({ outputs }) => outputs.includes(value));
    if (step && passing.has(step.layer.getClassName())) return this.sourceOf(step.inputs[0]!);
    return step && { step, value };
  }

  /** Which values are computed from this one. */
  dependents(of: ValueId): Set<ValueId> {
    const reached = new Set([of]);
    for (const { inputs, outputs } of this.steps) {
      if (inputs.some((value) => reached.has(value))) for (const value of outputs) reached.add(value);
    }
    return reached;
  }

  /** Every value's shape, batch first, by the layers' own rules. */
  shapes(inputShape: number[]): Map<ValueId, number[]> {
    const shapes = new Map<ValueId, number[]>([[this.input, inputShape]]);
    for (const { layer, inputs, outputs } of this.steps) {
      const given = inputs.map((value) => shapes.get(value) ?? []);
      const result = layer.computeOutputShape(given.length === 1 ? given[0]! : given) as
        | number[]
        | number[][];
      const list = (Array.isArray(result[0]) ? result : [result]) as number[][];
      for (const [k, value] of outputs.entries()) shapes.set(value, list[k] ?? []);
    }
    return shapes;
  }

  describe(inputShape: number[]): LayerDescription[] {
    const shapes = this.shapes(inputShape);
    const channelsFirst = this.channelsFirst(shapes);
    return this.named.map(({ name, className, value }) => ({
      name,
      className,
      shape: (shapes.get(value) ?? []).slice(1),
      ...(channelsFirst.has(value) ? { layout: 'channelsFirst' as const } : {}),
    }));
  }

  /** The values whose channels come first: layers say so, or bring them there, and those that keep the axes hand it on. */
  private channelsFirst(shapes: ReadonlyMap<ValueId, readonly number[]>): Set<ValueId> {
    const found = new Set<ValueId>();
    for (const { layer, inputs, outputs } of this.steps) {
      const [input] = inputs;
      const [rank, rankBefore] = [outputs[0], input].map((value) => shapes.get(value ?? -1)?.length ?? 0);
      if (rank !== rankBefore || rank! < 4) continue;
      const { dataFormat, dims } = layer.getConfig();
      const before = input !== undefined && found.has(input);
      const permuted = Array.isArray(dims) ? dims.join() : '';
      const isFirst =
        typeof dataFormat === 'string'
          ? dataFormat === 'channelsFirst'
          : permuted === '3,1,2'
            ? !before
            : before && permuted !== '2,3,1';
      if (isFirst) for (const output of outputs) found.add(output);
    }
    return found;
  }

  find(name: string): NamedValue | undefined {
    return this.named.find((candidate) => candidate.name === name);
  }

  /** The name of a value that a layer reads: the layer that people see, `''` for the model's input. */
  nameOf(value: ValueId): string {
    return this.named.find((candidate) => candidate.value === value)?.name ?? '';
  }

  /** In order; steps behind a given value or not on the way to a wanted one are left out. */
  private schedule(given: Values, targets: ReadonlySet<ValueId>): Turn[] {
    const key = `${[...given.keys()]}|${[...targets]}`;
    if (this.lastSchedule.key !== key) this.lastSchedule = { key, turns: this.turns(given, targets) };
    return this.lastSchedule.turns;
  }

  private turns(given: Values, targets: ReadonlySet<ValueId>): Turn[] {
    const needed = this.stepsTowards(given, targets);
    const lastUse = new Map<ValueId, number>();
    for (const i of needed) for (const value of this.steps[i]!.inputs) lastUse.set(value, i);
    return needed.map((i) => {
      const step = this.steps[i]!;
      const seen = [...new Set([...step.inputs, ...step.outputs])];
      const isDone = (value: ValueId) =>
        !targets.has(value) && !given.has(value) && (lastUse.get(value) ?? -1) <= i;
      return { step, done: seen.filter(isDone) };
    });
  }

  private stepsTowards(given: Values, targets: ReadonlySet<ValueId>): number[] {
    const producer = new Map<ValueId, number>();
    for (const [i, { outputs }] of this.steps.entries()) for (const value of outputs) producer.set(value, i);
    const needed = new Set<number>();
    const open = [...targets];
    for (let value = open.pop(); value !== undefined; value = open.pop()) {
      if (given.has(value)) continue;
      const step = producer.get(value);
      if (step === undefined) throw new Error(`nothing computes value ${value}`);
      if (needed.has(step)) continue;
      needed.add(step);
      open.push(...this.steps[step]!.inputs);
    }
    return [...needed].sort((a, b) => a - b);
  }
}
