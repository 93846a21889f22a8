/** Which size of an ONNX graph is the number of examples: counts are told for one example. */
import { equalDims, floorDivide, isSymbolic, multiply, type Quantity, type Symbolic } from '../dims';
import type { InferredGraph } from './inference';
import type { GraphMessage } from './messages';
import { graphInputs } from './names';

const batchName = /^(n|b|bs|none)$|batch|^unk__/i;
const recurrent = new Set(['LSTM', 'GRU', 'RNN']);

/**
 * The size that the file calls batch; else the first one of the first input. ONNX's recurrent operators have the time
 * first and the batch second, unless they say otherwise. null: no input has a batch.
 */
export function batchOf(graph: GraphMessage, { values, nodes }: InferredGraph): Quantity | null {
  const inputs = graphInputs(graph).map(({ name }) => name ?? '');
  const shapes = inputs.map((name) => values.get(name)?.shape ?? []);
  const named = shapes
    .flat()
    .find((size): size is Symbolic => isSymbolic(size) && batchName.test(String(size)));
  if (named) return named;
  const [first] = inputs;
  const user = nodes.find(({ message }) => message.input?.[0] === first);
  const timeFirst =
    recurrent.has(user?.message.opType ?? '') && user?.call.attributes.integer('layout', 0) === 0;
  return shapes[0]?.[timeFirst ? 1 : 0] ?? null;
}

/** A count for the whole batch → for one example; null where that is no plain division. */
export function perExample(all: Quantity, batch: Quantity | null): Quantity | null {
  if (batch === null || batch === 1) return all;
  if (!isSymbolic(batch)) return typeof all === 'number' && all % batch === 0 ? all / batch : all;
  if (!isSymbolic(all) || !batch.names.some((name) => all.names.includes(name))) return all;
  const one = floorDivide(all, batch);
  return equalDims(multiply(one, batch), all) === true ? one : null;
}
