/**
 * A real VS Code workbench in headless Chromium with the packaged extension installed, and what tests do in it.
 * Every wait has a limit that suits a slow, shared machine and an error that says what was waited for.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Browser, chromium, type Frame, type Locator, type Page } from 'playwright-core';
import { chromiumArguments, ensureChromium } from '../../scripts/chromium.mjs';
import { installExtension, type Server, startServer } from '../../scripts/vscodeServer.mjs';

export const root = path.resolve(__dirname, '../..');
/** Git-ignored; a person looks at these. */
export const screenshotFolder = path.join(root, 'test-results/screenshots');

/** The longest that one step may take. */
export const patience = 60_000;

export const themes = {
  light: 'Default Light Modern',
  dark: 'Default Dark Modern',
  highContrast: 'Default High Contrast',
} as const;

export interface WorkbenchOptions {
  theme?: keyof typeof themes;
  settings?: Record<string, unknown>;
  /** Opened with the workbench, relative to the workspace. */
  openFile?: string;
  /** Whether VS Code asks for trust in the folder, as it does for users. Without it everything is trusted. */
  workspaceTrust?: boolean;
  /** Of VS Code's server, and so of the extension host and of what it starts. */
  env?: Record<string, string>;
  /** Changes the copy of examples/ before it is opened. */
  prepare?: (folder: string) => void | Promise<void>;
}

// --- once for all workbenches of this process ----------------------------------------------------------------------

let installed: Promise<string> | undefined;
let launched: Promise<Browser> | undefined;

/** The .vsix that scripts/test.mjs has just made; by hand, the one that is there. */
function packagedExtension(): string {
  const given = process.env['LAYERWISE_VSIX'];
  if (given) return given;
  const name = readdirSync(root).find((file) => file.endsWith('.vsix'));
  assert.ok(name, 'a packaged extension is there; run npm run package');
  return path.join(root, name);
}

async function installOnce(): Promise<string> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'layerwise-extensions-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  await installExtension(packagedExtension(), folder);
  return folder;
}

async function launchOnce(): Promise<Browser> {
  const executablePath = await ensureChromium();
  return chromium.launch({ executablePath, headless: true, args: chromiumArguments });
}

/** Ends the browser that all workbenches of this process share. Call it after the last one. */
export async function closeBrowser(): Promise<void> {
  const browser = await launched;
  launched = undefined;
  await browser?.close();
}

// --- the workbench ---------------------------------------------------------------------------------------------------

/** A temporary copy of examples/ with tfjs's types: tests edit and train. */
export function copyExamples(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'layerwise-workspace-'));
  cpSync(path.join(root, 'examples'), folder, {
    recursive: true,
    filter: (file) => path.basename(file) !== '.layerwise',
  });
  mkdirSync(path.join(folder, 'node_modules'));
  symlinkSync(
    path.join(root, 'node_modules/@tensorflow'),
    path.join(folder, 'node_modules/@tensorflow'),
    'junction',
  );
  return folder;
}

export async function startWorkbench(options: WorkbenchOptions = {}): Promise<Workbench> {
  installed ??= installOnce();
  launched ??= launchOnce();
  const [extensionsFolder, browser] = [await installed, await launched];
  const folder = copyExamples();
  await options.prepare?.(folder);
  const server = await startServer({
    extensionsFolder,
    workspaceTrust: options.workspaceTrust ?? false,
    settings: {
      'workbench.colorTheme': themes[options.theme ?? 'dark'],
      'window.autoDetectColorScheme': false,
      'window.autoDetectHighContrast': false,
      // In the browser, VS Code saves by itself: an edit of one test would reach the next.
      'files.autoSave': 'off',
      'git.enabled': false,
      'editor.minimap.enabled': false,
      ...options.settings,
    },
    logFile: path.join(root, 'test-results/browser-server.log'),
    ...(options.env ? { env: options.env } : {}),
  });
  const context = await browser.newContext({ viewport: { width: 1600, height: 1000 } });
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  const workbench = new Workbench(page, server, folder);
  try {
    const payload: [string, string][] = [['skipWelcome', 'true']];
    if (options.openFile) payload.push(['openFile', server.remoteUri(path.join(folder, options.openFile))]);
    await page.goto(server.address(folder, payload), { timeout: 2 * patience });
    await page.locator('.monaco-workbench .part.statusbar').waitFor();
    if (options.openFile) await page.locator('.monaco-editor .view-line').first().waitFor();
    return workbench;
  } catch (error) {
    await workbench.screenshot('FAILED-start').catch(() => {});
    await workbench.stop();
    throw error;
  }
}

