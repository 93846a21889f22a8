/**
 * Receptive fields against what tfjs computes: with positive kernels and averages everything is linear, so an output
 * cell sees exactly the input cells that make it differ from zero. LAYERWISE_FIELD_CASES sets the number of networks.
 */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import type { Shape } from '../../model-graph/dims';
import type { ReceptiveField } from '../../model-graph/graph';
import { ruleForFactory } from '../../model-graph/layers';
import type { LayerConfig } from '../../model-graph/layers/rule';
import { composeReceptiveField, inputReceptiveField, startOfField } from '../../model-graph/receptiveField';
import { Random } from './layerCases';

const cases = Number(process.env['LAYERWISE_FIELD_CASES'] ?? 60);
const seed = Number(process.env['LAYERWISE_FIELD_SEED'] ?? 1);
const [height, width] = [13, 9];

type Step = [factory: string, config: LayerConfig];
type Factory = (config: object) => tf.layers.Layer;

function randomSteps(random: Random, dataFormat: string): Step[] {
  const ones = { useBias: false, kernelInitializer: 'ones', dataFormat };
  const padding = () => random.pick(['valid', 'same']);
  const kinds: (() => Step)[] = [
    () => {
      // tfjs takes no dilation beside strides.
      const strides = random.int(1, 2);
      const dilationRate = strides === 1 ? random.int(1, 2) : 1;
      const sizes = { kernelSize: random.int(1, 3), strides, dilationRate };
      return ['conv2d', { filters: 1, ...ones, padding: padding(), ...sizes }];
    },
    () => [
      'averagePooling2d',
      { poolSize: random.int(1, 3), strides: random.int(1, 2), padding: padding(), dataFormat },
    ],
    () => [
      'conv2dTranspose',
      { filters: 1, ...ones, padding: padding(), kernelSize: random.int(1, 4), strides: random.int(1, 2) },
    ],
    () => ['upSampling2d', { size: [random.int(1, 3), random.int(1, 2)], dataFormat }],
    () => [
      'zeroPadding2d',
      {
        padding: [
          [random.int(0, 2), 1],
          [random.int(0, 1), 0],
        ],
        dataFormat,
      },
    ],
  ];
  return Array.from({ length: random.int(1, 4) }, () => random.pick(kinds)());
}

describe(`receptive fields of ${cases} networks, seed ${seed}, as tfjs computes`, function () {
  this.timeout(120_000);

  it('every cell sees what it is said to see', async () => {
    await tf.setBackend('cpu');
    const random = new Random(seed);
    let compared = 0;
    let inside = 0;
    for (let n = 0; n < cases; n++) {
      const dataFormat = random.pick(['channelsLast', 'channelsFirst']);
      const isFirst = dataFormat === 'channelsFirst';
      const steps = randomSteps(random, dataFormat);
      const shape: Shape = isFirst ? [null, 1, height, width] : [null, height, width, 1];
      let field: ReceptiveField | null = inputReceptiveField(shape);
      let at: Shape | null = shape;
      for (const [factory, config] of steps) {
        const facts = ruleForFactory(factory)!.apply(config, [at]);
        field = composeReceptiveField([field], facts.window, [at], shape);
        at = facts.outputShapes?.[0] ?? null;
      }
      if (!field || !at || at.slice(1).some((size) => typeof size !== 'number' || size < 1)) continue;
      const seen = await seenBy(steps, isFirst);
      compared++;
      for (const [axis, extent] of [height, width].entries()) {
        for (const [cell, [first, last]] of seen[axis]!.entries()) {
          const start: number = startOfField(field, axis, cell)!;
          const end: number = start + (field.size[axis] as number) - 1;
          const place = `${JSON.stringify(steps)}, axis ${axis}, cell ${cell}`;
          // What was padded along the way sees nothing: at the borders a cell sees less than its field.
          const isInside = start >= 0 && end < extent;
          if (isInside || first !== undefined) {
            const isWithin = first !== undefined && first >= start && last! <= end;
            if (!isWithin || (isInside && (first !== start || last !== end)))
              assert.deepEqual([start, end], [first, last], place);
          }
          inside += isInside ? 1 : 0;
        }
      }
    }
    console.log(`    ${compared} networks with a field, ${inside} cells whose field lies inside`);
    assert.ok(compared > cases / 4 && inside > cases);
  });
});

/** Per axis and output cell, the first and the last input cell that it depends on. */
async function seenBy(steps: Step[], isFirst: boolean): Promise<[number?, number?][][]> {
  const inputShape = isFirst ? [1, height, width] : [height, width, 1];
  const model = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape })] });
  for (const [factory, config] of steps) {
    const create = (tf.layers as unknown as Record<string, Factory>)[factory]!;
    model.add(create(config));
  }
  const cells = height * width;
  const values = tf.tidy(() =>
    (model.predict(tf.eye(cells).reshape([cells, ...inputShape])) as tf.Tensor).abs(),
  );
  const spatial = values.shape.slice(isFirst ? 2 : 1, isFirst ? 4 : 3);
  const data = await values.data();
  values.dispose();
  model.dispose();
  const [rows, columns] = spatial as [number, number];
  const range = (axis: number, count: number): [number?, number?][] =>
    Array.from({ length: count }, (_, cell) => {
      let [first, last]: [number?, number?] = [];
      for (let input = 0; input < cells; input++) {
        for (let other = 0; other < (axis === 0 ? columns : rows); other++) {
          const [row, column] = axis === 0 ? [cell, other] : [other, cell];
          if (data[input * rows * columns + row * columns + column]! < 1e-9) continue;
          const place = axis === 0 ? Math.floor(input / width) : input % width;
          first = Math.min(first ?? place, place);
          last = Math.max(last ?? place, place);
        }
      }
      return [first, last];
    });
  return [range(0, rows), range(1, columns)];
}
