/** The tests' own tools: that they fail when they should. A harness that always passes proves nothing. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { lenet5Hints } from '../harness/lenet5';
import { root, useWorkbench, type Workbench } from '../harness/workbench';

describe('the harness', function () {
  this.timeout(240_000);

  describe('of the extension host', () => {
    const cases = [
      { suite: 'failing', because: '1 failed' },
      { suite: 'throwing', because: 'thrown on purpose' },
      { suite: 'hanging', because: 'no result within' },
      { suite: 'empty', because: 'no test ran' },
    ];
    for (const { suite, because } of cases) {
      it(`fails for a suite that is ${suite}`, () => {
        const { LAYERWISE_TEST_RESULTS: _, ...env } = process.env;
        const folder = path.join(root, 'test/host/selftest', suite);
        const { status, stdout, stderr } = spawnSync(
          process.execPath,
          [
            path.join(root, 'test/host/run.mjs'),
            '--suite',
            folder,
            '--limit',
            suite === 'hanging' ? '30' : '150',
          ],
          { env, encoding: 'utf8' },
        );
        assert.notEqual(status, 0);
        assert.ok(`${stdout}${stderr}`.includes(because), `${because}:\n${stdout}\n${stderr}`);
      });
    }
  });

  describe('of the workbench', () => {
    let workbench: Workbench;
    useWorkbench({ openFile: 'lenet5.ts' }, (started) => {
      workbench = started;
    });

    it('notices a wrong hint and says which', async () => {
      await workbench.waitForHints(lenet5Hints);
      const wrong = ['→ 28×28×6 · 157', ...lenet5Hints.slice(1)];
      await assert.rejects(workbench.waitForHints(wrong, 1500), /157/);
    });

    it('notices a missing panel', async () => {
      await assert.rejects(workbench.webviewFrame('training', 1500), /training panel/);
    });

    it('notices a command that is not offered', async () => {
      assert.equal(await workbench.offersCommand('Layerwise: Show Architecture'), true);
      assert.equal(await workbench.offersCommand('Layerwise: Cancel Training'), false);
    });
  });
});
