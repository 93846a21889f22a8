import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const command = path.resolve('dist/cli.js');
let folder: string;

/** The real command, as it is installed, in a folder of its own. */
function layerwise(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, 'train', ...args], {
    encoding: 'utf8',
    cwd: folder,
    timeout: 120_000,
  });
  return { status, stdout, stderr };
}

const source = `
import * as tf from '@tensorflow/tfjs';

export function small(units = 12) {
  const model = tf.sequential({ name: 'small' });
  model.add(tf.layers.flatten({ inputShape: [28, 28, 1] }));
  model.add(tf.layers.dense({ units, activation: 'relu' }));
  model.add(tf.layers.dense({ units: 10, activation: 'softmax' }));
  model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  return model;
}

export const open = ({ numClasses, deep = false }: { numClasses: number; deep?: boolean }) => {
  const model = tf.sequential({ name: 'open' });
  model.add(tf.layers.flatten({ inputShape: [28, 28, 1] }));
  if (deep) model.add(tf.layers.dense({ units: 8 }));
  model.add(tf.layers.dense({ units: numClasses, activation: 'softmax' }));
  return model;
};

export function undecided(deep: boolean) {
  const model = tf.sequential();
  model.add(tf.layers.flatten({ inputShape: [28, 28, 1] }));
  if (deep) model.add(tf.layers.dense({ units: 8 }));
  model.add(tf.layers.dense({ units: 10 }));
  return model;
}

export function broken() {
  const model = tf.sequential();
  model.add(tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 4, kernelSize: 31 }));
  return model;
}
`;

const own = `
import * as tf from '@tensorflow/tfjs';
class Scale extends tf.layers.Layer {
  constructor(private readonly factor: number) { super({ name: 'scale' }); }
  call(inputs: tf.Tensor | tf.Tensor[]) { return tf.mul(Array.isArray(inputs) ? inputs[0]! : inputs, this.factor); }
  computeOutputShape(shape: tf.Shape) { return shape; }
  getClassName() { return 'Scale'; }
}
export function net(units: number) {
  const model = tf.sequential();
  model.add(tf.layers.flatten({ inputShape: [28, 28, 1] }));
  model.add(tf.layers.dense({ units }));
  model.add(new Scale(2));
  model.add(tf.layers.dense({ units: 10 }));
  model.compile({ optimizer: 'sgd', loss: (labels, outputs) => tf.losses.softmaxCrossEntropy(labels, outputs) });
  return model;
}
`.replace('net(units: number)', 'net(units = 6)');

