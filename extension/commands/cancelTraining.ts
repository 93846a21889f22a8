import type { ComputeContext } from '../context';
import { UserFacingError } from '../errors';

/** How long a training step may take before ending the process is offered, in milliseconds. */
const patience = 20_000;

/** Stops the training after its present step. What was learned until then is kept. */
export function cancelTraining(context: ComputeContext): void {
  const { training, reporter, compute } = context;
  if (!training.isRunning) {
    throw new UserFacingError('No training is under way.', [], 'information');
  }
  training.cancel();
  const late = setTimeout(() => {
    if (training.latest?.state.phase !== 'cancelling') return;
    reporter.show('warning', 'The training has not stopped yet: it is still computing a step.', [
      {
        title: 'End Compute Process',
        run: reporter.command('Restart Compute Process', () => compute.restart()),
      },
    ]);
  }, patience);
  const watch = training.onDidChange(() => {
    if (training.latest?.state.phase === 'cancelling') return;
    clearTimeout(late);
    watch.dispose();
  });
}
