import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describeTrainingMemory } from '../../model-graph/trainingMemory';
import { runFile } from '../../protocol/sidecar';
import type { SidecarConnection } from '../../sidecar/connect';
import { readDigits, smallMnist } from './support/digits';
import { layerNode, sequential } from './support/graphs';
import { greyPng } from './support/pictures';
import {
  buildSidecar,
  cleanUp,
  eventsOf,
  launchSidecar,
  root,
  shortTraining,
  startSidecar,
  temporaryFolder,
} from './support/process';

/** A graph that cannot be built from the analysis: its layer is the program's own. */
const lost = { ...sequential('net', []), layers: [{ ...layerNode('Own', 'own'), kind: 'custom' as const }] };
const header = "import * as tf from '@tensorflow/tfjs';\n";
const dense = `tf.sequential({ layers: [tf.layers.flatten({ inputShape: [28, 28, 1] }), tf.layers.dense({ units: 10, activation: 'softmax' })] })`;

describe('models that the program itself builds', function () {
  this.timeout(180_000);
  let sidecar: SidecarConnection;
  let data: { kind: 'idx'; folder: string };
  before(buildSidecar);
  beforeEach(() => {
    sidecar = launchSidecar();
    data = { kind: 'idx', folder: smallMnist(temporaryFolder(), 192, 0) };
  });
  afterEach(cleanUp);

  /** Writes the files of a program into a workspace; the first one is its entry. */
  function program(files: Record<string, string>, folder = temporaryFolder()): string {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), text);
    }
    return path.join(folder, Object.keys(files)[0]!);
  }
  const train = (file: string, builder: string, parameters?: Record<string, number>) =>
    sidecar.request('train', {
      run: 'r',
      model: lost,
      userModule: { file, builder, ...(parameters ? { parameters } : {}) },
      data,
      options: shortTraining,
      runsFolder: path.join(path.dirname(file), '.layerwise/runs'),
    });

  it('train AlexNet in two towers, whose layer is its own, and open it again', async () => {
    // Its own sizes, a sixteenth each: 227 pixels become 67.
    const source = readFileSync(path.join(root, 'examples/alexnet-two-towers.ts'), 'utf8')
      .replace('[227, 227, 3]', '[67, 67, 3]')
      .replace('filters: 96', 'filters: 6')
      .replaceAll(/\b(256|384)\b/g, (size) => String(Number(size) / 16))
      .replace('units: 4096', 'units: 32');
    const file = program({ 'src/towers.ts': source });
    await sidecar.request('initialize', { backend: 'wasm', searchFolders: [] });
    const result = await train(file, 'createTwoTowerAlexNet', { classes: 10 });
    assert.ok(Number.isFinite(result.epochs[0]?.loss));
    const run = runFile.parse(JSON.parse(readFileSync(path.join(result.runFolder, 'run.json'), 'utf8')));
    assert.deepEqual(run.userModule, { file, builder: 'createTwoTowerAlexNet', parameters: { classes: 10 } });
    const digit = await greyPng(path.join(temporaryFolder(), '7.png'), readDigits('t10k').image(0), 28);
    const classify = (connection: SidecarConnection) =>
      connection.request('classify', {
        picture: { kind: 'file', path: digit },
        modelPath: result.runFolder,
        top: 10,
        details: true,
      });
    const { classes, layers } = await classify(sidecar);
    assert.equal(layers.filter(({ className }) => className === 'HalfOfChannels').length, 6);
    // A process that has never seen the program, and numbers its layers otherwise.
    const other = await startSidecar();
    assert.deepEqual((await classify(other)).classes, classes);

    writeFileSync(file, source.replace('units: 32', 'units: 30'));
    const changed = await startSidecar();
    await assert.rejects(
      classify(changed),
      /program's model has changed since it was trained: .* is 16×32 .* and 16×30/,
    );
    const elsewhere = program({ 'evil.js': 'globalThis.ran = true' });
    writeFileSync(
      path.join(result.runFolder, 'run.json'),
      JSON.stringify({ ...run, userModule: { file: elsewhere, builder: '' } }),
    );
    await assert.rejects(
      classify(await startSidecar()),
      /program outside of its workspace, which is not run/,
    );
  });

  it('are not trained where they could not be opened again', async () => {
    const file = program({ 'net/a.ts': `${header}export const model = ${dense};` });
    const elsewhere = path.join(temporaryFolder(), '.layerwise/runs');
    const userModule = { file, builder: 'model' };
    const params = { run: 'r', model: lost, userModule, data, options: shortTraining, runsFolder: elsewhere };
    await assert.rejects(sidecar.request('train', params), /lies outside of .*it could not be opened again/);
    assert.equal(existsSync(elsewhere), false);
  });

  const builders: [
    what: string,
    files: Record<string, string>,
    builder: string,
    parameters?: Record<string, number>,
  ][] = [
    [
      'a function that is not exported',
      { 'a.ts': `${header}function build(): tf.LayersModel { return ${dense}; }` },
      'build',
    ],
    ['an exported variable', { 'a.js': `${header}export const model = ${dense};` }, 'model'],
    ['a default export', { 'a.mjs': `${header}export default () => ${dense};` }, 'default'],
    [
      'CommonJS',
      {
        'a.cjs': `const tf = require('@tensorflow/tfjs-node');\nmodule.exports = { build: async () => (${dense}) };\nconst { build } = module.exports;`,
      },
      'build',
    ],
    ['the global tf of a page', { 'a.js': `function build() { return ${dense}; }` }, 'build'],
    [
      'named imports of tfjs-layers, and a CDN',
      {
        'a.ts': `import { sequential, layers } from '@tensorflow/tfjs-layers';\nimport tf from 'https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0/+esm';\nexport const build = () => { tf.setBackend('webgl'); const model = sequential(); model.add(layers.flatten({ inputShape: [28, 28, 1] })); model.add(tf.layers.dense({ units: 10, activation: 'softmax' })); return model; };`,
      },
      'build',
    ],
    [
      'a class, its constructor’s arguments and a method',
      {
        'a.ts': `${header}export class Network {
  static readonly classes = 10;
  constructor(private readonly hidden: number, private options = { rate: 0.1, sizes: [1, 2] }) {}
  build({ activation = 'relu' as const, units }: { activation?: 'relu'; units: number }) {
    const model = tf.sequential({ name: 'own' });
    model.add(tf.layers.flatten({ inputShape: [28, 28, 1] }));
    model.add(tf.layers.dense({ units: this.hidden, activation }));
    model.add(tf.layers.dropout({ rate: this.options.rate }));
    model.add(tf.layers.dense({ units, activation: 'softmax' }));
    return { model, name: 'network' };
  }
}`,
      },
      'Network.build',
      { hidden: 6, units: 10 },
    ],
    [
      'other files, JSON, an alias and a style sheet',
      {
        'src/a.ts': `import { tf } from '@lib/tf';\nimport sizes from './sizes.json';\nimport './page.css';\nimport { head } from './parts/head';\nexport function build() { const model = tf.sequential(); model.add(tf.layers.flatten({ inputShape: sizes.input })); model.add(head(sizes.classes)); return model; }`,
        'src/sizes.json': '{ "input": [28, 28, 1], "classes": 10 }',
        'src/page.css': 'body { color: red }',
        'src/parts/head.ts': `import { layers } from '@tensorflow/tfjs';\nexport const head = (units: number) => layers.dense({ units, activation: 'softmax' });`,
        'src/lib/tf.ts': `export * as tf from '@tensorflow/tfjs';`,
        'tsconfig.json': '{ "compilerOptions": { "baseUrl": ".", "paths": { "@lib/*": ["src/lib/*"] } } }',
      },
      'build',
    ],
    [
      'a script that trains at its end',
      {
        'a.ts': `${header}async function main() { const net = ${dense}; net.compile({ optimizer: 'sgd', loss: 'meanSquaredError' }); await net.fit(tf.ones([1, 28, 28, 1]), tf.ones([1, 10])); process.exit(0); }\nmain();`,
      },
      'main',
    ],
    [
      'a layer without a className, not registered, that calls process.exit later',
      {
        'a.ts': `${header}class Halve extends tf.layers.Layer { override call(x: tf.Tensor | tf.Tensor[]) { return tf.mul(Array.isArray(x) ? x[0]! : x, 0.5); } }
export function build() { setTimeout(() => process.exit(3), 5); const model = ${dense}; model.add(new Halve({ name: 'halve' })); return model; }`,
      },
      'build',
    ],
  ];
  it('are found as functions, variables, classes and scripts, in every module system', async () => {
    await sidecar.request('initialize', { backend: 'wasm', searchFolders: [] });
    for (const [what, files, builder, parameters] of builders) {
      const result = await train(program(files), builder, parameters).catch((error) =>
        assert.fail(`${what}: ${error}`),
      );
      assert.ok(Number.isFinite(result.epochs[0]?.loss), what);
    }
    assert.equal(sidecar.hasExited, false);
  });

  const failing: [what: string, text: string, builder: string, message: RegExp][] = [
    [
      'that throws',
      `${header}export function build() {\n  const units = 3;\n  throw new Error('no units');\n}`,
      'build',
      /a\.ts:4:\d+: The program failed while it built the model: no units$/,
    ],
    [
      'that throws as it loads',
      `${header}\nfetchWeights();\nexport const build = 1;`,
      'build',
      /a\.ts:3:1: .*fetchWeights is not defined/,
    ],
    [
      'that wants a page',
      `${header}const box = document.getElementById('box');\nexport const build = 1;`,
      'build',
      /document is not defined It is run in Node, where there is no `document`/,
    ],
    [
      'that ends the process',
      `${header}process.exit(1);\nexport const build = 1;`,
      'build',
      /calls process\.exit\(\) before the model is built/,
    ],
    [
      'that does not parse',
      `${header}export function build() { return 1 +; }`,
      'build',
      /a\.ts:2:\d+: The program cannot be bundled: /,
    ],
    [
      'that imports what is not there',
      `import './missing';`,
      'build',
      /a\.ts:1:8: The program cannot be bundled: Could not resolve "\.\/missing"/,
    ],
    [
      'that loads code from the web',
      `import x from 'https://example.com/x.js';\nexport const build = x;`,
      'build',
      /Layerwise fetches no code/,
    ],
    [
      'that awaits at its top',
      `${header}await tf.ready();\nexport const build = 1;`,
      'build',
      /Move the model into a function/,
    ],
    ['without that builder', `${header}export const other = 1;`, 'build', /nothing named `build` at its top/],
    [
      'whose builder gives nothing',
      'export function build() {}',
      'build',
      /`build` gives nothing that is|`build` gives nothing is no|gives nothing/,
    ],
    [
      'whose builder gives a tensor',
      `${header}export const build = () => tf.ones([2]);`,
      'build',
      /gives something that is no tf\.LayersModel/,
    ],
    [
      'that replaces a layer of TensorFlow.js',
      `${header}class D extends tf.layers.Layer { static className = 'Dense'; }\ntf.serialization.registerClass(D);\nexport const build = 1;`,
      'build',
      /A class named `Dense` is TensorFlow\.js's own/,
    ],
  ];
  it('tell what training takes of memory, and are refused before the first step where that cannot fit', async () => {
    const own = (units: string) =>
      `${header}class Own extends tf.layers.Layer {
  build(shape) { this.w = this.addWeight('w', [shape[shape.length - 1], ${units}], 'float32', tf.initializers.zeros()); this.built = true; }
  computeOutputShape(shape) { return [shape[0], ${units}]; }
  call(x) { return tf.matMul(Array.isArray(x) ? x[0] : x, this.w.read()); }
  static className = 'Own';
}
export const build = () => tf.sequential({ layers: [tf.layers.flatten({ inputShape: [28, 28, 1] }), new Own({}), tf.layers.softmax()] });`;
    await sidecar.request('initialize', { backend: 'wasm', searchFolders: [] });
    const events = eventsOf(sidecar);
    await train(program({ 'a.ts': own('10') }), 'build');
    const [started] = events;
    assert.ok(started?.kind === 'started');
    const [weights, activations] = [4 * 7840, 4 * (784 + 10 + 10)];
    assert.equal(
      started.memory,
      describeTrainingMemory(
        {
          weights,
          gradients: weights,
          optimizer: 2 * weights,
          activations: 64 * activations,
          total: 4 * weights + 64 * activations,
        },
        64,
      ),
    );
    // Not even its weights: refused before tfjs allocates them.
    await assert.rejects(
      train(program({ 'a.ts': own('20_000_000') }), 'build'),
      /Building layer `own_Own\d+` takes about 6[23]\.\d GB of memory at a time \(its weight `w` \[784, 20000000\] 62\.7 GB/,
    );
    // Its weights, but neither their gradients nor what the optimizer keeps.
    await assert.rejects(
      train(program({ 'a.ts': own('500_000') }), 'build'),
      /Training `net` takes about 6\.\d GB of memory at a time \(weights 1\.6 GB, gradients 1\.6 GB, optimizer 3\.1 GB, activations of a batch of 64 \d+ MB\); 4\.2 GB WebAssembly can address/,
    );
    assert.equal(sidecar.hasExited, false);
  });

  it('say what is wrong with a program, and where', async () => {
    for (const [what, text, builder, message] of failing)
      await assert.rejects(train(program({ 'a.ts': text }), builder), message, what);
    await assert.rejects(train('/nowhere/a.ts', 'build'), /program that builds the model is not there/);
    await assert.rejects(
      train('/nowhere/page.html', 'build'),
      /Only TypeScript and JavaScript files can be run/,
    );
    assert.equal(sidecar.hasExited, false);
    assert.equal(
      (await train(program({ 'a.ts': `${header}export const build = ${dense};` }), 'build')).cancelled,
      false,
    );
  });
});
