/** Pictures that carry colour profiles: read as sRGB, whether or not that takes a conversion. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { readDescribedPicture, readPicture } from '../../sidecar/images/decode';
import { cleanUp, root, temporaryFolder } from './support/process';

const side = 64;
const encoding = { width: side, height: side, channels: 3, scale: 1, offset: 0, framing: 'fit' } as const;
const formats = ['png', 'jpeg', 'webp', 'tiff'] as const;

describe('colour profiles', () => {
  /** Sixteen steps of each channel. */
  const colours = Buffer.from(
    Array.from({ length: side * side }, (_, i) =>
      [i & 15, (i >> 4) & 15, i >> 8].map((step) => step * 17),
    ).flat(),
  );
  let folder: string;
  let hewlettPackards: string;
  before(async () => {
    folder = temporaryFolder();
    hewlettPackards = path.join(folder, 'hp.icc');
    const { icc } = await sharp(path.join(root, 'examples/images/chelsea.png')).metadata();
    writeFileSync(hewlettPackards, icc!);
  });
  after(cleanUp);

  for (const format of formats) {
    it(`are applied as sharp does, or left out where they say sRGB: ${format}`, async () => {
      for (const profile of ['srgb', hewlettPackards, 'p3', undefined]) {
        const file = path.join(folder, `${path.basename(profile ?? 'none')}.${format}`);
        const picture = sharp(colours, { raw: { width: side, height: side, channels: 3 } });
        await (profile ? picture.withIccProfile(profile) : picture).toFormat(format).toFile(file);
        const expected = await sharp(file).toColourspace('srgb').raw().toBuffer();
        const { pixels } = await readDescribedPicture({ kind: 'file', path: file }, encoding);
        const alone = await readPicture({ kind: 'file', path: file }, encoding);
        assert.ok(Buffer.from(alone.data).equals(Buffer.from(pixels.data)), `${file}: the same either way`);
        assert.ok(furthest(pixels.data, expected) <= 1, `${file}: as sharp reads it`);
      }
    });
  }

  it('leaves the very values of a picture that says it is sRGB', async () => {
    const { data, info } = await sharp(path.join(root, 'examples/images/chelsea.png'), { ignoreIcc: true })
      .raw()
      .toBuffer({ resolveWithObject: true });
    const file = path.join(root, 'examples/images/chelsea.png');
    const own = { ...encoding, width: info.width, height: info.height };
    assert.ok(Buffer.from((await readPicture({ kind: 'file', path: file }, own)).data).equals(data));
  });

  it('converts what says otherwise', async () => {
    const file = path.join(folder, 'converted.png');
    await sharp(colours, { raw: { width: side, height: side, channels: 3 } })
      .withIccProfile('p3')
      .png()
      .toFile(file);
    const stored = await sharp(file, { ignoreIcc: true }).raw().toBuffer();
    const { data } = await readPicture({ kind: 'file', path: file }, encoding);
    assert.ok(furthest(data, stored) > 10, 'the stored values are of another colour space');
  });
});

function furthest(a: Uint8Array, b: Uint8Array): number {
  assert.equal(a.length, b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}
