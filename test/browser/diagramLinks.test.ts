/** Source, diagram and classified picture as one thing, across files; saved models opened as drawings. */
import assert from 'node:assert/strict';
import { testDigit } from '../harness/digits';
import { residualOnnx } from '../harness/onnxFile';
import { becomes, eventually, useWorkbench, type Workbench, writeInto } from '../harness/workbench';

/** LeNet-5, its convolutions in a file of their own. */
const network = `import * as tf from '@tensorflow/tfjs';
import { convolve } from './blocks';

const model = tf.sequential();
convolve(model, 6, [32, 32, 1]);
model.add(tf.layers.averagePooling2d({ poolSize: 2, strides: 2 }));
convolve(model, 16);
model.add(tf.layers.averagePooling2d({ poolSize: 2, strides: 2 }));
convolve(model, 120);
model.add(tf.layers.flatten());
model.add(tf.layers.dense({ units: 84, activation: 'tanh' }));
model.add(tf.layers.dense({ units: 10, activation: 'softmax' }));
`;
const blocks = `import * as tf from '@tensorflow/tfjs';

export function convolve(model: tf.Sequential, filters: number, inputShape?: [number, number, number]): void {
  model.add(tf.layers.conv2d({ filters, kernelSize: 5, activation: 'tanh', inputShape }));
}
`;

describe('source, diagram and picture', function () {
  this.timeout(300_000);
  let workbench: Workbench;
  useWorkbench(
    {
      openFile: 'network.ts',
      prepare: async (folder) => {
        writeInto(folder, 'network.ts', network);
        writeInto(folder, 'blocks.ts', blocks);
        writeInto(folder, 'saved/residual.onnx', residualOnnx());
        writeInto(folder, 'saved/model.json', '{"modelTopology": {"class_name": ');
        writeInto(folder, 'pictures/seven.png', await testDigit(7));
      },
    },
    async (started) => {
      workbench = started;
      await workbench.runCommand('Layerwise: Show Architecture');
      const frame = await workbench.webviewFrame('diagram');
      await frame.getByText('61,706', { exact: true }).first().waitFor();
    },
  );

  /** There are two diagrams once a saved model is open. */
  const frameWith = async (selector: string, text: string) => {
    for (const frame of workbench.page.frames()) {
      const shown = frame.locator(selector, { hasText: text });
      if ((await shown.count().catch(() => 0)) > 0) return frame;
    }
    return undefined;
  };
  const showTab = async (title: string) => {
    const tab = workbench.page.locator('.tab', { hasText: title }).first();
    await tab.click();
  };
  const activeTab = () =>
    workbench.page.locator('.tab.active.selected').first().getAttribute('data-resource-name');

  it('a layer of another file shows that file, and the diagram stays', async () => {
    const frame = await workbench.webviewFrame('diagram');
    const layer = frame.locator('.picture .layer[aria-label*="10×10×16"]').first();
    await layer.locator('text').first().click();
    await becomes('the file in front', activeTab, 'blocks.ts');
    await workbench.statusBar(/Ln 4,/).waitFor();
    // One call makes all three: each of them is marked.
    const marked = frame.locator('.picture .layer.highlighted');
    await becomes('the layers at the cursor', () => marked.count(), 3);
    await frame.getByText('61,706', { exact: true }).first().waitFor();
    await workbench.screenshot('diagram-other-file');
  });

  it('a picture fills the drawing of its model', async () => {
    await workbench.explorerCommand('pictures/seven.png', 'Classify Image');
    await workbench.pick('lenet5');
    const classify = await workbench.webviewFrame('classify');
    await classify.locator('.layer-maps').first().waitFor();
    await showTab('Architecture');
    const frame = await workbench.webviewFrame('diagram');
    const maps = () =>
      frame
        .locator('.picture .layer')
        .evaluateAll((all) => all.map((layer) => layer.querySelectorAll('image').length));
    await becomes('the maps of each layer', maps, [1, 6, 6, 16, 16, 1, 1, 1, 1]);
    assert.match(await frame.locator('.picture-bar').innerText(), /seven\.png[\s\S]*7/);
    await workbench.screenshot('diagram-filled');
  });

  it('one layer is selected, whoever shows it', async () => {
    const frame = await workbench.webviewFrame('diagram');
    // The details lie over the drawing in a narrow panel.
    await frame.getByRole('button', { name: 'Close details' }).click();
    await frame.locator('.picture .layer[aria-label*="1×1×120"] text').first().click();
    await showTab('Classify');
    const classify = await workbench.webviewFrame('classify');
    const selected = () => classify.locator('.layer-maps.selected .layer-name').allInnerTexts();
    await becomes('the layer that the picture shows', selected, ['conv2d_Conv2D3']);

    await showTab('network.ts');
    await workbench.moveCursor(11, 30);
    await becomes('the layer at the cursor', selected, ['dense_Dense1']);

    await classify.locator('.layer-maps .layer-name', { hasText: 'dense_Dense2' }).click();
    // The panel keeps the focus, so that its keys go on walking: the status bar tells no line.
    await workbench.editor.locator('.active-line-number', { hasText: /^12$/ }).waitFor();
    await showTab('Architecture');
    const diagram = await workbench.webviewFrame('diagram');
    await diagram.locator('.picture .layer.highlighted.selected[aria-label*="850 params"]').waitFor();
  });

  it('says so when the drawn model is not the one that ran', async () => {
    await showTab('network.ts');
    await workbench.replaceInLine(11, 'units: 84', 'units: 90');
    const frame = await workbench.webviewFrame('diagram');
    const notice = frame.locator('.picture-bar .notice');
    await notice.waitFor();
    assert.match(await notice.innerText(), /Dense 90.*Dense 84.*Only the 6 layers before that are filled/s);
    await workbench.screenshot('diagram-differs');
  });

  it('opens an .onnx file as its drawing', async () => {
    await workbench.openFile('residual.onnx');
    const frame = await eventually("the file's own diagram", () => frameWith('h1', 'residual'));
    const rows = frame.locator('[aria-label="Layers as a table"] tbody tr');
    const first = frame.locator('.picture.graph .layer').first();
    await first.waitFor();
    assert.equal(await rows.count(), 9);
    assert.deepEqual(await rows.nth(1).locator('th, td').allTextContents(), [
      'stem',
      'Conv',
      '8×32×32',
      '80',
      '73,728',
      '3×3',
    ]);
    const edges = await frame.locator('.edge-label').allTextContents();
    assert.ok(edges.includes('8×32×32'), edges.join());
    await workbench.screenshot('diagram-onnx');
  });

  it('says what is wrong with a model.json that is broken', async () => {
    await workbench.explorerCommand('saved/model.json', 'Show Architecture');
    const frame = await eventually('the reason', () => frameWith('[role="alert"]', 'cut short'));
    await frame.getByText('model.json cannot be drawn').waitFor();
    await workbench.screenshot('diagram-broken-file');
  });
});
