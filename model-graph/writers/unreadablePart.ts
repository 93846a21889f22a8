/** What a program's own code alone can build: whoever trains from the graph has to know before. */
import type { WireModelGraph } from '../../protocol/modelGraph';
import { writeTfjsTopology } from './tfjsTopology';

/** The first part of a model that the graph does not hold, in words without a full stop; undefined when it holds all. */
export function unreadablePart(model: WireModelGraph): string | undefined {
  const written = writeTfjsTopology(model);
  const [first] = written.ok ? [] : written.problems;
  if (first)
    return `${first.layer ? `in layer \`${first.layer}\`, ` : ''}${first.message.replace(/\.$/, '')}`;
  // Names in these quotes stand for values that were not followed.
  const isLossUnknown = JSON.stringify(model.compile?.loss ?? '').includes('‹');
  return isLossUnknown
    ? 'the loss that it is compiled with is a function of its own, or not known'
    : undefined;
}
