/** Layers of several inputs. Mirrors tfjs-layers layers/merge.ts. */
import { type Dim, equalDims, formatDim, formatShape, type Shape, sum } from '../dims';
import { type ConfigReader, formatValue, known, Lost, LostSignal } from './config';
import { type Call, defineRule, pointwise } from './define';
import { type LayerRule, Unknown } from './rule';

function needsSeveral(call: Call): void {
  if (call.inputs.length >= 2) return;
  call.reject(
    'input-count',
    `${call.factory} merges at least 2 inputs, but is applied to ${call.inputs.length}. Give it a list: ${call.factory}.apply([a, b]).`,
  );
}

/** What tfjs checks in `build`, which runs only for the first application: a later one fails when data comes. */
function rejectAtBuild(call: Call, code: string, message: string): void {
  if (!call.builtBefore) call.reject(code, message);
  const text = `${message} tfjs throws when data comes.`;
  if (!call.problems.some((problem) => problem.message === text)) call.failsAtPredict(code, text);
}

const shown = (shape: Shape) => formatShape(shape, { batch: false });

/** The one batch size that is not open. Mirrors the batch check of Merge.build. */
function mergedBatch(call: Call): Dim {
  let batch: Dim = null;
  for (const shape of call.shapes) {
    const size = shape[0] as Dim;
    if (size === null) continue;
    if (batch !== null && equalDims(batch, size) === false) {
      rejectAtBuild(
        call,
        'merge-shapes',
        `${call.factory} cannot merge inputs of different batch sizes: ${formatDim(batch)} and ${formatDim(size)}.`,
      );
      return null;
    }
    batch ??= size;
  }
  return batch;
}

/** Mirrors Merge.computeElementwiseOpOutputShape. Shapes without the batch. */
function broadcast(call: Call, left: Shape, right: Shape): Shape {
  if (left.length < right.length) return broadcast(call, right, left);
  if (right.length === 0) return left;
  const lead = left.length - right.length;
  return left.map((one, index) => (index < lead ? one : broadcastDim(call, one, right[index - lead] as Dim)));
}

function broadcastDim(call: Call, left: Dim, right: Dim): Dim {
  const open = (dim: Dim) => dim === null || (typeof dim === 'number' && dim < 0);
  if (open(left) || open(right)) return null;
  if (left === 1) return right;
  if (right === 1) return left;
  const equal = equalDims(left, right);
  if (equal === true) return left;
  // Whatever a name stands for, it is 1 or the other size, or tfjs throws.
  if (equal === 'unknown' && typeof left === 'number') return left;
  if (equal === 'unknown' && typeof right === 'number') return right;
  if (equal === 'unknown') {
    throw new LostSignal(
      new Lost(`it is not known whether ${formatDim(left)} and ${formatDim(right)} are the same size`),
    );
  }
  call.reject(
    'merge-shapes',
    `${call.factory} cannot merge ${call.shapes.map(shown).join(' and ')}: ${formatDim(left)} and ${formatDim(right)} differ. The sizes must be equal, or one of them 1.`,
  );
}

function elementwiseRule(className: string, factory: string): LayerRule {
  return defineRule({
    className,
    factories: [factory],
    kind: 'merge',
    inputs: 'merge',
    read: () => ({}),
    check(_, call) {
      needsSeveral(call);
      mergedBatch(call);
    },
    outputShapes(_, call) {
      const shapes = call.shapes.map((shape) => shape.slice(1));
      const merged = shapes.reduce((result, shape) => broadcast(call, result, shape));
      return [[mergedBatch(call), ...merged]];
    },
    window: () => pointwise,
  });
}

/** A whole number that decides which axes are meant; nothing can be said while it is not known. */
function readAxis(reader: ConfigReader, key: string, fallback: number): number | Lost {
  const value = reader.value(key);
  if (value == null) return fallback;
  if (typeof value === 'number') return value;
  if (value instanceof Unknown) return new Lost(`\`${key}\` is not known: ${value.reason}`, value.at);
  return new Lost(`\`${key}\` is ${formatValue(value)}`);
}

/** Mirrors Concatenate. */
const concatenate = defineRule<{ axis: number | Lost }>({
  className: 'Concatenate',
  factories: ['concatenate'],
  kind: 'merge',
  inputs: 'merge',
  read: (reader) => ({ axis: readAxis(reader, 'axis', -1) }),
  check({ axis }, call) {
    needsSeveral(call);
    // tfjs compares every input, without the axis, with the first; an open size equals only an open size.
    const without = call.shapes.map((shape) => {
      const rest = [...shape];
      rest.splice(known(axis), 1);
      return rest;
    });
    const [first, ...others] = without as [Shape, ...Shape[]];
    for (const [index, other] of others.entries()) {
      const differs =
        other.length !== first.length ||
        other.some((dim, position) => {
          const one = first[position] as Dim;
          return dim === null || one === null ? dim !== one : equalDims(dim, one) === false;
        });
      if (!differs) continue;
      const [left, right] = [call.shapes[0] as Shape, call.shapes[index + 1] as Shape];
      rejectAtBuild(
        call,
        'concatenate-axis',
        `concatenate along axis ${formatValue(known(axis))} needs inputs that agree everywhere else, but has ${shown(left)} and ${shown(right)}.`,
      );
      return;
    }
    checkAxis(known(axis), call);
  },
  outputShapes({ axis }, call) {
    const shape: (Dim | undefined)[] = [...call.shape];
    const at = known(axis) < 0 ? shape.length + known(axis) : known(axis);
    // tfjs writes beside the shape for an axis below it, and one place behind it for the axis that follows.
    if (at < 0) return [call.shape];
    if (at > shape.length) throw new LostSignal(new Lost(`its inputs have no axis ${known(axis)}`));
    shape[at] = sum(call.shapes.map((input) => input[at] ?? null));
    return [shape as Shape];
  },
  window: ({ axis }, call) =>
    known(axis) === -1 || known(axis) === call.shape.length - 1 ? pointwise : null,
});

