/** A program's own layers made of other layers, initial states, and layers inside layers: executed, too. */
import { checkHints, prelude } from './check';
import { checkAgainstTfjs } from './executed';

const check = (source: string) => {
  const text = prelude + source.replace(/^\n/, '');
  checkHints(text);
  checkAgainstTfjs(text);
};

describe('layers made of layers', () => {
  it('weights of inner layers that a layer takes for its own', () => {
    check(`
class Gate extends tf.layers.Layer {
  inner: any; gate: any; norm: any;
  constructor(private width: number) { super({}); }
  build(shape: any) {
    this.inner = tf.layers.dense({ units: this.width });
//^ → 4 · 16 | 4 · 20
    this.gate = tf.layers.dense({ units: this.width, useBias: false });
//^ → 4 · 12 | 4 · 16
    this.norm = tf.layers.batchNormalization();
//^ → 4 · 16 ×2
    this.inner.build(shape);
    this.gate.build(shape);
    this.norm.build(this.inner.computeOutputShape(shape));
    const own = this as any;
    own._trainableWeights.push(...this.inner.trainableWeights);
    for (const weight of this.gate.trainableWeights) own._trainableWeights.push(weight);
    own._trainableWeights = [...own._trainableWeights, ...this.norm.trainableWeights];
    own._nonTrainableWeights = this.norm.nonTrainableWeights;
    this.built = true;
  }
  computeOutputShape(shape: any) { return this.norm.computeOutputShape(this.inner.computeOutputShape(shape)); }
  call(input: any) { return input; }
  static get className() { return 'Gate'; }
}
const x = tf.input({ shape: [3] });
//^ → 3
const y = new Gate(4).apply(x) as any;
//^ → 4 · 44
const z = new Gate(4).apply(y) as any;
//^ → 4 · 52
export const model = tf.model({ inputs: x, outputs: z });
`);
  });

  it('lists of weights that are set through their names, and a wrapped model that is built already', () => {
    check(`
class Steps extends tf.layers.Layer {
  steps: any;
  build(shape: any) {
    const each = tf.sequential();
    each.add(tf.layers.dense({ units: 2, inputShape: [shape[2]] }));
//^ → 2 · 8
    each.add(tf.layers.dense({ units: shape[2] }));
//^ → 3 · 9
    this.steps = tf.layers.timeDistributed({ layer: each as any });
//^ → ?
    const own = this as any;
    own.trainableWeights = this.steps.trainableWeights;
    own.nonTrainableWeights = this.steps.nonTrainableWeights;
    this.built = true;
  }
  computeOutputShape(shape: any) { return shape; }
  call(input: any) { return input; }
  static get className() { return 'Steps'; }
}
export const model = tf.sequential();
model.add(tf.layers.simpleRNN({ units: 3, returnSequences: true, inputShape: [5, 2] }));
//^ → 5×3 · 18
model.add(new Steps({}));
//^ → 5×3 · 17
`);
  });

  it('what another layer would put out', () => {
    check(
      `
class Head extends tf.layers.Layer {
  pool = tf.layers.globalAveragePooling2d({});
//^ → ?
  computeOutputShape(shape: any) { return this.pool.computeOutputShape(shape); }
  call(input: any) { return input; }
  static get className() { return 'Head'; }
}
const x = tf.input({ shape: [16, 8, 32] });
//^ → 16×8×32
export const model = tf.model({ inputs: x, outputs: tf.layers.dense({ units: 2 }).apply(new Head({}).apply(x)) as any });
//^ → 2 · 66
//^ → 32
const shape = tf.layers.conv2d({ filters: 4, kernelSize: 3 }).computeOutputShape([null, 10, 12, 3]) as number[];
//^ → ?
export const next = tf.sequential({ layers: [tf.layers.dense({ units: shape[3]!, inputShape: shape.slice(1, 3) })] });
//^ → 8×4 · 44
`,
    );
  });

  it('an initial state is an input', () => {
    check(`
const words = tf.input({ shape: [null, 5] });
//^ → ?×5
const [, h, c] = tf.layers.lstm({ units: 6, returnState: true }).apply(words) as any;
//^ → [6, 6, 6] · 288
const answer = tf.input({ shape: [null, 7] });
//^ → ?×7
const decoder = tf.layers.lstm({ units: 6, returnSequences: true, returnState: true });
//^ → [?×6, 6, 6] · 336
const [steps] = decoder.apply(answer, { initialState: [h, c] }) as any;
const out = tf.layers.dense({ units: 7 }).apply(steps) as any;
//^ → ?×7 · 49
export const training = tf.model({ inputs: [words, answer], outputs: out });
const both = tf.layers.bidirectional({ layer: tf.layers.gru({ units: 6, returnSequences: true }) as any, mergeMode: 'concat' });
//^ → ?×12 · 432
//^ → ?×6 · 216
export const other = tf.model({ inputs: [words, answer], outputs: both.apply(words, { initialState: [h, c] }) as any });
`);
  });

  it('a model for every time step', () => {
    check(`
const frame = tf.sequential();
frame.add(tf.layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [8, 8, 1] }));
//^ → 6×6×4 · 40
frame.add(tf.layers.batchNormalization());
//^ → 6×6×4 · 16
frame.add(tf.layers.flatten());
//^ → 144
export const video = tf.sequential();
video.add(tf.layers.timeDistributed({ layer: frame as any, inputShape: [10, 8, 8, 1] }));
//^ → 10×144 · 56
video.add(tf.layers.gru({ units: 3 }));
//^ → 3 · 1,332
`);
  });

  it('cells, one after the other', () => {
    check(`
const cells = [3, 5].map((units) => tf.layers.lstmCell({ units }));
//^ → 3 · 72 | 5 · 180
export const model = tf.sequential();
model.add(tf.layers.rnn({ cell: cells as any, inputShape: [4, 2] }));
//^ → 5 · 252
const stack = tf.layers.stackedRNNCells({ cells: [tf.layers.gruCell({ units: 2 })] as any });
//^ → 2 · 30
//^ → 2 · 30
export const other = tf.sequential();
other.add(tf.layers.rnn({ cell: stack as any, returnSequences: true, inputShape: [4, 2] }));
//^ → 4×2 · 30
`);
  });
});
