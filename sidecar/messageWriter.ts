/** JSON-RPC messages, each written at once. */
import { AbstractMessageWriter, type Message, type MessageWriter } from 'vscode-jsonrpc/node';

type Write = (text: string, encoding: BufferEncoding, callback: (error?: Error | null) => void) => boolean;

/**
 * In place of `StreamMessageWriter`, which lets the event loop turn before a message, writes its header, waits, and
 * writes its body: each write would wake the reader.
 */
export class WholeMessageWriter extends AbstractMessageWriter implements MessageWriter {
  private failures = 0;

  /** @param send Writes to the stream that the messages go to; keeps their order. */
  constructor(private readonly send: Write) {
    super();
  }

  /** Resolves when the message has left. @throws the stream's error, which `onError` tells of too */
  write(message: Message): Promise<void> {
    return new Promise((resolve, reject) => {
      const json = JSON.stringify(message);
      this.send(`Content-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`, 'utf8', (error) => {
        if (!error) return resolve();
        this.fireError(error, message, ++this.failures);
        reject(error);
      });
    });
  }

  end(): void {}
}
