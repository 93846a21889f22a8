/** What other files of the workspace say: who calls a builder. And programs that are not files of their own: pages. */
import * as vscode from 'vscode';
import { becomes, hintsOf, open, uriOf } from '../support';

const files: Record<string, string> = {
  'head/build.ts': `import * as tf from '@tensorflow/tfjs';
export function head(units: number) {
  return tf.sequential({ layers: [tf.layers.dense({ units, inputShape: [4] })] });
}
`,
  'head/use.ts': "import { head } from './build';\n\nexport const model = head(3);\n",
  'page.html': `<!doctype html>
<p>tf.layers.dense({units: 9})</p>
<script>
  const model = tf.sequential({layers: [tf.layers.dense({units: 2, inputShape: [3]})]});
</script>
`,
};

describe('other files of the workspace', () => {
  before(async () => {
    for (const [name, text] of Object.entries(files)) {
      await vscode.workspace.fs.writeFile(uriOf(name), new TextEncoder().encode(text));
    }
  });
  after(async () => {
    await vscode.workspace.fs.delete(uriOf('head'), { recursive: true });
    await vscode.workspace.fs.delete(uriOf('page.html'));
  });

  it('a builder is shown as another file calls it', async () => {
    const { document } = await open('head/build.ts');
    await becomes(() => hintsOf(document), ['→ 3 · 15']);
  });

  it('the scripts of a web page have hints', async () => {
    const { document } = await open('page.html');
    await becomes(() => hintsOf(document), ['→ 2 · 8']);
  });
});
