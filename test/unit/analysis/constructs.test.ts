/** Each program is analysed and executed by tfjs: what is shown is what tfjs does. */
import { type Files, prelude } from './check';
import { checkAgainstTfjs } from './executed';

interface Program {
  source: string;
  files?: Files;
  path?: string;
}

const programs: Record<string, string | Program> = {
  'for, with an input shape for the first round only': `
const model = tf.sequential();
for (let i = 0; i < 4; i++) {
  model.add(tf.layers.dense({ units: 2 ** (i + 2), inputShape: i === 0 ? [7, 3] : undefined }));
}`,
  'for…of over entries, while, do…while': `
const model = tf.sequential();
for (const [i, units] of [8, 6, 4].entries()) model.add(tf.layers.dense({ units, ...(i === 0 && { inputShape: [5] }) }));
let width = 64;
while (width > 10) { model.add(tf.layers.dense({ units: width })); width /= 2; }
let rounds = 0;
do { model.add(tf.layers.dropout({ rate: 0.1 * rounds })); } while (++rounds < 3);`,
  'forEach, map, reduce, reduceRight, filter, flatMap': `
const sizes = [16, 8, 4];
const input = tf.input({ shape: [10] });
const x = sizes.reduce((y, units) => tf.layers.dense({ units }).apply(y), input);
const z = sizes.reduceRight((y, units, i) => tf.layers.dense({ units: units + i }).apply(y), x);
const model = tf.model({ inputs: input, outputs: z });
const layers = sizes.filter((n) => n > 4).flatMap((units, i) => [
  tf.layers.dense({ units, inputShape: i ? undefined : [3] }), tf.layers.reLU(),
]);
const other = tf.sequential({ layers });
sizes.forEach((units) => other.add(tf.layers.dense({ units })));`,
  'a list of layers built first, and for…in over a table': `
const table = { wide: 32, narrow: 8, 2: 5, 1: 3 };
const list = [tf.layers.inputLayer({ inputShape: [12] })];
for (const key in table) list.push(tf.layers.dense({ units: table[key], name: key.length > 1 ? key : 'n' + key }));
const model = tf.sequential();
for (const layer of list) model.add(layer);`,
  'shorthand, spread, Object.assign, defaults, destructuring': `
const base = { activation: 'relu', padding: 'same', kernelSize: 3 };
function conv({ filters, strides = 1, ...rest }) {
  return tf.layers.conv2d({ ...base, filters, strides, ...rest });
}
const model = tf.sequential();
model.add(conv({ filters: 4, inputShape: [20, 20, 3] }));
model.add(conv({ filters: 8, strides: 2, padding: 'valid' }));
model.add(tf.layers.conv2d(Object.assign({}, base, { filters: 2, kernelSize: [1, 5] })));
const [first, , third = 9] = [1, 2];
model.add(tf.layers.dense({ units: first + third }));`,
  'blocks: residual, inception, dense': `
const bn = (x) => tf.layers.batchNormalization().apply(x);
const relu = (x) => tf.layers.activation({ activation: 'relu' }).apply(x);
const conv = (x, filters, kernelSize, strides = 1) =>
  relu(bn(tf.layers.conv2d({ filters, kernelSize, strides, padding: 'same', useBias: false }).apply(x)));
function residual(x, filters, stride) {
  let shortcut = x;
  if (stride !== 1 || x.shape[x.shape.length - 1] !== filters) {
    shortcut = tf.layers.conv2d({ filters, kernelSize: 1, strides: stride }).apply(x);
  }
  return relu(tf.layers.add().apply([conv(conv(x, filters, 3, stride), filters, 3), shortcut]));
}
function inception(x, [a, b, c]) {
  const branches = [conv(x, a, 1), conv(conv(x, b[0], 1), b[1], 3), tf.layers.maxPooling2d({ poolSize: 3, strides: 1, padding: 'same' }).apply(x)];
  return tf.layers.concatenate({ axis: -1 }).apply([...branches, conv(x, c, 5)]);
}
function denseBlock(x, growth, count) {
  for (let i = 0; i < count; i++) x = tf.layers.concatenate().apply([x, conv(x, growth, 3)]);
  return x;
}
const input = tf.input({ shape: [33, 33, 3] });
let x = residual(input, 16, 2);
x = residual(x, 16, 1);
x = inception(x, [4, [2, 6], 3]);
x = denseBlock(x, 5, 3);
x = tf.layers.globalAveragePooling2d({}).apply(x);
const model = tf.model({ inputs: input, outputs: tf.layers.dense({ units: 10 }).apply(x) });`,
  'encoder and decoder with skip connections kept on a stack': `
function unet(size, depth, filters) {
  const input = tf.input({ shape: [size, size, 1] });
  const skips = [];
  let x = input;
  for (let level = 0; level < depth; level++) {
    x = tf.layers.conv2d({ filters: filters << level, kernelSize: 3, padding: 'same' }).apply(x);
    skips.push(x);
    x = tf.layers.maxPooling2d({ poolSize: 2 }).apply(x);
  }
  x = tf.layers.conv2d({ filters: filters << depth, kernelSize: 3, padding: 'same' }).apply(x);
  for (let level = depth - 1; level >= 0; level--) {
    x = tf.layers.conv2dTranspose({ filters: filters << level, kernelSize: 2, strides: 2 }).apply(x);
    x = tf.layers.concatenate().apply([x, skips.pop()]);
  }
  return tf.model({ inputs: input, outputs: tf.layers.conv2d({ filters: 1, kernelSize: 1 }).apply(x) });
}
unet(32, 3, 4);`,
  'closures keep the variables of their round': `
const builders = [];
for (let i = 1; i <= 3; i++) builders.push(() => tf.layers.dense({ units: i }));
var late = [];
for (var j = 1; j <= 3; j++) late.push(() => tf.layers.dense({ units: j }));
const model = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [6] })] });
for (const build of [...builders, ...late]) model.add(build());`,
  'closures over state, and functions that make functions': `
function counter(start) { let n = start; return { next: () => n++, get value() { return n; } }; }
const a = counter(3), b = counter(10);
const dense = (units) => (options = {}) => tf.layers.dense({ units, ...options });
const model = tf.sequential();
model.add(dense(a.next())({ inputShape: [b.next()] }));
model.add(dense(a.next())());
model.add(dense(b.value)());
model.add(dense(a.value)());`,
  'recursion, and a generator of blocks': `
function tower(x, depth) { return depth === 0 ? x : tower(tf.layers.dense({ units: depth * 3 }).apply(x), depth - 1); }
function* blocks(n) { for (let i = 0; i < n; i++) { yield tf.layers.dense({ units: i + 1 }); yield* [tf.layers.reLU(), tf.layers.dropout({ rate: 0.2 })]; } }
const input = tf.input({ shape: [4] });
let x = tower(input, 3);
for (const layer of blocks(2)) x = layer.apply(x);
const g = blocks(1);
x = g.next().value.apply(x);
tf.model({ inputs: input, outputs: x });`,
  'a class that builds its model across methods and fields': `
class Net {
  private model: tf.Sequential;
  static readonly defaults = { hidden: [32, 16] };
  #rate = 0.5;
  constructor(private readonly inputs: number, public readonly outputs = 3) {
    this.model = tf.sequential();
    this.build(Net.defaults.hidden);
  }
  private get last() { return this.outputs * 2; }
  private build(hidden: number[]): void;
  private build(hidden: any) {
    hidden.forEach((units: number, i: number) => this.add(units, i === 0));
    this.model.add(tf.layers.dropout({ rate: this.#rate }));
    this.model.add(tf.layers.dense({ units: this.last }));
  }
  private add(units: number, first: boolean) {
    this.model.add(tf.layers.dense({ units, ...(first ? { inputShape: [this.inputs] } : {}) }));
  }
}
new Net(9);
new Net(4, 5);`,
  'parameter properties come before fields, also behind super()': `
class Base {
  layer = tf.layers.dense({ units: this.units, inputShape: [2] });
  constructor(protected units: number) {}
}
class Derived extends Base {
  head = tf.layers.dense({ units: this.classes + this.units });
  constructor(units: number, private classes: number) { super(units); }
  make() { return tf.sequential({ layers: [this.layer, this.head] }); }
}
new Derived(5, 7).make();`,
  'static members are found on the class that is asked': `
class A {
  static units = 5;
  static get twice() { return this.units * 2; }
  static build() { return tf.sequential({ layers: [tf.layers.dense({ units: this.units, inputShape: [this.twice] })] }); }
}
class B extends A { static units = 9; static { this.extra = 4; } static extra2 = 1; }
A.build(); B.build();
tf.sequential({ layers: [tf.layers.dense({ units: (B as any).extra, inputShape: [1] })] });`,
  'methods of object literals mean the object they are called on': `
const base = { units: 3, layer() { return tf.layers.dense({ units: this.units, inputShape: [2] }); } };
const wide = { ...base, units: 11 };
tf.sequential({ layers: [wide.layer()] });
tf.sequential({ layers: [base.layer.call({ units: 6 })] });
const bound = base.layer.bind({ units: 4 });
tf.sequential({ layers: [bound()] });`,
  'enums, as const, satisfies, casts, generics, optional chaining': `
enum Size { Small = 4, Large, Huge = Large << 2 }
const names = ['a', 'b'] as const;
const config = { units: Size.Huge, nested: { rate: 0.5 } } satisfies Record<string, unknown>;
function identity<T>(value: T): T { return value; }
const model = tf.sequential();
model.add(tf.layers.dense({ units: identity<number>(config.units), inputShape: [names.length] }));
model.add(tf.layers.dense({ units: (config as any)?.missing?.units ?? Size.Large }));
model.add(tf.layers.dense({ units: Size[Size.Small]!.length, name: names[0] }));`,
  'modules: named, default, namespace, re-exports, JSON': {
    source: `
import build, { width as w } from './lib';
import * as lib from './lib';
import config from './config.json';
build([w, lib.depth, config.units]);`,
    files: {
      '/workspace/lib/index.ts': `export { default } from './build'; export * from './sizes';`,
      '/workspace/lib/build.ts': `import { sequential, layers } from '@tensorflow/tfjs';
export default function (sizes: number[]) {
  return sequential({ layers: sizes.map((units, i) => layers.dense({ units, inputShape: i === 0 ? [3] : undefined })) });
}`,
      '/workspace/lib/sizes.ts': `export const width = 12; export let depth = 2; depth += 1;`,
      '/workspace/config.json': '{ "units": 7 }',
    },
  },
  'a module’s variable as it is when it is read': {
    source: `
import { units, setUnits, make } from './state';
setUnits(20);
tf.sequential({ layers: [tf.layers.dense({ units, inputShape: [2] })] });
make();`,
    files: {
      '/workspace/state.ts': `import * as tf from '@tensorflow/tfjs';
export let units = 10;
export function setUnits(n: number) { units = n; }
export const make = () => tf.sequential({ layers: [tf.layers.dense({ units, inputShape: [3] })] });`,
    },
  },
  'a module that hands on tf': {
    source: `
import tfjs, { tf as library } from './tf';
import * as all from './tf';
tfjs.sequential({ layers: [library.layers.dense({ units: 3, inputShape: [all.tf.layers ? 2 : 1] })] });`,
    files: {
      '/workspace/tf.ts': `import * as tf from '@tensorflow/tfjs'; export { tf }; export default tf;`,
    },
  },
  'a module that exports all of tf': {
    source: `
import { layers, sequential } from './tf';
import * as mine from './tf';
sequential({ layers: [layers.dense({ units: mine.units, inputShape: [2] })] });
mine.sequential({ layers: [mine.layers.dense({ units: 2, inputShape: [2] })] });`,
    files: { '/workspace/tf.ts': `export * from '@tensorflow/tfjs'; export const units = 4;` },
  },
  CommonJS: {
    source: `
const tf = require('@tensorflow/tfjs-node');
const { build, sizes } = require('./build');
build(...sizes);
module.exports = { build };`,
    files: {
      '/workspace/build.js': `const tf = require('@tensorflow/tfjs-node');
const sizes = [3, 4];
exports.sizes = sizes;
exports.build = function (a, b) { return tf.sequential({ layers: [tf.layers.dense({ units: b, inputShape: [a] })] }); };`,
    },
    path: '/workspace/main.js',
  },
  'apply with one, many and nested inputs; shared layers; nested models': `
const encoder = tf.sequential({ layers: [tf.layers.dense({ units: 6, inputShape: [8] }), tf.layers.reLU()] });
const shared = tf.layers.dense({ units: 5 });
const left = tf.input({ shape: [8] }), right = tf.input({ shape: [8] });
const inputs = [left, right];
const encoded = inputs.map((input) => shared.apply(encoder.apply(input)));
const merged = tf.layers.concatenate().apply(encoded);
const model = tf.model({ inputs, outputs: [merged, encoded[0]] });`,
  'transfer learning: layers, outputs, getLayer, outputShape, countParams, pop, trainable': `
const base = tf.sequential();
base.add(tf.layers.conv2d({ inputShape: [16, 16, 3], filters: 4, kernelSize: 3, name: 'first' }));
base.add(tf.layers.conv2d({ filters: 8, kernelSize: 3 }));
base.add(tf.layers.flatten());
base.add(tf.layers.dense({ units: 10 }));
base.pop();
const cut = base.getLayer('first');
const features = tf.model({ inputs: base.inputs, outputs: base.layers[1].output });
for (const layer of base.layers.slice(0, 1)) layer.trainable = false;
const head = tf.sequential({ layers: [
  tf.layers.flatten({ inputShape: features.outputs[0].shape.slice(1) }),
  tf.layers.dense({ units: cut.countParams() % 9 }),
  tf.layers.dense({ units: base.outputShape[1] % 5 + cut.outputShape[3] }),
] });
tf.model({ inputs: features.inputs[0], outputs: head.apply(features.outputs[0]) });`,
  'a model used as a layer is frozen': `
const base = tf.sequential({ layers: [tf.layers.dense({ units: 4, inputShape: [3] }), tf.layers.batchNormalization()] });
base.trainable = false;
const model = tf.sequential();
model.add(base);
model.add(tf.layers.dense({ units: 2 }));`,
  'labels: continue and break of the outer loop': `
const model = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [2] })] });
outer: for (let i = 1; i < 5; i++) {
  for (let j = 1; j < 5; j++) {
    if (j > i) continue outer;
    if (i + j > 6) break outer;
    model.add(tf.layers.dense({ units: i * 10 + j }));
  }
}
model.add(tf.layers.dense({ units: 1 }));`,
  'switch: fall through, default in the middle': `
function units(kind) {
  let n = 1;
  switch (kind) {
    case 'a': n += 1;
    case 'b': n += 10; break;
    default: n += 100;
    case 'c': n += 1000;
  }
  return n;
}
const model = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [2] })] });
for (const kind of ['a', 'b', 'c', 'd']) model.add(tf.layers.dense({ units: units(kind) }));`,
  'var belongs to the function, names hide names': `
const units = 10;
function a() { if (false) { var units = 3; } return units ?? 8; }
function b(units) { { const units = 6; } return units; }
function c() { const { units: n = units } = { units: undefined }; return n; }
const model = tf.sequential({ layers: [a(), b(4), c()].map((units, i) => tf.layers.dense({ units, ...(i || { inputShape: [1] }) })) });
{ const tf = { layers: { dense: () => 5 } }; model.add(globalThis.undefined ?? outer(tf.layers.dense({}))); }
function outer(units) { return tf.layers.dense({ units }); }`,
  'aliases: what one name changes, the other sees': `
const config = { filters: 4, list: [1, 2] };
const alias = config;
alias.filters *= 3;
const { list } = config;
list.push(5); list[0] = 7; list.unshift(9);
config.list.length = 3;
delete alias['filters2'];
const model = tf.sequential({ layers: [tf.layers.conv1d({ ...config, filters: config.filters, kernelSize: config.list[2], inputShape: [9, config.list.length] })] });`,
  'getters, setters, defineProperty': `
const options = { _n: 2, get units() { return this._n * 3; }, set units(n) { this._n = n; } };
options.units = 5;
Object.defineProperty(options, 'inputShape', { value: [4] });
class Config { constructor(n) { this.n = n; } get units() { return this.n; } set units(n) { this.n = n + 1; } }
const config = new Config(3);
config.units = 8;
const model = tf.sequential();
model.add(tf.layers.dense({ units: options.units, inputShape: options.inputShape }));
model.add(tf.layers.dense({ units: config.units }));
const plain = { get units() { return 6; } };
model.add(tf.layers.dense(plain));`,
  'holes, lengths and orders of lists': `
const made = new Array(3).map(() => 5);
const filled = Array(2).fill(4).map((n, i) => n + i);
const from = Array.from({ length: 2 }, (_, i) => i + 7);
const spread = [...Array(2).keys()].map((i) => i + 1);
const sorted = [10, 9, 2].sort(), numeric = [10, 9, 2].sort((a, b) => a - b);
const objects = [{ n: 3 }, { n: 1 }].sort((a, b) => a.n - b.n);
const sizes = [made.length, ...filled, ...from, ...spread, sorted[0], numeric[0], objects[0].n, Object.keys({ b: 1, 2: 1, 1: 1 })[0].length];
const model = tf.sequential({ layers: sizes.map((units, i) => tf.layers.dense({ units, ...(i === 0 ? { inputShape: [3] } : null) })) });`,
  'texts: parseInt, templates, JSON, comparisons of shapes': `
const text = '3x12,7';
const [a, b] = text.split('x');
const config = JSON.parse(JSON.stringify({ sizes: [1, 2], units: parseInt(b) }));
const input = tf.input({ shape: [4, 6] });
const same = JSON.stringify(input.shape) === JSON.stringify([null, 4, 6]);
const text2 = input.shape.toString() === ',4,6' && \`\${[1, 2]}\` === '1,2';
const x = tf.layers.dense({ units: same && text2 ? config.units : 99 }).apply(input);
const y = tf.layers.dense({ units: Number('0x10') + +a + ~~(7 / 2) + (7 / 2 | 0) + Math.round(2.5) + Math.trunc(-2.5) }).apply(x);
tf.model({ inputs: input, outputs: y });`,
  'promises, awaits and callbacks on the way': `
async function load() { return { units: 6 }; }
const later = (value) => new Promise((resolve) => resolve(value));
function withConfig(callback) { return callback({ inputs: 3 }); }
export async function main() {
  const { units } = { units: 6 };
  return withConfig(({ inputs }) => tf.sequential({ layers: [tf.layers.dense({ units, inputShape: [inputs] })] }));
}
main();
tf.tidy(() => tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [2] })] }));`,
  'try, catch, finally, throw': `
function pick(n) { try { if (n > 2) throw new Error('too many'); return n; } catch (error) { return error.message.length; } finally { n = 100; } }
let ended = 0;
function last() { try { return 1; } finally { ended = 5; } }
const model = tf.sequential({ layers: [tf.layers.dense({ units: pick(2), inputShape: [pick(3)] }), tf.layers.dense({ units: last() })] });
model.add(tf.layers.dense({ units: ended }));`,
  'zero is no default with ??, and is with ||': `
function build({ hidden, units }) {
  const model = tf.sequential();
  model.add(tf.layers.dense({ units: units || 5, inputShape: [(hidden ?? 3) + 1] }));
  return model;
}
build({ hidden: 0, units: 0 });
build({});`,
  'a custom layer whose weights come from its constructor’s arguments': `
class Scale extends tf.layers.Layer {
  static className = 'Scale';
  constructor(config) { super(config); this.size = config.size; }
  build(shape) { this.kernel = this.addWeight('k', [shape[shape.length - 1], this.size], 'float32', tf.initializers.ones()); super.build(shape); }
  computeOutputShape(shape) { return [...shape.slice(0, -1), this.size]; }
  call(inputs) { const x = Array.isArray(inputs) ? inputs[0] : inputs; return tf.dot(x, this.kernel.read()); }
}
const model = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [2] }), new Scale({ size: 7, name: 'scale' })] });
model.add(new Scale({ size: 2 }));`,
  'instanceof and typeof': `
const input = tf.input({ shape: [4] });
const first = (x) => (x instanceof tf.SymbolicTensor ? 5 : 1);
const kind = (x) => (Array.isArray(x) ? 'list' : typeof x);
const layer = tf.layers.dense({ units: first(input) });
const x = layer.apply(input);
const y = tf.layers.dense({ units: { list: 3, object: 4, number: 5 }[kind([x])] + (layer instanceof tf.layers.Layer ? 1 : 0) }).apply(x);
tf.model({ inputs: input, outputs: y });`,
  'Map and Set, entries and Object.entries': `
const blocks = new Map([['a', { units: 3 }], ['b', { units: 4 }]]);
blocks.set('c', { units: new Set([1, 1, 2]).size });
const model = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [2] })] });
for (const [name, config] of blocks) model.add(tf.layers.dense({ name, ...config }));
Object.entries({ x: 5, y: 6 }).forEach(([name, units]) => model.add(tf.layers.dense({ name, units })));
blocks.forEach(({ units }, name) => model.add(tf.layers.dense({ name: name + '2', units })));`,
};

