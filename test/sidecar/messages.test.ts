/** The channel's own reader and writer, in whatever pieces a pipe delivers what was written. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { type Message, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { WholeMessageReader, WholeMessageWriter } from '../../sidecar/messages';
import { Random } from '../differential/layerCases';

function message(text: string): Message {
  return { jsonrpc: '2.0', method: 'say', params: { text } } as Message;
}

async function written(messages: Message[]): Promise<Buffer> {
  const parts: Buffer[] = [];
  const writer = new WholeMessageWriter((text, encoding, done) => {
    parts.push(Buffer.from(text, encoding));
    done();
    return true;
  });
  for (const one of messages) await writer.write(one);
  return Buffer.concat(parts);
}

/** Cut at these places. */
function pieces(bytes: Buffer, cuts: number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end));
}

function read(parts: Buffer[]): { messages: Message[]; errors: string[] } {
  const stream = new PassThrough();
  const reader = new WholeMessageReader(stream);
  const messages: Message[] = [];
  const errors: string[] = [];
  reader.onError((error) => errors.push(error.message));
  reader.listen((one) => messages.push(one));
  for (const part of parts) stream.emit('data', part);
  return { messages, errors };
}

describe('messages of the channel', () => {
  it('arrive as they were written, however they are cut', async () => {
    const random = new Random(5);
    const letters = [
      'a',
      '"',
      '\\',
      '\n',
      '\r\n\r\n',
      'Content-Length: 7',
      'ß',
      '→',
      '🙂',
      '\ud83d',
      '\u2028',
    ];
    const several = <T>(most: number, make: () => T) => Array.from({ length: random.int(0, most) }, make);
    for (let round = 0; round < 500; round++) {
      const messages = several(4, () => message(several(30, () => random.pick(letters)).join('')));
      const cuts = several(12, () => random.int(0, 1e6));
      const result = read(pieces(await written(messages), cuts));
      assert.deepEqual(result, { messages, errors: [] });
    }
  });

  it('are those of vscode-jsonrpc’s own reader and writer', async () => {
    const sent = message('größer als 127: λ, 🙂');
    const stream = new PassThrough();
    const received = new Promise<Message>((resolve) => new StreamMessageReader(stream).listen(resolve));
    stream.write(await written([sent]));
    assert.deepEqual(await received, sent);

    const other = new PassThrough();
    await new StreamMessageWriter(other).write(sent);
    assert.deepEqual(read([other.read() as Buffer]), { messages: [sent], errors: [] });
  });

  it('arrive after something was printed into the channel', async () => {
    const bytes = Buffer.concat([Buffer.from('oneDNN is on\nreally\n'), await written([message('a')])]);
    assert.deepEqual(read([bytes]), { messages: [message('a')], errors: [] });
  });

  it('arrive after one that is none', async () => {
    for (const broken of ['Content-Length: many\r\n\r\n', 'Content-Length: 3\r\n\r\n{a}']) {
      const bytes = Buffer.concat([Buffer.from(broken), await written([message('a'), message('b')])]);
      const { messages, errors } = read([bytes]);
      assert.deepEqual(messages, [message('a'), message('b')], broken);
      assert.equal(errors.length, 1, broken);
    }
  });

  it('arrive after many that are none, at once', async () => {
    const bytes = Buffer.concat([Buffer.from('\r\n\r\n'.repeat(20_000)), await written([message('a')])]);
    const { messages, errors } = read([bytes]);
    assert.deepEqual(messages, [message('a')]);
    assert.equal(errors.length, 20_000);
  });

  it('take time that grows with their length alone', () => {
    const text = 'x'.repeat(20_000_000);
    const json = JSON.stringify(message(text));
    const bytes = Buffer.from(`Content-Length: ${json.length}\r\n\r\n${json}`);
    const parts = Array.from({ length: Math.ceil(bytes.length / 8192) }, (_, i) =>
      bytes.subarray(i * 8192, (i + 1) * 8192),
    );
    const { messages } = read(parts);
    assert.equal(messages.length, 1);
  });
});
