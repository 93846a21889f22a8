/** The classify panel's pure parts: normalization as people know it, painting, sketches, the order of scores. */
import assert from 'node:assert/strict';
import { encodingPresets } from '../../protocol/sidecar';
import {
  formatNumbers,
  normalizationOf,
  parseNumbers,
  presetOf,
  scalingOf,
  valueRange,
} from '../../webview/classify/inputs/normalization';
import { blur, Painting, type Stroke } from '../../webview/classify/inputs/painting';
import {
  emptySketch,
  isBlank,
  redo,
  undo,
  visibleMarks,
  withMark,
  withPoint,
} from '../../webview/classify/inputs/sketch';
import { rowsOf } from '../../webview/classify/scores/rows';
import { judge } from '../../webview/classify/truth';

describe('normalization', () => {
  const imagenet = {
    scale: [...encodingPresets.imagenet.scale],
    offset: [...encodingPresets.imagenet.offset],
  };

  it('says the published ways as they are written down', () => {
    assert.deepEqual(normalizationOf(imagenet), {
      divisor: 255,
      mean: [0.485, 0.456, 0.406],
      deviation: [0.229, 0.224, 0.225],
      inverted: false,
    });
    assert.deepEqual(normalizationOf({ scale: 1 / 127.5, offset: -1 }), {
      divisor: 255,
      mean: [0.5],
      deviation: [0.5],
      inverted: false,
    });
    assert.deepEqual(normalizationOf({ scale: 1, offset: [-123.68, -116.779, -103.939] }), {
      divisor: 1,
      mean: [123.68, 116.779, 103.939],
      deviation: [1],
      inverted: false,
    });
  });

  it('gives the same values on the way back, inverted ones too', () => {
    const scalings = [
      imagenet,
      { scale: 1 / 255, offset: 0 },
      { scale: -1 / 255, offset: 1 },
      { scale: 2, offset: 7 },
    ];
    for (const scaling of scalings) {
      const back = scalingOf(normalizationOf(scaling));
      for (const value of [0, 100, 255]) {
        for (const channel of [0, 1, 2]) {
          const of = ({ scale, offset }: { scale: number | number[]; offset: number | number[] }) =>
            value * ([scale].flat()[channel] ?? [scale].flat()[0]!) +
            ([offset].flat()[channel] ?? [offset].flat()[0]!);
          assert.ok(Math.abs(of(back) - of(scaling)) < 1e-4, JSON.stringify([scaling, back]));
        }
      }
    }
    assert.equal(normalizationOf({ scale: -1 / 255, offset: 1 }).inverted, true);
  });

  it('knows the published ways again', () => {
    assert.equal(presetOf({ ...imagenet, channels: 3 }), 'imagenet');
    assert.equal(presetOf({ scale: 1 / 255, offset: 0, channels: 1 }), 'unit');
    assert.equal(presetOf({ scale: -1 / 255, offset: 1, channels: 1 }), 'unit', 'inverted');
    assert.equal(presetOf({ scale: 1 / 255, offset: 0, channels: 3, channelOrder: 'bgr' }), 'unit');
    const { scale, offset } = encodingPresets.caffe;
    assert.equal(presetOf({ scale, offset: [...offset], channels: 3, channelOrder: 'bgr' }), 'caffe');
    assert.equal(
      presetOf({ scale, offset: [...offset], channels: 3 }),
      undefined,
      'red first is not caffe’s',
    );
    assert.equal(presetOf({ scale: 0.01, offset: 0, channels: 3 }), undefined);
  });

  it('reads what is typed, or says what is wrong', () => {
    assert.deepEqual(parseNumbers('0.485, 0.456 0.406', 3, false), [0.485, 0.456, 0.406]);
    assert.deepEqual(parseNumbers('−1', 1, false), [-1]);
    assert.match(parseNumbers('', 3, false) as string, /Numbers/);
    assert.match(parseNumbers('x', 3, false) as string, /Numbers/);
    assert.match(parseNumbers('1 2', 3, false) as string, /One number, or 3/);
    assert.match(parseNumbers('0', 3, true) as string, /Greater than 0/);
    assert.equal(formatNumbers([0.485, 0.1 + 0.2]), '0.485, 0.3');
    assert.deepEqual(valueRange({ scale: -1 / 255, offset: 1 }, 1), [0, 1]);
  });
});

