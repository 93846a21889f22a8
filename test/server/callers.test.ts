/** A builder that one file exports is shown with the arguments that other files of the workspace call it with. */
import assert from 'node:assert/strict';
import { ServerClient } from './client';

const root = 'file:///workspace';
const builder = `import * as tf from '@tensorflow/tfjs';
export function build(size: number, classes: number) {
  const model = tf.sequential();
  model.add(tf.layers.conv2d({ inputShape: [size, size, 1], filters: 8, kernelSize: 5 }));
  model.add(tf.layers.flatten());
  model.add(tf.layers.dense({ units: classes }));
  return model;
}
`;
const called = ['→ 24×24×8 · 208', '→ 4608', '→ 10 · 46,090'];

describe('builders and their callers', function () {
  this.timeout(60_000);
  let client: ServerClient;
  let files: Record<string, string>;

  async function start(others: Record<string, string>): Promise<void> {
    files = Object.fromEntries(Object.entries(others).map(([name, text]) => [`${root}/${name}`, text]));
    client = await ServerClient.start(files);
  }
  afterEach(() => client.stop());

  const uri = `${root}/models/build.ts`;

  /** Waits for the server to ask for new hints, and asks for them. */
  async function refreshedHints(): Promise<string[]> {
    const before = client.refreshes;
    await client.until(() => client.refreshes > before);
    return client.hints(uri);
  }

  function diskChanged(name: string, text: string | undefined): Promise<void> {
    if (text === undefined) delete files[`${root}/${name}`];
    else files[`${root}/${name}`] = text;
    return client.connection.sendNotification('workspace/didChangeWatchedFiles', {
      changes: [{ uri: `${root}/${name}`, type: text === undefined ? 3 : 2 }],
    });
  }

  it('hints come at once, and again when the callers are found', async () => {
    await start({
      'train.ts': "import { build } from './models/build';\n\nconst net = build(28, 10);\n",
      'models/build.ts': builder,
      'plain.ts': 'export const x = 1;',
    });
    await client.open(uri, builder);
    assert.equal((await client.hints(uri)).length, 3);
    assert.deepEqual(client.reads, [], 'nothing was read before the document was answered for');
    assert.deepEqual(await refreshedHints(), called);
    const card = await client.hover(uri, 5, 30);
    assert.match(card ?? '', /As called in `train\.ts:3`/);
    const [lens] = await client.lenses(uri);
    assert.equal(lens?.command?.title.split(' · ')[0], 'model: 28×28×1 → 10');
    const { graphs } = await client.modelGraphs(uri);
    assert.deepEqual(
      graphs.map(({ name, totals }) => [name, totals.params]),
      [['model', 46_298]],
    );
  });

  it('callers that disagree: the first in the hint, all in the hover', async () => {
    await start({
      'a.ts': "import { build } from './models/build.js';\nbuild(28, 10);\n",
      'b.js': "const { build } = require('./models/build');\nexports.net = build(32, 5);\n",
      'b.test.ts': "import { build } from './models/build';\nbuild(9, 2);\n",
      'unsure.ts': "import { build } from './models/build';\nexport const f = (n: number) => build(n, n);\n",
    });
    await client.open(uri, builder);
    await client.hints(uri);
    const hints = await refreshedHints();
    assert.equal(hints[2], '→ 10 · 46,090 …');
    const card = await client.hover(uri, 5, 30);
    assert.match(card ?? '', /Created 3 times here/);
    for (const place of ['a.ts:2', 'b.js:2', 'b.test.ts:2'])
      assert.ok(card?.includes(`as called in \`${place}\``), card!);
    assert.ok(!card?.includes('unsure'));
    assert.equal((await client.modelGraphs(uri)).graphs.length, 3);
  });

  it('a builder that another file passes on', async () => {
    await start({
      'models/index.ts': "export * from './build';\n",
      'train.ts': "import { build } from './models';\nconst net = build(28, 10);\n",
    });
    await client.open(uri, builder);
    await client.hints(uri);
    assert.deepEqual(await refreshedHints(), called);
  });

  it('a builder that another file calls with what it is given itself', async () => {
    await start({
      'models/wrap.ts':
        "import { build } from './build';\nexport const small = (size: number) => build(size, 10);\n",
      'train.ts': "import { small } from './models/wrap';\nconst net = small(28);\n",
    });
    await client.open(uri, builder);
    await client.hints(uri);
    assert.deepEqual(await refreshedHints(), called);
  });

  it('edits of the builder and of its callers', async () => {
    const train = `${root}/train.ts`;
    const text = (size: number) => `import { build } from './models/build';\nbuild(${size}, 10);\n`;
    await start({ 'train.ts': text(28) });
    await client.open(uri, builder);
    await client.hints(uri);
    assert.deepEqual(await refreshedHints(), called);

    await client.change(uri, 2, `// a line more\n${builder.replace('filters: 8', 'filters: 4')}`);
    assert.deepEqual(await client.hints(uri), ['→ 24×24×4 · 104', '→ 2304', '→ 10 · 23,050'], 'at once');

    await client.change(uri, 3, builder.replace('kernelSize: 5 }', 'kernelSize: 5'));
    assert.deepEqual((await client.hints(uri))[2], '→ 10 · 46,090', 'half-typed');
    await client.change(uri, 4, builder);

    await client.open(train, text(32));
    assert.equal((await refreshedHints())[0], '→ 28×28×8 · 208');
    await client.change(train, 2, text(12));
    assert.equal((await refreshedHints())[0], '→ 8×8×8 · 208');
    await client.change(train, 3, 'nothing');
    assert.deepEqual(await refreshedHints(), await symbolicHints());
  });

  it('callers that come and go on the disk', async () => {
    await start({ 'other.ts': "import './x'" });
    await client.open(uri, builder);
    const own = await client.hints(uri);
    await client.until(() => client.reads.includes(`${root}/other.ts`));
    await diskChanged('train.ts', "import { build } from './models/build';\nbuild(28, 10);\n");
    assert.deepEqual(await refreshedHints(), called);
    await diskChanged('train.ts', undefined);
    assert.deepEqual(await refreshedHints(), own);
  });

  it('a workspace is not read for a document that is exact', async () => {
    await start({ 'train.ts': "import './models/build';" });
    await client.open(uri, builder.replace('size: number, classes: number', 'size = 28, classes = 10'));
    assert.deepEqual(await client.hints(uri), called);
    await new Promise((resolve) => setTimeout(resolve, 700));
    assert.deepEqual(client.reads, []);
  });

  async function symbolicHints(): Promise<string[]> {
    const alone = `${root}/alone/build.ts`;
    await client.open(alone, builder);
    return client.hints(alone);
  }
});
