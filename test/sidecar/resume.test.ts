/** Runs that are interrupted, in whichever way, go on as if they had not been. */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import type { OptimizerName, TrainingEvent, TrainingOptions, TrainParams } from '../../protocol/sidecar';
import type { SidecarConnection } from '../../sidecar/connect';
import { currentStatus } from '../../sidecar/runs/runStatus';
import { mulberry32 } from '../../sidecar/training/seededRandom';
import { smallMnist } from './support/digits';
import { sequential } from './support/graphs';
import {
  buildSidecar,
  cleanUp,
  eventsOf,
  launchSidecar,
  nextEvent,
  root,
  script,
  startSidecar,
  temporaryFolder,
} from './support/process';
import { assertWhole, metricsOf, publishedWeights, readRun } from './support/runs';

/** Everything random that there is: initial weights, the order of examples, moved pictures, dropout. */
const model = sequential('small', [
  ['Flatten', { inputShape: [28, 28, 1] }],
  ['Dense', { units: 12, activation: 'relu' }],
  ['Dropout', { rate: 0.3 }],
  ['BatchNormalization', {}],
  ['Dense', { units: 10, activation: 'softmax' }],
]);
const options: TrainingOptions = {
  epochs: 3,
  batchSize: 32,
  validationSplit: 0.1,
  seed: 5,
  learningRateDecay: 0.9,
  augmentation: { shift: 0.08 },
  reduceOnPlateau: { monitor: 'validationAccuracy', factor: 0.5, patience: 1, minimumLearningRate: 1e-5 },
  earlyStopping: { monitor: 'validationLoss', patience: 50, minimumChange: 0 },
};
const optimizers: OptimizerName[] = ['sgd', 'momentum', 'adagrad', 'adadelta', 'adam', 'adamax', 'rmsprop'];

