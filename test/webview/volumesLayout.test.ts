/** The volumes and feature maps of models with and without branches, placed for panels of many sizes: nothing is written over anything else. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { analyze } from '../../language-server/analysis/analyze';
import { toWire } from '../../protocol/modelGraph';
import { mulberry32 } from '../../sidecar/training/seededRandom';
import { buildScene, type Scene } from '../../webview/diagram/scene';
import { layoutVolumes } from '../../webview/diagram/volumes/layout';
import { lineHeight, type PlacedItem } from '../../webview/diagram/volumes/types';

const examples = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../examples');

function sceneOf(source: string): Scene {
  const [model] = analyze('/model.js', source, { readFile: () => undefined }).models;
  return buildScene(toWire(model!), []);
}

/** About as wide as the letters of the panel's font. */
const measure = (text: string) => text.length * 6.8;

/** Where a label's text stands; neighbours may touch. */
function boxOf({ label, item }: PlacedItem) {
  return {
    what: item.key,
    left: label.x - label.width / 2 + 1,
    right: label.x + label.width / 2 - 1,
    top: label.y + 1,
    bottom: label.y + label.lines.length * lineHeight - 1,
  };
}

function overlaps(scene: Scene, viewport: { width: number; height: number }): string[] {
  const found: string[] = [];
  for (const projection of ['sheets', 'boxes'] as const) {
    const boxes = layoutVolumes(scene, projection, measure, viewport).items.map(boxOf);
    for (const [i, a] of boxes.entries()) {
      for (const b of boxes.slice(i + 1)) {
        const apart = a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
        if (!apart)
          found.push(`${projection}, ${viewport.width}×${viewport.height}: ${a.what} and ${b.what}`);
      }
    }
  }
  return found;
}

const viewports = [
  { width: 300, height: 500 },
  { width: 540, height: 600 },
  { width: 700, height: 900 },
  { width: 1200, height: 700 },
  { width: 2400, height: 1200 },
];

describe('labels of volumes', () => {
  for (const name of ['lenet5', 'alexnet', 'alexnet-two-towers', 'vgg16']) {
    const scene = sceneOf(readFileSync(path.join(examples, `${name}.ts`), 'utf8'));
    for (const viewport of viewports)
      it(`of ${name} do not overlap in ${viewport.width}×${viewport.height}`, () =>
        assert.deepEqual(overlaps(scene, viewport), []));
  }

  it('of random towers do not overlap', () => {
    const random = mulberry32(7);
    const any = <T>(...choices: T[]) => choices[Math.floor(random() * choices.length)]!;
    for (let round = 0; round < 150; round++) {
      const lines = Array.from({ length: any(1, 2, 3, 4, 5, 6) }, (_, stage) => {
        const [towers, layers, filters, name] = [
          any(1, 2, 3),
          any(1, 2, 3),
          any(1, 6, 64, 512),
          any('', 'c', 'a_long_name'),
        ];
        const tower = (t: number) => {
          let inner = 'x';
          for (let layer = 0; layer < layers; layer++) {
            const named = name ? `, name: '${name}${stage}_${t}_${layer}'` : '';
            inner = `tf.layers.conv2d({ filters: ${filters}, kernelSize: 3, padding: 'same'${named} }).apply(${inner})`;
          }
          return inner;
        };
        const all = Array.from({ length: towers }, (_, t) => tower(t));
        return `x = ${towers === 1 ? all[0] : `tf.layers.concatenate().apply([${all.join(', ')}])`};`;
      });
      const source = `import * as tf from '@tensorflow/tfjs';
const input = tf.input({ shape: [64, 64, 3] });
let x = input;
${lines.join('\n')}
const model = tf.model({ inputs: input, outputs: x });`;
      assert.deepEqual(overlaps(sceneOf(source), any(...viewports)), [], source);
    }
  });
});
