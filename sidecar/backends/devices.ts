/** What the machine computes with, by name. */
import { execFile } from 'node:child_process';
import { cpus } from 'node:os';
import { promisify } from 'node:util';

/** E.g. `Intel(R) Xeon(R) CPU @ 2.60GHz, 8 threads`. */
export function processorName(): string {
  const processors = cpus();
  const threads = `${processors.length} ${processors.length === 1 ? 'thread' : 'threads'}`;
  return `${processors[0]?.model.trim() || process.arch}, ${threads}`;
}

/** The first graphics card of NVIDIA's, as its driver names it, e.g. `NVIDIA GeForce RTX 4070`; null where there is none. */
export async function nvidiaGpu(): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(
      'nvidia-smi',
      ['--query-gpu=name,memory.total', '--format=csv,noheader'],
      { timeout: 10_000, windowsHide: true },
    );
    return stdout.split('\n')[0]?.trim() || null;
  } catch {
    return null;
  }
}
