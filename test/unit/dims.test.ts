import assert from 'node:assert/strict';
import {
  add,
  ceilDivide,
  type Dim,
  equalDims,
  equalShapes,
  floorDivide,
  formatCount,
  formatDim,
  formatExactCount,
  formatQuantity,
  formatShape,
  maximum,
  minimum,
  multiply,
  product,
  type Quantity,
  type Shape,
  substitute,
  subtract,
  sum,
  symbol,
} from '../../model-graph/dims';

const n = symbol('n');
const m = symbol('m');
const units = symbol('units');
const charSetSize = symbol('charSetSize');
const lstm = multiply(4, sum([multiply(charSetSize, units), multiply(units, units), units]));

const printed: [string, Dim, string][] = [
  ['a number', 28, '28'],
  ['a negative number', -4, '−4'],
  ['an open size', null, '?'],
  ['a name', units, 'units'],
  ['a sum', add(multiply(2, units), 1), '2·units + 1'],
  ['the parameters of an LSTM', lstm, '4·units·(units + charSetSize + 1)'],
  ['a common number', add(multiply(2, units), 2), '2·(units + 1)'],
  ['a square', multiply(units, units), 'units²'],
  ['a difference', subtract(n, 5), 'n − 5'],
  ['a name taken away', subtract(5, n), '5 − n'],
  ['a negative name', multiply(n, -1), '−n'],
  ['a valid convolution', add(floorDivide(subtract(n, 5), 2), 1), '⌊(n − 3)/2⌋'],
  ['a convolution with stride 1', add(floorDivide(subtract(n, 5), 1), 1), 'n − 4'],
  ['half, rounded up', ceilDivide(n, 2), '⌈n/2⌉'],
  ['half of half', floorDivide(floorDivide(n, 2), 2), '⌊n/4⌋'],
  ['half of half, rounded up', ceilDivide(ceilDivide(n, 2), 2), '⌈n/4⌉'],
  ['an exact division', floorDivide(multiply(6, n), 3), '2·n'],
  ['a division that cancels a factor', floorDivide(multiply(4, n), 6), '⌊2·n/3⌋'],
  ['a division by a name', floorDivide(n, m), '⌊n/m⌋'],
  ['a division by a factor', floorDivide(multiply(n, m), m), 'n'],
  ['a minimum', minimum(n, 7), 'min(n, 7)'],
  ['a maximum that can be decided', maximum(n, add(n, 2)), 'n + 2'],
];

const reduced: [string, Dim, Dim][] = [
  ['names that cancel', subtract(n, n), 0],
  ['a difference of sums', subtract(add(n, 3), add(n, 1)), 2],
  ['a product with 0', multiply(n, 0), 0],
  ['null in a sum', add(n, null), null],
  ['null in a product', product([2, null, 3]), null],
  ['an empty product', product([]), 1],
  ['an empty sum', sum([]), 0],
  ['rounding a negative down', floorDivide(-1, 2), -1],
];

const equality: [Dim, Dim, true | false | 'unknown'][] = [
  [3, 3, true],
  [3, 4, false],
  [n, n, true],
  [multiply(2, add(n, 1)), add(add(n, n), 2), true],
  [n, add(n, 1), false],
  [n, m, 'unknown'],
  [n, 5, 'unknown'],
  [multiply(2, n), add(multiply(2, m), 1), false],
  [multiply(2, n), multiply(4, m), 'unknown'],
  [null, null, true],
  [null, 3, 'unknown'],
];

const counts: [number, string, string][] = [
  [0, '0', '0'],
  [156, '156', '156'],
  [48120, '48,120', '48,120'],
  [999999, '999,999', '999,999'],
  [1000000, '1M', '1,000,000'],
  [1234567, '1.2M', '1,234,567'],
  [62378344, '62.4M', '62,378,344'],
  [138357544, '138.4M', '138,357,544'],
  [999949999, '999.9M', '999,949,999'],
  [999960000, '1B', '999,960,000'],
  [15470264320, '15.5B', '15,470,264,320'],
  [-1234, '−1,234', '−1,234'],
];

