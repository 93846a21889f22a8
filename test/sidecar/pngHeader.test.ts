/** What is read of a PNG in passing is what the decoder says of it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { plainPng } from '../../sidecar/images/pngHeader';
import { root } from './support/process';

const size = { width: 19, height: 7 };

function picture(channels: 1 | 2 | 3 | 4): Sharp {
  const data = Buffer.from(
    Array.from({ length: size.width * size.height * channels }, (_, i) => (i * 37) % 256),
  );
  return sharp(data, { raw: { ...size, channels } });
}

interface Part {
  name: string;
  bytes: Buffer;
}

function partsOf(png: Buffer): Part[] {
  const parts: Part[] = [];
  for (let start = 8; start < png.length; ) {
    const end = start + 12 + png.readUInt32BE(start);
    parts.push({ name: png.toString('latin1', start + 4, start + 8), bytes: png.subarray(start, end) });
    start = end;
  }
  return parts;
}

function join(png: Buffer, parts: Part[]): Buffer {
  return Buffer.concat([png.subarray(0, 8), ...parts.map(({ bytes }) => bytes)]);
}

describe('the header of a plain PNG', () => {
  const plain: Record<string, () => Sharp> = {
    colour: () => picture(3).png(),
    'colour with alpha': () => picture(4).png(),
    grey: () => picture(1).toColourspace('b-w').png(),
    'grey with alpha': () => picture(2).toColourspace('b-w').png(),
    palette: () => picture(3).png({ palette: true }),
    '16 bits': () => picture(3).toColourspace('rgb16').png(),
    interlaced: () => picture(3).png({ progressive: true }),
    'with a resolution': () => picture(3).withMetadata({ density: 300 }).png(),
  };
  const others: Record<string, () => Sharp> = {
    'turned by EXIF': () => picture(3).withMetadata({ orientation: 6 }).png(),
    'with a profile': () => picture(3).withIccProfile('p3').png(),
    'a palette with transparent colours': () => picture(4).png({ palette: true }),
    JPEG: () => picture(3).jpeg(),
    WebP: () => picture(3).webp(),
  };

  for (const [what, make] of Object.entries(plain)) {
    it(`is the decoder's: ${what}`, async () => {
      const png = await make().toBuffer();
      // Of sharp's own writing a profile and a comment stay, which a plain one has not.
      const bare = join(
        png,
        partsOf(png).filter(({ name }) => !['iCCP', 'eXIf', 'iTXt', 'tEXt'].includes(name)),
      );
      await agrees(bare, true);
    });
  }

  for (const [what, make] of Object.entries(others))
    it(`is left to the decoder: ${what}`, async () => agrees(await make().toBuffer(), false));

  it('is the decoder’s when parts stand behind the pixels', async () => {
    const png = await picture(3).withMetadata({ orientation: 6 }).png().toBuffer();
    const parts = partsOf(png).filter(({ name }) => name !== 'iCCP');
    const late = parts.filter(({ name }) => name === 'eXIf');
    assert.equal(late.length, 1);
    const others = parts.filter(({ name }) => name !== 'eXIf');
    await agrees(join(png, [...others.slice(0, -1), ...late, others.at(-1)!]), true);
  });

  it('is the decoder’s for the pictures of the examples', async () => {
    for (const [name, isPlain] of [
      ['coffee.png', true],
      ['chelsea.png', false],
    ] as const) {
      await agrees(readFileSync(path.join(root, 'examples/images', name)), isPlain);
    }
  });

  it('is not known of any shorter head', async () => {
    const png = await picture(3).png().toBuffer();
    const pixels = png.indexOf('IDAT');
    for (let length = 0; length < pixels + 4; length++)
      assert.equal(plainPng(png.subarray(0, length)), undefined);
  });
});

async function agrees(content: Buffer, isPlain: boolean): Promise<void> {
  const header = plainPng(content.subarray(0, 4096));
  assert.equal(header !== undefined, isPlain);
  if (!header) return;
  const { format, width, height, hasAlpha, orientation, icc } = await sharp(content).metadata();
  assert.deepEqual(header, { format, width, height, hasAlpha });
  assert.equal(orientation, undefined);
  assert.equal(icc, undefined);
}
