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