export class Workbench {
  constructor(
    readonly page: Page,
    readonly server: Server,
    /** The workspace's folder on disk. */
    readonly folder: string,
  ) {}

  async stop(): Promise<void> {
    await this.page.context().close();
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  /**
   * Reloads the window once VS Code has written down which editors are open and what they keep, which it does every five
   * seconds. Its address must not name a file to open: VS Code then restores no other editors.
   */
  async reload(): Promise<void> {
    await pause(12_000);
    await this.page.goto(this.server.address(this.folder, [['skipWelcome', 'true']]), {
      timeout: 2 * patience,
    });
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor();
  }

  async screenshot(name: string): Promise<void> {
    mkdirSync(screenshotFolder, { recursive: true });
    await this.page.screenshot({ path: path.join(screenshotFolder, `${name.replace(/[^\w-]+/g, '-')}.png`) });
  }

  // --- commands and files ---

  /** The palette, Quick Open and every question with a list or a text field. */
  get quickInput(): Locator {
    return this.page.locator('.quick-input-widget:not([style*="display: none"])');
  }

  private async openQuickInput(key: string, text: string): Promise<void> {
    const end = Date.now() + patience;
    for (;;) {
      await this.page.keyboard.press('Escape');
      await this.page.keyboard.press(key);
      try {
        await this.quickInput.locator('input').first().fill(text, { timeout: 5000 });
        return;
      } catch (error) {
        // An editor that opens late takes the focus, and the list closes.
        if (Date.now() > end) throw error;
      }
    }
  }

  /** Runs a command by its full title, e.g. `Layerwise: Train Model`, as a user does: once it is offered. */
  async runCommand(title: string): Promise<void> {
    const end = Date.now() + patience;
    do {
      // The open list does not grow when a command becomes available, so it is opened anew.
      await this.openQuickInput('F1', `>${title}`);
      const row = this.row(title);
      if (await appears(row, 3000)) return row.click();
    } while (Date.now() < end);
    throw new Error(`the palette does not offer "${title}"`);
  }

  /** Whether the palette offers the command now. */
  async offersCommand(title: string): Promise<boolean> {
    await this.openQuickInput('F1', `>${title}`);
    await this.quickInput.locator('.monaco-list-row').first().waitFor();
    const offered = await this.row(title).isVisible();
    await this.page.keyboard.press('Escape');
    return offered;
  }

  /** Chooses the row with this label in the open list. */
  async pick(label: string): Promise<void> {
    await this.row(label).click();
  }

  /** Ticks rows of the open list that have these labels, and accepts. */
  async tick(...labels: string[]): Promise<void> {
    // A tooltip may lie over a row.
    for (const label of labels) await this.row(label).locator('.label-name').first().click({ force: true });
    await this.page.keyboard.press('Enter');
  }

  private row(label: string): Locator {
    return this.quickInput
      .locator('.monaco-list-row')
      .filter({ has: this.page.locator('.label-name', { hasText: label }) })
      .first();
  }

  /** Opens a file of the workspace and waits until its text is there. */
  async openFile(name: string): Promise<void> {
    const file = path.basename(name);
    const tab = this.page.locator(`.editor-group-container.active .tab.active[data-resource-name="${file}"]`);
    // Recent files that match somehow are listed first and move when the others are found, and a click meets what
    // moved there: the file is opened once it is the chosen one.
    const chosen = this.quickInput.locator(`.monaco-list-row.focused[aria-label*="${file}"]`);
    await eventually(`the editor of ${name}`, async () => {
      await this.openQuickInput('Control+P', name);
      if (!(await appears(chosen.first(), 5000))) return false;
      await pause(300);
      await this.page.keyboard.press('Enter');
      return appears(tab.first(), 5000);
    });
  }

  /** Places the cursor; both counted from 1. */
  async moveCursor(line: number, column = 1): Promise<void> {
    await this.openQuickInput('Control+G', `:${line}:${column}`);
    await this.page.keyboard.press('Enter');
    await this.statusBar(new RegExp(`Ln ${line}, Col ${column}`)).waitFor();
  }

  /** Waits for an entry of the status bar. */
  statusBar(text: RegExp | string): Locator {
    return this.page.locator('.part.statusbar .statusbar-item', { hasText: text }).first();
  }

  /** Runs an entry of a file's context menu in the Explorer. */
  async explorerCommand(file: string, entry: string): Promise<void> {
    await this.page.keyboard.press('Control+Shift+E');
    const explorer = this.page.locator('.explorer-folders-view');
    const segments = file.split('/');
    for (const folder of segments.slice(0, -1)) {
      const row = explorer.locator(`.monaco-list-row[aria-label^="${folder}"]`).first();
      await row.waitFor();
      if ((await row.getAttribute('aria-expanded')) === 'false') await row.click();
    }
    const row = explorer.locator(`.monaco-list-row[aria-label^="${segments.at(-1)}"]`).first();
    // The menu lives in a shadow root, which Playwright looks through; it opens under a moving mouse.
    const item = this.page.locator('.monaco-menu .action-item', { hasText: entry }).first();
    // An open menu does not grow when the extension starts, so it is opened anew.
    await eventually(`the menu's "${entry}" to be offered`, async () => {
      await this.page.keyboard.press('Escape');
      await row.click({ button: 'right' });
      return appears(item, 3000);
    });
    // A menu that has just opened does not take a click yet.
    await eventually(`the menu's "${entry}"`, async () => {
      await item.hover({ timeout: 2000 }).catch(() => {});
      await item.click({ timeout: 2000 }).catch(() => {});
      await pause(200);
      return !(await item.isVisible());
    });
  }

  /** A dialog of VS Code itself, e.g. a modal warning. */
  get dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  notification(text: RegExp | string): Locator {
    return this.page.locator('.notifications-toasts .notification-list-item', { hasText: text }).first();
  }

  // --- the editor ---

  get editor(): Locator {
    return this.page.locator('.part.editor .monaco-editor[data-uri]').first();
  }

  /** The inlay hints on screen that are Layerwise's, top down, exactly as they are painted. */
  async hints(): Promise<string[]> {
    return this.editor.locator('.view-lines').evaluate((lines) => {
      const rows = [...lines.querySelectorAll<HTMLElement>('.view-line')];
      rows.sort((a, b) => Number.parseFloat(a.style.top) - Number.parseFloat(b.style.top));
      return rows.flatMap((row) => {
        // Injected text has a class of its own making, dyn-rule-…; the parts of one hint stand side by side.
        const hints: string[] = [];
        let inHint = false;
        for (const span of row.querySelectorAll<HTMLElement>(':scope > span > span')) {
          const injected = /\bdyn-rule/.test(span.className);
          if (injected && inHint) hints[hints.length - 1] += span.textContent;
          else if (injected) hints.push(span.textContent ?? '');
          inHint = injected;
        }
        return hints
          .map((hint) => hint.replace(/[\u00a0\u200c]/g, ' ').trim())
          .filter((hint) => hint.startsWith('→'));
      });
    });
  }

  async waitForHints(expected: string[], limit = patience): Promise<void> {
    await becomes('the inlay hints', () => this.hints(), expected, limit);
  }

  /** Replaces text in the open editor by typing, so that VS Code sees a user. Both must be on one line. */
  async replaceInLine(line: number, before: string, after: string): Promise<void> {
    const text = await this.textOfLine(line);
    const at = text.indexOf(before);
    assert.notEqual(at, -1, `line ${line} has ${before}: ${text}`);
    await this.moveCursor(line, at + 1);
    for (let i = 0; i < before.length; i++) await this.page.keyboard.press('Shift+ArrowRight');
    await this.page.keyboard.type(after);
  }

  /** A line's own text, without what is injected into it. Counted from 1; must be on screen. */
  async textOfLine(line: number): Promise<string> {
    return this.editor.evaluate((editor, wanted) => {
      const numbers = [...editor.querySelectorAll<HTMLElement>('.margin-view-overlays > div')];
      const number = numbers.find(
        (each) => each.querySelector('.line-numbers')?.textContent?.trim() === `${wanted}`,
      );
      const rows = [...editor.querySelectorAll<HTMLElement>('.view-lines .view-line')];
      const row = rows.find(({ style }) => style.top === number?.style.top);
      const spans = [...(row?.querySelectorAll<HTMLElement>(':scope > span > span') ?? [])];
      const own = spans.filter(({ className }) => !/\bdyn-rule/.test(className));
      return own
        .map(({ textContent }) => textContent)
        .join('')
        .replace(/\u00a0/g, ' ');
    }, line);
  }

  /** The number, counted from 1, of the first line on screen with this text. */
  async lineWith(text: string): Promise<number> {
    for (let line = 1; line < 50; line++) if ((await this.textOfLine(line)).includes(text)) return line;
    throw new Error(`no line on screen has ${text}`);
  }

  /**
   * Moves the mouse onto a word of the editor until the hover shows the text. A re-layout can swallow a hover, so it is
   * tried again.
   */
  async hoverOver(word: RegExp, expected: string): Promise<Locator> {
    const target = this.editor.locator('.view-line span > span', { hasText: word }).first();
    const hover = this.page.locator('.monaco-hover:not(.hidden)', { hasText: expected }).first();
    for (let attempt = 0; attempt < 12; attempt++) {
      await this.page.mouse.move(5, 5);
      await target.hover({ force: true });
      if (await appears(hover, 5000)) return hover;
    }
    throw new Error(`no hover over ${word} shows: ${expected}`);
  }

  codeLens(text: RegExp | string): Locator {
    return this.editor.locator('.codelens-decoration', { hasText: text }).first();
  }

  // --- processes ---

  /** The compute processes of this workbench: those that run the installed extension's bundle. */
  computeProcesses(): number[] {
    const list = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' });
    return (
      list
        .split('\n')
        .filter((line) => line.includes(this.server.extensionsFolder) && line.includes('dist/sidecar.js'))
        // Children that try a backend come and go.
        .filter((line) => !line.includes('--probe-backend'))
        .map((line) => Number.parseInt(line, 10))
    );
  }

  // --- webviews ---

  /** The inside of one of Layerwise's panels, by the script it runs. */
  async webviewFrame(
    panel: 'diagram' | 'training' | 'classify' | 'comparison',
    limit = patience,
  ): Promise<Frame> {
    return eventually(
      `the ${panel} panel`,
      async () => {
        for (const frame of this.page.frames()) {
          if (await runsPanel(frame, panel)) return frame;
        }
        return undefined;
      },
      limit,
    );
  }
}

/** What the classify panel takes the picture for, with its probability. */
export async function bestClass(classify: Frame): Promise<string> {
  return ((await classify.locator('[aria-label="Classes"] h2').textContent()) ?? '').trim();
}

/** Whether it is the inside of a webview, loaded and in place, that runs the panel's script. */
async function runsPanel(frame: Frame, panel: string): Promise<boolean> {
  try {
    if (!frame.parentFrame()) return false;
    // While it loads, VS Code calls it `pending-frame`.
    const place = await (await frame.frameElement()).getAttribute('id');
    if (place !== 'active-frame') return false;
    const scripts = await frame.evaluate(() => [...document.scripts].map(({ src }) => src));
    return scripts.some((src) => src.includes(`/webview/${panel}.js`));
  } catch {
    // Frames come and go while a panel loads.
    return false;
  }
}

// --- waiting -----------------------------------------------------------------------------------------------------------

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

export function appears(locator: Locator, limit: number): Promise<boolean> {
  return locator.waitFor({ timeout: limit }).then(
    () => true,
    () => false,
  );
}

/** Asks again and again until the answer is truthy; then returns it. */
export async function eventually<T>(
  what: string,
  ask: () => T | Promise<T>,
  limit = patience,
): Promise<NonNullable<T>> {
  const end = Date.now() + limit;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`waited ${limit / 1000} s in vain for ${what}`);
    await pause(200);
  }
}

