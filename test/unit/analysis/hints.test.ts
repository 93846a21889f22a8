import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { closeOpenBrackets, endDanglingDots } from '../../../language-server/analysis/repair';
import { analyseText, checkHints } from './check';

describe('inlay hints', () => {
  it('LeNet-5, as the table of the design has it', () => {
    const { models } = analyseText(readFileSync('examples/lenet5.ts', 'utf8'));
    assert.deepEqual(
      models.map((model) => [model.name, model.totals.params, model.totals.multiplyAccumulates]),
      [['lenet5', 61_706, 416_520]],
    );
  });

  it('derives LeNet-5’s multiply-accumulates by hand: output cells × kernel cells × channels in, for one picture', () => {
    const c1 = 28 * 28 * 6 * (5 * 5 * 1);
    const c3 = 10 * 10 * 16 * (5 * 5 * 6);
    const c5 = 1 * 1 * 120 * (5 * 5 * 16);
    const f6 = 120 * 84;
    const output = 84 * 10;
    assert.equal(c1 + c3 + c5 + f6 + output, 416_520);
  });

  it('sequential, one call a line', () => {
    checkHints(`import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.conv2d({inputShape: [28, 28, 1], filters: 8, kernelSize: 5}));
//^ → 24×24×8 · 208
model.add(tf.layers.maxPooling2d({poolSize: [2, 2]}));
//^ → 12×12×8
model.add(tf.layers.flatten());
//^ → 1152
model.add(tf.layers.dense({units: 10}));
//^ → 10 · 11,530
`);
  });

  it('imports under any name', () => {
    for (const head of [
      "import * as tf from '@tensorflow/tfjs';",
      "import * as tf from '@tensorflow/tfjs-node-gpu';",
      "const tf = require('@tensorflow/tfjs-node');",
      "import tf from '@tensorflow/tfjs-layers';",
      "import { layers, sequential } from '@tensorflow/tfjs'; const tf = { layers, sequential };",
      '/* the global tf of a script tag */',
    ]) {
      checkHints(`${head}
const m = tf.sequential({ layers: [tf.layers.dense({ units: 4, inputShape: [3] })] });
//^ → 4 · 16
`);
    }
  });

  it('loops, spreads, shorthand and conditions', () => {
    checkHints(`import * as tf from '@tensorflow/tfjs';
const stages = [[64, 2], [128, 2]] as const;
const model = tf.sequential();
stages.forEach(([filters, repeats], stage) => {
  for (let i = 0; i < repeats; i++) {
    model.add(tf.layers.conv2d({
      filters, kernelSize: 3, padding: 'same',
      ...(stage === 0 && i === 0 ? { inputShape: [224, 224, 3] } : {}),
    }));
//^ → 224×224×64 · 1,792 …
  }
  model.add(tf.layers.maxPooling2d({ poolSize: 2, strides: 2 }));
//^ → 112×112×64 | 56×56×128
});
const units = [4, 4, 4];
for (const n of units) model.add(tf.layers.dense({ units: n, useBias: false }));
//^ → 56×56×4 · 512 …
`);
  });

  it('the functional interface, with a block of its own', () => {
    checkHints(`import * as tf from '@tensorflow/tfjs';
function residual(x, filters, strides = 1) {
  let y = tf.layers.conv2d({ filters, kernelSize: 3, strides, padding: 'same' }).apply(x);
//^ → 16×16×32 · 4,640
  y = tf.layers.batchNormalization().apply(y);
//^ → 16×16×32 · 128
  const same = x.shape[3] === filters && strides === 1;
  const shortcut = same ? x : tf.layers.conv2d({ filters, kernelSize: 1, strides }).apply(x);
//^ → 16×16×32 · 544
  return tf.layers.add().apply([y, shortcut]);
//^ → 16×16×32
}
const input = tf.input({ shape: [32, 32, 16] });
//^ → 32×32×16
const output = residual(input, 32, 2);
const model = tf.model({ inputs: input, outputs: output });
`);
  });

  it('parameters that are not known stay symbolic', () => {
    checkHints(`import * as tf from '@tensorflow/tfjs';
export function build(sampleLen: number, charSetSize: number, units: number) {
  const model = tf.sequential();
  model.add(tf.layers.lstm({ units, inputShape: [sampleLen, charSetSize] }));
//^ → units · 4·units·(units…
  model.add(tf.layers.dense({ units: charSetSize, activation: 'softmax' }));
//^ → charSetSize · charSetS…
  return model;
}
`);
  });

  it('says that it does not know, and why', () => {
    const { sites } = checkHints(`import * as tf from '@tensorflow/tfjs';
import { shapeOf } from './elsewhere';
const model = tf.sequential();
model.add(tf.layers.dense({ inputShape: shapeOf('x'), units: 4 }));
//^ → ?
model.add(tf.layers.activation({ activation: 'relu' }));
//^ → ?
`);
    const [verdict] = sites.map((site) => site.layers[0]!.verdict);
    assert.equal(verdict?.kind, 'lost');
    assert.match(verdict?.kind === 'lost' ? verdict.reason : '', /shapeOf\(\).*elsewhere.*was not found/);
  });

  it('follows both ways of a condition that is not known', () => {
    checkHints(`import * as tf from '@tensorflow/tfjs';
function build(large: boolean) {
  const model = tf.sequential();
  model.add(tf.layers.dense({ units: large ? 128 : 32, inputShape: [8] }));
//^ → 128 · 1,152 | 32 · 288
  model.add(tf.layers.activation({ activation: 'relu' }));
//^ → 128 | 32
  return model;
}
`);
  });

  it('a loop whose rounds are not known keeps what holds for any number of them', () => {
    const { models } = checkHints(`import * as tf from '@tensorflow/tfjs';
export function build(depth: number) {
  const model = tf.sequential();
  model.add(tf.layers.dense({ units: 16, inputShape: [8] }));
//^ → 16 · 144
  for (let i = 0; i < depth; i++) model.add(tf.layers.dense({ units: 16 }));
//^ → 16 · 272
  model.add(tf.layers.dense({ units: 1 }));
//^ → 1 · 17
  return model;
}
`);
    assert.equal(models[0]?.totals.params, null, 'how many layers there are is not known');
  });

  it('classes, fields and inheritance', () => {
    checkHints(`import * as tf from '@tensorflow/tfjs';
class Base {
  protected model = tf.sequential();
  constructor(protected readonly units: number) {}
  build() { this.model.add(tf.layers.dense({ units: this.units, inputShape: [4] })); return this; }
//^ → 12 · 60
}
class Deep extends Base {
  override build() {
    super.build();
    this.model.add(tf.layers.dense({ units: this.units * 2 }));
//^ → 24 · 312
    return this;
  }
}
new Deep(12).build();
`);
  });

  it('a layer of the program’s own', () => {
    checkHints(`import * as tf from '@tensorflow/tfjs';
class Half extends tf.layers.Layer {
  static className = 'Half';
  computeOutputShape(shape) { return [...shape.slice(0, -1), shape[shape.length - 1] / 2]; }
}
class Scale extends tf.layers.Layer {
  build(shape) { this.gain = this.addWeight('gain', [shape[shape.length - 1]], 'float32', tf.initializers.ones()); }
}
const x = tf.input({ shape: [27, 27, 96] });
//^ → 27×27×96
const y = new Scale().apply(new Half().apply(x));
//^ → 27×27×48 · 48
//^ → 27×27×48
`);
  });

  it('other files of the workspace', () => {
    checkHints(
      `import * as tf from '@tensorflow/tfjs';
import { filters as widths, addHead } from './lib/config.js';
import settings from './settings.json';
const model = tf.sequential();
model.add(tf.layers.conv1d({ filters: widths[1], kernelSize: settings.kernel, inputShape: [100, 3] }));
//^ → 94×32 · 704
addHead(model, 5);
model.add(tf.layers.dense({ units: 2 }));
//^ → 2 · 12
`,
      {
        '/workspace/lib/config.ts': `import * as tf from '@tensorflow/tfjs';
export const filters = [16, 32];
export function addHead(model: tf.Sequential, units: number) {
  model.add(tf.layers.globalMaxPooling1d());
  model.add(tf.layers.dense({ units }));
}`,
        '/workspace/settings.json': '{ "kernel": 7 }',
      },
    );
  });

  it('errors stand at the call that is to blame', () => {
    checkHints(`import * as tf from '@tensorflow/tfjs';
const a = tf.sequential();
a.add(tf.layers.dense({ units: 3 }));
//^ → ?
//! missing-input-shape inputShape: [28, 28, 1]
const b = tf.sequential();
b.add(tf.layers.conv2d({ inputShape: [4, 4, 1], filters: 2, kernelSize: 7 }));
//^ → −2×−2×2 · 100
//! kernel-larger-than-input
const c = tf.sequential();
c.add(tf.layers.dense({ inputShape: [4], units: 2 }));
//^ → 2 · 10
c.add(tf.layers.conv2d({ filters: 2, kernelSize: 3 }));
//^ → ?
//! rank-mismatch
`);
  });
});

