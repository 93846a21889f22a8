/** Whether the process that a run.json speaks of still trains it. Node only: no tfjs, so that every client may ask. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import type { RunFile, RunProcess, RunStatus } from '../../protocol/sidecar';

/** `interrupted` for a run that says `running` and is not: its process was killed, or the machine was switched off. */
export async function currentStatus(run: Pick<RunFile, 'status' | 'process'>): Promise<RunStatus> {
  if (run.status !== 'running') return run.status;
  return run.process && (await isAlive(run.process)) ? 'running' : 'interrupted';
}

export async function thisProcess(): Promise<RunProcess> {
  return { host: hostname(), pid: process.pid, started: await startOf(process.pid) };
}

async function isAlive({ host, pid, started }: RunProcess): Promise<boolean> {
  // A folder on a network drive: nothing can be known of another machine's processes.
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // A process of another user may not be signalled, but it exists.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return started === '' || (await startOf(pid)) === started;
}

/** When a process was started, as its system tells it; `` where it cannot be asked. */
async function startOf(pid: number): Promise<string> {
  try {
    if (process.platform === 'linux') {
      const [bootId, stat] = await Promise.all([
        readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
        readFile(`/proc/${pid}/stat`, 'utf8'),
      ]);
      // proc(5): the name in parentheses may hold anything; the start time is the 20th field after it.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return `${bootId.trim()}:${fields[19]}`;
    }
    if (process.platform === 'win32') return '';
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]);
    return stdout.trim();
  } catch {
    return '';
  }
}
