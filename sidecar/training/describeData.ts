/** Answers `describeData`: what is in the data, and how it goes with a model. `backend` is the one chosen, if one is. */
import type { BackendName, DescribeDataParams, DescribeDataResult } from '../../protocol/sidecar';
import { memoryLimit } from '../backends/room';
import { describeDataset } from '../datasets/describeDataset';
import { openDataset } from '../datasets/openDataset';
import { describeFit, hasSingleOutput } from './dataFit';

export async function describeData(
  { data, model, validationSplit = 0.1, samplesPerClass = 3 }: DescribeDataParams,
  backend: BackendName | undefined,
  signal?: AbortSignal,
): Promise<DescribeDataResult> {
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  const singleOutput = model && hasSingleOutput(model);
  const dataset = await openDataset(data, { validationSplit, singleOutput, warn, signal });
  try {
    const described = await describeDataset(dataset, samplesPerClass, signal);
    return {
      ...described,
      warnings,
      memoryLimit: memoryLimit(backend),
      ...(model ? { model: describeFit(dataset, model) } : {}),
    };
  } finally {
    await dataset.close();
  }
}
