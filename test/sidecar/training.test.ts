import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { z } from 'zod';
import type { WireModelGraph } from '../../protocol/modelGraph';
import { runFile, type TrainParams, type TrainResult } from '../../protocol/sidecar';
import type { SidecarConnection } from '../../sidecar/connect';
import { smallMnist } from './support/digits';
import { functional, layerNode, lenet5, sequential } from './support/graphs';
import { floats } from './support/models';
import {
  buildSidecar,
  cleanUp,
  eventsOf,
  launchSidecar,
  nextEvent,
  root,
  shortTraining,
  startSidecar,
  temporaryFolder,
} from './support/process';

describe('training', function () {
  this.timeout(180_000);
  before(buildSidecar);
  afterEach(cleanUp);

  const small = () => ({ kind: 'idx', folder: smallMnist(temporaryFolder(), 640, 200) }) as const;
  const params = (changes: Partial<TrainParams> = {}): TrainParams => ({
    run: 'r1',
    model: lenet5(),
    data: small(),
    options: shortTraining,
    runsFolder: temporaryFolder(),
    ...changes,
  });
  const train = (sidecar: SidecarConnection, changes?: Partial<TrainParams>) =>
    sidecar.request('train', params(changes));
  const readRun = (result: TrainResult) =>
    runFile.parse(JSON.parse(readFileSync(path.join(result.runFolder, 'run.json'), 'utf8')));

  it('shows a run as it was before its training: with the very weights that it began with', async () => {
    const sidecar = await startSidecar();
    const picture = { kind: 'file', path: path.join(root, 'examples/images/digit-3.png') } as const;
    const outputs = async (modelPath: string, untrained: boolean) => {
      const { session } = await sidecar.request('classify', { picture, modelPath, untrained, top: 1 });
      const { data } = await sidecar.request('activation', { session, layer: 'layer1' });
      return floats(data);
    };
    const distance = (a: Float32Array, b: Float32Array) =>
      a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
    // Steps so small that the weights hardly move: what was trained is what was begun with.
    const still = await train(sidecar, {
      options: { ...shortTraining, optimizer: 'sgd', learningRate: 1e-9, seed: 5 },
    });
    const learned = await train(sidecar, { options: { ...shortTraining, seed: 5 } });
    const other = await train(sidecar, { options: { ...shortTraining, seed: 6 } });
    const begun = await outputs(still.runFolder, true);
    assert.ok(distance(begun, await outputs(still.runFolder, false)) < 1e-5);
    assert.equal(distance(begun, await outputs(learned.runFolder, true)), 0, 'the same seed');
    assert.ok(distance(begun, await outputs(learned.runFolder, false)) > 1e-2, 'training moves them');
    assert.ok(distance(begun, await outputs(other.runFolder, true)) > 1e-2, 'another seed');
    await assert.rejects(
      outputs(path.join(root, 'media/models/lenet5-mnist'), true),
      /What this run began with is not known|How this model began is not known/,
    );
  });

  it('learns from real digits, and tells how', async () => {
    const sidecar = await startSidecar();
    const events = eventsOf(sidecar);
    const started = Date.now();
    const data = { kind: 'idx', folder: smallMnist(temporaryFolder(), 3200, 0) } as const;
    const result = await train(sidecar, { data });
    const seconds = (Date.now() - started) / 1000;
    const [epoch] = result.epochs;
    assert.ok((epoch?.validationAccuracy ?? 0) > 0.6, JSON.stringify(epoch));
    assert.equal(result.cancelled, false);
    assert.equal(result.test, undefined, 'this folder has no test set');

    const [first] = events;
    assert.ok(first?.kind === 'started');
    assert.deepEqual([first.params, first.batchesPerEpoch, first.epochs], [61706, 45, 1]);
    const batches = events.filter((event) => event.kind === 'batch');
    assert.ok(
      batches.length >= 3 && batches.length <= seconds * 10 + 2,
      `${batches.length} batch events in ${seconds} s`,
    );
    assert.ok((batches.at(-1)?.loss ?? 9) < (batches[0]?.loss ?? 0) * 0.75, 'the loss falls');
    assert.equal(batches.at(-1)?.batch, 45);
    assert.ok(events.every((event) => event.run === 'r1'));

    const run = readRun(result);
    assert.equal(run.status, 'finished');
    assert.deepEqual(run.input, {
      height: 32,
      width: 32,
      channels: 1,
      scale: 1 / 255,
      offset: 0,
      framing: 'mnist',
    });
    assert.equal(run.epochs.length, 1);
    const lines = readFileSync(path.join(result.runFolder, 'metrics.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(lines.filter(({ kind }) => kind === 'epoch').length, 1);
    assert.match(path.basename(result.runFolder), /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-lenet5$/);
    assert.deepEqual(
      readdirSync(result.runFolder).map((name) => name.replace(/^(events\.out\.tfevents)\..*/, '$1')),
      [
        'checkpoint',
        'evaluation-validation.json',
        'events.out.tfevents',
        'graph.json',
        'metrics.jsonl',
        'run.json',
      ],
    );
  });

  it('judges on the data’s test set', async () => {
    const result = await train(await startSidecar(), {
      options: { ...shortTraining, epochs: 2, validationSplit: 0 },
    });
    assert.ok((result.test?.accuracy ?? 0) > 0.2, JSON.stringify(result.test));
    assert.deepEqual(readRun(result).test, result.test);
    assert.equal(result.epochs[0]?.validationLoss, undefined);
  });

  it('agrees with itself for one seed, dropout included, and not for another', async () => {
    const sidecar = await startSidecar();
    const model = lenet5();
    model.layers.splice(6, 0, layerNode('Dropout', 'dropout', { rate: 0.3 }));
    const data = small();
    const losses = async (seed: number, interrupted = false) => {
      const training = train(sidecar, {
        model,
        data,
        options: { ...shortTraining, epochs: 2, seed, augmentation: { shift: 0.04, rotation: 5 } },
      });
      if (interrupted) {
        // What else the process does meanwhile must not reach the run's random numbers.
        await sidecar.request('describeData', { data });
        await assert.rejects(
          sidecar.request('classify', {
            picture: { kind: 'file', path: 'none.png' },
            modelPath: 'none',
            top: 1,
          }),
        );
      }
      const result = await training;
      const [weights] = readdirSync(path.join(result.runFolder, 'checkpoint')).filter((name) =>
        name.endsWith('.bin'),
      );
      return JSON.stringify([
        weights,
        result.epochs.map(({ loss, validationLoss }) => [loss, validationLoss]),
      ]);
    };
    const first = await losses(3);
    assert.equal(await losses(3, true), first);
    assert.notEqual(await losses(4), first);
  });

  it('keeps what was learned when cancelled', async () => {
    const sidecar = await startSidecar();
    const source = new CancellationTokenSource();
    const started = nextEvent(sidecar, 'batch');
    const training = sidecar.request(
      'train',
      params({ options: { ...shortTraining, epochs: 1000 } }),
      source.token,
    );
    await started;
    source.cancel();
    const result = await training;
    assert.equal(result.cancelled, true);
    assert.equal(readRun(result).status, 'cancelled');
    assert.ok(readdirSync(path.join(result.runFolder, 'checkpoint')).includes('model.json'));
    // The process is free for the next run.
    assert.equal((await train(sidecar)).cancelled, false);
  });

  it('answers while it trains, and takes no second run', async () => {
    const sidecar = await startSidecar();
    const source = new CancellationTokenSource();
    const begun = nextEvent(sidecar, 'batch');
    const training = sidecar.request(
      'train',
      params({ options: { ...shortTraining, epochs: 1000 } }),
      source.token,
    );
    await begun;
    await sidecar.request('describeData', { data: { kind: 'bundled-mnist' } });
    await assert.rejects(train(sidecar, { run: 'r2' }), /The run `r1` is still under way/);
    source.cancel();
    await training;
  });

  const head: [string, Record<string, unknown>] = ['Dense', { units: 10, activation: 'softmax' }];
  const shapes: [string, WireModelGraph][] = [
    [
      'a flat input',
      sequential('flat', [['Dense', { inputShape: [784], units: 16, activation: 'relu' }], head]),
    ],
    ['rows as a sequence', sequential('rows', [['LSTM', { inputShape: [28, 28], units: 8 }], head])],
    [
      'three channels of another size, with batch normalization and max pooling',
      sequential('colour', [
        [
          'Conv2D',
          {
            inputShape: [20, 24, 3],
            filters: 4,
            kernelSize: 3,
            padding: 'same',
            kernelInitializer: 'heNormal',
          },
        ],
        ['BatchNormalization', {}],
        ['ReLU', {}],
        ['MaxPooling2D', { poolSize: [2, 2], strides: [2, 2] }],
        ['DepthwiseConv2D', { kernelSize: 3, depthMultiplier: 2 }],
        ['GlobalAveragePooling2D', {}],
        head,
      ]),
    ],
    [
      'wrapped layers and initializers with arguments',
      sequential('wrapped', [
        [
          'Bidirectional',
          {
            inputShape: [28, 28],
            mergeMode: 'sum',
            layer: { className: 'GRU', name: 'inner', config: { units: 4 } },
          },
        ],
        [
          'Dense',
          {
            units: 10,
            activation: 'softmax',
            kernelInitializer: { className: 'RandomNormal', config: { stddev: 0.1 } },
            kernelRegularizer: { className: 'L1L2', config: { l1: 0, l2: 0.01 } },
          },
        ],
      ]),
    ],
    ['branches, a shared layer and a model within', branches()],
  ];
  for (const [what, model] of shapes) {
    it(`builds and trains a model with ${what}`, async () => {
      const result = await train(await startSidecar(), { model });
      assert.ok(Number.isFinite(result.epochs[0]?.loss));
      assert.equal(readRun(result).model, model.name);
    });
  }

  const optimizers = ['sgd', 'momentum', 'adagrad', 'adadelta', 'adamax', 'rmsprop', 'Adam'];
  it('takes the source’s optimizer and loss', async () => {
    const sidecar = await startSidecar();
    const data = { kind: 'idx', folder: smallMnist(temporaryFolder(), 128, 0) } as const;
    for (const className of optimizers) {
      const model = {
        ...lenet5(),
        compile: { optimizer: { className, config: {} }, loss: ['sparseCategoricalCrossentropy'] },
      };
      const options = { ...shortTraining, epochs: 2, learningRateDecay: 0.5 };
      const result = await train(sidecar, { model, data, options });
      assert.equal(result.epochs.length, 2, className);
    }
  });

  it('puts a softmax into the loss when the source has neither', async () => {
    const model = sequential('scores', [
      ['Flatten', { inputShape: [28, 28, 1] }],
      ['Dense', { units: 10 }],
    ]);
    const result = await train(await startSidecar(), { model, options: { ...shortTraining, epochs: 3 } });
    assert.ok((result.epochs.at(-1)?.accuracy ?? 0) > 0.5, JSON.stringify(result.epochs));
  });

  it('warns when the loss wants probabilities and gets scores, and when nothing is learned', async () => {
    const sidecar = await startSidecar();
    const events = eventsOf(sidecar);
    const model = {
      ...sequential('scores', [
        ['Flatten', { inputShape: [28, 28, 1] }],
        ['Dense', { units: 10, kernelInitializer: 'ones' }],
      ]),
      compile: {
        optimizer: { className: 'sgd', config: { learningRate: 1e-12 } },
        loss: 'categoricalCrossentropy',
      },
    };
    await train(sidecar, { model });
    const warnings = events.filter((event) => event.kind === 'warning').map(({ message }) => message);
    assert.equal(warnings.length, 2, String(warnings));
    assert.match(warnings[0] ?? '', /no activation: add `activation: 'softmax'`/);
    assert.match(warnings[1] ?? '', /After one epoch .* guessing gives 10\.0 %/);
  });

  it('stops when the loss is no number any more', async () => {
    const sidecar = await startSidecar();
    const events = eventsOf(sidecar);
    const runsFolder = temporaryFolder();
    const model = {
      ...sequential('diverging', [
        ['Flatten', { inputShape: [28, 28, 1] }],
        ['Dense', { units: 50, activation: 'relu' }],
        ['Dense', { units: 10 }],
      ]),
      compile: { optimizer: { className: 'SGD', config: { learningRate: 1e6 } }, loss: 'meanSquaredError' },
    };
    await assert.rejects(
      train(sidecar, { model, runsFolder }),
      /no longer a number .* Lower the learning rate \(it was 1000000\)/,
    );
    assert.ok(events.some((event) => event.kind === 'warning' && /no longer a number/.test(event.message)));
    const [folder = ''] = readdirSync(runsFolder);
    const run = runFile.parse(JSON.parse(readFileSync(path.join(runsFolder, folder, 'run.json'), 'utf8')));
    assert.equal(run.status, 'failed');
    assert.match(run.error ?? '', /no longer a number/);
  });

  it('begins with the weights of a saved model where that is asked for', async () => {
    const sidecar = await startSidecar();
    const data = small();
    const learned = await train(sidecar, { data, options: { ...shortTraining, epochs: 4 } });
    const options = { ...shortTraining, optimizer: 'sgd', learningRate: 1e-9 } as const;
    const weights = path.join(learned.runFolder, 'checkpoint/model.json');
    const goingOn = await train(sidecar, { data, options, weights });
    const [before, after] = [learned.epochs.at(-1), goingOn.epochs.at(-1)];
    assert.ok(
      Math.abs((before?.validationLoss ?? 0) - (after?.validationLoss ?? 9)) < 1e-5,
      JSON.stringify([before, after]),
    );
    assert.equal(readRun(goingOn).weights, weights);
    const model = sequential('other', [
      ['Flatten', { inputShape: [28, 28, 1] }],
      ['Dense', { units: 10 }],
    ]);
    await assert.rejects(
      train(sidecar, { data, model, weights }),
      /are of another model: their shapes differ/,
    );
  });

  it('says at once where no folder can be made', async function () {
    if (process.platform !== 'linux') return this.skip();
    const sidecar = await startSidecar();
    await assert.rejects(
      train(sidecar, { runsFolder: '/proc/layerwise/runs' }),
      /The run's folder cannot be made/,
    );
  });

  const symbolic = layerNode('Dense', 'hidden', { units: 'numUnits' });
  const lost = {
    ...layerNode('Dense', 'hidden'),
    verdict: { kind: 'lost', reason: '`loadUnits()` is not analysed' } as const,
  };
  const custom = { ...layerNode('Attention', 'attention'), kind: 'custom' as const };
  const flat = layerNode('Flatten', 'flatten', { inputShape: [28, 28, 1] });
  const ofLayers = (...layers: ReturnType<typeof layerNode>[]): WireModelGraph => ({
    ...sequential('net', []),
    layers,
  });
  const refused: [what: string, changes: Partial<TrainParams>, message: RegExp][] = [
    [
      'a symbolic size',
      { model: ofLayers(flat, symbolic) },
      /in layer `hidden`, its `units` is known only as `numUnits`, not as a number/,
    ],
    ['a lost layer', { model: ofLayers(flat, lost) }, /in layer `hidden`, `loadUnits\(\)` is not analysed/],
    [
      'a custom layer',
      { model: ofLayers(flat, custom) },
      /in layer `attention`, Attention is a class of the program's own/,
    ],
    [
      'too few classes',
      {
        model: sequential('net', [
          ['Flatten', { inputShape: [28, 28, 1] }],
          ['Dense', { units: 5 }],
        ]),
      },
      /layer `layer2` puts out 5 values, but the data has 10 classes\. Change `units: 5` to `units: 10`/,
    ],
    [
      'an output that is no list',
      { model: sequential('net', [['Conv2D', { inputShape: [28, 28, 1], filters: 10, kernelSize: 3 }]]) },
      /puts out \[26, 26, 10\] for one example/,
    ],
    [
      'an input that is no picture',
      { model: sequential('net', [['Dense', { inputShape: [13], units: 10 }]]) },
      /takes input of shape \[13\], which is no square picture/,
    ],
    [
      'what tfjs rejects',
      { model: sequential('net', [['Conv2D', { inputShape: [28, 28, 1], filters: 4 }]]) },
      /TensorFlow\.js does not accept the model `net`/,
    ],
    [
      'an unknown optimizer',
      { model: { ...lenet5(), compile: { optimizer: { className: 'Lion', config: {} } } } },
      /optimizer `Lion` is not one of TensorFlow.js's own/,
    ],
    [
      'a loss of its own',
      { model: { ...lenet5(), compile: { loss: 'focalLoss' } } },
      /loss `focalLoss` is not one that TensorFlow.js knows/,
    ],
    ['no data', { data: { kind: 'idx', folder: '/nowhere' } }, /\/nowhere: There is no `train-images/],
  ];
  it('says why it cannot train, and goes on living', async () => {
    const sidecar = await startSidecar();
    for (const [what, changes, message] of refused) {
      const runsFolder = temporaryFolder();
      await assert.rejects(train(sidecar, { ...changes, runsFolder }), message, what);
      assert.deepEqual(readdirSync(runsFolder), [], `${what}: leaves no run behind`);
    }
    assert.equal((await train(sidecar)).cancelled, false);
  });

  it('says so when WebAssembly’s memory is full, and computes rightly after it', async () => {
    const sidecar = await startSidecar();
    const data = small();
    const huge = sequential('huge', [
      ['Flatten', { inputShape: [28, 28, 1] }],
      // 1.5 GB of weights: they fit, their gradient and the optimizer's moments do not.
      ['Dense', { units: 500_000, kernelInitializer: 'zeros' }],
      ['Dense', { units: 10, activation: 'softmax', kernelInitializer: 'zeros' }],
    ]);
    const losses = async () => (await train(sidecar, { data })).epochs.map(({ loss }) => loss);
    const before = await losses();
    await assert.rejects(
      train(sidecar, { model: huge, data }),
      /WebAssembly has no memory left; it ends at 4 GB/,
    );
    if (!sidecar.hasExited) assert.deepEqual(await losses(), before);
  });

  it('never hangs on wiring that goes in a circle', async () => {
    const circle = functional('circle', [
      layerNode('InputLayer', 'input', { shape: [784] }),
      layerNode('Dense', 'a', { units: 784 }, ['b']),
      layerNode('Dense', 'b', { units: 784 }, ['a']),
      layerNode('Dense', 'end', { units: 10 }, ['b']),
    ]);
    await assert.rejects(
      train(await startSidecar(), { model: circle }),
      /takes its input from a layer that does not exist or is never called, or in a circle/,
    );
  });

  it('rejects parameters that are none', async () => {
    const sidecar = launchSidecar();
    await assert.rejects(train(sidecar, { options: { ...shortTraining, epochs: -1 } }), z.ZodError);
  });
});

function branches(): WireModelGraph {
  const shared = layerNode('Dense', 'shared', { units: 6, activation: 'relu' });
  const call = (layer: string, number = 0) => ({
    ...layerNode('', '').calls[0]!,
    inbound: [{ layer, call: number, output: 0 }],
  });
  const inner = sequential('inner', [['Dense', { inputShape: [6], units: 5, activation: 'relu' }]]);
  const model = layerNode('Sequential', 'inner_model');
  const layers = [
    layerNode('InputLayer', 'picture', { shape: [28, 28, 1] }),
    layerNode('Flatten', 'flat', {}, ['picture']),
    layerNode('Dense', 'left', { units: 6, activation: 'relu' }, ['flat']),
    layerNode('Dense', 'right', { units: 6, activation: 'tanh' }, ['flat']),
    { ...shared, calls: [call('left'), call('right')] },
    { ...model, kind: 'model' as const, nested: inner, calls: [call('shared', 0), call('shared', 1)] },
    {
      ...layerNode('Concatenate', 'both'),
      calls: [
        {
          ...call('inner_model'),
          inbound: [
            { layer: 'inner_model', call: 0, output: 0 },
            { layer: 'inner_model', call: 1, output: 0 },
          ],
        },
      ],
    },
    layerNode('Dense', 'classes', { units: 10, activation: 'softmax' }, ['both']),
  ];
  return functional('branches', layers);
}
