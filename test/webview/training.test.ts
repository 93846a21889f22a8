import assert from 'node:assert/strict';
import { fromTraining } from '../../protocol/webview';
import { epochOf, trainingEvents, trainingState } from './fixtures/runs';
import {
  describedData,
  evaluationEvent,
  healthEvent,
  judged,
  knownData,
  trainingSetup,
} from './fixtures/training';
import { openPanel, type Panel, startHarness, stopHarness, visibleText } from './harness';
import type { ThemeName } from './themes';

describe('training', function () {
  this.timeout(60_000);
  before(startHarness);
  after(stopHarness);

  let panel: Panel;
  afterEach(async () => {
    await panel?.close();
  });

  const text = () => visibleText(panel.page.locator('main'));
  const epochRows = () => panel.page.locator('[aria-label="Table of epochs"] tbody tr');
  /** A run with everything that is told of it. */
  const wholeRun = () => [...trainingEvents(), evaluationEvent(), healthEvent()];
  const button = (name: string) => panel.page.getByRole('button', { name });

  it('shows progress, curves and what computes them', async () => {
    panel = await openPanel('training', { theme: 'light' });
    assert.match(await text(), /No training yet/);
    await panel.send({ type: 'state', state: trainingState(), events: trainingEvents() });
    const shown = await text();
    for (const fact of [
      'lenet5',
      'MNIST, bundled subset',
      'epoch 4 of 5, batch 20 of 40',
      '684',
      '1 min 33 s',
      '61,706',
      'WebAssembly',
    ]) {
      assert.ok(shown.includes(fact), `${fact} in ${shown}`);
    }
    await panel.send({ type: 'state', state: trainingState(), events: wholeRun() });
    assert.equal(await panel.page.getByRole('progressbar').getAttribute('aria-valuenow'), '70');
    assert.match(
      (await panel.page.getByRole('img').first().getAttribute('aria-label'))!,
      /^Loss over 5 epochs\. Latest: 0\.3478 in training, 0\.333 in validation\.$/,
    );
    assert.deepEqual(await epochRows().nth(2).locator('th, td').allTextContents(), [
      '3',
      '0.3478',
      '0.333',
      '86.62 %',
      '88.01 %',
      '13.2',
    ]);
    await panel.screenshot('training-light-1200');
  });

  it('draws something on both charts', async () => {
    panel = await openPanel('training');
    await panel.send({ type: 'state', state: trainingState(), events: trainingEvents() });
    const inked = await panel.page.evaluate(() =>
      [...document.querySelectorAll('canvas')].map((canvas) => {
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        const colours = new Set<string>();
        for (let index = 0; index < data.length; index += 4) {
          if (data[index + 3] === 255) colours.add(`${data[index]} ${data[index + 1]} ${data[index + 2]}`);
        }
        // charts-blue of the dark theme, and its orange made brighter.
        const [red, green, blue] = getComputedStyle(document.querySelector('.key.dashed')!)
          .stroke.match(/[\d.]+/g)!
          .map(Number);
        const bytes = [red, green, blue].map((value) => Math.round(value! <= 1 ? value! * 255 : value!));
        return [colours.has('55 148 255'), colours.has(bytes.join(' '))];
      }),
    );
    assert.deepEqual(inked, [
      [true, true],
      [true, true],
      // Of the learning rate there is one line.
      [true, false],
    ]);
  });

  it('follows events one by one', async () => {
    panel = await openPanel('training');
    await panel.send({ type: 'state', state: trainingState('starting'), events: [] });
    assert.match(await text(), /Preparing the data/);
    const events = trainingEvents();
    for (const event of events.slice(0, 12)) await panel.send({ type: 'event', event });
    assert.match(await text(), /epoch 1 of 5, batch 11 of 40/);
    await panel.send({ type: 'event', event: { kind: 'epoch', run: 'r1', metrics: epochOf(1) } });
    assert.equal(await epochRows().count(), 1);
    await panel.send({
      type: 'event',
      event: { kind: 'warning', run: 'r1', message: 'The loss has not fallen for 3 epochs.' },
    });
    assert.match(await text(), /The loss has not fallen for 3 epochs\./);
  });

  it('can be stopped', async () => {
    panel = await openPanel('training');
    await panel.send({ type: 'state', state: trainingState(), events: trainingEvents() });
    await button('Stop training').click();
    assert.deepEqual((await panel.posted()).at(-1), { type: 'cancel' });
    await panel.send({ type: 'state', state: trainingState('cancelling'), events: trainingEvents() });
    assert.match(await text(), /Stopping after this batch/);
    assert.ok(await button('Stopping…').isDisabled());
    await panel.send({ type: 'state', state: trainingState('cancelled'), events: trainingEvents() });
    assert.match(await text(), /what was learned until then is kept/);
    assert.match(await text(), /After 3 epochs: loss 0\.333, accuracy 88\.01 % on validation data/);
  });

  it('ends with the run folder and what can be done with it', async () => {
    panel = await openPanel('training', { theme: 'dark' });
    await panel.send({ type: 'state', state: trainingState('finished'), events: trainingEvents() });
    const shown = await text();
    assert.match(shown, /On the test set: loss 0\.071, accuracy 97\.81 %/);
    assert.ok(shown.includes('2026-01-05T10-00-00-lenet5'));
    for (const [name, type] of [
      ['Classify with this run', 'classifyWithRun'],
      ['Train again', 'trainAgain'],
      ['Show run folder', 'revealRun'],
    ] as const) {
      await button(name).click();
      const message = (await panel.posted()).at(-1);
      fromTraining.parse(message);
      assert.deepEqual(message, { type });
    }
    await panel.screenshot('training-finished-dark-1200');
  });

  for (const [phase, message] of [
    ['failed', /The loss became NaN in epoch 2\. Lower the learning rate/],
    ['interrupted', /The compute process ended while training/],
  ] as const) {
    it(`says what to do when it ${phase === 'failed' ? 'failed' : 'was interrupted'}`, async () => {
      panel = await openPanel('training', { theme: 'high-contrast', width: 500 });
      await panel.send({ type: 'state', state: trainingState(phase), events: trainingEvents() });
      assert.match(await text(), message);
      assert.ok(await button('Train again').isVisible());
      await panel.screenshot(`training-${phase}-high-contrast-500`);
    });
  }

  it('offers no classification without a finished epoch', async () => {
    panel = await openPanel('training');
    await panel.send({
      type: 'state',
      state: trainingState('cancelled'),
      events: trainingEvents().slice(0, 5),
    });
    assert.equal(await button('Classify with this run').count(), 0);
  });

  it('comes back as it was after it was hidden', async () => {
    panel = await openPanel('training');
    await panel.send({ type: 'state', state: trainingState(), events: trainingEvents() });
    await panel.page.waitForTimeout(1200);
    const state = await panel.state();
    await panel.close();
    panel = await openPanel('training', { state });
    assert.match(await text(), /epoch 4 of 5, batch 20 of 40/);
    assert.equal(await epochRows().count(), 3);
  });

  it('keeps up with a long run', async () => {
    panel = await openPanel('training');
    const [started] = trainingEvents();
    const events = Array.from({ length: 20_000 }, (_, index) => ({
      kind: 'batch',
      run: 'r1',
      epoch: 1 + Math.floor(index / 4000),
      batch: (index % 4000) + 1,
      batchesPerEpoch: 4000,
      loss: 2 / (1 + index / 500),
      accuracy: 0.5,
      examplesPerSecond: 900,
      secondsLeft: 10,
    }));
    await panel.send({ type: 'state', state: trainingState(), events: [started, ...events] });
    assert.match(await text(), /epoch 5 of 5, batch 4,000 of 4,000/);
    await panel.page.waitForTimeout(1200);
    // What is kept for the next showing stays small.
    assert.ok(JSON.stringify(await panel.state()).length < 400_000);
  });

  it('can be paused and go on', async () => {
    panel = await openPanel('training');
    await panel.send({ type: 'state', state: trainingState(), events: trainingEvents() });
    await button('Pause').click();
    assert.deepEqual((await panel.posted()).at(-1), { type: 'pause' });
    await panel.send({ type: 'state', state: trainingState('paused'), events: trainingEvents() });
    assert.match(await text(), /Paused/);
    await button('Continue').click();
    assert.deepEqual((await panel.posted()).at(-1), { type: 'continue' });
  });

  it('offers to resume what was interrupted, and then draws what is trained again anew', async () => {
    panel = await openPanel('training');
    const state = { ...trainingState('interrupted'), resumable: true };
    await panel.send({ type: 'state', state, events: trainingEvents() });
    await button('Resume').click();
    assert.deepEqual((await panel.posted()).at(-1), { type: 'resume' });
    await panel.send({ type: 'state', state: trainingState('starting'), events: trainingEvents() });
    const [started] = trainingEvents();
    await panel.send({
      type: 'event',
      event: { ...started, resumed: { epochs: [epochOf(1), epochOf(2)], batch: 0 } },
    });
    assert.equal(await epochRows().count(), 2);
    assert.match(await text(), /epoch 2 of 5/);
  });

  it("draws each batch's own loss, smoothed as chosen, and remembers the choice", async () => {
    panel = await openPanel('training');
    const [started, first] = trainingEvents() as [unknown, { loss: number }];
    const batch = (number: number, batchLoss: number) => ({ ...first, batch: number, loss: 1, batchLoss });
    const events = [started, batch(1, 3), batch(2, 1)];
    await panel.send({ type: 'state', state: trainingState(), events });
    const shown = () =>
      visibleText(panel.page.locator('.chart', { hasText: 'Loss' }).locator('.keys li').first());
    // (3·0.6 + 1)·0.4 / (1 − 0.6²)
    assert.match(await shown(), /batch\s+1\.75/);
    await panel.page.getByLabel('Smoothing').fill('0');
    assert.match(await shown(), /batch\s+1$/);
    await panel.page.waitForTimeout(100);
    const state = await panel.state();
    await panel.close();
    panel = await openPanel('training', { state });
    assert.equal(await panel.page.getByLabel('Smoothing').inputValue(), '0');
  });

  it('looks closer where it is dragged over, and back', async () => {
    panel = await openPanel('training');
    await panel.send({ type: 'state', state: trainingState(), events: trainingEvents() });
    const box = (await panel.page.locator('.plot .u-over').first().boundingBox())!;
    await panel.page.mouse.move(box.x + box.width * 0.2, box.y + 50);
    await panel.page.mouse.down();
    await panel.page.mouse.move(box.x + box.width * 0.4, box.y + 50, { steps: 5 });
    await panel.page.mouse.up();
    const zoomOf = async () => ((await panel.state()) as { chart: { zoom?: number[] } }).chart.zoom;
    await panel.page.waitForTimeout(100);
    const zoom = (await zoomOf())!;
    assert.ok(Math.abs(zoom[0]! - 1) < 0.1 && Math.abs(zoom[1]! - 2) < 0.1, `epochs 1 to 2: ${zoom}`);
    await button('Show all').click();
    await panel.page.waitForTimeout(100);
    assert.equal(await zoomOf(), undefined);
    await button('Last epoch').click();
    assert.equal(await button('Last epoch').getAttribute('aria-pressed'), 'true');
  });

  it('shows what is confused with what, and the pictures behind a cell', async () => {
    panel = await openPanel('training', { height: 1500 });
    await panel.send({ type: 'state', state: trainingState('finished'), events: wholeRun() });
    const matrix = panel.page.locator('table.matrix');
    assert.equal(await matrix.locator('tbody button').count(), 100);
    assert.match(await text(), /4 taken for 9 12 times/);
    const cell = (label: string) => matrix.getByRole('button', { name: label });
    // By keyboard: one tab stop, then arrows.
    await matrix.locator('button[tabindex="0"]').focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'End'])
      await panel.page.keyboard.press(key);
    await panel.page.keyboard.press('Enter');
    const asked = (await panel.posted()).at(-1);
    assert.deepEqual(asked, { type: 'showConfusion', part: 'validation', label: 4, predicted: 9 });
    assert.equal(await cell('4 taken for 9: 12 examples').getAttribute('aria-pressed'), 'true');
    await panel.send({
      type: 'confusionExamples',
      part: 'validation',
      label: 4,
      predicted: 9,
      result: { examples: [judged(4, 9, 17), judged(4, 9, 230)], total: 12 },
    });
    const opened = panel.page.getByRole('region', { name: '4 taken for 9' });
    assert.match(await visibleText(opened), /The 2 with the highest loss of 12/);
    await opened.getByRole('button').first().click();
    const message = (await panel.posted()).at(-1) as { type: string; example: { index: number } };
    fromTraining.parse(message);
    assert.deepEqual([message.type, message.example.index], ['openExample', 17]);
    // The worst mistakes, too, each with its picture drawn.
    const pictures = panel.page.locator('[aria-label="Worst mistakes"] canvas');
    assert.equal(await pictures.count(), 10);
    const colours = await pictures.first().evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    });
    assert.equal(colours, 2);
    await panel.screenshot('training-mistakes-dark-1200');
  });

  it('says which layers need a look, in words', async () => {
    panel = await openPanel('training');
    await panel.send({ type: 'state', state: trainingState(), events: wholeRun() });
    const health = panel.page.locator('.health');
    assert.match(await visibleText(health), /2 of 4 need a look/);
    assert.match(await visibleText(health), /50 % of its units are dead/);
    assert.match(await visibleText(health), /Changes fast: the learning rate may be too high/);
  });

  it('lays runs over each other', async () => {
    panel = await openPanel('training', { height: 1300 });
    await panel.send({ type: 'state', state: trainingState('finished'), events: trainingEvents() });
    const other = (id: string, learningRate: number) => ({
      id,
      name: `rate ${learningRate}`,
      state: {
        ...trainingState('finished'),
        options: { ...trainingState().options, learningRate },
        epochs: [1, 2, 3].map((epoch) => ({ ...epochOf(epoch), loss: epochOf(epoch).loss * 2 })),
      },
      events: [],
    });
    await panel.send({ type: 'compared', runs: [other('/a', 0.01), other('/b', 0.1)] });
    const keys = await panel.page.locator('.chart').first().locator('.keys li').allTextContents();
    assert.equal(keys.length, 6);
    assert.match(keys[3]!, /rate 0\.01, validation/);
    const table = panel.page.locator('[aria-label="Compared runs"]');
    assert.match(await visibleText(table), /Learning rate\s+0\.001\s+0\.01\s+0\.1/);
    await panel.screenshot('training-compared-dark-1200');
    await table.getByRole('button', { name: 'Stop comparing with rate 0.1' }).click();
    assert.deepEqual((await panel.posted()).at(-1), { type: 'stopComparing', id: '/b' });
  });

  describe('before a start', () => {
    it('shows the data and starts with what is filled in', async () => {
      panel = await openPanel('training', { height: 1300 });
      const reading = { state: 'reading' as const, name: 'The digits that come with Layerwise' };
      await panel.send({ type: 'setup', setup: trainingSetup(reading) });
      assert.match(await text(), /Reading The digits/);
      await panel.send({ type: 'setup', setup: trainingSetup(knownData()) });
      assert.match(await text(), /9,000 training and 1,000 validation digits/);
      assert.match(await text(), /they are padded/);
      assert.equal(await panel.page.locator('.classes canvas').count(), 30);
      const field = (name: string) =>
        panel.page.locator('vscode-text-field', { hasText: name }).locator('input');
      await field('Epochs').fill('12');
      await field('Learning rate').fill('0.01');
      await panel.page.locator('vscode-checkbox', { hasText: 'Stop early' }).click();
      await field('After epochs that were no better').fill('4');
      await panel.page.locator('vscode-checkbox', { hasText: 'Change the training pictures' }).click();
      await panel.screenshot('training-setup-dark-1200');
      await button('Start training').click();
      const message = (await panel.posted()).at(-1);
      fromTraining.parse(message);
      assert.deepEqual(message, {
        type: 'start',
        options: {
          epochs: 12,
          batchSize: 64,
          learningRate: 0.01,
          validationSplit: 0.1,
          seed: 42,
          earlyStopping: { monitor: 'validationLoss', patience: 4, minimumChange: 0 },
          augmentation: { shift: 0.1, rotation: 10, zoom: 0.1 },
        },
      });
    });

    it('says which field needs another value, and does not start with it', async () => {
      panel = await openPanel('training');
      await panel.send({ type: 'setup', setup: trainingSetup(knownData()) });
      const epochs = panel.page.locator('vscode-text-field', { hasText: 'Epochs' }).locator('input');
      for (const wrong of ['', '0', '1.5', 'many']) {
        await epochs.fill(wrong);
        await panel.page.waitForTimeout(100);
        assert.match(await text(), /A whole number of at least 1/, wrong);
        assert.ok(await button('Start training').isDisabled(), wrong);
      }
      await epochs.fill('3');
      await panel.page.waitForTimeout(100);
      assert.ok(await button('Start training').isEnabled());
    });

    it('offers to change the number in the source that does not fit', async () => {
      panel = await openPanel('training', { theme: 'light' });
      const fix = {
        kind: 'source' as const,
        layer: 'dense_Dense2',
        layerId: 'l9',
        property: 'units',
        from: 10,
        to: 3,
      };
      const mismatch = {
        what: 'output' as const,
        message: 'The model has 10 outputs, the data 3 classes.',
        fix,
      };
      const facts = { ...describedData(), model: { fits: false, mismatches: [mismatch], symbols: [] } };
      await panel.send({ type: 'setup', setup: trainingSetup(knownData(facts)) });
      assert.match(await text(), /do not go together yet/);
      assert.ok(await button('Start training').isDisabled());
      await button('Change units of dense_Dense2 from 10 to 3').click();
      assert.deepEqual((await panel.posted()).at(-1), {
        type: 'fixSource',
        layerId: 'l9',
        property: 'units',
        from: 10,
        to: 3,
      });
    });

    it('has the choices of each model, also of two with one name', async () => {
      panel = await openPanel('training');
      const setup = trainingSetup(knownData());
      const epochs = panel.page.locator('vscode-text-field', { hasText: 'Epochs' }).locator('input');
      await panel.send({ type: 'setup', setup });
      await epochs.fill('12');
      await panel.send({ type: 'setup', setup });
      assert.equal(await epochs.inputValue(), '12', 'what is filled in stays when the data is read again');
      await panel.send({ type: 'setup', setup: { ...setup, id: 'file:///other.ts#lenet5' } });
      assert.equal(await epochs.inputValue(), '5');
    });

    it('asks for sizes that the source leaves open, and starts with them', async () => {
      panel = await openPanel('training');
      const model = { fits: false, mismatches: [], symbols: [{ name: 'hidden' }] };
      const setup = trainingSetup(knownData({ ...describedData(), model }));
      const open = [
        { name: 'numClasses', value: 10 },
        { name: 'hidden', value: null },
      ];
      await panel.send({ type: 'setup', setup: { ...setup, openSizes: open } });
      const field = (name: string) =>
        panel.page.locator('vscode-text-field', { hasText: name }).locator('input');
      assert.equal(await field('numClasses').inputValue(), '10');
      assert.match(await text(), /A size of the model is missing/);
      await field('hidden').fill('many');
      assert.match(await text(), /A whole number of at least 1/);
      assert.ok(await button('Start training').isDisabled());
      await field('hidden').fill('32');
      const sizes = { hidden: 32 };
      // It is told once the field rests.
      await panel.page.waitForTimeout(800);
      assert.deepEqual((await panel.posted()).at(-1), { type: 'sizesChanged', sizes });
      const known = open.map(({ name, value }) => ({ name, value: value ?? 32 }));
      await panel.send({ type: 'setup', setup: { ...trainingSetup(knownData()), openSizes: known } });
      await button('Start training').click();
      const message = fromTraining.parse((await panel.posted()).at(-1));
      assert.ok(message.type === 'start');
      assert.deepEqual(message.sizes, sizes, 'what the data says is not taken for what people want');
      await panel.checkAccessibility();
      await panel.screenshot('training-setup-sizes-dark-1200');
    });

    it('asks before the program’s own code runs', async () => {
      panel = await openPanel('training');
      const setup = trainingSetup(knownData());
      const program = { reason: 'in layer `scale`, its class is of the program', what: 'build of net.js' };
      await panel.send({ type: 'setup', setup: { ...setup, program: { ...program, runs: false } } });
      assert.match(await text(), /cannot build this model from its source alone: in layer `scale`/);
      assert.ok(await button('Start training').isDisabled());
      await panel.page.locator('vscode-checkbox', { hasText: 'Run build of net.js' }).click();
      assert.deepEqual((await panel.posted()).at(-1), { type: 'runProgram', runs: true });
      await panel.send({ type: 'setup', setup: { ...setup, program: { ...program, runs: true } } });
      assert.ok(await button('Start training').isEnabled());
      await panel.checkAccessibility();
    });

    it('tells what it takes of memory, and when that cannot fit', async () => {
      panel = await openPanel('training', { height: 1300 });
      await panel.send({ type: 'setup', setup: trainingSetup(knownData()) });
      assert.match(
        await text(),
        /Memory: at least 3 MB \(weights 0\.2 MB, gradients 0\.2 MB, optimizer 0\.5 MB, activations of a batch of 64 2 MB\); 6\.2 GB are free on this machine\./,
      );
      await panel.page
        .locator('vscode-text-field', { hasText: 'Batch size' })
        .locator('input')
        .fill('1000000');
      assert.match(
        await text(),
        /activations of a batch of 1,000,000 34\.3 GB\);.*It cannot fit: use a smaller batch/,
      );
      await panel.screenshot('training-setup-memory-dark-1200');
    });

    it('lets other data be chosen when it cannot be read', async () => {
      panel = await openPanel('training');
      const failed = { state: 'failed' as const, name: '/data', message: '/data: there is no such folder.' };
      await panel.send({ type: 'setup', setup: trainingSetup(failed) });
      assert.match(await text(), /there is no such folder/);
      await button('Choose other data…').click();
      assert.deepEqual((await panel.posted()).at(-1), { type: 'chooseData' });
    });
  });

  for (const theme of ['light', 'dark', 'high-contrast'] satisfies ThemeName[]) {
    it(`has no accessibility violation in ${theme}`, async () => {
      panel = await openPanel('training', { theme });
      await panel.send({ type: 'setup', setup: trainingSetup(knownData()) });
      await panel.checkAccessibility();
      await panel.screenshot(`training-setup-${theme}-1200`);
      await panel.send({ type: 'state', state: trainingState(), events: wholeRun() });
      await panel.checkAccessibility();
      await panel.screenshot(`training-whole-${theme}-1200`);
      await panel.send({ type: 'state', state: trainingState('failed'), events: trainingEvents() });
      await panel.checkAccessibility();
      await panel.close();
      panel = await openPanel('training', { theme, width: 500, height: 900 });
      await panel.send({ type: 'state', state: trainingState('finished'), events: trainingEvents() });
      await panel.checkAccessibility();
      await panel.screenshot(`training-finished-${theme}-500`);
    });
  }
});
