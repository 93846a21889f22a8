/** Models that come and go: MobileNet fetched on first use, after asking; a run written as ONNX. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { mobileNet } from '../harness/mobilenet';
import { type Answer, closeServers, publishedFiles, serve, whole } from '../harness/modelServer';
import {
  becomes,
  closeBrowser,
  eventually,
  pictureFailures,
  root,
  startWorkbench,
  type Workbench,
  writeInto,
} from '../harness/workbench';

describe('models that come and go', function () {
  this.timeout(240_000);
  let workbench: Workbench;
  let asked: string[] = [];
  let answer: Answer = whole;
  const published = process.env['LAYERWISE_MOBILENET_JSON'];
  before(async () => {
    const files = published && existsSync(published) ? publishedFiles(published) : new Map();
    const server = await serve(files, (...of) => answer(...of));
    ({ asked } = server);
    workbench = await startWorkbench({
      env: { LAYERWISE_MODELS_URL: server.url, NO_PROXY: '*', no_proxy: '*' },
      prepare: (folder) => {
        writeInto(folder, 'pictures/cat.png', readFileSync(path.join(root, 'examples/images/chelsea.png')));
        cpSync(
          path.join(root, 'media/models/lenet5-mnist'),
          path.join(folder, '.layerwise/runs/2026-01-05T10-00-00-lenet5'),
          { recursive: true },
        );
      },
    });
  });
  after(async () => {
    await workbench?.stop();
    await closeBrowser();
    closeServers();
  });
  pictureFailures(() => workbench);

  it('MobileNet is fetched after asking, with progress, and classifies', async function () {
    mobileNet(this);
    const ask = async () => {
      await workbench.explorerCommand('pictures/cat.png', 'Classify Image');
      await workbench.pick('MobileNet');
      await workbench.dialog.waitFor();
      return workbench.dialog;
    };
    const text = ((await (await ask()).textContent()) ?? '').replace(/\s+/g, ' ');
    assert.match(text, /Download MobileNet/);
    for (const fact of [
      /\d\.\d MB, once/,
      /From: https:\/\//,
      /License: Apache 2\.0/,
      /stay on this machine/,
    ])
      assert.match(text, fact);
    await workbench.screenshot('download-consent');
    await workbench.dialog.getByRole('button', { name: 'Cancel' }).click();
    await workbench.dialog.waitFor({ state: 'detached' });
    assert.deepEqual(asked, [], 'nothing is asked of the network before people agree');

    // One file keeps people waiting, so that there is progress to see.
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    answer = (request, response, content) => {
      if (request.url?.endsWith('group20-shard1of1')) void held.then(() => response.end(content));
      else whole(request, response, content);
    };
    await (await ask()).getByRole('button', { name: 'Download' }).click();
    await workbench.notification(/Downloading MobileNet.*\d\.\d MB of \d\.\d MB/).waitFor();
    await workbench.screenshot('download-progress');
    goOn();
    const frame = await workbench.webviewFrame('classify');
    const best = frame.locator('[aria-label="Classes"] h2');
    await becomes('the cat', async () => /tabby|Egyptian cat/.test((await best.textContent()) ?? ''), true);
    assert.match(
      (await frame.locator('.run-header p').textContent()) ?? '',
      /memory: weights 2 MB, layers’ outputs/,
    );
    assert.equal(asked.length, 56);
    await workbench.screenshot('download-classified');
  });

  it('a run is written as ONNX, and onnxruntime runs it', async () => {
    const target = path.join(workbench.folder, 'written.onnx');
    await workbench.runCommand('Layerwise: Export Model of Run');
    await workbench.pick('lenet5');
    await workbench.pick('ONNX');
    // VS Code's own dialog for files that are not on the browser's machine.
    const name = workbench.quickInput.locator('input').first();
    await becomes('the dialog', async () => (await name.inputValue()).endsWith('lenet5.onnx'), true);
    await workbench.screenshot('export-dialog');
    await name.fill(target);
    await workbench.page.keyboard.press('Enter');
    await workbench.notification(/The model is in .*written\.onnx\. .*TensorFlow\.js/).waitFor();
    await workbench.screenshot('export-written');
    await eventually('the file', () => existsSync(target));
    const session = await InferenceSession.create(target, { logSeverityLevel: 3 });
    const [input = '', output = ''] = [session.inputNames[0], session.outputNames[0]];
    const zeros = new Tensor('float32', new Float32Array(32 * 32), [1, 32, 32, 1]);
    const { dims, data } = (await session.run({ [input]: zeros }))[output]!;
    assert.deepEqual([...dims], [1, 10]);
    const sum = (data as Float32Array).reduce((total, value) => total + value, 0);
    assert.ok(Math.abs(sum - 1) < 1e-5, `probabilities: ${sum}`);
    await session.release();
  });
});
