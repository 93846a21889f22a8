/**
 * Programs cut, spliced and shuffled: whatever people type, the analysis answers, in time, and without throwing.
 *
 * LAYERWISE_FUZZ_CASES sets the number of mutated programs, LAYERWISE_FUZZ_SEED the seed.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { analyze, ParsedFiles } from '../../../language-server/analysis/analyze';
import { readTolerantly } from '../../../language-server/analysis/repair';
import { Random } from '../../differential/layerCases';

const cases = Number(process.env['LAYERWISE_FUZZ_CASES'] ?? 300);
const seed = Number(process.env['LAYERWISE_FUZZ_SEED'] ?? 5);
/** No answer may take longer, in milliseconds of the processor's: what else runs on a test machine does not count. */
const budget = 10_000;

function millisecondsOfWork(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const examples = readdirSync('examples')
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(path.join('examples', name), 'utf8'));

function mutate(random: Random, text: string): string {
  const at = () => random.int(0, text.length);
  switch (random.int(0, 5)) {
    case 0:
      return text.slice(0, at()); // as far as someone has typed
    case 1: {
      const [from, to] = [at(), at()].sort((a, b) => a - b);
      return text.slice(0, from) + text.slice(to);
    }
    case 2: {
      const other = random.pick(examples);
      const start = random.int(0, other.length);
      const place = at();
      return text.slice(0, place) + other.slice(start, start + random.int(1, 400)) + text.slice(place);
    }
    case 3: {
      const tokens = text.split(/(\b|\s)/);
      const [a, b] = [random.int(0, tokens.length - 1), random.int(0, tokens.length - 1)];
      [tokens[a], tokens[b]] = [tokens[b] ?? '', tokens[a] ?? ''];
      return tokens.join('');
    }
    case 4:
      return text.replace(/\d+/g, (digits) =>
        random.chance(0.3) ? random.pick(['0', '-1', '1e9', '1/0', 'n', '[2, 3]', '"4"', 'null']) : digits,
      );
    default: {
      const place = at();
      return (
        text.slice(0, place) +
        random.pick([
          '{',
          '}',
          '(',
          ')',
          '[',
          '`',
          "'",
          '/*',
          '=>',
          'while (true) ',
          '...',
          'await ',
          'yield ',
          '?.',
        ]) +
        text.slice(place)
      );
    }
  }
}

/** Real, large sources that were never written for this: TypeScript's own. The compiler itself only when asked. */
describe('the sources of the TypeScript package', function () {
  this.timeout(20 * 60_000);
  const folder = 'node_modules/typescript/lib';
  const pattern = process.env['LAYERWISE_FUZZ_COMPILER'] ? /\.(js|d\.ts)$/ : /^lib\..*\.d\.ts$/;
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    pattern.test(name),
  );

  it(`${files.length} files are each answered, in time`, () => {
    let slowest = 0;
    for (const name of files) {
      const text = readFileSync(path.join(folder, name), 'utf8');
      let models: unknown;
      const took = millisecondsOfWork(() => {
        ({ models } = analyze(`/${name}`, text, { readFile: () => undefined }));
      });
      slowest = Math.max(slowest, took);
      assert.deepEqual(models, [], name);
      assert.ok(took < budget * 3, `${name} took ${took} ms`);
    }
    console.log(`    slowest answer: ${slowest.toFixed(0)} ms`);
  });
});

describe('texts that once were not answered', () => {
  const texts = {
    'a JSDoc comment that is not closed and ends in a number': '/**G-16',
    'the same behind code': "import * as tf from '@tensorflow/tfjs';\nconst a = 1;\n/** LeNet-5",
    'a string that only looks like a comment':
      "import * as tf from '@tensorflow/tfjs';\nconst files = 'src/*'",
  };
  for (const [name, text] of Object.entries(texts)) {
    it(`${name} is answered`, () => {
      // In a process of its own: nothing in this one could stop a parser that never returns.
      const program = `require('./language-server/analysis/analyze').analyze('/fuzz.ts', ${JSON.stringify(text)}, { readFile: () => undefined })`;
      execFileSync(process.execPath, ['--import=tsx', '-e', program], { timeout: 30_000, stdio: 'pipe' });
    }).timeout(40_000);
  }
});

