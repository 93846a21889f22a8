/**
 * tfjs-layers layers/recurrent.ts and convolutional_recurrent.ts. What ONNX's own operators compute is written with
 * them; masks, stacked cells, convolutions and further activations become a Scan over the steps.
 */
import { elementTypes } from '../../onnx/tensors';
import { applyNamed, isCellwise } from './activations';
import type { Tensor } from './builder';
import { movedShape, transposed } from './builder';
import type { ExportedLayer, ExportedWeight } from './exportedModel';
import { type Converter, LayerCall } from './layer';
import { outputsFirst, padding } from './windows';

/** tfjs's activation → the one that onnxruntime's recurrent operators compute alike. */
const nativeActivations: Record<string, { name: string; alpha: number; beta: number }> = {
  tanh: { name: 'Tanh', alpha: 0, beta: 0 },
  sigmoid: { name: 'Sigmoid', alpha: 0, beta: 0 },
  hardSigmoid: { name: 'HardSigmoid', alpha: 0.2, beta: 0.5 },
  relu: { name: 'Relu', alpha: 0, beta: 0 },
  linear: { name: 'Affine', alpha: 1, beta: 0 },
};

interface NativeKind {
  opType: 'RNN' | 'GRU' | 'LSTM';
  /** Where ONNX's gates are among tfjs's. */
  gates: number[];
  states: number;
  activations: ('recurrentActivation' | 'activation')[];
}

const nativeKinds: Record<string, NativeKind> = {
  SimpleRNNCell: { opType: 'RNN', gates: [0], states: 1, activations: ['activation'] },
  // z, r, h in both
  GRUCell: { opType: 'GRU', gates: [0, 1, 2], states: 1, activations: ['recurrentActivation', 'activation'] },
  // tfjs: i, f, c, o; ONNX: i, o, f, c
  LSTMCell: {
    opType: 'LSTM',
    gates: [0, 3, 1, 2],
    states: 2,
    activations: ['recurrentActivation', 'activation', 'activation'],
  },
};

/** One layer over the steps of its input. */
const recurrent: Converter = (call) => {
  if (call.flag('stateful'))
    call.refuse('it keeps its state from one batch to the next, which an ONNX file cannot');
  const cell = call.part('cell') as ExportedLayer;
  const kind = nativeKinds[cell.className];
  const cellCall = callOf(call, cell);
  const activations = kind?.activations.map((key) => nativeActivations[cellCall.text(key, 'linear')]);
  const isNative = !call.mask && activations?.every((activation) => activation !== undefined);
  return kind && isNative ? native(call, cellCall, kind, activations as Activation[]) : scan(call, cellCall);
};

/** The cell as something that converters work with. */
function callOf(call: LayerCall, cell: ExportedLayer): LayerCall {
  return new LayerCall(call.graph, { ...cell, name: call.layer.name }, call.inputs, undefined, call.convert);
}

type Activation = { name: string; alpha: number; beta: number };

function native(call: LayerCall, cell: LayerCall, kind: NativeKind, activations: Activation[]): Tensor[] {
  const { graph, input } = call;
  const [batch, time] = input.shape;
  const units = cell.number('units', 1);
  const kernel = cell.requiredWeight('kernel');
  const recurrentKernel = cell.requiredWeight('recurrent_kernel');
  const bias = cell.weight('bias');
  const x = graph.op('Transpose', [graph.plain(input)], { perm: [1, 0, 2] });
  const gates = (weight: ExportedWeight) => ordered(weight, kind.gates, units);
  const w = graph.weight(kernel, 'gates', gates);
  const r = graph.weight(recurrentKernel, 'gates', gates);
  const b = bias ? graph.weight(bias, 'gates', (weight) => bothBiases(weight, kind.gates, units)) : '';
  const states = call.inputs
    .slice(1)
    .map((state) => graph.op('Unsqueeze', [graph.plain(state), graph.integers([0])]));
  if (states.length > 0 && states.length !== kind.states)
    call.refuse(`it is given ${states.length} initial states`);
  const isBackwards = call.flag('goBackwards');
  const inputs = [x, w, r, b, '', ...states];
  while (inputs.at(-1) === '') inputs.pop();
  const [all, ...last] = graph.mains(kind.opType, inputs, 1 + kind.states, {
    hidden_size: units,
    direction: isBackwards ? 'reverse' : 'forward',
    activations: activations.map(({ name }) => name),
    activation_alpha: { floats: activations.map(({ alpha }) => alpha) },
    activation_beta: { floats: activations.map(({ beta }) => beta) },
  });
  const final = last.map((state) =>
    graph.tensor(graph.op('Squeeze', [state, graph.integers([0])]), [batch!, units]),
  );
  let output = final[0]!;
  if (call.flag('returnSequences')) {
    const steps = graph.op('Squeeze', [all!, graph.integers([1])]);
    // ONNX puts each output at its input's step; tfjs in the order in which they come.
    const inOrder = isBackwards
      ? graph.op('Slice', [steps, ...[-1, -(2 ** 62), 0, -1].map((value) => graph.integers([value]))])
      : steps;
    output = graph.tensor(graph.op('Transpose', [inOrder], { perm: [1, 0, 2] }), [batch!, time!, units]);
  }
  return [output, ...(call.flag('returnState') ? final : [])];
}

