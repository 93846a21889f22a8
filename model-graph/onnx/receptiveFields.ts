/**
 * Receptive fields of an ONNX graph. Operators say which axes they move a window over, and that tells which axis of a
 * tensor is its channels; nothing is taken for the channels only because it is small. Where a field cannot be told, the
 * reason stands in its place and goes on to whatever reads the output.
 */
import { type Dim, isSymbolic } from '../dims';
import type { ReceptiveField } from '../graph';
import type { Window } from '../layers/rule';
import { composeReceptiveField, inputReceptiveField } from '../receptiveField';
import type { InferredGraph, InferredNode } from './inference';
import { isOwnDomain } from './operators';
import { FieldLost, type Layout, type NodeToSee, viewOf } from './operators/views';

/** `field` is null where it is not known, and `unknown` then says why, to stand after `because`. */
export interface NodeField {
  field: ReceptiveField | null;
  unknown?: string;
}

/** What one tensor sees. Absent: nothing of the model's inputs (weights, shapes, constants). */
type Tracked = Seen | { unknown: string };
interface Seen {
  /** Without `channelsFirst`: `sourceLayout` says it. */
  field: ReceptiveField;
  /** The model's input that it sees. */
  source: string;
  /** Where this tensor's channels are, once an operator has said so. */
  layout: Layout | undefined;
  /** Where that input's are. */
  sourceLayout: Layout | undefined;
}

/** Of each node's first output, in the graph's order. `names` are the nodes', `inputs` the tensors that the model is given. */
export function receptiveFields(
  graph: InferredGraph,
  inputs: readonly string[],
  names: readonly string[],
): NodeField[] {
  const tensors = new Map<string, Tracked>();
  for (const name of inputs) {
    const shape = graph.values.get(name)?.shape;
    tensors.set(
      name,
      shape
        ? { field: inputReceptiveField(shape), source: name, layout: undefined, sourceLayout: undefined }
        : { unknown: `the shape of \`${name}\` is not known` },
    );
  }
  return graph.nodes.map((node, index) => {
    const seen = seenBy(node, names[index]!, tensors, graph);
    if (!seen) return { field: null, unknown: 'it does not look at the input' };
    for (const output of node.message.output ?? []) if (output) tensors.set(output, seen);
    return 'unknown' in seen ? { field: null, unknown: seen.unknown } : { field: stated(seen) };
  });
}

/** Shapes tell nothing of what stands in the cells. */
const blind = new Set(['Shape', 'Size', 'Constant', 'ConstantOfShape', 'Range', 'EyeLike']);

function seenBy(
  node: InferredNode,
  name: string,
  tensors: ReadonlyMap<string, Tracked>,
  graph: InferredGraph,
): Tracked | undefined {
  const { message, call } = node;
  if (blind.has(call.opType)) return undefined;
  const isRead = (message.input ?? []).map((input) => tensors.has(input));
  const read = (message.input ?? []).flatMap((input) => tensors.get(input) ?? []);
  if (read.length === 0) return undefined;
  const lost = read.find((one) => 'unknown' in one);
  if (lost) return lost;
  try {
    const joined = join(read as Seen[]);
    // Whoever reads nothing but what sees everything sees everything.
    if (isWhole(joined.field)) return { ...joined, layout: undefined };
    const operator = {
      call,
      isRead,
      isWhole: (message.input ?? []).map((input) => {
        const one = tensors.get(input);
        return one !== undefined && 'field' in one && isWhole(one.field);
      }),
      output: node.outputs[0]?.shape ?? undefined,
      layout: joined.layout,
      isOwn: isOwnDomain(message.domain ?? ''),
    };
    return through(joined, operator, graph);
  } catch (error) {
    if (error instanceof FieldLost) return { unknown: `\`${name}\` (${call.opType}) ${error.message}` };
    throw error;
  }
}

/** @throws FieldLost */
function through(seen: Seen, operator: NodeToSee, graph: InferredGraph): Seen {
  const { window, layout = seen.layout, turns } = viewOf(operator);
  if (seen.layout !== undefined && layout !== seen.layout) {
    throw new FieldLost(`takes the channels to be ${layout}, and before they were ${seen.layout}`);
  }
  // Until an operator has said where the channels are, none has moved them.
  const now: Seen = { ...seen, layout, sourceLayout: seen.sourceLayout ?? layout };
  if (turns) return { ...now, layout: turns };
  const field =
    window.kind === 'global'
      ? wholeInput(now, graph)
      : composeReceptiveField([seen.field], window, [operator.call.inputs[0]?.shape ?? null], null);
  if (!field) {
    throw new FieldLost(
      seen.field.every
        ? 'sees differently much from cell to cell, since cells were made larger before'
        : 'moves over other axes than the input has',
    );
  }
  return { ...now, field };
}

/** The smallest field that holds all of them. @throws FieldLost */
function join(read: readonly Seen[]): Seen {
  const [first, ...others] = read as [Seen, ...Seen[]];
  if (others.some(({ source }) => source !== first.source)) {
    throw new FieldLost('joins what was seen of different inputs');
  }
  // What sees everything has no place any more that an axis could stand for.
  const placed = read.filter(({ field }) => !isWhole(field));
  const sourceLayout = read.find((one) => one.sourceLayout !== undefined)?.sourceLayout;
  const layouts = new Set(placed.map(({ layout }) => layout ?? sourceLayout));
  if (layouts.size > 1) throw new FieldLost('joins outputs whose channels are at different ends');
  const field = composeReceptiveField(
    read.map((one) => one.field),
    pointwise,
    [],
    null,
  );
  if (!field) throw new FieldLost('joins outputs whose cells are differently far apart on the input');
  return { field, source: first.source, layout: [...layouts][0], sourceLayout };
}

const pointwise: Window = { kind: 'pointwise' };

function isWhole({ stride }: ReceptiveField): boolean {
  return stride.length > 0 && stride.every((step) => step === 0);
}

/** @throws FieldLost where nothing has said which of the input's axes are its channels. */
function wholeInput(seen: Seen, graph: InferredGraph): ReceptiveField {
  const shape = graph.values.get(seen.source)?.shape ?? [];
  const layout = seen.sourceLayout;
  if (shape.length > 2 && layout === undefined) {
    throw new FieldLost('sees all of the input, and nothing says which of its axes are channels');
  }
  const sizes = layout === 'first' ? shape.slice(2) : shape.slice(1, -1);
  const size = sizes.map((one): Dim => (isSymbolic(one) && graph.isOpen(one) ? null : one));
  return { size, stride: size.map(() => 0), offset: size.map(() => 0) };
}

/** As the rest of Layerwise has it. */
function stated(seen: Seen): ReceptiveField {
  return seen.sourceLayout === 'first' ? { ...seen.field, channelsFirst: true } : seen.field;
}