describe('models in models', () => {
  const texts = {
    'each twice in the next, eighty times over':
      'let m = tf.sequential(); m.add(tf.layers.dense({ units: 3, inputShape: [3] }));\nfor (let i = 0; i < 80; i++) { const n = tf.sequential(); n.add(m); n.add(m); m = n; }\nm.countParams();',
    'a thousand deep':
      'let m = tf.sequential(); m.add(tf.layers.dense({ units: 3, inputShape: [3] }));\nfor (let i = 0; i < 1000; i++) { const n = tf.sequential(); n.add(m); m = n; }',
    'each applied twice in the next':
      'let f; for (let i = 0; i < 60; i++) { const x = tf.input({ shape: [3] }); const y = f ? [f.apply(x), f.apply(x)] : [x, x]; f = tf.model({ inputs: x, outputs: tf.layers.add().apply(y) }); }',
  };
  for (const [name, text] of Object.entries(texts)) {
    it(`${name}, are answered`, () => {
      const took = millisecondsOfWork(() => {
        const { models } = analyze('/fuzz.js', `import * as tf from '@tensorflow/tfjs';\n${text}`, {
          readFile: () => undefined,
        });
        assert.ok(models.length > 50);
      });
      assert.ok(took < budget);
    }).timeout(40_000);
  }

  it('a list with holes, a counter that begins as a text, names that grow without end', () => {
    for (const text of [
      'const x = tf.input({ shape: [3] });\ntf.layers.add().apply([, x]);\ntf.layers.dense({ units: 2, inputShape: [, 3] });',
      "const m = tf.sequential();\nfor (let i = '1e9'; i < n; i++) m.add(tf.layers.dense({ units: 1, name: 'a' + i }));",
      "const m = tf.sequential(); let s = 'x';\nfor (let i = 0; i < 9000; i++) { s += 'yyyyyyyy'; m.add(tf.layers.dense({ units: 1, name: s, inputShape: [3] })); }",
    ]) {
      const analysis = analyze('/fuzz.js', `import * as tf from '@tensorflow/tfjs';\n${text}`, {
        readFile: () => undefined,
      });
      assert.ok(JSON.stringify(analysis).length < 100_000_000);
    }
  }).timeout(20_000);

  it('a model that is added to itself is an error', () => {
    const { problems } = analyze(
      '/fuzz.js',
      "import * as tf from '@tensorflow/tfjs';\nconst m = tf.sequential();\nm.add(m);",
      { readFile: () => undefined },
    );
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['not-a-layer'],
    );
  });
});

describe(`${cases} mutated programs, seed ${seed}`, function () {
  this.timeout(cases * 400 + 60_000);

  it('each is answered, in time', () => {
    const random = new Random(seed);
    let slowest = 0;
    const slow: string[] = [];
    for (let n = 0; n < cases; n++) {
      if (n > 0 && n % 1000 === 0) console.log(`    ${n} answered`);
      let text = random.pick(examples);
      for (let i = random.int(1, 4); i > 0; i--) text = mutate(random, text);
      const took = millisecondsOfWork(() => {
        try {
          const parsed = new ParsedFiles();
          const readable = readTolerantly(parsed, '/fuzz.ts', text);
          JSON.stringify(analyze('/fuzz.ts', readable.text, { readFile: () => undefined }, { parsed }));
        } catch (error) {
          assert.fail(`case ${n}: ${error instanceof Error ? error.stack : error}\n${text}`);
        }
      });
      if (took > 1000) slow.push(`${n}: ${took.toFixed(0)} ms`);
      slowest = Math.max(slowest, took);
      assert.ok(took < budget, `case ${n} took ${took} ms\n${text}`);
    }
    if (slow.length > 0) console.log(`    more than a second: ${slow.join(', ')}`);
    console.log(`    slowest answer: ${slowest.toFixed(0)} ms`);
  });
});
