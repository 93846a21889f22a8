/**
 * `npm run bench`: Layerwise against what people use today, both sides in the same run on the same machine.
 * Prints a table; exits 1 when a goal is missed. BENCH_ONLY=a,b runs only those.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { analyze, ParsedFiles } from '../language-server/analysis/analyze';
import { diagramBench } from './diagram';
import { inferenceBench } from './inference';
import { inlayHintsBench } from './keystrokes';
import { mapsBench } from './maps';
import { compare, type Row, summarize, table } from './measure';
import { throughputBench } from './throughput';
import { trainingBench } from './training';
import { workspaceBench } from './workspace';

const vgg19 = readFileSync('examples/vgg19.ts', 'utf8');
const noFiles = { readFile: () => undefined };

/** A whole process, as often as asked, the two in turn: wall time in milliseconds and peak memory in bytes. */
function inTurn(runs: number, commands: string[][]): { milliseconds: number[]; bytes: number[] }[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'layerwise-bench-'));
  const usage = path.join(folder, 'usage');
  const results = commands.map(() => ({ milliseconds: [] as number[], bytes: [] as number[] }));
  for (let run = 0; run < runs; run++) {
    commands.forEach((command, index) => {
      const started = performance.now();
      const { status, stderr } = spawnSync(
        process.execPath,
        ['--require', path.resolve('bench/usage.cjs'), ...command],
        {
          env: { ...process.env, BENCH_USAGE: usage, NODE_OPTIONS: '' },
          encoding: 'utf8',
        },
      );
      if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
      results[index]!.milliseconds.push(performance.now() - started);
      results[index]!.bytes.push(Number(readFileSync(usage, 'utf8')));
    });
  }
  rmSync(folder, { recursive: true });
  return results;
}

/** (a) The whole command against a script that builds the model and prints its summary. */
function wholeProcess(): Row[] {
  const [ours, theirs] = inTurn(5, [
    ['dist/cli.js', 'inspect', 'examples/vgg19.ts'],
    ['bench/buildVgg19.cjs'],
  ]);
  const megabytes = (bytes: number[]) => summarize(bytes.map((value) => value / 2 ** 20));
  return [
    compare(
      '(a) `layerwise inspect vgg19.ts` / tfjs builds it and prints its summary: time',
      summarize(ours!.milliseconds),
      summarize(theirs!.milliseconds),
      5,
      'ms',
    ),
    compare('(a) … peak memory', megabytes(ours!.bytes), megabytes(theirs!.bytes), 5, 'MB'),
  ];
}

/** (b) One more analysis after an edit, against one more build, both in a warm process. */
async function warm(): Promise<Row[]> {
  const tf = await import('@tensorflow/tfjs');
  const { createVgg19 } = await import('../examples/vgg19');
  const parsed = new ParsedFiles();
  const edit = (n: number) => vgg19.replace('[64, 2]', `[${64 + n}, 2]`);
  for (let n = 0; n < 30; n++) analyze('/vgg19.ts', edit(n), noFiles, { parsed });
  const ours: number[] = [];
  const theirs: number[] = [];
  createVgg19().dispose();
  for (let n = 0; n < 5; n++) {
    for (let i = 0; i < 8; i++) {
      const started = performance.now();
      analyze('/vgg19.ts', edit(100 + n * 8 + i), noFiles, { parsed });
      ours.push(performance.now() - started);
    }
    const started = performance.now();
    const model = createVgg19();
    theirs.push(performance.now() - started);
    model.dispose();
    tf.disposeVariables();
  }
  return [
    compare(
      '(b) analysis after a keystroke in vgg19.ts / tfjs builds it, both warm',
      summarize(ours),
      summarize(theirs),
      500,
      'ms',
    ),
  ];
}

/** (d) Layers built in a loop: what one costs must not grow with their number. */
function scaling(): Row[] {
  const program = (count: number) => `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential();
model.add(tf.layers.inputLayer({ inputShape: [64, 64, 3] }));
for (let i = 0; i < ${count}; i++) model.add(tf.layers.conv2d({ filters: 8, kernelSize: 3, padding: 'same' }));`;
  const perLayer = (count: number, runs: number) => {
    const times: number[] = [];
    for (let run = 0; run < runs; run++) {
      const started = performance.now();
      const { models } = analyze('/deep.ts', program(count), noFiles);
      times.push(((performance.now() - started) * 1000) / count);
      if (models[0]?.layers.length !== count + 1) throw new Error(`${count} layers were not all seen`);
    }
    return summarize(times);
  };
  perLayer(1000, 5);
  const small = perLayer(100, 20);
  return [1000, 10_000].map((count) =>
    compare(
      `(d) ${count.toLocaleString('en')} layers in a loop / 100 layers: time for one`,
      perLayer(count, Math.max(5, 20_000 / count)),
      small,
      0.7,
      'µs',
    ),
  );
}

async function main(): Promise<void> {
  const only = process.env['BENCH_ONLY']?.split(',');
  const parts: [string, () => Row[] | Promise<Row[]>][] = [
    ['a', wholeProcess],
    ['b', warm],
    ['c', inlayHintsBench],
    ['d', scaling],
    ['e', workspaceBench],
    ['f', trainingBench],
    ['g', inferenceBench],
    ['h', mapsBench],
    ['i', diagramBench],
    ['k', throughputBench],
  ];
  const rows: Row[] = [];
  for (const [name, run] of parts) {
    if (only && !only.includes(name)) continue;
    console.error(`measuring (${name}) …`);
    rows.push(...(await run()));
  }
  console.log(table(rows));
  process.exitCode = rows.every((row) => row.reached) ? 0 : 1;
}

void main();
