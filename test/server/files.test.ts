/** What the server reads besides programs: saved models that a program loads, and the scripts of web pages. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { ServerClient } from './client';

const saved = readFileSync('media/models/lenet5-mnist/checkpoint/model.json', 'utf8');

describe('saved models and web pages', function () {
  this.timeout(60_000);
  let client: ServerClient;
  before(async () => {
    client = await ServerClient.start({ 'file:///workspace/models/lenet5/model.json': saved });
  });
  after(() => client.stop());

  it('a program that loads a model knows its layers', async () => {
    const uri = 'file:///workspace/src/transfer.ts';
    await client.open(
      uri,
      `import * as tf from '@tensorflow/tfjs';
export async function build() {
  const base = await tf.loadLayersModel('./models/lenet5/model.json');
  const features = base.layers[base.layers.length - 3].output;
  return tf.model({ inputs: base.inputs, outputs: tf.layers.dense({ units: 3 }).apply(features) });
}
`,
    );
    assert.deepEqual(await client.hints(uri), ['→ 3 · 363']);
    const lenses = (await client.lenses(uri)).map((lens) => lens.command?.title);
    assert.match(lenses[0]!, /^base: 32×32×1 → 10 · 61,706 parameters/);
    assert.match(lenses[4]!, /^build: 32×32×1 → 3 · 51,055 parameters/);
  });

  it('the scripts of a web page are analysed where they stand, also while they are typed', async () => {
    const uri = 'file:///workspace/index.html';
    const page = (rest: string) => `<!doctype html>
<p>A (very (unbalanced text, with tf.layers</p>
<script>const classes = 5;</script>
<script>
  const model = tf.sequential();
  model.add(tf.layers.dense({units: 8, inputShape: [4]}));
${rest}
  model.add(tf.layers.dense({units: classes}));
</script>
`;
    await client.open(uri, page(''));
    assert.deepEqual(await client.hints(uri), ['→ 8 · 40', '→ 5 · 45']);
    const [first] = await client.rawHints(uri);
    assert.deepEqual(first!.position, { line: 5, character: 56 });
    await client.change(uri, 2, page('  model.add(tf.layers.dropout({rate: 0.5'));
    assert.deepEqual(await client.hints(uri), ['→ 8 · 40', '→ 8', '→ 5 · 45']);
    await client.change(uri, 3, page('  model.add(tf.layers.lstm({units: 2}));'));
    const [problem] = await client.diagnostics(uri, (found) => found.length > 0);
    assert.equal(problem?.code, 'rank-mismatch');
    assert.equal(problem?.range.start.line, 6);
  });

  it('a page that is not saved yet', async () => {
    const uri = 'untitled:Untitled-1';
    const page =
      '<p>tf.layers.dense({units: 9})</p>\n<script>tf.layers.dense({units: 2, inputShape: [3]})</script>\n';
    await client.open(uri, page, 'html');
    assert.equal((await client.hints(uri)).length, 1);
  });
});
