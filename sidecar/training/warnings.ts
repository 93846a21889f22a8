/** What the figures of the epochs give reason to say, in plain words. */
import type { EpochMetrics, TrainingOptions } from '../../protocol/sidecar';

/** So many epochs in a row the validation loss rises before it is called overfitting. */
const risingEpochs = 3;
/** Of the way from guessing to knowing everything: less is no better than guessing. */
const hardlyBetter = 0.05;

/**
 * Each is said once in a run: after the epoch that gives reason to.
 * @param classes How many there are; 0 where a number is predicted.
 */
export function epochWarnings(
  epochs: readonly EpochMetrics[],
  classes: number,
  learningRate: number,
  options: Pick<TrainingOptions, 'earlyStopping'>,
): string[] {
  const latest = epochs.at(-1);
  if (!latest) return [];
  const warnings: string[] = [];
  const chance = 1 / classes;
  if (latest.epoch === 1 && classes > 0 && (latest.accuracy ?? 1) < chance + hardlyBetter * (1 - chance)) {
    warnings.push(
      `After one epoch ${percent(latest.accuracy ?? 0)} are right; guessing gives ${percent(chance)}. The learning rate ` +
        `(${learningRate}) may be too high or too low, or the loss may not fit the last layer.`,
    );
  }
  if (!options.earlyStopping && overfits(epochs) && !overfits(epochs.slice(0, -1))) {
    warnings.push(
      `The validation loss has risen for ${risingEpochs} epochs while the training loss falls: the model learns the training ` +
        'examples by heart. Stop early, or add dropout, augmentation or data.',
    );
  }
  return warnings;
}

function overfits(epochs: readonly EpochMetrics[]): boolean {
  const last = epochs.slice(-risingEpochs - 1);
  if (last.length <= risingEpochs) return false;
  return last.slice(1).every((metrics, i) => {
    const before = last[i];
    return (
      before?.validationLoss !== undefined &&
      metrics.validationLoss !== undefined &&
      metrics.validationLoss > before.validationLoss &&
      metrics.loss < before.loss
    );
  });
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
