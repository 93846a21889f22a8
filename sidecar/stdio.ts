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

/** The channel's own way to stdout. */
export const protocolOutput = new Writable({
  decodeStrings: false,
  write: (chunk: string | Uint8Array, encoding, callback) => {
    writeToStdout(chunk, encoding, callback);
  },
});

process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
