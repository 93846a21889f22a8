/** What a user sees in the editor: hints, hover card and lens, painted. */
import assert from 'node:assert/strict';
import { lenet5Hints } from '../harness/lenet5';
import { useWorkbench, type Workbench } from '../harness/workbench';

describe('the editor', function () {
  this.timeout(240_000);
  let workbench: Workbench;
  useWorkbench({ openFile: 'lenet5.ts' }, (started) => {
    workbench = started;
  });

  it('paints every hint of LeNet-5', async () => {
    await workbench.waitForHints(lenet5Hints);
    await workbench.screenshot('hints');
  });

  it('paints a lens with the totals above the model', async () => {
    await workbench.codeLens('61,706').waitFor();
  });

  it('shows how a size comes about when the mouse rests on a layer', async () => {
    const hover = await workbench.hoverOver(/^conv2d$/, '156');
    const text = ((await hover.textContent()) ?? '').replace(/\u00a0/g, ' ');
    assert.ok(text.includes('(32 − 5 + 0)/1 + 1 = 28'), text);
    await workbench.screenshot('hover');
  });

  it('follows what is typed', async () => {
    const line = await workbench.lineWith('inputShape');
    await workbench.replaceInLine(line, 'filters: 6', 'filters: 8');
    await workbench.waitForHints([
      '→ 28×28×8 · 208',
      '→ 14×14×8',
      '→ 10×10×16 · 3,216',
      ...lenet5Hints.slice(3),
    ]);
    await workbench.runCommand('Undo');
    await workbench.runCommand('File: Revert File');
    await workbench.waitForHints(lenet5Hints);
  });
});
