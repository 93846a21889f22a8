/**
 * (e) A workspace of 1,000 files with models in 20: the open file's hints come before the workspace is read, and the
 * server stays small.
 */
import { readFileSync } from 'node:fs';
import { ServerClient } from '../test/server/client';
import type { Row } from './measure';

const files = 1000;
const withModels = 20;
const megabytesAllowed = 200;

export async function workspaceBench(): Promise<Row[]> {
  const text = readFileSync('examples/vgg19.ts', 'utf8');
  const workspace: Record<string, string> = {};
  for (let n = 0; n < files; n++) {
    const filler = `export const value${n} = ${JSON.stringify('x'.repeat(4000))};\n`;
    workspace[`file:///workspace/src/file${n}.ts`] = n < withModels ? text + filler : filler;
  }
  const client = await ServerClient.start(workspace);
  const uri = 'file:///workspace/main.ts';
  const imports = Array.from(
    { length: withModels },
    (_, n) => `import { createVgg19 as build${n} } from './src/file${n}';`,
  );
  const calls = Array.from({ length: withModels }, (_, n) => `const model${n} = build${n}(${10 + n});`);
  let started = performance.now();
  await client.open(uri, text);
  const hints = await client.hints(uri);
  const first = performance.now() - started;
  if (hints.length < 6) throw new Error('the open file has no hints');
  // Now everything: twenty imported models, built each with its own number of classes.
  started = performance.now();
  await client.change(uri, 2, [...imports, text, ...calls].join('\n'));
  const graphs = (await client.modelGraphs(uri)).graphs.length;
  const all = performance.now() - started;
  const bytes = client.memory();
  await client.stop();
  const megabytes = bytes / 2 ** 20;
  return [
    {
      what: `(e) the open file's first hints / all ${graphs} models of its imports, in a workspace of ${files.toLocaleString('en')} files`,
      ours: `${first.toFixed(0)} ms`,
      theirs: `${all.toFixed(0)} ms`,
      ratio: `${(all / first).toFixed(1)}×`,
      goal: 'first',
      reached: true,
    },
    {
      what: "(e) … the server's memory",
      ours: `${megabytes.toFixed(0)} MB`,
      theirs: `${megabytesAllowed} MB allowed`,
      ratio: `${(megabytesAllowed / megabytes).toFixed(1)}×`,
      goal: '≥ 1×',
      reached: megabytes < megabytesAllowed,
    },
  ];
}
