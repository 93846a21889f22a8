import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mobileNet } from '../../harness/mobilenet';
import { closeServers, publishedFiles, serve, whole } from '../../harness/modelServer';

const command = path.resolve('dist/cli.js');
const lenet = path.resolve('media/models/lenet5-mnist');
const image = (name: string) => path.resolve('examples/images', name);
let folder: string;

/** The real command, as it is installed. */
function classify(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, 'classify', ...args], {
    encoding: 'utf8',
    cwd: folder,
    timeout: 120_000,
  });
  return { status, stdout, stderr };
}

interface Output {
  version: number;
  model: string;
  backend: string;
  images: {
    path: string;
    error?: string;
    classes?: { label: string; index: number; probability: number }[];
  }[];
}

describe('layerwise classify', function () {
  this.timeout(180_000);
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'layerwise-classify-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('classifies several pictures', () => {
    const digits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((digit) => image(`digit-${digit}.png`));
    const { status, stdout, stderr } = classify(
      ...digits,
      '--model',
      lenet,
      '--backend',
      'wasm',
      '--format',
      'json',
    );
    assert.equal(status, 0, stderr);
    const output = JSON.parse(stdout) as Output;
    assert.deepEqual(Object.keys(output), ['version', 'model', 'backend', 'images']);
    assert.deepEqual(
      [output.version, output.model, output.backend],
      [1, 'lenet5', 'WebAssembly (SIMD, 1 thread)'],
    );
    assert.deepEqual(
      output.images.map(({ path: file }) => file),
      digits,
    );
    assert.deepEqual(
      output.images.map(({ classes }) => classes?.[0]?.index),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    );
    for (const { classes } of output.images) {
      assert.equal(classes?.length, 5);
      assert.deepEqual(Object.keys(classes[0]!), ['label', 'index', 'probability']);
    }
  });

  it('prints what it did and a bar for each class', () => {
    const { status, stdout } = classify(image('digit-7.png'), '--model', lenet, '--top', '2');
    assert.equal(status, 0);
    const lines = stdout.trimEnd().split('\n');
    assert.match(lines[0]!, /digit-7\.png {2}· {2}lenet5, /);
    assert.match(lines[1]!, /^ {2}.*values v become v\/255/);
    assert.match(lines[2]!, /^ +\d+\.\d % {2}7 {2}█{10,}$/);
    assert.equal(lines.length, 4);
  });

  it('goes on after a picture that cannot be read, and says so in the exit code', () => {
    writeFileSync(path.join(folder, 'text.png'), 'not a picture');
    const files = ['text.png', image('digit-3.png'), 'missing.png'];
    const { status, stdout } = classify(...files, '--model', lenet, '--format', 'json');
    assert.equal(status, 1);
    const [text, three, missing] = (JSON.parse(stdout) as Output).images;
    assert.match(text!.error!, /text\.png: This is not a picture that can be read/);
    assert.equal(three!.classes?.[0]?.index, 3);
    assert.match(missing!.error!, /The file does not exist/);
    assert.equal(text!.classes, undefined);
    const asText = classify(...files, '--model', lenet);
    assert.equal(asText.status, 1);
    assert.match(asText.stderr, /text\.png: This is not a picture/);
    assert.match(asText.stdout, /digit-3\.png/);
  });

  it('takes the names of the classes from a file in every common form', () => {
    const names = ['nought', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
    const forms: [name: string, content: string | Buffer][] = [
      ['windows.txt', Buffer.from(`\uFEFF${names.join('\r\n')}\r\n`, 'utf16le')],
      ['lines.txt', `${names.join('\r\n')}\n`],
      ['array.json', JSON.stringify(names)],
      ['object.json', JSON.stringify(Object.fromEntries(names.map((name, i) => [i, name])))],
      ['index.json', JSON.stringify(Object.fromEntries(names.map((name, i) => [i, [`n0${i}`, name]])))],
      ['synset.txt', names.map((name, i) => `n0000000${i} ${name}`).join('\n')],
    ];
    for (const [name, content] of forms) {
      writeFileSync(path.join(folder, name), content);
      const { stdout, stderr } = classify(
        image('digit-7.png'),
        '--model',
        lenet,
        '--labels',
        name,
        '--format',
        'json',
      );
      assert.equal(
        (JSON.parse(stdout) as Output).images[0]?.classes?.[0]?.label,
        'seven',
        `${name} ${stderr}`,
      );
    }
    writeFileSync(path.join(folder, 'short.txt'), 'a\nb\n');
    const short = classify(image('digit-7.png'), '--model', lenet, '--labels', 'short.txt');
    assert.equal(short.status, 1);
    assert.match(short.stderr, /short\.txt: The file names 2 classes; the model puts out 10/);
  });

  it('takes the preprocessing from the command line', () => {
    const described = (...options: string[]) => {
      const { stdout, stderr } = classify(image('chelsea.png'), '--model', lenet, ...options);
      return `${stdout.split('\n')[1]?.trim()}${stderr}`;
    };
    assert.match(described('--scale', '1/127.5', '--mean', '1'), /values v become v\/127\.5 − 1$/);
    assert.match(
      described('--preprocessing', 'raw', '--framing', 'contain'),
      /resized whole, with black around, to 32×32, grey, values v become v$/,
    );
    assert.match(described('--mean', '0.5', '--std', '0.5'), /v\/127\.5 − 1$/);
    assert.match(described('--framing', 'stretch'), /stretched to 32×32/);
  });

  it('says what is wrong with the command line or the model', () => {
    const cases: [args: string[], status: number, message: RegExp][] = [
      [[image('digit-7.png')], 2, /--model/],
      [['--model', lenet], 2, /missing required argument 'image'/],
      [[image('digit-7.png'), '--model', 'none'], 1, /none: There is no such run or model/],
      [[image('digit-7.png'), '--model', lenet, '--top', '0'], 2, /whole number from 1 on/],
      [[image('digit-7.png'), '--model', lenet, '--mean', '1,2'], 2, /one number, or three/],
      [[image('digit-7.png'), '--model', lenet, '--scale', '1/0'], 2, /one number, or three/],
      [[image('digit-7.png'), '--model', lenet, '--std', '0'], 2, /--std divides: it must not be 0/],
      [
        [image('digit-7.png'), '--model', lenet, '--scale', '1', '--preprocessing', 'raw'],
        2,
        /one or the other/,
      ],
      [[image('digit-7.png'), '--model', lenet, '--framing', 'round'], 2, /Allowed choices are mnist, fit/],
    ];
    for (const [args, status, message] of cases) {
      const result = classify(...args);
      assert.deepEqual([result.status, result.stdout], [status, ''], args.join(' '));
      assert.match(result.stderr, message);
    }
  });

  it('knows a cat and an espresso with MobileNet', function () {
    const model = mobileNet(this);
    const { status, stdout } = classify(
      image('chelsea.png'),
      image('coffee.png'),
      '--model',
      model,
      '--format',
      'json',
    );
    assert.equal(status, 0);
    const [cat, coffee] = (JSON.parse(stdout) as Output).images;
    assert.ok([281, 285].includes(cat!.classes![0]!.index));
    assert.equal(
      cat!.classes![0]!.label,
      cat!.classes![0]!.index === 281 ? 'tabby, tabby cat' : 'Egyptian cat',
    );
    assert.equal(coffee!.classes![0]!.label, 'espresso');
    const names = JSON.parse(readFileSync(path.resolve('media/imagenet-classes.json'), 'utf8')).classes;
    assert.equal(names[coffee!.classes![0]!.index], 'espresso');
  });

  describe('--model mobilenet', () => {
    afterEach(closeServers);

    it('fetches the model when it may, once', async function () {
      const { url, asked } = await serve(publishedFiles(mobileNet(this)), whole);
      const run = (...more: string[]) =>
        new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
          const child = spawn(
            process.execPath,
            [command, 'classify', image('chelsea.png'), '--model', 'mobilenet', '--format', 'json', ...more],
            {
              cwd: folder,
              stdio: ['ignore', 'pipe', 'pipe'],
              env: { ...process.env, XDG_DATA_HOME: folder, LAYERWISE_MODELS_URL: url, NO_PROXY: '*' },
            },
          );
          let [stdout, stderr] = ['', ''];
          child.stdout.on('data', (text) => {
            stdout += text;
          });
          child.stderr.on('data', (text) => {
            stderr += text;
          });
          child.on('close', (code) => resolve({ code, stdout, stderr }));
        });
      const refused = await run();
      assert.equal(refused.code, 1);
      assert.match(
        refused.stderr,
        /^layerwise: MobileNet \(ImageNet\) is not on this machine\. Add --download to fetch it \(2\.0 MB, Apache 2\.0, from https:/,
      );
      assert.deepEqual(asked, []);
      const fetched = await run('--download');
      assert.equal(fetched.code, 0, fetched.stderr);
      assert.match((JSON.parse(fetched.stdout) as Output).images[0]!.classes![0]!.label, /cat/);
      assert.equal(asked.length, 56);
      assert.equal((await run()).code, 0);
      assert.equal(asked.length, 56);
    });
  });
});
