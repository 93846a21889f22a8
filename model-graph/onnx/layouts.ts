/** Which tensors of an ONNX graph have their channels on the second axis: convolutions and poolings put them there. */
import type { InferredGraph } from './inference';
import type { GraphMessage } from './messages';
import { graphInputs } from './names';

export type Layout = 'channelsFirst' | 'channelsLast';

const channelsFirstOperators = new Set(
  'Conv ConvInteger QLinearConv ConvTranspose MaxPool AveragePool LpPool GlobalAveragePool GlobalMaxPool GlobalLpPool BatchNormalization InstanceNormalization GroupNormalization LRN DepthToSpace SpaceToDepth MaxUnpool RoiAlign'.split(
    ' ',
  ),
);

/** Of tensors with spatial axes; a tensor is left out where nothing tells. */
export function layoutsOf(graph: GraphMessage, { nodes, values }: InferredGraph): Map<string, Layout> {
  const layouts = new Map<string, Layout>();
  const rank = (name: string | undefined) => values.get(name ?? '')?.shape?.length ?? 0;
  for (const { message, call } of nodes) {
    const [input] = message.input ?? [];
    const isConvolution = channelsFirstOperators.has(message.opType ?? '');
    // What a convolution reads lies as it takes it.
    if (isConvolution && input && rank(input) >= 3) layouts.set(input, layouts.get(input) ?? 'channelsFirst');
    const permutation = message.opType === 'Transpose' ? call.attributes.integers('perm') : undefined;
    const known = (message.input ?? []).map((name) => layouts.get(name)).find((layout) => layout);
    for (const output of message.output ?? []) {
      if (rank(output) < 3) continue;
      if (isConvolution) layouts.set(output, 'channelsFirst');
      else if (permutation) setTransposed(layouts, input, output, permutation);
      else if (known && rank(output) === rank(input)) layouts.set(output, known);
    }
  }
  for (const { name = '' } of graphInputs(graph)) if (rank(name) < 3) layouts.delete(name);
  return layouts;
}

function setTransposed(
  layouts: Map<string, Layout>,
  input: string | undefined,
  output: string,
  permutation: readonly number[],
): void {
  const rank = permutation.length;
  const rest = Array.from({ length: rank - 2 }, (_, axis) => axis);
  const toLast = [0, ...rest.map((axis) => axis + 2), 1].join();
  const toFirst = [0, rank - 1, ...rest.map((axis) => axis + 1)].join();
  const given = permutation.join();
  if (given === toLast) layouts.set(output, 'channelsLast');
  else if (given === toFirst) {
    layouts.set(output, 'channelsFirst');
    if (input) layouts.set(input, layouts.get(input) ?? 'channelsLast');
  }
}
