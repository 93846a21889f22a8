/**
 * How the layers of a model in training do: the size of their weights and of what a step changes in them, units that
 * never fire, numbers that are none. Looked at rarely enough to cost about a hundredth of the training's time.
 */
import * as tf from '@tensorflow/tfjs';
import type { LayerHealth } from '../../protocol/sidecar';
import { ExecutionPlan } from '../inference/executionPlan';

/** A look is followed by a hundred times its own duration without one. */
const restFactor = 100;
const leastRestMilliseconds = 1000;
/** The first steps are of an optimizer that knows nothing yet: their size says nothing. */
const firstStep = 20;

const manyDeadUnits = 0.5;
const hugeUpdate = 0.1;
const tinyUpdate = 1e-7;
/** A layer that changes this much less than the others has lost its gradient. */
const vanishing = 1e-4;

export interface HealthWarning {
  layer?: string;
  message: string;
}

interface WeightedLayer {
  name: string;
  layer: tf.layers.Layer;
}

export class HealthMonitor {
  private readonly plan: ExecutionPlan;
  private readonly layers: WeightedLayer[] = [];
  private before: tf.Tensor[][] | undefined;
  private nextLook = 0;
  private steps = 0;
  private readonly suspected = new Set<string>();
  private readonly warned = new Set<string>();

  constructor(model: tf.LayersModel) {
    this.plan = new ExecutionPlan(model);
    const collect = (container: tf.LayersModel, prefix: string) => {
      for (const layer of container.layers) {
        const name = `${prefix}${layer.name}`;
        if (layer instanceof tf.LayersModel) collect(layer, `${name}/`);
        else if (layer.weights.length > 0) this.layers.push({ name, layer });
      }
    };
    collect(model, '');
  }

  /** Before a step: remembers the weights when it is time for a look after it. */
  beforeStep(): void {
    if (++this.steps < firstStep || performance.now() < this.nextLook) return;
    this.before = this.layers.map(({ layer }) =>
      layer.trainableWeights.map((weight) => tf.keep(weight.read().clone())),
    );
  }

  /**
   * After the step.
   * @param examples The step's input; stays the caller's.
   * @returns Undefined when this is no time for a look.
   */
  afterStep(
    examples: tf.Tensor,
    learningRate: number,
  ): { layers: LayerHealth[]; warnings: HealthWarning[] } | undefined {
    const { before } = this;
    if (!before) return undefined;
    this.before = undefined;
    const started = performance.now();
    const activity = this.activityOf(examples);
    const layers = this.layers.map(({ name, layer }, i): LayerHealth => {
      const { weightNorm, updateRatio } = normsOf(layer, before[i] ?? []);
      const active = activity.get(layer);
      activity.delete(layer);
      return {
        layer: name,
        weightNorm: Number.isFinite(weightNorm) ? weightNorm : 0,
        ...(updateRatio !== undefined && Number.isFinite(updateRatio) ? { updateRatio } : {}),
        ...active,
        broken: !Number.isFinite(weightNorm),
      };
    });
    // ReLUs that are layers of their own have no weights.
    for (const [layer, active] of activity) {
      const { name = layer.name } = this.plan.named.find((named) => named.layer === layer) ?? {};
      layers.push({ layer: name, weightNorm: 0, ...active, broken: false });
    }
    for (const tensor of before.flat()) tensor.dispose();
    const now = performance.now();
    this.nextLook = now + Math.max((now - started) * restFactor, leastRestMilliseconds);
    return { layers, warnings: this.warningsAbout(layers, learningRate, examples.shape[0] ?? 0) };
  }

  /** The first layer with a weight that is NaN or infinite. */
  brokenLayer(): string | undefined {
    return this.layers.find(({ layer }) => !Number.isFinite(normsOf(layer, []).weightNorm))?.name;
  }

  dispose(): void {
    for (const tensor of this.before?.flat() ?? []) tensor.dispose();
    this.before = undefined;
  }

