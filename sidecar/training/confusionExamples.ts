/** The pictures behind a cell of the confusion matrix, and the worst mistakes. */
import path from 'node:path';
import type { z } from 'zod';
import type { ConfusionExamples, confusionExamplesParams, JudgedExample } from '../../protocol/sidecar';
import type { Dataset } from '../datasets/dataset';
import { openDataset } from '../datasets/openDataset';
import { SidecarError } from '../errors';
import { readEvaluation } from '../runs/evaluationFile';
import { readRunFile } from '../runs/runFolder';
import { type Judgements, worstFirst } from './evaluate';

/** @throws SidecarError when the run has no evaluation, or its data cannot be opened or is not what it was. */
export async function confusionExamples(
  params: z.infer<typeof confusionExamplesParams>,
): Promise<ConfusionExamples> {
  const judgements = await readEvaluation(params.runFolder, params.part);
  const { labels, predicted } = judgements.classes ?? { labels: [], predicted: [] };
  const places = worstFirst(
    judgements,
    (place) => labels[place] === params.label && predicted[place] === params.predicted,
  );
  if (places.length === 0) return { examples: [], total: 0 };
  const run = await readRunFile(path.join(params.runFolder, 'run.json'));
  const dataset = await openDataset(run.data.source, {
    validationSplit: run.options.validationSplit,
    warn: () => {},
  });
  try {
    const examples = await describeJudged(dataset, judgements, places.slice(0, params.limit));
    return { examples, total: places.length };
  } finally {
    await dataset.close();
  }
}

/** @param places Places in `judgements`, not numbers of examples. */
export async function describeJudged(
  dataset: Dataset,
  { part, indices, losses, classes }: Judgements,
  places: number[],
): Promise<JudgedExample[]> {
  const described: JudgedExample[] = [];
  for (const place of places) {
    const index = indices[place] ?? 0;
    const labelIndex = classes?.labels[place] ?? 0;
    if (index >= dataset.count(part) || dataset.label(part, index) !== labelIndex) {
      throw new SidecarError('The data has changed since this run was judged.', {
        next: 'Train the model anew to see its mistakes.',
      });
    }
    described.push({
      ...(await dataset.describeExample(part, index)),
      labelIndex,
      predictedIndex: classes?.predicted[place] ?? 0,
      probability: classes?.probabilities[place] ?? 0,
      loss: finite(losses[place] ?? 0),
    });
  }
  return described;
}

/** JSON has no infinity. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : Number.MAX_VALUE;
}