/** [in, gates · units] → [1, gates · units, in], in ONNX's order of gates. */
function ordered({ shape, values }: ExportedWeight, gates: number[], units: number) {
  const turned = transposed({ shape, values }, [1, 0]);
  const rows = shape[0]!;
  const result = new Float32Array(values.length);
  for (const [to, from] of gates.entries())
    result.set(turned.values.subarray(from * units * rows, (from + 1) * units * rows), to * units * rows);
  return { shape: [1, gates.length * units, rows], values: result };
}

/** ONNX has a bias for the input and one for the state; tfjs one for both. */
function bothBiases({ values }: ExportedWeight, gates: number[], units: number) {
  const result = new Float32Array(2 * values.length);
  for (const [to, from] of gates.entries())
    result.set(values.subarray(from * units, (from + 1) * units), to * units);
  return { shape: [1, result.length], values: result };
}

// --- step by step ----------------------------------------------------------------------------------------------------

/** A cell: how its states look, and one step of it. */
interface Cell {
  /** Each state without the batch, as it lies in the graph. */
  states: (number | null)[][];
  step(x: string, states: string[]): { output: string; states: string[] };
}

function cellOf(call: LayerCall, inputShape: readonly (number | null)[]): Cell {
  const { className } = call.layer;
  if (className === 'StackedRNNCells') return stacked(call, inputShape);
  if (className === 'ConvLSTM2DCell') return convolutionalLstm(call, inputShape);
  if (className in nativeKinds) return plainCell(call);
  return call.refuse(`its cell ${className} is not one of TensorFlow.js's own`);
}

function plainCell(call: LayerCall): Cell {
  const { graph } = call;
  const units = call.number('units', 1);
  const kernel = graph.weight(call.requiredWeight('kernel'));
  const recurrentKernel = call.requiredWeight('recurrent_kernel');
  const bias = call.weight('bias');
  const fromInput = (x: string) => {
    const product = graph.op('MatMul', [x, kernel]);
    return bias ? graph.op('Add', [product, graph.weight(bias)]) : product;
  };
  const activation = (x: string) => applyNamed(call, call.text('activation', 'linear'), x);
  const gate = (x: string) => applyNamed(call, call.text('recurrentActivation', 'linear'), x);
  const split = (x: string, count: number) =>
    graph.ops('Split', [x, graph.integers(Array(count).fill(units))], count, { axis: -1 });
  const add = (a: string, b: string) => graph.op('Add', [a, b]);
  const multiply = (a: string, b: string) => graph.op('Mul', [a, b]);
  const steps: Record<string, Cell['step']> = {
    SimpleRNNCell(x, [h]) {
      const next = activation(add(fromInput(x), graph.op('MatMul', [h!, graph.weight(recurrentKernel)])));
      return { output: next, states: [next] };
    },
    GRUCell(x, [h]) {
      const [xz, xr, xh] = split(fromInput(x), 3) as [string, string, string];
      const columns = (from: number, to: number) =>
        graph.weight(recurrentKernel, `columns_${from}_${to}`, (weight) => columnsOf(weight, from, to));
      const inner = graph.op('MatMul', [h!, columns(0, 2 * units)]);
      const [hz, hr] = split(inner, 2) as [string, string];
      const z = gate(add(xz, hz));
      const r = gate(add(xr, hr));
      const candidate = activation(
        add(xh, graph.op('MatMul', [multiply(r, h!), columns(2 * units, 3 * units)])),
      );
      const rest = graph.op('Sub', [graph.float(1), z]);
      const next = add(multiply(z, h!), multiply(rest, candidate));
      return { output: next, states: [next] };
    },
    LSTMCell(x, [h, c]) {
      const sum = add(fromInput(x), graph.op('MatMul', [h!, graph.weight(recurrentKernel)]));
      const [i, f, candidate, o] = split(sum, 4) as [string, string, string, string];
      const nextC = add(multiply(gate(f), c!), multiply(gate(i), activation(candidate)));
      const nextH = multiply(gate(o), activation(nextC));
      return { output: nextH, states: [nextH, nextC] };
    },
  };
  const states = Array.from({ length: nativeKinds[call.layer.className]!.states }, () => [units]);
  return { states, step: steps[call.layer.className]! };
}