/** The lines of JSON, each an object. */
function objects(stdout: string): Record<string, unknown>[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('layerwise train', function () {
  this.timeout(180_000);
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'layerwise-train-'));
    writeFileSync(path.join(folder, 'net.ts'), source);
    writeFileSync(path.join(folder, 'own.ts'), own);
    writeFileSync(path.join(folder, 'model.json'), '{}');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const mistakes: [what: string, args: string[], status: number, message: RegExp][] = [
    ['no data', ['net.ts#small'], 2, /--data/],
    ['no such file', ['none.ts', '--data', 'mnist'], 2, /none\.ts: there is no such file/],
    ['no such builder', ['net.ts#nope', '--data', 'mnist'], 2, /no builder or model `nope`.*net\.ts#small/],
    ['several builders', ['net.ts', '--data', 'mnist'], 2, /Choose one: net\.ts#small, net\.ts#open/],
    ['an open size', ['net.ts#open', '--data', 'mnist'], 2, /`numClasses`.*--set numClasses=10/],
    [
      'an open condition',
      ['net.ts#undecided', '--data', 'mnist'],
      2,
      /depends on what it is given: --set deep=…/,
    ],
    [
      'a parameter that is none',
      ['net.ts#small', '--set', 'width=3', '--data', 'mnist'],
      2,
      /--set width: small in net\.ts takes units/,
    ],
    [
      'a layer of the program’s own',
      ['own.ts', '--data', 'mnist'],
      1,
      /in layer `scale`, Scale is a class of the program's own.* With --run-program the file's own code builds it/,
    ],
    ['a builder of a saved model', ['model.json#net', '--data', 'mnist'], 2, /a saved model has no builders/],
    [
      'classes of no table',
      ['net.ts#small', '--data', 'mnist', '--task', 'regression'],
      2,
      /--task regression: only a \.csv/,
    ],
    ['no name=value', ['net.ts#small', '--set', 'width', '--data', 'mnist'], 2, /name=value/],
    ['no number', ['net.ts#small', '--epochs', 'many', '--data', 'mnist'], 2, /whole number above 0/],
    ['no such data', ['net.ts#small', '--data', 'nowhere'], 2, /--data nowhere: there is no such/],
    ['no table', ['net.ts#small', '--data', 'net.ts'], 2, /net\.ts: this file is no \.csv/],
    [
      'labels of no table',
      ['net.ts#small', '--data', 'mnist', '--label-column', 'y'],
      2,
      /only a \.csv file has columns/,
    ],
    [
      'an augmentation that is none',
      ['net.ts#small', '--data', 'mnist', '--augment', 'shift=0.1,spin'],
      2,
      /"spin" is none of shift, flip, rotate/,
    ],
    [
      'an augmentation that is too strong',
      ['net.ts#small', '--data', 'mnist', '--augment', 'shift=2'],
      2,
      /shift: .*0\.5/,
    ],
    [
      'weights that are none',
      ['net.ts#small', '--data', 'mnist', '--class-weights', '1,a'],
      2,
      /"balanced" or numbers/,
    ],
    ['a run that is none', ['--resume', 'nowhere'], 2, /no run's folder/],
    ['a file beside --resume', ['net.ts', '--resume', 'nowhere'], 2, /net\.ts cannot go with --resume/],
    ['options beside --resume', ['--resume', 'nowhere', '--seed', '3'], 2, /--seed cannot go with --resume/],
    [
      'a model that tfjs rejects',
      ['net.ts#broken', '--data', 'mnist'],
      1,
      /net\.ts:\d+:\d+: .*kernel-larger-than-input/,
    ],
  ];
  for (const [what, args, status, message] of mistakes) {
    it(`says what is wrong with ${what}, and starts nothing`, () => {
      const result = layerwise(...args);
      assert.equal(result.status, status, result.stderr);
      assert.match(result.stderr, message);
      assert.ok(!/\bat .*:\d+:\d+\)?$/m.test(result.stderr), `no stack: ${result.stderr}`);
      assert.equal(result.stdout, '');
      assert.equal(existsSync(path.join(folder, '.layerwise')), false);
    });
  }

  it('trains, and prints one JSON object a line, the last with the run and its metrics', () => {
    const { status, stdout, stderr } = layerwise(
      ...['net.ts#open', '--set', 'numClasses=10', '--data', 'mnist', '--epochs', '2', '--format', 'json'],
      ...['--backend', 'wasm', '--runs', 'kept', '--name', 'mine'],
    );
    assert.equal(status, 0, stderr);
    const lines = objects(stdout);
    assert.equal(lines[0]?.['kind'], 'started');
    assert.ok(lines.some(({ kind }) => kind === 'batch'));
    const epochs = lines.filter(({ kind }) => kind === 'epoch');
    assert.equal(epochs.length, 2);
    const last = lines.at(-1) as {
      version: number;
      kind: string;
      runFolder: string;
      epochs: number;
      metrics: { loss: number; validationAccuracy: number };
    };
    assert.deepEqual([last.version, last.kind, last.epochs], [1, 'finished', 2]);
    assert.deepEqual(last.metrics, epochs[1]?.['metrics']);
    assert.ok(last.metrics.validationAccuracy > 0.7, `it learns: ${last.metrics.validationAccuracy}`);
    assert.equal(path.dirname(last.runFolder), path.join(folder, 'kept'));
    const run = JSON.parse(readFileSync(path.join(last.runFolder, 'run.json'), 'utf8'));
    assert.deepEqual([run.model, run.status, run.epochs.length], ['mine', 'finished', 2]);
    assert.ok(existsSync(path.join(last.runFolder, 'checkpoint/model.json')));
  });

  it('takes the sizes that the builder itself gives, and the ones that are set', () => {
    const params = (...set: string[]) => {
      const { status, stdout, stderr } = layerwise(
        ...['net.ts#small', ...set, '--data', 'mnist', '--epochs', '1', '--format', 'json'],
        ...['--backend', 'wasm', '--batch-size', '512'],
      );
      assert.equal(status, 0, stderr);
      return objects(stdout)[0]?.['params'];
    };
    assert.equal(params(), 784 * 12 + 12 + 12 * 10 + 10);
    assert.equal(params('--set', 'units=5'), 784 * 5 + 5 + 5 * 10 + 10);
  });

  it('lets the program itself build what cannot be read, with what is set', () => {
    const { status, stdout, stderr } = layerwise(
      ...[
        'own.ts',
        '--run-program',
        '--set',
        'units=5',
        '--data',
        'mnist',
        '--epochs',
        '2',
        '--backend',
        'wasm',
      ],
      ...['--batch-size', '512', '--format', 'json', '--early-stopping', '1'],
    );
    assert.equal(status, 0, stderr);
    const lines = objects(stdout);
    assert.equal(lines[0]?.['params'], 784 * 5 + 5 + 5 * 10 + 10);
    assert.ok((lines.at(-1) as { metrics: { accuracy: number } }).metrics.accuracy > 0.3);
  });

  it('goes on from what a saved model has learned, or anew', () => {
    const accuracy = (...args: string[]) => {
      const { status, stdout, stderr } = layerwise(
        ...[...args, '--data', 'mnist', '--epochs', '1', '--backend', 'wasm', '--format', 'json'],
        ...['--optimizer', 'sgd', '--learning-rate', '0.01'],
      );
      assert.equal(status, 0, stderr);
      const { runFolder, metrics } = objects(stdout).at(-1) as {
        runFolder: string;
        metrics: { accuracy: number };
      };
      return { saved: path.join(runFolder, 'checkpoint/model.json'), accuracy: metrics.accuracy };
    };
    const first = accuracy('net.ts#small');
    assert.ok(accuracy(first.saved).accuracy > first.accuracy + 0.1);
    assert.ok(accuracy(first.saved, '--new-weights').accuracy < first.accuracy + 0.1);
  });

  it('says what of a table is predicted, and asks for no pictures then', () => {
    const rows = Array.from({ length: 80 }, (_, i) => `${i % 7},${i % 5},${20 + (i % 9)}`);
    writeFileSync(path.join(folder, 'age.csv'), ['x,y,age', ...rows].join('\n'));
    const table = `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 1 })] });
model.compile({ optimizer: 'sgd', loss: tf.losses.meanSquaredError });`;
    writeFileSync(path.join(folder, 'age.ts'), table);
    const trained = layerwise('age.ts', '--data', 'age.csv', '--epochs', '1', '--backend', 'cpu');
    assert.equal(trained.status, 0, trained.stderr);
    assert.match(trained.stdout, /72 training and 8 validation rows, 2 columns that predict `age`/);
    assert.match(trained.stdout, /· mean absolute error \d+\.\d+ ·/);
    assert.ok(!trained.stdout.includes('layerwise classify'), trained.stdout);
    const asClasses = layerwise('age.ts', '--data', 'age.csv', '--task', 'classification');
    assert.match(asClasses.stderr, /the data has 9 classes/);
  });

  it('prints plain lines where there is no terminal', () => {
    const { status, stdout } = layerwise(
      'net.ts#small',
      '--data',
      'mnist',
      '--epochs',
      '1',
      '--backend',
      'wasm',
    );
    assert.equal(status, 0);
    assert.ok(!stdout.includes('\r') && !stdout.includes('\x1b'), 'nothing is rewritten');
    assert.match(stdout, /^Classes {3}0, 1, 2, 3, 4, 5, 6, 7, 8, 9$/m);
    // One epoch leaves some digits mixed up, none of them with itself.
    const mixedUp = /^Most often mixed up: (.*)\.$/m.exec(stdout)?.[1]?.split('; ') ?? [];
    assert.equal(mixedUp.length, 3, stdout);
    for (const each of mixedUp) assert.match(each, /^(\d) was taken for (?!\1)\d \d+ times? of \d+$/);
    assert.match(stdout, /^Epoch 1\/1 {2}loss \d\.\d{4} · accuracy \d\d\.\d\d %/m);
    // Runs that begin within one second are numbered.
    assert.match(stdout, /^Next: layerwise classify IMAGE --model \.layerwise\/runs\/.*small(-\d+)?$/m);
  });

  it('fails with exit code 1 and a JSON line when the data does not fit the model', () => {
    const { status, stdout, stderr } = layerwise(
      ...['net.ts#small', '--data', 'mnist', '--format', 'json', '--backend', 'wasm', '--runs', 'net.ts/no'],
    );
    assert.equal(status, 1);
    assert.equal(objects(stdout).at(-1)?.['kind'], 'failed');
    assert.match(stderr, /^layerwise: .*net\.ts/);
  });

  describe('stopped', () => {
    let child: ChildProcess | undefined;
    afterEach(() => child?.kill('SIGKILL'));

    /** Starts a long training and waits for its first batch. */
    async function startLong(): Promise<{ stdout: () => string; ended: Promise<number | null> }> {
      // In a group of its own, as in a terminal: Ctrl-C reaches the compute process too.
      const started = spawn(
        process.execPath,
        [
          ...[command, 'train', 'net.ts#small', '--data', 'mnist', '--epochs', '1000', '--format', 'json'],
          ...['--backend', 'wasm', '--runs', 'stopped'],
        ],
        { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], detached: true },
      );
      child = started;
      let stdout = '';
      started.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
      });
      const ended = new Promise<number | null>((resolve) => started.on('close', resolve));
      const end = Date.now() + 60_000;
      while (!stdout.includes('"kind":"batch"')) {
        assert.ok(Date.now() < end && started.exitCode === null, 'it trains');
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return { stdout: () => stdout, ended };
    }
    const interrupt = () => process.kill(-child!.pid!, 'SIGINT');

    it('by one Ctrl-C keeps what was learned and ends with 130', async () => {
      const { stdout, ended } = await startLong();
      interrupt();
      assert.equal(await ended, 130);
      const last = objects(stdout()).at(-1) as { kind: string; runFolder: string };
      assert.equal(last.kind, 'cancelled');
      const run = JSON.parse(readFileSync(path.join(last.runFolder, 'run.json'), 'utf8'));
      assert.equal(run.status, 'cancelled');
      assert.ok(readdirSync(path.join(last.runFolder, 'checkpoint')).includes('model.json'));
    });

    it('by a second Ctrl-C ends at once, and leaves no process', async () => {
      const { ended } = await startLong();
      interrupt();
      interrupt();
      assert.equal(await ended, 130);
      const end = Date.now() + 10_000;
      // The group is gone when its last process is.
      for (;;) {
        try {
          process.kill(-child!.pid!, 0);
        } catch {
          break;
        }
        assert.ok(Date.now() < end, 'a process is left behind');
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    });
  });
});
