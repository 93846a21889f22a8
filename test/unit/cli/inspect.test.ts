import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The real command, as it is installed. */
function layerwise(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.resolve('dist/cli.js'), ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('layerwise inspect', function () {
  this.timeout(60_000);

  it('prints LeNet-5 as JSON', () => {
    const { status, stdout } = layerwise('inspect', 'examples/lenet5.ts', '--format', 'json');
    assert.equal(status, 0);
    const result = JSON.parse(stdout);
    assert.equal(result.version, 1);
    const [file] = result.files;
    assert.equal(file.path, 'examples/lenet5.ts');
    assert.deepEqual(file.diagnostics, []);
    assert.deepEqual(file.unattached, []);
    const [model] = file.models;
    assert.equal(model.name, 'lenet5');
    assert.equal(model.kind, 'sequential');
    assert.deepEqual(model.inputShapes, [[null, 32, 32, 1]]);
    assert.deepEqual(model.outputShapes, [[null, 10]]);
    assert.deepEqual(model.totals, {
      params: 61_706,
      trainableParams: 61_706,
      nonTrainableParams: 0,
      macs: 416_520,
    });
    assert.deepEqual(
      model.layers.map((layer: Record<string, unknown>) => [
        layer.className,
        layer.outputShape,
        layer.params,
        layer.macs,
        layer.receptiveField,
        layer.verdict,
      ]),
      [
        ['Conv2D', [null, 28, 28, 6], 156, 117_600, 5, 'exact'],
        ['AveragePooling2D', [null, 14, 14, 6], 0, 0, 6, 'exact'],
        ['Conv2D', [null, 10, 10, 16], 2_416, 240_000, 14, 'exact'],
        ['AveragePooling2D', [null, 5, 5, 16], 0, 0, 16, 'exact'],
        ['Conv2D', [null, 1, 1, 120], 48_120, 48_000, 32, 'exact'],
        ['Flatten', [null, 120], 0, 0, 32, 'exact'],
        ['Dense', [null, 84], 10_164, 10_080, 32, 'exact'],
        ['Dense', [null, 10], 850, 840, 32, 'exact'],
      ],
    );
    const { start, end } = model.layers[0].range;
    const line = readFileSync('examples/lenet5.ts', 'utf8').split('\n')[start.line]!;
    assert.match(line.slice(start.character, end.character), /^tf\.layers\.conv2d\(\{.*\}\)$/);
  });

  it('prints a table', () => {
    const { status, stdout } = layerwise('inspect', 'examples/lenet5.ts');
    assert.equal(status, 0);
    assert.match(stdout, /conv2d_Conv2D1 \(Conv2D\)\s+28×28×6\s+156\s+117,600\s+5×5/);
    assert.match(stdout, /Total parameters: 61,706/);
  });

  it('reads a saved model', () => {
    const saved = 'media/models/lenet5-mnist/checkpoint/model.json';
    const { status, stdout } = layerwise('inspect', saved);
    assert.equal(status, 0);
    assert.match(stdout, /\(Conv2D\)\s+28×28×6\s+156\s+117,600\s+5×5/);
    assert.match(stdout, /Total parameters: 61,706/);
    const [file] = JSON.parse(layerwise('inspect', saved, '--format', 'json').stdout).files;
    assert.equal(file.models[0].totals.params, 61_706);
    assert.deepEqual(file.models[0].outputShapes, [[null, 10]]);
  });

  it('says why a file is no saved model', () => {
    const { status, stderr } = layerwise('inspect', 'package.json');
    assert.equal(status, 2);
    assert.match(stderr, /package\.json: The file has no `modelTopology`/);
  });

  it('reads the scripts of a web page', () => {
    const page = path.join(mkdtempSync(path.join(tmpdir(), 'layerwise-')), 'index.html');
    writeFileSync(
      page,
      '<p>tf</p>\n<script>\n  const m = tf.sequential({layers: [tf.layers.dense({units: 2, inputShape: [3]})]});\n</script>\n',
    );
    const [file] = JSON.parse(layerwise('inspect', page, '--format', 'json').stdout).files;
    assert.equal(file.models[0].totals.params, 8);
    assert.deepEqual(file.models[0].layers[0].range.start, { line: 2, character: 36 });
  });

  it('says which file is missing, and goes on with the others', () => {
    const { status, stdout, stderr } = layerwise('inspect', 'no/such/file.ts', 'examples/lenet5.ts');
    assert.equal(status, 2);
    assert.match(stderr, /no\/such\/file\.ts: there is no such file/);
    assert.match(stdout, /61,706/);
  });

  it('rejects bad usage with exit code 2', () => {
    assert.equal(layerwise('inspect').status, 2);
    assert.equal(layerwise('inspect', 'examples/lenet5.ts', '--format', 'xml').status, 2);
    assert.equal(layerwise('no-such-command').status, 2);
  });

  it('names the file of a layer that another file creates', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'layerwise-'));
    writeFileSync(
      path.join(folder, 'head.ts'),
      "import * as tf from '@tensorflow/tfjs';\nexport const head = () => tf.layers.dense({ units: 2 });\n",
    );
    const main = path.join(folder, 'main.ts');
    writeFileSync(
      main,
      "import * as tf from '@tensorflow/tfjs';\nimport { head } from './head';\nconst m = tf.sequential();\nm.add(tf.layers.flatten({ inputShape: [3, 3] }));\nm.add(head());\n",
    );
    const [file] = JSON.parse(layerwise('inspect', main, '--format', 'json').stdout).files;
    const [flatten, dense] = file.models[0].layers;
    assert.equal(flatten.path, undefined);
    assert.match(dense.path, /head\.ts$/);
    assert.equal(dense.params, 20);
  });

  it('writes no name to the terminal that would give it orders', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'layerwise-inspect-'));
    const file = path.join(folder, 'model.json');
    const name = 'a\u001b]0;title\u0007\u009b2J\u202e';
    const written = String.raw`a\u001b]0;title\u0007\u009b2J\u202e`;
    const save = (modelName: string, className: string) => {
      const layer = { class_name: className, config: { name: 'f', batch_input_shape: [null, 2, 2] } };
      const modelTopology = { class_name: 'Sequential', config: { name: modelName, layers: [layer] } };
      writeFileSync(file, JSON.stringify({ modelTopology, weightsManifest: [] }));
    };
    save(name, 'Flatten');
    const text = layerwise('inspect', file);
    const json = layerwise('inspect', file, '--format', 'json');
    save('m', name);
    const refused = layerwise('inspect', file);
    rmSync(folder, { recursive: true });
    assert.ok(text.stdout.includes(written), text.stdout + text.stderr);
    assert.equal(JSON.parse(json.stdout).files[0].models[0].name, name);
    assert.ok((refused.stdout + refused.stderr).includes(written), refused.stdout + refused.stderr);
    for (const { stdout, stderr } of [text, json, refused])
      assert.doesNotMatch(stdout + stderr, /(?!\n)\p{Cc}|\u202e/u);
  });
});
