/**
 * (e) A workspace of 1,000 files with models in 20, which call a builder of the open file: its own hints come before the
 * workspace is read, those of its callers afterwards, and the server stays small.
 */
import { readFileSync } from 'node:fs';
import { ServerClient } from '../test/server/client';
import type { Row } from './measure';

const files = 1000;
const withModels = 20;
const megabytesAllowed = 200;

export async function workspaceBench(): Promise<Row[]> {
  // Its classes have no default here, so that only its callers know them.
  const text = readFileSync('examples/vgg19.ts', 'utf8').replace('classes = 1000', 'classes: number');
  const workspace: Record<string, string> = {};
  for (let n = 0; n < files; n++) {
    const filler = `export const value${n} = ${JSON.stringify('x'.repeat(4000))};\n`;
    const caller = `import { createVgg19 } from '../vgg19';\nexport const model = createVgg19(${10 + n});\n`;
    workspace[`file:///workspace/src/file${n}.ts`] = n < withModels ? caller + filler : filler;
  }
  const client = await ServerClient.start(workspace);
  const uri = 'file:///workspace/vgg19.ts';
  const started = performance.now();
  await client.open(uri, text);
  const hints = await client.hints(uri);
  const own = performance.now() - started;
  const readBefore = client.reads.length;
  if (hints.length < 6) throw new Error('the open file has no hints');
  await client.until(() => client.refreshes > 0);
  const last = (await client.hints(uri)).at(-1) ?? '';
  const withCallers = performance.now() - started;
  if (!last.startsWith('→ 10 ')) throw new Error(`the callers were not found: ${last}`);
  const megabytes = client.memory() / 2 ** 20;
  await client.stop();
  return [
    {
      what: `(e) the open file's own hints / its callers' hints, in a workspace of ${files.toLocaleString('en')} files; files read before the first`,
      ours: `${own.toFixed(0)} ms; ${readBefore}`,
      theirs: `${withCallers.toFixed(0)} ms`,
      ratio: `${(withCallers / own).toFixed(0)}×`,
      goal: '0 read',
      reached: readBefore === 0,
    },
    {
      what: "(e) … the server's memory, with the workspace read",
      ours: `${megabytes.toFixed(0)} MB`,
      theirs: `${megabytesAllowed} MB allowed`,
      ratio: `${(megabytesAllowed / megabytes).toFixed(1)}×`,
      goal: '≥ 1×',
      reached: megabytes < megabytesAllowed,
    },
  ];
}
