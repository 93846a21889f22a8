/**
 * (c) From keystroke to hints, over 500 edits of VGG-19's file: Layerwise's server asked for its hints, against
 * TypeScript's own server asked for its inlay hints and its diagnostics, after the same edits.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ServerClient } from '../test/server/client';
import { quantile, type Row } from './measure';

const edits = 500;

/** Someone types a comment, then changes a number, again and again. */
function versions(text: string): string[] {
  const comment = ' // typed, one character after the other';
  return Array.from({ length: edits }, (_, n) =>
    n % 2 === 0
      ? text.replace('[64, 2],', `[64, 2],${comment.slice(0, 1 + ((n / 2) % comment.length))}`)
      : text.replace('units: 4096', `units: ${4000 + n}`),
  );
}

export async function inlayHintsBench(): Promise<Row[]> {
  const text = readFileSync('examples/vgg19.ts', 'utf8');
  const texts = versions(text);
  const uri = 'file:///workspace/vgg19.ts';
  const client = await ServerClient.start();
  await client.open(uri, text);
  await client.hints(uri);

  const folder = mkdtempSync(path.join(tmpdir(), 'layerwise-bench-'));
  mkdirSync(path.join(folder, 'node_modules'));
  symlinkSync(
    path.resolve('node_modules/@tensorflow'),
    path.join(folder, 'node_modules/@tensorflow'),
    'junction',
  );
  const file = path.join(folder, 'vgg19.ts');
  writeFileSync(file, text);
  const typescript = new TypeScriptServer(file, text);
  await typescript.answers();

  const ours: number[] = [];
  const theirs: number[] = [];
  for (const [n, version] of texts.entries()) {
    let started = performance.now();
    await client.change(uri, n + 2, version);
    await client.hints(uri);
    ours.push(performance.now() - started);
    started = performance.now();
    typescript.change(version);
    await typescript.answers();
    theirs.push(performance.now() - started);
  }
  await client.stop();
  typescript.stop();
  rmSync(folder, { recursive: true });
  for (const list of [ours, theirs]) list.sort((a, b) => a - b);
  return [0.5, 0.95].map((share) => {
    const [own, other] = [quantile(ours, share), quantile(theirs, share)];
    return {
      what: `(c) keystroke to hints / TypeScript's inlay hints and diagnostics: ${share === 0.5 ? 'median' : '95th percentile'} of ${edits}`,
      ours: `${own.toFixed(1)} ms`,
      theirs: `${other.toFixed(1)} ms`,
      ratio: `${(other / own).toFixed(1)}×`,
      goal: '≥ 2×',
      reached: other / own >= 2,
    };
  });
}

/** tsserver over its own protocol: newline-delimited requests in, Content-Length framed answers out. */
class TypeScriptServer {
  private readonly process: ChildProcess;
  private sequence = 0;
  private output = '';
  private readonly waiting = new Map<number, () => void>();
  private length: number;

  constructor(
    private readonly file: string,
    private text: string,
  ) {
    this.process = spawn(
      process.execPath,
      [path.resolve('node_modules/typescript/lib/tsserver.js'), '--disableAutomaticTypingAcquisition'],
      {
        stdio: ['pipe', 'pipe', 'ignore'],
      },
    );
    this.process.stdout!.setEncoding('utf8').on('data', (chunk: string) => this.read(chunk));
    this.length = text.split('\n').length;
    void this.send('configure', {
      preferences: { includeInlayParameterNameHints: 'all', includeInlayVariableTypeHints: true },
    });
    void this.send('open', { file, fileContent: text });
  }

  change(text: string): void {
    void this.send('change', {
      file: this.file,
      line: 1,
      offset: 1,
      endLine: this.length + 1,
      endOffset: 1,
      insertString: text,
    });
    this.text = text;
    this.length = text.split('\n').length;
  }

  async answers(): Promise<void> {
    await this.request('provideInlayHints', { file: this.file, start: 0, length: this.text.length });
    await this.request('syntacticDiagnosticsSync', { file: this.file });
    await this.request('semanticDiagnosticsSync', { file: this.file });
  }

  private request(command: string, args: unknown): Promise<void> {
    const sequence = this.send(command, args);
    return new Promise((resolve) => this.waiting.set(sequence, resolve));
  }

  private send(command: string, args: unknown): number {
    this.sequence += 1;
    this.process.stdin!.write(
      `${JSON.stringify({ seq: this.sequence, type: 'request', command, arguments: args })}\n`,
    );
    return this.sequence;
  }

  private read(chunk: string): void {
    this.output += chunk;
    for (const line of this.output.split('\n').slice(0, -1)) {
      const answered = /^\{.*"type":"response".*\}/.test(line)
        ? Number(/"request_seq":(\d+)/.exec(line)?.[1])
        : undefined;
      if (answered !== undefined) {
        this.waiting.get(answered)?.();
        this.waiting.delete(answered);
      }
    }
    this.output = this.output.slice(this.output.lastIndexOf('\n') + 1);
  }

  stop(): void {
    this.process.kill();
  }
}
