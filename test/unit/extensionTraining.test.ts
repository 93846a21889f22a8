import assert from 'node:assert/strict';
import { durationText, lossText } from '../../extension/text';
import { thinEvents } from '../../extension/thinEvents';
import type { TrainingEvent } from '../../protocol/sidecar';

function batch(number: number): TrainingEvent {
  return {
    kind: 'batch',
    run: 'r',
    epoch: 1,
    batch: number,
    batchesPerEpoch: 1000,
    loss: 1,
    examplesPerSecond: 1,
    secondsLeft: 1,
  };
}

describe('training events kept for a redrawn panel', () => {
  const warning: TrainingEvent = { kind: 'warning', run: 'r', message: 'w' };
  const events = [
    ...Array.from({ length: 500 }, (_, i) => batch(i + 1)),
    warning,
    ...Array.from({ length: 500 }, (_, i) => batch(i + 501)),
  ];

  it('are all kept while they are few', () => assert.deepEqual(thinEvents(events, 2000), events));

  it('are thinned evenly, and never lose the latest batch or anything else', () => {
    const thin = thinEvents(events, 200);
    assert.ok(thin.length <= 200 && thin.length >= 100, `${thin.length}`);
    assert.ok(thin.includes(warning));
    assert.equal(thin.at(-1), events.at(-1));
    const numbers = thin.flatMap((event) => (event.kind === 'batch' ? [event.batch] : []));
    const gaps = numbers.slice(1, -1).map((number, i) => number - numbers[i]!);
    assert.equal(new Set(gaps).size, 1);
  });

  it('end even when everything has to stay', () => {
    const warnings = Array.from({ length: 10 }, () => warning);
    assert.equal(thinEvents(warnings, 5).length, 10);
  });
});

describe('the status bar', () => {
  it('shows a loss with two significant digits', () => {
    assert.deepEqual([2.3, 0.12345, 0.0036, 0, Number.NaN].map(lossText), [
      '2.30',
      '0.12',
      '0.0036',
      '0.0',
      'NaN',
    ]);
  });

  it('shows a duration in the unit people would use', () => {
    assert.deepEqual([0.2, 45, 200].map(durationText), ['1 s', '45 s', '3 min']);
  });
});
