/** JSON-RPC messages that go out whole. */
import { Writable } from 'node:stream';

type Write = (
  chunk: string | Uint8Array,
  encoding: BufferEncoding,
  callback: (error?: Error | null) => void,
) => void;

/**
 * What `StreamMessageWriter` writes to. It writes a message's header, waits, and writes the body: each write would wake
 * the reader, so the two go out together.
 */
export function wholeMessages(write: Write): Writable {
  /** A message's header, which its body follows at once. */
  let header = '';
  return new Writable({
    decodeStrings: false,
    write: (chunk: string | Uint8Array, encoding, callback) => {
      if (typeof chunk === 'string' && header === '' && chunk.startsWith('Content-Length: ')) {
        header = chunk;
        callback();
        return;
      }
      const whole = header === '' ? chunk : Buffer.concat([Buffer.from(header), toBytes(chunk, encoding)]);
      header = '';
      write(whole, encoding, callback);
    },
  });
}

function toBytes(chunk: string | Uint8Array, encoding: BufferEncoding): Uint8Array {
  return typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
}
