/** Operators that arrange what is there anew: Reshape, Transpose, Concat, Slice, Gather, Pad, Resize … */
import {
  add,
  ceilDivide,
  equalDims,
  floorDivide,
  isSymbolic,
  multiply,
  type Quantity,
  subtract,
} from '../../dims';
import {
  addAll,
  axisOf,
  broadcast,
  clamp,
  count,
  inputOf,
  integersOf,
  numbersOf,
  type OperatorCall,
  type OperatorRule,
  plainNumbersOf,
  ShapeLost,
  shapeOf,
  type Value,
  value,
} from './operator';

const typeOf = (call: OperatorCall) => inputOf(call, 0).elementType;

/** The same type, another shape; the numbers stay in their order. */
function rearranged(call: OperatorCall, shape: Quantity[]): Value[] {
  const { numbers } = inputOf(call, 0);
  return [{ ...value(typeOf(call), shape), ...(numbers ? { numbers } : {}) }];
}

const reshape: OperatorRule = (call) => {
  const input = shapeOf(call, 0);
  const wanted: Quantity[] = call.attributes.integers('shape') ?? numbersOf(call, 1, 'the new shape');
  const copiesZero = call.attributes.integer('allowzero', 0) === 0;
  const shape = wanted.map((size, axis) => (size === 0 && copiesZero ? (input[axis] ?? 0) : size));
  const open = shape.indexOf(-1);
  const known = shape.filter((size) => size !== -1);
  if (open < 0) {
    if (equalDims(count(shape), count(input)) === false) {
      throw new ShapeLost(`${count(input)} values do not fit into [${shape.join(', ')}]`);
    }
    return rearranged(call, shape);
  }
  // What cancels need not be known: [N, 4, 5] → [N, −1] is [N, 20].
  const [rest, divisor] = [[...input], [] as Quantity[]];
  for (const size of known) {
    const same = rest.findIndex((other) => equalDims(other, size) === true);
    if (same >= 0) rest.splice(same, 1);
    else divisor.push(size);
  }
  const [all, given] = [count(rest), count(divisor)];
  if (typeof all === 'number' && typeof given === 'number' && (given === 0 || all % given !== 0)) {
    throw new ShapeLost(`${count(input)} values do not fit into [${wanted.join(', ')}]`);
  }
  shape[open] = floorDivide(all, given);
  return rearranged(call, shape);
};

const flatten: OperatorRule = (call) => {
  const input = shapeOf(call, 0);
  const axis = call.attributes.integer('axis', 1);
  const at = axis === input.length ? axis : axisOf(axis, Math.max(input.length, 1));
  return rearranged(call, [count(input.slice(0, at)), count(input.slice(at))]);
};

const transpose: OperatorRule = (call) => {
  const input = shapeOf(call, 0);
  const permutation = call.attributes.integers('perm') ?? input.map((_, axis) => input.length - 1 - axis);
  if (
    [...permutation].sort((a, b) => a - b).some((axis, i) => axis !== i) ||
    permutation.length !== input.length
  ) {
    throw new ShapeLost('its `perm` names other axes than its input has');
  }
  return [
    value(
      typeOf(call),
      permutation.map((axis) => input[axis]!),
    ),
  ];
};

const squeeze: OperatorRule = (call) => {
  const input = shapeOf(call, 0);
  const axes = integersOf(call, 'axes', 1)?.map((axis) => axisOf(axis, input.length));
  if (!axes && input.some(isSymbolic)) throw new ShapeLost('which axes are 1 depends on sizes that are open');
  return rearranged(
    call,
    input.filter((size, axis) => (axes ? !axes.includes(axis) : size !== 1)),
  );
};

const unsqueeze: OperatorRule = (call) => {
  const input = shapeOf(call, 0);
  const given = integersOf(call, 'axes', 1);
  if (!given) throw new ShapeLost('Unsqueeze does not say which axes');
  const rank = input.length + given.length;
  const axes = given.map((axis) => axisOf(axis, rank));
  const rest = [...input];
  return rearranged(
    call,
    Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : rest.shift()!)),
  );
};

const concat: OperatorRule = (call) => {
  const shapes = call.inputs.map((_, index) => shapeOf(call, index));
  const [first] = shapes;
  if (!first) throw new ShapeLost('Concat of nothing');
  const axis = axisOf(call.attributes.integer('axis', call.version < 4 ? 1 : 0), first.length);
  if (shapes.some((shape) => shape.length !== first.length))
    throw new ShapeLost('its inputs have different numbers of axes');
  const shape = first.map((size, i) =>
    i === axis
      ? addAll(...shapes.map((each) => each[i]!))
      : agreed(
          shapes.map((each) => each[i]!),
          size,
        ),
  );
  const lists = call.inputs.map((input) => input?.numbers);
  const numbers =
    first.length === 1 && lists.every((list) => list) ? lists.flatMap((list) => list!) : undefined;
  return [{ ...value(typeOf(call), shape), ...(numbers ? { numbers } : {}) }];
};