/** Asks until the answer is as expected; the last answer is in the error. */
export async function becomes<T>(
  what: string,
  ask: () => Promise<T>,
  expected: T,
  limit = patience,
): Promise<void> {
  const end = Date.now() + limit;
  for (;;) {
    const answer = await ask();
    if (JSON.stringify(answer) === JSON.stringify(expected)) return;
    if (Date.now() > end) assert.deepEqual(answer, expected, `${what} after ${limit / 1000} s`);
    await pause(200);
  }
}

/**
 * One workbench for the tests of a `describe`: started before the first, closed after the last, with a picture of the
 * screen wherever one fails.
 * @param begin Gets it once it has started, and waits for what the tests begin with.
 */
export function useWorkbench(
  options: WorkbenchOptions,
  begin: (workbench: Workbench) => void | Promise<void>,
): void {
  let started: Workbench | undefined;
  before(async () => {
    started = await startWorkbench(options);
    await begin(started);
  });
  after(async () => {
    await started?.stop();
    await closeBrowser();
  });
  pictureFailures(() => started);
}

/** Takes a picture of what stood on the screen when a test failed. Call it in `describe`. */
export function pictureFailures(current: () => Workbench | undefined): void {
  afterEach(async function () {
    if (this.currentTest?.state !== 'failed') return;
    await current()
      ?.screenshot(`FAILED-${this.currentTest.fullTitle()}`)
      .catch(() => {});
  });
}

/** Writes a file into a workspace that is being prepared. */
export function writeInto(folder: string, name: string, content: string | Uint8Array): void {
  const file = path.join(folder, name);
  if (!existsSync(path.dirname(file))) mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
}