function columnsOf({ shape, values }: ExportedWeight, from: number, to: number) {
  const [rows, width] = shape as [number, number];
  const result = new Float32Array(rows * (to - from));
  for (let row = 0; row < rows; row++)
    result.set(values.subarray(row * width + from, row * width + to), row * (to - from));
  return { shape: [rows, to - from], values: result };
}

/** The last cell's states come first. */
function stacked(call: LayerCall, inputShape: readonly (number | null)[]): Cell {
  const parts = (call.layer.parts['cells'] as readonly ExportedLayer[] | undefined) ?? [];
  const cells = parts.map((part) => cellOf(callOf(call, part), inputShape));
  return {
    states: cells.toReversed().flatMap(({ states }) => states),
    step(x, states) {
      const left = [...states];
      const own = cells
        .toReversed()
        .map((cell) => left.splice(0, cell.states.length))
        .reverse();
      let output = x;
      const next = cells.map((cell, i) => {
        const stepped = cell.step(output, own[i]!);
        output = stepped.output;
        return stepped.states;
      });
      return { output, states: next.reverse().flat() };
    },
  };
}

/** Its channels are second all the while. @param inputShape of one step, without the batch, channels first */
function convolutionalLstm(call: LayerCall, inputShape: readonly (number | null)[]): Cell {
  const { graph } = call;
  const filters = call.number('filters', 1);
  const kernel = call.requiredWeight('kernel');
  const recurrentKernel = call.requiredWeight('recurrent_kernel');
  const bias = call.weight('bias');
  const names = [call.text('activation', 'linear'), call.text('recurrentActivation', 'linear')];
  if (!names.every(isCellwise)) call.refuse('its activation goes along an axis');
  const size = call.numbers('kernelSize', 2, 1);
  const window = {
    kernel: size,
    strides: call.numbers('strides', 2, 1),
    dilations: call.numbers('dilationRate', 2, 1),
    padding: call.text('padding', 'valid'),
  };
  const inner = { kernel: size, strides: [1, 1], dilations: [1, 1], padding: 'same' };
  const sizes = inputShape.slice(1);
  const out = sizes.map((one, axis) => {
    if (one === null) return null;
    const reach = window.padding === 'same' ? 1 : (size[axis]! - 1) * window.dilations[axis]! + 1;
    return Math.ceil((one - reach + 1) / window.strides[axis]!);
  });
  if (out.some((one) => one !== null && one <= 0)) call.refuse('its window is larger than its input');
  const convolve = (
    x: string,
    weight: ExportedWeight,
    { kernel: kernel_shape, strides, dilations }: typeof window,
    pads: object,
    more: string[],
  ) =>
    graph.op('Conv', [x, graph.weight(weight, 'outputs_first', outputsFirst), ...more], {
      kernel_shape,
      strides,
      dilations,
      ...pads,
    });
  const activation = (x: string) => applyNamed(call, names[0]!, x);
  const gate = (x: string) => applyNamed(call, names[1]!, x);
  return {
    states: [
      [filters, ...out],
      [filters, ...out],
    ],
    step(x, [h, c]) {
      const fromInput = convolve(
        x,
        kernel,
        window,
        padding(call, window, sizes),
        bias ? [graph.weight(bias)] : [],
      );
      const fromState = convolve(h!, recurrentKernel, inner, padding(call, inner, out), []);
      const sum = graph.op('Add', [fromInput, fromState]);
      const [i, f, candidate, o] = graph.ops('Split', [sum, graph.integers(Array(4).fill(filters))], 4, {
        axis: 1,
      });
      const nextC = graph.op('Add', [
        graph.op('Mul', [gate(f!), c!]),
        graph.op('Mul', [gate(i!), activation(candidate!)]),
      ]);
      const nextH = graph.op('Mul', [gate(o!), activation(nextC)]);
      return { output: nextH, states: [nextH, nextC] };
    },
  };
}

