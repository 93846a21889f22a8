import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The real command, as it is installed. */
function layerwise(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.resolve('dist/cli.js'), ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const program = (filters: number, more = '') => `import * as tf from '@tensorflow/tfjs';
export const small = tf.sequential({ layers: [
  tf.layers.conv2d({ inputShape: [8, 8, 1], filters: ${filters}, kernelSize: 3 }),${more}
  tf.layers.flatten(),
] });
export const other = tf.sequential({ layers: [tf.layers.dense({ inputShape: [2], units: 1 })] });
`;

describe('layerwise compare', function () {
  this.timeout(60_000);
  let folder: string;
  let [older, newer] = ['', ''];
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'layerwise-compare-'));
    [older, newer] = [path.join(folder, 'before.ts'), path.join(folder, 'after.ts')];
    writeFileSync(older, program(4));
    writeFileSync(newer, program(6, ' tf.layers.reLU(),'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('prints totals and what differs, layer by layer', () => {
    const { status, stdout } = layerwise('compare', `${older}#small`, `${newer}#small`);
    assert.equal(status, 0);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/ {2,}/g, ' '));
    assert.ok(lines.includes('Parameters 40 60'), stdout);
    assert.deepEqual(lines.slice(lines.indexOf(`+++ ${newer}#small (small)`) + 1), [
      ' input1 (InputLayer) 8×8×1',
      '~ conv2d_Conv2D1 (Conv2D) 6×6×6',
      ' filters: 4 → 6',
      ' output: 6×6×4 → 6×6×6',
      ' parameters: 40 → 60',
      ' multiply-accumulates: 1,296 → 1,944',
      '+ re_lu_ReLU1 (ReLU) 6×6×6',
      '≈ flatten_Flatten1 (Flatten) 216',
      ' output: 144 → 216',
      '1 added, 0 removed, 1 changed, 1 resized by that, 0 renamed, 1 alike',
    ]);
  });

  it('prints the same as JSON, with a saved model among them', () => {
    const saved = 'media/models/lenet5-mnist/checkpoint/model.json';
    const { status, stdout } = layerwise(
      'compare',
      'examples/lenet5.ts',
      saved,
      'examples/vgg16.ts',
      '--format',
      'json',
    );
    assert.equal(status, 0);
    const { version, models, steps } = JSON.parse(stdout);
    assert.equal(version, 1);
    assert.deepEqual(
      models.map(({ totals }: { totals: Record<string, number> }) => [
        totals['params'],
        totals['macs'],
        totals['depth'],
        totals['receptiveField'],
      ]),
      [
        [61_706, 416_520, 5, 32],
        [61_706, 416_520, 5, 32],
        [138_357_544, 15_470_264_320, 16, 212],
      ],
    );
    assert.deepEqual(steps[0].counts, { same: 9, renamed: 0, resized: 0, changed: 0, added: 0, removed: 0 });
    assert.ok(steps[1].counts.changed > 0 && steps[1].counts.added > 0);
  });

  for (const [what, args, message] of [
    ['one model only', ['examples/lenet5.ts'], /two models or more/],
    ['a file that is not there', ['examples/lenet5.ts', 'nowhere.ts'], /there is no such file/],
    ['a name that is not there', ['examples/lenet5.ts', 'examples/vgg16.ts#vgg'], /#vgg16/],
  ] as const) {
    it(`says what is wrong with ${what}`, () => {
      const { status, stderr } = layerwise('compare', ...args);
      assert.equal(status, 2);
      assert.match(stderr, message);
    });
  }

  it('asks which one where a file has several', () => {
    const { status, stderr } = layerwise('compare', older, newer);
    assert.equal(status, 2);
    assert.match(stderr, /before\.ts#small, .*before\.ts#other/);
  });
});