  private activityOf(examples: tf.Tensor): Map<tf.layers.Layer, Pick<LayerHealth, 'deadUnits' | 'zeros'>> {
    const rectified = this.plan.named.filter(({ layer }) => isRectified(layer));
    const result = new Map<tf.layers.Layer, Pick<LayerHealth, 'deadUnits' | 'zeros'>>();
    if (rectified.length === 0) return result;
    tf.tidy(() => {
      const values = this.plan.execute(
        new Map([[this.plan.input, examples]]),
        rectified.map(({ value }) => value),
      );
      for (const { layer, value } of rectified) {
        const output = values.get(value);
        if (!output) continue;
        const allButUnits = output.shape.map((_, axis) => axis).slice(0, -1);
        const positive = tf.cast(tf.greater(output, 0), 'float32');
        const alive = tf.mean(tf.max(positive, allButUnits)).dataSync()[0] ?? 0;
        const zeros = 1 - (tf.mean(positive).dataSync()[0] ?? 0);
        // A layer that is called several times is alive where one call is.
        const earlier = result.get(layer);
        result.set(layer, {
          deadUnits: Math.min(1 - alive, earlier?.deadUnits ?? 1),
          zeros: Math.min(zeros, earlier?.zeros ?? 1),
        });
      }
    });
    return result;
  }

  /** Each once, and only about what two looks in a row have seen. */
  private warningsAbout(layers: LayerHealth[], learningRate: number, examples: number): HealthWarning[] {
    const changing = layers
      .flatMap(({ updateRatio }) => (updateRatio === undefined ? [] : [updateRatio]))
      .sort((a, b) => a - b);
    const usual = changing[changing.length >> 1] ?? 0;
    const found = new Map<string, HealthWarning>();
    for (const { layer, deadUnits = 0, updateRatio, broken } of layers) {
      if (broken) {
        found.set(`broken ${layer}`, {
          layer,
          message: `A weight of \`${layer}\` is no longer a number: lower the learning rate (${learningRate}).`,
        });
      }
      if (deadUnits >= manyDeadUnits) {
        found.set(`dead ${layer}`, {
          layer,
          message:
            `${percent(deadUnits)} of \`${layer}\`'s units never fire: they put out 0 for each of ${examples} examples and ` +
            `no longer learn. Lower the learning rate (${learningRate}), or use a leaky ReLU.`,
        });
      }
      if (updateRatio !== undefined && updateRatio > hugeUpdate) {
        found.set(`huge ${layer}`, {
          layer,
          message: `One step changes \`${layer}\`'s weights by ${percent(updateRatio)}: lower the learning rate (${learningRate}).`,
        });
      }
      if (updateRatio !== undefined && usual > tinyUpdate && updateRatio < usual * vanishing) {
        found.set(`vanishing ${layer}`, {
          layer,
          message:
            `\`${layer}\` hardly learns: a step changes its weights ${Math.round(usual / Math.max(updateRatio, 1e-30)).toLocaleString('en-US')} times less ` +
            'than those of other layers. Its gradient vanishes on the way: use ReLU, batch normalization or fewer layers.',
        });
      }
    }
    if (changing.length > 0 && usual <= tinyUpdate) {
      found.set('standing still', {
        message: `The weights hardly change: raise the learning rate (${learningRate}).`,
      });
    }
    const certain = [...found].filter(([what]) => this.suspected.has(what) && !this.warned.has(what));
    this.suspected.clear();
    for (const what of found.keys()) this.suspected.add(what);
    for (const [what] of certain) this.warned.add(what);
    return certain.map(([, warning]) => warning);
  }
}

/** Norm of all weights, and of the change of the trainable ones as a share of their norm. */
function normsOf(layer: tf.layers.Layer, before: tf.Tensor[]): { weightNorm: number; updateRatio?: number } {
  const [all = 0, trainable = 0, change = 0] = tf.tidy(() => {
    const sumOfSquares = (tensors: tf.Tensor[]) =>
      tensors.reduce<tf.Tensor>((sum, tensor) => sum.add(tensor.square().sum()), tf.scalar(0));
    const present = layer.trainableWeights.map((weight) => weight.read());
    return tf
      .stack([
        sumOfSquares(layer.weights.map((weight) => weight.read())),
        sumOfSquares(present),
        sumOfSquares(before.map((old, i) => tf.sub(present[i] ?? old, old))),
      ])
      .dataSync();
  });
  return {
    weightNorm: Math.sqrt(all),
    ...(before.length > 0 && trainable > 0 ? { updateRatio: Math.sqrt(change / trainable) } : {}),
  };
}

/** Whether its outputs come straight out of a ReLU, so that zero means silent. */
function isRectified(layer: tf.layers.Layer): boolean {
  const className = layer.getClassName();
  if (className === 'ReLU') return true;
  const { activation } = layer.getConfig();
  return (className === 'Activation' || layer.weights.length > 0) && /^relu6?$/.test(String(activation));
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}