function scan(call: LayerCall, cellCall: LayerCall): Tensor[] {
  const { graph, input, mask } = call;
  const [batch, time, ...cells] = input.shape;
  const isConvolution = cellCall.layer.className === 'ConvLSTM2DCell';
  const isFirst = cellCall.isChannelsFirst;
  const rank = input.shape.length;
  // [batch, time, ...] → [time, batch, ...], for pictures with the channels before their sizes.
  const rest = Array.from({ length: rank - 2 }, (_, axis) => axis + 2);
  const perm = isConvolution && !isFirst ? [1, 0, 4, 2, 3] : [1, 0, ...rest];
  const x = graph.op('Transpose', [graph.plain(input)], { perm });
  const stepShape = isConvolution && !isFirst ? movedShape([batch!, ...cells]) : [batch!, ...cells];
  const cell = cellOf(cellCall, stepShape.slice(1));
  const given = call.inputs.slice(1);
  if (given.length > 0 && given.length !== cell.states.length)
    call.refuse(`it is given ${given.length} initial states`);
  const turned = isConvolution && !isFirst;
  const initial = cell.states.map((sizes, i) => {
    const state = given[i];
    if (state) return turned ? graph.moved(state) : graph.plain(state);
    return zeros(call, sizes);
  });
  const states = cell.states.map((sizes, i) => ({ name: `state${i}`, shape: [batch!, ...sizes] }));
  const { bool } = elementTypes;
  const masks = mask ? [graph.op('Transpose', [graph.plain(mask)], { perm: [1, 0] })] : [];
  const body = graph.subgraph(
    `${call.layer.name}/step`,
    [
      ...states,
      { name: 'x', shape: stepShape },
      ...(mask ? [{ name: 'mask', shape: [batch!], elementType: bool }] : []),
    ],
    (names) => {
      const before = names.slice(0, states.length);
      const stepped = cell.step(names[states.length]!, before);
      if (!mask) return [...stepped.states, stepped.output];
      // A masked step leaves the states as they are; its output is the first of them.
      const axes = graph.integers(cell.states[0]!.map((_, axis) => axis + 1));
      const counts = graph.op('Unsqueeze', [names.at(-1)!, axes]);
      const kept = (after: string, former: string) => graph.op('Where', [counts, after, former]);
      return [...stepped.states.map((state, i) => kept(state, before[i]!)), kept(stepped.output, before[0]!)];
    },
  );
  const isBackwards = call.flag('goBackwards');
  const scanned = 1 + masks.length;
  const results = graph.mains('Scan', [...initial, x, ...masks], states.length + 1, {
    body,
    num_scan_inputs: scanned,
    ...(isBackwards ? { scan_input_directions: Array(scanned).fill(1) } : {}),
  });
  const outputSizes = cell.states[0]!;
  const tensorOf = (name: string, sizes: (number | null)[]) =>
    turned
      ? graph.movedTensor(name, [batch!, ...sizes.slice(1), sizes[0]!])
      : graph.tensor(name, [batch!, ...sizes]);
  const final = results.slice(0, states.length).map((name, i) => tensorOf(name, cell.states[i]!));
  let output: Tensor;
  if (call.flag('returnSequences')) {
    const back = turned ? [1, 0, 3, 4, 2] : [1, 0, ...rest];
    const steps = graph.op('Transpose', [results.at(-1)!], { perm: back });
    const sizes = turned ? [...outputSizes.slice(1), outputSizes[0]!] : outputSizes;
    output = graph.tensor(steps, [batch!, time!, ...sizes]);
  } else {
    const last = graph.op('Gather', [results.at(-1)!, graph.op('Squeeze', [graph.integers([-1])])], {
      axis: 0,
    });
    output = tensorOf(last, outputSizes);
  }
  return [output, ...(call.flag('returnState') ? final : [])];
}

/** [batch, ...sizes] zeros. */
function zeros(call: LayerCall, sizes: (number | null)[]): string {
  const { graph, input, layer } = call;
  if (sizes.includes(null)) return call.refuse(`the size of the state of \`${layer.name}\` is open`);
  const batch = graph.op('Slice', [graph.shapeOf(input), graph.integers([0]), graph.integers([1])]);
  const shape = graph.op('Concat', [batch, graph.integers(sizes as number[])], { axis: 0 });
  return graph.op('Expand', [graph.float(0), shape]);
}

export const recurrentConverters: Record<string, Converter> = {
  SimpleRNN: recurrent,
  GRU: recurrent,
  LSTM: recurrent,
  RNN: recurrent,
  ConvLSTM2D: recurrent,
};
