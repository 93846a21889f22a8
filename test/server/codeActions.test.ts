/** Quick fixes, and the names of layers, as an editor asks for them. */
import assert from 'node:assert/strict';
import type { CodeAction, CompletionItem, Diagnostic, Location } from 'vscode-languageserver-protocol';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { ServerClient } from './client';

const head = "import * as tf from '@tensorflow/tfjs';\n";

describe('quick fixes over the protocol', function () {
  this.timeout(60_000);
  let client: ServerClient;
  before(async () => {
    client = await ServerClient.start({ 'file:///workspace/sizes.ts': 'export const hidden = 32;' });
  });
  after(() => client.stop());

  function actions(uri: string, diagnostic: Diagnostic, only?: string[]): Promise<CodeAction[]> {
    return client.connection.sendRequest('textDocument/codeAction', {
      textDocument: { uri },
      range: diagnostic.range,
      context: { diagnostics: [diagnostic], only },
    });
  }

  it('a layer that says `?` offers a comment where the analysis lost its way, which then is honoured', async () => {
    const uri = 'file:///workspace/lost.ts';
    const text = `${head}const x = await load();
const y = tf.layers.dense({ units: 3 }).apply(x);
`;
    await client.open(uri, text);
    assert.deepEqual(await client.hints(uri), ['→ ?']);
    const at = { line: text.split('\n').length - 2, character: 20 };
    const found = await client.connection.sendRequest<CodeAction[]>('textDocument/codeAction', {
      textDocument: { uri },
      range: { start: at, end: at },
      context: { diagnostics: [] },
    });
    const action = found.find(({ title }) => title.startsWith('Say the shape'));
    assert.equal(action?.title, 'Say the shape of `load()` in a comment');
    const [edit] = action.edit!.changes![uri]!;
    const lines = text.split('\n');
    const { line, character } = edit!.range.start;
    lines[line] = lines[line]!.slice(0, character) + edit!.newText + lines[line]!.slice(character);
    await client.change(uri, 2, lines.join('\n'));
    assert.deepEqual(await client.hints(uri), ['→ ?'], 'until it is filled in');
    await client.change(uri, 3, lines.join('\n').replace('[null, …]', '[null, 7]'));
    assert.deepEqual(await client.hints(uri), ['→ 3 · 24']);
  });

  it('a diagnostic links to its page, and its fix makes it go away', async () => {
    const uri = 'file:///workspace/fix.ts';
    const text = `${head}import { hidden } from './sizes';
const m = tf.sequential();
m.add(tf.layers.dense({ units: hidden }));
`;
    await client.open(uri, text);
    const [diagnostic] = await client.diagnostics(uri, (found) => found.length > 0);
    assert.equal(
      diagnostic?.codeDescription?.href,
      'https://github.com/layerwise/layerwise/blob/main/docs/diagnostics/missing-input-shape.md',
    );
    const [action] = await actions(uri, diagnostic!);
    assert.equal(action?.title, 'Add inputShape: [10]');
    assert.equal(action?.kind, 'quickfix');
    assert.equal(action?.isPreferred, true);
    assert.deepEqual(action?.diagnostics, [diagnostic]);
    const document = TextDocument.create(uri, 'typescript', 1, text);
    const fixed = TextDocument.applyEdits(document, action!.edit!.changes![uri]!);
    assert.equal(fixed, text.replace('{ units', '{ inputShape: [10], units'));
    await client.change(uri, 2, fixed);
    await client.diagnostics(uri, (found) => found.length === 0);
    assert.deepEqual(await client.hints(uri), ['→ 32 · 352']);
  });

  it('edits two places of a chain of calls', async () => {
    const uri = 'file:///workspace/apply.ts';
    const text = `${head}const x = tf.input({ shape: [4, 4, 2] });
const y = tf.layers.repeatVector({ n: 3 }).apply(x);
`;
    await client.open(uri, text);
    const [diagnostic] = await client.diagnostics(uri, (found) => found.length > 0);
    const [action] = await actions(uri, diagnostic!, ['quickfix']);
    const document = TextDocument.create(uri, 'typescript', 1, text);
    assert.equal(
      TextDocument.applyEdits(document, action!.edit!.changes![uri]!),
      text.replace('.apply(x)', '.apply(tf.layers.flatten().apply(x))'),
    );
    assert.deepEqual(await actions(uri, diagnostic!, ['refactor']), [], 'nothing else was asked for');
    assert.deepEqual(
      await actions(uri, {
        ...diagnostic!,
        range: { start: { line: 0, character: 0 }, end: { line: 0, character: 3 } },
      }),
      [],
      'nothing elsewhere',
    );
  });

  it('edits the script of a web page', async () => {
    const uri = 'file:///workspace/page.html';
    const text = `<!doctype html>
<body><script>
  const m = tf.sequential();
  m.add(tf.layers.flatten({ inputShape: [4, 2] }));
  m.add(tf.layers.lstm({ units: 3 }));
</script></body>
`;
    await client.open(uri, text);
    const [diagnostic] = await client.diagnostics(uri, (found) => found.length > 0);
    const [action] = await actions(uri, diagnostic!);
    const document = TextDocument.create(uri, 'html', 1, text);
    assert.equal(
      TextDocument.applyEdits(document, action!.edit!.changes![uri]!),
      text.replace(
        '  m.add(tf.layers.lstm',
        '  m.add(tf.layers.reshape({ targetShape: [8, 1] }));\n  m.add(tf.layers.lstm',
      ),
    );
  });

  it('offers nothing while the text is broken', async () => {
    const uri = 'file:///workspace/broken.ts';
    await client.open(
      uri,
      `${head}const m = tf.sequential();\nm.add(tf.layers.dense({ units: 3 }));\nconst a = (\n`,
    );
    const range = { start: { line: 2, character: 0 }, end: { line: 2, character: 20 } };
    assert.deepEqual(await actions(uri, { range, message: '' }), []);
  });
});

