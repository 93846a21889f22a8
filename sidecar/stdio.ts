/**
 * Keeps stdout for JSON-RPC alone. Imported first: libraries that print while they load (tfjs greets, native code
 * warns through console) must not break the channel.
 */
import { wholeMessages } from './wholeMessages';

const writeToStdout = process.stdout.write.bind(process.stdout) as (
  chunk: string | Uint8Array,
  encoding: BufferEncoding,
  callback: (error?: Error | null) => void,
) => boolean;

/** The channel's own way to stdout. */
export const protocolOutput = wholeMessages(writeToStdout);

process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
