/** A published model fetched from a local server: whole, or not at all. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { mobileNet } from '../harness/mobilenet';
import { type Answer, closeServers, publishedFiles, serve, whole } from '../harness/modelServer';
import { buildSidecar, cleanUp, launchSidecar, root, temporaryFolder } from './support/process';

function processWith(url: string) {
  return launchSidecar({ env: { ...process.env, LAYERWISE_MODELS_URL: url, NO_PROXY: '*', no_proxy: '*' } });
}

function download(url: string, folder: string) {
  return processWith(url)
    .request('downloadModel', { id: 'mobilenet', folder })
    .then(
      ({ modelPath }) => modelPath ?? 'cancelled',
      (error: Error) => error.message,
    );
}

describe('published models', function () {
  this.timeout(120_000);
  let files: Map<string, Buffer>;
  before(function () {
    buildSidecar.call(this);
    files = publishedFiles(mobileNet(this));
    assert.equal(files.size, 56);
  });
  afterEach(async () => {
    await cleanUp();
    closeServers();
  });

  it('are fetched, checked, kept, and used again without a network', async () => {
    const folder = path.join(temporaryFolder(), 'models');
    const { url, asked } = await serve(files, whole);
    const sidecar = processWith(url);
    const seen: number[] = [];
    sidecar.onDownloadProgress(({ bytes, total }) => seen.push(bytes / total));
    assert.deepEqual(await sidecar.request('locateModel', { id: 'mobilenet', folder }), { folder });
    const { modelPath } = await sidecar.request('downloadModel', { id: 'mobilenet', folder });
    assert.equal(modelPath, path.join(folder, 'mobilenet', 'model.json'));
    assert.equal(asked.length, 56);
    assert.ok(seen.length >= 56 && seen.every((share, i) => share <= 1 && share >= (seen[i - 1] ?? 0)));
    assert.ok(seen.at(-1)! > 0.95);
    assert.deepEqual(readdirSync(folder), ['mobilenet']);

    const offline = processWith('http://127.0.0.1:9');
    assert.deepEqual(await offline.request('locateModel', { id: 'mobilenet', folder }), {
      folder,
      modelPath,
    });
    assert.deepEqual(await offline.request('downloadModel', { id: 'mobilenet', folder }), {
      cancelled: false,
      modelPath,
    });
    await offline.request('initialize', { backend: 'wasm', searchFolders: [] });
    const picture = { kind: 'file', path: path.join(root, 'examples/images/chelsea.png') } as const;
    const { classes, input } = await offline.request('classify', { picture, modelPath: modelPath!, top: 1 });
    assert.match(classes[0]!.label, /cat/);
    assert.equal(input.assumptions, '');
  });

  const failures: { name: string; answer: (files: Map<string, Buffer>) => Answer; message: RegExp }[] = [
    {
      name: 'a body that breaks off',
      answer: () => (request, response, content) => {
        if (!request.url?.endsWith('group20-shard1of1')) return whole(request, response, content);
        response.writeHead(200, { 'content-length': content!.length });
        response.write(content!.subarray(0, 100));
        setTimeout(() => response.destroy(), 50);
      },
      message: /group20-shard1of1: The download broke off after 100 bytes\. Check the connection/,
    },
    {
      name: 'a body that is short, and says so',
      answer: () => (request, response, content) =>
        response.end(request.url?.endsWith('group20-shard1of1') ? content!.subarray(0, 100) : content),
      message:
        /^http.*not the model that was published: The weight files have 100 bytes; model\.json announces [\d,]+\. Nothing was kept/,
    },
    {
      name: 'weights with one wrong bit',
      answer: () => (request, response, content) => {
        const changed = Buffer.from(content!);
        if (request.url?.endsWith('group33-shard1of1')) changed[5]! ^= 1;
        response.end(changed);
      },
      message: /not the model that was published: its weights have the SHA-256 .* Nothing was kept/,
    },
    {
      name: 'another architecture with the same weights',
      answer: () => (request, response, content) =>
        response.end(
          request.url?.endsWith('.json')
            ? content!.toString().replaceAll('"strides":[2,2]', '"strides":[1,1]')
            : content,
        ),
      message: /not the model that was published: its multiplyAccumulates are/,
    },
    {
      name: 'a file that is missing',
      answer: () => (request, response, content) =>
        whole(request, response, request.url?.endsWith('group7-shard1of1') ? undefined : content),
      message: /group7-shard1of1: The server answers 404 Not Found\. The model may have moved/,
    },
    {
      name: 'a sign-in page',
      answer: () => (_request, response) => response.end('<html>Sign in</html>'),
      message: /something else than a model\.json\. A network that asks for a sign-in/,
    },
    {
      name: 'weights that would lie elsewhere',
      answer: () => (_request, response, content) =>
        response.end(content!.toString().replace('group1-shard1of1', '../group1-shard1of1')),
      message: /something else than a model\.json/,
    },
    {
      name: 'a body without end',
      answer: () => (_request, response) => {
        const more = () => response.write(Buffer.alloc(65536, 32));
        response.on('drain', more);
        while (more());
      },
      message: /sends more than this file can have/,
    },
  ];
  for (const { name, answer, message } of failures) {
    it(`refuse ${name}, and leave nothing`, async () => {
      const folder = temporaryFolder();
      const { url } = await serve(files, answer(files));
      assert.match(await download(url, folder), message);
      assert.deepEqual(readdirSync(folder), []);
      // Cleanly from the start, once the server is as it should be.
      const { url: repaired } = await serve(files, whole);
      if (name === failures[0]!.name)
        assert.equal(await download(repaired, folder), path.join(folder, 'mobilenet/model.json'));
    });
  }

  it('say that nobody answers', async () => {
    const folder = temporaryFolder();
    const { url } = await serve(files, whole);
    closeServers();
    assert.match(
      await download(url, folder),
      /127\.0\.0\.1:\d+ cannot be reached: .*Check the connection to the internet/,
    );
    assert.match(
      await download('http://no-such-host.invalid', folder),
      /no-such-host\.invalid cannot be reached: its name is not known/,
    );
    assert.deepEqual(readdirSync(folder), []);
  });

  it('are left alone when cancelled half-way, and by a process that is killed', async () => {
    const folder = temporaryFolder();
    const half: Answer = (request, response, content) => {
      // The second half never comes.
      if (Number(/group(\d+)/.exec(request.url ?? '')?.[1] ?? 0) > 20)
        response.write(content!.subarray(0, 1));
      else whole(request, response, content);
    };
    const { url } = await serve(files, half);
    const sidecar = processWith(url);
    const source = new CancellationTokenSource();
    const progressed = new Promise<void>((resolve) => {
      sidecar.onDownloadProgress(({ bytes }) => bytes > 60_000 && resolve());
    });
    const answer = sidecar.request('downloadModel', { id: 'mobilenet', folder }, source.token);
    await progressed;
    assert.equal(readdirSync(folder).length, 1);
    source.cancel();
    assert.deepEqual(await answer, { cancelled: true });
    assert.deepEqual(readdirSync(folder), []);

    const killed = processWith(url);
    const again = new Promise<void>((resolve) => {
      killed.onDownloadProgress(({ bytes }) => bytes > 60_000 && resolve());
    });
    const ended = killed.request('downloadModel', { id: 'mobilenet', folder }).catch(() => 'ended');
    await again;
    process.kill(killed.pid!, 'SIGKILL');
    assert.equal(await ended, 'ended');
    assert.match(readdirSync(folder)[0]!, /^mobilenet\.partial-\d+$/);
    // A folder without a model.json, from whatever it is, does not stand in the way.
    mkdirSync(path.join(folder, 'mobilenet'));
    writeFileSync(path.join(folder, 'mobilenet', 'x'), '');
    const { url: repaired } = await serve(files, whole);
    assert.equal(await download(repaired, folder), path.join(folder, 'mobilenet/model.json'));
    assert.deepEqual(readdirSync(folder), ['mobilenet']);
    assert.equal(readdirSync(path.join(folder, 'mobilenet')).length, 56);
  });

  it('are only those that are known', async () => {
    await assert.rejects(
      processWith('http://127.0.0.1:9').request('downloadModel', { id: 'resnet', folder: temporaryFolder() }),
      /no published model `resnet`\. There is mobilenet/,
    );
  });
});