describe('a run that is resumed', function () {
  this.timeout(240_000);
  before(buildSidecar);
  afterEach(cleanUp);

  let data: TrainParams['data'];
  beforeEach(() => {
    data = { kind: 'idx', folder: smallMnist(temporaryFolder(), 640, 100) };
  });

  const params = (changes: Partial<TrainingOptions> = {}): TrainParams => ({
    run: 'unbroken',
    model,
    data,
    options: { ...options, ...changes },
    runsFolder: temporaryFolder(),
  });
  const begin = (
    sidecar: SidecarConnection,
    { changes = {}, atBatch = 7 }: { changes?: Partial<TrainingOptions>; atBatch?: number } = {},
  ) => cancelledAt(sidecar, params(changes), atBatch);

  /** The folder of a run that was cancelled in its second epoch, or whenever so many batches were told of. */
  async function cancelledAt(
    sidecar: SidecarConnection,
    given: TrainParams,
    batchEvents: number,
  ): Promise<string> {
    const source = new CancellationTokenSource();
    let told = 0;
    const listening = sidecar.onTrainingEvent((event) => {
      if (event.kind === 'batch' && ++told === batchEvents) source.cancel();
    });
    const { runFolder, cancelled } = await sidecar.request(
      'train',
      { ...given, run: 'broken' },
      source.token,
    );
    listening.dispose();
    assert.ok(cancelled, 'it was cancelled before its end');
    return runFolder;
  }

  /** Resolves when the run is begun, and then so many checkpoints were written. */
  function checkpointed(sidecar: SidecarConnection, times: number): Promise<void> {
    return new Promise((resolve) => {
      let left = times + 1;
      sidecar.onTrainingEvent(({ kind }) => {
        if (kind === 'checkpoint' && --left === 0) resolve();
      });
    });
  }

  function assertSame(resumed: string, unbroken: string): void {
    assert.deepEqual(metricsOf(resumed), metricsOf(unbroken));
    assert.equal(publishedWeights(resumed), publishedWeights(unbroken), 'the same weights, bit by bit');
    const [one, other] = [readRun(resumed), readRun(unbroken)];
    assert.deepEqual([one.status, one.test, one.best], [other.status, other.test, other.best]);
  }

  it('is refused where its checkpoint holds numbers that none can', async () => {
    const sidecar = await startSidecar();
    const runFolder = await begin(sidecar, { changes: { optimizer: 'adam' }, atBatch: 4 });
    const file = path.join(runFolder, 'checkpoint', 'training.json');
    const whole = readFileSync(file, 'utf8');
    // biome-ignore lint/suspicious/noExplicitAny: it is damaged on purpose
    const damages: ((state: any) => void)[] = [
      ({ position }) => (position.epoch = -1e9),
      ({ position }) => (position.batch = 0.5),
      ({ optimizer }) => (optimizer.variables[0].index = 1e9),
      ({ optimizer }) => (optimizer.variables[0].shape = [1e9, 1e9]),
      ({ optimizer }) => (optimizer.variables[0].field = 'constructor'),
    ];
    for (const damage of damages) {
      const state = JSON.parse(whole);
      damage(state);
      writeFileSync(file, JSON.stringify(state));
      await assert.rejects(
        sidecar.request('resume', { run: 'damaged', runFolder }),
        /(is not one that this version of Layerwise wrote|does not fit the run’s optimizer)\. Train the model anew\.$/,
        String(damage),
      );
    }
    writeFileSync(file, whole);
    await sidecar.request('resume', { run: 'whole', runFolder });
  });

  for (const optimizer of optimizers) {
    it(`after it was cancelled does what an unbroken one does, with ${optimizer}`, async () => {
      const sidecar = await startSidecar();
      const unbroken = await sidecar.request('train', params({ optimizer }));
      const broken = await begin(sidecar, { changes: { optimizer }, atBatch: 4 });
      assert.equal(readRun(broken).status, 'cancelled');
      const result = await sidecar.request('resume', { run: 'again', runFolder: broken });
      assert.equal(result.cancelled, false);
      assertSame(broken, unbroken.runFolder);
      assert.equal(readRun(broken).resumedAt?.length, 1);
    });
  }

  /** Where a run is, so that places can be compared. */
  type Position = Extract<TrainingEvent, { kind: 'checkpoint' }>;
  const placeOf = ({ epoch, batch }: Pick<Position, 'epoch' | 'batch'>) => epoch * 1e6 + batch;

  /**
   * Trains, or goes on with `runFolder`, in a process that somebody kills.
   * @param kill Resolves when it is killed, if it does not end itself.
   * @param lastKept The last checkpoint that an earlier process told of; the run must go on from there, or from later.
   * @returns the last checkpoint that it told of
   */
  async function trainedUntilKilled(
    sidecar: SidecarConnection,
    given: TrainParams,
    runFolder: string | undefined,
    kill: () => Promise<void>,
    lastKept: number,
  ): Promise<number> {
    let kept = lastKept;
    sidecar.onTrainingEvent((event) => {
      if (event.kind === 'checkpoint') kept = placeOf(event);
      if (event.kind !== 'started' || !event.resumed) return;
      const { epochs, batch } = event.resumed;
      const from = placeOf({ epoch: epochs.length + 1, batch });
      assert.ok(from >= lastKept, `it goes on from ${from}, although ${lastKept} was kept`);
    });
    const training = runFolder
      ? sidecar.request('resume', { run: 'killed', runFolder })
      : sidecar.request('train', given);
    const failed = assert.rejects(training, /ended by SIGKILL/);
    const { pid = 0 } = sidecar;
    await kill();
    await failed;
    assert.throws(() => process.kill(pid, 0), 'no process is left');
    return kept;
  }

  /** The only run of the folder: whole, and known to be interrupted. */
  async function interruptedRun({ runsFolder }: TrainParams): Promise<string> {
    const [name = '', ...others] = readdirSync(runsFolder);
    assert.deepEqual(others, []);
    const runFolder = path.join(runsFolder, name);
    assertWhole(runFolder);
    assert.equal(await currentStatus(readRun(runFolder)), 'interrupted');
    return runFolder;
  }

  async function endsLike(unbroken: string, runFolder: string): Promise<void> {
    await (await startSidecar()).request('resume', { run: 'killed', runFolder });
    assertSame(runFolder, unbroken);
    const left = readdirSync(runFolder, { recursive: true }).filter((file) => String(file).endsWith('.tmp'));
    assert.deepEqual(left, [], 'nothing half-written is left lying');
  }

  const kills = 20;
  const seed = Number(process.env['KILL_SEED'] ?? 1998);

  it(`${kills} times after it was killed with SIGKILL at random moments does what an unbroken one does`, async () => {
    const random = mulberry32(seed);
    const changes = { epochs: 40, batchSize: 16, optimizer: 'adam', checkpointMinutes: 0.001 } as const;
    data = { kind: 'idx', folder: smallMnist(temporaryFolder(), 320, 100) };
    const unbroken = await (await startSidecar()).request('train', params(changes));
    const given = { ...params(changes), run: 'killed' };
    let runFolder: string | undefined;
    let kept = 0;
    const reached: number[] = [];
    for (let kill = 0; kill < kills; kill++) {
      const sidecar = await startSidecar();
      // By what it has done, not by the clock alone, so that slow and fast machines get as far.
      const moment = checkpointed(sidecar, Math.floor(random() * 5));
      const after = random() * 80;
      // The first time there must be a run; afterwards it is also killed while it is being opened.
      const waits = !runFolder || kill % 5 !== 0;
      const killed = async () => {
        if (waits) await moment;
        await sleep(after);
        process.kill(sidecar.pid ?? 0, 'SIGKILL');
      };
      kept = await trainedUntilKilled(sidecar, given, runFolder, killed, kept);
      runFolder = await interruptedRun(given);
      reached.push(readRun(runFolder).epochs.length);
    }
    const last = reached.at(-1) ?? 0;
    assert.ok(last > 0 && last < 40, `it was killed at work, after so many epochs: ${reached}`);
    await endsLike(unbroken.runFolder, runFolder ?? '');
  });

  it(`${kills} times after it was killed in the midst of writing its files does what an unbroken one does`, async () => {
    const random = mulberry32(seed);
    const changes = { epochs: 30, batchSize: 16, optimizer: 'adam' } as const;
    data = { kind: 'idx', folder: smallMnist(temporaryFolder(), 160, 50) };
    const unbroken = await (await startSidecar()).request('train', params(changes));
    const given = { ...params(changes), run: 'killed' };
    let runFolder: string | undefined;
    let kept = 0;
    for (let kill = 0; kill < kills; kill++) {
      // The first 10 steps write graph.json and run.json; then there is a run, if without any checkpoint.
      const step = 11 + Math.floor(random() * (kill === 0 ? 10 : 80));
      const sidecar = launchSidecar({
        args: ['--require', path.join(root, 'test/sidecar/support/killAtWrite.cjs'), script],
        env: { ...process.env, KILL_IN: given.runsFolder, KILL_AT: String(step) },
      });
      await sidecar.request('initialize', { backend: 'wasm', searchFolders: [] });
      kept = await trainedUntilKilled(sidecar, given, runFolder, async () => {}, kept);
      runFolder = await interruptedRun(given);
    }
    assert.ok(kept > 0, 'it came as far as to a checkpoint');
    await endsLike(unbroken.runFolder, runFolder ?? '');
  });

  it('says that the disk is full, and goes on once there is room', async () => {
    const unbroken = await (await startSidecar()).request('train', params({ epochs: 4 }));
    const given = params({ epochs: 4 });
    const sidecar = launchSidecar({
      args: ['--require', path.join(root, 'test/sidecar/support/killAtWrite.cjs'), script],
      env: { ...process.env, KILL_IN: given.runsFolder, KILL_AT: '40', FAIL_WITH: 'ENOSPC' },
    });
    await sidecar.request('initialize', { backend: 'wasm', searchFolders: [] });
    await assert.rejects(
      sidecar.request('train', given),
      /The disk is full; training has stopped\. Make room, then resume the run/,
    );
    const [name = ''] = readdirSync(given.runsFolder);
    const runFolder = path.join(given.runsFolder, name);
    const { status, error } = JSON.parse(readFileSync(path.join(runFolder, 'run.json'), 'utf8'));
    assert.deepEqual([status, /The disk is full/.test(error)], ['failed', true]);
    await sidecar.request('resume', { run: 'more', runFolder });
    assertSame(runFolder, unbroken.runFolder);
  });

  it('after its last epoch learns on for more epochs, as one that had as many from the start', async () => {
    const sidecar = await startSidecar();
    const unbroken = await sidecar.request('train', params({ epochs: 4 }));
    const short = await sidecar.request('train', params({ epochs: 2 }));
    await assert.rejects(
      sidecar.request('resume', { run: 'more', runFolder: short.runFolder }),
      /all its 2 epochs are done\. Resume it with more epochs/,
    );
    const events = eventsOf(sidecar);
    const longer = await sidecar.request('resume', { run: 'more', runFolder: short.runFolder, epochs: 4 });
    assert.equal(longer.epochs.length, 4);
    assertSame(short.runFolder, unbroken.runFolder);
    const started = events.find((event) => event.kind === 'started');
    assert.equal(started?.kind === 'started' && started.resumed?.epochs.length, 2);
  });

  it('waits while it is paused, and goes on', async () => {
    const sidecar = await startSidecar();
    const unbroken = await sidecar.request('train', params());
    const begun = nextEvent(sidecar, 'batch');
    const training = sidecar.request('train', params());
    await begun;
    const paused = nextEvent(sidecar, 'paused');
    assert.deepEqual(await sidecar.request('pauseTraining', { run: 'unbroken' }), { paused: true });
    await paused;
    const events = eventsOf(sidecar);
    await sleep(300);
    assert.deepEqual(events, [], 'nothing happens in a pause');
    await sidecar.request('continueTraining', { run: 'unbroken' });
    assertSame((await training).runFolder, unbroken.runFolder);
    await assert.rejects(sidecar.request('pauseTraining', { run: 'unbroken' }), /is not under way/);
  });

  it('is cancelled out of a pause', async () => {
    const sidecar = await startSidecar();
    const source = new CancellationTokenSource();
    const begun = nextEvent(sidecar, 'batch');
    const training = sidecar.request('train', params({ epochs: 1000 }), source.token);
    await begun;
    const paused = nextEvent(sidecar, 'paused');
    await sidecar.request('pauseTraining', { run: 'unbroken' });
    await paused;
    source.cancel();
    assert.equal((await training).cancelled, true);
  });

  it('is refused while another process trains it', async () => {
    const [first, second] = [await startSidecar(), await startSidecar()];
    const source = new CancellationTokenSource();
    const started = nextEvent(first, 'started');
    const training = first.request('train', params({ epochs: 1000 }), source.token);
    const event = await started;
    const runFolder = event.kind === 'started' ? event.runFolder : '';
    assert.equal(await currentStatus(readRun(runFolder)), 'running');
    await assert.rejects(
      second.request('resume', { run: 'r', runFolder }),
      /is being trained at the moment, by process \d+/,
    );
    source.cancel();
    await training;
    assert.equal(await currentStatus(readRun(runFolder)), 'cancelled');
  });

  const damages: [what: string, damage: (folder: string) => void, message: RegExp][] = [
    [
      'no checkpoint',
      (folder) => rmSync(path.join(folder, 'checkpoint/training.json')),
      /has no checkpoint to go on from/,
    ],
    [
      'a cut checkpoint',
      (folder) => writeFileSync(path.join(folder, 'checkpoint/training.json'), '{"version":1,'),
      /is not one that this version of Layerwise wrote/,
    ],
    ['no model', (folder) => rmSync(path.join(folder, 'graph.json')), /its model is not recorded/],
    [
      'changed weights',
      (folder) => appendFileSync(path.join(folder, 'checkpoint', publishedWeights(folder)), 'x'),
      /is damaged/,
    ],
    ['no run', (folder) => rmSync(path.join(folder, 'run.json')), /not readable as JSON/],
  ];
  it('says why it cannot go on, and leaves the run as it is', async () => {
    const sidecar = await startSidecar();
    const good = await begin(sidecar, { changes: { epochs: 50 } });
    for (const [what, damage, message] of damages) {
      const folder = path.join(temporaryFolder(), 'run');
      cpSync(good, folder, { recursive: true });
      damage(folder);
      await assert.rejects(sidecar.request('resume', { run: 'r', runFolder: folder }), message, what);
    }
    const bundled = path.join(root, 'media/models/lenet5-mnist');
    await assert.rejects(
      sidecar.request('resume', { run: 'r', runFolder: bundled }),
      /has no checkpoint to go on from/,
    );
    smallMnist(data.kind === 'idx' ? data.folder : '', 600, 100);
    await assert.rejects(
      sidecar.request('resume', { run: 'r', runFolder: good }),
      /The data has changed: the run was begun with 576 training and 64 validation examples, and now there are 540 and 60/,
    );
    assert.equal(readRun(good).status, 'cancelled');
    assert.ok(existsSync(path.join(good, 'checkpoint/model.json')));
  });

  it('on another backend says that figures may differ', async () => {
    const tiny = { batchSize: 64, epochs: 2 };
    const folder = await begin(await startSidecar(), { changes: tiny, atBatch: 2 });
    const sidecar = launchSidecar();
    await sidecar.request('initialize', { backend: 'cpu', searchFolders: [] });
    const events = eventsOf(sidecar);
    const { epochs } = await sidecar.request('resume', { run: 'r', runFolder: folder });
    assert.equal(epochs.length, 2);
    assert.ok(
      events.some((event) => event.kind === 'warning' && /goes on on plain JavaScript/.test(event.message)),
    );
  });
});
