/** Where symbolic tensors come from. */
import { formatBatchShape } from './batchShape';
import type { Problem } from './graph';
import type { SymbolicTensor } from './wired';

export function sourceInputs(tensor: SymbolicTensor): SymbolicTensor[] {
  const inputs: SymbolicTensor[] = [];
  const seen = new Set<SymbolicTensor>();
  const pending = [tensor];
  while (pending.length > 0) {
    const next = pending.pop()!;
    if (seen.has(next)) continue;
    seen.add(next);
    const call = next.layer.calls[next.callIndex];
    if (!call || call.inputs.length === 0) inputs.push(next);
    else pending.push(...call.inputs.slice().reverse());
  }
  return inputs;
}

/** Enough to find where branches part; nobody reads further back. */
const maximumAncestors = 500;

export function relatedInputs(inputs: SymbolicTensor[]): Problem['related'] {
  const related = inputs.flatMap((input) =>
    input.layer.location && input.shape
      ? [
          {
            message: `its input comes from here: ${formatBatchShape(input.shape)}`,
            location: input.layer.location,
          },
        ]
      : [],
  );
  const fork = inputs.length > 1 ? branchPoint(inputs) : undefined;
  if (fork?.layer.location && fork.shape) {
    related.push({
      message: `the branches part here: ${formatBatchShape(fork.shape)}`,
      location: fork.layer.location,
    });
  }
  return related.length > 0 ? related : undefined;
}

/** The last tensor that all of these come from; undefined where there is none, or where one comes from another. */
function branchPoint(tensors: SymbolicTensor[]): SymbolicTensor | undefined {
  const ancestorsOf = (tensor: SymbolicTensor): Set<SymbolicTensor> => {
    const found = new Set<SymbolicTensor>();
    const pending = [tensor];
    for (let next = pending.shift(); next && found.size < maximumAncestors; next = pending.shift()) {
      if (found.has(next)) continue;
      found.add(next);
      pending.push(...(next.layer.calls[next.callIndex]?.inputs ?? []));
    }
    return found;
  };
  const [first, ...others] = tensors.map(ancestorsOf);
  // Sets keep their order: the nearest ancestor comes first.
  const common = [...(first ?? [])].find((tensor) => others.every((ancestors) => ancestors.has(tensor)));
  return common && !tensors.includes(common) ? common : undefined;
}