/** Sizes that must be equal: the one that says most. @throws ShapeLost when they differ. */
function agreed(sizes: Quantity[], first: Quantity): Quantity {
  if (sizes.some((size) => equalDims(size, first) === false))
    throw new ShapeLost(`sizes ${sizes.join(' and ')} differ`);
  return sizes.find((size) => !isSymbolic(size)) ?? first;
}

const split: OperatorRule = (call) => {
  const input = shapeOf(call, 0);
  const axis = axisOf(call.attributes.integer('axis', 0), input.length);
  const size = input[axis]!;
  const sizes: Quantity[] | undefined = integersOf(call, 'split', 1);
  return Array.from({ length: call.outputCount }, (_, i) => {
    const each = ceilDivide(size, call.outputCount);
    const last = subtract(size, multiply(each, call.outputCount - 1));
    const part = sizes ? sizes[i] : i === call.outputCount - 1 ? last : each;
    if (part === undefined) throw new ShapeLost('it has more outputs than parts');
    return value(
      typeOf(call),
      input.map((other, j) => (j === axis ? part : other)),
    );
  });
};

const slice: OperatorRule = (call) => {
  const input = shapeOf(call, 0);
  const old = call.version < 10;
  const list = (name: string, index: number, what: string): Quantity[] | undefined =>
    old
      ? call.attributes.integers(name)
      : call.inputs[index]
        ? index >= 3
          ? plainNumbersOf(call, index, what)
          : numbersOrOpen(call, index, what)
        : undefined;
  const starts = list('starts', 1, 'its start');
  const ends = list('ends', 2, 'its end');
  if (!starts || !ends || starts.length !== ends.length)
    throw new ShapeLost('Slice does not say from where to where');
  const axes = (list('axes', 3, 'its axes') as number[] | undefined) ?? starts.map((_, i) => i);
  const steps =
    (old ? undefined : (list('steps', 4, 'its steps') as number[] | undefined)) ?? starts.map(() => 1);
  const shape = [...input];
  let numbers = inputOf(call, 0).numbers;
  for (const [i, given] of axes.entries()) {
    const axis = axisOf(given, input.length);
    const step = steps[i] ?? 1;
    if (step === 0) throw new ShapeLost('its step is 0');
    shape[axis] = sliced(input[axis]!, starts[i]!, ends[i]!, step);
    numbers = input.length === 1 && numbers ? slicedNumbers(numbers, starts[i]!, ends[i]!, step) : undefined;
  }
  return [{ ...value(typeOf(call), shape), ...(numbers && input.length === 1 ? { numbers } : {}) }];
};

function numbersOrOpen(call: OperatorCall, index: number, what: string): Quantity[] {
  return numbersOf(call, index, what);
}

/** How many cells from `start` to `end`; both may count from the back, or lie beyond the ends. */
function sliced(size: Quantity, start: Quantity, end: Quantity, step: number): Quantity {
  const far = Number.MAX_SAFE_INTEGER / 2;
  const place = (at: Quantity): Quantity => {
    if (typeof at !== 'number') return at;
    if (at >= far) return size;
    if (at <= -far) return step > 0 ? 0 : -1;
    return at < 0 ? add(at, size) : at;
  };
  const low = step > 0 ? 0 : -1;
  const high = step > 0 ? size : subtract(size, 1);
  const [from, to] = [start, end].map((at) => {
    const placed = place(at);
    // A symbolic size that begins or ends the slice cannot be told from one beyond the ends.
    return placed === 0 || equalDims(placed, size) === true ? placed : bounded(placed, low, high);
  }) as [Quantity, Quantity];
  const first = step < 0 && equalDims(from, size) === true ? high : from;
  const span = step > 0 ? subtract(to, first) : subtract(first, to);
  const cells = ceilDivide(span, Math.abs(step));
  return typeof cells === 'number' ? Math.max(cells, 0) : cells;
}

function bounded(at: Quantity, low: Quantity, high: Quantity): Quantity {
  return clamp(at, low, high);
}

function slicedNumbers(numbers: (Quantity | null)[], start: Quantity, end: Quantity, step: number) {
  if (typeof start !== 'number' || typeof end !== 'number') return undefined;
  const size = numbers.length;
  const place = (at: number) => (at < 0 ? at + size : at);
  const result: (Quantity | null)[] = [];
  const first = Math.max(Math.min(place(start), step > 0 ? size : size - 1), step > 0 ? 0 : -1);
  const last = Math.max(Math.min(place(end), size), end < -size && step < 0 ? -1 : step > 0 ? 0 : -1);
  for (let i = first; step > 0 ? i < last : i > last; i += step) result.push(numbers[i] ?? null);
  return result;
}

const gather: OperatorRule = (call) => {
  const [input, indices] = [shapeOf(call, 0), shapeOf(call, 1)];
  const axis = axisOf(call.attributes.integer('axis', 0), input.length);
  const result = value(typeOf(call), [...input.slice(0, axis), ...indices, ...input.slice(axis + 1)]);
  const [from, which] = [inputOf(call, 0).numbers, inputOf(call, 1).numbers];
  if (from && which && input.length === 1) {
    result.numbers = which.map((index) =>
      typeof index === 'number' ? (from[index < 0 ? index + from.length : index] ?? null) : null,
    );
  }
  return [result];
};

