/**
 * (f) LeNet-5 trained by the sidecar and by a plain tfjs-node script: the same model, seed and data. The losses of all
 * steps must be the same; the time is that of the epochs, with all that the sidecar does besides: events, logs,
 * checkpoints, looks at the layers' health.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { analyze } from '../language-server/analysis/analyze';
import { toWire, type WireModelGraph } from '../protocol/modelGraph';
import type { DataSource } from '../protocol/sidecar';
import { connectSidecar, type SidecarConnection } from '../sidecar/connect';
import type { Row } from './measure';
import { atMost, inPairs } from './pairs';
import { PeerProcess } from './peers/process';
import { tensorflowEntry } from './tensorflow';

/** Many, since a machine may run a fifth slower at one moment than at the next. */
const rounds = 25;
const warmUps = 3;
const settings = { epochs: 2, batchSize: 64, seed: 42 };

export async function trainingBench(): Promise<Row[]> {
  const entry = tensorflowEntry('f');
  if (!entry) return [];
  const runsFolder = mkdtempSync(path.join(tmpdir(), 'layerwise-bench-'));
  const sidecar = await startSidecar();
  const script = new PeerProcess(process.execPath, ['bench/peers/trainPlain.cjs', entry]);
  try {
    let ours: number[] = [];
    let theirs: number[] = [];
    const pairs = await inPairs(
      rounds,
      warmUps,
      async () => {
        const trained = await trainOnce(sidecar, { kind: 'bundled-mnist' }, settings, runsFolder);
        ours = trained.losses;
        return trained.milliseconds;
      },
      async () => {
        const trained = await script.ask<{ milliseconds: number; losses: number[] }>(settings);
        theirs = trained.losses;
        return trained.milliseconds;
      },
    );
    return [
      equalLosses(ours, theirs),
      atMost(
        `(f) … time of ${settings.epochs} epochs, median of ${rounds} pairs`,
        { ours: pairs.ours.map(toSeconds), theirs: pairs.theirs.map(toSeconds) },
        1.05,
        's',
      ),
    ];
  } finally {
    script.end();
    await sidecar.shutdown();
    rmSync(runsFolder, { recursive: true });
  }
}

/** With tfjs-node. */
export async function startSidecar(): Promise<SidecarConnection> {
  const sidecar = connectSidecar({ command: process.execPath, args: ['dist/sidecar.js'] });
  await sidecar.request('initialize', { backend: 'tensorflow', searchFolders: [process.cwd()] });
  return sidecar;
}

export function lenet5(): WireModelGraph {
  const source = readFileSync('examples/lenet5.ts', 'utf8');
  const [model] = analyze('/lenet5.ts', source, { readFile: () => undefined }).models;
  return toWire(model!);
}

/** @returns the time from the first batch to the last epoch's end, and each step's loss. */
export async function trainOnce(
  sidecar: SidecarConnection,
  data: DataSource,
  options: { epochs: number; batchSize: number; seed: number },
  runsFolder: string,
): Promise<{ milliseconds: number; losses: number[] }> {
  let [started, ended] = [0, 0];
  const listening = sidecar.onTrainingEvent(({ kind }) => {
    if (kind === 'started') started = performance.now();
    if (kind === 'epoch') ended = performance.now();
  });
  const { runFolder } = await sidecar.request('train', {
    run: 'bench',
    model: lenet5(),
    data,
    options: { ...options, validationSplit: 0 },
    runsFolder,
  });
  listening.dispose();
  const losses = readFileSync(path.join(runFolder, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string; batchLoss: number })
    .filter(({ kind }) => kind === 'batch')
    .map(({ batchLoss }) => batchLoss);
  return { milliseconds: ended - started, losses };
}

function equalLosses(ours: number[], theirs: number[]): Row {
  const difference = ours.reduce((most, loss, i) => Math.max(most, Math.abs(loss - theirs[i]!)), 0);
  const last = (losses: number[]) => `${losses.length} steps, the last ${losses.at(-1)?.toFixed(6)}`;
  return {
    what: '(f) LeNet-5 trained by the sidecar / by a plain tfjs-node script: losses, largest difference',
    ours: last(ours),
    theirs: last(theirs),
    ratio: String(difference),
    goal: '0',
    reached: ours.length === theirs.length && ours.length > 0 && difference === 0,
  };
}

function toSeconds(milliseconds: number): number {
  return milliseconds / 1000;
}
