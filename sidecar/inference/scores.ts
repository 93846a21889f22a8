/**
 * Class scores as gradients need them: before the softmax. Behind it, a confident network's gradients vanish, and raising
 * one class means lowering another.
 */
import * as tf from '@tensorflow/tfjs';
import { SidecarError } from '../errors';
import type { NamedValue, Values } from './executionPlan';
import type { Network } from './network';
import { TfjsNetwork } from './tfjsNetwork';

/** @throws SidecarError for networks whose gradients cannot be computed. */
export function requireGradients(network: Network, what: string): TfjsNetwork {
  if (network instanceof TfjsNetwork) return network;
  throw new SidecarError(
    `${what} needs gradients, which ${network.runtime ?? 'this runtime'} does not compute.`,
    { next: 'Use occlusion, which works for every model.' },
  );
}

export class ClassScores {
  /** The value in the plan that holds the scores. */
  readonly value: number;
  /** The layer whose own softmax or sigmoid must be left off to get them. */
  private readonly ending?: tf.layers.Layer;

  constructor(private readonly network: TfjsNetwork) {
    this.value = network.outputValue;
    const source = network.plan.sourceOf(network.outputValue);
    if (!source || !['softmax', 'sigmoid'].includes(network.lastActivation)) return;
    const { layer, inputs } = source.step;
    if (['Softmax', 'Activation'].includes(layer.getClassName())) this.value = inputs[0]!;
    // Recurrent layers have theirs in their cell, step by step.
    else if ('activation' in layer) [this.value, this.ending] = [source.value, layer];
  }

  /** True when the scores shown are not the model's outputs but what its softmax or sigmoid gets. */
  get isBare(): boolean {
    return this.ending !== undefined || this.value !== this.network.outputValue;
  }

  /** The scores [batch, classes] that follow from the given values. Within `tf.tidy` or a gradient. */
  from(given: Values): tf.Tensor2D {
    const scores = this.withoutEnding(() =>
      this.network.plan.execute(given, [this.value], true).get(this.value),
    ) as tf.Tensor;
    return scores.reshape([scores.shape[0] ?? 1, -1]);
  }

  /** One class's score for each example [batch]. */
  ofClass(given: Values, classIndex: number): tf.Tensor1D {
    const scores = this.from(given);
    return scores.slice([0, classIndex], [-1, 1]).reshape([-1]);
  }

  /** @throws SidecarError when the layer's output does not lead to the scores. */
  requireOnTheWay(layer: NamedValue): void {
    if (this.network.plan.dependents(layer.value).has(this.value) && layer.value !== this.value) return;
    throw new SidecarError(`The scores do not follow from the output of \`${layer.name}\`.`, {
      next: 'Choose a layer before the last one.',
    });
  }

  private withoutEnding<Result>(compute: () => Result): Result {
    const { ending } = this;
    if (!ending) return compute();
    const holder = ending as unknown as { activation: unknown };
    const own = holder.activation;
    // tfjs looks the activation up at every call; a linear one is what is left of a layer without.
    holder.activation = (
      tf.layers.activation({ activation: 'linear' }) as unknown as { activation: unknown }
    ).activation;
    try {
      return compute();
    } finally {
      holder.activation = own;
    }
  }
}

/** What tfjs says of a layer that has no gradient, in a sentence with a way out. */
export function gradientError(error: unknown): SidecarError {
  const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
  return new SidecarError(`TensorFlow.js cannot compute gradients through this model: ${reason}`, {
    next: 'Use occlusion, which needs none.',
    cause: error,
  });
}