const shapes: [Shape, string, string][] = [
  [[null, 28, 28, 6], '?×28×28×6', '28×28×6'],
  [[null, 10], '?×10', '10'],
  [[null], '?', '()'],
  [[null, null, units], '?×?×units', '?×units'],
  [[null, 2, add(units, 1)], '?×2×(units + 1)', '2×(units + 1)'],
  [[null, 2, multiply(2, add(units, 1))], '?×2×2·(units + 1)', '2×2·(units + 1)'],
];

describe('dims', () => {
  describe('prints', () => {
    for (const [what, dim, text] of printed) it(what, () => assert.equal(formatDim(dim), text));
  });

  describe('reduces', () => {
    for (const [what, dim, expected] of reduced) it(what, () => assert.equal(dim, expected));
  });

  it('decides equality only where it is certain', () => {
    for (const [left, right, expected] of equality) {
      assert.equal(equalDims(left, right), expected, `${formatDim(left)} against ${formatDim(right)}`);
      assert.equal(equalDims(right, left), expected);
    }
    assert.equal(equalShapes([null, n], [null, n]), true);
    assert.equal(equalShapes([null, n], [null, m]), 'unknown');
    assert.equal(equalShapes([n, 3], [m, 4]), false);
    assert.equal(equalShapes([n], [n, 1]), false);
  });

  it('formats counts', () => {
    for (const [count, short, exact] of counts) {
      assert.equal(formatCount(count), short);
      assert.equal(formatExactCount(count), exact);
    }
    assert.equal(formatCount(lstm), '4·units·(units + charSetSize + 1)');
    assert.equal(formatQuantity(62378344), '62378344');
  });

  it('formats shapes', () => {
    for (const [shape, whole, withoutBatch] of shapes) {
      assert.equal(formatShape(shape), whole);
      assert.equal(formatShape(shape, { batch: false }), withoutBatch);
    }
  });

  it('is text in JSON', () => {
    assert.equal(JSON.stringify([null, 3, add(multiply(2, units), 1)]), '[null,3,"2·units + 1"]');
  });

  it('names what it depends on', () => {
    assert.deepEqual((add(minimum(n, m), units) as ReturnType<typeof symbol>).names, ['m', 'n', 'units']);
  });

  it('computes with names what it computes with their values', function () {
    this.timeout(20_000);
    // A small fixed sequence: the expressions are random, the test is not.
    let state = 17;
    const next = (below: number) => {
      state = (state * 1103515245 + 12345) % 2147483648;
      return Math.floor((state / 2147483648) * below);
    };
    const operations: ((left: Quantity, right: Quantity) => Quantity)[] = [
      add,
      subtract,
      multiply,
      minimum,
      maximum,
      (left) => floorDivide(left, next(4) + 1),
      (left) => ceilDivide(left, next(4) + 1),
    ];
    for (let round = 0; round < 500; round++) {
      const values = new Map<string, Quantity>([
        ['n', next(40) - 10],
        ['m', next(40) - 10],
      ]);
      let symbolic: Quantity = n;
      let numeric: Quantity = values.get('n') as number;
      for (let step = 0; step < 4; step++) {
        const operation = operations[next(operations.length)]!;
        const other = next(3);
        const operand: Quantity = other === 0 ? m : other === 1 ? n : next(7) - 3;
        const before = state;
        symbolic = operation(symbolic, operand);
        state = before;
        numeric = operation(numeric, substitute(operand, values));
      }
      const text = `${formatDim(symbolic)} with n = ${values.get('n')}, m = ${values.get('m')}`;
      assert.equal(Number(substitute(symbolic, values)) + 0, Number(numeric) + 0, text);
    }
  });
});