describe('related information', () => {
  it('of a merge names both branches, and where they part', () => {
    const { problems } = checkHints(`import * as tf from '@tensorflow/tfjs';
const x = tf.layers.flatten().apply(tf.input({ shape: [2, 4] }));
//^ → 8
//^ → 2×4
const a = tf.layers.dense({ units: 8 }).apply(x);
//^ → 8 · 72
const b = tf.layers.dense({ units: 16 }).apply(x);
//^ → 16 · 144
const c = tf.layers.add().apply([a, b]);
//^ → ?
//! merge-shapes 8 and 16 differ
`);
    assert.deepEqual(
      problems[0]?.related?.map(({ message, location }) => [message, location.range.start.line]),
      [
        ['its input comes from here: [null, 8]', 4],
        ['its input comes from here: [null, 16]', 6],
        ['the branches part here: [null, 8]', 1],
      ],
    );
  });
});

describe('half-typed text', () => {
  it('ends a name that is still to be typed', () => {
    assert.equal(endDanglingDots('  model.\n  model.add(x);\n'), '  model.;\n  model.add(x);\n');
    assert.equal(endDanglingDots('tf.layers.\n  dense();\n'), 'tf.layers.\n  dense();\n');
  });

  it('closes what a line leaves open, without moving anything', () => {
    assert.equal(
      closeOpenBrackets('model.add(tf.layers.dense({units: \nmodel.add(x);\n'),
      'model.add(tf.layers.dense({units: }))\nmodel.add(x);\n',
    );
    assert.equal(closeOpenBrackets('f(\n  a,\n  b\n);\n'), 'f(\n  a,\n  b\n);\n');
    assert.equal(closeOpenBrackets('function f() {\n  g(1;\n}\n'), 'function f() {\n  g(1;)\n}\n');
  });
});
