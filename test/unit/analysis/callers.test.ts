import assert from 'node:assert/strict';
import { analyze } from '../../../language-server/analysis/analyze';
import { analyzeCaller, withCallers } from '../../../language-server/analysis/callers';
import { hintText } from '../../../language-server/features/hintText';
import { prelude } from './check';

/** The hints of a file, and of its models, as other files call it. */
function shown(source: string, ...callers: string[]): { hints: string[]; models: unknown[] } {
  const path = '/workspace/net.ts';
  const host = { readFile: (name: string) => (name === path ? prelude + source : undefined) };
  const own = analyze(path, prelude + source, host);
  const analysis = withCallers(
    own,
    callers.map((text, index) => analyzeCaller(path, `/workspace/caller${index}.ts`, text, host, {})),
  );
  return {
    hints: analysis.sites.map((site) => hintText(site, { parameters: true })),
    models: analysis.models.map(({ name, totals }) => [name, totals.params]),
  };
}

const block = `
export function block(x, filters) { return tf.layers.conv2d({filters, kernelSize: 3}).apply(x); }`;

describe('builders as their callers see them', () => {
  it('a class that builds its model when it is made', () => {
    const net = `
export default class Net {
  model = tf.sequential();
  constructor(private units: number) { this.model.add(tf.layers.dense({units, inputShape: [4]})); }
  grow(n: number) { this.model.add(tf.layers.dense({units: this.units * n})); return this; }
}`;
    assert.deepEqual(shown(net, "import Net from './net'; new Net(3).grow(2);"), {
      hints: ['→ 3 · 15', '→ 6 · 24'],
      models: [['model', 39]],
    });
  });

  it('a block whose input comes from the caller', () => {
    const caller = `${prelude}import { block } from './net';
let x = tf.input({shape: [9, 9, 1]});
for (const filters of [2, 4]) x = block(x, filters);
`;
    assert.deepEqual(shown(block, caller).hints, ['→ 7×7×2 · 20 | 5×5×4 · 76']);
  });

  it('what the file itself knows stays first', () => {
    const source = `${block}
block(tf.input({shape: [5, 5, 1]}), 1);`;
    const caller = `${prelude}import { block } from './net'; block(tf.input({shape: [9, 9, 1]}), 2);`;
    assert.deepEqual(shown(source, caller).hints, ['→ 3×3×1 · 10 | 7×7×2 · 20', '→ 5×5×1']);
  });

  it('callers that know no more than the builder say nothing', () => {
    const own = shown(block).hints;
    for (const caller of [
      "import { block } from './net'; export const f = (x, n) => block(x, n);",
      "import { block } from './net'; block(load(), 3);",
      "import './net';",
      "import { block } from './elsewhere'; block(1, 2);",
      '}{ not a program',
    ]) {
      assert.deepEqual(shown(block, caller).hints, own);
    }
  });

  it('a condition inside that no caller decides keeps both ways', () => {
    const source = `
export function head(units) {
  const m = tf.sequential({layers: [tf.layers.flatten({inputShape: [2, 2]})]});
  if (process.env.WIDE) m.add(tf.layers.dense({units: units * 2}));
  m.add(tf.layers.dense({units}));
  return m;
}`;
    assert.deepEqual(shown(source, "import { head } from './net'; head(3);").hints, [
      '→ 4',
      '→ 6 · 30',
      '→ 3 · 21 | 3 · 15',
    ]);
  });
});
