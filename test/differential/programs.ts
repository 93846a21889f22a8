/**
 * Random programs that build models, as source text with one statement a line: sequential, functional with branches and
 * several inputs and outputs, shared layers, nested models, frozen layers. Some of what they do makes tfjs throw.
 */
import type { Random } from './layerCases';

/** Draws the next whole number below `count`. */
type Below = (count: number) => number;

interface Writer {
  lines: string[];
  below: Below;
  chance(share: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** A new name of a variable. */
  name(prefix: string): string;
}

export function makeProgram(random: Random): string[] {
  const below: Below = (count) => random.int(0, count - 1);
  let names = 0;
  const writer: Writer = {
    lines: [],
    below,
    chance: (share) => below(1000) < share * 1000,
    pick: (list) => list[below(list.length)]!,
    name: (prefix) => `${prefix}${names++}`,
  };
  const kinds = [sequential, sequential, functional, functional, functional, nested, shared];
  writer.pick(kinds)(writer);
  return writer.lines;
}

type Rank = 1 | 2 | 3 | 4;

function inputShape(w: Writer, rank: Rank): number[] {
  return Array.from({ length: rank }, () => 3 + w.below(rank > 2 ? 6 : 9));
}

/** A call that makes a layer, for an input that probably has so many axes (without the batch). */
function layerCall(w: Writer, rank: number, first?: number[]): string {
  const given = first ? `, inputShape: [${first.join(', ')}]` : '';
  const named = w.chance(0.1) ? `, name: '${w.name('layer_')}'` : '';
  const frozen = w.chance(0.05) ? ', trainable: false' : '';
  const rest = `${given}${named}${frozen}`;
  const small = () => 1 + w.below(3);
  const padding = w.pick(['', ", padding: 'same'", ", padding: 'valid'"]);
  const bias = w.pick(['', ', useBias: false']);
  const anyRank = [
    () => `tf.layers.dense({ units: ${1 + w.below(6)}${bias}${rest} })`,
    () => `tf.layers.activation({ activation: '${w.pick(['relu', 'tanh', 'softmax'])}'${rest} })`,
    () => `tf.layers.dropout({ rate: 0.5${rest} })`,
    () => `tf.layers.batchNormalization({ axis: -1${rest} })`,
    () => `tf.layers.flatten({ ${rest.replace(/^, /, '')} })`,
    () => `tf.layers.layerNormalization({ ${rest.replace(/^, /, '')} })`,
    () => `tf.layers.leakyReLU({ alpha: 0.1${rest} })`,
  ];
  const byRank: Record<number, (() => string)[]> = {
    1: [
      () => `tf.layers.repeatVector({ n: ${small()}${rest} })`,
      () => `tf.layers.reshape({ targetShape: [${w.pick(['-1, 1', '2, -1', '3, 2', '4'])}]${rest} })`,
    ],
    2: [
      () => `tf.layers.lstm({ units: ${small()}, returnSequences: ${w.chance(0.5)}${bias}${rest} })`,
      () => `tf.layers.gru({ units: ${small()}, returnSequences: ${w.chance(0.5)}${rest} })`,
      () => `tf.layers.simpleRNN({ units: ${small()}${rest} })`,
      () => `tf.layers.conv1d({ filters: ${small()}, kernelSize: ${small()}${padding}${rest} })`,
      () => `tf.layers.maxPooling1d({ poolSize: 2, strides: ${small()}${rest} })`,
      () => `tf.layers.globalAveragePooling1d({ ${rest.replace(/^, /, '')} })`,
      () => `tf.layers.permute({ dims: [2, 1]${rest} })`,
      () => `tf.layers.timeDistributed({ layer: tf.layers.dense({ units: ${small()} })${rest} })`,
      () =>
        `tf.layers.bidirectional({ layer: tf.layers.lstm({ units: ${small()}, returnSequences: ${w.chance(0.5)} }), mergeMode: '${w.pick(['concat', 'sum', 'ave'])}'${rest} })`,
    ],
    3: [
      () =>
        `tf.layers.conv2d({ filters: ${small()}, kernelSize: ${1 + w.below(5)}, strides: ${small()}${padding}${bias}${rest} })`,
      () =>
        `tf.layers.conv2d({ filters: ${small()}, kernelSize: [${small()}, ${small()}], dilationRate: ${small()}${padding}${rest} })`,
      () => `tf.layers.maxPooling2d({ poolSize: ${1 + w.below(4)}${padding}${rest} })`,
      () => `tf.layers.averagePooling2d({ poolSize: [${small()}, ${small()}], strides: ${small()}${rest} })`,
      () =>
        `tf.layers.depthwiseConv2d({ kernelSize: ${small()}, depthMultiplier: ${small()}${padding}${rest} })`,
      () => `tf.layers.separableConv2d({ filters: ${small()}, kernelSize: ${small()}${padding}${rest} })`,
      () =>
        `tf.layers.conv2dTranspose({ filters: ${small()}, kernelSize: ${small()}, strides: ${small()}${padding}${rest} })`,
      () => `tf.layers.zeroPadding2d({ padding: ${small()}${rest} })`,
      () => `tf.layers.cropping2D({ cropping: [[1, 0], [0, 1]]${rest} })`,
      () => `tf.layers.upSampling2d({ size: [2, 2]${rest} })`,
      () => `tf.layers.globalMaxPooling2d({ ${rest.replace(/^, /, '')} })`,
      () => `tf.layers.reshape({ targetShape: [-1, ${small()}]${rest} })`,
      () => `tf.layers.permute({ dims: [3, 1, 2]${rest} })`,
    ],
    4: [
      () => `tf.layers.conv3d({ filters: ${small()}, kernelSize: ${small()}${padding}${rest} })`,
      () => `tf.layers.maxPooling3d({ poolSize: 2${padding}${rest} })`,
      () => `tf.layers.convLstm2d({ filters: ${small()}, kernelSize: ${small()}${padding}${rest} })`,
    ],
  };
  // Now and then a layer that does not fit: tfjs throws, and so must the analysis.
  const at = w.chance(0.06) ? 1 + w.below(4) : rank;
  return w.pick([...anyRank, ...(byRank[at] ?? []), ...(byRank[at] ?? [])])();
}

/** How many axes the layer's output has, where its call tells. A wrong guess only makes a program that tfjs rejects. */
function rankAfter(call: string, rank: number): number {
  if (/flatten|global|targetShape: \[4\]|simpleRNN|returnSequences: false/.test(call)) return 1;
  if (/repeatVector|targetShape/.test(call)) return 2;
  return /convLstm2d/.test(call) ? 3 : rank;
}

function sequential(w: Writer, depth = 2 + w.below(6)): string {
  const model = w.name('model');
  let rank: number = w.pick([1, 2, 3, 3, 3, 4] as const);
  const shape = inputShape(w, rank as Rank);
  const calls: string[] = [];
  for (let i = 0; i < depth; i++) {
    const call = layerCall(w, rank, i === 0 && !w.chance(0.03) ? shape : undefined);
    calls.push(call);
    rank = rankAfter(call, rank);
  }
  if (w.chance(0.2)) {
    w.lines.push(`const ${model} = tf.sequential({ layers: [${calls.join(', ')}] });`);
  } else {
    w.lines.push(`const ${model} = tf.sequential();`);
    for (const call of calls) w.lines.push(addInSomeWay(w, model, call));
    if (calls.length > 1 && w.chance(0.1)) w.lines.push(`${model}.pop();`);
  }
  if (w.chance(0.1)) w.lines.push(`${model}.layers[0].trainable = false;`);
  return model;
}

/** One line that adds the layer, perhaps several times, in one of the ways that people write. */
function addInSomeWay(w: Writer, model: string, call: string): string {
  const mayRepeat = !call.includes('inputShape') && !call.includes('name:');
  const add = `${model}.add(${call});`;
  const ways = [
    `(() => { ${add} })();`,
    `for (const layer of [${call}]) ${model}.add(layer);`,
    `[() => ${call}].map((make) => make()).forEach((layer) => ${model}.add(layer));`,
    `new (class { constructor(model) { this.model = model; this.build(); } build() { this.model.add(${call}); } })(${model});`,
    `switch (${model}.layers.length) { case 99: ${model}.pop(); break; default: ${add} }`,
    `try { ${add} } finally { ${model}.layers.length; }`,
  ];
  const repeating = [
    `for (let i = 0; i < ${w.below(3)}; i++) ${add}`,
    `let n = ${1 + w.below(4)}; while (n > 1) { n /= 2; ${add} }`,
    `[1, 2].forEach((n, i) => { if (i < ${w.below(3)}) ${add} });`,
    `outer: for (const a of [1, 2]) for (const b of [1, 2]) { if (b > a) continue outer; ${add} }`,
    `(function again(left) { if (left > 0) { ${add} again(left - 1); } })(${w.below(3)});`,
  ];
  // A block of its own, so that names do not clash.
  return w.chance(0.7) ? add : `{ ${w.pick(mayRepeat ? [...ways, ...repeating] : ways)} }`;
}

interface Tensor {
  name: string;
  rank: number;
}

function apply(w: Writer, call: string, input: string): string {
  const name = w.name('t');
  const ways = [
    `((x) => ${call}.apply(x))(${input})`,
    `[${call}].reduce((x, layer) => layer.apply(x), ${input})`,
    `(({ layer, x }) => layer.apply(x))({ layer: ${call}, x: ${input} })`,
    `[...(function* () { yield ${call}; })()][0].apply(${input})`,
    `new (class { get layer() { return ${call}; } })().layer.apply(${input})`,
  ];
  w.lines.push(`const ${name} = ${w.chance(0.7) ? `${call}.apply(${input})` : w.pick(ways)};`);
  return name;
}

function functional(w: Writer): string {
  const tensors: Tensor[] = [];
  const inputs: string[] = [];
  const shapes: number[][] = [];
  for (let i = 0; i < (w.chance(0.3) ? 2 : 1); i++) {
    const rank = w.pick([1, 2, 3, 3] as const);
    const shape = shapes[0] && w.chance(0.6) ? shapes[0] : inputShape(w, rank);
    shapes.push(shape);
    const name = w.name('input');
    w.lines.push(`const ${name} = tf.input({ shape: [${shape.join(', ')}] });`);
    inputs.push(name);
    tensors.push({ name, rank: shape.length });
  }
  for (let i = 0; i < 2 + w.below(7); i++) {
    const from = w.chance(0.7) ? tensors.at(-1)! : w.pick(tensors);
    if (w.chance(0.25) && tensors.length > 1) {
      const other = w.chance(0.5) ? from : w.pick(tensors);
      const merge = w.pick([
        'add()',
        'multiply()',
        'maximum()',
        'average()',
        'concatenate()',
        'concatenate({ axis: 1 })',
      ]);
      const name = apply(w, `tf.layers.${merge}`, `[${from.name}, ${other.name}]`);
      tensors.push({ name, rank: from.rank });
      continue;
    }
    const call = layerCall(w, from.rank);
    tensors.push({ name: apply(w, call, from.name), rank: rankAfter(call, from.rank) });
  }
  const outputs =
    w.chance(0.25) && tensors.length > 3
      ? [tensors.at(-1)!, w.pick(tensors.slice(inputs.length))]
      : [tensors.at(-1)!];
  const model = w.name('model');
  const given = w.chance(0.03) ? inputs.slice(1) : inputs;
  w.lines.push(
    `const ${model} = tf.model({ inputs: ${listOf(given)}, outputs: ${listOf([...new Set(outputs.map(({ name }) => name))])} });`,
  );
  return model;
}

function listOf(names: string[]): string {
  return names.length === 1 ? names[0]! : `[${names.join(', ')}]`;
}

function nested(w: Writer): void {
  const inner = w.chance(0.5) ? sequential(w, 1 + w.below(3)) : functional(w);
  if (w.chance(0.4)) {
    const outer = w.name('model');
    w.lines.push(`const ${outer} = tf.sequential();`);
    w.lines.push(`${outer}.add(${inner});`);
    w.lines.push(`${outer}.add(${layerCall(w, 1 + w.below(3))});`);
    return;
  }
  const shape = `${inner}.inputs[0].shape.slice(1)`;
  const first = w.name('input');
  w.lines.push(`const ${first} = tf.input({ shape: ${shape} });`);
  const middle = apply(w, inner, first);
  const outputs = [middle];
  if (w.chance(0.4)) outputs.push(apply(w, inner, first));
  const last = apply(
    w,
    w.pick(['tf.layers.flatten()', 'tf.layers.dense({ units: 2 })', 'tf.layers.reLU()']),
    w.pick(outputs),
  );
  w.lines.push(`const ${w.name('model')} = tf.model({ inputs: ${first}, outputs: ${last} });`);
}

function shared(w: Writer): void {
  const rank = w.pick([1, 2, 3] as const);
  const shape = inputShape(w, rank);
  const other = w.chance(0.8) ? shape : inputShape(w, rank);
  const [left, right] = [w.name('input'), w.name('input')];
  w.lines.push(`const ${left} = tf.input({ shape: [${shape.join(', ')}] });`);
  w.lines.push(`const ${right} = tf.input({ shape: [${other.join(', ')}] });`);
  const layer = w.name('shared');
  const call = layerCall(w, rank);
  w.lines.push(`const ${layer} = ${call};`);
  const a = apply(w, layer, left);
  const b = apply(w, layer, right);
  const merged = apply(w, `tf.layers.${w.pick(['concatenate', 'add', 'multiply'])}()`, `[${a}, ${b}]`);
  const end = apply(w, layerCall(w, rankAfter(call, rank)), merged);
  w.lines.push(`const ${w.name('model')} = tf.model({ inputs: [${left}, ${right}], outputs: ${end} });`);
}