/** One line each: JavaScript as it is. */
const small: Record<string, string> = {
  'closure var shared': `let n = 1; const inc = () => { n += 1; return n; }; const m = tf.sequential({layers: [tf.layers.dense({units: inc() * 10 + inc(), inputShape: [inc()]})]}); m.add(tf.layers.dense({units: n}));`,
  'order of evaluation': `let k = 2; const f = (a, b) => tf.layers.dense({units: a * 10 + b, inputShape: [k]}); tf.sequential({layers: [f(k++, k)]}); k = 3; k += k++ + ++k; tf.sequential({layers: [tf.layers.dense({units: k, inputShape: [1]})]});`,
  'default params see earlier ones': `const f = (a, b = a * 2, { c = b + 1, ...rest } = {}) => [a, b, c, rest]; const [a, b, c] = f(3); const [d, e, g, rest] = f(1, undefined, { c: undefined, z: 9 }); tf.sequential({layers: [tf.layers.dense({units: a + b * c, inputShape: [d + e + g + rest.z]})]});`,
  'arguments object': `function f() { return arguments.length + arguments[1]; } tf.sequential({layers: [tf.layers.dense({units: f(1, 5, 2), inputShape: [1]})]});`,
  'string arithmetic': `const a = '3' * '4', b = '3' + 4, c = +'7' - '2', d = 5 + +true, e = [1,2] + ''; tf.sequential({layers: [tf.layers.dense({units: a + c + d, inputShape: [Number(b)]}), tf.layers.dense({units: e.length})]});`,
  'bit ops': `const x = (13 >> 1) | (3 << 2) & ~1 ^ 5, y = 7 >>> 1, z = -7 / 2 | 0, w = ~~(9 / 2), q = 17 % 5, r = (-17 % 5) + 10; tf.sequential({layers: [tf.layers.dense({units: x + y, inputShape: [w + q + r + z]})]});`,
  'splice, slice, at, indexOf, lastIndexOf': `const l = [5, 6, 7, 8, 9]; const cut = l.splice(1, 2, 20, 30, 40); const u = l.slice(-2)[0] + l.at(-1) + cut.length + l.indexOf(30) + l.length; tf.sequential({layers: [tf.layers.dense({units: u, inputShape: [l.lastIndexOf(9)]})]});`,
  'comma, void, in, delete': `const o = {a: 1, b: 2}; delete o.a; const u = ('a' in o ? 100 : 3) + (1, 2) + (void 0 === undefined ? 4 : 50) + Object.keys(o).length; tf.sequential({layers: [tf.layers.dense({units: u, inputShape: ['b' in o ? 2 : 9]})]});`,
  'getter on class and inheritance super': `class A { get n() { return 3; } size() { return this.n * 2; } static make() { return new this(); } } class B extends A { get n() { return super.n + 4; } size() { return super.size() + 1; } } const b = B.make(); tf.sequential({layers: [tf.layers.dense({units: b.size(), inputShape: [new A().size()]})]});`,
  'static override': `class A { static N = 4; layer() { return tf.layers.dense({units: this.constructor.N, inputShape: [2]}); } } class B extends A { static N = 9; } tf.sequential({layers: [new B().layer()]});`,
  'array destructuring swap': `let [a, b] = [3, 4]; [a, b] = [b, a]; const o = {}; [o.x, o.y = 7] = [5]; ({a, z: o.z = 2} = {a: 11}); tf.sequential({layers: [tf.layers.dense({units: a * b + o.x, inputShape: [o.y + o.z]})]});`,
  'loop with closure and let mutated inside body': `const fs = []; for (let i = 0; i < 6; i++) { fs.push(() => i); i++; } tf.sequential({layers: fs.map((f, j) => tf.layers.dense({units: f() + 1, ...(j === 0 ? {inputShape: [2]} : {})}))});`,
  'while with break and continue': `let i = 0; const m = tf.sequential({layers: [tf.layers.inputLayer({inputShape: [3]})]}); while (true) { i++; if (i % 2) continue; if (i > 6) break; m.add(tf.layers.dense({units: i})); } m.add(tf.layers.dense({units: i}));`,
  'for in on arrays gives strings': `const m = tf.sequential({layers: [tf.layers.inputLayer({inputShape: [3]})]}); for (const k in [7, 8]) m.add(tf.layers.dense({units: Number(k + 1)}));`,
  'closures as configs; currying; IIFE': `const mk = ((base) => ({ add: (n) => { base += n; return base; }, get: () => base }))(2); mk.add(3); tf.sequential({layers: [tf.layers.dense({units: mk.add(5), inputShape: [mk.get()]})]});`,
  exceptions: `function risky(n) { if (n > 1) throw new RangeError('x' + n); return n; } let u = 0; for (const n of [1, 2, 3]) { try { u += risky(n) * 10; } catch ({ message }) { u += message.length; } finally { u += 1; } } tf.sequential({layers: [tf.layers.dense({units: u, inputShape: [1]})]});`,
  'throw across functions and generator': `function* g() { let i = 0; while (true) yield ++i; } let s = 0; for (const n of g()) { if (n > 4) break; s += n; } tf.sequential({layers: [tf.layers.dense({units: s, inputShape: [1]})]});`,
  'map returns pairs; Object.fromEntries': `const o = Object.fromEntries(Object.entries({a: 2, b: 3}).map(([k, v]) => [k + k, v * v])); tf.sequential({layers: [tf.layers.dense({units: o.aa + o.bb, inputShape: [Object.values(o).reduce((p, c) => p + c)]})]});`,
  'shared layer twice with names': `const i = tf.input({shape: [4]}); const d = tf.layers.dense({units: 4, name: 'shared'}); let x = i; for (let k = 0; k < 3; k++) x = d.apply(x); const m = tf.model({inputs: i, outputs: x}); tf.model({inputs: m.inputs, outputs: tf.layers.dense({units: m.layers.length}).apply(m.getLayer('shared').getOutputAt(1))});`,
  'model.layers forEach freeze and rebuild': `const m = tf.sequential({layers: [tf.layers.dense({units: 3, inputShape: [2]}), tf.layers.dense({units: 4})]}); m.layers.forEach((l, i) => { l.trainable = i > 0; }); const n = tf.sequential(); for (const l of m.layers.slice(0, -1)) n.add(l); n.add(tf.layers.dense({units: 5}));`,
  truthiness: `const v = (x) => x ? 1 : 2; const u = [0, NaN, '', null, undefined, [], {}, '0', -1, false].map(v).reduce((a, b) => a * 2 + b, 0); tf.sequential({layers: [tf.layers.dense({units: u % 97 + 1, inputShape: [2]})]});`,
  'loose equality': `const u = [null == undefined, '1' == 1, 0 == '', null == 0, [1] == 1, NaN == NaN].map(Number).reduce((a, b) => a * 2 + b, 1); tf.sequential({layers: [tf.layers.dense({units: u, inputShape: [2]})]});`,
  sparse: `const a = []; a[3] = 7; let n = 0; a.forEach(() => n++); const b = [, 5, ,]; tf.sequential({layers: [tf.layers.dense({units: a.length * 10 + n, inputShape: [b.length]})]});`,
  'toFixed, padStart, regex-free strings': `const u = Number((10 / 3).toFixed(0)) + Number('7'.padStart(2, '1')) + 'a-b-c'.split('-').length + 'conv2d_3'.charCodeAt(0) % 7 + parseInt('12px') + [..."abc"].length; tf.sequential({layers: [tf.layers.dense({units: u, inputShape: [2]})]});`,
  Math: `tf.sequential({layers: [tf.layers.dense({units: Math.max(...[1, 5, 3]) + Math.min(4, 2) + Math.round(-0.5) + Math.hypot(3, 4) + Math.log2(8) + Math.abs(-2) + Math.sign(-3), inputShape: [Math.ceil(7 / 2)]})]});`,
  'symbol of class expression': `const Net = class extends (class { base() { return 3; } }) { build() { return tf.sequential({layers: [tf.layers.dense({units: this.base(), inputShape: [1]})]}); } }; new Net().build();`,
  'prototype style': `function Net(n) { this.n = n; } Net.prototype.build = function () { return tf.sequential({layers: [tf.layers.dense({units: this.n, inputShape: [1]})]}); }; new Net(7).build();`,
  'this in nested arrow and function': `const o = { n: 4, build() { const self = this; return [1, 2].map(function (i) { return self.n * i; }).concat([1].map(() => this.n)); } }; const l = o.build(); tf.sequential({layers: l.map((units, i) => tf.layers.dense({units, inputShape: i ? undefined : [2]}))});`,
  'map thisArg': `const o = { n: 4 }; const l = [1, 2].map(function (i) { return this.n * i; }, o); tf.sequential({layers: l.map((units, i) => tf.layers.dense({units, inputShape: i ? undefined : [2]}))});`,
  'named function expression and shadow': `const f = function g(n) { return n <= 1 ? 1 : n * g(n - 1); }; const tfx = tf; { let f = 3; tfx.sequential({layers: [tfx.layers.dense({units: f, inputShape: [2]})]}); } tf.sequential({layers: [tf.layers.dense({units: f(4), inputShape: [2]})]});`,
  'hoisted function in block and later reassign': `var u = size(); function size() { return 5; } let w = 2; { w = 6; let v = w; w = v + 1; } tf.sequential({layers: [tf.layers.dense({units: u + w, inputShape: [2]})]});`,
  'chained ternaries and nullish assign': `let a = null, b = 0, c; a ??= 4; b ||= 5; c &&= 6; b &&= b + 1; tf.sequential({layers: [tf.layers.dense({units: a + b, inputShape: [c === undefined ? 3 : 4]})]});`,
  'exponent and float': `tf.sequential({layers: [tf.layers.dense({units: 2 ** 3 ** 1 + (0.1 + 0.2 > 0.3 ? 1 : 2) + 1e1 + 0x10 + 0b11 + 1_0, inputShape: [Math.floor(9 ** 0.5)]})]});`,
  'model by Promise.all and async map': `const build = async (n) => tf.sequential({layers: [tf.layers.dense({units: n, inputShape: [2]})]}); const all = Promise.all([2, 3].map(build)); build(4).then((m) => m);`,
  'outputs by name map': `const i = tf.input({shape: [8]}); const heads = {a: 3, b: 4}; const outs = Object.keys(heads).map((name) => tf.layers.dense({units: heads[name], name}).apply(i)); tf.model({inputs: [i], outputs: outs});`,
  'array concat nested': `const l = [].concat([1, 2], 3, [[4]]); tf.sequential({layers: [tf.layers.dense({units: l.length * 10 + l.flat().reduce((a, b) => a + b), inputShape: [2]})]});`,
  'copyWithin-free reverse + join': `const l = [1, 2, 3].reverse(); l.sort(); tf.sequential({layers: [tf.layers.dense({units: parseInt(l.join('')), inputShape: [[3, 1, 2].toString().length]})]});`,
  'switch on true': `const n = 7; let u; switch (true) { case n > 10: u = 1; break; case n > 5: { u = 2; break; } default: u = 3; } tf.sequential({layers: [tf.layers.dense({units: u, inputShape: [2]})]});`,
  'do while with continue': `let i = 0, s = 0; do { i++; if (i === 2) continue; s += i; } while (i < 4); tf.sequential({layers: [tf.layers.dense({units: s, inputShape: [2]})]});`,
  'weak spots: model name and getLayer(undefined, i)': `const m = tf.sequential({name: 'n', layers: [tf.layers.dense({units: 3, inputShape: [2]}), tf.layers.dense({units: 4, name: 'last'})]}); const i = tf.input({shape: [m.getLayer(undefined, 1).units]}); tf.model({inputs: i, outputs: tf.layers.dense({units: m.layers.length}).apply(i)});`,
  'layer properties': `const d = tf.layers.conv2d({filters: 6, kernelSize: 3, inputShape: [9, 9, 1]}); const m = tf.sequential({layers: [d]}); const i = tf.input({shape: [d.getConfig().filters + d.filters]}); tf.model({inputs: i, outputs: tf.layers.dense({units: d.getWeights().length}).apply(i)});`,
};

describe('constructs, analysed and executed', () => {
  for (const [title, program] of Object.entries(programs)) {
    it(title, () => {
      const { source, files, path } =
        typeof program === 'string' ? ({ source: program } as Program) : program;
      const text = source.includes("require('@tensorflow") ? source : prelude + source;
      checkAgainstTfjs(text, files, path);
    });
  }
  for (const [title, source] of Object.entries(small))
    it(title, () => checkAgainstTfjs(prelude + source, {}, '/workspace/main.js'));
});
