import { crc32, deflateSync } from 'node:zlib';
import type { Thumbnail } from '../protocol/sidecar';

/** A small picture as a PNG file: 8 bits a channel, grey or RGB. */
export function encodePng({ width, height, channels, pixels }: Thumbnail): Uint8Array {
  const bytes = Buffer.from(pixels, 'base64');
  const row = width * channels;
  const filtered = Buffer.alloc((row + 1) * height);
  // Each row begins with its filter: none.
  for (let y = 0; y < height; y++) bytes.copy(filtered, y * (row + 1) + 1, y * row, (y + 1) * row);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.writeUInt8(8, 8);
  header.writeUInt8(channels === 1 ? 0 : 2, 9);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(filtered)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const content = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(content));
  return Buffer.concat([length, content, checksum]);
}
