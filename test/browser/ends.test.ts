/** Whatever computes, fetches or installs ends with VS Code, whichever way that ends. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { closeServers, serve } from '../harness/modelServer';
import {
  appears,
  closeBrowser,
  eventually,
  pictureFailures,
  root,
  startWorkbench,
  type Workbench,
  writeInto,
} from '../harness/workbench';
import { saveModel } from '../sidecar/support/models';

interface Process {
  pid: number;
  parent: number;
  command: string;
}

function processes(): Process[] {
  const list = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' });
  return list
    .trim()
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line)!)
    .filter(([, , , state]) => !state!.startsWith('Z'))
    .map(([, pid, parent, , command]) => ({ pid: Number(pid), parent: Number(parent), command: command! }));
}

/** Those that these have started, and so on. */
function descendants(of: readonly number[], all = processes()): Process[] {
  const children = all.filter(({ parent }) => of.includes(parent));
  return children.length === 0
    ? []
    : [
        ...children,
        ...descendants(
          children.map(({ pid }) => pid),
          all,
        ),
      ];
}

describe('when VS Code ends', function () {
  this.timeout(240_000);
  let workbench: Workbench | undefined;
  pictureFailures(() => workbench);
  afterEach(async () => {
    await workbench?.stop();
    workbench = undefined;
    closeServers();
  });
  after(closeBrowser);

  const ways: [what: string, end: (host: Process) => void][] = [
    ['its extension host is killed', ({ pid }) => process.kill(pid, 'SIGKILL')],
    ['it is asked to end', ({ parent }) => process.kill(parent, 'SIGTERM')],
    ['it is killed', ({ parent }) => process.kill(parent, 'SIGKILL')],
  ];
  for (const [what, end] of ways) {
    it(`nothing is left of a classification, a download and an installation when ${what}`, async () => {
      const { url, asked } = await serve(new Map(), () => {
        // Never answered: the download is under way.
      });
      workbench = await startWorkbench({
        env: { LAYERWISE_MODELS_URL: url, NO_PROXY: '*', no_proxy: '*' },
        prepare: async (folder) => {
          writeInto(folder, 'pictures/cat.png', readFileSync(path.join(root, 'examples/images/chelsea.png')));
          await saveModel(slowModel(), path.join(folder, 'slow'));
        },
      });
      await workbench.explorerCommand('pictures/cat.png', 'Classify Image');
      await workbench.pick('MobileNet');
      await workbench.dialog.getByRole('button', { name: 'Download' }).click();
      await eventually('the download', () => asked.length > 0);

      await workbench.runCommand('Layerwise: Install Native Backend');
      await workbench.dialog.getByRole('button', { name: 'Install' }).click();
      const [computing] = workbench.computeProcesses();
      const installing = await eventually('the installing process and a program that it runs', () => {
        const other = workbench!.computeProcesses().find((pid) => pid !== computing);
        return other !== undefined && descendants([other]).length > 0 ? other : undefined;
      });

      await workbench.explorerCommand('pictures/cat.png', 'Classify Image');
      await workbench.pick('Browse for a model file…');
      const name = workbench.quickInput.locator('input').first();
      await eventually('the dialog', async () => (await name.inputValue()).startsWith('/'));
      await name.fill(path.join(workbench.folder, 'slow/model.json'));
      const choose = workbench.quickInput.getByRole('button', { name: 'Classify With It' });
      // A dialog that still looks into the folder takes no click.
      await eventually('the dialog to be closed', async () => {
        await choose.click({ timeout: 2000 }).catch(() => {});
        return !(await appears(choose, 500));
      });
      const frame = await workbench.webviewFrame('classify');
      await frame.locator('.working', { hasText: 'Classifying cat.png' }).waitFor();

      const all = processes();
      const host = all.find(({ pid }) => pid === all.find((each) => each.pid === computing)?.parent);
      assert.ok(host, 'the extension host has started them');
      const ours = [computing!, installing];
      const before = [...ours, ...descendants(ours, all).map(({ pid }) => pid)];
      assert.ok(before.length > 2);
      end(host);
      const commands = new Map(all.map(({ pid, command }) => [pid, command]));
      await eventually('their end', () =>
        processes().every(({ pid, command }) => !before.includes(pid) || commands.get(pid) !== command),
      );
      assert.deepEqual(workbench.computeProcesses(), []);
    });
  }
});

/** Keeps WebAssembly busy for many seconds: 60 G multiply-accumulates, most of them in one call. */
function slowModel(): tf.LayersModel {
  return tf.sequential({
    name: 'slow',
    layers: [
      tf.layers.conv2d({ inputShape: [224, 224, 3], filters: 64, kernelSize: 5, padding: 'same' }),
      tf.layers.conv2d({ filters: 128, kernelSize: 7, padding: 'same' }),
      tf.layers.conv2d({ filters: 128, kernelSize: 7, padding: 'same' }),
      tf.layers.globalAveragePooling2d({}),
      tf.layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
}
