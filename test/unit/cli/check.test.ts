import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const command = path.resolve('dist/cli.js');
const head = "import * as tf from '@tensorflow/tfjs';\n";
const good = `${head}export const m = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });\n`;
/** An error in line 4 that is the fault of two layers. */
const bad = `${head}export const m = tf.sequential();
m.add(tf.layers.lstm({ units: 4, inputShape: [9, 2] }));
m.add(tf.layers.lstm({ units: 4 }));
`;
/** tfjs computes nonsense, but does not throw. */
const doubtful = `${head}export const m = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3], activation: 'ReLU' })] });\n`;

describe('layerwise check', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'layerwise-check-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function write(files: Record<string, string>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), text);
    }
  }

  function check(...args: string[]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [command, 'check', ...args], {
      cwd: folder,
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  }

  it('finds nothing wrong with the examples', () => {
    const { status, stdout } = check(path.resolve('examples'));
    assert.equal(stdout, '0 errors and 0 warnings in 5 files with TensorFlow.js\n');
    assert.equal(status, 0);
  });

  it('prints an error with what led to it, and ends with 1', () => {
    write({ 'src/bad.ts': bad, 'src/good.ts': good });
    const { status, stdout } = check('src');
    assert.equal(status, 1);
    const lines = stdout.split('\n');
    assert.match(lines[0]!, /^src\/bad\.ts:4:7: error: lstm takes an input of 2 axes .* \[rank-mismatch\]$/);
    assert.match(lines[1]!, /^ {4}src\/bad\.ts:3:7: its input comes from here: \[null, 4\]$/);
    assert.equal(lines[2], '1 error and 0 warnings in 2 files with TensorFlow.js');
  });

  it('ends with 0 where there are only warnings', () => {
    write({ 'a.ts': doubtful });
    const { status, stdout } = check('.');
    assert.match(stdout, /^a\.ts:2:43: warning: .*\[layer-as-activation\]$/m);
    assert.match(stdout, /^0 errors and 1 warning in 1 file with TensorFlow\.js$/m);
    assert.equal(status, 0);
  });

  it('goes through folders, but not through what is not the program', () => {
    write({
      'deep/er/a.mts': bad,
      'b.jsx': bad,
      'node_modules/x/c.js': bad,
      'dist/d.js': bad,
      '.hidden/e.js': bad,
      'types.d.ts': bad,
      'vendor.min.js': bad,
      'notes.md': bad,
      'plain.ts': 'export const a = [].at(0).apply(1);',
    });
    symlinkSync(folder, path.join(folder, 'deep/loop'));
    const { stdout } = check('.', '--format', 'json');
    assert.deepEqual(
      JSON.parse(stdout).files.map((file: { path: string }) => file.path),
      ['b.jsx', 'deep/er/a.mts'],
    );
  });

  it('says once what is wrong in a file that others import, wherever it lies', () => {
    write({
      'lib/head.ts': `${head}export const head = () => tf.layers.dense({ units: 0 });\n`,
      'src/a.ts': `${good}import { head } from '../lib/head';\nm.add(head());\n`,
      'src/b.ts': `${good}import { head } from '../lib/head';\nm.add(head());\n`,
    });
    const { status, stdout } = check('src');
    assert.equal(status, 1);
    assert.equal(stdout.match(/invalid-argument/g)?.length, 1);
    assert.match(stdout, /^lib\/head\.ts:2:27: error/);
  });

  it('ends with 2 for what cannot be read, and for bad usage', () => {
    write({ 'bad.ts': bad });
    const missing = check('bad.ts', 'missing.ts');
    assert.equal(missing.status, 2);
    assert.match(missing.stderr, /missing\.ts: there is no such file/);
    assert.match(missing.stdout, /bad\.ts:4:7: error/, 'the others are checked all the same');
    assert.equal(check().status, 2);
    assert.equal(check('bad.ts', '--format', 'xml').status, 2);
    assert.equal(check('bad.ts', '--strict').status, 2);
  });

  it('reads the scripts of web pages at their places', () => {
    write({
      'page.html': `<!doctype html>\n<script src="tf.min.js"></script>\n<script>\n  const m = tf.sequential();\n  m.add(tf.layers.dense({ units: 0 }));\n</script>\n`,
    });
    const { stdout } = check('.');
    assert.match(stdout, /^page\.html:5:9: error: .*\[invalid-argument\]$/m);
  });

  it('passes over a file that is no program', () => {
    write({ 'a.css': 'tf {}', 'a.ts': good });
    const { status, stderr, stdout } = check('a.css', 'a.ts');
    assert.equal(status, 0);
    assert.match(stderr, /a\.css: passed over/);
    assert.match(stdout, /in 1 file /);
  });

  it('JSON: diagnostics as inspect has them, and nothing else on the output', () => {
    write({ 'bad.ts': bad });
    const { stdout, stderr } = check('bad.ts', '--format', 'json');
    const { version, files } = JSON.parse(stdout);
    assert.equal(version, 1);
    const [diagnostic] = files[0].diagnostics;
    assert.deepEqual(diagnostic.range, {
      start: { line: 3, character: 6 },
      end: { line: 3, character: 34 },
    });
    assert.equal(diagnostic.severity, 'error');
    assert.equal(diagnostic.code, 'rank-mismatch');
    assert.equal(diagnostic.related[0].path, 'bad.ts');
    assert.match(diagnostic.documentation, /docs\/diagnostics\/rank-mismatch\.md$/);
    assert.match(stderr, /^1 error and 0 warnings in 1 file with TensorFlow\.js$/m);
  });

  it('SARIF 2.1.0', () => {
    write({ 'a b/ö#1.ts': bad, 'c.ts': doubtful });
    const { stdout, status } = check('.', '--format', 'sarif');
    assert.equal(status, 1);
    const log = JSON.parse(stdout);
    assert.equal(log.version, '2.1.0');
    const [run] = log.runs;
    const { driver } = run.tool;
    assert.equal(driver.name, 'Layerwise');
    assert.match(driver.version, /^\d+\.\d+\.\d+/);
    const ids = driver.rules.map((rule: { id: string }) => rule.id);
    assert.equal(new Set(ids).size, ids.length, 'every rule once');
    for (const rule of driver.rules) {
      assert.match(new URL(rule.helpUri).pathname, new RegExp(`/${rule.id}\\.md$`));
      for (const part of ['shortDescription', 'fullDescription', 'help']) assert.ok(rule[part].text);
    }
    assert.deepEqual(
      run.results.map((result: { ruleId: string; level: string }) => [result.ruleId, result.level]),
      [
        ['rank-mismatch', 'error'],
        ['layer-as-activation', 'warning'],
      ],
    );
    for (const result of run.results) assert.equal(ids[result.ruleIndex], result.ruleId);
    const [{ physicalLocation }] = run.results[0].locations;
    assert.deepEqual(physicalLocation, {
      artifactLocation: { uri: 'a%20b/%C3%B6%231.ts', uriBaseId: '%SRCROOT%' },
      region: { startLine: 4, startColumn: 7, endLine: 4, endColumn: 35 },
    });
    const [related] = run.results[0].relatedLocations;
    assert.equal(related.id, 0);
    assert.equal(related.physicalLocation.region.startLine, 3);
    assert.match(related.message.text, /its input comes from here/);
    assert.equal(run.results[1].relatedLocations, undefined);
  });

  it('a SARIF report without findings is a report all the same', () => {
    write({ 'a.ts': good });
    const { stdout, status } = check('.', '--format', 'sarif');
    assert.equal(status, 0);
    assert.deepEqual(JSON.parse(stdout).runs[0].results, []);
  });

  it('annotations for GitHub, escaped', () => {
    write({ 'a,b:c.ts': `${head}tf.layers.dense({ units: 2, activation: '50%\\n' });\n`, 'd.ts': doubtful });
    const { stdout } = check('.', '--format', 'github');
    const [first, second] = stdout.split('\n');
    assert.match(
      first!,
      /^::error file=a%2Cb%3Ac\.ts,line=2,col=1,title=unknown-activation::tfjs has no activation '50%25%0A'\./,
    );
    assert.match(second!, /^::warning file=d\.ts,line=2,col=43,title=layer-as-activation::/);
  });
});
