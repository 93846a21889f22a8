/** The other side of a comparison, in a process of its own: a line of JSON asks, a line of JSON answers. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';

export class PeerProcess {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private errors = '';

  constructor(command: string, args: string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '', TF_CPP_MIN_LOG_LEVEL: '2', ...env },
    });
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.errors = (this.errors + text).slice(-4000);
    });
    const reader: Interface = createInterface({ input: this.child.stdout! });
    this.lines = reader[Symbol.asyncIterator]();
  }

  /** @throws when the process ends instead of answering. */
  async ask<T>(question: object): Promise<T> {
    this.child.stdin!.write(`${JSON.stringify(question)}\n`);
    for (;;) {
      const { value, done } = await this.lines.next();
      if (done) throw new Error(`${this.child.spawnargs.join(' ')} ended:\n${this.errors}`);
      // Libraries greet on stdout.
      if (value.startsWith('{')) return JSON.parse(value) as T;
    }
  }

  end(): void {
    this.child.kill();
  }
}
