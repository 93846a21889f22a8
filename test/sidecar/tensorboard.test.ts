/** TensorBoard's event files: read by the documented record format, and by TensorBoard itself where it is installed. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import protobuf from 'protobufjs';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { eventFileName, scalarsRecord } from '../../sidecar/runs/eventFile';
import { smallMnist } from './support/digits';
import { sequential } from './support/graphs';
import { buildSidecar, cleanUp, shortTraining, startSidecar, temporaryFolder } from './support/process';
import { readRun } from './support/runs';

/** The part of tensorflow/core/util/event.proto and framework/summary.proto that is written. */
const { root } = protobuf.parse(`syntax = "proto3";
message SessionLog { enum Status { UNSPECIFIED = 0; START = 1; } Status status = 1; }
message Summary { message Value { string tag = 1; float simple_value = 2; } repeated Value value = 1; }
message Event { double wall_time = 1; int64 step = 2; oneof what { string file_version = 3; Summary summary = 5; SessionLog session_log = 7; } }`);
const eventType = root.lookupType('Event');

interface Event {
  wallTime: number;
  step: number;
  fileVersion?: string;
  summary?: { value: { tag: string; simpleValue: number }[] };
  sessionLog?: { status: number };
}

/** Bit by bit, as RFC 3720 appendix B.4 defines it: nothing in common with the table that wrote the files. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffffn;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x82f63b78n : crc >> 1n;
  }
  return Number(crc ^ 0xffffffffn);
}

function unmasked(crc: number): number {
  const rotated = (BigInt(crc) - 0xa282ead8n) & 0xffffffffn;
  return Number(((rotated >> 17n) | (rotated << 15n)) & 0xffffffffn);
}

function readEvents(bytes: Buffer): Event[] {
  const events: Event[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    assert.equal(
      unmasked(bytes.readUInt32LE(at + 8)),
      crc32c(bytes.subarray(at, at + 8)),
      'the length’s crc',
    );
    const data = bytes.subarray(at + 12, at + 12 + length);
    assert.equal(data.length, length, 'the record is whole');
    assert.equal(unmasked(bytes.readUInt32LE(at + 12 + length)), crc32c(data), 'the data’s crc');
    events.push(eventType.toObject(eventType.decode(data), { longs: Number }) as Event);
    at += 16 + length;
  }
  return events;
}

/** Files in their order, as TensorBoard reads them: a start forgets its step and later ones. */
function scalarsOf(folder: string): Map<string, [step: number, value: number][]> {
  const scalars = new Map<string, [number, number][]>();
  for (const file of eventFiles(folder)) {
    const events = readEvents(readFileSync(path.join(folder, file)));
    assert.equal(events[0]?.fileVersion, 'brain.Event:2');
    for (const { step, summary, sessionLog } of events) {
      if (sessionLog?.status === 1)
        for (const [tag, points] of scalars)
          scalars.set(
            tag,
            points.filter(([at]) => at < step),
          );
      for (const { tag, simpleValue } of summary?.value ?? [])
        scalars.set(tag, [...(scalars.get(tag) ?? []), [step, simpleValue]]);
    }
  }
  return scalars;
}

function eventFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith('events.out.tfevents.'))
    .sort();
}

describe('TensorBoard’s event files', function () {
  this.timeout(180_000);
  before(buildSidecar);
  afterEach(cleanUp);

  const model = sequential('small', [
    ['Flatten', { inputShape: [28, 28, 1] }],
    ['Dense', { units: 10, activation: 'softmax' }],
  ]);

  it('have the crc of RFC 3720 and the mask of TensorFlow', () => {
    // RFC 3720, B.4: 32 bytes of zeros.
    assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
    const [event] = readEvents(
      Buffer.from(scalarsRecord(1500, 3, { a: 0.5, none: undefined, broken: Number.NaN })),
    );
    assert.deepEqual(event, { wallTime: 1.5, step: 3, summary: { value: [{ tag: 'a', simpleValue: 0.5 }] } });
    assert.equal(eventFileName(1_700_000_000_000, 'my host'), 'events.out.tfevents.1700000000.my_host');
  });

  it('hold the curves of a run that was interrupted, each step once', async () => {
    const sidecar = await startSidecar();
    const data = { kind: 'idx', folder: smallMnist(temporaryFolder(), 640, 0) } as const;
    const source = new CancellationTokenSource();
    const listening = sidecar.onTrainingEvent(({ kind }) => {
      if (kind === 'batch') source.cancel();
    });
    const options = { ...shortTraining, epochs: 4, batchSize: 16, checkpointMinutes: 0.001 };
    const params = { run: 'r', model, data, options, runsFolder: temporaryFolder() };
    const { runFolder } = await sidecar.request('train', params, source.token);
    listening.dispose();
    await sidecar.request('resume', { run: 'r', runFolder });
    assert.equal(eventFiles(runFolder).length, 2, 'one each time');

    const scalars = scalarsOf(runFolder);
    const steps = (tag: string) => scalars.get(tag)?.map(([step]) => step);
    assert.deepEqual(
      steps('batch/loss'),
      Array.from({ length: 144 }, (_, i) => i + 1),
    );
    const { epochs } = readRun(runFolder);
    const tags: [string, (number | undefined)[]][] = [
      ['epoch/loss', epochs.map(({ loss }) => loss)],
      ['epoch/accuracy', epochs.map(({ accuracy }) => accuracy)],
      ['epoch/validation_loss', epochs.map(({ validationLoss }) => validationLoss)],
      ['epoch/validation_accuracy', epochs.map(({ validationAccuracy }) => validationAccuracy)],
      ['epoch/learning_rate', epochs.map(({ learningRate }) => learningRate)],
    ];
    for (const [tag, values] of tags) {
      assert.deepEqual(steps(tag), [36, 72, 108, 144], tag);
      assert.deepEqual(
        scalars.get(tag)?.map(([, value]) => value),
        values.map((value) => Math.fround(value ?? 0)),
        tag,
      );
    }
    compareWithTensorBoard(runFolder, scalars);
  });
});

/** PYTHON names the one that has it. */
function compareWithTensorBoard(folder: string, expected: Map<string, [number, number][]>): void {
  const script = `
import json, sys
try:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
except ImportError:
    print('null'); sys.exit()
events = EventAccumulator(sys.argv[1], size_guidance={'scalars': 0}); events.Reload()
print(json.dumps({tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in events.Tags()['scalars']}))`;
  const python = process.env['PYTHON'] ?? 'python3';
  const { stdout } = spawnSync(python, ['-c', script, folder], { encoding: 'utf8' });
  const read = JSON.parse(stdout?.trim() || 'null');
  if (read === null)
    console.log('      (TensorBoard itself is not installed: PYTHON names a Python that has it)');
  else assert.deepEqual(new Map(Object.entries(read)), expected, 'TensorBoard reads the same');
}
