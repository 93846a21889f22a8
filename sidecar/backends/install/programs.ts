/** Runs other people's programs (npm, pip, a compiler) so that each can be stopped at any moment with all it started. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { endWithProcess } from '../../lifetime';

export interface RunOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  log: Log;
  /** Stopped when it is silent and `growing` does not grow for so long. Default: 5 minutes. */
  idleSeconds?: number;
  /** The folder that it fills. */
  growing?: string;
  /** Every few seconds: the size of `growing` in bytes. */
  onGrowth?: (bytes: number) => void;
  /** Each piece of its output. */
  onOutput?: (text: string) => void;
}

/** A program that failed; the message says how, with its last words. */
export class ProgramFailed extends Error {
  override readonly name = 'ProgramFailed';

  constructor(
    message: string,
    readonly output: string,
  ) {
    super(message);
  }
}

/** What the programs write goes to a file, with the commands that were run. */
export class Log {
  private readonly stream: WriteStream;

  constructor(readonly file: string) {
    this.stream = createWriteStream(file);
    // A full disk must not end the process; the installation itself will tell.
    this.stream.on('error', () => {});
  }

  write(text: string): void {
    this.stream.write(text);
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.stream.end(() => resolve()));
  }
}

/**
 * Runs a program, and ends its group when this process is gone without having ended it: by SIGKILL, say. The shell's stdin
 * is a pipe from this process; `cat` reads its end then.
 */
const guarded = `
  exec 3<&0 </dev/null
  "$@" 3<&- &
  program=$!
  { cat <&3; kill -9 -$$; } >/dev/null 2>&1 &
  guard=$!
  exec 3<&-
  wait $program
  code=$?
  kill -9 $guard
  exit $code`;

const watchMilliseconds = 2000;
const gracefulMilliseconds = 2000;
const outputKept = 20_000;

/**
 * Runs a program to its end.
 * @returns what it wrote (the last part, where that is long)
 * @throws ProgramFailed; the signal's reason when stopped by it.
 */
export async function run(command: string, args: string[], options: RunOptions): Promise<string> {
  const { cwd, env, signal, log, idleSeconds = 300, growing } = options;
  signal.throwIfAborted();
  log.write(`\n> ${[command, ...args].join(' ')}\n`);
  const isWindows = process.platform === 'win32';
  const [program, ...words] = isWindows
    ? [command, ...args]
    : ['/bin/sh', '-c', guarded, 'sh', command, ...args];
  const child = spawn(program!, words, {
    cwd,
    env,
    stdio: 'pipe',
    // A group of its own, which can be ended as a whole; Windows ends a process tree by its root.
    detached: !isWindows,
    // npm is a batch file there.
    shell: isWindows,
    windowsHide: true,
  });
  // Nobody writes to it: it ends with this process.
  child.stdin.on('error', () => {});
  if (isWindows) child.stdin.end();
  const release = child.pid === undefined ? () => {} : endWithProcess(child.pid);
  let output = '';
  let active = Date.now();
  const read = (text: string) => {
    active = Date.now();
    output = (output + text).slice(-outputKept);
    log.write(text);
    options.onOutput?.(text);
  };
  child.stdout.setEncoding('utf8').on('data', read);
  child.stderr.setEncoding('utf8').on('data', read);

  let isIdle = false;
  let size = 0;
  let hasEnded = false;
  const watch = setInterval(async () => {
    const bytes = growing ? await folderSize(growing) : 0;
    if (hasEnded) return;
    if (bytes !== size) active = Date.now();
    size = bytes;
    options.onGrowth?.(bytes);
    if (Date.now() - active < idleSeconds * 1000 || isIdle) return;
    isIdle = true;
    stop(child);
  }, watchMilliseconds);
  const abort = () => stop(child);
  signal.addEventListener('abort', abort);
  try {
    const how = await new Promise<string | null>((resolve) => {
      child.on('error', (error) => resolve(error.message));
      child.on('close', (code, by) =>
        resolve(code === 0 ? null : by ? `was ended by ${by}` : `exited with code ${code}`),
      );
    });
    signal.throwIfAborted();
    if (isIdle) throw new ProgramFailed(`${command} did nothing for ${idleSeconds} s`, output);
    if (how !== null)
      throw new ProgramFailed(`${command} ${args[0] ?? ''} ${how}${lastWords(output)}`, output);
    return output;
  } finally {
    hasEnded = true;
    clearInterval(watch);
    signal.removeEventListener('abort', abort);
    release();
  }
}

function stop(child: ChildProcess): void {
  killGroup(child, 'SIGTERM');
  const kill = setTimeout(() => killGroup(child, 'SIGKILL'), gracefulMilliseconds);
  child.once('close', () => clearTimeout(kill));
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  if (process.platform === 'win32') {
    spawn('taskkill', ['/pid', String(pid), '/T', '/F'], { stdio: 'ignore', windowsHide: true });
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // Gone already.
  }
}

/** The line of what a program wrote that most likely says why it failed. */
function lastWords(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  const error = lines.findLast(
    (line) => /^(?:[\w ./:]*\berror|\w*Error)\b: /i.test(line) && !/^npm error/i.test(line),
  );
  const telling = lines.filter((line) =>
    /failed|cannot|could not|not found|no matching|npm error/i.test(line),
  );
  const line =
    error ?? telling.findLast((text) => !/^at |complete log|npm error (code|errno|path|command)/i.test(text));
  return line ? `: ${line.slice(0, 240)}` : '';
}

/** Bytes of all files in it, without following links; what vanishes meanwhile counts nothing. */
export async function folderSize(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  let bytes = 0;
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    bytes += (await stat(path.join(entry.parentPath, entry.name)).catch(() => undefined))?.size ?? 0;
  }
  return bytes;
}
