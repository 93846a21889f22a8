import assert from 'node:assert/strict';
import { analyze } from '../../language-server/analysis/analyze';
import { layerCard, modelCard } from '../../language-server/features/layerCard';

/** Links in cards may start Layerwise's commands: none may come from a program that somebody else wrote. */
describe('cards', () => {
  /** Without what Markdown takes for text: code between equally many backticks, and escaped characters. */
  const marksOf = (card: string) => card.replace(/\\[^\n]|(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, '');
  const attacks = [
    'a` [x](command:layerwise.trainModel) `',
    'a`` [x](command:layerwise.trainModel) `',
    'a\n\n[x](command:layerwise.trainModel)',
    '![x](https://example.com/x.png)',
    '<img src=x>',
    'a | b',
  ];
  for (const attack of attacks) {
    it(`show ${JSON.stringify(attack)} as text`, () => {
      const name = JSON.stringify(attack);
      const source = `import * as tf from '@tensorflow/tfjs';
class Own extends tf.layers.Layer {
  build() { this.w = this.addWeight(${name}, [2, 3], 'float32'); }
  computeOutputShape(shape) { return shape; }
  static get className() { return ${name}; }
}
tf.sequential({ name: ${name}, layers: [
  tf.layers.dense({ inputShape: [2], units: 3, name: ${name} }),
  new Own({}),
] });
for (const units of [1, 2]) tf.layers.dense({ units, name: ${name} + units }).apply(tf.input({ shape: [2] }));
`;
      const { models, sites } = analyze('/program.js', source, { readFile: () => undefined });
      const cards = [...models.map(modelCard), ...sites.map((site) => layerCard(site, models))];
      assert.ok(cards.length >= 4, `${cards.length} cards`);
      assert.ok(cards.some((card) => card.replaceAll('\\', '').includes(attack.replace(/\s+/g, ' '))));
      for (const card of cards) assert.doesNotMatch(marksOf(card), /[\]<]|^a \|/m, card);
    });
  }
});