const gatherND: OperatorRule = (call) => {
  const [input, indices] = [shapeOf(call, 0), shapeOf(call, 1)];
  const batch = call.attributes.integer('batch_dims', 0);
  const depth = indices.at(-1);
  if (typeof depth !== 'number') throw new ShapeLost('the length of its indices is open');
  return [value(typeOf(call), [...indices.slice(0, -1), ...input.slice(batch + depth)])];
};

const expand: OperatorRule = (call) => {
  const shape = broadcast([shapeOf(call, 0), numbersOf(call, 1, 'the new shape')]);
  const [only] = inputOf(call, 0).numbers ?? [];
  const length = shape.length === 1 ? shape[0] : undefined;
  const single = inputOf(call, 0).numbers?.length === 1 && typeof length === 'number' && length <= 64;
  return [
    { ...value(typeOf(call), shape), ...(single ? { numbers: Array(length).fill(only ?? null) } : {}) },
  ];
};

const tile: OperatorRule = (call) => {
  const repeats = numbersOf(call, 1, 'how often it repeats');
  return [
    value(
      typeOf(call),
      shapeOf(call, 0).map((size, axis) => multiply(size, repeats[axis] ?? 1)),
    ),
  ];
};

const pad: OperatorRule = (call) => {
  const input = shapeOf(call, 0);
  const pads: Quantity[] =
    call.attributes.integers('pads') ??
    call.attributes.integers('paddings') ??
    numbersOf(call, 1, 'its padding');
  const axes = call.inputs[3] ? plainNumbersOf(call, 3, 'its axes') : input.map((_, axis) => axis);
  if (pads.length !== axes.length * 2) throw new ShapeLost('its padding has other axes than its input');
  const shape = [...input];
  for (const [i, given] of axes.entries()) {
    const axis = axisOf(given, input.length);
    shape[axis] = addAll(input[axis]!, pads[i]!, pads[i + axes.length]!);
  }
  return [value(typeOf(call), shape)];
};

const depthToSpace: OperatorRule = (call) => {
  const [batch, channels, height, width] = shapeOf(call, 0) as [Quantity, Quantity, Quantity, Quantity];
  const block = call.attributes.integer('blocksize', 1);
  return [
    value(typeOf(call), [
      batch,
      floorDivide(channels, block * block),
      multiply(height, block),
      multiply(width, block),
    ]),
  ];
};

const spaceToDepth: OperatorRule = (call) => {
  const [batch, channels, height, width] = shapeOf(call, 0) as [Quantity, Quantity, Quantity, Quantity];
  const block = call.attributes.integer('blocksize', 1);
  return [
    value(typeOf(call), [
      batch,
      multiply(channels, block * block),
      floorDivide(height, block),
      floorDivide(width, block),
    ]),
  ];
};

const resize: OperatorRule = (call) => {
  const input = shapeOf(call, 0);
  const isUpsample = call.opType === 'Upsample';
  const [scalesAt, sizesAt] = isUpsample || call.version < 11 ? [1, -1] : [2, 3];
  if (call.attributes.text('keep_aspect_ratio_policy', 'stretch') !== 'stretch') {
    throw new ShapeLost('Resize that keeps the aspect ratio is not followed');
  }
  const axes =
    call.attributes.integers('axes')?.map((axis) => axisOf(axis, input.length)) ??
    input.map((_, axis) => axis);
  const shape = [...input];
  const sizes = call.inputs[sizesAt];
  if (sizes && sizes.shape?.[0] !== 0) {
    numbersOf(call, sizesAt, 'the new size').forEach((size, i) => {
      shape[axes[i]!] = size;
    });
    return [value(typeOf(call), shape)];
  }
  const scales = call.attributes.numbers('scales') ?? plainNumbersOf(call, scalesAt, 'its scale');
  if (scales.length !== axes.length) throw new ShapeLost('its scales have other axes than its input');
  scales.forEach((scale, i) => {
    const size = input[axes[i]!]!;
    if (typeof size === 'number') shape[axes[i]!] = Math.floor(size * scale);
    else if (Number.isInteger(scale)) shape[axes[i]!] = multiply(size, scale);
    else if (Number.isInteger(1 / scale)) shape[axes[i]!] = floorDivide(size, 1 / scale);
    else throw new ShapeLost('its scale is no whole number, and the size is open');
  });
  return [value(typeOf(call), shape)];
};

const likeFirst: OperatorRule = (call) => [value(typeOf(call), shapeOf(call, 0))];

export const reshapingRules: Record<string, OperatorRule> = {
  Reshape: reshape,
  Flatten: flatten,
  Transpose: transpose,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Concat: concat,
  Split: split,
  Slice: slice,
  Gather: gather,
  GatherElements: (call) => [value(typeOf(call), shapeOf(call, 1))],
  GatherND: gatherND,
  Scatter: likeFirst,
  ScatterElements: likeFirst,
  ScatterND: likeFirst,
  ReverseSequence: likeFirst,
  Expand: expand,
  Tile: tile,
  Pad: pad,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  Resize: resize,
  Upsample: resize,
};
