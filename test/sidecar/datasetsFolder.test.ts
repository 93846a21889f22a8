import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp, { type FormatEnum } from 'sharp';
import { type CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';
import type { DescribeDataResult } from '../../protocol/sidecar';
import type { SidecarConnection } from '../../sidecar/connect';
import { sequential } from './support/graphs';
import {
  buildSidecar,
  cleanUp,
  eventsOf,
  launchSidecar,
  shortTraining,
  startSidecar,
  temporaryFolder,
} from './support/process';

type Colour = { r: number; g: number; b: number };
const colours: Record<string, Colour> = {
  blue: { r: 20, g: 40, b: 220 },
  green: { r: 30, g: 200, b: 40 },
  red: { r: 230, g: 30, b: 20 },
};
const formats = ['png', 'jpg', 'webp', 'gif', 'tiff', 'avif'] as const;

/** Pictures that are mostly of one colour, of all sizes and formats. */
async function picture(file: string, { r, g, b }: Colour, i: number): Promise<void> {
  mkdirSync(path.dirname(file), { recursive: true });
  const vary = (value: number) => Math.max(0, Math.min(255, value + ((i * 37) % 40) - 20));
  const background = { r: vary(r), g: vary(g), b: vary(b) };
  await sharp({ create: { width: 20 + (i % 7) * 9, height: 30 + (i % 5) * 11, channels: 3, background } })
    .toFormat(path.extname(file).slice(1) as keyof FormatEnum)
    .toFile(file);
}

async function colourFolder(perClass: number, folder = temporaryFolder()): Promise<string> {
  for (const [name, colour] of Object.entries(colours)) {
    for (let i = 0; i < perClass; i++)
      await picture(path.join(folder, name, `${i}.${formats[i % formats.length]}`), colour, i);
  }
  return folder;
}

const smallNet = () =>
  sequential('colours', [
    ['Conv2D', { inputShape: [16, 16, 3], filters: 4, kernelSize: 3, activation: 'relu' }],
    ['GlobalAveragePooling2D', {}],
    ['Dense', { units: 3, activation: 'softmax' }],
  ]);

describe('folders of pictures', function () {
  this.timeout(120_000);
  let sidecar: SidecarConnection;
  before(buildSidecar);
  beforeEach(() => {
    sidecar = launchSidecar();
  });
  afterEach(cleanUp);
  /** Empty files are pictures until they are opened. */
  function manyFolders(): string {
    const folder = temporaryFolder();
    for (let i = 0; i < 1500; i++) {
      mkdirSync(path.join(folder, 'a', String(i)), { recursive: true });
      writeFileSync(path.join(folder, 'a', String(i), '1.png'), '');
    }
    return folder;
  }

  it('are read no further when that is cancelled, for a form or for a training', async () => {
    const folder = manyFolders();
    await sidecar.request('initialize', { backend: 'wasm', searchFolders: [] });
    const cancelled = async (ask: (token: CancellationToken) => Promise<unknown>): Promise<string> => {
      const source = new CancellationTokenSource();
      const answer = ask(source.token).then(
        () => 'it was read to its end',
        (error: Error) => error.message,
      );
      source.cancel();
      return answer;
    };
    const data = { kind: 'folder', folder } as const;
    assert.match(
      await cancelled((token) => sidecar.request('describeData', { data }, token)),
      /Reading the folder was cancelled\.$/,
    );
    const runsFolder = path.join(temporaryFolder(), 'runs');
    assert.match(
      await cancelled((token) =>
        sidecar.request(
          'train',
          { run: 'r', model: smallNet(), data, options: shortTraining, runsFolder },
          token,
        ),
      ),
      /Reading the folder was cancelled\.$/,
    );
    assert.equal(existsSync(runsFolder), false, 'there is no run');
  });

  const describeFolder = (folder: string, validationSplit?: number): Promise<DescribeDataResult> =>
    sidecar.request('describeData', { data: { kind: 'folder', folder }, validationSplit });

  it('are described with their classes, counts, sizes and samples', async () => {
    const folder = await colourFolder(12);
    const described = await describeFolder(folder, 0.25);
    assert.equal(
      described.description,
      `Pictures in ${folder}: 27 training and 9 validation pictures, various sizes, colour`,
    );
    assert.deepEqual(described.target, { kind: 'classes', classNames: ['blue', 'green', 'red'] });
    assert.deepEqual(
      described.perClass,
      Array.from({ length: 3 }, () => ({ train: 9, validation: 3, test: 0 })),
    );
    assert.deepEqual(described.warnings, []);
    assert.equal(described.samples.length, 9);
    for (const { label, path: file = '', thumbnail } of described.samples) {
      assert.equal(path.basename(path.dirname(file)), label);
      const pixels = Buffer.from(thumbnail?.pixels ?? '', 'base64');
      assert.equal(pixels.length, (thumbnail?.width ?? 0) * (thumbnail?.height ?? 0) * 3);
      const brightest = ['r', 'g', 'b'][[0, 1, 2].reduce((a, b) => (pixels[a]! >= pixels[b]! ? a : b))];
      assert.equal(brightest, { red: 'r', green: 'g', blue: 'b' }[label]);
    }
    assert.deepEqual((await describeFolder(folder, 0.25)).samples, described.samples, 'the same split again');
  });

  it('are learned from, and the run knows how a picture is to be shown to the model', async () => {
    await sidecar.request('initialize', { backend: 'wasm', searchFolders: [] });
    const result = await sidecar.request('train', {
      run: 'r',
      model: smallNet(),
      data: { kind: 'folder', folder: await colourFolder(30) },
      options: {
        ...shortTraining,
        epochs: 25,
        batchSize: 8,
        learningRate: 0.02,
        augmentation: { horizontalFlip: true, rotation: 20, zoom: 0.2, brightness: 0.1, shift: 0.1 },
      },
      runsFolder: temporaryFolder(),
    });
    assert.ok((result.epochs.at(-1)?.validationAccuracy ?? 0) > 0.9, JSON.stringify(result.epochs.at(-1)));
    const run = JSON.parse(readFileSync(path.join(result.runFolder, 'run.json'), 'utf8'));
    assert.deepEqual(run.classNames, ['blue', 'green', 'red']);
    assert.equal(run.input.framing, 'fit');
    const imagePath = path.join(temporaryFolder(), 'new.png');
    await picture(imagePath, colours['green']!, 3);
    const { classes } = await sidecar.request('classify', {
      picture: { kind: 'file', path: imagePath },
      modelPath: result.runFolder,
      top: 1,
    });
    assert.equal(classes[0]?.label, 'green');
  });

  it('may say themselves what is for validation and test', async () => {
    const folder = temporaryFolder();
    await colourFolder(4, path.join(folder, 'train'));
    await colourFolder(2, path.join(folder, 'val'));
    await colourFolder(1, path.join(folder, 'test'));
    assert.deepEqual((await describeFolder(folder)).counts, { train: 12, validation: 6, test: 3 });
  });

  it('leave out what is broken, naming it, and train on the rest', async () => {
    const folder = await colourFolder(10);
    truncateSync(path.join(folder, 'red/0.png'), 60);
    writeFileSync(path.join(folder, 'red/text.jpg'), 'no picture');
    writeFileSync(path.join(folder, 'red/.hidden.png'), 'hidden');
    writeFileSync(path.join(folder, 'red/notes.txt'), 'notes');
    writeFileSync(path.join(folder, 'red/old.bmp'), 'BM');
    mkdirSync(path.join(folder, 'empty'));
    mkdirSync(path.join(folder, '.cache'));
    const outside = path.join(temporaryFolder(), 'outside.png');
    await picture(outside, colours['red']!, 1);
    symlinkSync(outside, path.join(folder, 'red/leads-out.png'));
    symlinkSync(path.join(folder, 'red/6.png'), path.join(folder, 'red/stays-inside.png'));
    symlinkSync('/etc', path.join(folder, 'green/system'));
    const { counts, warnings } = await describeFolder(folder);
    assert.equal(counts.train + counts.validation, 32);
    const said = (pattern: RegExp) =>
      assert.ok(
        warnings.some((text) => pattern.test(text)),
        `${warnings}`,
      );
    said(/^The folder `empty` has no pictures; it is left out\.$/);
    said(/^1 \.bmp file is left out: that format cannot be read/);
    said(/^The link `red\/leads-out\.png` leads out of the folder/);

    await sidecar.request('initialize', { backend: 'wasm', searchFolders: [] });
    const events = eventsOf(sidecar);
    const result = await sidecar.request('train', {
      run: 'r',
      model: smallNet(),
      data: { kind: 'folder', folder },
      options: { ...shortTraining, batchSize: 4, epochs: 2 },
      runsFolder: temporaryFolder(),
    });
    assert.ok(Number.isFinite(result.epochs[1]?.loss));
    const warned = events.flatMap((event) => (event.kind === 'warning' ? [event.message] : []));
    assert.equal(warned.filter((text) => text.startsWith(path.join('red', '0.png'))).length, 1, `${warned}`);
    assert.equal(warned.filter((text) => text.startsWith(path.join('red', 'text.jpg'))).length, 1);
  });

  const refused: [what: string, make: (folder: string) => Promise<unknown> | unknown, message: RegExp][] = [
    [
      'an empty folder',
      () => {},
      /has no sub-folders with pictures\. Put the pictures of each class into a sub-folder/,
    ],
    [
      'one class only',
      (folder) => picture(path.join(folder, 'cats/1.png'), colours['red']!, 1),
      /only one class with pictures, `cats`; there must be two/,
    ],
    [
      'a test class that was never trained',
      async (folder) => {
        await colourFolder(1, path.join(folder, 'train'));
        await picture(path.join(folder, 'test/pink/1.png'), colours['red']!, 1);
      },
      /test pictures have a class `pink` that the training pictures have not/,
    ],
    [
      'nothing but broken pictures',
      (folder) => {
        for (const name of ['a', 'b']) {
          mkdirSync(path.join(folder, name));
          writeFileSync(path.join(folder, name, '1.png'), 'no picture');
        }
      },
      /1\.png: This is not a picture that can be read/,
    ],
  ];
  for (const [what, make, message] of refused) {
    it(`are refused clearly: ${what}`, async () => {
      const folder = temporaryFolder();
      await make(folder);
      await assert.rejects(describeFolder(folder), message);
    });
  }

  it('are refused clearly: none, a file', async () => {
    const file = path.join(temporaryFolder(), 'file.png');
    writeFileSync(file, '');
    await assert.rejects(describeFolder('/nowhere/at/all'), /The folder does not exist/);
    await assert.rejects(describeFolder(file), /This is a file, not a folder/);
  });

  it('are not held in memory', async () => {
    const folder = temporaryFolder();
    // 400 pictures of 1200×900: 1.3 GB of pixels.
    const large = await sharp({ create: { width: 1200, height: 900, channels: 3, background: '#a04020' } })
      .jpeg()
      .toBuffer();
    for (const name of ['a', 'b']) {
      mkdirSync(path.join(folder, name));
      for (let i = 0; i < 200; i++) writeFileSync(path.join(folder, name, `${i}.jpg`), large);
    }
    const own = await startSidecar();
    let peak = 0;
    const watch = setInterval(() => {
      const status = readFileSync(`/proc/${own.pid}/status`, 'utf8');
      peak = Math.max(peak, Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
    }, 50);
    const model = smallNet();
    model.layers.at(-1)!.config['units'] = 2;
    await own.request('train', {
      run: 'r',
      model,
      data: { kind: 'folder', folder },
      options: { ...shortTraining, batchSize: 32 },
      runsFolder: temporaryFolder(),
    });
    clearInterval(watch);
    assert.ok(peak > 50 && peak < 600, `${Math.round(peak)} MB`);
  });
});
