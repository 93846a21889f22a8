import { checkFix, checkNoFix } from './checkFix';

describe('quick fixes', function () {
  this.timeout(20_000);

  describe('missing-input-shape', () => {
    it('by the number of axes that the layer takes', async () => {
      for (const [layer, shape] of [
        ['dense', '[10]'],
        ['conv1d', '[100, 1]'],
        ['lstm', '[100, 1]'],
        ['maxPooling2d', '[28, 28, 1]'],
        ['conv3d', '[16, 16, 16, 1]'],
        ['flatten', '[28, 28, 1]'],
      ]) {
        const options =
          layer === 'maxPooling2d' || layer === 'flatten'
            ? ''
            : layer?.startsWith('conv')
              ? 'filters: 2, kernelSize: 3'
              : 'units: 3';
        await checkFix(
          `const m = tf.sequential();\nm.add(tf.layers.${layer}({ ${options} }));\n`,
          `const m = tf.sequential();\nm.add(tf.layers.${layer}({ inputShape: ${shape}${options && `, ${options}`} }));\n`,
        );
      }
    });
    it('into a call without arguments', () =>
      checkFix(
        'const m = tf.sequential({ layers: [tf.layers.flatten()] });',
        'const m = tf.sequential({ layers: [tf.layers.flatten({ inputShape: [28, 28, 1] })] });',
      ));
    it('on a line of its own', () =>
      checkFix(
        `const m = tf.sequential();
m.add(tf.layers.conv2d({
  filters: 8,
  kernelSize: 3,
}));
`,
        `const m = tf.sequential();
m.add(tf.layers.conv2d({
  inputShape: [28, 28, 1],
  filters: 8,
  kernelSize: 3,
}));
`,
      ));
    it('of an input, and inside wrappers', async () => {
      await checkFix('const x = tf.input({});', 'const x = tf.input({ shape: [28, 28, 1] });');
      await checkFix(
        'const m = tf.sequential();\nm.add(tf.layers.bidirectional({ layer: tf.layers.lstm({ units: 4 }) }));',
        'const m = tf.sequential();\nm.add(tf.layers.bidirectional({ inputShape: [100, 1], layer: tf.layers.lstm({ units: 4 }) }));',
      );
      await checkFix(
        'const m = tf.sequential();\nm.add(tf.layers.timeDistributed({ layer: tf.layers.conv2d({ filters: 4, kernelSize: 3 }) }));',
        'const m = tf.sequential();\nm.add(tf.layers.timeDistributed({ inputShape: [16, 16, 16, 1], layer: tf.layers.conv2d({ filters: 4, kernelSize: 3 }) }));',
      );
    });
    it('not where the configuration is made elsewhere', () =>
      checkNoFix(
        'const options = { units: 3 };\nconst m = tf.sequential();\nm.add(tf.layers.dense(options));',
      ));
  });

  describe('missing-argument', () => {
    it('adds what is missing', async () => {
      const head = 'const m = tf.sequential();\n';
      await checkFix(
        `${head}m.add(tf.layers.dense({ inputShape: [4] }));`,
        `${head}m.add(tf.layers.dense({ units: 10, inputShape: [4] }));`,
      );
      await checkFix(
        `${head}m.add(tf.layers.conv2d({ kernelSize: 3, inputShape: [9, 9, 1] }));`,
        `${head}m.add(tf.layers.conv2d({ filters: 32, kernelSize: 3, inputShape: [9, 9, 1] }));`,
      );
      await checkFix(
        `${head}m.add(tf.layers.conv2d({ filters: 3, inputShape: [9, 9, 1] }));`,
        `${head}m.add(tf.layers.conv2d({ kernelSize: 3, filters: 3, inputShape: [9, 9, 1] }));`,
      );
    });
    it('one of two', () =>
      checkFix(
        'const layer = tf.layers.conv2d({ inputShape: [9, 9, 1] });',
        'const layer = tf.layers.conv2d({ kernelSize: 3, inputShape: [9, 9, 1] });',
      ));
    it('the optimizer, and the loss that goes with the last activation', async () => {
      const m = (activation: string) =>
        `const m = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [4], activation: '${activation}' })] });\n`;
      await checkFix(
        `${m('softmax')}m.compile({ loss: 'hinge' });`,
        `${m('softmax')}m.compile({ optimizer: 'adam', loss: 'hinge' });`,
      );
      await checkFix(
        `${m('softmax')}m.compile({ optimizer: 'sgd' });`,
        `${m('softmax')}m.compile({ loss: 'categoricalCrossentropy', optimizer: 'sgd' });`,
      );
      await checkFix(
        `${m('linear')}m.compile({ optimizer: 'sgd' });`,
        `${m('linear')}m.compile({ loss: 'meanSquaredError', optimizer: 'sgd' });`,
      );
    });
    it('not where there is no usual value', () =>
      checkNoFix('const layer = tf.layers.permute({ inputShape: [4, 3] });'));
  });

  describe('rank-mismatch', () => {
    it('sets returnSequences of the recurrent layer further before', () =>
      checkFix(
        `const m = tf.sequential();
m.add(tf.layers.gru({ units: 8, inputShape: [20, 4] }));
m.add(tf.layers.dropout({ rate: 0.5 }));
m.add(tf.layers.lstm({ units: 8 }));
`,
        `const m = tf.sequential();
m.add(tf.layers.gru({ returnSequences: true, units: 8, inputShape: [20, 4] }));
m.add(tf.layers.dropout({ rate: 0.5 }));
m.add(tf.layers.lstm({ units: 8 }));
`,
        `const m = tf.sequential();
m.add(tf.layers.gru({ units: 8, inputShape: [20, 4] }));
m.add(tf.layers.dropout({ rate: 0.5 }));
m.add(tf.layers.reshape({ targetShape: [8, 1] }));
m.add(tf.layers.lstm({ units: 8 }));
`,
      ));
    it('sets returnSequences, or makes steps of the values', () =>
      checkFix(
        `const m = tf.sequential();
m.add(tf.layers.gru({ units: 8, inputShape: [20, 4] }));
m.add(tf.layers.lstm({ units: 8 }));
`,
        `const m = tf.sequential();
m.add(tf.layers.gru({ returnSequences: true, units: 8, inputShape: [20, 4] }));
m.add(tf.layers.lstm({ units: 8 }));
`,
        `const m = tf.sequential();
m.add(tf.layers.gru({ units: 8, inputShape: [20, 4] }));
m.add(tf.layers.reshape({ targetShape: [8, 1] }));
m.add(tf.layers.lstm({ units: 8 }));
`,
      ));
    it('sets returnSequences of the layer inside bidirectional, and where it says false', () =>
      checkFix(
        `const x = tf.input({ shape: [20, 4] });
const y = tf.layers.bidirectional({ layer: tf.layers.lstm({ units: 8, returnSequences: false }) }).apply(x);
const z = tf.layers.lstm({ units: 8 }).apply(y);
`,
        `const x = tf.input({ shape: [20, 4] });
const y = tf.layers.bidirectional({ layer: tf.layers.lstm({ units: 8, returnSequences: true }) }).apply(x);
const z = tf.layers.lstm({ units: 8 }).apply(y);
`,
        `const x = tf.input({ shape: [20, 4] });
const y = tf.layers.bidirectional({ layer: tf.layers.lstm({ units: 8, returnSequences: false }) }).apply(x);
const z = tf.layers.lstm({ units: 8 }).apply(tf.layers.reshape({ targetShape: [16, 1] }).apply(y));
`,
      ));
    it('adds a channel axis to an input shape', () =>
      checkFix(
        'const m = tf.sequential();\nm.add(tf.layers.conv2d({ inputShape: [28, 28], filters: 4, kernelSize: 3 }));',
        'const m = tf.sequential();\nm.add(tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 4, kernelSize: 3 }));',
      ));
    it('adds a channel axis in a list of layers', () =>
      checkFix(
        `const m = tf.sequential({
  layers: [
    tf.layers.reshape({ inputShape: [784], targetShape: [28, 28] }),
    tf.layers.conv2d({ filters: 4, kernelSize: 3 }),
  ],
});
`,
        `const m = tf.sequential({
  layers: [
    tf.layers.reshape({ inputShape: [784], targetShape: [28, 28] }),
    tf.layers.reshape({ targetShape: [28, 28, 1] }),
    tf.layers.conv2d({ filters: 4, kernelSize: 3 }),
  ],
});
`,
      ));
    it('keeps to a list on one line, to CRLF and to tabs', async () => {
      const layers = (more: string) =>
        `const m = tf.sequential({ layers: [tf.layers.lstm({ units: 4, inputShape: [9, 2] }), tf.layers.dense({ units: 6 }), ${more}tf.layers.lstm({ units: 2 })] });`;
      await checkFix(layers(''), layers('tf.layers.reshape({ targetShape: [6, 1] }), '));
      const calls = (more: string) =>
        `function build() {\r\n\tconst m = tf.sequential();\r\n\tm.add(tf.layers.flatten({ inputShape: [3, 2] }));\r\n${more}\tm.add(tf.layers.conv1d({ filters: 2, kernelSize: 3 }));\r\n}\r\n`;
      await checkFix(calls(''), calls('\tm.add(tf.layers.reshape({ targetShape: [6, 1] }));\r\n'));
    });
    it('flattens, in the functional interface and for a layer in a variable', async () => {
      await checkFix(
        `const x = tf.input({ shape: [4, 4, 2] });
const y = tf.layers.repeatVector({ n: 3 }).apply(x) as tf.SymbolicTensor;
`,
        `const x = tf.input({ shape: [4, 4, 2] });
const y = tf.layers.repeatVector({ n: 3 }).apply(tf.layers.flatten().apply(x)) as tf.SymbolicTensor;
`,
      );
      await checkFix(
        `function build() {
  const m = tf.sequential();
  m.add(tf.layers.conv2d({ inputShape: [9, 9, 1], filters: 4, kernelSize: 3 }))
  const repeat = tf.layers.repeatVector({ n: 3 });
  m.add(repeat)
  return m;
}
`,
        `function build() {
  const m = tf.sequential();
  m.add(tf.layers.conv2d({ inputShape: [9, 9, 1], filters: 4, kernelSize: 3 }))
  const repeat = tf.layers.repeatVector({ n: 3 });
  m.add(tf.layers.flatten())
  m.add(repeat)
  return m;
}
`,
      );
    });
    it('reads the rows of a picture as steps', () =>
      checkFix(
        `class Reader {
  readonly model = tf.sequential();
  build() {
    this.model.add(tf.layers.maxPooling2d({ inputShape: [28, 28, 3] }));
    this.model.add(tf.layers.lstm({ units: 8 }));
  }
}
`,
        `class Reader {
  readonly model = tf.sequential();
  build() {
    this.model.add(tf.layers.maxPooling2d({ inputShape: [28, 28, 3] }));
    this.model.add(tf.layers.reshape({ targetShape: [14, 42] }));
    this.model.add(tf.layers.lstm({ units: 8 }));
  }
}
`,
      ));
    it('takes out a flatten that has nothing to flatten', async () => {
      await checkFix(
        `const m = tf.sequential();
m.add(tf.layers.dense({ units: 4, inputShape: [4] }));
m.add(tf.layers.flatten());
m.add(tf.layers.dense({ units: 2 }));
`,
        `const m = tf.sequential();
m.add(tf.layers.dense({ units: 4, inputShape: [4] }));
m.add(tf.layers.dense({ units: 2 }));
`,
      );
      await checkFix(
        'const y = tf.layers.dense({ units: 2 }).apply(tf.layers.flatten().apply(tf.input({ shape: [4] })));',
        'const y = tf.layers.dense({ units: 2 }).apply(tf.input({ shape: [4] }));',
      );
    });
    it('not as the bare body of a loop, nor where sizes are not known', async () => {
      await checkNoFix(`const m = tf.sequential();
m.add(tf.layers.conv2d({ inputShape: [9, 9, 1], filters: 4, kernelSize: 3 }));
for (const n of [3, 4]) m.add(tf.layers.repeatVector({ n }));
`);
      await checkNoFix(`export function build(rows: number, columns: number) {
  const x = tf.input({ shape: [rows, columns] });
  return tf.layers.conv2d({ filters: 4, kernelSize: 3 }).apply(x);
}
`);
    });
    it('not where what it puts in would be wrong itself: the second round flattens what is flat', () =>
      checkNoFix(`const m = tf.sequential();
m.add(tf.layers.conv2d({ inputShape: [9, 9, 1], filters: 4, kernelSize: 3 }));
for (const n of [3, 4]) {
  m.add(tf.layers.repeatVector({ n }));
  m.add(tf.layers.globalMaxPooling1d());
}
`));
  });

  it('kernel-larger-than-input', async () => {
    const head = 'const m = tf.sequential();\n';
    await checkFix(
      `${head}m.add(tf.layers.conv2d({ inputShape: [4, 4, 1], filters: 2, kernelSize: 7 }));`,
      `${head}m.add(tf.layers.conv2d({ padding: 'same', inputShape: [4, 4, 1], filters: 2, kernelSize: 7 }));`,
    );
    await checkFix(
      `${head}m.add(tf.layers.averagePooling2d({ inputShape: [4, 4, 1], poolSize: 5, padding: "valid" }));`,
      `${head}m.add(tf.layers.averagePooling2d({ inputShape: [4, 4, 1], poolSize: 5, padding: 'same' }));`,
    );
  });

  it('names that are nearly right', async () => {
    const layer = (options: string) =>
      `const layer = tf.layers.conv2d({ filters: 2, kernelSize: 3, ${options} });`;
    await checkFix(layer("activation: 'Relu'"), layer("activation: 'relu'"));
    await checkFix(layer('activation: "ReLU"'), layer('activation: "relu"'));
    await checkFix(layer("activation: 'sigmod'"), layer("activation: 'sigmoid'"));
    await checkFix(layer("kernelInitializer: 'glorot_uniform'"), layer("kernelInitializer: 'glorotUniform'"));
    await checkFix(layer("biasConstraint: 'max_norm'"), layer("biasConstraint: 'maxNorm'"));
    await checkFix(layer("padding: 'SAME'"), layer("padding: 'same'"));
    await checkFix(layer("dataFormat: 'channels_first'"), layer("dataFormat: 'channelsFirst'"));
    await checkFix(
      layer("kernelRegularizer: 'l2'"),
      layer('kernelRegularizer: tf.regularizers.l2({ l2: 0.01 })'),
    );
    await checkNoFix(layer("activation: 'maxout'"));
    await checkNoFix(`const name = 'Relu';\n${layer('activation: name')}`);
    await checkFix(
      "const layer = tf.layers.lstm({ units: 4, activation: 'tanh', recurrentActivation: 'hard_sigmoid' });",
      "const layer = tf.layers.lstm({ units: 4, activation: 'tanh', recurrentActivation: 'hardSigmoid' });",
    );
    await checkFix(
      "const layer = tf.layers.upSampling2d({ interpolation: 'Nearest' });",
      "const layer = tf.layers.upSampling2d({ interpolation: 'nearest' });",
    );
  });

  it('names in compile', async () => {
    const m = 'const m = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [4] })] });\n';
    const compile = (optimizer: string, loss: string, metrics: string) =>
      `${m}m.compile({ optimizer: ${optimizer}, loss: ${loss}, metrics: ${metrics} });`;
    await checkFix(compile("'Addam'", "'hinge'", '[]'), compile("'adam'", "'hinge'", '[]'));
    await checkFix(compile("'sgd'", "'mse'", '[]'), compile("'sgd'", "'meanSquaredError'", '[]'));
    await checkFix(
      compile("'sgd'", "['categorical_crossentropy']", '[]'),
      compile("'sgd'", "['categoricalCrossentropy']", '[]'),
    );
    await checkFix(compile("'sgd'", "'hinge'", "['Accuracy']"), compile("'sgd'", "'hinge'", "['accuracy']"));
    await checkFix(
      compile("'sgd'", "'hinge'", "['acc', 'meanSquaredError']"),
      compile("'sgd'", "'hinge'", "['acc', 'mse']"),
    );
    await checkNoFix(compile("'sgd'", "'focalLoss'", '[]'));
  });

  it('concatenate-axis', async () => {
    const inputs = (a: string, b: string) =>
      `const a = tf.input({ shape: [${a}] });\nconst b = tf.input({ shape: [${b}] });\n`;
    await checkFix(
      `${inputs('8, 8, 4', '8, 6, 4')}const c = tf.layers.concatenate().apply([a, b]);`,
      `${inputs('8, 8, 4', '8, 6, 4')}const c = tf.layers.concatenate({ axis: 2 }).apply([a, b]);`,
    );
    await checkFix(
      `${inputs('8, 4', '8, 6')}const c = tf.layers.concatenate({ axis: 1 }).apply([a, b]);`,
      `${inputs('8, 4', '8, 6')}const c = tf.layers.concatenate({ axis: 2 }).apply([a, b]);`,
    );
    await checkNoFix(`${inputs('8, 4', '7, 6')}const c = tf.layers.concatenate().apply([a, b]);`);
  });

  it('softmax-axis', () =>
    checkFix(
      'const y = tf.layers.softmax().apply(tf.input({ shape: [8, 3] }));',
      'const y = tf.layers.softmax({ axis: -1 }).apply(tf.input({ shape: [8, 3] }));',
    ));

  it('duplicate-layer-name', async () => {
    await checkFix(
      `const x = tf.input({ shape: [4] });
const a = tf.layers.dense({ units: 3, name: 'head' }).apply(x);
const b = tf.layers.dense({ units: 3, name: 'head_2' }).apply(a);
const c = tf.layers.dense({ units: 2, name: "head" }).apply(b);
tf.model({ inputs: x, outputs: c });
`,
      `const x = tf.input({ shape: [4] });
const a = tf.layers.dense({ units: 3, name: 'head' }).apply(x);
const b = tf.layers.dense({ units: 3, name: 'head_2' }).apply(a);
const c = tf.layers.dense({ units: 2, name: "head_3" }).apply(b);
tf.model({ inputs: x, outputs: c });
`,
    );
    // One call that makes both: another name in it makes two of that name.
    await checkNoFix(`const x = tf.input({ shape: [4] });
let y = x;
for (let i = 0; i < 2; i++) y = tf.layers.dense({ units: 3, name: 'head' }).apply(y);
tf.model({ inputs: x, outputs: y });
`);
  });

  it('invalid-name', () =>
    checkFix(
      "const y = tf.layers.flatten({ name: ' my layer!' }).apply(tf.input({ shape: [8, 3] }));",
      "const y = tf.layers.flatten({ name: 'my_layer_' }).apply(tf.input({ shape: [8, 3] }));",
    ));

  it('not-a-layer', async () => {
    await checkFix(
      'const m = tf.sequential();\nm.add(tf.layers.convolution2d({ inputShape: [8, 8, 1], filters: 2, kernelSize: 3 }));',
      'const m = tf.sequential();\nm.add(tf.layers.conv2d({ inputShape: [8, 8, 1], filters: 2, kernelSize: 3 }));',
    );
    await checkFix(
      'const m = tf.sequential({ layers: [tf.layers.Dense({ units: 3, inputShape: [4] })] });',
      'const m = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [4] })] });',
    );
  });

  it('fit-shape-mismatch: flattens before the dense layers', () =>
    checkFix(
      `const m = tf.sequential();
m.add(tf.layers.conv2d({ inputShape: [8, 8, 1], filters: 2, kernelSize: 3 }));
m.add(tf.layers.dense({ units: 16 }));
m.add(tf.layers.dense({ units: 3, activation: 'softmax' }));
m.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
m.fit(tf.zeros([5, 8, 8, 1]), tf.zeros([5, 3]));
`,
      `const m = tf.sequential();
m.add(tf.layers.conv2d({ inputShape: [8, 8, 1], filters: 2, kernelSize: 3 }));
m.add(tf.layers.flatten());
m.add(tf.layers.dense({ units: 16 }));
m.add(tf.layers.dense({ units: 3, activation: 'softmax' }));
m.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
m.fit(tf.zeros([5, 8, 8, 1]), tf.zeros([5, 3]));
`,
    ));
});