/** Mirrors tfjs-layers backend/tfjs_backend.ts concatenate, which takes every negative axis for the last one. */
function checkAxis(axis: number, call: Call): void {
  const rank = call.shape.length;
  if (axis === -1 || (Number.isInteger(axis) && axis >= 0 && axis < rank)) return;
  if (axis < 0 && axis >= -rank) {
    call.failsAtPredict(
      'concatenate-axis',
      `tfjs reports the shape of concatenate for axis ${axis}, but computes along the last axis, as it does for every negative one. Write axis: ${rank + axis}.`,
    );
    return;
  }
  call.failsAtPredict(
    'concatenate-axis',
    `concatenate has no axis ${axis}: its inputs have ${rank} axes, the batch included. tfjs reports a wrong shape and computes along the last axis, or throws.`,
  );
}

type Axes = number | number[];

/** Mirrors Dot. */
const dot = defineRule<{ axes: Axes | Lost }>({
  className: 'Dot',
  readsBlindly: 'axes',
  factories: ['dot'],
  kind: 'merge',
  inputs: 'merge',
  read(reader) {
    const value = reader.value('axes');
    if (value == null) {
      const message = 'dot needs `axes`, the axis to multiply along: one for both inputs, or a list of two.';
      reader.error('missing-argument', message, 'predict');
      return { axes: new Lost(message) };
    }
    if (Array.isArray(value)) {
      const numbers = value.filter((axis): axis is number => typeof axis === 'number');
      if (numbers.length === value.length && value.length === 2) return { axes: numbers };
      return { axes: new Lost(`\`axes\` is ${formatValue(value)}`) };
    }
    return { axes: readAxis(reader, 'axes', -1) };
  },
  check({ axes }, call) {
    if (call.inputs.length !== 2) {
      call.reject('input-count', `dot takes exactly 2 inputs, but is applied to ${call.inputs.length}.`);
    }
    for (const shape of call.inputs) {
      if (!shape || shape.length <= 3) continue;
      call.reject(
        'not-implemented',
        `dot takes inputs of at most 2 axes besides the batch, but one is ${shown(shape)}. Use flatten or reshape before it.`,
      );
    }
    const [left, right] = call.shapes as [Shape, Shape];
    const [leftAxis, rightAxis] = interpretAxes(known(axes), left, right);
    const [one, other] = [left[leftAxis], right[rightAxis]];
    if (leftAxis === 0 || rightAxis === 0) {
      call.warn(
        'dot-axes',
        'dot along axis 0 multiplies across the batch: axis 1 is the first one after it.',
      );
    }
    const differ = `dot multiplies along axis ${leftAxis} of ${shown(left)} and axis ${rightAxis} of ${shown(right)}, but their sizes differ`;
    if (one == null || other == null ? one !== other : equalDims(one, other) === false) {
      rejectAtBuild(
        call,
        'dot-axes',
        `${differ}: ${one === undefined ? 'none' : formatDim(one)} and ${other === undefined ? 'none' : formatDim(other)}.`,
      );
      return;
    }
    if (one !== undefined) return;
    // tfjs reads shape[−1] for axes in a list, finds nothing on both sides, and lets it pass.
    const [reallyOne, reallyOther] = [left.at(leftAxis), right.at(rightAxis)];
    if (reallyOne === undefined || reallyOther === undefined) {
      call.failsAtPredict(
        'dot-axes',
        `dot has no axis ${reallyOne === undefined ? leftAxis : rightAxis} in ${shown(reallyOne === undefined ? left : right)}, the batch counted as axis 0; tfjs throws when data comes.`,
      );
      return;
    }
    if (reallyOne == null || reallyOther == null || equalDims(reallyOne, reallyOther) !== false) return;
    call.failsAtPredict(
      'dot-axes',
      `${differ}: ${formatDim(reallyOne)} and ${formatDim(reallyOther)}; tfjs throws when data comes.`,
    );
  },
  outputShapes({ axes }, call) {
    const [left, right] = call.shapes.map((shape) => [...shape]) as [Shape, Shape];
    const [leftAxis, rightAxis] = interpretAxes(known(axes), left, right);
    left.splice(leftAxis, 1);
    right.splice(rightAxis, 1);
    right.splice(0, 1);
    const output = [...left, ...right];
    if (output.length === 1) output.push(1);
    return [output];
  },
});

/** Mirrors Dot.interpretAxes: axes in a list are taken as they are. */
function interpretAxes(axes: Axes, left: Shape, right: Shape): [number, number] {
  if (Array.isArray(axes)) return axes as [number, number];
  const interpret = (rank: number) => (axes < 0 && rank > 0 ? ((axes % rank) + rank) % rank : axes);
  return [interpret(left.length), interpret(right.length)];
}

export const mergeRules: LayerRule[] = [
  elementwiseRule('Add', 'add'),
  elementwiseRule('Average', 'average'),
  elementwiseRule('Maximum', 'maximum'),
  elementwiseRule('Minimum', 'minimum'),
  elementwiseRule('Multiply', 'multiply'),
  concatenate,
  dot,
];
