import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const command = path.resolve('dist/cli.js');
const lenet = path.resolve('media/models/lenet5-mnist');

describe('layerwise export', function () {
  this.timeout(180_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'layerwise-export-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const run = (...args: string[]) =>
    spawnSync(process.execPath, [command, ...args], { encoding: 'utf8', cwd: folder, timeout: 120_000 });

  it('writes an .onnx file that inspect reads, and replaces none unasked', () => {
    const first = run('export', lenet, '--to', 'lenet.onnx', '--backend', 'wasm');
    assert.equal(first.status, 0, first.stderr);
    assert.match(
      first.stdout,
      /lenet\.onnx {2}0\.2 MB\n {2}takes .*\[batch, 32, 32, 1\]\n {2}gives .*\[batch, 10\]\n/,
    );
    assert.match(
      first.stdout,
      /Compared with TensorFlow\.js on random inputs: 20 values agree within \de-\d/,
    );
    const inspected = run('inspect', 'lenet.onnx', '--format', 'json');
    const [model] = JSON.parse(inspected.stdout).files[0].models;
    assert.equal(model.totals.params, 61_706);
    const second = run('export', lenet, '--to', 'lenet.onnx');
    assert.equal(second.status, 1);
    assert.match(
      second.stderr,
      /^layerwise: .*lenet\.onnx: The file exists already\. Choose another name, or add --force\.$/m,
    );
    assert.equal(run('export', lenet, '--to', 'lenet.pb').status, 2);
    const forced = run(
      'export',
      lenet,
      '--to',
      'lenet.onnx',
      '--force',
      '--backend',
      'wasm',
      '--format',
      'json',
    );
    assert.equal(JSON.parse(forced.stdout).version, 1);
  });
});
