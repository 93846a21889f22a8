/**
 * Pictures of every panel in a real VS Code, for people to look at and for README:
 *
 *   npm run package && npx tsx scripts/makeScreenshots.ts [--theme light|dark|highContrast] [--readme]
 *
 * They are written to test-results/gallery; `--readme` copies those that README shows to docs/screenshots.
 * LAYERWISE_MOBILENET_JSON (a MobileNet with ImageNet's weights) adds the pictures of the cat.
 */
import { copyFileSync, cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Frame } from 'playwright-core';
import { testDigit } from '../test/harness/digits';
import { lenet5Hints } from '../test/harness/lenet5';
import {
  appears,
  closeBrowser,
  pause,
  root,
  startWorkbench,
  themes,
  type Workbench,
  writeInto,
} from '../test/harness/workbench';
import { resnet20, unet } from '../test/webview/fixtures/sources';

type Theme = keyof typeof themes;

const gallery = path.join(root, 'test-results/gallery');
const mobileNet = process.env['LAYERWISE_MOBILENET_JSON'];
/** What README shows, by its name there. */
const readme: Record<string, string> = {
  architecture: 'dark-lenet5',
  comparison: 'dark-comparison',
  training: 'dark-training',
  classify: 'dark-digit',
  cell: 'dark-arithmetic',
};

async function takeAll(theme: Theme): Promise<void> {
  const workbench = await startWorkbench({
    theme,
    openFile: 'lenet5.ts',
    settings: { 'layerwise.training.epochs': 2 },
    prepare: async (folder) => {
      // Without types: as JavaScript nothing is underlined.
      writeInto(folder, 'resnet20.js', resnet20);
      writeInto(folder, 'unet.js', unet);
      writeInto(folder, 'seven.png', await testDigit(7));
      if (mobileNet) cpSync(path.dirname(mobileNet), path.join(folder, 'mobilenet'), { recursive: true });
    },
  });
  const take = async (name: string): Promise<void> => {
    await pause(700);
    await workbench.page.screenshot({ path: path.join(gallery, `${theme}-${name}.png`) });
    console.log(`  ${theme}-${name}`);
  };
  try {
    await workbench.waitForHints(lenet5Hints);
    // First, while the other files are not open: the list then names them as files.
    await comparison(workbench, take);
    await drawings(workbench, take);
    await training(workbench, take);
    await digit(workbench, take);
    if (mobileNet) await cat(workbench, take);
  } finally {
    await workbench.stop();
  }
}

type Take = (name: string) => Promise<void>;

const drawn = ['lenet5.ts', 'alexnet.ts', 'alexnet-two-towers.ts', 'vgg16.ts', 'resnet20.js', 'unet.js'];

async function drawings(workbench: Workbench, take: Take): Promise<void> {
  for (const file of drawn) {
    const name = path.parse(file).name;
    await toFirstColumn(workbench);
    await workbench.openFile(file);
    await workbench.runCommand('Layerwise: Show Architecture');
    const frame = await workbench.webviewFrame('diagram');
    await frame.locator('h1', { hasText: name.replace(/-/g, '_').replace(/20$/, '') }).waitFor();
    // Branches are laid out in a worker.
    await pause(1500);
    await take(name);
    if (name === 'unet') {
      await frame.getByRole('button', { name: 'Fit to panel' }).click();
      await take('unet-whole');
    }
    await workbench.runCommand('View: Close Editor');
  }
}

async function comparison(workbench: Workbench, take: Take): Promise<void> {
  await toFirstColumn(workbench);
  await workbench.openFile('lenet5.ts');
  await workbench.runCommand('Layerwise: Compare Models');
  await workbench.tick('alexnet.ts', 'vgg16.ts', 'vgg19.ts');
  const frame = await workbench.webviewFrame('comparison');
  await frame.locator('.head').nth(3).waitFor();
  // The second group: the palette does not find this command by its name in every version.
  await workbench.page.keyboard.press('Control+2');
  await workbench.runCommand('View: Toggle Maximize Editor Group');
  await take('comparison');
  await workbench.runCommand('View: Toggle Maximize Editor Group');
  await workbench.runCommand('View: Close Editor');
}

async function training(workbench: Workbench, take: Take): Promise<void> {
  await toFirstColumn(workbench);
  await workbench.openFile('lenet5.ts');
  await workbench.runCommand('Layerwise: Train Model');
  const frame = await workbench.webviewFrame('training');
  await frame.getByText('training and 1,000 validation digits').first().waitFor();
  await take('training-form');
  await frame.getByRole('button', { name: 'Start training' }).click();
  await frame.locator('.phase', { hasText: 'Finished' }).waitFor({ timeout: 240_000 });
  await take('training');
  await scrollTo(frame, 'h2:has-text("Mistakes"), h3:has-text("Mistakes")');
  await take('training-mistakes');
}

async function digit(workbench: Workbench, take: Take): Promise<void> {
  await workbench.explorerCommand('seven.png', 'Classify Image');
  await workbench.pick('lenet5');
  const frame = await workbench.webviewFrame('classify');
  await frame.locator('[aria-label="Classes"] h2', { hasText: /^7/ }).waitFor();
  await workbench.page.keyboard.press('Control+B');
  await frame.locator('.layer-maps canvas').first().waitFor();
  await scrollTo(frame, '.layer-maps');
  await take('digit');
  await frame.locator('.layer-maps .maps button').first().click();
  await pause(2500);
  await take('arithmetic');
  await workbench.page.keyboard.press('Control+B');
}

async function cat(workbench: Workbench, take: Take): Promise<void> {
  await workbench.explorerCommand('mobilenet/model.json', 'Classify Image With Model');
  const frame = await workbench.webviewFrame('classify');
  await frame.getByRole('button', { name: 'Remove all' }).click();
  await workbench.explorerCommand('images/chelsea.png', 'Classify Image');
  await workbench.pick('model.json');
  await frame.locator('[aria-label="Classes"] h2', { hasText: /cat/ }).waitFor();
  await workbench.page.keyboard.press('Control+B');
  await frame.getByRole('button', { name: 'Of channel', exact: true }).click();
  await scrollTo(frame, '.layer-maps');
  await take('cat');
  await frame.getByText('Attribution', { exact: true }).first().click();
  await pause(6000);
  await take('cat-grad-cam');
  await workbench.page.keyboard.press('Control+B');
}

async function toFirstColumn(workbench: Workbench): Promise<void> {
  await workbench.runCommand('View: Focus First Editor Group');
}

async function scrollTo(frame: Frame, selector: string): Promise<void> {
  const place = frame.locator(selector).first();
  if (await appears(place, 10_000)) await place.evaluate((element) => element.scrollIntoView());
}

async function main(): Promise<void> {
  mkdirSync(gallery, { recursive: true });
  const { values } = parseArgs({ options: { theme: { type: 'string' }, readme: { type: 'boolean' } } });
  const wanted = (Object.keys(themes) as Theme[]).filter((theme) => !values.theme || theme === values.theme);
  if (wanted.length === 0)
    throw new Error(`There is no theme ${values.theme}; there is ${Object.keys(themes)}.`);
  for (const theme of wanted) {
    console.log(themes[theme]);
    await takeAll(theme);
  }
  await closeBrowser();
  if (!values.readme) return;
  for (const [name, taken] of Object.entries(readme))
    copyFileSync(path.join(gallery, `${taken}.png`), path.join(root, 'docs/screenshots', `${name}.png`));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
