/** What there is to know of a model before it runs. */
import type { DescribeNetworkResult, InitializeResult } from '../../protocol/sidecar';
import { memoryNeed } from './memory';
import { openNetwork } from './openNetwork';

export async function describeNetwork(
  modelPath: string,
  backend: InitializeResult,
): Promise<DescribeNetworkResult> {
  const network = await openNetwork(modelPath);
  const { name, format, runtime, encoding, assumptions, classNames } = network;
  return {
    name,
    format,
    backend: runtime ?? backend.description,
    encoding,
    assumptions,
    guessed: [...network.guessed],
    classNames: [...classNames],
    memory: memoryNeed(network),
    layers: network.layers.map(({ name, className, shape }) => ({ name, className, shape })),
  };
}
