/** Models side by side in the workbench: the article's four, and a file with its own past. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { becomes, useWorkbench, type Workbench, writeInto } from '../harness/workbench';

/** A repository in which VGG-19 was VGG-16 once. */
function withHistory(folder: string): void {
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=A Person', '-c', 'user.email=person@example.com', ...args], {
      cwd: folder,
    });
  const now = readFileSync(path.join(folder, 'vgg19.ts'), 'utf8');
  writeInto(folder, '.gitignore', 'node_modules\n');
  git('init', '--quiet');
  writeInto(folder, 'vgg19.ts', now.replace(/\[(256|512), 4\]/g, '[$1, 3]'));
  git('add', '.');
  git('commit', '--quiet', '-m', 'Sixteen layers');
  writeInto(folder, 'vgg19.ts', now);
  git('add', '.');
  git('commit', '--quiet', '-m', 'A fourth convolution in the last three stages');
}

describe('comparing models', function () {
  this.timeout(300_000);
  let workbench: Workbench;
  useWorkbench(
    {
      openFile: 'vgg19.ts',
      prepare: withHistory,
      settings: { 'git.enabled': true, 'git.openRepositoryInParentFolders': 'never' },
    },
    async (started) => {
      workbench = started;
      await workbench.codeLens('Compare').waitFor();
    },
  );

  const heads = async (): Promise<string[]> => {
    const frame = await workbench.webviewFrame('comparison');
    return frame.locator('.head h2').allInnerTexts();
  };
  const summaries = async (): Promise<string[]> => {
    const frame = await workbench.webviewFrame('comparison');
    return (await frame.locator('.head .summary').allInnerTexts()).map((text) => text.trim());
  };

  it('a lens compares the model with an earlier commit of its file', async () => {
    await workbench
      .codeLens('Compare')
      .locator('a', { hasText: /^Compare$/ })
      .click();
    await workbench.tick('Sixteen layers');
    await becomes('the columns', heads, ['vgg19', 'vgg19']);
    await becomes('what differs', async () => /3 added; 25 alike/.test((await summaries())[1] ?? ''), true);
    await workbench.screenshot('comparison-revision');
  });

  it('a click on a layer of then opens the text of then', async () => {
    const frame = await workbench.webviewFrame('comparison');
    await frame.locator('.layer[data-item="0 block3_conv3"] text').click();
    const tab = workbench.page.locator('.tab.active', { hasText: /vgg19\.ts/ }).first();
    await tab.waitFor();
    await workbench.page.locator('.view-line', { hasText: '[256, 3]' }).first().waitFor();
    await frame.getByRole('button', { name: 'Close details' }).click();
    await workbench.screenshot('comparison-revision-source');
  });

  it('follows what is typed', async () => {
    // Into the column of the source: the panel stays in sight.
    await workbench.page.locator('.tab[data-resource-name="vgg19.ts"]').first().click();
    await workbench.replaceInLine(await workbench.lineWith('[64, 2]'), '64, 2', '64, 3');
    await becomes('what differs', async () => /4 added/.test((await summaries())[1] ?? ''), true);
    await workbench.replaceInLine(await workbench.lineWith('[64, 3]'), '64, 3', '64, 2');
    await becomes('what differs', async () => /3 added; 25 alike/.test((await summaries())[1] ?? ''), true);
  });

  it('the four networks of the article, from the Explorer’s selection', async () => {
    await workbench.page.keyboard.press('Control+Shift+E');
    const rows = workbench.page.locator('.explorer-folders-view .monaco-list-row');
    const row = (name: string) =>
      workbench.page.locator(`.explorer-folders-view .monaco-list-row[aria-label^="${name}"]`).first();
    await rows.first().waitFor();
    await row('lenet5.ts').click();
    for (const name of ['alexnet.ts', 'vgg16.ts', 'vgg19.ts'])
      await row(name).click({ modifiers: ['Control'] });
    await row('vgg19.ts').click({ button: 'right' });
    const entry = workbench.page.locator('.monaco-menu .action-item', { hasText: 'Compare Models' }).first();
    await entry.waitFor();
    await entry.hover();
    await entry.click();
    // The smallest first, whatever the order in which they were chosen.
    await becomes('the columns', heads, ['lenet5', 'alexnet', 'vgg16', 'vgg19']);
    const frame = await workbench.webviewFrame('comparison');
    const totals = frame.locator('.totals-table tbody tr').first().locator('td');
    await becomes(
      'the parameters',
      async () => (await totals.allTextContents()).map((text) => text.split(' ')[0]),
      ['61,706', '62,378,344', '138,357,544', '143,667,240'],
    );
    assert.ok((await frame.locator('.layer').count()) > 70);
    await workbench.page.keyboard.press('Control+B');
    await workbench.screenshot('comparison-four');
  });

  it('the palette compares with other files of the workspace, none of them open', async () => {
    await workbench.openFile('alexnet-two-towers.ts');
    await workbench.runCommand('Layerwise: Compare Models');
    await workbench.tick('alexnet');
    await becomes('the columns', heads, ['alexnet_two_towers', 'alexnet']);
  });

  it('survives a reload of the window', async () => {
    // In a browser, VS Code writes down what extensions remember every five seconds.
    await new Promise((resolve) => setTimeout(resolve, 7000));
    await workbench.reload();
    await becomes('the columns', heads, ['alexnet_two_towers', 'alexnet']);
  });
});
