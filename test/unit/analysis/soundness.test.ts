/** Where a careless evaluator would show a wrong number: what is not certain is symbolic, an alternative, or lost. */
import assert from 'node:assert/strict';
import { analyseText, checkHints, type Files, prelude } from './check';

const check = (source: string, files?: Files) => checkHints(prelude + source.replace(/^\n/, ''), files);

describe('never a wrong number', () => {
  it('a loop of unknown length that changes a size, an object, a list, a field', () => {
    check(`
export function build(n: number, names: string[]) {
  let units = 8;
  const config = { units: 4 };
  const sizes = [1, 2];
  const state = new Map([['units', 3]]);
  for (let i = 0; i < n; i++) { units = 16; config.units *= 2; sizes[1] = i; sizes.push(9); state.set('units', i); }
  const x = tf.input({ shape: [2] });
//^ → 2
  tf.layers.dense({ units }).apply(x);
//^ → units₂ · 3·units₂
  tf.layers.dense({ units: config.units }).apply(x);
//^ → units · 3·units
  tf.layers.dense({ units: sizes[0] }).apply(x);
//^ → 1 · 3
  tf.layers.dense({ units: sizes[1] }).apply(x);
//^ → sizes[1] · 3·sizes[1]
  tf.layers.dense({ units: state.get('units') }).apply(x);
//^ → units₃ · 3·units₃
}`);
  });

  it('a counter behind a closure, in a loop of unknown length', () => {
    check(`
export function build(n: number) {
  let width = 4;
  const widen = () => { width *= 2; };
  class Holder { size = 3; grow() { this.size++; } }
  const holder = new Holder();
  while (n-- > 0) { widen(); holder.grow(); }
  tf.sequential({ layers: [tf.layers.dense({ units: width, inputShape: [holder.size] })] });
//^ → width · width·(size + …
}`);
  });

  it('a loop of unknown length that may return', () => {
    check(`
function pick(items: any[]) {
  for (const item of items) if (item.big) return 128;
  return 32;
}
declare const data: any[];
tf.sequential({ layers: [tf.layers.dense({ units: pick(data), inputShape: [1] })] });
//^ → 32 · 64 | 128 · 256
`);
  });

  it('rounds that differ in a way that is not known', () => {
    const { problems } = check(`
export function build(depth: number) {
  let x = tf.input({ shape: [5, 16] });
//^ → 5×16
  for (let i = 0; i < depth; i++) x = tf.layers.lstm({ units: 16, returnSequences: i < depth - 1 }).apply(x) as any;
//^ → ?
  const model = tf.sequential();
  model.add(tf.layers.dense({ units: 16, inputShape: [4] }));
//^ → 16 · 80
  for (let i = 0; i < depth; i++) model.add(tf.layers.repeatVector({ n: i % 2 === 0 ? 3 : 4 }));
//^ → ?
  return [tf.layers.dense({ units: 2 }).apply(x), model];
//^ → ?
}`);
    assert.deepEqual(problems, []);
  });

  it('what a loop of unknown length leaves as it is stays known, axis by axis', () => {
    const { models } = check(`
export function build(hidden: number[], levels: number) {
  const input = tf.input({ shape: [32, 32, 8] });
//^ → 32×32×8
  let x: any = input;
  for (let i = 0; i < levels; i++) x = tf.layers.maxPooling2d({ poolSize: 2 }).apply(x);
//^ → ⌊x.shape[1]/2⌋×⌊x.shap…
  x = tf.layers.globalMaxPooling2d({}).apply(x);
//^ → 8
  for (const units of hidden) x = tf.layers.dense({ units }).apply(x);
//^ → units · units·(x.shape…
  const model = tf.model({ inputs: input, outputs: tf.layers.dense({ units: 3 }).apply(x) as any });
//^ → 3 · 3·(x.shape[1]₂ + 1)
  const plain = tf.sequential();
  plain.add(tf.layers.dense({ units: 7, inputShape: [4] }));
//^ → 7 · 35
  for (const units of hidden) plain.add(tf.layers.dense({ units }));
//^ → units₂ · units₂·(plain…
  plain.add(tf.layers.dense({ units: 2 }));
//^ → 2 · 2·(plain.shape[1] …
  return { model, plain };
}`);
    assert.deepEqual(
      models.map(({ totals }) => totals.params),
      [null, null],
      'how many layers there are is not known',
    );
  });

  it('changing one of several changes any of them', () => {
    const { models } = check(`
export function build(k: number) {
  const configs = [{ units: 3 }, { units: 4 }];
  configs[k]!.units = 9;
  const model = tf.sequential();
  model.add(tf.layers.dense({ units: configs[0]!.units, inputShape: [2] }));
//^ → units · 3·units
  model.add(tf.layers.dense({ units: 5 }));
//^ → 5 · 5·(units + 1)
  for (const layer of model.layers.slice(0, k)) layer.trainable = false;
  return model;
}`);
    assert.equal(models[0]?.totals.trainableParams, null, 'which layers are frozen is not known');
  });

  it('sizes that are declared here and made elsewhere', () => {
    check(`
declare const N: number;
tf.sequential({ layers: [tf.layers.dense({ units: N, inputShape: [2] })] });
//^ → N · 3·N
`);
  });

  it('what follows elements of unknown number', () => {
    check(`
declare const hidden: number[];
const list = [...hidden, 10];
const other = [1, ...hidden, 3];
const grown = hidden.concat([5]);
function second(a: number, b: number) { return b; }
tf.sequential({ layers: [tf.layers.dense({ units: list[0], inputShape: [1] })] });
//^ → list[0] · 2·list[0]
tf.sequential({ layers: [tf.layers.dense({ units: other[0], inputShape: [1] })] });
//^ → 1 · 2
tf.sequential({ layers: [tf.layers.dense({ units: second(...hidden, 7), inputShape: [1] })] });
//^ → b · 2·b
`);
  });

  it('two unknowns of one name are two sizes', () => {
    check(`
function left(units: number) { return units; }
export function build(a: { units: number }, b: { units: number }) {
  const x = tf.input({ shape: [4] });
//^ → 4
  const p = tf.layers.dense({ units: a.units }).apply(x);
//^ → a.units · 5·a.units
  const q = tf.layers.dense({ units: b.units }).apply(x);
//^ → b.units · 5·b.units
  const { units } = a;
  const r = tf.layers.dense({ units }).apply(x);
//^ → a.units · 5·a.units
  return [tf.layers.concatenate().apply([p, q, r])];
//^ → 2·a.units + b.units
}`);
  });

  it('a condition asked twice has one answer', () => {
    const { problems } = check(`
export function build(kind: string, n: number) {
  const model = tf.sequential();
  if (kind === 'lstm') model.add(tf.layers.lstm({ units: 4, inputShape: [5, 3] }));
//^ → 4 · 128
  if (kind === 'gru') model.add(tf.layers.gru({ units: 6, inputShape: [5, 3] }));
//^ → 6 · 180
  if (n >= 3) model.add(tf.layers.dense({ units: 2, inputShape: [4] }));
//^ → 2 · 10 | 2 · 14
  if (n < 3) model.add(tf.layers.dense({ units: 3, inputShape: [4] }));
//^ → 3 · 15 | 3 · 21
  return model;
}`);
    assert.deepEqual(problems, []);
  });

  it('an error that only one outcome of a condition has is a warning, and says which', () => {
    const { problems } = check(`
export function build(large: boolean) {
  const model = tf.sequential();
  model.add(tf.layers.flatten({ inputShape: [8, 2] }));
//^ → 16
  if (large) model.add(tf.layers.reshape({ targetShape: [4, 4] }));
//^ → 4×4
  model.add(tf.layers.conv1d({ filters: 1, kernelSize: 3 }));
//^ → 2×1 · 13 | ?
//! rank-mismatch where \`large\` is false
  return model;
}`);
    assert.deepEqual(
      problems.map(({ severity }) => severity),
      ['warning'],
    );
  });

  it('state that functions change which may be called at any time', () => {
    check(`
let numClasses = 0;
let units = 10;
const fixed = 5;
export function build() {
  return tf.sequential({ layers: [tf.layers.dense({ units: numClasses, inputShape: [fixed] })] });
//^ → numClasses · 6·numClas…
}
export function other() {
  return tf.sequential({ layers: [tf.layers.dense({ units, inputShape: [fixed] })] });
//^ → units · 6·units
}
export function addClass() { numClasses++; }
export function setUnits(n: number) { units = n; }
`);
  });

  it('functions inside functions see what is around them, not what has the same name outside', () => {
    check(`
const units = 99;
export function outer(units: number) {
  const later = () => tf.sequential({ layers: [tf.layers.dense({ units, inputShape: [1] })] });
//^ → units · 2·units
  return { later };
}
export function early(size: number) {
  if (size > 0) return 1;
  return 2;
  function never() { return tf.sequential({ layers: [tf.layers.dense({ units: size, inputShape: [1] })] }); }
//^ → size · 2·size
}`);
  });

  it('data handed to code that cannot be read', () => {
    check(`
import { adjust } from './missing';
import _ from 'lodash';
const config = { units: 4 }, kept = { units: 6 }, sizes = [1, 2];
adjust(config, sizes);
_.merge(kept, { units: 5 });
tf.sequential({ layers: [tf.layers.dense({ units: config.units, inputShape: [2] })] });
//^ → units · 3·units
tf.sequential({ layers: [tf.layers.dense({ units: sizes[0], inputShape: [2] })] });
//^ → sizes[0] · 3·sizes[0]
tf.sequential({ layers: [tf.layers.dense({ units: kept.units, inputShape: [2] })] });
//^ → units₂ · 3·units₂
`);
  });

  it('where the program runs is not known', () => {
    check(`
const size = typeof window === 'undefined' ? 224 : 64;
tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [size] })] });
//^ → 1 · 225 | 1 · 65
(globalThis as any).units = 5;
tf.sequential({ layers: [tf.layers.dense({ units: (globalThis as any).units, inputShape: [1] })] });
//^ → 5 · 10
tf.sequential({ layers: [tf.layers.dense({ units: (globalThis as any).others, inputShape: [1] })] });
//^ → others · 2·others
`);
  });

  it('a local tf that is no tf', () => {
    check(`
function build(tf: { layers: { dense(n: number): unknown } }) { return tf.layers.dense(5); }
{ const tf = { layers: { dense: (options: object) => options } }; tf.layers.dense({ units: 3 }); }
export default function (tf) { return tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [1] })] }); }
//^ → 3 · 6
`);
  });

  it('fractions: what tfjs refuses is an error, what is rounded is exact', () => {
    const { problems } = analyseText(
      `${prelude}tf.sequential({ layers: [tf.layers.dense({ units: 5 / 2, inputShape: [1] })] });`,
    );
    assert.deepEqual(
      problems.map(({ severity, code }) => `${severity} ${code}`),
      ['error invalid-argument'],
    );
    check(`
export function build(n: number) {
  return tf.sequential({ layers: [tf.layers.dense({ units: Math.floor(n / 2), inputShape: [n / 2 | 0] })] });
//^ → ⌊n/2⌋ · ⌊n/2⌋·(⌊n/2⌋ +…
}`);
  });

  it('a try that may fail: both ways', () => {
    check(`
declare function fetchUnits(): number;
export async function load() {
  let model;
  try { model = await tf.loadLayersModel('localstorage://m'); }
  catch { model = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [2] })] }); }
//^ → 3 · 9
  return model;
}`);
  });

  it('data whose sizes are not known, and a base model that is not read', () => {
    check(`
export async function train(rows: number[][], base: tf.LayersModel) {
  const xs = tf.tensor2d(rows);
  const model = tf.sequential();
  model.add(tf.layers.dense({ units: 4, inputShape: [xs.shape[1]] }));
//^ → 4 · 4·(xs.shape[1] + 1)
  const head = tf.sequential();
  head.add(tf.layers.flatten({ inputShape: base.outputs[0].shape.slice(1) }));
//^ → flattened size
  head.add(tf.layers.dense({ units: 7 }));
//^ → 7 · 7·(flattened size …
  head.add(tf.layers.dense({ units: 3 }));
//^ → 3 · 24
}`);
  });

  it('a layer inside another shows what it does there, one step at a time where it is given one', () => {
    check(`
const model = tf.sequential();
model.add(tf.layers.bidirectional({ layer: tf.layers.lstm({ units: 3, returnSequences: true }), inputShape: [5, 2] }));
//^ → 5×6 · 144
//^ → 5×3 · 72
model.add(tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 4 }) }));
//^ → 5×4 · 28
//^ → 4 · 28
model.add(tf.layers.rnn({ cell: tf.layers.gruCell({ units: 2 }) }));
//^ → 2 · 42
//^ → 2 · 42
`);
  });

  it('layers of data make their weights, and stay unconnected', () => {
    const { problems } = check(`
const layer = tf.layers.dense({ units: 3 });
//^ → 3 · 18
const y = layer.apply(tf.ones([2, 5]));
const cell = tf.layers.lstmCell({ units: 2 });
//^ → ?
cell.call([tf.ones([1, 2]), tf.ones([1, 2]), tf.ones([1, 2])], {});
tf.sequential({ layers: [tf.layers.dense({ units: layer.countParams(), inputShape: [y.shape[1]] })] });
//^ → 18 · 72
`);
    assert.deepEqual(problems, []);
  });

  it('JSDoc says what a parameter is', () => {
    checkHints(
      `${prelude}/** @param {number} kernel @param {string} padding */
export function build(kernel, padding) {
  return tf.layers.conv1d({ filters: 2, kernelSize: kernel, inputShape: [20, 3] }).apply(tf.input({ shape: [20, 3] }));
//^ → (21 − kernel)×2 · 2·(3…
//^ → 20×3
}`,
      {},
      '/workspace/main.js',
    );
  });

  it('an object of the program is known better than one made from nothing', () => {
    check(`
class Net {
  constructor(private units: number) {}
  onClick() { return tf.sequential({ layers: [tf.layers.dense({ units: this.units, inputShape: [1] })] }); }
//^ → 12 · 24
}
const net = new Net(12);
document.body.onclick = () => net.onClick();
`);
  });
});

describe('fields that other methods set', () => {
  it('are not what they begin with', () => {
    checkHints(`import * as tf from '@tensorflow/tfjs';
class Teachable {
  numClasses = 0;
  hidden = 100;
  addClass() { this.numClasses++; }
  build() {
    return tf.sequential({ layers: [
      tf.layers.dense({ units: this.hidden, inputShape: [1280] }),
//^ → 100 · 128,100
      tf.layers.dense({ units: this.numClasses, activation: 'softmax' }),
//^ → numClasses · 101·numCl…
    ] });
  }
}
`);
  });
});