describe('layer names in getLayer', function () {
  this.timeout(60_000);
  let client: ServerClient;
  const uri = 'file:///workspace/names.ts';
  const text = `${head}const first = tf.sequential({
  layers: [
    tf.layers.conv2d({ inputShape: [28, 28, 1], filters: 8, kernelSize: 5, name: 'edges' }),
    tf.layers.flatten(),
  ],
});
const second = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 3, name: 'head' })] });
export const layer = first.getLayer('edges');
const other = second.getLayer('');
const any = pick().getLayer("he");
const half = second.getLayer('h
const elsewhere = 'head';
`;
  const at = (part: string, within: number) => {
    const offset = text.indexOf(part) + within;
    return TextDocument.create(uri, 'typescript', 1, text).positionAt(offset);
  };
  const complete = (part: string, within: number) =>
    client.connection.sendRequest<CompletionItem[]>('textDocument/completion', {
      textDocument: { uri },
      position: at(part, within),
    });
  const define = (part: string, within: number) =>
    client.connection.sendRequest<Location[]>('textDocument/definition', {
      textDocument: { uri },
      position: at(part, within),
    });

  before(async () => {
    client = await ServerClient.start();
    await client.open(uri, text);
  });
  after(() => client.stop());

  it('offers the layers of the model that is asked, in their order', async () => {
    const items = await complete("first.getLayer('ed", "first.getLayer('ed".length);
    assert.deepEqual(
      items.map(({ label, detail }) => [label, detail]),
      [
        ['edges', 'Conv2D → 24×24×8'],
        ['flatten_Flatten1', 'Flatten → 4608'],
      ],
    );
    assert.deepEqual(items[0]!.textEdit, {
      range: { start: at("'edges');", 1), end: at("'edges');", 6) },
      newText: 'edges',
    });
    const [head] = await complete("second.getLayer('')", "second.getLayer('".length);
    assert.equal(head?.label, 'head');
  });

  it('offers all layers where it is not known which model is asked', async () => {
    const items = await complete('pick().getLayer("he', 'pick().getLayer("he'.length);
    assert.deepEqual(
      items.map(({ label }) => label),
      ['edges', 'flatten_Flatten1', 'head'],
    );
  });

  it('completes a string that is not closed yet, and no other string', async () => {
    const items = await complete("second.getLayer('h\n", "second.getLayer('h".length);
    assert.deepEqual(
      items.map(({ label }) => label),
      ['head'],
    );
    assert.deepEqual(await complete("= 'head'", 5), []);
  });

  it('leads to the call that creates the layer', async () => {
    const [place] = await define("first.getLayer('edges')", "first.getLayer('e".length);
    assert.equal(place?.uri, uri);
    assert.deepEqual(place?.range.start, at('tf.layers.conv2d', 0));
    assert.deepEqual(await define("= 'head'", 5), []);
  });
});
