/** Answers `describeData`: what is in the data, and how it goes with a model. */
import type { DescribeDataParams, DescribeDataResult } from '../../protocol/sidecar';
import { describeDataset } from './describeDataset';
import { openDataset } from './openDataset';

export async function describeData({
  data,
  validationSplit = 0.1,
  samplesPerClass = 3,
}: DescribeDataParams): Promise<DescribeDataResult> {
  const warnings: string[] = [];
  const dataset = await openDataset(data, { validationSplit, warn: (message) => warnings.push(message) });
  try {
    const described = await describeDataset(dataset, samplesPerClass);
    return { ...described, warnings };
  } finally {
    await dataset.close();
  }
}
