/** Scores without a look inside, examples of data sets as pictures, and which parts of the preprocessing are guesses. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import type { DataSource, PictureSource, ScorePictureResult } from '../../protocol/sidecar';
import type { SidecarConnection } from '../../sidecar/connect';
import { colourModel } from '../harness/colourModel';
import { readDigits, smallMnist } from './support/digits';
import { floats } from './support/models';
import { buildSidecar, cleanUp, root, startSidecar, temporaryFolder } from './support/process';

const modelPath = path.join(root, 'media/models/lenet5-mnist');
const seven: PictureSource = { kind: 'file', path: path.join(root, 'examples/images/digit-7.png') };

describe('scores of pictures', function () {
  this.timeout(120_000);
  let sidecar: SidecarConnection;
  let folder: string;
  before(async function () {
    buildSidecar.call(this);
    sidecar = await startSidecar();
    folder = temporaryFolder();
  });
  after(cleanUp);

  it('are those of classify, without a session', async () => {
    const whole = await sidecar.request('classify', { picture: seven, modelPath, top: 10, details: true });
    // More than there are sessions: that of the picture that is looked into stays.
    for (let i = 0; i < 10; i++) {
      const { classes, probabilities, thumbnail }: ScorePictureResult = await sidecar.request(
        'scorePicture',
        {
          picture: seven,
          modelPath,
          top: 3,
        },
      );
      assert.deepEqual(classes, whole.classes.slice(0, 3));
      assert.equal(thumbnail, undefined);
      const all = floats(probabilities);
      assert.equal(all.length, 10);
      for (const { index, probability } of whole.classes)
        assert.ok(Math.abs(all[index]! - probability) < 1e-6);
    }
    const { name } = whole.layers[0]!;
    await sidecar.request('activation', { session: whole.session, layer: name });
  });

  it('come with a small picture, proportions kept', async () => {
    const file = path.join(folder, 'wide.png');
    await sharp({ create: { width: 400, height: 100, channels: 3, background: '#204080' } })
      .png()
      .toFile(file);
    const { thumbnail } = await sidecar.request('scorePicture', {
      picture: { kind: 'file', path: file },
      modelPath,
      top: 1,
      thumbnail: 64,
    });
    assert.deepEqual([thumbnail?.width, thumbnail?.height, thumbnail?.channels], [64, 16, 3]);
    assert.deepEqual([...Buffer.from(thumbnail!.pixels, 'base64').subarray(0, 3)], [0x20, 0x40, 0x80]);
    const pixels: PictureSource = {
      kind: 'pixels',
      name: 'painted',
      width: 32,
      height: 32,
      channels: 1,
      data: Buffer.alloc(1024, 9).toString('base64'),
    };
    const own = await sidecar.request('scorePicture', { picture: pixels, modelPath, top: 1, thumbnail: 16 });
    assert.deepEqual([own.thumbnail?.width, own.thumbnail?.height], [16, 16]);
    assert.ok(Buffer.from(own.thumbnail!.pixels, 'base64').every((value) => value === 9));
  });

  it('refuse what classify refuses', async () => {
    const file = path.join(folder, 'text.png');
    writeFileSync(file, 'no picture');
    await assert.rejects(
      sidecar.request('scorePicture', { picture: { kind: 'file', path: file }, modelPath, top: 1 }),
      /not a picture that can be read/,
    );
  });

  describe('of examples', () => {
    let data: DataSource;
    const digits = readDigits('t10k');
    before(() => {
      data = { kind: 'idx', folder: smallMnist(path.join(folder, 'mnist'), 40, 12) };
    });
    const example = (params: { part?: 'train' | 'validation' | 'test'; index?: number }) =>
      sidecar.request('dataExample', { data, validationSplit: 0.25, ...params });

    it('are told one by one, the unseen ones first, round and round', async () => {
      const first = await example({ index: 0 });
      assert.deepEqual([first.example.part, first.example.index, first.count], ['test', 0, 12]);
      assert.deepEqual([first.example.label, first.noun], ['7', 'digits']);
      assert.equal((await example({ index: 14 })).example.index, 2);
      assert.equal((await example({ part: 'validation', index: 0 })).count, 10);
      const any = new Set<number>();
      for (let i = 0; i < 30; i++) any.add((await example({})).example.index);
      assert.ok(any.size > 4 && Math.max(...any) < 12, [...any].join());
    });

    it('are seen as training sees them', async () => {
      const { input, classes } = await sidecar.request('classify', {
        picture: {
          kind: 'example',
          name: 'test example 3',
          data,
          validationSplit: 0.25,
          part: 'test',
          index: 3,
        },
        modelPath,
        top: 1,
        details: true,
      });
      const expected = new Uint8Array(32 * 32);
      for (let y = 0; y < 28; y++)
        expected.set(digits.image(3).subarray(y * 28, y * 28 + 28), (y + 2) * 32 + 2);
      assert.deepEqual(Uint8Array.from(Buffer.from(input.pixels, 'base64')), expected);
      assert.equal(classes[0]?.label, String(digits.labels[3]));
      assert.match(
        input.preprocessing,
        /^test example 3 of idx files in .*, 28×28, brought to 32×32 as in training/,
      );
    });

    it('that are not there are told', async () => {
      await assert.rejects(
        sidecar.request('scorePicture', {
          picture: { kind: 'example', name: 'x', data, validationSplit: 0.25, part: 'test', index: 12 },
          modelPath,
          top: 1,
        }),
        /has 12 test examples; number 12 is not among them/,
      );
      await assert.rejects(
        sidecar.request('dataExample', { data: { kind: 'idx', folder: root }, validationSplit: 0 }),
        /train-images-idx3-ubyte/,
      );
      const table = path.join(folder, 'table.csv');
      writeFileSync(table, 'a,b,label\n1,2,x\n3,4,y\n5,6,x\n7,8,y\n');
      await assert.rejects(
        sidecar.request('dataExample', { data: { kind: 'csv', file: table }, validationSplit: 0 }),
        /lines of a table, no pictures/,
      );
    });
  });

  it('tells which parts of the preprocessing are guesses, until people chose them', async () => {
    const run = await sidecar.request('describeNetwork', { modelPath });
    assert.deepEqual([run.guessed, run.assumptions], [[], '']);
    const file = path.join(folder, 'colours.onnx');
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, colourModel());
    const network = await sidecar.request('describeNetwork', { modelPath: file });
    assert.deepEqual(network.guessed, ['scale', 'channelOrder', 'framing']);
    const { input } = await sidecar.request('classify', {
      picture: seven,
      modelPath: file,
      top: 1,
      encoding: { scale: 1, offset: 0, channelOrder: 'bgr' },
    });
    assert.deepEqual(input.guessed, ['framing']);
  });
});
