/** What the extension host loads: runs the bundled tests beside it with mocha. */
import { appendFileSync, existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { format } from 'node:util';
import Mocha from 'mocha';
import TestReporter from '../../scripts/testReporter.mjs';

/** Slow machines, and a language server that starts: nothing here is a timed test. */
const patience = 60_000;

export function run(): Promise<void> {
  // The marker tells run.mjs which lines of the extension host's console to print.
  Mocha.reporters.Base.consoleLog = (...args: unknown[]) => {
    for (const line of format(...args).split('\n')) console.log(`@@ ${line}`);
  };
  const mocha = new Mocha({ ui: 'bdd', color: false, timeout: patience, reporter: TestReporter });
  const folder = path.join(__dirname, 'suite');
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.test.js')) : [];
  for (const file of files.sort()) mocha.addFile(path.join(folder, file));
  return new Promise((resolve, reject) => {
    try {
      mocha.run((failures) => {
        if (failures > 0) reject(new Error(`${failures} tests failed`));
        else resolve();
      });
    } catch (error) {
      // A test file that throws when it is loaded. VS Code reports no more than the exit code.
      console.log(`@@ ${error instanceof Error ? error.stack : error}`);
      const file = process.env['LAYERWISE_TEST_RESULTS'];
      const message = String(error);
      if (file)
        appendFileSync(file, `${JSON.stringify({ kind: 'failed', title: 'loading the tests', message })}\n`);
      reject(error);
    }
  });
}
