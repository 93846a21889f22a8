/** What Layerwise says of `compile` and `fit`, beside what tfjs itself does with the very same program. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { analyseText, prelude } from '../analysis/check';

/** The codes of what is found, errors first; warnings marked with `?`. */
function found(program: string): string[] {
  return analyseText(prelude + program).problems.map(
    ({ code, severity }) => `${code}${severity === 'error' ? '' : '?'}`,
  );
}

/** Runs the program as it stands. Gives what tfjs throws, or null. */
async function thrown(program: string): Promise<string | null> {
  const { warn } = console;
  console.warn = () => undefined;
  try {
    tf.engine().startScope();
    // Every statement awaits, since `fit` rejects later than it is called.
    await new Function('tf', `return (async () => { ${program.replace(/(\w+\.fit\()/g, 'await $1')} })()`)(
      tf,
    );
    return null;
  } catch (error) {
    return (error as Error).message;
  } finally {
    tf.engine().endScope();
    console.warn = warn;
  }
}

function dense(units: number, activation = 'linear', name = ''): string {
  const named = name && `, name: '${name}'`;
  return `const m = tf.sequential({ layers: [tf.layers.dense({ units: ${units}, inputShape: [4], activation: '${activation}'${named} })] });\n`;
}
const compiled = (loss: string) => `m.compile({ optimizer: 'sgd', loss: '${loss}' });\n`;
const twoOutputs = `const input = tf.input({ shape: [4] });
const m = tf.model({ inputs: input, outputs: [
  tf.layers.dense({ units: 2, name: 'left' }).apply(input),
  tf.layers.dense({ units: 3, name: 'right' }).apply(input),
] });
`;

