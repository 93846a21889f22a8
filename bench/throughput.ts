/**
 * (k) How fast LeNet-5 learns: the sidecar beside Keras on TensorFlow and PyTorch on the same processor, where BENCH_PYTHON
 * names a Python that has them (`pip install tensorflow-cpu keras torch`). Figures to know, not goals: graph compilers and
 * other kernels do the same work.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Row, show, summarize } from './measure';
import { inPairs, ratioOf } from './pairs';
import { PeerProcess } from './peers/process';
import { tensorflowEntry } from './tensorflow';
import { startSidecar, trainOnce } from './training';

const rounds = 5;
const digits = 10_000;
const settings = { epochs: 2, batchSize: 64, seed: 42 };
/** The last epoch's mean loss is about 0.2; a model that does not learn has 2.3. */
const learnedLoss = 0.5;

const peers = [
  { name: 'Keras on TensorFlow', needs: 'keras, tensorflow', script: 'trainKeras.py' },
  { name: 'PyTorch', needs: 'torch', script: 'trainPytorch.py' },
];

export async function throughputBench(): Promise<Row[]> {
  if (!tensorflowEntry('k')) return [];
  const python = process.env['BENCH_PYTHON'] ?? 'python3';
  const rows: Row[] = [];
  for (const { name, needs, script } of peers) {
    const found = spawnSync(python, ['-c', `import numpy, ${needs}`], { stdio: 'ignore' }).status === 0;
    if (found) rows.push(await compareWith(name, python, script));
    else console.error(`(k) ${name} not measured: ${python} cannot import ${needs}; see BENCH_PYTHON`);
  }
  return rows;
}

async function compareWith(name: string, python: string, script: string): Promise<Row> {
  const runsFolder = mkdtempSync(path.join(tmpdir(), 'layerwise-bench-'));
  const sidecar = await startSidecar();
  const peer = new PeerProcess(python, [path.join('bench/peers', script)], { CUDA_VISIBLE_DEVICES: '-1' });
  try {
    const pairs = await inPairs(
      rounds,
      1,
      async () => (await trainOnce(sidecar, { kind: 'bundled-mnist' }, settings, runsFolder)).milliseconds,
      async () => {
        const { milliseconds, losses } = await peer.ask<{ milliseconds: number; losses: number[] }>(settings);
        if (!(losses.at(-1)! < learnedLoss)) throw new Error(`${name} has not learned: ${losses}`);
        return milliseconds;
      },
    );
    const perSecond = (times: number[]) =>
      summarize(times.map((time) => (settings.epochs * digits * 1000) / time));
    return {
      what: `(k) LeNet-5 training, the sidecar on tfjs-node / ${name}: digits a second, median of ${rounds} pairs`,
      ours: show(perSecond(pairs.ours), '/s'),
      theirs: show(perSecond(pairs.theirs), '/s'),
      ratio: `${(1 / ratioOf(pairs)).toFixed(2)}×`,
      goal: 'none',
      reached: true,
    };
  } finally {
    peer.end();
    await sidecar.shutdown();
    rmSync(runsFolder, { recursive: true });
  }
}
