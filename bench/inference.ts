/**
 * (g) A picture through MobileNet by the sidecar, and by a plain script on the same library: from the picture's file to the
 * five most probable classes. LAYERWISE_MOBILENET_JSON names the tfjs model, LAYERWISE_MOBILENET_ONNX its ONNX twin.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { connectSidecar, type SidecarConnection } from '../sidecar/connect';
import { type Row, summarize } from './measure';
import { atMost, inPairs } from './pairs';
import { PeerProcess } from './peers/process';
import { tensorflowEntry } from './tensorflow';

const rounds = 41;
const warmUps = 3;
const picturesARound = 18;
const unsettled = 3;
const restMilliseconds = 100;
/** The same on every backend and in every library. */
const sameProbability = 1e-4;
/** The sidecar need not convert sRGB to sRGB, which sharp does by itself: one picture says that it is sRGB, one says nothing. */
const pictures = [
  { file: path.resolve('examples/images/chelsea.png'), words: 'a picture with a colour profile' },
  { file: path.resolve('examples/images/coffee.png'), words: 'a picture without' },
];

interface Answer {
  milliseconds: number;
  classes: { index: number; probability: number }[];
}

export async function inferenceBench(): Promise<Row[]> {
  const rows: Row[] = [];
  const json = process.env['LAYERWISE_MOBILENET_JSON'];
  const onnx = process.env['LAYERWISE_MOBILENET_ONNX'];
  const entry = tensorflowEntry('g');
  if (entry && isThere(json, 'LAYERWISE_MOBILENET_JSON'))
    rows.push(...(await compareWith('tfjs-node', ['tfjs', entry, json], json, 'tensorflow')));
  if (isThere(onnx, 'LAYERWISE_MOBILENET_ONNX'))
    rows.push(...(await compareWith('onnxruntime-node', ['onnx', onnx], onnx, 'wasm')));
  return rows;
}

async function compareWith(
  library: string,
  args: string[],
  modelPath: string,
  backend: 'tensorflow' | 'wasm',
): Promise<Row[]> {
  const sidecar = connectSidecar({ command: process.execPath, args: ['dist/sidecar.js'] });
  const script = new PeerProcess(process.execPath, ['bench/peers/inferPlain.cjs', ...args]);
  try {
    await sidecar.request('initialize', { backend, searchFolders: [process.cwd()] });
    const rows: Row[] = [];
    for (const { file, words } of pictures) {
      const answers: { ours?: Answer; theirs?: Answer } = {};
      const pairs = await inPairs(
        rounds,
        warmUps,
        () =>
          undisturbed(async () => {
            answers.ours = await classify(sidecar, modelPath, file);
            return answers.ours.milliseconds;
          }),
        () =>
          undisturbed(async () => {
            answers.theirs = await script.ask<Answer>({ picture: file });
            return answers.theirs.milliseconds;
          }),
      );
      const [own, other] = [answers.ours?.classes[0], answers.theirs?.classes[0]];
      if (own?.index !== other?.index || Math.abs(own!.probability - other!.probability) > sameProbability)
        throw new Error(`${library}: ${JSON.stringify(own)} is not ${JSON.stringify(other)}`);
      rows.push(
        atMost(
          `(g) ${words} through MobileNet by the sidecar / by plain ${library}: ${rounds} pairs of ${picturesARound - unsettled} pictures`,
          pairs,
          1.1,
          'ms',
        ),
      );
    }
    return rows;
  } finally {
    script.end();
    await sidecar.shutdown();
  }
}

/**
 * The median of pictures one after the other, as nobody runs both sides at once: onnxruntime's threads look for more work
 * for many milliseconds after a run, on a core that the other side would need.
 */
async function undisturbed(one: () => Promise<number>): Promise<number> {
  await setTimeout(restMilliseconds);
  const times: number[] = [];
  for (let picture = 0; picture < picturesARound; picture++) times.push(await one());
  return summarize(times.slice(unsettled)).median;
}

/** The request's whole way there and back. */
async function classify(sidecar: SidecarConnection, modelPath: string, picture: string): Promise<Answer> {
  const started = performance.now();
  const { classes } = await sidecar.request('classify', {
    picture: { kind: 'file', path: picture },
    modelPath,
    top: 5,
  });
  return { milliseconds: performance.now() - started, classes };
}

function isThere(file: string | undefined, variable: string): file is string {
  if (file && existsSync(file)) return true;
  console.error(`(g) not measured: ${variable} names no file`);
  return false;
}
