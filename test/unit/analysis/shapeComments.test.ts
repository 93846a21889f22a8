import assert from 'node:assert/strict';
import { shapeCommentFor } from '../../../language-server/analysis/shapeComments';
import { analyseText, checkHints, prelude } from './check';

const head = prelude.trim();

describe('@shape comments', () => {
  it('before and behind a declaration', () => {
    checkHints(`${head}
/** @shape [n, 28, 28, 1] */
const first = load('x');
const a = tf.layers.conv2d({filters: 8, kernelSize: 5}).apply(first);
//^ → 24×24×8 · 208
const second = load('y'); // @shape [null, 7, 7, 3]
const b = tf.layers.flatten().apply(second);
//^ → 147
// @shape [null, 4]
let third;
third = load('z'); // @shape [null, 5]
tf.layers.dense({units: 2}).apply(third);
//^ → 2 · 12
`);
  });

  it('of a parameter, an argument, a property and what is returned', () => {
    checkHints(`${head}
export function block(/** @shape [null, 8, 8, 16] */ x, filters: number) {
  return tf.layers.conv2d({filters, kernelSize: 3}).apply(x);
  //^ → 6×6×filters · 145·filt…
}
class Net {
  /** @shape [null, 12] */
  private features = load();
  build() { return tf.layers.dense({units: 3}).apply(this.features); }
  //^ → 3 · 39
}
tf.layers.dense({units: 2}).apply(/* @shape [null, 9] */ mystery(1));
//^ → 2 · 20
const features = () => {
  // @shape [null, 3]
  return load();
};
tf.layers.dense({units: 2}).apply(features());
//^ → 2 · 8
tf.layers.dense({units: 2}).apply(
//^ → 2 · 14
  load(), // @shape [null, 6]
);
`);
  });

  it('names are variables where there are such, else symbols', () => {
    checkHints(`${head}
const width = 20;
export function head(length: number) {
  const x = load(); // @shape [batch, length, width, channels]
  const y = tf.layers.flatten().apply(x);
  //^ → 20·channels·length
  return tf.layers.dense({units: length}).apply(y);
  //^ → length · length·(20·ch…
}
`);
  });

  it('of a list of sizes, which has no batch', () => {
    checkHints(`${head}
const inputShape = await load(); // @shape [28, 28, 1]
tf.sequential({layers: [tf.layers.flatten({inputShape})]});
//^ → 784
tf.sequential({layers: [tf.layers.flatten({/** @shape [size, 3] */ inputShape: load()})]});
//^ → 3·size
`);
  });

  it('a tensor that a layer of unknown kind gives', () => {
    checkHints(`${head}
import { Mystery } from 'somewhere';
const x = tf.input({shape: [10]});
//^ → 10
const y = tf.layers.dense({units: 2}).apply(new Mystery().apply(x)); // @shape [null, 2]
//^ → 2 · ?
tf.layers.dense({units: 5}).apply(y);
//^ → 5 · 15
`);
  });

  it('a model whose input it is is exact; one that merely contains it stays lost', () => {
    const { models } = analyseText(`${prelude}
export function whole(/** @shape [null, 6] */ x) {
  const out = tf.layers.dense({units: 2}).apply(x);
  return tf.model({inputs: x, outputs: out});
}
export function part() {
  const input = tf.input({shape: [4]});
  const middle = mystery(input); // @shape [null, 6]
  const out = tf.layers.dense({units: 2}).apply(middle);
  return tf.model({inputs: input, outputs: out});
}`);
    assert.deepEqual(
      models.map(({ name, totals, verdict }) => [name, totals.params, verdict.kind]),
      [
        ['whole', 14, 'exact'],
        ['part', null, 'lost'],
      ],
    );
    const { layers, verdict } = models[1]!;
    assert.match(verdict.kind === 'lost' ? verdict.reason : '', /only its shape is known, from a comment/);
    assert.equal(layers.at(-1)?.params, 14);
    assert.equal(
      layers.at(-1)?.calls[0]?.receptiveField,
      null,
      'how the middle looks at the input is not known',
    );
    const [exact] = models[0]!.layers;
    assert.deepEqual([exact?.name, exact?.className], ['x', 'InputLayer']);
  });

  it('is checked where the shape is known', () => {
    checkHints(
      `${head}
const x = tf.input({shape: [28, 28, 1]}); // @shape [n, 28, 28, 3]
//^ → 28×28×1
//! shape-comment-mismatch The comment says [null, 28, 28, 3], but the shape is [null, 28, 28, 1].
/** @shape [null, 24, 24, 8] */
const y = tf.layers.conv2d({filters: 8, kernelSize: 5}).apply(x);
//^ → 24×24×8 · 208
const model = tf.sequential();
model.add(tf.layers.dense({units: 3, inputShape: [4]})); // @shape [null, 3]
//^ → 3 · 15
model.add(tf.layers.dense({units: 5})); // @shape [null, 3]
//^ → 5 · 20
//! shape-comment-mismatch The comment says [null, 3], but the shape is [null, 5].
`,
    );
  });

  it('what is no comment, or is none that can be read, is left alone', () => {
    const { sites, problems } = analyseText(`${prelude}
const text = '/** @shape [null, 3] */';
const other = \`// @shape [null, 3]\`;
/** @shape [null, 2 * n] */
const x = load();
/** @shape of nothing */
const y = load();
// see @shape [null, 3]
function f() {}
tf.layers.dense({units: 1}).apply(x);
// @shape [null, 3]`);
    assert.equal(problems.length, 0);
    assert.equal(sites[0]?.layers[0]?.verdict.kind, 'lost');
  });

  it('can be written for a shape', () => {
    assert.equal(shapeCommentFor([null, 28, 28, 1]), '/** @shape [null, 28, 28, 1] */');
    assert.equal(shapeCommentFor(null), '/** @shape [null, …] */');
  });
});
