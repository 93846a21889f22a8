/** Damaged programs, pages, comments and saved models: an answer comes in any case, and soon. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { analyze, ParsedFiles } from '../../../language-server/analysis/analyze';
import { analyzeCaller, withCallers } from '../../../language-server/analysis/callers';
import { scriptsOf } from '../../../language-server/analysis/html';
import { readTolerantly } from '../../../language-server/analysis/repair';
import { prelude } from './check';

const count = Number(process.env['LAYERWISE_FUZZ_READING'] ?? 400);
const saved = readFileSync('media/models/lenet5-mnist/checkpoint/model.json', 'utf8');

const program = `${prelude}import path from 'path';
/** @shape [n, 28, 28, 1] */
const first = load('x');
const base = await tf.loadLayersModel('file://' + path.join(__dirname, 'model.json'));
for (const layer of base.layers) layer.trainable = false;
// @shape [null, width, 3]
const a = tf.layers.conv1d({filters: 8, kernelSize: 5}).apply(load()); // @shape [null, 3, 8]
class Net {
  /** @shape [null, 12] */ private features = load();
  build(/** @shape [null, 4] */ x, units = 3) { return tf.layers.dense({units}).apply(this.features); }
}
export function build(size, /* @shape [28, 28] */ inputShape) {
  const m = tf.sequential();
  m.add(tf.layers.dense({units: size, inputShape})); // @shape [null, 3]
  const out = tf.layers.dense({units: 3}).apply(base.getLayer('dense_1', 4).output);
  return tf.model({inputs: base.inputs, outputs: out});
}
const f = () => { return load(); /** @shape [null] */ };
`;
const page = `<!doctype html><p>a</p><script src="x"></script>
<script type="module">
${program}
</script><!-- c --><script>build(2, [3]);</script>`;
const caller = "import { build } from './a';\nbuild(3, [4]); build(5, [2, 2]); build(5, [, 2]);";
const pieces = [
  '"',
  '`',
  '/*',
  '*/',
  '<script>',
  '</script>',
  '//',
  '\n',
  '{',
  ')',
  '=>',
  '/** @shape [null, 3, q] */',
];

describe(`${count} damaged programs that read files`, function () {
  this.timeout(10 * 60_000);

  it('are answered', () => {
    let seed = 7;
    const below = (limit: number) => {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff;
      return (seed >> 8) % limit;
    };
    const damaged = (text: string): string => {
      let result = text;
      for (let times = below(4); times >= 0; times--) {
        const at = below(result.length + 1);
        const cut = below(4) === 0 ? at + below(30) : at;
        const insert = below(3) === 0 ? result.slice(cut, cut + below(60)) : pieces[below(pieces.length)]!;
        result = result.slice(0, at) + insert + result.slice(cut);
      }
      return result;
    };
    for (let n = 0; n < count; n++) {
      const isPage = below(3) === 0;
      const path = isPage ? '/w/index.html' : '/w/a.ts';
      const text = damaged(isPage ? page : program);
      const model = below(3) === 0 ? damaged(saved) : saved;
      const parsed = new ParsedFiles();
      const host = {
        readFile: (name: string) => ({ '/w/model.json': model, '/w/a.ts': isPage ? program : text })[name],
      };
      const started = Date.now();
      try {
        const { text: readable } = readTolerantly(parsed, path, isPage ? scriptsOf(text) : text);
        const own = analyze(path, readable, host, { parsed });
        withCallers(own, [analyzeCaller('/w/a.ts', '/w/b.ts', damaged(caller), host, { parsed })]);
      } catch (error) {
        assert.fail(`${error instanceof Error ? error.stack : error}\n${path}\n${text}`);
      }
      assert.ok(Date.now() - started < 10_000, `too slow:\n${text}`);
    }
  });
});
