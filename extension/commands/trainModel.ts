import * as vscode from 'vscode';
import type { ModelCommandArguments } from '../../protocol/languageServer';
import type { ComputeContext } from '../context';
import { UserFacingError } from '../errors';
import { commandDocument, modelsOf, pickModel } from '../modelPick';
import { TrainingPanel } from '../panels/trainingPanel';
import { SetupForm } from '../trainingSetup';
import { requireTrust } from '../trust';
import { cancelTraining } from './cancelTraining';
import { chooseRunsFolder } from './chooseRunsFolder';
import { chooseTrainingData } from './chooseTrainingData';
import { classifyImage } from './classifyImage';
import { showTraining } from './showTraining';

export interface TrainArguments extends ModelCommandArguments {
  /** Begin at once, with what was chosen for this model last. */
  start?: boolean;
}

/** Shows what a model of the document would be trained with; `start` trains it at once. */
export async function trainModel(context: ComputeContext, args?: TrainArguments): Promise<void> {
  requireTrust('Training');
  refuseSecondTraining(context);
  const uri = commandDocument(context, args);
  const model = await pickModel(uri, await modelsOf(context, uri), args?.modelId, 'Train which model?');
  if (!model) return;
  const form = await SetupForm.of(context, uri, model);
  if (args?.start && form.isDecided) await startTraining(context, form);
  else context.trainingPanel.show().showSetup(form);
}

/** Trains what a form says. Resolves when the training has begun; how it ends is in the panel. */
export async function startTraining(context: ComputeContext, form: SetupForm): Promise<void> {
  requireTrust('Training');
  refuseSecondTraining(context);
  const { source, document, model, userModule, data, options } = form;
  const runsFolder = await chooseRunsFolder(document, context.runs);
  if (!runsFolder) return;
  // The question above takes its time.
  refuseSecondTraining(context);
  // The program is run as it is on disk.
  if (userModule) await (await vscode.workspace.openTextDocument(document)).save();
  const ended = context.training.run({
    source,
    model,
    ...(userModule ? { userModule } : {}),
    data,
    options,
    runsFolder,
  });
  showTraining(context);
  void ended.then(() => reportEnd(context));
}

export function createTrainingPanel(
  context: ComputeContext,
  panel: ConstructorParameters<typeof TrainingPanel>[1],
): TrainingPanel {
  return new TrainingPanel(context, panel, {
    start: (form) => startTraining(context, form),
    chooseData: (form) => chooseTrainingData(form),
  });
}

/** Fails while a model is being trained. */
export function refuseSecondTraining(context: ComputeContext): void {
  if (!context.training.isRunning) return;
  const { modelName } = context.training.latest!.state;
  throw new UserFacingError(
    `${modelName} is being trained. One model is trained at a time.`,
    [
      { title: 'Show Training', run: () => showTraining(context) },
      { title: 'Cancel It', run: () => cancelTraining(context) },
    ],
    'information',
  );
}

/** A crash or an error is told wherever people are; a good end only when they do not see the panel. */
export function reportEnd(context: ComputeContext): void {
  const { reporter, training, trainingPanel } = context;
  const latest = training.latest;
  if (!latest) return;
  const { phase, message, modelName, epochs, runFolder, resumable } = latest.state;
  if (phase === 'interrupted' || phase === 'failed') {
    const text = message ?? `${modelName} could not be trained.`;
    const again = {
      title: 'Train Again',
      run: reporter.command('Train Model', () => trainModel(context, latest.source)),
    };
    const resume = {
      title: 'Resume',
      run: () =>
        vscode.commands.executeCommand('layerwise.resumeRun', runFolder && vscode.Uri.file(runFolder)),
    };
    reporter.show('error', text, [reporter.showLog, phase === 'interrupted' && resumable ? resume : again]);
  } else if (phase === 'finished' && !trainingPanel.current?.isVisible) {
    const accuracy = epochs.at(-1)?.validationAccuracy;
    const how = accuracy === undefined ? '' : ` Validation accuracy: ${(100 * accuracy).toFixed(1)}%.`;
    reporter.show('information', `${modelName} is trained.${how}`, [
      { title: 'Show Training', run: () => showTraining(context) },
      {
        title: 'Classify Image',
        run: reporter.command('Classify Image', () => classifyImage(context, { modelPath: runFolder })),
      },
    ]);
  }
}