describe('painting over a picture', () => {
  const pixels = (width: number, height: number, channels: number) => ({
    width,
    height,
    channels,
    data: Uint8Array.from({ length: width * height * channels }, (_, at) => (at * 37) % 256),
  });
  const dot = (paint: Stroke['paint'], x: number, y: number, diameter = 1): Stroke => ({
    paint,
    diameter,
    points: [x, y],
  });
  const changed = (before: Uint8Array, after: Uint8Array, channels: number) => [
    ...new Set([...after].flatMap((value, at) => (value === before[at] ? [] : [Math.floor(at / channels)]))),
  ];

  it('covers the pixels under the brush, and the line between two points', () => {
    const original = { ...pixels(8, 8, 1), data: new Uint8Array(64).fill(7) };
    const painting = new Painting(original);
    painting.show([dot('white', 2.5, 3.5)]);
    assert.equal(painting.pixels.data[3 * 8 + 2], 255);
    assert.equal(painting.pixels.data.filter((value) => value === 255).length, 1);
    painting.show([{ paint: 'grey', diameter: 1, points: [0.5, 0.5, 7.5, 0.5] }]);
    assert.deepEqual([...painting.pixels.data.subarray(0, 8)], new Array(8).fill(128));
    assert.equal(painting.pixels.data[3 * 8 + 2], 7, 'the stroke before is taken back');
    painting.show([dot('black', 100, -50, 3)]);
    assert.deepEqual([...painting.pixels.data], [...original.data], 'outside nothing happens');
  });

  it('gives the same, stroke by stroke, point by point, or all at once', () => {
    const original = pixels(28, 28, 3);
    const strokes: Stroke[] = [
      { paint: 'grey', diameter: 5, points: [3, 3, 20, 9, 14, 22] },
      { paint: 'blur', diameter: 7, points: [10, 10, 18, 18] },
      { paint: 'restore', diameter: 4, points: [12, 12] },
      dot('white', 27.9, 27.9, 2),
    ];
    const bitByBit = new Painting(original);
    for (let count = 1; count <= strokes.length; count++) {
      const last = strokes[count - 1]!;
      for (let length = 2; length <= last.points.length; length += 2) {
        bitByBit.show([...strokes.slice(0, count - 1), { ...last, points: last.points.slice(0, length) }]);
      }
    }
    const atOnce = new Painting(original);
    atOnce.show(strokes);
    assert.deepEqual(bitByBit.pixels.data, atOnce.pixels.data);
    bitByBit.show(strokes.slice(0, 1));
    const first = new Painting(original);
    first.show(strokes.slice(0, 1));
    assert.deepEqual(bitByBit.pixels.data, first.pixels.data, 'taken back');
    bitByBit.show([]);
    assert.deepEqual(bitByBit.pixels.data, original.data);
  });

  it('brings back what was there, in all channels', () => {
    const original = pixels(10, 6, 3);
    const painting = new Painting(original);
    painting.show([dot('black', 4.5, 2.5, 20)]);
    assert.ok(painting.pixels.data.every((value) => value === 0));
    painting.show([dot('black', 4.5, 2.5, 20), dot('restore', 4.5, 2.5)]);
    const at = (2 * 10 + 4) * 3;
    assert.deepEqual(painting.pixels.data.slice(at, at + 3), original.data.slice(at, at + 3));
    assert.deepEqual(changed(new Uint8Array(180), painting.pixels.data, 3), [24]);
  });

  it('blurs a flat picture into itself, and an edge into a slope', () => {
    const flat = { width: 9, height: 7, channels: 3, data: new Uint8Array(189).fill(90) };
    assert.ok(blur(flat).every((value) => value === 90));
    const edge = {
      width: 32,
      height: 4,
      channels: 1,
      data: Uint8Array.from({ length: 128 }, (_, at) => (at % 32 < 16 ? 0 : 200)),
    };
    const row = [...blur(edge).subarray(0, 32)];
    assert.ok(
      row.every((value, at) => value >= (row[at - 1] ?? 0)),
      row.join(),
    );
    assert.ok(row[0] === 0 && row[31] === 200 && row[15]! > 60 && row[16]! < 140, row.join());
  });
});

describe('a sketch', () => {
  const line = withPoint(withMark(emptySketch, { kind: 'brush', size: 0.1, points: [0, 0] }), 1, 1);

  it('takes back and does again, also a clearing', () => {
    assert.equal(isBlank(emptySketch), true);
    assert.equal(isBlank(line), false);
    const cleared = withMark(line, { kind: 'clear' });
    assert.equal(isBlank(cleared), true);
    assert.deepEqual(visibleMarks(cleared), []);
    assert.deepEqual(undo(cleared).marks, line.marks);
    assert.deepEqual(redo(undo(cleared)), cleared);
    assert.deepEqual(undo(emptySketch), emptySketch);
    const other = withMark(undo(line), { kind: 'eraser', size: 0.1, points: [0, 0] });
    assert.deepEqual(other.undone, [], 'what was taken back is gone');
    assert.equal(isBlank(other), true, 'an eraser alone draws nothing');
  });
});

describe('the chart of scores', () => {
  const scores = { probabilities: [0.1, 0.6, 0.3], labels: ['tabby, tabby cat', 'espresso', 'Egyptian cat'] };
  const order = (...args: Parameters<typeof rowsOf>) => rowsOf(...args).map(({ index }) => index);

  it('orders by score, by change, by class', () => {
    assert.deepEqual(order(scores, 'score', ''), [1, 2, 0]);
    assert.deepEqual(order(scores, 'class', ''), [0, 1, 2]);
    assert.deepEqual(order(scores, 'change', '', [0.5, 0.55, 0.3]), [0, 1, 2]);
    // What was at the top before stays near it, so that it is seen falling.
    assert.deepEqual(order(scores, 'score', '', [0.9, 0.05, 0.05]), [0, 1, 2]);
  });

  it('finds classes by words and by number', () => {
    assert.deepEqual(order(scores, 'score', 'CAT'), [2, 0]);
    assert.deepEqual(order(scores, 'score', 'cat tabby'), [0]);
    assert.deepEqual(order(scores, 'score', '1'), [1]);
    assert.deepEqual(order(scores, 'score', 'dog'), []);
  });

  it('judges classes by name, and classes without names only against numbers', () => {
    assert.equal(judge('7', '7'), 'right');
    assert.equal(judge('class 7', '7'), 'right');
    assert.equal(judge('class 1', '7'), 'wrong');
    assert.equal(judge('class 7', 'Sandal'), 'unknown');
    assert.equal(judge('espresso', 'cat'), 'wrong');
  });
});
