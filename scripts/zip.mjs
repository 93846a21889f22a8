// Reads a zip archive's table of contents, to see what is really in a .vsix.
import { readFileSync } from 'node:fs';

const endOfDirectory = 0x06054b50;
const directoryEntry = 0x02014b50;

/**
 * @param {string} file
 * @returns {{path: string, size: number, compressedSize: number, mode: number}[]} its files, in order; sizes in bytes,
 *   `mode` as in Unix (0 where the archive was made elsewhere)
 */
export function zipEntries(file) {
  const bytes = readFileSync(file);
  // The end record is last; only a comment of at most 64 KiB may follow it.
  let end = bytes.length - 22;
  while (end >= 0 && bytes.readUInt32LE(end) !== endOfDirectory) end--;
  if (end < 0) throw new Error(`${file} is not a zip archive`);
  const entries = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    if (bytes.readUInt32LE(at) !== directoryEntry) throw new Error(`${file} has a damaged table of contents`);
    const nameLength = bytes.readUInt16LE(at + 28);
    entries.push({
      path: bytes.toString('utf8', at + 46, at + 46 + nameLength),
      size: bytes.readUInt32LE(at + 24),
      compressedSize: bytes.readUInt32LE(at + 20),
      mode: bytes.readUInt16LE(at + 40),
    });
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return entries.filter(({ path }) => !path.endsWith('/'));
}
