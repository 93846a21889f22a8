import type { ComputeContext } from '../context';
import { UserFacingError } from '../errors';

/** Shows the latest training. */
export function showTraining(context: ComputeContext): void {
  if (!context.training.latest) {
    throw new UserFacingError(
      'Nothing has been trained in this workspace yet. Open a model and run "Layerwise: Train Model".',
      [],
      'information',
    );
  }
  context.trainingPanel.show().showLatest();
}