const cases: [name: string, program: string, codes: string[]][] = [
  [
    'all well',
    `${dense(3, 'softmax')}m.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy', 'mse', 'ce'] });`,
    [],
  ],
  ['an optimizer by name', `${dense(1)}m.compile({ optimizer: 'RMSProp', loss: 'meanSquaredError' });`, []],
  [
    'an optimizer that does not exist',
    `${dense(1)}m.compile({ optimizer: 'adma', loss: 'meanSquaredError' });`,
    ['unknown-optimizer'],
  ],
  [
    'momentum is no name of an optimizer',
    `${dense(1)}m.compile({ optimizer: 'momentum', loss: 'meanSquaredError' });`,
    ['unknown-optimizer'],
  ],
  ['no optimizer', `${dense(1)}m.compile({ loss: 'meanSquaredError' });`, ['missing-argument']],
  ['no loss', `${dense(1)}m.compile({ optimizer: 'sgd' });`, ['missing-argument']],
  ['a short name of a loss', `${dense(1)}m.compile({ optimizer: 'sgd', loss: 'mse' });`, ['unknown-loss']],
  [
    'a long name of a metric',
    `${dense(1)}m.compile({ optimizer: 'sgd', loss: 'meanSquaredError', metrics: ['meanSquaredError'] });`,
    ['unknown-metric'],
  ],
  [
    'one metric, not in a list',
    `${dense(1)}m.compile({ optimizer: 'sgd', loss: 'meanSquaredError', metrics: 'recall' });`,
    ['unknown-metric'],
  ],
  [
    'functions',
    `${dense(1)}m.compile({ optimizer: tf.train.momentum(0.1, 0.9), loss: (a, b) => tf.losses.meanSquaredError(a, b), metrics: [tf.metrics.meanAbsoluteError] });`,
    [],
  ],
  [
    'a loss that is not known',
    `${dense(1)}const name = globalThis.lossName ?? 'hinge'; m.compile({ optimizer: 'sgd', loss: name });`,
    [],
  ],
  ['a list of losses', `${twoOutputs}m.compile({ optimizer: 'sgd', loss: ['hinge', 'poisson'] });`, []],
  ['too few losses', `${twoOutputs}m.compile({ optimizer: 'sgd', loss: ['hinge'] });`, ['loss-outputs']],
  [
    'losses by output',
    `${twoOutputs}m.compile({ optimizer: 'sgd', loss: { left: 'hinge', right: 'poisson' }, metrics: { left: ['acc'], other: 'nonsense' } });`,
    [],
  ],
  [
    'a metric of an output that does not exist',
    `${twoOutputs}m.compile({ optimizer: 'sgd', loss: 'hinge', metrics: { left: ['accurate'] } });`,
    ['unknown-metric'],
  ],
  [
    'a loss of an output that is not there',
    `${twoOutputs}m.compile({ optimizer: 'sgd', loss: { left: 'hinge', wrong: 'poisson' } });`,
    ['loss-outputs'],
  ],

  [
    'fit, as it should be',
    `${dense(3, 'softmax')}${compiled('categoricalCrossentropy')}m.fit(tf.zeros([2, 4]), tf.ones([2, 3]), { epochs: 1, verbose: 0 });`,
    [],
  ],
  [
    'sparse targets',
    `${dense(3, 'softmax')}${compiled('sparseCategoricalCrossentropy')}m.fit(tf.zeros([2, 4]), tf.tensor1d([0, 2]), { epochs: 1, verbose: 0 });`,
    [],
  ],
  [
    'one-hot targets for a sparse loss',
    `${dense(3, 'softmax')}${compiled('sparseCategoricalCrossentropy')}m.fit(tf.zeros([2, 4]), tf.tensor2d([[0, 0, 1], [1, 0, 0]]), { epochs: 1, verbose: 0 });`,
    ['fit-shape-mismatch'],
  ],
  [
    'sparse targets for a loss that wants one-hot ones',
    `${dense(3, 'softmax')}${compiled('categoricalCrossentropy')}m.fit(tf.zeros([2, 4]), tf.tensor1d([0, 2]), { epochs: 1, verbose: 0 });`,
    ['fit-shape-mismatch'],
  ],
  [
    'inputs of another size',
    `${dense(1)}${compiled('meanSquaredError')}m.fit(tf.zeros([2, 5]), tf.zeros([2, 1]), { epochs: 1, verbose: 0 });`,
    ['fit-shape-mismatch'],
  ],
  [
    'inputs of another rank',
    `${dense(1)}${compiled('meanSquaredError')}m.fit(tf.zeros([2, 2, 2]), tf.zeros([2, 1]), { epochs: 1, verbose: 0 });`,
    ['fit-shape-mismatch'],
  ],
  [
    'a scalar',
    `${dense(1)}${compiled('meanSquaredError')}m.fit(tf.zeros([]), tf.zeros([2, 1]), { epochs: 1, verbose: 0 });`,
    ['fit-shape-mismatch'],
  ],
  [
    'a list of numbers is a column',
    `${dense(1)}${compiled('meanSquaredError')}m.fit(tf.zeros([2, 4]), tf.tensor1d([1, 2]), { epochs: 1, verbose: 0 });`,
    [],
  ],
  [
    'other numbers of examples',
    `${dense(1)}${compiled('meanSquaredError')}m.fit(tf.zeros([2, 4]), tf.zeros([3, 1]), { epochs: 1, verbose: 0 });`,
    ['fit-sample-count'],
  ],
  [
    'one tensor for two outputs',
    `${twoOutputs}${compiled('meanSquaredError')}m.fit(tf.zeros([2, 4]), tf.zeros([2, 2]), { epochs: 1, verbose: 0 });`,
    ['fit-tensor-count'],
  ],
  [
    'two tensors for two outputs',
    `${twoOutputs}${compiled('meanSquaredError')}m.fit([tf.zeros([2, 4])], [tf.zeros([2, 2]), tf.zeros([2, 3])], { epochs: 1, verbose: 0 });`,
    [],
  ],
  [
    'data with a shape of its own',
    `${dense(1)}${compiled('meanSquaredError')}m.fit(tf.tensor2d([1, 2, 3, 4, 5, 6, 7, 8], [2, 4]), tf.tensor2d([1, 2], [2, 1]), { epochs: 1, verbose: 0 });`,
    [],
  ],
  [
    'lists of lists of another size',
    `${dense(1)}${compiled('meanSquaredError')}m.fit(tf.tensor2d([[1, 2, 3], [4, 5, 6]]), tf.zeros([2, 1]), { epochs: 1, verbose: 0 });`,
    ['fit-shape-mismatch'],
  ],
  [
    'one output for a choice among classes',
    `${dense(1, 'sigmoid')}${compiled('categoricalCrossentropy')}m.fit(tf.zeros([2, 4]), tf.zeros([2, 1]), { epochs: 1, verbose: 0 });`,
    ['loss-misfit?', 'loss-misfit'],
  ],
  [
    'one output for a choice among numbered classes',
    `${dense(1, 'sigmoid')}${compiled('sparseCategoricalCrossentropy')}m.fit(tf.zeros([2, 4]), tf.zeros([2, 1]), { epochs: 1, verbose: 0 });`,
    ['loss-misfit'],
  ],
  [
    'softmax with independent decisions',
    `${dense(5, 'softmax')}${compiled('binaryCrossentropy')}m.fit(tf.zeros([2, 4]), tf.zeros([2, 5]), { epochs: 1, verbose: 0 });`,
    ['loss-misfit?'],
  ],
  [
    'sigmoids with independent decisions',
    `${dense(5, 'sigmoid')}${compiled('binaryCrossentropy')}m.fit(tf.zeros([2, 4]), tf.zeros([2, 5]), { epochs: 1, verbose: 0 });`,
    [],
  ],
];

