import assert from 'node:assert/strict';
import { scriptsOf } from '../../../language-server/analysis/html';
import { checkHints } from './check';

describe('scripts in web pages', () => {
  it('are analysed where they stand, in one global scope', () => {
    const { models } = checkHints(
      `<!doctype html>
<html>
  <head>
    <script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs/dist/tf.min.js"></script>
    <script>const classes = 10; var size = [28, 28, 1]</script>
    <script type="application/json">{"a": tf.layers.dense({units: 1})}</script>
    <!-- <script>const classes = 99;</script> -->
  </head>
  <body onload="train()">
    <p>It's 5 > 3, and tf.layers.dense({units: 7, inputShape: [1]}) is text.</p>
    <script type="module">
      const model = tf.sequential();
      model.add(tf.layers.conv2d({inputShape: size, filters: 8, kernelSize: 5}));
      //^ → 24×24×8 · 208
      model.add(tf.layers.flatten());
      //^ → 4608
      model.add(tf.layers.dense({units: classes}));
      //^ → 10 · 46,090
    </script>
  </body>
</html>`,
      {},
      '/workspace/index.html',
    );
    assert.deepEqual(
      models.map(({ name, totals }) => [name, totals.params]),
      [['model', 46_298]],
    );
  });

  it('imports of a module script', () => {
    checkHints(
      `<script type="module">
import { units } from './sizes.js';
tf.sequential({layers: [tf.layers.dense({units, inputShape: [2]})]});
//^ → 3 · 9
</script>`,
      { '/workspace/sizes.js': 'export const units = 3;' },
      '/workspace/index.html',
    );
  });

  it('keep every position, and what is no page is left alone', () => {
    for (const text of [
      '<p>\r\n</p><script defer>a()</script>\n<script>b()</script>',
      '<SCRIPT data-x="a>b">x</SCRIPT>',
      '<script>never closed',
      '<!-- never closed <script>x</script>',
      '<script',
      '',
      'const page = "<script>";',
    ]) {
      const found = scriptsOf(text);
      assert.equal(found.length, text.length);
      assert.equal(found.replace(/[^\r\n]/g, ''), text.replace(/[^\r\n]/g, ''));
      assert.equal(scriptsOf(found), found, 'what is blank stays blank');
    }
    assert.equal(
      scriptsOf('<b/><script>a()</script><script>b()</script>').trim(),
      'a();                b();',
    );
    assert.equal(scriptsOf('<SCRIPT data-x="a>b">x</SCRIPT>').trim(), 'x;');
    assert.equal(scriptsOf('<!-- <script>x</script> --><script>y').trim(), 'y');
  });
});
