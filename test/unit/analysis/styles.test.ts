/** Networks as people of different habits write them; each program is analysed and executed by tfjs. */
import { type Files, prelude } from './check';
import { checkAgainstTfjs, checkLaterAgainstTfjs } from './executed';

interface Program {
  source: string;
  files?: Files;
  path?: string;
}

const programs: Record<string, Program> = {
  'class generic layer factory': {
    source: `
abstract class Block<T extends { units: number }> {
  protected static count = 0;
  static #made: string[] = [];
  constructor(protected readonly opts: T) { Block.count++; }
  abstract build(x: tf.SymbolicTensor): tf.SymbolicTensor;
  get units(): number { return this.opts.units * 2; }
  static log(n: string) { Block.#made.push(n); return Block.#made.length; }
}
class Dense extends Block<{ units: number }> {
  build(x) { Block.log('d'); return tf.layers.dense({ units: this.units + Block.log('x') }).apply(x); }
}
class Drop extends Dense {
  override get units() { return super.units + 1; }
  build(x) { return tf.layers.dropout({ rate: 0.3 }).apply(super.build(x)); }
}
const inp = tf.input({ shape: [6] });
let x = new Dense({ units: 3 }).build(inp);
x = new Drop({ units: 4 }).build(x);
tf.model({ inputs: inp, outputs: tf.layers.dense({ units: (Block as any).count }).apply(x) });`,
  },
  'Object.entries fromEntries': {
    source: `
const spec = { enc: 32, mid: 16, dec: 8 };
const doubled = Object.fromEntries(Object.entries(spec).map(([k, v]) => [k + '_x', v * 2]));
const m = tf.sequential();
for (const [name, units] of Object.entries(doubled)) m.add(tf.layers.dense({ name, units, ...(m.layers.length === 0 && { inputShape: [4] }) }));`,
  },
  'unet recursion': {
    source: `
function level(x, depth, f) {
  const c = tf.layers.conv2d({ filters: f, kernelSize: 3, padding: 'same', activation: 'relu' }).apply(x);
  if (depth === 0) return c;
  const down = tf.layers.maxPooling2d({ poolSize: [2, 2] }).apply(c);
  const inner = level(down, depth - 1, f * 2);
  const up = tf.layers.upSampling2d({ size: [2, 2] }).apply(inner);
  return tf.layers.conv2d({ filters: f, kernelSize: 3, padding: 'same' }).apply(tf.layers.concatenate({ axis: 3 }).apply([c, up]));
}
const i = tf.input({ shape: [64, 64, 3] });
tf.model({ inputs: i, outputs: level(i, 3, 8) });`,
  },
  'async await and promises': {
    source: `
const load = async (units: number) => { await new Promise((r) => setTimeout(r, 1)); return { units }; };
(async () => {
  const { units } = await load(5);
  const [a, b] = await Promise.all([load(3), Promise.resolve(7)]);
  const m = tf.sequential();
  m.add(tf.layers.dense({ units, inputShape: [b] }));
  await Promise.resolve(m).then((mm) => mm.add(tf.layers.dense({ units: a.units })));
})();`,
  },
  commonjs: {
    source: `
const tf = require('@tensorflow/tfjs-node');
const { layers: L, sequential } = tf;
const { makeHead, SIZE } = require('./head');
const cfg = require('./cfg.json');
const m = sequential({ layers: [L.dense({ units: cfg.units[1], inputShape: [SIZE] })] });
makeHead(m);`,
    path: '/workspace/main.js',
    files: {
      '/workspace/head.js': `const tf = require('@tensorflow/tfjs-node');
exports.SIZE = 9;
module.exports.makeHead = function (m) { m.add(tf.layers.dense({ units: exports.SIZE })); };`,
      '/workspace/cfg.json': `{"units": [1, 22]}`,
    },
  },
  cycles: {
    source: `
import * as tf from '@tensorflow/tfjs';
import { a } from './a';
tf.sequential({ layers: [tf.layers.dense({ units: a(), inputShape: [2] })] });`,
    files: {
      '/workspace/a.ts': `import { b } from './b';
export const base = 4;
export function a() { return b() + 1; }`,
      '/workspace/b.ts': `import { base } from './a';
export function b() { return base * 2; }`,
    },
  },
  'reexport as': {
    source: `
import * as tf from '@tensorflow/tfjs';
import { Units as U, default as build, ns } from './barrel';
build(tf, U.big + ns.extra);`,
    files: {
      '/workspace/barrel.ts': `export { default, Units } from './impl';
export * as ns from './more';`,
      '/workspace/impl.ts': `export enum Units { small = 1, big = 11 }
export default (tf, n) => tf.sequential({ layers: [tf.layers.dense({ units: n, inputShape: [Units.small] })] });`,
      '/workspace/more.ts': `export const extra = 3;`,
    },
  },
  'pop and trainable': {
    source: `
const m = tf.sequential();
m.add(tf.layers.dense({ units: 4, inputShape: [3], trainable: false }));
m.add(tf.layers.dense({ units: 5 }));
m.add(tf.layers.dense({ units: 6 }));
m.pop(); m.layers[1].trainable = false;
m.add(tf.layers.dense({ units: m.outputs[0].shape[1]! * 2 }));
m.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
m.layers[2].trainable = false;`,
  },
  'shared and nested': {
    source: `
const enc = tf.sequential({ layers: [tf.layers.dense({ units: 8, inputShape: [5] }), tf.layers.dense({ units: 4 })] });
const a = tf.input({ shape: [5] }), b = tf.input({ shape: [5] });
const shared = tf.layers.dense({ units: 3 });
const [ea, eb] = [a, b].map((t) => shared.apply(enc.apply(t)) as tf.SymbolicTensor);
const d = tf.layers.dot({ axes: -1, normalize: true }).apply([ea, eb]);
const s = tf.model({ inputs: [a, b], outputs: [d as any, ea] });
const [o1, o2] = s.apply([a, b]) as any;
tf.model({ inputs: [a, b], outputs: tf.layers.concatenate().apply([o1, o2]) as any });`,
  },
  'custom layer': {
    source: `
class Antirectifier extends tf.layers.Layer {
  static className = 'Antirectifier';
  constructor(config?) { super(config ?? {}); this.supportsMasking = true; }
  computeOutputShape(inputShape: number[]) { return [inputShape[0], inputShape[1], inputShape[2], 2 * inputShape[3]]; }
  call(inputs, kwargs) { let input = inputs; if (Array.isArray(input)) input = input[0]; return tf.concat([input, tf.neg(input)], 3); }
  getClassName() { return 'Antirectifier'; }
}
class Scale extends tf.layers.Layer {
  private units: number; w;
  static get className() { return 'Scale'; }
  constructor({ units, ...rest }: any) { super(rest); this.units = units; }
  build(inputShape) { const last = inputShape[inputShape.length - 1]; this.w = this.addWeight('w', [last, this.units], 'float32', tf.initializers.ones()); this.addWeight('b', [this.units], undefined, tf.initializers.zeros(), undefined, false); this.built = true; }
  computeOutputShape(s) { return s.slice(0, -1).concat(this.units); }
  call(x) { return tf.matMul(x[0], this.w.read()); }
}
tf.serialization.registerClass(Antirectifier);
tf.serialization.registerClass(Scale as any);
const m = tf.sequential();
m.add(tf.layers.conv2d({ filters: 3, kernelSize: 3, inputShape: [8, 8, 1] }));
m.add(new Antirectifier());
m.add(tf.layers.flatten());
m.add(new Scale({ units: 7, name: 'scale_a' }));`,
  },
  'getters/setters static block private methods': {
    source: `
class Builder {
  #layers: tf.layers.Layer[] = [];
  static #instance?: Builder;
  static get instance() { return (this.#instance ??= new Builder()); }
  #push(l: tf.layers.Layer) { this.#layers.push(l); return this; }
  dense(units: number, o: object = {}) { return this.#push(tf.layers.dense({ units, ...o })); }
  dropout(rate = .5) { return this.#push(tf.layers.dropout({ rate })); }
  set width(w: number) { this.#w = w; }
  get width() { return this.#w ?? 3; }
  #w?: number;
  build() { return tf.sequential({ layers: this.#layers }); }
}
Builder.instance.width = 9;
Builder.instance.dense(Builder.instance.width, { inputShape: [Builder.instance.width + 1] }).dropout().dense(2);
Builder.instance.build();`,
  },
  'symbol iterator class': {
    source: `
class Range { constructor(private n: number) {} *[Symbol.iterator]() { for (let i = 0; i < this.n; i++) yield i; } }
const m = tf.sequential();
for (const i of new Range(3)) m.add(tf.layers.dense({ units: i + 1, inputShape: i ? undefined : [2] }));
const arr = [...new Range(2)];
m.add(tf.layers.dense({ units: arr.length * 10 }));`,
  },
  'generator manual next / lazily infinite': {
    source: `
function* sizes() { let n = 2; while (true) { yield n; n *= 2; } }
const g = sizes();
const m = tf.sequential();
m.add(tf.layers.dense({ units: g.next().value as number, inputShape: [3] }));
m.add(tf.layers.dense({ units: g.next().value as number }));
for (const s of sizes()) { if (s > 8) break; m.add(tf.layers.dense({ units: s })); }`,
  },
  'Array methods galore': {
    source: `
const a = Array.from({ length: 4 }, (_, i) => 2 ** i);
const b = [...a].reverse().concat([3, [5]] as any).flat().sort((x, y) => x - y);
const c = new Array(3).fill(0).map((_, i) => i + b.at(-1)!);
const d = Array(2).fill(4);
const idx = b.findIndex((v) => v === 5), inc = b.includes(8) ? 1 : 2;
const m = tf.sequential();
m.add(tf.layers.dense({ units: b.length, inputShape: [idx] }));
for (const u of [...c, ...d, b.indexOf(3), Math.max(...b), b.slice(1, 3)[0], b.splice(0, 1)[0], b.length, inc, b.some((x) => x > 3) ? 6 : 7, b.every(Boolean) ? 11 : 12, c.join('').length, [1, 2].lastIndexOf(2), b.reduce((s, v) => s + v)]) m.add(tf.layers.dense({ units: u }));`,
  },
  'Map Set WeakMap iteration': {
    source: `
const map = new Map<string, number>([['a', 5], ['b', 6]]);
map.set('c', 7).delete('a');
const m = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [map.size] })] });
map.forEach((units, name) => m.add(tf.layers.dense({ units, name })));
for (const [k, v] of map) m.add(tf.layers.dense({ units: v + k.length }));
for (const v of new Set([3, 3, 4]).values()) m.add(tf.layers.dense({ units: v }));
m.add(tf.layers.dense({ units: [...map.keys()].length + (map.get('b') ?? 0) + (map.has('z') ? 100 : 1) }));
const wm = new WeakMap<object, number>(); const key = {}; wm.set(key, 8);
m.add(tf.layers.dense({ units: wm.get(key)! }));`,
  },
  'string ops': {
    source: `
const spec = 'c32-c64-p-d128-d10';
const m = tf.sequential();
spec.split('-').forEach((s, i) => {
  const n = parseInt(s.slice(1), 10);
  const inputShape = i === 0 ? [28, 28, 1] : undefined;
  if (s.startsWith('c')) m.add(tf.layers.conv2d({ filters: n, kernelSize: 3, inputShape: inputShape as any }));
  else if (s[0] === 'p') { m.add(tf.layers.maxPooling2d({ poolSize: 2 })); m.add(tf.layers.flatten()); }
  else m.add(tf.layers.dense({ units: Number(s.substring(1)), name: \`fc_\${n}\`.toUpperCase().toLowerCase() }));
});`,
  },
  'regex parsing': {
    source: `
const spec = ['conv(16,3)', 'conv(8,5)', 'dense(4)'];
const m = tf.sequential();
m.add(tf.layers.inputLayer({ inputShape: [20, 20, 2] }));
for (const s of spec) {
  const [, kind, args] = /^(\\w+)\\(([\\d,]+)\\)$/.exec(s)!;
  const [a, b] = args.split(',').map(Number);
  if (kind === 'conv') m.add(tf.layers.conv2d({ filters: a, kernelSize: b }));
  else { m.add(tf.layers.globalAveragePooling2d({})); m.add(tf.layers.dense({ units: a })); }
}`,
  },
  'labeled, nested loops, continue': {
    source: `
const m = tf.sequential();
outer: for (let i = 0; i < 3; i++) {
  for (let j = 0; j < 3; j++) {
    if (j === 2) continue outer;
    if (i === 2) break outer;
    m.add(tf.layers.dense({ units: i * 3 + j + 1, ...(m.layers.length ? {} : { inputShape: [4] }) }));
  }
}`,
  },
  'pipe compose curry': {
    source: `
const pipe = (...fns: Array<(x: any) => any>) => (x: any) => fns.reduce((v, f) => f(v), x);
const dense = (units: number) => (x: any) => tf.layers.dense({ units }).apply(x);
const act = (activation: any) => (x: any) => tf.layers.activation({ activation }).apply(x);
const repeat = (n: number, f: (x: any) => any) => pipe(...Array.from({ length: n }, () => f));
const inp = tf.input({ shape: [3] });
tf.model({ inputs: inp, outputs: pipe(dense(4), act('relu'), repeat(2, pipe(dense(5), act('tanh'))), dense(1))(inp) });`,
  },
  'apply bind call this': {
    source: `
const o = { units: 4, mk(this: any, k: number, ...r: number[]) { return tf.layers.dense({ units: this.units * k + r.length, inputShape: [2] }); } };
tf.sequential({ layers: [o.mk.apply({ units: 5 }, [2, 1, 1])] });
tf.sequential({ layers: [o.mk.bind(o, 3)(1)] });
tf.sequential({ layers: [Reflect.apply(o.mk, o, [1])] });`,
  },
  'destructuring heavy': {
    source: `
const { a: { b: [, second = 4] = [] } = {} as any, ...others } = { a: { b: [1] }, u: 5, v: [6, 7] } as any;
let p = 1, q = 2; [p, q] = [q, p];
({ u: p } = others);
const m = tf.sequential();
m.add(tf.layers.dense({ units: second, inputShape: [p, q] }));
const [[x0, ...xs], { length }] = [others.v, 'abcd'];
m.add(tf.layers.dense({ units: x0 + xs[0] + length }));`,
  },
  exceptions: {
    source: `
function size(n: number) { if (n > 3) throw new RangeError('big'); return n; }
let u; try { u = size(5); } catch (e) { u = e instanceof RangeError ? 7 : 8; } finally { u! += 1; }
tf.sequential({ layers: [tf.layers.dense({ units: u, inputShape: [(e => e.message.length)(new Error('four'))] })] });`,
  },
  'default param referencing others': {
    source: `
function f(a: number, b = a * 2, { c = b + 1, d = c } = {}) { return tf.sequential({ layers: [tf.layers.dense({ units: d, inputShape: [c] })] }); }
f(2); f(2, 3); f(2, undefined, { c: 9 }); `,
  },
  'tagged template & templates & getters via defineProperty': {
    source: `
const tag = (s: TemplateStringsArray, ...v: number[]) => v.reduce((a, b) => a + b, s.length);
const o: any = {}; Object.defineProperty(o, 'n', { get: () => 12 });
tf.sequential({ layers: [tf.layers.dense({ units: tag\`a\${1}b\${2}c\`, inputShape: [o.n], name: \`x_\${o.n}\` })] });`,
  },
  'proto style classes': {
    source: `
import * as tf from '@tensorflow/tfjs';
function Net(n) { this.n = n; this.layers = []; }
Net.prototype.add = function (u) { this.layers.push(u); return this; };
Net.prototype.build = function () { const m = tf.sequential(); this.layers.forEach((u, i) => m.add(tf.layers.dense(Object.assign({ units: u }, i == 0 ? { inputShape: [this.n] } : null)))); return m; };
function Sub() { Net.call(this, 5); }
Sub.prototype = Object.create(Net.prototype); Sub.prototype.constructor = Sub;
new Net(3).add(4).add(5).build();
new Sub().add(2).build();`,
    path: '/workspace/main.js',
  },
  'plusplus on strings': {
    source: `
let i: any = '3'; i++; let j: any = '2'; ++j; let k: any = '5'; const old = k++;
tf.sequential({ layers: [tf.layers.dense({ units: i + 1, inputShape: [j], name: 'n' + old })] });
const s = 'a' + 1 + null + undefined + true;
tf.sequential({ layers: [tf.layers.dense({ units: s.length, inputShape: [('4' as any) * 2] })] });`,
  },
  'mixin classes': {
    source: `
type C = new (...a: any[]) => any;
const Named = <T extends C>(B: T) => class extends B { label() { return 'n'.repeat(this.size); } };
const Sized = <T extends C>(B: T) => class extends B { size = 4; grow(by = 1) { this.size += by; return this; } };
class Base { head() { return tf.layers.dense({ units: (this as any).size, inputShape: [3], name: (this as any).label() }); } }
const Full = Named(Sized(Base)); const f = new Full(); f.grow().grow(3);
tf.sequential({ layers: [f.head()] });`,
  },
  'new.target, super in static, instanceof subclass': {
    source: `
class A { static make() { return new this(); } units = 3; kind() { return this instanceof B ? 10 : 1; } }
class B extends A { units = 5; static make() { const b: any = super.make(); b.units *= 2; return b; } }
const b: any = B.make();
tf.sequential({ layers: [tf.layers.dense({ units: b.units + b.kind(), inputShape: [A.make().units] })] });`,
  },
  'async generator and for await': {
    source: `
async function* layers() { for (const u of [3, 4]) { await Promise.resolve(); yield tf.layers.dense({ units: u, inputShape: [u] }); } }
(async () => { const m = tf.sequential(); for await (const l of layers()) m.add(l); })();`,
  },
  'promise chains and allSettled': {
    source: `
Promise.resolve([4, 5]).then(([a, b]) => ({ a, b })).then(({ a, b }) => { tf.sequential({ layers: [tf.layers.dense({ units: a, inputShape: [b] })] }); return a; }).then((u) => tf.sequential({ layers: [tf.layers.dense({ units: u * 2, inputShape: [u] })] })).catch(() => {}).finally(() => tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] }));`,
  },
  'memoize and WeakMap cache': {
    source: `
const cache = new Map<string, tf.layers.Layer>(); const get = (k: string, mk: () => tf.layers.Layer) => { if (!cache.has(k)) cache.set(k, mk()); return cache.get(k)!; };
const x = tf.input({ shape: [4] }); const mk = () => tf.layers.dense({ units: 4 });
const y = get('a', mk).apply(get('a', mk).apply(get('b', mk).apply(x)));
tf.model({ inputs: x, outputs: y as any });`,
  },
  'event emitter style': {
    source: `
const handlers: Record<string, Function[]> = {}; const on = (e: string, f: Function) => { (handlers[e] ??= []).push(f); }; const emit = (e: string, ...a: any[]) => handlers[e]?.forEach((f) => f(...a));
const m = tf.sequential(); on('layer', (u: number, first: boolean) => m.add(tf.layers.dense({ units: u, inputShape: first ? [2] : undefined }))); emit('layer', 4, true); emit('layer', 5, false); emit('none');`,
  },
  'bit tricks and Math': {
    source: `
const w = Math.hypot(3, 4), c = Math.clz32(1), s = Math.sign(-3), l = Math.log2(8), t = Math.trunc(7.9), p = 2 ** 3, cb = Math.cbrt(27), n = ~~5.7, q = 7 / 2 | 0, r = -7 % 3;
tf.sequential({ layers: [tf.layers.dense({ units: w + c + s + l + t + p + cb + n + q + r, inputShape: [Number('12') + parseInt('0x1f') + Number.parseFloat('2.5') * 2] })] });`,
  },
  'getters in spread, computed keys, symbols as keys': {
    source: `
const K = Symbol('k'); const o: any = { [K]: 7, ['a' + 'b']: 2, get c() { return this.ab * 3; }, 'd-e': 1, 5: 9 };
const { ab, c, ...rest } = { ...o }; tf.sequential({ layers: [tf.layers.dense({ units: o[K] + ab + c, inputShape: [Object.keys(rest).length + rest['d-e'] + rest[5]] })] });`,
  },
  'recursion mutual and trampolines': {
    source: `
const even = (n: number): any => n === 0 ? [] : [tf.layers.dense({ units: n }), ...odd(n - 1)]; const odd = (n: number): any => n === 0 ? [] : [tf.layers.reLU(), ...even(n - 1)];
const m = tf.sequential(); m.add(tf.layers.inputLayer({ inputShape: [3] })); even(5).forEach((l: any) => m.add(l));`,
  },
  'function hoisting and var': {
    source: `
m2(); function m2() { var u = v || 4; var v = 6; tf.sequential({ layers: [tf.layers.dense({ units: u, inputShape: [2] })] }); if (true) { var late = 3; } tf.sequential({ layers: [tf.layers.dense({ units: late, inputShape: [2] })] }); }`,
  },
  'default argument objects mutated': {
    source: `
function mk(o = { n: 1 }) { o.n++; return o.n; } const sh = { n: 5 }; mk(sh); mk(sh);
tf.sequential({ layers: [tf.layers.dense({ units: sh.n + mk() + mk(), inputShape: [arguments_()] })] }); function arguments_(...a: any[]) { return 2 + a.length + arguments.length; }`,
  },
  'class fields arrow functions and binding': {
    source: `
class T { units = 3; private build = () => tf.layers.dense({ units: this.units, inputShape: [this.units] }); go = this.build; run() { this.units = 8; const { go } = this; return tf.sequential({ layers: [go()] }); } }
new T().run();`,
  },
  'Array destructuring from iterators and Map groupBy': {
    source: `
const groups = [1, 2, 3, 4, 5].reduce((g, n) => { const k = n % 2 ? 'odd' : 'even'; (g.get(k) ?? g.set(k, []).get(k)!).push(n); return g; }, new Map<string, number[]>());
const [[, odds], [, evens]] = groups; const [first, ...others] = new Set(odds);
tf.sequential({ layers: [tf.layers.dense({ units: first + others.length + evens.length, inputShape: [Math.max(...odds, ...evens)] })] });`,
  },
  'delete, in, optional call': {
    source: `
const o: any = { a: 1, f: undefined, inputShape: [3], units: 2 }; delete o.a; const has = 'a' in o ? 5 : 6; const r = o.f?.(1)?.x ?? has;
tf.sequential({ layers: [tf.layers.dense({ ...o, units: r })] });`,
  },
  'import forms': {
    source: `
import tfd, { layers as L, sequential as seq, type LayersModel } from '@tensorflow/tfjs';
import { layers } from '@tensorflow/tfjs-layers';
import * as node from '@tensorflow/tfjs-node-gpu';
const { dense, conv2d: cv } = L;
const { layers: { flatten } } = node;
seq({ layers: [dense({ units: 2, inputShape: [3] })] });
const m = node.sequential(); m.add(cv({ filters: 2, kernelSize: 2, inputShape: [4, 4, 1] })); m.add(flatten()); m.add(layers.dense({ units: 3 }));`,
  },
  'dynamic import': {
    source: `
(async () => {
  const tf2 = await import('@tensorflow/tfjs');
  tf2.sequential({ layers: [tf2.layers.dense({ units: 2, inputShape: [3] })] });
  const { build } = await import('./b');
  build(tf2);
})();`,
    files: {
      '/workspace/b.ts': `export const build = (t) => t.sequential({ layers: [t.layers.dense({ units: 5, inputShape: [4] })] });`,
    },
  },
  'layer in loop by name string': {
    source: `
const m = tf.sequential();
const ops: Array<[keyof typeof tf.layers, any]> = [['conv2d', { filters: 4, kernelSize: 3, inputShape: [9, 9, 1] }], ['maxPooling2d', {}], ['flatten', {}], ['dense', { units: 3 }]];
for (const [op, cfg] of ops) m.add((tf.layers[op] as any)(cfg));`,
  },
  'model cloning by config': {
    source: `
const m = tf.sequential({ name: 'orig', layers: [tf.layers.dense({ units: 3, inputShape: [2] }), tf.layers.dropout({ rate: .2 })] });
const copy = tf.sequential();
for (const l of m.layers) copy.add((tf.layers as any)[l.getClassName().toLowerCase()](l.getConfig()));`,
  },
  'outputShape in code': {
    source: `
const m = tf.sequential();
m.add(tf.layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [9, 9, 1] }));
const [, h, w, c] = m.layers[0].outputShape as number[];
m.add(tf.layers.reshape({ targetShape: [h * w, c] }));
m.add(tf.layers.lstm({ units: (m.outputShape as number[])[2], returnSequences: true }));
const p = m.countParams();
m.add(tf.layers.dense({ units: p % 7 + m.layers[0].countParams() }));
m.add(tf.layers.dense({ units: (m.layers[2].outputShape as number[])[1]! + m.inputs[0].shape[1]! }));`,
  },
  'transfer learning by truncation, functional': {
    source: `
const base = (() => { const i = tf.input({ shape: [32, 32, 3] }); let x: any = i; for (const f of [8, 16, 32]) { x = tf.layers.conv2d({ filters: f, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu', name: \`conv_\${f}\` }).apply(x); } x = tf.layers.globalAveragePooling2d({ name: 'gap' }).apply(x); x = tf.layers.dense({ units: 100, name: 'preds' }).apply(x); return tf.model({ inputs: i, outputs: x }); })();
base.layers.forEach((l) => (l.trainable = false));
const cut = base.getLayer('gap');
const trunc = tf.model({ inputs: base.inputs, outputs: cut.output as any });
const head = tf.sequential({ layers: [tf.layers.dense({ units: 16, inputShape: trunc.outputs[0].shape.slice(1) as number[] }), tf.layers.dense({ units: 2 })] });
tf.model({ inputs: trunc.inputs, outputs: head.apply(trunc.outputs[0]) as any });
const again = tf.sequential(); again.add(trunc); again.add(head);`,
  },
  'trainable false order': {
    source: `
const a = tf.layers.dense({ units: 3, inputShape: [2] }); a.trainable = false;
const m = tf.sequential(); m.add(a); m.add(tf.layers.batchNormalization());
m.trainable = false;
const m2 = tf.sequential({ layers: [tf.layers.batchNormalization({ inputShape: [4], trainable: false }), tf.layers.dense({ units: 2 })] });
m2.layers[0].trainable = true;
const m3 = tf.sequential(); m3.add(m2); m3.layers[0].trainable = false; m3.add(tf.layers.dense({ units: 1 }));`,
  },
  'nested multi io': {
    source: `
const a = tf.input({ shape: [4], name: 'a' }), b = tf.input({ shape: [6, 2], name: 'b' });
const rnn = tf.layers.lstm({ units: 5, returnState: true, returnSequences: true });
const [seq, h, c] = rnn.apply(b) as tf.SymbolicTensor[];
const enc = tf.model({ inputs: [a, b], outputs: [tf.layers.concatenate().apply([a, h]) as any, seq, c] });
const [i1, i2] = enc.inputs.map((t) => tf.input({ shape: t.shape.slice(1) as any }));
const outs = enc.apply([i1, i2]) as tf.SymbolicTensor[];
const dec = tf.layers.gru({ units: 9 }).apply(outs[1], {});
tf.model({ inputs: [i1, i2], outputs: { x: tf.layers.dense({ units: 1 }).apply(tf.layers.concatenate().apply([dec as any, outs[0], outs[2]])) }.x as any });`,
  },
  'seq2seq with initialState': {
    source: `
const ei = tf.input({ shape: [null, 11], name: 'enc' }); const di = tf.input({ shape: [null, 13] });
const [, sh, sc] = tf.layers.lstm({ units: 7, returnState: true }).apply(ei) as any;
const dl = tf.layers.lstm({ units: 7, returnState: true, returnSequences: true });
const [o] = dl.apply(di, { initialState: [sh, sc] }) as any;
const dd = tf.layers.dense({ units: 13, activation: 'softmax' });
const train = tf.model({ inputs: [ei, di], outputs: dd.apply(o) as any });
const em = tf.model({ inputs: ei, outputs: [sh, sc] });
const s1 = tf.input({ shape: [7] }), s2 = tf.input({ shape: [7] });
const [o2, h2, c2] = dl.apply([di, s1, s2]) as any;
tf.model({ inputs: [di, s1, s2], outputs: [dd.apply(o2) as any, h2, c2] });`,
  },
  'GAN conditional': {
    source: `
const nz = 10;
function gen() { const cnn = tf.sequential(); cnn.add(tf.layers.dense({ units: 3 * 3 * 12, inputShape: [nz] })); cnn.add(tf.layers.reshape({ targetShape: [3, 3, 12] })); for (const [f, s, p] of [[6, 1, 'valid'], [4, 2, 'same'], [1, 2, 'same']] as any) { cnn.add(tf.layers.conv2dTranspose({ filters: f, kernelSize: 5, strides: s, padding: p, kernelInitializer: 'glorotNormal' })); cnn.add(tf.layers.batchNormalization()); }
  const latent = tf.input({ shape: [nz] }); const cls = tf.input({ shape: [1] });
  const e = tf.layers.embedding({ inputDim: 10, outputDim: nz, embeddingsInitializer: 'glorotNormal' }).apply(cls);
  const h = tf.layers.multiply().apply([latent, tf.layers.flatten().apply(e) as any]);
  return tf.model({ inputs: [latent, cls], outputs: cnn.apply(h) as any }); }
function disc() { const cnn = tf.sequential(); cnn.add(tf.layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same', strides: 2, inputShape: [28, 28, 1] })); cnn.add(tf.layers.leakyReLU({ alpha: .2 })); cnn.add(tf.layers.flatten()); const img = tf.input({ shape: [28, 28, 1] }); const f = cnn.apply(img); return tf.model({ inputs: img, outputs: [tf.layers.dense({ units: 1 }).apply(f) as any, tf.layers.dense({ units: 10 }).apply(f) as any] }); }
const g = gen(), d = disc(); d.compile({ optimizer: tf.train.adam(.1), loss: ['binaryCrossentropy', 'sparseCategoricalCrossentropy'] });
d.trainable = false; const l = tf.input({ shape: [nz] }), k = tf.input({ shape: [1] }); const fake = g.apply([l, k]); const [t, aux] = d.apply(fake as any) as any;
tf.model({ inputs: [l, k], outputs: [t, aux] });`,
  },
  'mobile inverted blocks': {
    source: `
const _make = (v: number, d = 8) => Math.max(d, Math.floor((v + d / 2) / d) * d);
function ir(x: any, { t, c, n, s }: any, alpha: number) { for (let i = 0; i < n; i++) { const cin = x.shape.at(-1); const inp = x; if (t !== 1) x = tf.layers.conv2d({ filters: cin * t, kernelSize: 1, useBias: false }).apply(x); x = tf.layers.depthwiseConv2d({ kernelSize: 3, strides: i === 0 ? s : 1, padding: 'same', useBias: false }).apply(x); x = tf.layers.conv2d({ filters: _make(c * alpha), kernelSize: 1, useBias: false }).apply(x); if (i > 0) x = tf.layers.add().apply([x, inp]); } return x; }
const i = tf.input({ shape: [64, 64, 3] });
let x: any = tf.layers.conv2d({ filters: _make(32 * .35), kernelSize: 3, strides: 2, padding: 'same' }).apply(i);
for (const s of [{ t: 1, c: 16, n: 1, s: 1 }, { t: 6, c: 24, n: 2, s: 2 }, { t: 6, c: 32, n: 3, s: 2 }]) x = ir(x, s, .35);
tf.model({ inputs: i, outputs: x });`,
  },
  wrappers: {
    source: `
const m = tf.sequential();
m.add(tf.layers.timeDistributed({ layer: tf.layers.conv2d({ filters: 3, kernelSize: 3 }), inputShape: [5, 10, 10, 1] }));
m.add(tf.layers.timeDistributed({ layer: tf.layers.flatten() as any }));
m.add(tf.layers.bidirectional({ layer: tf.layers.lstm({ units: 4, returnSequences: true }) as any, mergeMode: 'concat' }));
m.add(tf.layers.bidirectional({ layer: tf.layers.gru({ units: 4 }) as any, mergeMode: 'ave' }));
m.add(tf.layers.repeatVector({ n: 3 }));
m.add(tf.layers.rnn({ cell: [tf.layers.lstmCell({ units: 3 }), tf.layers.gruCell({ units: 5 })], returnSequences: true }));
m.add(tf.layers.rnn({ cell: tf.layers.stackedRNNCells({ cells: [tf.layers.simpleRNNCell({ units: 2 })] }) }));
const inner = tf.sequential({ layers: [tf.layers.dense({ units: 4, inputShape: [6] }), tf.layers.dense({ units: 2 })] });
const td = tf.layers.timeDistributed({ layer: inner as any });
const q = tf.input({ shape: [9, 6] });
tf.model({ inputs: q, outputs: td.apply(q) as any });`,
  },
  'default export class with static factory in other file': {
    source: `
import Net from './net';
import { Net as N2 } from './net';
Net.create({ depth: 2 }).model;
const n = new N2(4); n.init();`,
    files: {
      '/workspace/net.ts': `import * as tf from '@tensorflow/tfjs';
interface Opts { depth?: number; width?: number }
class Net { model!: tf.LayersModel; constructor(public width = 5) {}
 static create({ depth = 1, width }: Opts = {}) { const n = new Net(width); n.init(depth); return n; }
 init(depth?: number): this { const i = tf.input({ shape: [this.width] }); let x: any = i; for (let k = depth ?? 1; k--; ) x = tf.layers.dense({ units: this.width + k }).apply(x); this.model = tf.model({ inputs: i, outputs: x }); return this; } }
export { Net, Net as default };`,
    },
  },
};

describe('networks in many styles, as tfjs builds them', () => {
  for (const [name, { source, files, path }] of Object.entries(programs)) {
    const text = source.includes('@tensorflow/') ? source : prelude + source;
    it(name, () =>
      /\bawait |Promise/.test(text)
        ? checkLaterAgainstTfjs(text, files ?? {}, path)
        : checkAgainstTfjs(text, files, path),
    );
  }
});
