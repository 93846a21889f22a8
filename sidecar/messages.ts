/**
 * JSON-RPC messages, each written and handed on at once: `StreamMessageReader` and `StreamMessageWriter` let the event loop
 * turn in between, which takes longer than a small network's run. The same on the wire.
 */
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageReader,
  type MessageWriter,
} from 'vscode-jsonrpc/node';

const headerEnd = '\r\n\r\n';

export class WholeMessageReader extends AbstractMessageReader implements MessageReader {
  /** What has come of messages that are not complete; a long one is joined once. */
  private parts: Buffer[] = [];
  private held = 0;
  /** Where the next message's body starts and ends, once its header has come. */
  private body: { start: number; end: number } | undefined;

  constructor(private readonly stream: NodeJS.ReadableStream) {
    super();
  }

  listen(deliver: DataCallback): Disposable {
    const take = (part: Buffer) => {
      this.parts.push(part);
      this.held += part.length;
      for (let message = this.next(); message; message = this.next()) deliver(message);
    };
    const fail = (error: Error) => this.fireError(error);
    const close = () => this.fireClose();
    this.stream.on('data', take).on('error', fail).on('close', close);
    return { dispose: () => void this.stream.off('data', take).off('error', fail).off('close', close) };
  }

  /** @returns undefined until a message is complete. What is none is left out, and `onError` tells of it. */
  private next(): Message | undefined {
    for (;;) {
      try {
        this.body ??= this.findBody();
        if (!this.body || this.held < this.body.end) return undefined;
        const { start, end } = this.body;
        const whole = this.joined();
        this.keep(whole.subarray(end));
        return JSON.parse(whole.toString('utf8', start, end)) as Message;
      } catch (error) {
        // What is no message is not held any more: the next one may be complete.
        this.fireError(error);
      }
    }
  }

  private findBody(): { start: number; end: number } | undefined {
    const whole = this.joined();
    const header = whole.indexOf(headerEnd);
    if (header < 0) return undefined;
    const start = header + headerEnd.length;
    const text = whole.toString('latin1', 0, header);
    // Native code may have printed into the channel before it.
    const length = /Content-Length: (\d+)$/.exec(text)?.[1];
    if (length === undefined) {
      this.keep(whole.subarray(start));
      throw new Error(`\`${text}\` is no header of a message.`);
    }
    return { start, end: start + Number(length) };
  }

  private joined(): Buffer {
    const [only] = this.parts;
    if (this.parts.length === 1) return only!;
    const whole = Buffer.concat(this.parts, this.held);
    this.parts = [whole];
    return whole;
  }

  private keep(rest: Buffer): void {
    this.parts = rest.length > 0 ? [rest] : [];
    this.held = rest.length;
    this.body = undefined;
  }
}

type Write = (text: string, encoding: BufferEncoding, callback: (error?: Error | null) => void) => boolean;

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
      this.send(`Content-Length: ${Buffer.byteLength(json)}${headerEnd}${json}`, 'utf8', (error) => {
        if (!error) return resolve();
        this.fireError(error, message, ++this.failures);
        reject(error);
      });
    });
  }

  end(): void {}
}