describe('checks of compile and fit', function () {
  this.timeout(30_000);
  before(() => tf.setBackend('cpu'));

  for (const [name, program, codes] of cases) {
    it(name, async () => {
      assert.deepEqual(found(program), codes);
      const message = await thrown(program);
      const throws = codes.some((code) => !code.endsWith('?'));
      assert.equal(message !== null, throws, `tfjs: ${message}`);
    });
  }

  it('agrees with tfjs on every loss, number of outputs and shape of targets', async () => {
    const { lossNames } = await import('../../../model-graph/checks/compileNames');
    for (const loss of lossNames) {
      for (const units of [1, 2, 4]) {
        for (const target of [
          'tf.zeros([2])',
          'tf.zeros([2, 1])',
          'tf.zeros([2, 2])',
          'tf.zeros([2, 4])',
          'tf.zeros([2, 1, 4])',
        ]) {
          const program = `${dense(units, 'sigmoid')}${compiled(loss)}m.fit(tf.zeros([2, 4]), ${target}, { epochs: 1, verbose: 0 });`;
          const errors = found(program).filter((code) => !code.endsWith('?'));
          const message = await thrown(program);
          assert.equal(
            errors.length > 0,
            message !== null,
            `${loss}, ${units}, ${target}: ${errors} / ${message}`,
          );
        }
      }
    }
  });

  it('says nothing where anything is not known for certain', () => {
    for (const program of [
      // The data of another place.
      `${dense(1)}${compiled('meanSquaredError')}m.fit(load(), load());`,
      `${dense(1)}${compiled('meanSquaredError')}export function train(rows: number[][]) { m.fit(tf.tensor2d(rows), tf.tensor1d([1])); }`,
      `${dense(1)}${compiled('meanSquaredError')}const rows = []; source.on('row', (row) => rows.push(row)); source.on('end', () => m.fit(tf.tensor2d(rows), tf.tensor1d([1, 2])));`,
      // Rows that are not known within a list that is.
      `${dense(1)}${compiled('meanSquaredError')}export function train(row: number[]) { m.fit(tf.tensor2d([row, row]), tf.zeros([2, 1])); }`,
      // Conditions that belong together, in a way that cannot be seen.
      `export function build(kind: string) { const m = tf.sequential();
        if (kind === 'one') m.add(tf.layers.dense({ units: 1, inputShape: [4] })); else m.add(tf.layers.dense({ units: 3, inputShape: [4] }));
        m.compile({ optimizer: 'sgd', loss: kind !== 'many' ? 'binaryCrossentropy' : 'categoricalCrossentropy' });
        m.fit(tf.zeros([2, 4]), tf.zeros([2, kind.startsWith('o') ? 1 : 3])); }`,
      // A model that code that cannot be read may still change.
      `import { head } from './head'; ${dense(1)} head(m); ${compiled('categoricalCrossentropy')} m.fit(tf.zeros([2, 4]), tf.zeros([2, 7]));`,
      // An option that other code may set.
      `class Trainer { build(optimizer) { this.optimizer = optimizer; } train() { ${dense(1)} m.compile({ optimizer: this.optimizer, loss: 'hinge' }); } }`,
      `export function train(options) { ${dense(1)} m.compile({ ...options }); m.compile(options); }`,
      `${dense(1)}m.compile({ optimizer: 'sgd', loss: process.env.LOSS });`,
    ]) {
      assert.deepEqual(found(program), [], program);
    }
  });

  describe('state that other code may have changed by then', () => {
    const build = `const m = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [4] })] });`;
    const misfit = "m.compile({ optimizer: 'sgd', loss: 'sparseCategoricalCrossentropy' });";

    for (const [name, program] of [
      ['at the top', `${build} ${misfit}`],
      ['in a function that is called', `async function main() { ${build} ${misfit} } main();`],
      ['in a method that is called', `class A { run() { ${build} ${misfit} } } new A().run();`],
      [
        'in a builder that nothing here calls',
        `export function make(rate: number) { ${build} ${misfit} return m; }`,
      ],
      [
        'in a builder with constants and helpers',
        `const units = 1; const layer = (n: number) => tf.layers.dense({ units: n, inputShape: [4] });
export const make = () => { const m = tf.sequential(); m.add(layer(units)); ${misfit} };`,
      ],
    ]) {
      it(`known: ${name}`, () => assert.deepEqual(found(program!), ['loss-misfit']));
    }

    for (const [name, program] of [
      [
        'a model that other handlers change',
        `${build} a.onclick = () => m.add(tf.layers.dense({ units: 3 })); b.onclick = () => { ${misfit} };`,
      ],
      [
        'handlers given to what is not known',
        `${build} b.addEventListener('click', () => { ${misfit} }); a.addEventListener('click', () => m.add(tf.layers.dense({ units: 3 })));`,
      ],
      [
        'a handler by its name',
        `${build} b.addEventListener('click', train); function train() { ${misfit} }`,
      ],
      [
        'a size that grows',
        `let n = 1; a.onclick = () => n++; b.onclick = () => { const m = tf.sequential({ layers: [tf.layers.dense({ units: n, inputShape: [4] })] }); ${misfit} };`,
      ],
      [
        'a size that grows, in a helper',
        `let n = 1; a.onclick = () => n++; const size = () => n; b.onclick = () => { const m = tf.sequential({ layers: [tf.layers.dense({ units: size(), inputShape: [4] })] }); ${misfit} };`,
      ],
      [
        'a list that is filled',
        `const names = ['one']; a.onclick = () => names.push('two'); b.onclick = () => { const m = tf.sequential({ layers: [tf.layers.dense({ units: names.length, inputShape: [4] })] }); ${misfit} };`,
      ],
      [
        'methods in any order',
        `class A { m = tf.sequential(); head() { this.m.add(tf.layers.dense({ units: 1, inputShape: [4] })); } train() { const { m } = this; ${misfit} } more() { this.m.add(tf.layers.dense({ units: 3 })); } }`,
      ],
    ]) {
      it(`not known: ${name}`, () => assert.deepEqual(found(program!), []));
    }
  });
});
