/**
 * Keeps stdout for JSON-RPC alone. Imported first: libraries that print while they load (tfjs greets, native code
 * warns through console) must not break the channel.
 */
import { Writable } from 'node:stream';

const writeToStdout = process.stdout.write.bind(process.stdout) as (
  chunk: string | Uint8Array,
  encoding: BufferEncoding,
  callback: (error?: Error | null) => void,
) => boolean;

/** A message's header, which its body follows at once. */
let header = '';

/** The channel's own way to stdout. A message's header and body go out together: each write wakes the reader. */
export const protocolOutput = new Writable({
  decodeStrings: false,
  write: (chunk: string | Uint8Array, encoding, callback) => {
    if (typeof chunk === 'string' && header === '' && chunk.startsWith('Content-Length: ')) {
      header = chunk;
      callback();
      return;
    }
    const whole = header === '' ? chunk : Buffer.concat([Buffer.from(header), toBytes(chunk, encoding)]);
    header = '';
    writeToStdout(whole, encoding, callback);
  },
});

function toBytes(chunk: string | Uint8Array, encoding: BufferEncoding): Uint8Array {
  return typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
}

process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
