import assert from 'node:assert/strict';
import { analyze } from '../../language-server/analysis/analyze';
import {
  add,
  ceilDivide,
  floorDivide,
  maximum,
  minimum,
  multiply,
  type Quantity,
  substitute,
  symbol,
} from '../../model-graph/dims';
import { evaluateFormula, namesInFormula } from '../../model-graph/formula';
import { substituteSymbols, symbolsOf } from '../../model-graph/substituteSymbols';
import { writeTfjsTopology } from '../../model-graph/writers/tfjsTopology';
import { toWire } from '../../protocol/modelGraph';
import { mulberry32 } from '../../sidecar/training/seededRandom';

describe('formulas of sizes', () => {
  it('come to what the sizes themselves come to, for random ones', () => {
    const random = mulberry32(5);
    const pick = <T>(choices: T[]): T => choices[Math.floor(random() * choices.length)]!;
    const make = (depth: number): Quantity => {
      if (depth === 0)
        return random() < 0.4
          ? Math.floor(random() * 9) - 2
          : symbol(pick(['n', 'units', 'options.size', 'minimum']));
      const [left, right] = [make(depth - 1), make(depth - 1)];
      const divisor = 1 + Math.floor(random() * 5);
      return pick([
        () => add(left, right),
        () => multiply(left, right),
        () => floorDivide(left, divisor),
        () => ceilDivide(left, divisor),
        () => minimum(left, right),
        () => maximum(left, right),
      ])();
    };
    const values = new Map([
      ['n', 7],
      ['units', 12],
      ['options.size', 5],
      ['minimum', 3],
    ]);
    let symbolic = 0;
    for (let i = 0; i < 3000; i++) {
      const size = make(3);
      if (typeof size === 'number') continue;
      symbolic++;
      const text = size.toString();
      assert.equal(evaluateFormula(text, values), substitute(size, values), text);
      assert.deepEqual(namesInFormula(text).sort(), size.names, text);
    }
    assert.ok(symbolic > 1000);
  });

  it('have no number while a name has none, nor where they are no formula', () => {
    for (const text of ['n + m', '', '(2', '2·', '⌊n/2', 'n n', 'min(n'])
      assert.equal(evaluateFormula(text, new Map([['n', 1]])), undefined, text);
  });
});

describe('models with sizes that are given later', () => {
  const source = `import * as tf from '@tensorflow/tfjs';
export function build(size: number, numClasses: number) {
  const model = tf.sequential();
  model.add(tf.layers.conv2d({ inputShape: [size, size, 3], filters: 8, kernelSize: 3, activation: 'relu' }));
  model.add(tf.layers.maxPooling2d({ poolSize: 2, strides: 2 }));
  model.add(tf.layers.flatten());
  model.add(tf.layers.dense({ units: numClasses, activation: 'softmax' }));
  return model;
}`;
  const models = (text: string) => analyze('/a.ts', text, { readFile: () => undefined }).models.map(toWire);

  it('are then as if the program had said so', () => {
    const [open] = models(source);
    assert.deepEqual(symbolsOf(open!), ['size', 'numClasses']);
    assert.equal(writeTfjsTopology(open!).ok, false);
    const given = substituteSymbols(open!, { size: 28, numClasses: 7 });
    const [said] = models(source.replaceAll('size,', '28,').replace('units: numClasses', 'units: 7'));
    assert.deepEqual(symbolsOf(given), []);
    assert.deepEqual(given.verdict, { kind: 'exact' });
    assert.deepEqual(given.totals, said!.totals);
    assert.deepEqual(writeTfjsTopology(given), writeTfjsTopology(said!));
  });

  it('keep what is not given', () => {
    const half = substituteSymbols(models(source)[0]!, { size: 28 });
    assert.deepEqual(symbolsOf(half), ['numClasses']);
    assert.deepEqual(half.outputShapes, [[null, 'numClasses']]);
    assert.equal(half.verdict.kind, 'symbolic');
  });
});
