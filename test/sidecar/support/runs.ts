/** Runs on disk, as a test judges them: read by no code of the sidecar's. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type RunFile, runFile } from '../../../protocol/sidecar';

export function readRun(folder: string): RunFile {
  return runFile.parse(JSON.parse(readFileSync(path.join(folder, 'run.json'), 'utf8')));
}

/** The lines of metrics.jsonl without what depends on the clock. */
export function metricsOf(folder: string): string[] {
  return wholeLines(folder).map((line) => JSON.stringify({ ...JSON.parse(line), seconds: undefined }));
}

/** Every file of a run is whole, whatever was done to its process. Files still being written have names of their own. */
export function assertWhole(folder: string): void {
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    if (name.endsWith('.json')) assert.doesNotThrow(() => JSON.parse(readFileSync(file, 'utf8')), name);
  }
  wholeLines(folder).forEach((line) => void JSON.parse(line));
  const checkpoint = path.join(folder, 'checkpoint');
  const files = existsSync(checkpoint) ? readdirSync(checkpoint) : [];
  for (const name of files.filter((file) => file.endsWith('.json')))
    assert.doesNotThrow(() => JSON.parse(readFileSync(path.join(checkpoint, name), 'utf8')), name);
  for (const name of files.filter((file) => file.endsWith('.bin'))) {
    const content = createHash('sha256')
      .update(readFileSync(path.join(checkpoint, name)))
      .digest('hex');
    assert.equal(
      name.replace(/^(weights|optimizer)-/, ''),
      `${content.slice(0, 16)}.bin`,
      'a file has half its content',
    );
  }
  if (files.includes('training.json')) {
    const { weights, optimizer, best } = JSON.parse(
      readFileSync(path.join(checkpoint, 'training.json'), 'utf8'),
    );
    for (const { file } of [weights, optimizer, ...(best ? [best.weights] : [])])
      assert.ok(files.includes(file), `training.json names ${file}, which does not exist`);
  }
  if (files.includes('model.json'))
    assert.ok(files.includes(publishedWeights(folder)), 'model.json has its weights');
}

/** The file that model.json names: its name says what is in it. */
export function publishedWeights(folder: string): string {
  const json = JSON.parse(readFileSync(path.join(folder, 'checkpoint', 'model.json'), 'utf8'));
  return json.weightsManifest[0].paths[0];
}

/** A process that is killed while it appends may leave a last line without its end; readers leave it out. */
function wholeLines(folder: string): string[] {
  const file = path.join(folder, 'metrics.jsonl');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').split('\n').slice(0, -1);
}
