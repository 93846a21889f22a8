import assert from 'node:assert/strict';
import { fromTraining } from '../../protocol/webview';
import { epochOf, trainingEvents, trainingState } from './fixtures/runs';
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
    assert.equal(await panel.page.getByRole('progressbar').getAttribute('aria-valuenow'), '70');
    assert.match(
      (await panel.page.getByRole('img').first().getAttribute('aria-label'))!,
      /^Loss over 5 epochs\. Latest: 0\.3478 in training, 0\.333 in validation\.$/,
    );
    assert.deepEqual(await panel.page.locator('tbody tr').nth(2).locator('th, td').allTextContents(), [
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
        // charts-blue and charts-orange of the dark theme.
        return [colours.has('55 148 255'), colours.has('209 134 22')];
      }),
    );
    assert.deepEqual(inked, [
      [true, true],
      [true, true],
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
    assert.equal(await panel.page.locator('tbody tr').count(), 1);
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
    assert.equal(await panel.page.locator('tbody tr').count(), 3);
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

  for (const theme of ['light', 'dark', 'high-contrast'] satisfies ThemeName[]) {
    it(`has no accessibility violation in ${theme}`, async () => {
      panel = await openPanel('training', { theme });
      await panel.send({ type: 'state', state: trainingState(), events: trainingEvents() });
      await panel.checkAccessibility();
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
