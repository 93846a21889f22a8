/** What \`this\` is in functions that nothing calls, and what may change before they run. */
import assert from 'node:assert/strict';
import { checkHints, prelude } from './check';

const check = (source: string) => checkHints(prelude + source.replace(/^\n/, ''), {}, '/workspace/main.js');

describe('what this is', () => {
  it('a component: its data, what is computed of it, and its methods', () => {
    const { problems } = check(`
export default {
  props: { classes: Number },
  data() { return { units: 12, shape: [8, 8, 1], hidden: [6, 4], rate: 1, model: null } },
  computed: { twice() { return this.units * 2 }, own: { get() { return this.rate + 1 } } },
  mounted() { this.createModel() },
  methods: {
    createModel() {
      this.model = tf.sequential()
      this.model.add(tf.layers.conv2d({ inputShape: this.shape, filters: this.units, kernelSize: 3 }))
//^ → 6×6×12 · 120
      this.model.add(tf.layers.flatten())
//^ → 432
      this.model.add(tf.layers.dense({ units: this.twice }))
//^ → 24 · 10,392
      for (const units of this.hidden) this.model.add(tf.layers.dense({ units }))
//^ → 6 · 150 | 4 · 28
      this.model.add(tf.layers.dense({ units: this.classes }))
//^ → classes · 5·classes
      this.model.add(tf.layers.dense({ units: this.own }))
//^ → rate₂ + 1 · classes·ra…
    },
    faster() { this.rate *= 2 },
  },
}
`);
    assert.deepEqual(problems, []);
  });

  it('an object literal whose methods others call', () => {
    const { problems } = check(`
const app = {
  size: 4,
  make() { this.model = tf.sequential({ layers: [tf.layers.dense({ units: this.given, inputShape: [this.size] })] }); },
//^ → given · 5·given
  old: function () { return tf.sequential({ layers: [tf.layers.dense({ units: this.size, inputShape: [1] })] }); },
//^ → 4 · 8
};
register({ state: {}, actions: { make() { return tf.sequential({ layers: [tf.layers.dense({ units: this.units, inputShape: [2] })] }); } } });
//^ → units · 3·units
document.body.onclick = function () {
  this.model = tf.sequential();
  this.model.add(tf.layers.dense({ units: 3, inputShape: [2] }));
//^ → 3 · 9
};`);
    assert.deepEqual(problems, []);
  });

  it('functions with prototypes', () => {
    check(`
function Brain(inputs) { this.inputs = inputs; }
Brain.prototype.build = function () { return tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [this.inputs] })] }); };
//^ → 2 · 12
new Brain(5);
function Other(inputs) { this.inputs = inputs; }
Other.prototype.build = function () { return tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [this.inputs] })] }); };
//^ → 2 · 2·(inputs + 1)
`);
  });

  it('settings that handlers change later in the file', () => {
    check(`
const settings = { units: 10, size: 4, nested: { kernels: 3 } };
export function build() {
  const model = tf.sequential();
  model.add(tf.layers.dense({ units: settings.units, inputShape: [settings.size] }));
//^ → units · 5·units
  model.add(tf.layers.dense({ units: settings.nested.kernels }));
//^ → kernels · kernels·(uni…
  model.add(tf.layers.dense({ units: Defaults.units }));
//^ → units₂ · units₂·(kerne…
  model.add(tf.layers.dense({ units: Defaults.kept }));
//^ → 2 · 2·(units₂ + 1)
  return model;
}
class Defaults { static units = 5; static kept = 2; }
slider.oninput = (event) => { settings.units = +event.target.value; settings.nested.kernels++; Defaults.units = 7; };
const before = { units: 4 };
tf.sequential({ layers: [tf.layers.dense({ units: before.units, inputShape: [1] })] });
//^ → 4 · 8
export function later() { before.units = 9; }
`);
  });
});

describe('what others change before', () => {
  it('lists, maps and objects that functions fill', () => {
    const { problems } = check(`
const classes = [];
const words = new Map();
const state = { labels: ['none'], rounds: 0 };
const fixed = [3];
export function build() {
  const model = tf.sequential();
  model.add(tf.layers.embedding({ inputDim: words.size + 1, outputDim: 2, inputLength: 3 }));
//^ → 3×2 · 2·(words.size + …
  model.add(tf.layers.flatten());
//^ → 6
  model.add(tf.layers.dense({ units: state.labels.length }));
//^ → state.labels.length · …
  model.add(tf.layers.dense({ units: classes.length }));
//^ → classes.length · class…
  for (const units of fixed) model.add(tf.layers.dense({ units }));
//^ → 3 · 3·(classes.length …
  return model;
}
export function learn(word) { words.set(word, words.size); classes.push(word); state.labels.push(word); }
export function unrelated() { fixed.slice().push(4); return fixed.map((size) => size + 1); }
`);
    assert.deepEqual(problems, []);
  });

  it('fields that hold lists and maps', () => {
    const { problems } = check(`
class Reader {
  words = new Map(); labels = []; sizes = [4, 5]; kept = [2, 3]; settings = { units: 7 };
  build() {
    const model = tf.sequential();
    model.add(tf.layers.dense({ units: this.words.size + 1, inputShape: [2] }));
//^ → this.words.size + 1 · …
    model.add(tf.layers.dense({ units: this.labels.length }));
//^ → this.labels.length · t…
    model.add(tf.layers.dense({ units: this.settings.units }));
//^ → settings.units · setti…
    for (const units of this.kept) model.add(tf.layers.dense({ units }));
//^ → 2 · 2·(settings.unit… …
    model.add(tf.layers.dense({ units: this.sizes[0] }));
//^ → sizes[0] · 4·sizes[0]
    return model;
  }
  learn(text) { text.split(' ').forEach((word) => { if (!this.words.has(word)) this.words.set(word, this.words.size + 1); }); this.labels.push(text); }
  reset() { this.sizes = []; this.settings = readSettings(); }
}
class Prepared {
  names = [];
  constructor() { this.fill(); }
  fill() { this.names.push('a', 'b'); }
  build() { return tf.sequential({ layers: [tf.layers.dense({ units: this.names.length, inputShape: [2] })] }); }
//^ → 2 · 6
}
class Loader {
  names = [];
  async start() { await this.load(); return this.build(); }
  async load() { this.names.push('a', 'b', 'c'); }
  build() { return tf.sequential({ layers: [tf.layers.dense({ units: this.names.length, inputShape: [2] })] }); }
//^ → 3 · 9
}
`);
    assert.deepEqual(problems, []);
  });

  it('a list of unknown length that grows is longer than it was', () => {
    check(`
export function build(sizes) {
  const list = [...sizes];
  const before = list.length;
  list.push(5);
  tf.layers.dense({ units: before }).apply(tf.input({ shape: [list.length] }));
//^ → before · before·(list.…
//^ → list.length
}`);
  });

  it('a callback that is perhaps called at once', () => {
    const { models } = check(`
const model = tf.sequential();
model.add(tf.layers.dense({ units: 4, inputShape: [3] }));
//^ → 4 · 16
repeat(2, (index) => model.add(tf.layers.dense({ units: 5 + index })));
//^ → ?
model.add(tf.layers.dense({ units: 2 }));
//^ → 2 · 10
const empty = tf.sequential();
whenReady(() => {
  empty.add(tf.layers.dense({ units: 4, inputShape: [3] }));
//^ → 4 · 16
});`);
    assert.deepEqual(
      models.map(({ totals }) => totals.params),
      [null, 16],
    );
  });
});
