import type { ModelCommandArguments } from '../../protocol/languageServer';
import type { DataSource } from '../../protocol/sidecar';
import type { ComputeContext } from '../context';
import { UserFacingError } from '../errors';
import { commandDocument, modelsOf, pickModel } from '../modelPick';
import { chooseRunsFolder } from '../runFolder';
import { trainingOptions } from '../settings';
import { bundledDigits, trainingData } from '../trainingData';
import { requireTrust } from '../trust';
import { cancelTraining } from './cancelTraining';
import { classifyImage } from './classifyImage';
import { showTraining } from './showTraining';

/**
 * Trains a model of the document and shows how it goes. Resolves when the training has begun; how it ends is in the
 * panel. `chosenData` overrides the settings.
 */
export async function trainModel(
  context: ComputeContext,
  args?: ModelCommandArguments,
  chosenData?: DataSource,
): Promise<void> {
  requireTrust('Training');
  refuseSecondTraining(context);
  const uri = commandDocument(context, args);
  const model = await pickModel(uri, await modelsOf(context, uri), args?.modelId, 'Train which model?');
  if (!model) return;
  const source = { uri: uri.toString(), modelId: model.id };
  const useBundled = context.reporter.command('Train Model', () =>
    trainModel(context, source, bundledDigits),
  );
  const data = chosenData ?? (await trainingData(uri, useBundled));
  const runsFolder = await chooseRunsFolder(uri, context.runs);
  if (!runsFolder) return;
  // The questions above take their time.
  refuseSecondTraining(context);
  const { training } = context;
  const ended = training.run({ source, model, data, options: trainingOptions(uri), runsFolder });
  showTraining(context);
  void ended.then(() => reportEnd(context));
}

function refuseSecondTraining(context: ComputeContext): void {
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
function reportEnd(context: ComputeContext): void {
  const { reporter, training, trainingPanel } = context;
  const latest = training.latest;
  if (!latest) return;
  const { phase, message, modelName, epochs, runFolder } = latest.state;
  const again = {
    title: 'Train Again',
    run: reporter.command('Train Model', () => trainModel(context, latest.source)),
  };
  if (phase === 'interrupted' || phase === 'failed') {
    const text = message ?? `${modelName} could not be trained.`;
    reporter.show('error', text, [reporter.showLog, again]);
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
