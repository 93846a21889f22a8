import assert from 'node:assert/strict';
import { cpSync, readFileSync, renameSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { SidecarConnection } from '../../sidecar/connect';
import { idxFile, mnistFolder, readDigits, smallMnist } from './support/digits';
import { buildSidecar, cleanUp, launchSidecar, root, temporaryFolder } from './support/process';

describe('data sets', function () {
  this.timeout(120_000);
  let sidecar: SidecarConnection;
  before(function () {
    buildSidecar.call(this);
    sidecar = launchSidecar();
  });
  after(cleanUp);

  const describeFolder = (folder: string) =>
    sidecar.request('describeData', { data: { kind: 'idx', folder } });

  it('describes the bundled digits', async () => {
    const described = await sidecar.request('describeData', { data: { kind: 'bundled-mnist' } });
    assert.equal(
      described.description,
      'MNIST, bundled subset: 9,000 training and 1,000 validation digits, 28×28×1',
    );
    assert.deepEqual(described.target, {
      kind: 'classes',
      classNames: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    });
    assert.deepEqual(described.example, { kind: 'image', height: 28, width: 28, channels: 1 });
    assert.equal(described.perClass.length, 10);
    assert.equal(
      described.perClass.reduce((sum, { train, validation }) => sum + train + validation, 0),
      10_000,
    );
    assert.equal(described.samples.map(({ label }) => label).join(''), '000111222333444555666777888999');
    const [sample] = described.samples;
    assert.equal(Buffer.from(sample?.thumbnail?.pixels ?? '', 'base64').length, 784);
  });

  it('bundles digits that are, byte for byte, MNIST’s, of every class', () => {
    const bundled = (name: string) => gunzipSync(readFileSync(path.join(root, 'media/mnist', name)));
    const images = bundled('train-images-idx3-ubyte.gz').subarray(16);
    const labels = bundled('train-labels-idx1-ubyte.gz').subarray(8);
    const training = readDigits('train');
    const known = new Map<string, number>();
    for (let i = 0; i < training.count; i++) {
      known.set(Buffer.from(training.image(i)).toString('latin1'), training.labels[i] ?? -1);
    }
    const perClass = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) {
      const label = labels[i] ?? -1;
      assert.equal(known.get(images.subarray(i * 784, (i + 1) * 784).toString('latin1')), label);
      perClass[label] = (perClass[label] ?? 0) + 1;
    }
    assert.ok(
      perClass.every((count) => count > 800),
      String(perClass),
    );
  });

  it('describes the complete MNIST, plain and gzipped', async () => {
    const described = await sidecar.request('describeData', {
      data: { kind: 'idx', folder: mnistFolder },
      validationSplit: 0,
    });
    assert.match(described.description, /60,000 training and 10,000 test digits, 28×28×1$/);
    const folder = smallMnist(temporaryFolder(), 100, 50);
    for (const name of ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte']) {
      const file = path.join(folder, name);
      writeFileSync(`${file}.gz`, gzipSync(readFileSync(file)));
      unlinkSync(file);
    }
    renameSync(path.join(folder, 't10k-images-idx3-ubyte'), path.join(folder, 't10k-images.idx3-ubyte'));
    const small = await describeFolder(folder);
    assert.deepEqual(small.counts, { train: 90, validation: 10, test: 50 });
  });

  /** Pictures of 3×2 pixels, labelled so. */
  function idxFolder(labels: number[], names = 'train'): string {
    const folder = temporaryFolder();
    const pixels = Uint8Array.from({ length: labels.length * 6 }, (_, i) => i);
    writeFileSync(path.join(folder, `${names}-images-idx3-ubyte`), idxFile([labels.length, 3, 2], pixels));
    writeFileSync(
      path.join(folder, `${names}-labels-idx1-ubyte`),
      idxFile([labels.length], Uint8Array.from(labels)),
    );
    return folder;
  }

  it('takes sets in MNIST’s form: other sizes, other names, classes that are counted from 1', async () => {
    const letters = await describeFolder(
      idxFolder(
        Array.from({ length: 260 }, (_, i) => 1 + ((i * 7) % 26)),
        'emnist-letters-train',
      ),
    );
    assert.deepEqual(letters.example, { kind: 'image', height: 3, width: 2, channels: 1 });
    const names = Array.from({ length: 26 }, (_, i) => String(i + 1));
    assert.deepEqual(letters.target, { kind: 'classes', classNames: names });
    assert.deepEqual(letters.counts, { train: 234, validation: 26, test: 0 });
    assert.deepEqual(
      letters.samples.slice(0, 4).map(({ label }) => label),
      ['1', '1', '1', '2'],
    );
  });

  it('asks which of several sets is meant', async () => {
    const folder = idxFolder([0, 1], 'emnist-digits-train');
    cpSync(idxFolder([0, 1], 'emnist-letters-train'), folder, { recursive: true });
    await assert.rejects(describeFolder(folder), /several sets: emnist-digits-train-images, emnist-letters/);
  });

  it('keeps of each class some for validation where the files lie class by class', async () => {
    const labels = [0, 1, 2, 3].flatMap((label) => new Array<number>(20).fill(label));
    const { perClass } = await describeFolder(idxFolder(labels));
    assert.deepEqual(
      perClass,
      labels.slice(0, 4).map(() => ({ train: 18, validation: 2, test: 0 })),
    );
  });

  const damages: [what: string, damage: (folder: string) => void, message: RegExp][] = [
    [
      'no files',
      (folder) => unlinkSync(path.join(folder, 'train-images-idx3-ubyte')),
      /There is no `train-images-idx3-ubyte`/,
    ],
    [
      'a truncated file',
      (folder) => truncateSync(path.join(folder, 'train-images-idx3-ubyte'), 5000),
      /train-images-idx3-ubyte: The file is cut off: its header announces 20×28×28 bytes, 15,696 with the header; it has 5,000\./,
    ],
    [
      'a file cut off in its header',
      (folder) => truncateSync(path.join(folder, 'train-labels-idx1-ubyte'), 6),
      /cut off within its header, after 6 bytes/,
    ],
    [
      'an empty file',
      (folder) => truncateSync(path.join(folder, 'train-labels-idx1-ubyte'), 0),
      /only 0 bytes/,
    ],
    [
      'exchanged files',
      (folder) =>
        cpSync(path.join(folder, 'train-labels-idx1-ubyte'), path.join(folder, 'train-images-idx3-ubyte')),
      /not an idx file of images \(idx3\): it begins with 0x00000801 instead of 0x00000803\. Are the image and the label file exchanged\?/,
    ],
    [
      'something else',
      (folder) => writeFileSync(path.join(folder, 'train-images-idx3-ubyte'), '<!DOCTYPE html>'),
      /not an idx file of images/,
    ],
    [
      'counts that differ',
      (folder) =>
        writeFileSync(path.join(folder, 'train-labels-idx1-ubyte'), idxFile([19], new Uint8Array(19))),
      /20 images but 19 labels/,
    ],
    [
      'damaged gzip data',
      (folder) => {
        const file = path.join(folder, 'train-images-idx3-ubyte');
        writeFileSync(file, gzipSync(readFileSync(file)).subarray(0, 200));
      },
      /gzip data is damaged or cut off/,
    ],
    [
      'a header that announces terabytes',
      (folder) =>
        writeFileSync(
          path.join(folder, 'train-images-idx3-ubyte'),
          idxFile([4294967295, 65535, 65535], new Uint8Array(10)),
        ),
      /cut off/,
    ],
  ];
  for (const [what, damage, message] of damages) {
    it(`says what is wrong with ${what}`, async () => {
      const folder = smallMnist(temporaryFolder(), 20, 0);
      damage(folder);
      await assert.rejects(describeFolder(folder), (error: Error) => {
        assert.match(error.message, message);
        assert.ok(error.message.includes(folder), 'names the file');
        return true;
      });
    });
  }
});
