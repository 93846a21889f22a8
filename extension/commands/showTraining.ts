import type { ComputeContext } from '../context';
import { UserFacingError } from '../errors';
import { TrainingPanel } from '../panels/trainingPanel';
import type { SetupForm } from '../trainingSetup';
import { chooseTrainingData } from './chooseTrainingData';
import { startTraining } from './trainModel';

/** Shows the latest training. */
export function showTraining(context: ComputeContext): void {
  if (!context.training.latest) {
    throw new UserFacingError(
      'Nothing has been trained in this workspace yet. Open a model and run "Layerwise: Train Model".',
      [],
      'information',
    );
  }
  openTrainingPanel(context).showLatest();
}

/** The training panel, with what it showed last. */
export function openTrainingPanel(context: ComputeContext): TrainingPanel {
  return context.trainingPanel.open('Training', (panel) => createTrainingPanel(context, panel));
}

export function createTrainingPanel(
  context: ComputeContext,
  panel: ConstructorParameters<typeof TrainingPanel>[1],
): TrainingPanel {
  return new TrainingPanel(context, panel, {
    start: (form: SetupForm) => startTraining(context, form),
    chooseData: (form: SetupForm) => chooseTrainingData(form),
  });
}
