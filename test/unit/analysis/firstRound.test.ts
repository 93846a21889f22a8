/** Loops over lists that are not known: the first round, where a model begins, is known apart from the others. */
import assert from 'node:assert/strict';
import { checkHints, prelude } from './check';

const check = (source: string) => checkHints(prelude + source.replace(/^\n/, ''));

describe('the first layer of a loop whose rounds are not known', () => {
  it('forEach with the index, in a condition', () => {
    const { problems, models } = check(`
export function build(hidden: number[], inputs: number) {
  const model = tf.sequential();
  hidden.forEach((units, i) => {
    if (i === 0) model.add(tf.layers.dense({ units, inputShape: [inputs] }));
//^ → units · units·(inputs …
    else model.add(tf.layers.dense({ units }));
//^ → units₂ · units₂·(model…
  });
  model.add(tf.layers.dense({ units: 1 }));
//^ → 1 · model.shape[1] + 1
  return model;
}`);
    assert.deepEqual(problems, []);
    assert.equal(models.length, 1);
    assert.equal(models[0]?.totals.params, null, 'how many layers there are is not known');
  });

  it('a spread that only the first round has, and a layer that all have', () => {
    check(`
export function build(filters: number[]) {
  const model = tf.sequential();
  for (const [i, n] of filters.entries()) {
    model.add(tf.layers.conv2d({ filters: n, kernelSize: 3, ...(i === 0 && { inputShape: [8, 8, 1] }) }));
//^ → 6×6×n · 10·n …
    model.add(tf.layers.dropout({ rate: 0.1 }));
//^ → 6×6×n …
  }
  return model;
}`);
  });

  it('for with a counter, a flag that falls, the number of layers so far', () => {
    check(`
export function build(n: number[], depth: number) {
  const counted = tf.sequential();
  for (let i = 0; i < depth; i++) {
    if (i > 0) counted.add(tf.layers.dense({ units: 32 }));
//^ → 32 · 1,056
    else counted.add(tf.layers.dense({ units: 32, inputShape: [5] }));
//^ → 32 · 192
  }
  counted.add(tf.layers.dense({ units: 2 }));
//^ → 2 · 66
  const flagged = tf.sequential();
  let first = true;
  for (const units of n) {
    flagged.add(tf.layers.dense({ units: 4, inputShape: first ? [units] : undefined }));
//^ → 4 · 4·(units + 1) …
    first = false;
  }
  const asked = tf.sequential();
  for (const _ of n) asked.add(tf.layers.dense({ units: 3, ...(asked.layers.length === 0 ? { inputShape: [7] } : {}) }));
//^ → 3 · 24 | 3 · 12
}`);
  });

  it('a list that begins with what is known', () => {
    check(`
export function build(hidden: number[]) {
  const sizes = [64, ...hidden];
  let x: any = tf.input({ shape: [10] });
//^ → 10
  for (const units of sizes) x = tf.layers.dense({ units }).apply(x);
//^ → 64 · 704 …
  const layers = sizes.map((units, i) => tf.layers.dense({ units, inputShape: i ? undefined : [8] }));
//^ → 64 · 576 | ?
  tf.sequential({ layers });
}`);
  });

  it('layers of rounds of unknown number have no receptive field, nor has what comes after them', () => {
    const { models } = check(`
export function build(depth: number) {
  const input = tf.input({ shape: [32, 32, 2] });
//^ → 32×32×2
  let x: any = tf.layers.conv2d({ filters: 2, kernelSize: 3, padding: 'same' }).apply(input);
//^ → 32×32×2 · 38
  for (let i = 0; i < depth; i++) x = tf.layers.conv2d({ filters: 2, kernelSize: 3, padding: 'same' }).apply(x);
//^ → 32×32×2 · 38
  x = tf.layers.averagePooling2d({}).apply(x);
//^ → 16×16×2
  return tf.model({ inputs: input, outputs: x });
}`);
    assert.deepEqual(
      models[0]?.layers.map(({ calls }) => calls[0]?.receptiveField?.size ?? null),
      [[1, 1], [3, 3], null, null],
    );
  });
});
